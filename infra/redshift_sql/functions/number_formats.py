"""Number formats of TO_CHAR and TO_NUMBER. Used by `mathematics`.

Source: "Numeric format strings" in the Redshift developer guide, and PostgreSQL's "Data Type Formatting Functions".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.nodes import call, cast, macro, number, text
from ..expressions.types import MAX_PRECISION, numeric
from ..expressions.values import Value, as_text
from .date_formats import constant

__all__ = ["constant", "to_char", "to_number"]

_TOKEN = re.compile(r'FM|RN|PR|MI|PL|SG|TH|EEEE|[09.,DGLSV$ ]|"[^"]*"', re.IGNORECASE)


@dataclass
class _Format:
    """A number format taken apart: digits before and behind the point, where zeros begin, and how a sign is shown."""

    whole: str = ""
    decimals: str = ""
    has_point: bool = False
    fill: bool = False
    sign: str = ""
    currency: str = ""
    ordinal: str = ""
    roman: str = ""

    @property
    def places(self) -> int:
        """Digits before the point."""
        return sum(sign in "09" for sign in self.whole)

    @property
    def zeros(self) -> int:
        """Digits before the point that are shown even if zero."""
        digits = [sign for sign in self.whole if sign in "09"]
        return len(digits) - digits.index("0") if "0" in digits else 0


def _read(pattern: str) -> _Format:
    found, end = _Format(), 0
    for token in _TOKEN.finditer(pattern):
        if token.start() != end:
            break
        end = token.end()
        _take(found, token[0], pattern)
    if end != len(pattern):
        raise StatementFailed(f'ERROR: unknown token "{pattern[end:]}" in the number format "{pattern}"')
    if not found.roman and not found.places and not found.decimals:
        raise StatementFailed(f'ERROR: "{pattern}" is not a number')
    return found


def _take(found: _Format, token: str, pattern: str) -> None:
    word = token.upper()
    taken = _TAKEN.get(word)
    if taken is None:
        raise unsupported(f"the token {token} of the number format {pattern}")
    taken(found, token)


def _digit(found: _Format, digit: str) -> None:
    if found.has_point:
        found.decimals += digit
    else:
        found.whole += digit


def _point(found: _Format, _token: str) -> None:
    if found.has_point:
        raise StatementFailed("ERROR: multiple decimal points")
    found.has_point = True


def _separator(found: _Format, _token: str) -> None:
    found.whole += ","


def _blank(found: _Format, _token: str) -> None:
    found.whole += " " if found.whole else ""


def _fill(found: _Format, _token: str) -> None:
    found.fill = True


def _sign(found: _Format, token: str) -> None:
    before = not found.whole and not found.decimals and not found.has_point
    found.sign = token.upper() + ("<" if before else ">")


def _currency(found: _Format, _token: str) -> None:
    found.currency = "<" if not found.places and not found.has_point else ">"


def _ordinal(found: _Format, token: str) -> None:
    found.ordinal = token


def _roman(found: _Format, token: str) -> None:
    found.roman = token


_TAKEN: dict[str, Callable[[_Format, str], None]] = {
    **dict.fromkeys("09", _digit),
    **dict.fromkeys(".D", _point),
    **dict.fromkeys(",G", _separator),
    **dict.fromkeys(("S", "MI", "PR", "SG"), _sign),
    **dict.fromkeys("L$", _currency),
    " ": _blank,
    "FM": _fill,
    "TH": _ordinal,
    "RN": _roman,
}


def to_char(value: Value, pattern: str) -> exp.Expr:
    """A number by a pattern, from its exact digits: padded with blanks, `#` where it does not fit."""
    form = _read(pattern)
    if form.roman:
        node = macro("roman_text", cast(call("round", value.node), "bigint"), exp.Boolean(this=form.fill))
        return call("lower", node) if form.roman.islower() else node
    digits = cast(value.node, numeric(MAX_PRECISION, len(form.decimals)).duckdb)
    shape = (number(form.places), number(form.zeros), exp.Boolean(this=bool(form.decimals)))
    body = _whole(form, macro("whole_digits", digits.copy(), *shape))
    if form.has_point:
        body = exp.Paren(this=exp.DPipe(this=body, expression=_fraction(form, digits)))
    width, fill = number(_width(form)), exp.Boolean(this=form.fill)
    node = macro("signed_text", digits, body, text(form.sign), width, fill)
    if form.ordinal:
        node = macro("ordinal", node)
    return _with_currency(form, node)


def _with_currency(form: _Format, node: exp.Expr) -> exp.Expr:
    if not form.currency:
        return node
    pieces = (text("$"), node) if form.currency == "<" else (node, text("$"))
    return exp.Paren(this=exp.DPipe(this=pieces[0], expression=pieces[1]))


def _width(form: _Format) -> int:
    return len(form.whole) + (1 + len(form.decimals) if form.has_point else 0)


def _whole(form: _Format, digits: exp.Expr) -> exp.Expr:
    """The digits with the pattern's separators; one before the first digit is a blank."""
    if not set(form.whole) - {"0", "9"}:
        return digits
    pieces: list[exp.Expr] = []
    place = 0
    for run in re.findall(r"[09]+|,| ", form.whole):
        if run == ",":
            before = call("substr", digits.copy(), number(1), number(place))
            blank = exp.EQ(this=call("ltrim", before), expression=text(""))
            pieces.append(exp.Paren(this=exp.Case(ifs=[exp.If(this=blank, true=text(" "))], default=text(","))))
        elif run == " ":
            pieces.append(text(" "))
        else:
            pieces.append(call("substr", digits.copy(), number(place + 1), number(len(run))))
            place += len(run)
    result = pieces[0]
    for piece in pieces[1:]:
        result = exp.DPipe(this=result, expression=piece)
    return exp.Paren(this=result)


def _fraction(form: _Format, digits: exp.Expr) -> exp.Expr:
    node: exp.Expr = macro("fraction_digits", digits.copy(), number(len(form.decimals)), number(form.places))
    if form.fill and "9" in form.decimals:
        kept = form.decimals.rfind("0") + 1
        node = macro("short_fraction", node, number(kept))
    return exp.DPipe(this=text("."), expression=node)


def to_number(value: Value, pattern: str) -> Value:
    """A text's digits, with the pattern's decimals; a minus sign anywhere, or angle brackets, make it negative."""
    form = _read(pattern)
    if form.roman:
        raise unsupported("TO_NUMBER of Roman numerals")
    kind = numeric(max(form.places, 1) + len(form.decimals), len(form.decimals))
    return Value(cast(macro("number_of_text", as_text(value).node), kind.duckdb), kind)
