"""What the warehouse says of a statement that it refused or broke off, in Redshift's words.

StatementFailed
├── SyntaxFailed         the SQL text is not Redshift's
├── PermissionFailed     the database user may not
└── StatementAborted     stopped by CancelStatement
"""

from .fence.functions import unavailable


class StatementFailed(Exception):
    """The warehouse refused or broke off a statement; the text is what Redshift would say."""


class SyntaxFailed(StatementFailed):
    """The SQL text cannot be read, or asks for something a warehouse on a laptop does not have."""


class PermissionFailed(StatementFailed):
    """The database user lacks a privilege."""


class StatementAborted(StatementFailed):
    """The statement was stopped by its user."""


def syntax_error(near: str, position: int | None = None) -> SyntaxFailed:
    """Redshift's classic, with the 1-based position in the text when it is known."""
    where = "" if position is None else f"\n  Position: {position}"
    return SyntaxFailed(f'ERROR: syntax error at or near "{near}"{where}')


def unsupported(what: str) -> SyntaxFailed:
    """Valid Redshift SQL that this warehouse does not imitate: said aloud, never skipped."""
    return SyntaxFailed(f"ERROR: {unavailable(what)}")


def relation_missing(name: str) -> StatementFailed:
    """A table or view that does not exist."""
    return StatementFailed(f'ERROR: relation "{name}" does not exist')


def function_missing(name: str) -> StatementFailed:
    """A function that does not exist, whatever its arguments."""
    return StatementFailed(f"ERROR: function {name} does not exist")
