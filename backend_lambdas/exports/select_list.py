"""The columns of a SELECT's result, read from its text without a parser. Pure; used by `output_order`, `export_table`.

What a parser would be needed for is left unsaid: how many columns a `*` stands for, and the name of an expression
beyond what Redshift names by a function.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from backend_lambdas.reports import sql_text

NAMELESS = "?column?"
"""What Redshift calls a column that has no name."""

_NAME = r'(?:[A-Za-z_]\w*|"(?:[^"]|"")+")'
_SELECT = re.compile(r"\bselect\b(?:\s+(?:distinct|all)\b)?(?:\s+top\s+\d+\b)?", re.IGNORECASE)
_AFTER_LIST = re.compile(
    r"\b(?:from|where|having|qualify|union|intersect|except|minus|limit|offset)\b|\b(?:group|order)\s+by\b",
    re.IGNORECASE,
)
_STAR = re.compile(r"(?:\A|\.)\s*\*\Z")
_COLUMN = re.compile(rf"\A(?:{_NAME}\s*\.\s*)*(?P<name>{_NAME})\Z")
_ALIAS = re.compile(rf"\A(?P<expression>.+?)(?P<as>\s+as)?\s+(?P<name>{_NAME})\Z", re.IGNORECASE | re.DOTALL)
_CALL = re.compile(r"\A(?P<name>[A-Za-z_]\w*)(?:\s|over|within\s+group)*\Z", re.IGNORECASE)
_NUMBER_OR_TEXT = re.compile(r"\A[-+]?\s*(?:[\d.]+(?:[eE][-+]?\d+)?|'(?:[^'\\]|''|\\.)*')\Z")
_ARITHMETIC = re.compile(r"[-+*/%|<>=]")
_SETS = re.compile(r"\b(?:union|intersect|except|minus)\b", re.IGNORECASE)
_OPERATOR = re.compile(r"[-+*/%|<>=!&^~#@:,.]\Z")
_WORD = re.compile(r"(\w+)\Z")
_WANTS_MORE = frozenset(
    {"and", "or", "not", "like", "ilike", "similar", "to", "between", "in", "is", "from", "by", "double", "time", "all"}
)
"""Words that end no expression: what stands behind one of them is no name."""
_NO_NAMES = frozenset({"end", "null", "true", "false", "precision", "zone", "varying", "unknown"})
"""Words that stand last in an expression and are no names, unless AS says so."""

_CALLED = {
    "nvl": "coalesce",
    "isnull": "coalesce",
    "nvl2": "case",
    "decode": "case",
    "dateadd": "date_add",
    "datediff": "date_diff",
    "extract": "date_part",
    "date_part": "pgdate_part",
    "trim": "btrim",
    "pow": "power",
    "log": "dlog10",
}
"""Functions whose columns have another name than theirs."""

_NO_COLUMNS = frozenset({"current_date", "current_time", "current_timestamp", "current_user", "sysdate", "user"})
"""Calls without brackets, whose columns have names of their own."""

_CALLED_BY_ARGUMENT = frozenset({"cast", "convert", "try_cast", "nullif", "substring", "position", "exists"})


class Column(Struct, frozen=True):
    """One column: where its text is, the expression without its alias, and the name that the SELECT says, if any."""

    start: int
    end: int
    expression: str
    name: str | None

    @property
    def is_star(self) -> bool:
        """Whether it stands for columns that are not named here."""
        return bool(_STAR.search(self.expression))

    @property
    def label(self) -> str | None:
        """What the result calls it: its name, its function's, or `?column?`; None where only the warehouse knows."""
        if self.name:
            return self.name
        shown, _, _ = outermost(self.expression).partition("::")
        bare = self.expression[: len(shown)].strip()
        if column := _COLUMN.match(bare):
            name = plain(column["name"])
            return None if name in _NO_NAMES | _NO_COLUMNS else name
        call = _CALL.match(shown.strip()) if bare.endswith(")") else None
        if call:
            return _called(plain(call["name"]))
        is_nameless = shown == outermost(self.expression) and (_NUMBER_OR_TEXT.match(bare) or _ARITHMETIC.search(shown))
        return NAMELESS if is_nameless else None


def _called(name: str) -> str | None:
    return None if name in _CALLED_BY_ARGUMENT else _CALLED.get(name, name)


def has_sets(text: str) -> bool:
    """Whether it is of several SELECTs, whose columns share their types."""
    return bool(_SETS.search(outermost(text)))


def columns(text: str) -> list[Column]:
    """The columns of the first SELECT in a text without comments; none where it has none, or is in brackets."""
    shown = outermost(text)
    first = _SELECT.search(shown)
    if first is None or text.lstrip().startswith("("):
        return []
    end = _AFTER_LIST.search(shown, first.end())
    return [_column(text, *place) for place in parts(text, shown, first.end(), end.start() if end else len(text))]


def plain(name: str) -> str:
    """A name as Redshift folds it, quoted or not."""
    return (name[1:-1].replace('""', '"') if name.startswith('"') else name).lower()


def parts(text: str, shown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Begin and end of each part between the commas that are `shown`, without the blanks around it."""
    commas = [place for place in range(start, end) if shown[place] == ","]
    for begin, finish in zip([start, *(place + 1 for place in commas)], [*commas, end], strict=True):
        part = text[begin:finish]
        blanks = len(part) - len(part.lstrip())
        yield begin + blanks, max(begin + len(part.rstrip()), begin + blanks)


def outermost(text: str) -> str:
    """The text with everything in brackets and quotes blanked out, each character by one."""
    depth, shown = 0, []
    for character in sql_text.with_quotes_blanked(text):
        depth += character == "("
        shown.append(character if depth == 0 else " ")
        depth -= character == ")"
    return "".join(shown)


def _column(text: str, start: int, end: int) -> Column:
    own = text[start:end]
    found = _ALIAS.match(own)
    if found and (found["as"] or _ends(found)):
        return Column(start, end, found["expression"].strip(), plain(found["name"]))
    column = _COLUMN.match(own)
    name = plain(column["name"]) if column else None
    return Column(start, end, own, None if name in _NO_NAMES | _NO_COLUMNS else name)


def _ends(found: re.Match[str]) -> bool:
    """Whether an expression is whole without the word behind it, which is its name then."""
    before, name = found["expression"].rstrip(), found["name"]
    word = _WORD.search(before)
    is_cut = _OPERATOR.search(before) or (word and word[1].casefold() in _WANTS_MORE)
    return not is_cut and (name.startswith('"') or name.casefold() not in _NO_NAMES)
