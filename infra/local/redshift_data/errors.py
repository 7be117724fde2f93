"""What can go wrong, in two families that AWS keeps apart.

- A `ServiceError` answers the API call itself: bad input, unknown id, too much at once.
- A `StatementFailed` happens later, inside the warehouse: the call has long been answered, and the text only shows as
  `Error` in DescribeStatement.

    StatementFailed
    ├── SyntaxFailed         the SQL text is not Redshift's
    ├── PermissionFailed     the database user may not
    └── StatementAborted     stopped by CancelStatement
"""

from infra.local.endpoint.awsjson import ServiceError

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


def result_too_large() -> StatementFailed:
    """More than the Data API hands out. The words are those of its troubleshooting guide."""
    return StatementFailed("ERROR: Database response exceeded size limit")


def row_too_large() -> StatementFailed:
    """A row of more than the Data API hands out, in the words of the same guide."""
    return StatementFailed("ERROR: Packet for query is too large")


def invalid(message: str) -> ServiceError:
    """The API's answer to bad input."""
    return ServiceError("ValidationException", message)


def not_found(message: str, resource: str) -> ServiceError:
    """The API's answer to an unknown id, which it names."""
    return ServiceError("ResourceNotFoundException", message, ResourceId=resource)
