"""DynamoDB's UpdateItem where it sets, adds, deletes or removes whole attributes. Used by `items`.

moto builds, copies and walks a tree for each update. Here an expression is read once; its condition, its errors, and
every update that is more than this are moto's. Written for moto 5.2 (a test compares the version).
Source: DynamoDB developer guide, "Using update expressions".
"""

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.comparisons import create_condition_expression_parser
from moto.dynamodb.exceptions import ConditionalCheckFailed
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.models.utilities import bytesize, dynamo_to_dict
from moto.dynamodb.parsing.reserved_keywords import ReservedKeywords

LARGEST_ITEM = 400_000
"""Bytes. moto decides about an item that is nearly as large as one may be."""

_MEMBERS = frozenset(
    {
        "TableName",
        "Key",
        "UpdateExpression",
        "ConditionExpression",
        "ExpressionAttributeNames",
        "ExpressionAttributeValues",
        "ReturnValues",
        "ReturnValuesOnConditionCheckFailure",
    }
)
_CLAUSES = re.compile(r"\b(SET|ADD|DELETE|REMOVE)\s+")
_NAME, _VALUE = r"\s*(#\w+|[A-Za-z_]\w*)", r"(:\w+)\s*"
_ACTIONS = {
    "SET": re.compile(rf"{_NAME}\s*=\s*{_VALUE}"),
    "ADD": re.compile(rf"{_NAME}\s+{_VALUE}"),
    "DELETE": re.compile(rf"{_NAME}\s+{_VALUE}"),
    "REMOVE": re.compile(rf"{_NAME}\s*()"),
}
_SETS = frozenset({"SS", "NS", "BS"})

Attributes = dict[str, DynamoType]


class NotSimple(Exception):
    """More than is known here: moto is to answer. Nothing was changed."""


@dataclass(frozen=True)
class Action:
    """One change of an attribute: its name or placeholder, and the placeholder of its value."""

    clause: str
    name: str
    value: str


def answer(table: Table, request: Mapping[str, Any]) -> dict[str, Any]:
    """Does an update and returns its answer; raises `NotSimple`, or moto's ConditionalCheckFailed."""
    actions = _actions(request.get("UpdateExpression", ""))
    returned = request.get("ReturnValues", "NONE")
    if set(request) - _MEMBERS or returned not in ("NONE", "ALL_NEW") or table.stream_shard is not None:
        raise NotSimple
    key = _key(table, request["Key"])
    changes = _resolved(table, actions, request.get("ExpressionAttributeNames", {}))
    meets = _condition(request, actions)
    item = table.get_item(*key)
    if not meets(item):
        raise _refusal(request, item)
    attributes = _changed(item, changes, request.get("ExpressionAttributeValues", {}))
    item = item or table.put_item(dict(request["Key"]))
    _write(item, attributes)
    told = {"ConsumedCapacity": {"TableName": request["TableName"], "CapacityUnits": 0.5}}
    return told if returned == "NONE" else told | {"Attributes": dynamo_to_dict(item.to_json()["Attributes"])}


@functools.lru_cache(maxsize=1024)
def _read(expression: str) -> tuple[Action, ...] | None:
    first, *rest = _CLAUSES.split(expression)
    clauses = dict(zip(rest[::2], rest[1::2], strict=True))
    if first.strip() or not clauses or len(clauses) * 2 < len(rest):
        return None
    actions = []
    for clause, text in clauses.items():
        for part in text.split(","):
            match = _ACTIONS[clause].fullmatch(part)
            if match is None or match[1].upper() in ReservedKeywords.get_reserved_keywords():
                return None
            actions.append(Action(clause, match[1], match[2]))
    return tuple(actions)


def _actions(expression: str) -> tuple[Action, ...]:
    actions = _read(expression)
    if actions is None:
        raise NotSimple
    return actions


