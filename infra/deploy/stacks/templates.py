"""The stacks' templates: where they are, which parameters they ask for, and what these have against a value.

Source: AWS CloudFormation, "Parameters" of the template reference.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from infra.local.cloudformation.intrinsics import load

REPO = Path(__file__).resolve().parents[3]
HIDDEN = "(not shown)"

Parameter = Mapping[str, Any]


def path(stack: str) -> Path:
    """The file of a stack's template."""
    return REPO / "infra" / f"{stack}-setup.yaml"


@cache
def document(stack: str) -> Mapping[str, Any]:
    """A stack's template, read once."""
    return load(path(stack))


def declared(stack: str) -> Mapping[str, Parameter]:
    """The declarations of a template's parameters."""
    return dict(document(stack).get("Parameters", {}))


def defaults(stack: str) -> dict[str, str]:
    """What a template's parameters are when nobody says otherwise."""
    return texts({name: body["Default"] for name, body in declared(stack).items() if "Default" in body})


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as CloudFormation takes them."""
    return {name: _text(value) for name, value in values.items()}


def shown(text: str, parameter: Parameter) -> str:
    """A value for eyes: by NoEcho a template says what is secret."""
    return HIDDEN if str(parameter.get("NoEcho", False)).lower() == "true" else text


def unfit(value: Any, parameter: Parameter) -> Iterator[str]:
    """What a parameter's declaration has against a value."""
    text = _text(value)
    told = shown(repr(text), parameter)
    if isinstance(value, dict):
        yield "it is a text, a number, true or false, or a list of texts."
    elif parameter["Type"] == "Number" and not re.fullmatch(r"-?\d+", text, re.ASCII):
        yield f"{told} is no number."
    elif not _within(text, parameter):
        yield f"{text} is not between {parameter.get('MinValue')} and {parameter.get('MaxValue')}."
    elif not _allowed(text, parameter):
        yield f"{told} is none of {', '.join(map(str, parameter['AllowedValues']))}."
    elif not re.fullmatch(parameter.get("AllowedPattern", ".*"), text, re.DOTALL):
        expected = parameter.get("ConstraintDescription") or f"of the form {parameter['AllowedPattern']}"
        yield f"{told} is not {expected}."


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _within(text: str, parameter: Parameter) -> bool:
    """Whether a number is within its limits; what has none takes every value."""
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    return (low is None or int(text) >= int(low)) and (high is None or int(text) <= int(high))


def _allowed(text: str, parameter: Parameter) -> bool:
    return "AllowedValues" not in parameter or text in map(str, parameter["AllowedValues"])
