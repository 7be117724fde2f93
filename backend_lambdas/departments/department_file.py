"""A department's own file, `<department>/department.yaml` among the reports: what its reports share. Pure.

Used by `reports.report_file`, which fills a header's `shared` parameters and its missing keys from here, and by
`get_reports` for the title and the place of the department. Without such a file a department has none of it.

`docs/report-header.md` tells every key; a test holds it to this schema.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, field

from backend_lambdas.languages.currency import Currency
from backend_lambdas.languages.texts import Translated
from backend_lambdas.reports import parameter_checks
from backend_lambdas.reports.file_text import text_of, with_plain_lines
from backend_lambdas.reports.header_schema import Part, ready
from backend_lambdas.reports.mistakes import HeaderMistake, ReportError, inside
from backend_lambdas.reports.parameters import Parameter
from backend_lambdas.reports.report_header import MAX_LIMIT, CacheTime, FreshTime, Keep, Live, Timeout, Written

FILE_NAME = "department.yaml"

SHARED = "shared"
"""The department whose hidden reports every other report may take rows from. It has no page."""


class Defaults(Part, frozen=True):
    """Keys of a report's header that count where a report does not write them."""

    cache: CacheTime | None = None
    keep: Keep | None = None
    timeout: Timeout | None = None
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] | None = None
    live: Live | None = None
    fresh: FreshTime | None = None
    empty: str | None = None
    currency: Currency | None = None


@ready
class DepartmentHeader(Part, frozen=True):
    """Every key that a department's file may have."""

    title: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    description: Annotated[str, Meta(max_length=500)] = ""
    order: int = 100
    parameters: dict[str, Parameter] = field(default_factory=dict)
    defaults: Defaults = Defaults()


class Department(Translated, frozen=True):
    """A department: its file's header, and as they are written the parameters and keys that its reports share.

    `mistake` is what is wrong with the file, line and reason: then it shares nothing.
    """

    id: str
    header: DepartmentHeader = DepartmentHeader()
    parameters: Mapping[str, Any] = {}
    defaults: Mapping[str, Any] = {}
    mistake: tuple[int, str] | None = None

    def completed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A report's header with the department's parameters in the place of `shared`, and its missing keys.

        Raises `HeaderMistake` for a parameter that the department does not share, and where its file has a mistake:
        without its defaults a report would show another currency, or more rows.
        """
        if self.mistake:
            raise HeaderMistake((), f"the department's file {self.file} has a mistake")
        own = {**self.defaults, **values}
        declared = own.get("parameters")
        if isinstance(declared, Mapping):
            own["parameters"] = {
                name: self._shared(name) if item == SHARED else item for name, item in declared.items()
            }
        return own

    def _shared(self, name: str) -> Any:
        if name in self.parameters:
            return self.parameters[name]
        why = f"it is shared, but the department's file {self.file} declares no such parameter"
        raise HeaderMistake(("parameters", name), why)

    @property
    def file(self) -> str:
        """Its path among the reports."""
        return f"{self.id}/{FILE_NAME}"

    @property
    def title(self) -> str:
        """What people call it: what its file says, or its name."""
        return self.header.title or self.id.replace("_", " ").capitalize()


def load(path: str, content: bytes) -> Department:
    """The department of the file `<department>/department.yaml`; never raises for what an author may write."""
    name = path.removesuffix(f"/{FILE_NAME}")
    try:
        written = Written(with_plain_lines(text_of(content)), 1)
        values = written.values() if written.text.strip() else {}
        header, others = written.in_languages(values, lambda one: written.fitted(one, DepartmentHeader, _check))
    except ReportError as error:
        return Department(name, mistake=(error.line, error.reason))
    translations = {language: {"header": other} for language, other in others.items()}
    shared = {key: values.get(key, {}) for key in ("parameters", "defaults")}
    return Department(name, header, **shared, translations=translations)


def is_department_file(path: str) -> bool:
    """Whether a path among the reports is that of a department's own file."""
    folder, _, name = path.rpartition("/")
    return name == FILE_NAME and folder != "" and "/" not in folder


def _check(header: DepartmentHeader) -> None:
    with inside("parameters"):
        parameter_checks.check(header.parameters)
