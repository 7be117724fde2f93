"""Tables of the template as DynamoDB then has them."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import resources_of
from infra.local.endpoint.moto_services import Clients, create_table
from tests.infra.local.endpoints import endpoint

TEMPLATE = """
Resources:
  Waiters:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: waiters
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: pk, AttributeType: S}
        - {AttributeName: waiting, AttributeType: S}
        - {AttributeName: askedAt, AttributeType: N}
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: waiting
          KeySchema: [{AttributeName: waiting, KeyType: HASH}, {AttributeName: askedAt, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      TimeToLiveSpecification: {AttributeName: expiresAt, Enabled: true}
      SSESpecification: {SSEEnabled: true}
"""


@pytest.fixture(scope="module")
def dynamodb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("tables")
    (folder / "template.yaml").write_text(TEMPLATE)
    with endpoint(Path(folder) / "s3") as there:
        clients = Clients(there.url)
        (table,) = resources_of(Stack.read(folder / "template.yaml", {})).tables
        create_table(clients, table)
        yield there.client("dynamodb")
        clients.close()


def test_a_tables_index_is_queried_in_order_and_holds_only_items_with_its_keys(dynamodb: Any) -> None:
    for name, asked_at in (("late", "20"), ("early", "3"), ("never", "")):
        asked = {"waiting": {"S": "yes"}, "askedAt": {"N": asked_at}} if asked_at else {}
        dynamodb.put_item(TableName="waiters", Item={"pk": {"S": name}, "more": {"S": "x"}, **asked})
    found = dynamodb.query(
        TableName="waiters",
        IndexName="waiting",
        KeyConditionExpression="waiting = :yes AND askedAt < :now",
        ExpressionAttributeValues={":yes": {"S": "yes"}, ":now": {"N": "100"}},
    )["Items"]
    assert [item["pk"]["S"] for item in found] == ["early", "late"]
    assert all(set(item) == {"pk", "waiting", "askedAt"} for item in found)


def test_an_index_is_not_read_consistently(dynamodb: Any) -> None:
    with pytest.raises(dynamodb.exceptions.ClientError, match="Consistent reads are not supported"):
        dynamodb.query(
            TableName="waiters",
            IndexName="waiting",
            ConsistentRead=True,
            KeyConditionExpression="waiting = :yes",
            ExpressionAttributeValues={":yes": {"S": "yes"}},
        )


def test_a_table_has_its_expiry(dynamodb: Any) -> None:
    description = dynamodb.describe_time_to_live(TableName="waiters")["TimeToLiveDescription"]
    assert (description["TimeToLiveStatus"], description["AttributeName"]) == ("ENABLED", "expiresAt")


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Threads take turns a thousand times as often as they do."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(usual / 1000)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("busy_threads")
def test_of_those_who_write_at_once_under_a_condition_one_does(dynamodb: Any) -> None:
    def claim(number: int) -> bool:
        item = {"pk": {"S": f"claimed-{number}"}}
        try:
            dynamodb.put_item(TableName="waiters", Item=item, ConditionExpression="attribute_not_exists(pk)")
        except dynamodb.exceptions.ConditionalCheckFailedException:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            assert sorted(pool.map(claim, [number] * 8)) == [False] * 7 + [True]
