"""A report's parameters: what a header declares, and the text that is bound for a value a user sends.

Values are bound by the Data API, never pasted: what leaves here is a dictionary of placeholders and texts. Used by
`report_header` and `report_file`, and by `on_connect` for each run.
"""

import datetime
import itertools
import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from msgspec import Meta, field, to_builtins

from backend_lambdas.errors import BadParameter, Forbidden
from backend_lambdas.reports import relative_values
from backend_lambdas.reports.column_keys import Labels
from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.parameter_values import KINDS

MAX_MATCHED_LENGTH = 200
"""A pattern is tried on texts up to this length: what matching costs grows with it."""

Type = Literal["text", "integer", "number", "date", "month", "year", "choice", "several", "daterange"]


class ChoicesFrom(Part, frozen=True, rename={"sent": "with"}):
    """The choices are another report's rows: which column is bound, and which one people read.

    `sent` are parameters whose values that report is run with, so the choices depend on them.
    """

    report: str
    value: str
    label: str | None = None
    sent: list[str] = field(default_factory=list)

    def public(self, labels: Labels | None = None) -> dict[str, Any]:
        """As `GET /reports` tells it, with the words that stand in the place of some labels."""
        known: dict[str, Any] = {"report": self.report, "value": self.value, "label": self.label or self.value}
        optional = {"with": self.sent, "labels": labels}
        return known | {name: one for name, one in optional.items() if one}


class DefaultFrom(Part, frozen=True):
    """The default is a column of another report's first row."""

    report: str
    column: str


