"""IAM and bucket policies at run time: what a role may, it can; what it may not, or a bucket denies, it cannot."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.elsewhere.cloud import CLUSTER, Cloud
from tests.elsewhere.probes import Probe

DENIED = {"AccessDenied", "AccessDeniedException"}
KEY = {"pk": {"S": "run#none"}, "sk": {"S": "run"}}
QUERY = {"KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": "connection#none"}}}
OVER_HTTP = {"X-Forwarded-Proto": "http"}
"""What ministack takes for a request without TLS."""


class Probes(dict[str, Probe]):
    """One for each role that is asked for."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        self._cloud = cloud

    def __missing__(self, role: str) -> Probe:
        self[role] = Probe(self._cloud, role)
        return self[role]


@pytest.fixture(scope="module")
def probes(cloud: Cloud) -> Iterator[Probes]:
    made = Probes(cloud)
    yield made
    for probe in made.values():
        probe.remove()


@pytest.fixture(scope="module")
def table(cloud: Cloud) -> str:
    return cloud.physical("backend", "ClientConnectionsTable")


@pytest.fixture(scope="module")
def exports(cloud: Cloud) -> str:
    """The bucket of exports, with a file in each of its folders."""
    bucket = cloud.outputs("backend")["ExportsBucketName"]
    for folder in ("exports", "results"):
        cloud.client("s3").put_object(Bucket=bucket, Key=f"{folder}/of-the-test", Body=b"rows")
    return bucket


class TestTheTable:
    @pytest.mark.parametrize(
        ("role", "operation", "arguments"),
        [
            ("QueryRole", "get_item", {"Key": KEY}),
            ("GetExportsRole", "get_item", {"Key": KEY}),
            ("OnDisconnectRole", "query", QUERY),
            ("OnDisconnectRole", "delete_item", {"Key": KEY}),
        ],
    )
    def test_serves_who_may(
        self, probes: Probes, table: str, role: str, operation: str, arguments: dict[str, Any]
    ) -> None:
        assert probes[role].refusal("dynamodb", operation, TableName=table, **arguments) is None

    @pytest.mark.parametrize(
        ("role", "operation", "arguments"),
        [
            ("QueryRole", "scan", {}),
            ("AuthorizeRole", "query", QUERY),
            ("OnDisconnectRole", "get_item", {"Key": KEY}),
            ("OnDisconnectRole", "put_item", {"Item": KEY}),
            ("GetExportsRole", "delete_item", {"Key": KEY}),
            ("GetReportsRole", "query", QUERY),
            ("GetAuditRole", "query", QUERY),
        ],
    )
    def test_refuses_who_may_not(
        self, probes: Probes, table: str, role: str, operation: str, arguments: dict[str, Any]
    ) -> None:
        assert probes[role].refusal("dynamodb", operation, TableName=table, **arguments) in DENIED


class TestTheBuckets:
    def test_give_exports_to_who_links_to_them_and_to_nobody_else(self, probes: Probes, exports: str) -> None:
        file = {"Bucket": exports, "Key": "exports/of-the-test"}
        assert probes["GetExportsRole"].refusal("s3", "get_object", **file) is None
        for role in ("QueryRole", "GetReportsRole", "OnDisconnectRole"):
            assert probes[role].refusal("s3", "get_object", **file) in DENIED

    def test_take_no_export_from_a_function(self, probes: Probes, exports: str) -> None:
        for role in ("QueryRole", "GetExportsRole"):
            assert probes[role].refusal("s3", "put_object", Bucket=exports, Key="exports/new", Body="rows") in DENIED

    def test_keep_code_and_setup_from_the_functions(self, cloud: Cloud, probes: Probes) -> None:
        bucket = cloud.outputs("artifacts")["BucketName"]
        setup = {"Bucket": bucket, "Key": "sql/setup/10_tables.sql"}
        for role in ("QueryRole", "GetReportsRole"):
            assert probes[role].refusal("s3", "get_object", **setup) in DENIED
            assert probes[role].refusal("s3", "get_object", Bucket=bucket, Key=cloud.package.key) in DENIED

    @pytest.mark.parametrize(("prefix", "allowed"), [("sql/reports/", True), ("lambdas/", False), ("", False)])
    def test_list_reports_and_nothing_beside_them(
        self, cloud: Cloud, probes: Probes, prefix: str, allowed: bool
    ) -> None:
        bucket = cloud.outputs("artifacts")["BucketName"]
        refusal = probes["GetReportsRole"].refusal("s3", "list_objects_v2", Bucket=bucket, Prefix=prefix)
        assert refusal is None if allowed else refusal in DENIED

    def test_deny_what_comes_without_tls(self, probes: Probes, exports: str) -> None:
        """Though the role may: it is the bucket's policy that denies."""
        file = {"Bucket": exports, "Key": "exports/of-the-test"}
        assert probes["GetExportsRole"].refusal("s3", "get_object", **file) is None
        assert probes["GetExportsRole"].refusal("s3", "get_object", OVER_HTTP, **file) in DENIED


class TestTheWarehouse:
    def test_is_signed_in_to_by_the_setup_as_its_own_user_alone(self, probes: Probes) -> None:
        assert probes["SetupRole"].refusal("redshift-data", "execute_statement", **statement("awsuser")) is None
        for user in ("pushboard_reader", "somebody"):
            refusal = probes["SetupRole"].refusal("redshift-data", "execute_statement", **statement(user))
            assert refusal in DENIED

    @pytest.mark.parametrize("role", ["QueryRole", "GetReportsRole", "OnDisconnectRole"])
    def test_takes_no_report_from_another_function(self, probes: Probes, role: str) -> None:
        """Of those that have QueryRole, OnConnect alone may submit, as the walk shows that it does."""
        refusal = probes[role].refusal("redshift-data", "execute_statement", **statement("pushboard_reader"))
        assert refusal in DENIED

    def test_is_given_its_role_for_the_two_users_of_ours_alone(self, cloud: Cloud) -> None:
        for user in ("pushboard_reader", "awsuser"):
            assert cloud.assumed_by_redshift(user)["AccessKeyId"]
        with pytest.raises(ClientError) as refusal:
            cloud.assumed_by_redshift("somebody")
        assert refusal.value.response["Error"]["Code"] in DENIED

    def test_lists_statements_to_who_looks_after_them_alone(self, probes: Probes) -> None:
        assert probes["QueryRole"].refusal("redshift-data", "list_statements") is None
        assert probes["OnDisconnectRole"].refusal("redshift-data", "list_statements") in DENIED


def statement(user: str) -> dict[str, str]:
    return {"ClusterIdentifier": CLUSTER, "Database": "dev", "DbUser": user, "Sql": "SELECT 1"}


class TestTheFunctions:
    def test_have_processes_of_their_own(self, cloud: Cloud, probes: Probes) -> None:
        processes, parents = zip(*(probes[role].processes() for role in ("QueryRole", "GetExportsRole")), strict=True)
        assert set(parents) == {cloud.emulator.process_id}
        assert len({*processes, *parents}) == 3
