"""Datetime formats of TO_CHAR, TO_DATE and TO_TIMESTAMP. Used by `dates`.

A pattern's tokens are those of the guide; anything else in letters is refused, not printed. Source: "Datetime format
strings" in the Redshift developer guide, and PostgreSQL's "Data Type Formatting Functions".
"""

import re

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.nodes import call, cast, macro, number, text

_STRFTIME = {
    "YYYY": "%Y",
    "IYYY": "%G",
    "YY": "%y",
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
    "IW": "%V",
    "ID": "%u",
}
_COMPUTED = {"Y,YYY", "YYY", "Y", "IYY", "IY", "I", "SSSSS", "SSSS", "IDDD", "D", "Q", "WW", "W", "J", "CC"}
_NAMES = {"MONTH": "%B", "MON": "%b", "DAY": "%A", "DY": "%a"}
_MERIDIANS = {"AM", "PM", "A.M.", "P.M."}
_ERAS = {"BC", "AD", "B.C.", "A.D."}
_ROMANS = {"RM"}
_ZONES = {"TZ", "OF"}
_TOKENS = {*_STRFTIME, *_COMPUTED, *_NAMES, *_MERIDIANS, *_ERAS, *_ROMANS, *_ZONES}
_TOKEN = re.compile(
    r"(?P<fill>FM)?(?P<word>"
    + "|".join(sorted(map(re.escape, _TOKENS), key=len, reverse=True))
    + r")(?P<suffix>TH|th)?"
    r'|FX|"(?P<quoted>[^"]*)"',
    re.IGNORECASE,
)
_PADDED = {"MONTH", "DAY"}
_LETTERS = re.compile(r"[A-SU-Za-su-z]")  # a T alone stands between date and time


def constant(value: exp.Expr) -> str:
    """The format text. Raises for a computed one, which only the real warehouse reads."""
    if not isinstance(value, exp.Literal) or not value.is_string:
        raise unsupported("a format that is not a constant text")
    return str(value.this)


def to_char(moment: exp.Expr, pattern: str, zone: str) -> exp.Expr:
    """A timestamp's text by a pattern: strftime for what it has, macros for the rest."""
    pieces, plain, end = [], "", 0
    for token in _TOKEN.finditer(pattern):
        plain += _printed(pattern, end, token.start()).replace("%", "%%")
        end = token.end()
        directive, piece = _piece(moment, token, zone)
        plain += directive
        if piece is not None:
            pieces += [_strftime(moment, plain), piece]
            plain = ""
    plain += _printed(pattern, end, len(pattern)).replace("%", "%%")
    return _joined([piece for piece in [*pieces, _strftime(moment, plain)] if piece is not None])


def _printed(pattern: str, start: int, end: int) -> str:
    """The separators between two tokens. Raises StatementFailed for a letter, which no token is."""
    between = pattern[start:end]
    unknown = _LETTERS.search(between)
    if unknown:
        raise StatementFailed(f'ERROR: unknown token "{between.strip()}" in the datetime format "{pattern}"')
    return between


def _joined(pieces: list[exp.Expr]) -> exp.Expr:
    if not pieces:
        return text("")
    result = pieces[0]
    for piece in pieces[1:]:
        result = exp.DPipe(this=result, expression=piece)
    return exp.Paren(this=result) if len(pieces) > 1 else result


def _strftime(moment: exp.Expr, pattern: str) -> exp.Expr | None:
    return call("strftime", moment.copy(), text(pattern)) if pattern else None


def _piece(moment: exp.Expr, token: re.Match[str], zone: str) -> tuple[str, exp.Expr | None]:
    """A strftime directive, or an expression where strftime has none."""
    if token["quoted"] is not None:
        return token["quoted"].replace("%", "%%"), None
    if not token["word"]:
        return "", None
    word, fill, suffix = token["word"].upper(), bool(token["fill"]), token["suffix"]
    if word in _STRFTIME and not fill and not suffix:
        return _STRFTIME[word], None
    if word in _STRFTIME or word in _COMPUTED:
        return "", _number(moment, word, fill, suffix)
    if word in _ZONES:
        return (zone if token["word"].isupper() else zone.lower()) if word == "TZ" else "+00", None
    return "", _word(moment, token["word"], fill)


