"""A report's parameters: what a header declares, and the text that is bound for a value a user sends.

Values are bound by the Data API, never pasted: what leaves here is a dictionary of names and texts. Used by `reports`
for headers and by `on_connect` for each run.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from backend_lambdas.errors import BadParameter, Forbidden

MAX_TEXT_LENGTH = 1000


Type = Literal["text", "integer", "number", "date", "month", "year", "choice"]


class Parameter(BaseModel):
    """One parameter of a header. `claim` binds it from the user's token instead: the viewer cannot change it.

    One without a default is required; `required` may say so, and is held to it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Type
    label: str | None = None
    default: str | None = None
    min: str | None = None
    max: str | None = None
    required: bool | None = None
    choices: list[str] | None = None
    pattern: str | None = None
    help: str | None = None
    claim: str | None = None

    def public(self) -> dict[str, Any]:
        """What a client may know of it."""
        return self.model_dump(exclude_none=True, exclude={"claim", "required"}) | {"required": self.default is None}

    def check(self) -> None:
        """Raises `ValueError` or `BadParameter` when default, bounds, choices and type do not fit together."""
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("choices go with type choice, and only with it")
        if self.claim and self.default is not None:
            raise ValueError("a claim has no default: the token decides")
        if self.required is not None and self.required != (self.default is None):
            raise ValueError("a parameter is required exactly when it has no default")
        _check_pattern(self.pattern or "")
        self._check_bounds()
        if self.default is not None:
            self.text(self.default)

    def text(self, value: Any) -> str:
        """The text to bind for `value`; raises `BadParameter` with a sentence about what is expected."""
        text, rank = _READERS[self.type](value)
        if self.choices and text not in self.choices:
            raise BadParameter("Choose one of the values offered.")
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise BadParameter("The text does not have the expected form.")
        self._check_range(rank)
        return text

    def _check_bounds(self) -> None:
        low, high = (None if bound is None else _READERS[self.type](bound)[1] for bound in (self.min, self.max))
        if low is not None and high is not None and low > high:
            raise ValueError("min is above max")

    def _check_range(self, rank: Any) -> None:
        if self.min is not None and rank < _READERS[self.type](self.min)[1]:
            raise BadParameter(f"The value must be {self.min} or more.")
        if self.max is not None and rank > _READERS[self.type](self.max)[1]:
            raise BadParameter(f"The value must be {self.max} or less.")


def bind(declared: Mapping[str, Parameter], sent: Mapping[str, Any], claims: Mapping[str, str]) -> dict[str, str]:
    """The text of every declared parameter: sent by the user, the default, or from the user's token.

    Raises `BadParameter` for one that is unknown, missing, mistyped or out of range, and `Forbidden` when the token
    lacks a claim that the report binds.
    """
    open_names = {name for name, parameter in declared.items() if not parameter.claim}
    for name in sent:
        if name not in open_names:
            raise BadParameter(f"This report has no filter named {_shown(name)}.")
    return {name: _bound(name, parameter, sent, claims) for name, parameter in declared.items()}


def _bound(name: str, parameter: Parameter, sent: Mapping[str, Any], claims: Mapping[str, str]) -> str:
    if parameter.claim:
        return _claimed(parameter, claims)
    value = sent.get(name, parameter.default)
    if value is None:
        raise BadParameter(f"{parameter.label or name}: this filter needs a value.")
    try:
        return parameter.text(value)
    except BadParameter as error:
        raise BadParameter(f"{parameter.label or name}: {error.message}") from error


def _claimed(parameter: Parameter, claims: Mapping[str, str]) -> str:
    value = claims.get(str(parameter.claim), "")
    if not value:
        raise Forbidden("Your account lacks what this report needs to know about you. Ask an administrator.")
    return parameter.text(value)


def _shown(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "…")


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"pattern is not a regular expression: {error}") from error


def _written(value: Any) -> str:
    """The text of a JSON text or number; empty, which no reader takes, for anything else."""
    try:
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    except ValueError:  # an integer of thousands of digits
        return ""


def _text(value: Any) -> tuple[str, str]:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT_LENGTH or "\x00" in value:
        raise BadParameter(f"A text of 1 to {MAX_TEXT_LENGTH} characters is expected.")
    return value, value


def _integer(value: Any) -> tuple[str, int]:
    text = _written(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise BadParameter("A whole number is expected.")
    return str(int(text)), int(text)


def _number(value: Any) -> tuple[str, Decimal]:
    text = _written(value)
    try:
        number = Decimal(text if len(text) <= 40 else "NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > 30:
        raise BadParameter("A number is expected.")
    return format(number, "f"), number


def _calendar(form: str, pattern: str, expected: str) -> Callable[[Any], tuple[str, datetime.datetime]]:
    def read(value: Any) -> tuple[str, datetime.datetime]:
        text = _written(value)
        try:
            if not re.fullmatch(pattern, text, re.ASCII):
                raise ValueError(text)
            return text, datetime.datetime.strptime(text, form)  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            raise BadParameter(f"{expected} is expected.") from None

    return read


_READERS: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "text": _text,
    "choice": _text,
    "integer": _integer,
    "number": _number,
    "date": _calendar("%Y-%m-%d", r"\d{4}-\d\d-\d\d", "A date like 2015-12-31"),
    "month": _calendar("%Y-%m", r"\d{4}-\d\d", "A month like 2015-12"),
    "year": _calendar("%Y", r"\d{4}", "A year like 2015"),
}
"""For each type: the text to bind, and a value that orders it for minimum and maximum."""
