"""How the Data API refuses a call, and how it ends a statement whose rows are too many for it.

A `ServiceError` answers the call itself: bad input, unknown id, too much at once. What happens later, inside the
warehouse, is a `StatementFailed`: its text shows as `Error` in DescribeStatement.
"""

from infra.local.endpoint.awsjson import ServiceError
from infra.redshift_sql.errors import StatementFailed


def invalid(message: str) -> ServiceError:
    """The API's answer to bad input."""
    return ServiceError("ValidationException", message)


def not_found(message: str, resource: str) -> ServiceError:
    """The API's answer to an unknown id, which it names."""
    return ServiceError("ResourceNotFoundException", message, ResourceId=resource)


def result_too_large() -> StatementFailed:
    """More than the Data API hands out. The words are those of its troubleshooting guide."""
    return StatementFailed("ERROR: Database response exceeded size limit")


def row_too_large() -> StatementFailed:
    """A row of more than the Data API hands out, in the words of the same guide."""
    return StatementFailed("ERROR: Packet for query is too large")
