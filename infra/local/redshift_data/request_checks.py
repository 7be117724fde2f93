"""What is wrong with a request before anything runs: by the service model, and by its statements and parameters.

Used by `service` and `submissions`. botocore's own validator, on both sides of the wire, checks types and minimums
only; AWS answers the rest as here.
"""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape
from sqlglot.errors import TokenError

from infra.local.endpoint.awsjson import service_model
from infra.local.redshift_data.errors import invalid
from infra.redshift_sql.parameters import occurrences
from infra.redshift_sql.parse import statements_in

MAX_BYTES = 100 * 1024
"""The longest statement: the Data API takes no longer one."""


def check_shape(operation: str, request: dict[str, Any]) -> None:
    """Raise ValidationException naming every member that breaks a constraint, in AWS's words."""
    shape = service_model("redshift-data").operation_model(operation).input_shape
    problems = list(_problems(request, shape, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise invalid(f"{count}: {'; '.join(problems)}")


def check_single(sql: str) -> None:
    """Raise ValidationException for more than one statement, none, or one too long.

    Unreadable text passes: it fails later.
    """
    size = len(sql.encode())
    if size > MAX_BYTES:
        raise invalid(f"The SQL statement is {size:,} bytes long; at most {MAX_BYTES:,} bytes (100 KB) are allowed.")
    try:
        parts = statements_in(sql)
    except TokenError:
        return
    if not parts:
        raise invalid("The SQL statement is empty.")
    if len(parts) > 1:
        raise invalid("Multiple SQL statements are not supported here; use BatchExecuteStatement.")


def check_used(sqls: list[str], parameters: list[dict[str, str]]) -> None:
    """Raise ValidationException when a given parameter is used by none of the texts, or given twice."""
    names = [parameter["name"] for parameter in parameters]
    if len(set(names)) < len(names):
        raise invalid("Parameters list contains duplicate parameter names.")
    try:
        used = {place.name for sql in sqls for place in occurrences(sql)}
    except TokenError:  # unreadable SQL fails later, and asynchronously, as a syntax error
        return
    unused = [name for name in names if name not in used]
    if unused:
        raise invalid(f"Parameters list contains unused parameters. Unused parameters: [{', '.join(unused)}]")


def _problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    if shape.type_name == "structure":
        for name, member in value.items():
            if name in shape.members:
                yield from _problems(member, shape.members[name], f"{path}.{name}" if path else name)
        return
    if shape.type_name == "list":
        for index, member in enumerate(value, 1):
            yield from _problems(member, shape.member, f"{path}.{index}")
    constraint = _broken(value, shape)
    if constraint:
        shown = str(value)[:100]
        yield f"Value '{shown}' at '{path}' failed to satisfy constraint: Member must {constraint}"


def _broken(value: Any, shape: Shape) -> str | None:
    """The constraint a value breaks, or None."""
    rules = shape.metadata
    size, measure = (len(value), "length ") if isinstance(value, str | list) else (value, "value ")
    if "enum" in rules and value not in rules["enum"]:
        return f"satisfy enum value set: [{', '.join(rules['enum'])}]"
    if "pattern" in rules and not re.fullmatch(rules["pattern"], value):
        return f"satisfy regular expression pattern: {rules['pattern']}"
    if "min" in rules and size < rules["min"]:
        return f"have {measure}greater than or equal to {rules['min']}"
    if "max" in rules and size > rules["max"]:
        return f"have {measure}less than or equal to {rules['max']}"
    return None
