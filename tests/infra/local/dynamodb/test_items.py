"""DynamoDB here beside moto's own: the same answers and the same table, whatever is done; the cost is by partition."""

import gc
import json
import random
import threading
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import pytest
from moto.core.exceptions import JsonRESTError
from moto.dynamodb import models
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from infra.local.cloudformation.stack import REGION
from infra.local.dynamodb import updates as dynamodb_updates
from infra.local.dynamodb.items import answer
from infra.local.dynamodb.tables import PartitionedTable
from infra.local.dynamodb.transactions import tables_uncopied

ACCOUNT, PLAIN = "111111111111", "222222222222"
NAME = "runs"
_KEYS = {"pk": "S", "sk": "S", "by": "S", "at": "N"}
TABLE = {
    "schema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "attr": [{"AttributeName": name, "AttributeType": kind} for name, kind in _KEYS.items()],
    "global_indexes": [
        {
            "IndexName": "waiting",
            "KeySchema": [{"AttributeName": "by", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "billing_mode": "PAY_PER_REQUEST",
}


def test_moto_is_the_version_whose_insides_are_used() -> None:
    assert version("moto").startswith("5.2."), "compare tables, updates and transactions with this version of moto"


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Table, Table]]:
    """Ours and moto's own, in accounts of their own."""
    monkeypatch.setattr(PartitionedTable, "indexes_follow", staticmethod(lambda: True), raising=False)
    made = []
    for account, kind in ((ACCOUNT, PartitionedTable), (PLAIN, Table)):
        table = kind(NAME, account_id=account, region=REGION, **json.loads(json.dumps(TABLE)))
        dynamodb_backends[account][REGION].tables[NAME] = table
        made.append(table)
    yield made[0], made[1]
    for account in (ACCOUNT, PLAIN):
        del dynamodb_backends[account][REGION].tables[NAME]


def told(operation: str, request: dict[str, Any], account: str = ACCOUNT) -> tuple[int, Any] | None:
    found = answer(operation, json.dumps({"TableName": NAME, **request}).encode(), account, REGION)
    return found and (found.status, _unordered(json.loads(found.body)))


def _unordered(value: Any) -> Any:
    """Without the order of sets, which have none."""
    if isinstance(value, dict):
        return {k: sorted(v) if k in ("SS", "NS") else _unordered(v) for k, v in value.items()}
    return [_unordered(one) for one in value] if isinstance(value, list) else value


class Walk:
    """Random calls about few items, so that they meet; not all of them are allowed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def call(self) -> tuple[str, dict[str, Any]]:
        make = self._random.choice([self._put, self._update, self._update, self._delete, self._get, self._query])
        return make()

    def _key(self) -> dict[str, Any]:
        return {"pk": {"S": self._random.choice("ab")}, "sk": {"S": self._random.choice("xyz")}}

    def _value(self) -> dict[str, Any]:
        one = self._random.choice
        number, text = str(self._random.randint(-3, 3)), one(["", "word"])
        members = self._random.sample(["1", "2", "3"], self._random.randint(0, 3))
        plain: list[dict[str, Any]] = [{"S": text}, {"N": number}, {"BOOL": True}, {"NULL": True}, {"B": "AAE="}]
        return one([*plain, {"SS": members}, {"NS": members}, {"L": [{"N": number}]}, {"M": {"k": {"S": text}}}])

    def _name(self, clause: str = "") -> str:
        """moto takes any type for an index's key, and fails later; DynamoDB does not."""
        keys = ["by", "at"] if clause in ("", "REMOVE") else []
        return self._random.choice(["one", "two", "three", "status", "sk", *keys])

    def _put(self) -> tuple[str, dict[str, Any]]:
        item = self._key() | {"one": self._value()}
        if self._random.random() < 0.5:
            item |= {"by": {"S": self._random.choice("pq")}, "at": {"N": str(self._random.randint(0, 9))}}
        return "PutItem", {"Item": item} | self._conditioned({}, {})

    def _delete(self) -> tuple[str, dict[str, Any]]:
        return "DeleteItem", {"Key": self._key()} | self._conditioned({}, {})

    def _get(self) -> tuple[str, dict[str, Any]]:
        return "GetItem", {"Key": self._key()}

    def _update(self) -> tuple[str, dict[str, Any]]:
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        clauses = self._random.sample(["SET", "ADD", "DELETE", "REMOVE"], self._random.randint(1, 3))
        expression = " ".join(f"{clause} {self._actions(clause, names, values)}" for clause in clauses)
        returned = {"ReturnValues": self._random.choice(["NONE", "ALL_NEW", "ALL_OLD", "UPDATED_NEW"])}
        return "UpdateItem", {"Key": self._key(), "UpdateExpression": expression} | returned | self._conditioned(
            names, values
        )

    def _actions(self, clause: str, names: dict[str, str], values: dict[str, Any]) -> str:
        actions = []
        for _ in range(self._random.randint(1, 2)):
            name, value = f"#n{len(names)}", f":v{len(values)}"
            names[name] = self._name(clause)
            if clause != "REMOVE":
                values[value] = self._value()
            actions.append({"SET": f"{name} = {value}", "REMOVE": name}.get(clause, f"{name} {value}"))
        return ", ".join(actions)

    def _conditioned(self, names: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
        names, values = dict(names), dict(values)
        conditions = ["", "attribute_exists(pk)", "attribute_not_exists(pk)", "#c = :c", "attribute_exists(#c)"]
        condition = self._random.choice(conditions)
        if "#c" in condition or self._random.random() < 0.03:
            names["#c"] = self._name()
        if ":c" in condition or self._random.random() < 0.03:
            values[":c"] = self._value()
        more = {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if condition else {}
        given = {"ExpressionAttributeNames": names, "ExpressionAttributeValues": values}
        return more | {member: said for member, said in given.items() if said}

    def _query(self) -> tuple[str, dict[str, Any]]:
        value = {"S": self._random.choice("abpq")}
        if self._random.random() < 0.5:
            index = {"IndexName": "waiting", "KeyConditionExpression": "#k = :k", "Limit": self._random.randint(1, 4)}
            return "Query", index | {
                "ExpressionAttributeNames": {"#k": "by"},
                "ExpressionAttributeValues": {":k": value},
            }
        condition = self._random.choice(["pk = :k", "pk = :k AND begins_with(sk, :s)"])
        values = {":k": value} | ({":s": {"S": "x"}} if ":s" in condition else {})
        forward = {"ScanIndexForward": self._random.random() < 0.5}
        return "Query", forward | {"KeyConditionExpression": condition, "ExpressionAttributeValues": values}


@pytest.mark.parametrize("seed", range(8))
def test_random_calls_are_answered_as_moto_answers_them(
    seed: int, tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, plain = tables
    walk, simple = Walk(seed), dynamodb_updates.answer

    def never_ours(table: Table, request: dict[str, Any]) -> dict[str, Any]:
        if table is plain:
            raise dynamodb_updates.NotSimple
        return simple(table, request)

    monkeypatch.setattr(dynamodb_updates, "answer", never_ours)
    for number in range(150):
        operation, request = walk.call()
        assert told(operation, request) == told(operation, request, PLAIN), (operation, request)
        if number % 10 == 0:
            assert _contents(ours) == _contents(plain)


def _contents(table: Table) -> list[Any]:
    return [_unordered(json.loads(json.dumps(item.to_json()["Attributes"]))) for item in table.all_items()]


def test_updates_as_the_functions_write_them_are_simple(tables: tuple[Table, Table]) -> None:
    for expression in (
        "SET #0 = :0, #1 = :1 REMOVE #gone0",
        "ADD attempts :own SET expiresAt = :expiry",
        "DELETE attempts :gone",
        "REMOVE waiting",
        "SET #a = :a ADD told :told",
    ):
        assert dynamodb_updates._read(expression), expression


def test_a_query_asks_only_the_items_of_its_partition(
    tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(200):
        item = {"pk": f"other-{number}", "sk": "x", "by": f"someone-{number}"}
        told("PutItem", {"Item": {name: {"S": value} for name, value in item.items()} | {"at": {"N": "1"}}})
    told("PutItem", {"Item": {"pk": {"S": "own"}, "sk": {"S": "x"}, "by": {"S": "me"}, "at": {"N": "1"}}})
    by_key = {"KeyConditionExpression": "pk = :k", "ExpressionAttributeValues": {":k": {"S": "own"}}}
    by_index = {
        "IndexName": "waiting",
        "KeyConditionExpression": "#by = :k",
        "ExpressionAttributeNames": {"#by": "by"},
        "ExpressionAttributeValues": {":k": {"S": "me"}},
    }
    told("Query", by_index)
    compared = 0
    cast = DynamoType.cast_value.fget

    def counted(value: DynamoType) -> Any:
        nonlocal compared
        compared += 1
        return cast(value)

    monkeypatch.setattr(DynamoType, "cast_value", property(counted))
    for query in (by_key, by_index):
        assert told("Query", query)[1]["Count"] == 1
    assert compared < 40, "the values of other partitions were looked at"


def test_binary_values_come_back(tables: tuple[Table, Table]) -> None:
    item = {"pk": {"S": "a"}, "sk": {"S": "x"}, "data": {"B": "AAEC"}, "more": {"BS": ["AAEC"]}}
    told("PutItem", {"Item": item})
    assert told("GetItem", {"Key": {"pk": {"S": "a"}, "sk": {"S": "x"}}}) == (200, {"Item": item})


def test_items_that_are_gone_take_no_memory(tables: tuple[Table, Table]) -> None:
    key = {"pk": {"S": "a"}, "sk": {"S": "x"}}
    told("PutItem", {"Item": key})
    gone = weakref.ref(next(iter(tables[0].all_items())))
    told("DeleteItem", {"Key": key})
    gc.collect()
    assert gone() is None


# ------------------------------------------------------------------------------------------------------- transactions


class Transactions(Walk):
    """Random transactions of one to four writes, which may meet the same item."""

    def call(self) -> tuple[str, dict[str, Any]]:
        if self._random.random() < 0.4:
            return self._put()
        return "TransactWriteItems", {"TransactItems": [self._write() for _ in range(self._random.randint(1, 4))]}

    def _write(self) -> dict[str, Any]:
        kind = self._random.choice(["Put", "Update", "Delete", "ConditionCheck"])
        if kind == "ConditionCheck":
            check = {"ConditionExpression": self._random.choice(["attribute_exists(pk)", "attribute_not_exists(pk)"])}
            return {
                kind: {"TableName": NAME, "Key": self._key(), "ReturnValuesOnConditionCheckFailure": "ALL_OLD"} | check
            }
        _, request = {"Put": self._put, "Update": self._update, "Delete": self._delete}[kind]()
        request.pop("ReturnValues", None)
        return {kind: {"TableName": NAME} | request}


@pytest.mark.parametrize("seed", range(8))
def test_random_transactions_end_as_motos_do(seed: int, tables: tuple[Table, Table]) -> None:
    walk, ours = Transactions(seed), tables[0]
    for number in range(100):
        operation, request = walk.call()
        answered = told(operation, request)
        if operation == "TransactWriteItems":
            # moto's own way, in which it copies the table
            assert answered == _by_moto(request), request
        else:
            assert answered == told(operation, request, PLAIN)
        if number % 10 == 9:
            kept = dynamodb_backends[PLAIN][REGION].tables[NAME]  # moto puts a copy there when it takes a write back
            assert _sorted(ours) == _sorted(kept), request


def _sorted(table: Table) -> list[Any]:
    return sorted(_contents(table), key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def _by_moto(request: dict[str, Any]) -> tuple[int, Any] | None:
    handler = DynamoHandler()
    handler.region, handler.current_account = REGION, PLAIN
    handler.body = handler.params = json.loads(json.dumps({"TableName": NAME, **request}))
    try:
        return 200, _unordered(handler.transact_write_items().result)
    except JsonRESTError as error:
        return error.code, _unordered(json.loads(str(error.description)))


def test_a_transaction_copies_no_table(tables: tuple[Table, Table], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PartitionedTable, "__deepcopy__", lambda *_: pytest.fail("a table was copied"), raising=False)
    put = {"Put": {"TableName": NAME, "Item": {"pk": {"S": "a"}, "sk": {"S": "x"}}}}
    assert (told("TransactWriteItems", {"TransactItems": [put]}) or ())[0] == 200


def test_transactions_at_once_leave_moto_as_it_is() -> None:
    """Of two in different threads the one that began first ends first."""
    began, ended = threading.Event(), threading.Event()

    def second() -> None:
        with tables_uncopied():
            began.set()
            assert ended.wait(20)

    with ThreadPoolExecutor(1) as pool:
        with tables_uncopied():
            later = pool.submit(second)
            assert began.wait(20)
        ended.set()
        later.result(20)
    table: list[str] = []
    assert models.copy.deepcopy(table) is not table


def test_a_transaction_that_comes_twice_is_done_once(tables: tuple[Table, Table]) -> None:
    """The client tries again when an answer is lost."""
    add = {
        "TableName": NAME,
        "Key": {"pk": {"S": "a"}, "sk": {"S": "x"}},
        "UpdateExpression": "ADD seen :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    once = {"TransactItems": [{"Update": add}], "ClientRequestToken": "token-1"}
    assert [(told("TransactWriteItems", once) or ())[0] for _ in range(2)] == [200, 200]
    assert _contents(tables[0])[0]["seen"] == {"N": "1"}
    other = once | {"TransactItems": [{"Put": {"TableName": NAME, "Item": add["Key"]}}]}
    status, refusal = told("TransactWriteItems", other) or (0, {})
    assert (status, refusal["__type"]) == (400, "IdempotentParameterMismatch")
