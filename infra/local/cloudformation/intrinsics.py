"""CloudFormation's intrinsic functions: a template's text becomes plain values. Used by `template`.

What is not known fails loudly: on AWS a dangling reference stops the deployment, so here it stops the start.
Source: AWS CloudFormation, "Intrinsic function reference".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_PLACEHOLDER = re.compile(r"\$\{(!?)([A-Za-z0-9_:.]+)\}")

NO_VALUE = object()
"""What `AWS::NoValue` stands for: the property or list element is as if it were not written."""


class TemplateError(Exception):
    """The template says something that cannot be resolved, or that the laptop does not understand."""


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags (`!Ref x` is `{"Ref": "x"}`)."""


def _short_tag(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_tag)


def load(path: Path) -> dict[str, Any]:
    """A template's document, its short tags written out. Not to be changed: whoever reads the same text shares it."""
    try:
        document = _read(path.read_text())
    except yaml.YAMLError as error:
        raise TemplateError(f"{path} is not YAML: {error}") from error
    if not isinstance(document, dict) or "Resources" not in document:
        raise TemplateError(f"{path} has no Resources.")
    return document


@lru_cache(maxsize=16)
def _read(text: str) -> Any:
    """Reading a template takes longer than anything else that is done with it."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 (a safe loader with tags of its own)


def _is_call(node: dict[str, Any]) -> bool:
    """Whether a mapping is a function call. IAM statements have a `Condition` too, but theirs is no name."""
    if len(node) != 1:
        return False
    name, argument = next(iter(node.items()))
    return name == "Ref" or str(name).startswith("Fn::") or (name == "Condition" and isinstance(argument, str))


@dataclass(frozen=True)
class Resolver:
    """Resolves values, given what `Ref` and `Fn::GetAtt` of a resource mean and the template's conditions.

    `references` holds parameters and pseudo parameters; `resource` answers Ref (attribute None) and GetAtt.
    """

    references: Mapping[str, Any]
    resource: Callable[[str, str | None], Any]
    conditions: Mapping[str, Any]

    def value(self, node: Any) -> Any:
        """The node with every intrinsic function in it replaced by its value."""
        if isinstance(node, dict):
            return self._mapping(node)
        if isinstance(node, list):
            return [value for value in map(self.value, node) if value is not NO_VALUE]
        return node

    def holds(self, condition: str) -> bool:
        """Whether a named condition is true."""
        if condition not in self.conditions:
            raise TemplateError(f"There is no condition {condition}.")
        return bool(self.value(self.conditions[condition]))

    def _mapping(self, node: dict[str, Any]) -> Any:
        if _is_call(node):
            return self._call(*next(iter(node.items())))
        values = {key: self.value(value) for key, value in node.items()}
        return {key: value for key, value in values.items() if value is not NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        if name not in _FUNCTIONS:
            raise TemplateError(f"The intrinsic function {name} is not supported here.")
        return _FUNCTIONS[name](self, argument)

    def _ref(self, name: str) -> Any:
        if name in self.references:
            return self.references[name]
        return self.resource(name, None)

    def _get_att(self, argument: list[str]) -> Any:
        return self.resource(argument[0], argument[1])

    def _sub(self, argument: str | list[Any]) -> str:
        text, own = (argument, {}) if isinstance(argument, str) else (argument[0], self.value(argument[1]))

        def replaced(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            return str(own[name] if name in own else self._named(name))

        return _PLACEHOLDER.sub(replaced, text)

    def _named(self, name: str) -> Any:
        logical_id, dot, attribute = name.partition(".")
        return self.resource(logical_id, attribute) if dot else self._ref(name)

    def _select(self, argument: list[Any]) -> Any:
        index, values = int(self.value(argument[0])), self.value(argument[1])
        if not 0 <= index < len(values):
            raise TemplateError(f"Fn::Select wants element {index} of {values}.")
        return values[index]

    def _split(self, argument: list[Any]) -> list[str]:
        return str(self.value(argument[1])).split(argument[0])

    def _join(self, argument: list[Any]) -> str:
        return str(argument[0]).join(str(part) for part in self.value(argument[1]))

    def _get_azs(self, argument: Any) -> list[str]:
        """Any Region has at least three."""
        region = self.value(argument) or self.references["AWS::Region"]
        return [f"{region}{zone}" for zone in "abc"]

    def _if(self, argument: list[Any]) -> Any:
        return self.value(argument[1] if self.holds(argument[0]) else argument[2])

    def _equals(self, argument: list[Any]) -> bool:
        left, right = self.value(argument)
        return str(left) == str(right)

    def _not(self, argument: list[Any]) -> bool:
        return not self.value(argument[0])

    def _and(self, argument: list[Any]) -> bool:
        return all(self.value(argument))

    def _or(self, argument: list[Any]) -> bool:
        return any(self.value(argument))


_FUNCTIONS: dict[str, Callable[[Resolver, Any], Any]] = {
    "Ref": Resolver._ref,
    "Condition": Resolver.holds,
    "Fn::GetAtt": Resolver._get_att,
    "Fn::Sub": Resolver._sub,
    "Fn::Select": Resolver._select,
    "Fn::Split": Resolver._split,
    "Fn::Join": Resolver._join,
    "Fn::GetAZs": Resolver._get_azs,
    "Fn::If": Resolver._if,
    "Fn::Equals": Resolver._equals,
    "Fn::Not": Resolver._not,
    "Fn::And": Resolver._and,
    "Fn::Or": Resolver._or,
}
