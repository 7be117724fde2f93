"""Reading Redshift SQL: sqlglot's Redshift, less what it translates too freely. Used by every module that reads SQL.

The functions named here stay what the author wrote, so that `rewrites` decides what they mean, formats and types too.
"""

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.errors import ErrorLevel
from sqlglot.tokens import Token

_OURS = frozenset(
    {
        "ADD_MONTHS",
        "CONCAT",
        "CONVERT_TIMEZONE",
        "DATE_ADD",
        "DATE_DIFF",
        "DATE_TRUNC",
        "DATEADD",
        "DATEDIFF",
        "GETDATE",
        "LAST_DAY",
        "MONTHS_BETWEEN",
        "REGEXP_REPLACE",
        "REGEXP_SUBSTR",
        "TO_CHAR",
        "TO_DATE",
        "TO_TIMESTAMP",
        "TRUNC",
    }
)
_BASE: Any = Redshift.Parser


class Warehouse(Redshift):
    """Redshift, with the functions above left unread."""

    class Tokenizer(Redshift.Tokenizer):
        """Leaves UNLOAD's words apart; sqlglot would make a single text of what follows it."""

        KEYWORDS: ClassVar = {word: kind for word, kind in Redshift.Tokenizer.KEYWORDS.items() if word != "UNLOAD"}

    class Parser(_BASE):
        """Leaves `_OURS` as anonymous calls; DATE_PART as well, whose result differs from EXTRACT's."""

        FUNCTIONS: ClassVar = {name: build for name, build in _BASE.FUNCTIONS.items() if name not in _OURS}
        FUNCTION_PARSERS: ClassVar = {
            name: parse for name, parse in _BASE.FUNCTION_PARSERS.items() if name != "DATE_PART"
        }


def tokens_of(sql: str) -> list[Token]:
    """The text's tokens, without comments. Raises sqlglot's TokenError, as for a quote never closed."""
    return Warehouse().tokenize(sql)


def duckdb_sql(tree: exp.Expr) -> str:
    """The tree written for DuckDB, every name in quotes, as the two reserve different words.

    Raises sqlglot's UnsupportedError rather than dropping something.
    """
    return tree.sql(dialect="duckdb", unsupported_level=ErrorLevel.RAISE, identify=True)
