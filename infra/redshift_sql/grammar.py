"""Reading Redshift SQL: sqlglot's Redshift grammar, with functions left as the author wrote them.

Used by every module that reads SQL. sqlglot would translate functions by name, and freely; here a call stays a call,
so that `functions` decides by Redshift's own name what it means, and of which type it is.
"""

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel
from sqlglot.tokens import Token, TokenType

_WITH_WORDS_INSIDE = ("CAST", "CONVERT", "EXTRACT", "POSITION", "SUBSTRING", "TRIM")
_BASE: Any = Redshift.Parser

INTERVAL_UNITS = frozenset(
    unit + plural for unit in ("year", "month", "week", "day", "hour", "minute", "second") for plural in ("", "s")
)


class Warehouse(Redshift):
    """Redshift, with its functions left unread."""

    class Tokenizer(Redshift.Tokenizer):
        """Leaves the words of UNLOAD and SHOW apart; sqlglot would make a single text of what follows them."""

        KEYWORDS: ClassVar = {
            word: kind for word, kind in Redshift.Tokenizer.KEYWORDS.items() if word not in ("UNLOAD", "SHOW")
        }

    class Parser(_BASE):
        """Reads by itself only those calls that have words inside, such as `CAST(a AS b)`."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar = {name: _BASE.FUNCTION_PARSERS[name] for name in _WITH_WORDS_INSIDE}
        NO_PAREN_FUNCTION_PARSERS: ClassVar = {
            **{name: parse for name, parse in _BASE.NO_PAREN_FUNCTION_PARSERS.items() if name != "IF"},
            "APPROXIMATE": lambda self: _approximate(self._parse_function()),
        }

        UNARY_PARSERS: ClassVar = {
            **_BASE.UNARY_PARSERS,
            TokenType.PIPE_SLASH: lambda self: self.expression(exp.Sqrt(this=self._parse_term())),
            TokenType.DPIPE_SLASH: lambda self: self.expression(exp.Cbrt(this=self._parse_term())),
            TokenType.PARAMETER: lambda self: exp.Anonymous(this="abs", expressions=[self._parse_term()]),
        }
        """In PostgreSQL, `|/ 9 + 16` is the root of 25: such operators bind less than plus and minus."""

        def _parse_type(self, parse_interval: bool = True, fallback_to_identifier: bool = False) -> Any:
            """`DATE '2024-01-02'::timestamp` is a date made a timestamp; sqlglot would read it the other way round."""
            has_type = self._curr is not None and self._curr.token_type in self.TYPE_TOKENS
            parsed = super()._parse_type(parse_interval, fallback_to_identifier)
            return _typed_first(parsed) if has_type else parsed

        def _parse_interval(self, require_interval: bool = True, parse_function_unit: bool = True) -> Any:
            """INTERVAL and a text in quotes, the text as it stands; sqlglot would take its first two words for all."""
            index = self._index
            if self._match(TokenType.INTERVAL) and self._match(TokenType.STRING, advance=False):
                text = self._parse_primary()
                qualifier = self._interval_qualifier()
                return self.expression(exp.Interval(this=text, unit=exp.Var(this=qualifier) if qualifier else None))
            self._retreat(index)
            return super()._parse_interval(require_interval, parse_function_unit)

        def _interval_qualifier(self) -> str:
            """`YEAR TO MONTH`, `HOUR`, `SECOND (3)` and the like, in small letters; empty when none follows."""
            words = []
            if self._curr and self._curr.text.lower() in INTERVAL_UNITS:
                words.append(self._advance_any().text.lower())
                if self._curr and self._next and self._curr.text.lower() == "to":
                    words += [self._advance_any(ignore_reserved=True).text.lower(), self._advance_any().text.lower()]
                if words[-1] == "second" and self._match(TokenType.L_PAREN):
                    words.append(f"({self._advance_any(ignore_reserved=True).text})")
                    self._match_r_paren()
            return " ".join(word.removesuffix("s") for word in words)

        def _parse_function_args(self, alias: bool = False) -> Any:
            """No argument has a name: `f(a AS b)` is a syntax error."""
            del alias
            return super()._parse_function_args(alias=False)


def _approximate(call: exp.Expr) -> exp.Expr:
    """APPROXIMATE belongs to the call, not to the WITHIN GROUP around it."""
    if isinstance(call, exp.WithinGroup):
        call.set("this", _approximate(call.this))
        return call
    return exp.Anonymous(this="approximate", expressions=[call])


def _typed_first(node: exp.Expr | None) -> exp.Expr | None:
    """A literal with its type before it and casts behind it, the type first."""
    casts: list[exp.Expr] = []
    inner = node
    while isinstance(inner, exp.Cast):
        casts.append(inner)
        inner = inner.this
    if len(casts) < 2 or not isinstance(inner, exp.Literal):
        return node
    outermost = casts[1].pop()
    casts[-1].set("this", exp.Cast(this=inner.copy(), to=casts[0].args["to"]))
    return outermost


def tokens_of(sql: str) -> list[Token]:
    """The text's tokens, without comments. Raises sqlglot's TokenError, as for a quote never closed."""
    return Warehouse().tokenize(sql)


def duckdb_sql(tree: exp.Expr) -> str:
    """The tree written for DuckDB, every name in quotes, as the two reserve different words.

    Raises sqlglot's UnsupportedError rather than dropping something.
    """
    return tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE, identify=True)
