"""Datetime and number formats of TO_CHAR, TO_DATE and TO_TIMESTAMP. Used by `functions`.

Source: "Datetime format strings" and "Numeric format strings" in the Redshift developer guide.
"""

import re

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from .nodes import call, cast, macro, number, text

_STRFTIME = {
    "YYYY": "%Y",
    "Y,YYY": None,
    "YY": "%y",
    "IYYY": "%G",
    "MM": "%m",
    "DDD": "%j",
    "DD": "%d",
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%I",
    "MI": "%M",
    "SS": "%S",
    "MS": "%g",
    "US": "%f",
    "AM": "%p",
    "PM": "%p",
    "MON": "%b",
    "MONTH": "%B",
    "DAY": "%A",
    "DY": "%a",
    "IW": "%V",
    "D": None,
    "Q": None,
    "WW": None,
    "J": None,
    "CC": None,
}
_PADDED = {"MONTH", "DAY"}
_TOKEN = re.compile(r'FM|"[^"]*"|' + "|".join(sorted(map(re.escape, _STRFTIME), key=len, reverse=True)), re.IGNORECASE)
_NUMBER = re.compile(r"(?P<fill>FM)?(?P<currency>[$L])?(?P<digits>[09][09,]*)?(\.(?P<decimals>[09]*))?", re.IGNORECASE)


def constant(value: exp.Expr) -> str:
    """The format text. Raises for a computed one, which only the real warehouse reads."""
    if not isinstance(value, exp.Literal) or not value.is_string:
        raise unsupported("a format that is not a constant text")
    return str(value.this)


def to_char(value: exp.Expr, pattern: str) -> exp.Expr:
    """TO_CHAR of a moment or of a number: a pattern with a 9 or only 0s and signs is a number's."""
    numeric = _NUMBER.fullmatch(pattern)
    if numeric and pattern:
        return _number(value, numeric)
    if isinstance(value, exp.Literal) or not isinstance(value, exp.Cast):
        value = cast(value, "timestamp")
    return _moment(value, pattern)


def _number(value: exp.Expr, pattern: re.Match[str]) -> exp.Expr:
    digits, decimals = pattern["digits"] or "", pattern["decimals"] or ""
    whole = digits.replace(",", "")
    required = len(whole) - whole.find("0") if "0" in whole else 0
    if required > 1 and "," in digits:
        raise unsupported(f"number format {pattern[0]}")
    zeros = f"0{required + bool(decimals) + len(decimals)}" if required > 1 else ""
    return macro(
        "number_text",
        value,
        text(f"{{:{zeros}{',' if ',' in digits else ''}.{len(decimals)}f}}"),
        exp.Boolean(this=bool(decimals) and not required),
        number(0 if pattern["fill"] else len(pattern[0])),
        text("$" if pattern["currency"] else ""),
    )


def _moment(value: exp.Expr, pattern: str) -> exp.Expr:
    pieces, plain, end, fill = [], "", 0, False
    for token in _TOKEN.finditer(pattern):
        plain += pattern[end : token.start()].replace("%", "%%")
        end = token.end()
        if token[0].upper() == "FM":
            fill = True
            continue
        directive, piece = _piece(value, token[0], fill)
        plain, fill = plain + directive, False
        if piece is not None:
            pieces += [_strftime(value, plain), piece]
            plain = ""
    plain += pattern[end:].replace("%", "%%")
    return _joined([piece for piece in [*pieces, _strftime(value, plain)] if piece is not None])


def _joined(pieces: list[exp.Expr]) -> exp.Expr:
    if not pieces:
        return text("")
    result = pieces[0]
    for piece in pieces[1:]:
        result = exp.DPipe(this=result, expression=piece)
    return exp.Paren(this=result) if len(pieces) > 1 else result


def _strftime(value: exp.Expr, pattern: str) -> exp.Expr | None:
    return call("strftime", value.copy(), text(pattern)) if pattern else None


def _piece(value: exp.Expr, token: str, fill: bool) -> tuple[str, exp.Expr | None]:
    """A strftime directive, or an expression where strftime has none."""
    if token.startswith('"'):
        return token[1:-1].replace("%", "%%"), None
    word = token.upper()
    directive = _STRFTIME[word]
    if directive is None:
        return "", macro("moment_text", value.copy(), text(word))
    if word in ("AM", "PM"):
        return _cased(directive, token, value)
    if not directive.startswith(("%B", "%b", "%A", "%a")):
        return (
            ("", call("ltrim", call("strftime", value.copy(), text(directive)), text("0")))
            if fill
            else (directive, None)
        )
    padded = word in _PADDED and not fill
    return _named(directive, token, value, padded)


def _cased(directive: str, token: str, value: exp.Expr) -> tuple[str, exp.Expr | None]:
    if token.isupper():
        return directive, None
    return "", call("lower", call("strftime", value.copy(), text(directive)))


def _named(directive: str, token: str, value: exp.Expr, padded: bool) -> tuple[str, exp.Expr | None]:
    """A month's or day's name in the token's case; the long ones are padded with blanks to nine."""
    name = call("strftime", value.copy(), text(directive))
    if token.isupper():
        name = call("upper", name)
    elif token.islower():
        name = call("lower", name)
    elif not padded:
        return directive, None
    return "", call("rpad", name, number(9), text(" ")) if padded else name


def strptime_pattern(pattern: str) -> str:
    """The strptime pattern for reading. Raises StatementFailed for a part that cannot be read."""
    result, end = "", 0
    for token in _TOKEN.finditer(pattern):
        result += pattern[end : token.start()].replace("%", "%%") + _read(token[0])
        end = token.end()
    return result + pattern[end:].replace("%", "%%")


def _read(token: str) -> str:
    if token.startswith('"'):
        return token[1:-1].replace("%", "%%")
    word = token.upper()
    if word == "FM":
        return ""
    directive = _STRFTIME[word]
    if directive is None:
        raise StatementFailed(f'ERROR: format "{token}" cannot be read')
    return directive