def _number(moment: exp.Expr, word: str, fill: bool, suffix: str | None) -> exp.Expr:
    """A number's digits, without leading zeros behind FM, with its ordinal ending behind TH or th."""
    digits = call("strftime", moment.copy(), text(_STRFTIME[word])) if word in _STRFTIME else None
    node = digits or macro("moment_digits", moment.copy(), text(word))
    if fill:
        node = macro("without_zeros", node)
    if suffix:
        ordinal = macro("ordinal", node)
        node = call("upper", ordinal) if suffix.isupper() else ordinal
    return node


def _word(moment: exp.Expr, spelled: str, fill: bool) -> exp.Expr:
    """A name or a sign in the token's case; the long names are padded with blanks to nine characters."""
    word = spelled.upper()
    if word in _NAMES:
        node = call("strftime", moment.copy(), text(_NAMES[word]))
    else:
        node = macro(
            "moment_sign", moment.copy(), text("AM" if word in _MERIDIANS else "BC" if word in _ERAS else "RM")
        )
        if "." in word:
            node = macro("dotted", node)
    if spelled.islower() or (word not in _NAMES and spelled[0].islower()):
        node = call("lower", node)
    elif spelled[:2].isupper() and word in _NAMES:
        node = call("upper", node)
    if fill or word not in _PADDED:
        return node
    return call("rpad", node, number(9), text(" "))


_READ = {
    "YYYY": ("y", r"\d{1,4}"),
    "Y,YYY": ("ycomma", r"\d{1,3},\d{3}"),
    "YYY": ("y3", r"\d{1,3}"),
    "YY": ("y2", r"\d{1,2}"),
    "Y": ("y1", r"\d"),
    "IYYY": ("iy", r"\d{1,4}"),
    "MM": ("m", r"\d{1,2}"),
    "MONTH": ("name", r"[A-Za-z]+"),
    "MON": ("name", r"[A-Za-z]{3}"),
    "RM": ("roman", r"[IVXivx]+"),
    "DDD": ("doy", r"\d{1,3}"),
    "DD": ("d", r"\d{1,2}"),
    "HH24": ("h", r"\d{1,2}"),
    "HH12": ("h12", r"\d{1,2}"),
    "HH": ("h12", r"\d{1,2}"),
    "MI": ("mi", r"\d{1,2}"),
    "SS": ("s", r"\d{1,2}"),
    "MS": ("ms", r"\d{1,3}"),
    "US": ("us", r"\d{1,6}"),
    "SSSS": ("ssss", r"\d{1,5}"),
    "SSSSS": ("ssss", r"\d{1,5}"),
    "J": ("j", r"\d{1,7}"),
    "IW": ("iw", r"\d{1,2}"),
    "WW": ("ww", r"\d{1,2}"),
    "W": ("w1", r"\d"),
    "Q": ("q", r"\d"),
    "CC": ("cc", r"\d{1,2}"),
    "DAY": ("weekday", r"[A-Za-z]+"),
    "DY": ("weekday", r"[A-Za-z]{3}"),
    "D": ("dow", r"\d"),
    "ID": ("dow", r"\d"),
    **dict.fromkeys(_MERIDIANS, ("half", r"[AaPp]\.?[Mm]\.?")),
    **dict.fromkeys(_ERAS, ("era", r"[ABab]\.?[DCdc]\.?")),
}
_UNREAD = {"q", "weekday", "dow", "iw", "iy", "w1", "cc", "era", "roman", "ycomma", "y3", "y1"}
_IGNORED = {"q", "weekday", "dow"}  # as PostgreSQL does


def parsed(value: exp.Expr, pattern: str, strict: exp.Expr, kind: str) -> exp.Expr:
    """A text read by a pattern, from its start; what is behind does not matter.

    A number too large for its place carries over, as in the guide's example of June 31; with `strict` it is an error.
    """
    expression, groups = _expression(pattern)
    struct = call("regexp_extract", value, text(expression), exp.Array(expressions=[text(name) for name in groups]))
    fields = {name: _field(struct, name) for name in groups}
    checks = [macro("checked_text", value.copy(), text(expression), text(pattern))]
    if not (isinstance(strict, exp.Boolean) and not strict.this):
        checks.append(macro("checked_fields", value.copy(), strict, *_checked(fields)))
    moment = _sum([_beginning(fields), *_terms(fields)])
    valid = exp.and_(*checks)
    return cast(exp.Case(ifs=[exp.If(this=valid, true=moment)]), kind)