def _key(table: Table, key: Mapping[str, Any]) -> tuple[DynamoType, DynamoType | None]:
    types = {table.hash_key_attr: table.hash_key_type}
    if table.range_key_attr is not None:
        types[table.range_key_attr] = str(table.range_key_type)
    if {name: next(iter(value)) for name, value in key.items()} != types or not all(map(_content, key.values())):
        raise NotSimple
    hash_key, *range_key = (DynamoType(key[name]) for name in types)
    return hash_key, range_key[0] if range_key else None


def _content(value: Mapping[str, Any]) -> Any:
    return next(iter(value.values()))


def _resolved(table: Table, actions: tuple[Action, ...], names: Mapping[str, str]) -> dict[str, Action]:
    """The actions by the attribute that they change; keys, but for leaving an index, are moto's to judge."""
    if not all(action.name in names for action in actions if action.name.startswith("#")):
        raise NotSimple
    changes = {names.get(action.name, action.name): action for action in actions}
    keys = {name for name, action in changes.items() if action.clause != "REMOVE"} & set(table.attribute_keys)
    if len(changes) < len(actions) or keys or set(changes) & set(table.table_key_attrs):
        raise NotSimple
    return changes


def _condition(request: Mapping[str, Any], actions: tuple[Action, ...]) -> Callable[[Item | None], bool]:
    """Whether an item meets the condition; unused or missing placeholders are moto's to refuse."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    parser = create_condition_expression_parser(request.get("ConditionExpression"), names, values)
    operator = parser.parse()
    used_names = {action.name for action in actions} | set(parser.expr_attr_names_found)
    used_values = {action.value for action in actions if action.value} | set(parser.expr_attr_values_found)
    if not (set(names) <= used_names and set(values) == used_values) or not all(map(_is_sound, values.values())):
        raise NotSimple
    return operator.expr


def _is_sound(value: Mapping[str, Any]) -> bool:
    """Whether a value is one member of a known type, and no empty set."""
    return len(value) == 1 and (next(iter(value)) not in _SETS or bool(_content(value)))


def _refusal(request: Mapping[str, Any], item: Item | None) -> ConditionalCheckFailed:
    if item is not None and request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
        return ConditionalCheckFailed(item=item.to_json()["Attributes"])
    return ConditionalCheckFailed()


def _changed(item: Item | None, changes: Mapping[str, Action], values: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that change, as they are then; None for one that goes."""
    before: Attributes = item.attrs if item else {}
    after: dict[str, DynamoType | None] = {}
    for name, action in changes.items():
        value = DynamoType(values[action.value]) if action.value else None
        after[name] = _CHANGES[action.clause](before.get(name), value)
    kept = {**before, **after}
    if sum(bytesize(name) + value.size() for name, value in kept.items() if value is not None) > LARGEST_ITEM:
        raise NotSimple
    return after


def _added(before: DynamoType | None, value: DynamoType) -> DynamoType:
    if before is not None and before.type != value.type:
        raise NotSimple
    if value.is_number():
        return (before or DynamoType({"N": "0"})) + value
    if not value.is_set():
        raise NotSimple
    there = before.value if before else []
    return DynamoType({value.type: there + [member for member in value.value if member not in there]})


def _deleted(before: DynamoType | None, value: DynamoType) -> DynamoType | None:
    if not value.is_set() or (before is not None and before.type != value.type):
        raise NotSimple
    left = [member for member in before.value if member not in value.value] if before else []
    return DynamoType({value.type: left}) if left else None


_CHANGES: dict[str, Callable[[Any, Any], DynamoType | None]] = {
    "SET": lambda _, value: value,
    "ADD": _added,
    "DELETE": _deleted,
    "REMOVE": lambda *_: None,
}


def _write(item: Item, attributes: Mapping[str, DynamoType | None]) -> None:
    """Past moto's check of the size, which measures the whole item again for each attribute."""
    for name, value in attributes.items():
        if value is None:
            item.attrs.pop(name, None)
        else:
            dict.__setitem__(item.attrs, name, value)
