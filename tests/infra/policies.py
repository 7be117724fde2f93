"""What the roles of a template may do: by their own policies, by those they share, and by those that name them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

from infra.local.cloudformation.stack import Stack

KINDS = ("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy")
IF_EXISTS = "IfExists"


@dataclass(frozen=True)
class Right:
    """One action on one resource, under conditions: operator, key and one value of each. Patterns have asterisks."""

    action: str
    resource: str
    conditions: tuple[tuple[str, str, str], ...] = ()

    def covers(self, action: str, resource: str, **context: str) -> bool:
        """Whether IAM would allow this call. `context` has the call's condition keys; `_` in a name stands for `:`.

        An asterisk stands for anything in the right, and for itself in the call.
        """
        keys = {name.replace("_", ":", 1): value for name, value in context.items()}
        fits = action == self.action and (self.resource == "*" or fnmatchcase(resource, self.resource))
        return fits and all(_holds(*condition, keys) for condition in self.conditions)


def _holds(operator: str, key: str, pattern: str, context: dict[str, str]) -> bool:
    if key not in context:
        return operator.endswith(IF_EXISTS)
    return fnmatchcase(context[key], pattern)


def rights_of(stack: Stack, role: str) -> set[Right]:
    """Each right of a role by itself; only statements that allow something are expected."""
    found = role_statements(stack, role)
    assert {statement["Effect"] for statement in found} <= {"Allow"}
    return {
        Right(action, resource, conditions)
        for statement in found
        for action in listed(statement["Action"])
        for resource in listed(statement["Resource"])
        for conditions in _conditions(statement.get("Condition", {}))
    }


def _conditions(block: dict[str, Any]) -> Iterator[tuple[tuple[str, str, str], ...]]:
    """Every choice of one value for each key: values are alternatives, keys are not."""
    choices = [
        [(operator, key, value) for value in listed(values)]
        for operator, keys in block.items()
        for key, values in keys.items()
    ]
    return product(*choices)


def allowed(stack: Stack, role: str) -> set[tuple[str, str]]:
    """The actions of a role and what they are allowed on, whatever the conditions."""
    return _pairs(role_statements(stack, role))


def own_rights(stack: Stack, role: str) -> set[tuple[str, str]]:
    """The same without what the role shares with others."""
    return _pairs(_own_statements(stack, role))


def _pairs(statements: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(action, on) for one in statements for action in listed(one["Action"]) for on in listed(one["Resource"])}


def role_statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    """The statements of every policy of a role."""
    arns = stack.resource(role).properties.get("ManagedPolicyArns", [])
    shared = [
        one for one in stack.resources("AWS::IAM::ManagedPolicy") if stack.attribute(one.logical_id, None) in arns
    ]
    return _own_statements(stack, role) + [one for policy in shared for one in document_statements(policy.properties)]


def _own_statements(stack: Stack, role: str) -> list[dict[str, Any]]:
    name = stack.attribute(role, None)
    naming = [one for one in stack.resources("AWS::IAM::Policy") if name in one.properties["Roles"]]
    holders = [stack.resource(role), *naming]
    return [statement for one in holders for statement in document_statements(one.properties)]


def document_statements(properties: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The statements that stand in a role or in a policy itself."""
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    documents += [properties["PolicyDocument"]] if "PolicyDocument" in properties else []
    return [statement for document in documents for statement in document["Statement"]]


def listed(value: Any) -> list[Any]:
    """What a policy may write as one thing or as several."""
    return value if isinstance(value, list) else [value]