class Parameter(Part, frozen=True):
    """One parameter of a header. `claim` binds it from the user's token instead: the viewer cannot change it.

    One without a default is required; `required` may say so, and is held to it. `docs/report-header.md` tells each key;
    `parameter_checks` tells what does not fit together.
    """

    type: Type
    label: str | None = None
    help: str | None = None
    default: str | list[str] | DefaultFrom | None = None
    defaults: dict[str, str | list[str]] | None = None
    required: bool | None = None
    min: str | None = None
    max: str | None = None
    max_days: Annotated[int, Meta(ge=1)] | None = None
    choices: Annotated[list[str], Meta(min_length=1)] | ChoicesFrom | None = None
    labels: Labels | None = None
    pattern: Annotated[str, Meta(max_length=MAX_MATCHED_LENGTH)] | None = None
    claim: str | None = None

    @property
    def choices_from(self) -> ChoicesFrom | None:
        """The report whose rows are the choices."""
        return self.choices if isinstance(self.choices, ChoicesFrom) else None

    @property
    def default_from(self) -> DefaultFrom | None:
        """The report whose first row is the default."""
        return self.default if isinstance(self.default, DefaultFrom) else None

    @property
    def offered(self) -> list[str] | None:
        """The choices, as far as they stand in the header."""
        return None if isinstance(self.choices, ChoicesFrom) else self.choices

    @property
    def needs_value(self) -> bool:
        """Whether a run must send it: the backend knows no default of its own."""
        return self.claim is None and (self.default is None or self.default_from is not None)

    def public(self, day: datetime.date | None = None, groups: Collection[str] = ()) -> dict[str, Any]:
        """What a client of these groups may know of it on a day: words such as `last month` are resolved.

        Without a day it is today in UTC.
        """
        default = self.default_on(day or relative_values.today(), groups)
        low, high = self.bounds(day or relative_values.today())
        values = {
            "type": self.type,
            "label": self.label,
            "help": self.help,
            "pattern": self.pattern,
            "default": default,
            "defaultFrom": self.default_from and to_builtins(self.default_from) if default is None else None,
            "min": low,
            "max": high,
            "maxDays": self.max_days,
            "words": self.words(day or relative_values.today()) or None,
            "choices": self._named_choices(),
            "choicesFrom": self.choices_from and self.choices_from.public(self.labels),
            "required": self.needs_value and default is None,
        }
        return {name: value for name, value in values.items() if value is not None}

    def _named_choices(self) -> list[Any] | None:
        """The choices of the header: each the text that is bound, or with what people read where they have labels."""
        labels = self.labels
        if self.offered is None or not labels:
            return self.offered
        return [{"value": choice, "label": labels.get(choice, choice)} for choice in self.offered]

    def default_on(self, day: datetime.date, groups: Collection[str] = ()) -> str | list[str] | None:
        """The header's default on a day for members of these groups, in wire form.

        None when there is none or another report has it.
        """
        own = next((value for group, value in (self.defaults or {}).items() if group in groups), self.default)
        if isinstance(own, DefaultFrom):
            return None
        span = self._span(own, day) if isinstance(own, str) else None
        if span is None:
            return own
        return list(span) if self.type == "daterange" else span[0]

    def words(self, day: datetime.date) -> dict[str, list[str]]:
        """The words that a range's control offers, with their days as seen from a day; those that it takes."""
        if self.type != "daterange":
            return {}
        spans = {word: self._span(word, day) for word in relative_values.OFFERED}
        return {word: list(span) for word, span in spans.items() if span and self._takes(list(span), day)}

    def _takes(self, value: list[str], day: datetime.date) -> bool:
        try:
            self.texts(value, day)
        except BadParameter:
            return False
        return True

    def bounds(self, day: datetime.date) -> tuple[str | None, str | None]:
        """Minimum and maximum on a day: of a word, its first and its last day count."""
        low, high = (bound and self._span(bound, day) for bound in (self.min, self.max))
        return (low[0] if low else self.min), (high[1] if high else self.max)

    def _span(self, word: str, day: datetime.date) -> relative_values.Values | None:
        """A word's first and last value as seen from a day, or from the end of `max` where that is earlier."""
        return relative_values.resolved(self.type, word, relative_values.as_of(self.type, self.max, day))

    def texts(self, value: Any, day: datetime.date) -> list[str]:
        """The texts to bind for `value`; raises `BadParameter` with a sentence about what is expected."""
        kind = KINDS[self.type]
        texts = kind.settled([self._text(item, day) for item in kind.items(value)])
        if self.max_days is not None:
            self._check_days(*texts)
        return texts

    def written(self, name: str) -> list[str]:
        """The placeholders that the SQL must use when the parameter has this name."""
        return KINDS[self.type].written(name)

    def bound(self, name: str, value: Any, day: datetime.date) -> dict[str, str]:
        """The placeholders to bind for `value`, each with its text."""
        texts = self.texts(value, day)
        return dict(zip(KINDS[self.type].bound(name, len(texts)), texts, strict=True))

    def _text(self, item: Any, day: datetime.date) -> str:
        text, rank = KINDS[self.type].read(item)
        if self.offered is not None and text not in self.offered:
            raise BadParameter("Choose one of the values offered.")
        if self.pattern and not (len(text) <= MAX_MATCHED_LENGTH and re.fullmatch(self.pattern, text)):
            raise BadParameter("The text does not have the expected form.")
        self._check_range(rank, *self.bounds(day))
        return text

    def _check_range(self, rank: Any, low: str | None, high: str | None) -> None:
        if low is not None and rank < KINDS[self.type].read(low)[1]:
            raise BadParameter(f"The value must be {low} or more.")
        if high is not None and rank > KINDS[self.type].read(high)[1]:
            raise BadParameter(f"The value must be {high} or less.")

    def _check_days(self, first: str, last: str) -> None:
        days = (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days + 1
        if self.max_days is not None and days > self.max_days:
            raise BadParameter(f"Choose at most {self.max_days} days; these are {days}.")


def bind(
    declared: Mapping[str, Parameter],
    sent: Mapping[str, Any],
    claims: Mapping[str, str],
    day: datetime.date | None = None,
    groups: Collection[str] = (),
) -> dict[str, str]:
    """The text of every placeholder: sent by the user, the default of the day (today), or from the user's token.

    `groups` are the user's: a default may be theirs.

    Raises `BadParameter` for a parameter that is unknown, missing, mistyped or out of range, and `Forbidden` when the
    token lacks a claim that the report binds.
    """
    open_names = {name for name, parameter in declared.items() if not parameter.claim}
    for name in sent:
        if name not in open_names:
            raise BadParameter(f"This report has no filter named {_shown(name)}.")
    day = day or relative_values.today()
    values: dict[str, str] = {}
    for name, parameter in declared.items():
        value = sent[name] if name in sent else parameter.default_on(day, groups)
        values |= _bound(name, parameter, value, claims, day)
    return values


def lists(declared: Mapping[str, Parameter], values: Mapping[str, str]) -> dict[str, list[str]]:
    """For each list among the parameters, the placeholders of its single values, as `bind` named them in `values`."""
    return {
        name: list(itertools.takewhile(values.__contains__, (f"{name}_{count}" for count in itertools.count(1))))
        for name, parameter in declared.items()
        if parameter.type == "several"
    }


def _bound(
    name: str, parameter: Parameter, value: Any, claims: Mapping[str, str], day: datetime.date
) -> dict[str, str]:
    if parameter.claim:
        return parameter.bound(name, _claimed(parameter.claim, claims), day)
    if value is None:
        raise BadParameter(f"{parameter.label or name}: this filter needs a value.")
    try:
        return parameter.bound(name, value, day)
    except BadParameter as error:
        raise BadParameter(f"{parameter.label or name}: {error.message}") from error


def _claimed(claim: str, claims: Mapping[str, str]) -> str:
    value = claims.get(claim, "")
    if not value:
        raise Forbidden("Your account lacks what this report needs to know about you. Ask an administrator.")
    return value


def _shown(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "…")
