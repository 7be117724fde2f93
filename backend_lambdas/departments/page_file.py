"""A page is one YAML file, `pages/<department>/<page>.yaml`: which panels stand on it, in which order, and words. Pure.

Used by `reports.catalog`, which reads the files from S3; `page_listing` holds them against the reports that there are.
The page `index` is the department's own; any other one has an address of its own below it.

`docs/pages.md` tells every key; a test holds it to this schema.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

from backend_lambdas.languages.texts import Translated
from backend_lambdas.reports.file_text import check_names, text_of, with_plain_lines
from backend_lambdas.reports.header_schema import Part, ready
from backend_lambdas.reports.mistakes import HeaderMistake, ReportError
from backend_lambdas.reports.report_header import Written

FOLDER = "pages/"
_NO_LETTERS = re.compile(r"[^\w]+")
INDEX = "index"
MOST_PANELS = 100

Title = Annotated[str, Meta(min_length=1, max_length=120)]
Words = Annotated[str, Meta(max_length=10_000)]
Size = Literal["quarter", "third", "half", "two-thirds", "full"]
Values = dict[str, str | list[str]]
Keys = tuple[str, ...]


class PanelEntry(Part, frozen=True):
    """A report on a page; a report's name alone stands for one with nothing else."""

    report: str
    title: Title | None = None
    size: Size | None = None
    values: Values = field(default_factory=dict)


class Section(Part, frozen=True):
    """Panels that belong together, below a heading and words in Markdown."""

    title: Title | None = None
    text: Words = ""
    panels: list[PanelEntry] = field(default_factory=list)


class Tab(Part, frozen=True):
    """Sections of which a viewer sees one tab's at a time."""

    title: Title
    text: Words = ""
    panels: list[PanelEntry] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)


@ready
class PageHeader(Part, frozen=True):
    """Every key that a page's file may have."""

    title: Title
    description: Annotated[str, Meta(max_length=500)] = ""
    order: int = 100
    groups: list[str] | None = None
    values: Values = field(default_factory=dict)
    apply: bool = False
    text: Words = ""
    panels: list[PanelEntry] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    tabs: list[Tab] = field(default_factory=list)


class PlacedPanel(Struct, frozen=True):
    """A panel with its key on the page, which is its report's name, and the line of the file that it stands on."""

    key: str
    entry: PanelEntry
    line: int


class Page(Translated, frozen=True):
    """A page that can be shown. `panels` are those of all its sections, by where they stand."""

    department: str
    name: str
    header: PageHeader
    panels: Mapping[Keys, PlacedPanel]
    value_lines: Mapping[str, int]
    tab_ids: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """What no other page is called."""
        return f"{self.department}/{self.name}"

    @property
    def path(self) -> str:
        """Its path in the dashboard's addresses."""
        return _path(self.department, self.name)

    @property
    def file(self) -> str:
        """Its path among the reports."""
        return f"{FOLDER}{self.id}.yaml"

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups that may open it: the file's, or its department's. What they see on it is another matter."""
        return tuple(self.header.groups) if self.header.groups is not None else (self.department,)


class BrokenPage(Struct, frozen=True):
    """A page's file with a mistake: it takes down only itself."""

    department: str
    name: str
    file: str
    line: int
    reason: str

    @property
    def path(self) -> str:
        """Its path in the dashboard's addresses, once it is mended."""
        return _path(self.department, self.name)


def _path(department: str, name: str) -> str:
    return f"/d/{department}" if name == INDEX else f"/d/{department}/{name}"


def is_page_file(path: str) -> bool:
    """Whether a path is that of a page."""
    return path.startswith(FOLDER) and path.endswith(".yaml")


def load(path: str, content: bytes) -> Page | BrokenPage:
    """The page in the file `pages/<department>/<page>.yaml`; never raises for what an author may write."""
    department, _, name = path.removeprefix(FOLDER).removesuffix(".yaml").rpartition("/")
    try:
        check_names(department, name)
        written = Written(with_plain_lines(text_of(content)), 1)
        values = _with_entries(written.values())
        header, others = written.in_languages(values, lambda one: written.fitted(one, PageHeader, _check))
    except ReportError as error:
        return BrokenPage(department, name, path, error.line, error.reason)
    lines = {value: written.line_of(("values", value)) for value in header.values}
    translations = {
        language: {"header": other, "panels": _placed(other, written)} for language, other in others.items()
    }
    panels, tab_ids = _placed(header, written), tuple(_tab_ids(header))
    return Page(department, name, header, panels, lines, tab_ids, translations=translations)


def _tab_ids(header: PageHeader) -> Iterator[str]:
    """What tabs are called in an address, in every language: their first title in small letters and digits."""
    found: set[str] = set()
    for tab in header.tabs:
        own = name = _NO_LETTERS.sub("-", tab.title.lower()).strip("-") or "tab"
        number = 1
        while name in found:
            number += 1
            name = f"{own}-{number}"
        found.add(name)
        yield name


def sections_of(header: PageHeader) -> Iterator[tuple[Keys, Section]]:
    """Every section by where it stands; panels that stand in none are one without a heading."""
    yield from _sections((), header)
    for position, tab in enumerate(header.tabs):
        yield from _sections(("tabs", str(position)), tab)


def _sections(at: Keys, holder: PageHeader | Tab) -> Iterator[tuple[Keys, Section]]:
    if holder.panels:
        yield at, Section(panels=holder.panels)
    for position, section in enumerate(holder.sections):
        yield (*at, "sections", str(position)), section


def _placed(header: PageHeader, written: Written) -> dict[Keys, PlacedPanel]:
    """The panels by where they stand; a report's second panel has another key than its first."""
    placed: dict[Keys, PlacedPanel] = {}
    count: dict[str, int] = {}
    for at, section in sections_of(header):
        for position, entry in enumerate(section.panels):
            count[entry.report] = count.get(entry.report, 0) + 1
            key = entry.report if count[entry.report] == 1 else f"{entry.report}~{count[entry.report]}"
            keys = (*at, "panels", str(position))
            placed[keys] = PlacedPanel(key, entry, written.line_of(keys))
    return placed


def _with_entries(values: dict[str, Any]) -> dict[str, Any]:
    """What is written, with `{report: NAME}` in the place of each panel that is only a name."""
    found = {**values}
    if isinstance(values.get("panels"), list):
        found["panels"] = [{"report": each} if isinstance(each, str) else each for each in values["panels"]]
    for key in ("sections", "tabs"):
        if isinstance(values.get(key), list):
            found[key] = [_with_entries(each) if isinstance(each, dict) else each for each in values[key]]
    return found


def _check(header: PageHeader) -> None:
    """Raises `HeaderMistake` for what is right by itself and does not fit together."""
    if header.tabs and (header.panels or header.sections):
        raise HeaderMistake(("tabs",), "a page with tabs has its panels and sections in them")
    panels = sum(len(section.panels) for _, section in sections_of(header))
    if panels > MOST_PANELS:
        raise HeaderMistake(("title",), f"a page has at most {MOST_PANELS} panels, and this has {panels}")
    titles = [tab.title for tab in header.tabs]
    for position, title in enumerate(titles):
        if title in titles[:position]:
            raise HeaderMistake(("tabs", str(position), "title"), "another tab has this title already")
