"""How a column is named, written and marked: what stands under `columns.COLUMN` of a header. Pure.

Used by `report_header`. The marks themselves are a client's affair.
"""

import re
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from msgspec import Meta, field, to_builtins
from msgspec.structs import replace

from backend_lambdas.languages.currency import Currency
from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.mistakes import HeaderMistake, inside

_PLACE = re.compile(r"\{([^{}]*)\}")
_HTTPS = re.compile(r"https://[^/?#{}\\\s@]+([/?#]|$)")
_OWN_PAGE = re.compile(r"/(?![/\\])")
_NOT_IN_AN_ADDRESS = re.compile(r"[\s\\<>\"\x00-\x1f]")


Labels = dict[str, Annotated[str, Meta(min_length=1, max_length=120)]]
"""The words that people read in the place of values."""


def check_labels(labels: Labels) -> None:
    """Raises `HeaderMistake` where two values are called the same: nobody could tell them apart."""
    by_words: dict[str, str] = {}
    for value, words in labels.items():
        if (other := by_words.setdefault(words, value)) != value:
            raise HeaderMistake((value,), f"{other!r} is called {words!r} already")


class ColourRule(Part, frozen=True):
    """What a cell means whose value is below, above or at something; where more is said, all of it must hold."""

    means: Literal["good", "bad", "warn"] = field(name="is")
    below: str | None = None
    above: str | None = None
    at: str | None = None

    def check(self) -> None:
        """Raises `HeaderMistake` for a rule without a bound, or with one that nothing can be below or above."""
        if self.below is None and self.above is None and self.at is None:
            raise HeaderMistake(("is",), "say when: below, above or at a value")
        for key, bound in (("below", self.below), ("above", self.above)):
            if bound is not None and not _has_an_order(bound):
                raise HeaderMistake((key,), "write a number, or a date like 2015-12-31")


class ColumnStyle(Part, frozen=True):
    """How a column is named, its values written, added up and marked."""

    label: str | None = None
    format: Literal["currency", "number", "thousands", "percent", "date", "text"] | None = None
    currency: Currency | None = None
    hidden: bool = False
    total: Literal["sum", "average", "min", "max", "count"] | None = None
    bar: bool = False
    colour: list[ColourRule] = field(default_factory=list)
    link: Annotated[str, Meta(max_length=1000)] | None = None
    labels: Labels = field(default_factory=dict)

    def public(self) -> dict[str, Any]:
        """What `GET /reports` says of it: the keys that it has."""
        own = {"currency": str(self.currency)} if self.currency else {}
        return to_builtins(replace(self, currency=None)) | own

    @property
    def linked_columns(self) -> list[str]:
        """The columns whose values go into the link."""
        return _PLACE.findall(self.link or "")

    def check(self) -> None:
        """Raises `HeaderMistake` for marks and words that cannot be."""
        for position, rule in enumerate(self.colour):
            with inside("colour"), inside(str(position)):
                rule.check()
        if self.link is not None:
            _check_link(self.link)
        with inside("labels"):
            self._check_labels()

    def _check_labels(self) -> None:
        """Whoever reads words is shown no number: there is nothing to add up or to measure."""
        if self.labels and (self.format not in {None, "text"} or self.bar or self.total not in {None, "count"}):
            raise HeaderMistake((), "they go with `format: text` or none, without a bar, and with no total but count")
        check_labels(self.labels)


def with_rules(columns: Any) -> Any:
    """`columns` as they are written, each colour a list: one rule may stand without brackets."""
    if not isinstance(columns, dict):
        return columns
    return {name: _with_rules(style) for name, style in columns.items()}


def _with_rules(style: Any) -> Any:
    if isinstance(style, dict) and isinstance(style.get("colour"), dict):
        return {**style, "colour": [style["colour"]]}
    return style


def _has_an_order(bound: str) -> bool:
    try:
        return Decimal(bound).is_finite()
    except InvalidOperation:
        return _is_date(bound)


def _is_date(bound: str) -> bool:
    try:
        datetime.fromisoformat(bound)
    except ValueError:
        return False
    return True


def _check_link(link: str) -> None:
    """A link leads to one site by https, or to a page of this one: no value decides whither."""
    if not (_HTTPS.match(link) or _OWN_PAGE.match(link)):
        raise HeaderMistake(("link",), "begin with https:// and a site's name, or with / for a page of this one")
    rest = _PLACE.sub("", link)
    if "{" in rest or "}" in rest or "" in _PLACE.findall(link):
        raise HeaderMistake(("link",), "write a column's name in braces, such as {zone}")
    if _NOT_IN_AN_ADDRESS.search(rest):
        raise HeaderMistake(("link",), "an address has no spaces, quotes or backslashes: write them as %20, %22, %5C")