def _field(struct: exp.Expr, name: str) -> exp.Expr:
    return call("nullif", call("struct_extract", struct.copy(), text(name)), text(""))


def _whole(field: exp.Expr | None, default: int = 0) -> exp.Expr:
    return number(default) if field is None else call("coalesce", cast(field.copy(), "integer"), number(default))


def _year(fields: dict[str, exp.Expr]) -> exp.Expr:
    return macro("year_of_two", _whole(fields["y2"], 1)) if "y2" in fields else _whole(fields.get("y"), 1)


def _month(fields: dict[str, exp.Expr]) -> exp.Expr:
    return macro("month_of_name", fields["name"].copy()) if "name" in fields else _whole(fields.get("m"), 1)


def _hour(fields: dict[str, exp.Expr]) -> exp.Expr:
    if "h12" in fields:
        return macro("hour_of_half", _whole(fields["h12"]), fields["half"].copy() if "half" in fields else exp.Null())
    return _whole(fields.get("h"))


def _beginning(fields: dict[str, exp.Expr]) -> exp.Expr:
    if "j" in fields:
        return macro("julian_day", _whole(fields["j"]))
    return call("make_timestamp", _year(fields), *map(number, (1, 1, 0, 0, 0)))


_UNITS = {
    "mi": "to_minutes",
    "s": "to_seconds",
    "ssss": "to_seconds",
}


def _terms(fields: dict[str, exp.Expr]) -> list[exp.Expr]:
    """What is added to the beginning of the year."""
    terms = []
    if "m" in fields or "name" in fields:
        terms.append(call("to_months", _less_one(_month(fields))))
    for name in ("d", "doy"):
        if name in fields:
            terms.append(call("to_days", _less_one(_whole(fields[name], 1))))
    if "ww" in fields:
        terms.append(call("to_days", exp.Mul(this=_less_one(_whole(fields["ww"], 1)), expression=number(7))))
    if "h" in fields or "h12" in fields:
        terms.append(call("to_hours", _hour(fields)))
    terms += [call(unit, _whole(fields[name])) for name, unit in _UNITS.items() if name in fields]
    for name, digits in (("ms", 3), ("us", 6)):
        if name in fields:
            terms.append(macro("fraction_of_second", fields[name].copy(), number(digits)))
    return terms


def _less_one(node: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Sub(this=node, expression=number(1)))


def _sum(terms: list[exp.Expr]) -> exp.Expr:
    result = terms[0]
    for term in terms[1:]:
        result = exp.Add(this=result, expression=term)
    return exp.Paren(this=result)


def _checked(fields: dict[str, exp.Expr]) -> list[exp.Expr]:
    return [
        _year(fields),
        _month(fields),
        _whole(fields.get("d"), 1),
        _hour(fields),
        *(_whole(fields.get(name)) for name in ("mi", "s")),
    ]


def _expression(pattern: str) -> tuple[str, list[str]]:
    """The regular expression that finds each token's place, and the tokens' names in their order.

    A text may end before the pattern does.
    """
    result, end, closing = r"^\s*", 0, ""
    groups: list[str] = []
    for token in _TOKEN.finditer(pattern):
        before = _separators(_printed(pattern, end, token.start()))
        end = token.end()
        if token["quoted"] is not None:
            result += before + "." * len(token["quoted"])
            continue
        if not token["word"]:
            continue
        name, digits = _READ.get(token["word"].upper(), ("", ""))
        if not name or name in _UNREAD - _IGNORED or name in groups:
            raise unsupported(f'reading the token "{token["word"]}" of a datetime format')
        opening = "(?:" if groups else ""
        result += f"{opening}{before}({digits})"
        closing += r"|\s*$)" if groups else ""
        groups.append(name)
    _printed(pattern, end, len(pattern))
    return result + closing, groups


def _separators(between: str) -> str:
    """A separator stands for any one, and blanks for any number of blanks."""
    signs = "".join(
        r"\s*" if sign == " " else r"[^0-9A-Za-z]?" if not sign.isalnum() else re.escape(sign) for sign in between
    )
    return signs + r"\s*"
