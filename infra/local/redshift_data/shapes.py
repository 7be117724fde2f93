"""A request checked against the service model: patterns, enumerations, lengths. Used by `service` before anything else.

botocore's own validator, on both sides of the wire, checks types and minimums only; AWS answers the rest as here.
"""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import Shape

from infra.local.endpoint.awsjson import service_model

from .errors import invalid


def check_shape(operation: str, request: dict[str, Any]) -> None:
    """Raise ValidationException naming every member that breaks a constraint, in AWS's words."""
    shape = service_model("redshift-data").operation_model(operation).input_shape
    problems = list(_problems(request, shape, ""))
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise invalid(f"{count}: {'; '.join(problems)}")


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
