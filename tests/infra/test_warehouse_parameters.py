"""Which warehouse the backend takes: a provisioned cluster or a Serverless workgroup, and never half of one."""

import re
from functools import cache
from typing import Any

import pytest

from backend_lambdas import settings
from backend_lambdas.commands.query_spec import EXPORT_SECONDS
from backend_lambdas.runs.run_state import GRACE_SECONDS
from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import resources_of
from tests.infra.rights.policies import allowed
from tests.infra.test_templates import GIVEN, REPO, SETTINGS

TEMPLATE = REPO / "infra" / "backend-setup.yaml"
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:redshift!trips-admin-AbCdEf"
WORKGROUP_ID = "0f3d1c2b-1111-2222-3333-444455556666"
CLUSTER = {"RedshiftClusterEndpoint": GIVEN["RedshiftClusterEndpoint"]}
SERVERLESS = {
    "RedshiftWorkgroupName": "trips",
    "RedshiftWorkgroupId": WORKGROUP_ID,
    "RedshiftDatabase": "taxi",
    "SetupSecretArn": SECRET,
}
OTHERS = {name: value for name, value in GIVEN.items() if name not in CLUSTER}
WORKGROUP_ARN = f"arn:aws:redshift-serverless:us-east-1:000000000000:workgroup/{WORKGROUP_ID}"


@cache
def stack(**warehouse: str) -> Stack:
    """Read once for each choice; nothing here changes it."""
    return Stack.read(TEMPLATE, OTHERS | warehouse)


@pytest.mark.parametrize(
    ("warehouse", "sentence"),
    [
        ({}, "Give RedshiftClusterEndpoint .* or RedshiftWorkgroupName .* not both"),
        (CLUSTER | SERVERLESS, "Give RedshiftClusterEndpoint .* or RedshiftWorkgroupName .* not both"),
        (SERVERLESS | {"RedshiftWorkgroupId": ""}, "Give RedshiftWorkgroupId with RedshiftWorkgroupName"),
        (SERVERLESS | {"SetupSecretArn": ""}, "Give SetupSecretArn with RedshiftWorkgroupName"),
    ],
)
def test_a_warehouse_that_is_none_or_two_or_half_of_one_is_refused_in_words(
    warehouse: dict[str, str], sentence: str
) -> None:
    with pytest.raises(TemplateError, match=sentence):
        stack(**warehouse)


def test_functions_that_submit_name_the_workgroup_and_no_user() -> None:
    """Who they are there follows from their role."""
    functions = resources_of(stack(**SERVERLESS)).functions
    for name, kind in SETTINGS.items():
        if issubclass(kind, settings.RunSettings):
            made = kind.from_environ(functions[name].environment)
            place = (made.cluster_identifier, made.workgroup_name, made.database, made.db_username)
            assert place == ("", "trips", "taxi", "")


def test_the_setup_signs_in_by_the_secret_and_lets_the_roles_user_read() -> None:
    made = settings.SetupRedshift.from_environ(
        resources_of(stack(**SERVERLESS)).functions["SetupRedshiftFunction"].environment
    )
    assert (made.cluster_identifier, made.workgroup_name, made.database) == ("", "trips", "taxi")
    assert (made.setup_db_username, made.setup_secret_arn, made.db_username) == ("", SECRET, "IAMR:QueryRole")


def test_on_a_cluster_a_secret_has_no_part() -> None:
    """The Data API would refuse a secret beside a user."""
    made = settings.SetupRedshift.from_environ(
        resources_of(stack(**CLUSTER, SetupSecretArn=SECRET)).functions["SetupRedshiftFunction"].environment
    )
    assert (made.workgroup_name, made.setup_db_username, made.setup_secret_arn) == ("", "awsuser", "")


def test_another_sample_is_no_reason_to_set_up_anew() -> None:
    """It is loaded apart from the stack, so a load that fails takes nothing with it."""
    before, after = (stack(**CLUSTER, **more) for more in ({}, {"SampleDataS3Path": "s3://b/trips/"}))
    (resource,), (same,) = (resources_of(one).custom_resources for one in (before, after))
    assert resource.properties == same.properties
    assert "SAMPLE_DATA_S3_PATH" not in resources_of(after).functions["SetupRedshiftFunction"].environment
    assert {one.function for one in resources_of(after).custom_resources} == {"SetupRedshiftFunction"}


def test_the_load_runs_as_the_setup_does() -> None:
    for warehouse, member in ((CLUSTER, "setup_db_username"), (SERVERLESS, "setup_secret_arn")):
        functions = resources_of(stack(**warehouse, SampleDataS3Path="s3://b/trips/")).functions
        setup = settings.SetupRedshift.from_environ(functions["SetupRedshiftFunction"].environment)
        load = settings.LoadRedshift.from_environ(functions["LoadRedshiftFunction"].environment)
        assert getattr(load, member) == getattr(setup, member) != ""
        assert (load.load_script_s3_path, load.sample_data_s3_path) == ("s3://b/load/trips.sql", "s3://b/trips/")


@pytest.mark.parametrize("wanted", ["true", "false"])
def test_what_is_taken_from_public_is_what_was_asked_for(wanted: str) -> None:
    given = {} if wanted == "false" else {"RevokePublicCreate": wanted}
    functions = resources_of(stack(**CLUSTER, **given)).functions
    made = settings.SetupRedshift.from_environ(functions["SetupRedshiftFunction"].environment)
    assert made.revoke_public_create == wanted


def test_no_statement_may_take_less_than_an_export() -> None:
    made = settings.SetupRedshift.from_environ(
        resources_of(stack(**CLUSTER)).functions["SetupRedshiftFunction"].environment
    )
    assert made.statement_timeout_seconds >= EXPORT_SECONDS + GRACE_SECONDS


@pytest.mark.parametrize(
    ("warehouse", "changes"),
    [
        (CLUSTER, {"RedshiftClusterEndpoint": GIVEN["RedshiftClusterEndpoint"].replace("taxi.", "trips.")}),
        (CLUSTER, {"DbUsername": "another"}),
        (CLUSTER, {"StatementTimeoutSeconds": "600"}),
        (CLUSTER, {"RevokePublicCreate": "true"}),
        (SERVERLESS, {"RedshiftWorkgroupName": "another"}),
        (SERVERLESS, {"RedshiftDatabase": "another"}),
    ],
)
def test_another_warehouse_or_reader_is_set_up_anew(warehouse: dict[str, str], changes: dict[str, str]) -> None:
    """CloudFormation calls the setup again when its properties change, and only then."""
    before, after = (
        resources_of(stack(**given)).custom_resources[0].properties for given in (warehouse, warehouse | changes)
    )
    assert before != after


def of_the_warehouse(backend: Stack, role: str) -> dict[str, set[str]]:
    """What a role may do with the warehouse and its users: actions, each with its resources."""
    services = {"redshift", "redshift-serverless", "secretsmanager", "kms"}
    wanted = {"redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement"}
    found: dict[str, set[str]] = {}
    for action, resource in allowed(backend, role):
        if action in wanted or action.split(":")[0] in services:
            found.setdefault(action, set()).add(resource)
    return found


def test_in_a_workgroup_reports_run_in_it_as_their_roles_user() -> None:
    assert of_the_warehouse(stack(**SERVERLESS), "QueryRole") == {
        "redshift-data:ExecuteStatement": {WORKGROUP_ARN},
        "redshift-data:BatchExecuteStatement": {WORKGROUP_ARN},
        "redshift-serverless:GetCredentials": {WORKGROUP_ARN},
    }


@pytest.mark.parametrize("role", ["SetupRole", "LoadRole"])
def test_in_a_workgroup_who_runs_scripts_reads_that_secret_alone(role: str) -> None:
    backend = stack(**SERVERLESS)
    key = "arn:aws:kms:us-east-1:000000000000:key/*"
    assert of_the_warehouse(backend, role) == {
        "redshift-data:ExecuteStatement": {WORKGROUP_ARN},
        "redshift-data:BatchExecuteStatement": {WORKGROUP_ARN},
        "secretsmanager:GetSecretValue": {SECRET},
        "kms:Decrypt": {key},
    }
    policy = backend.resource("RunScripts").properties["PolicyDocument"]
    (decrypt,) = [one for one in policy["Statement"] if one["Resource"] == key]
    assert decrypt["Condition"] == {
        "StringEquals": {
            "kms:ViaService": "secretsmanager.us-east-1.amazonaws.com",
            "kms:EncryptionContext:SecretARN": SECRET,
        }
    }


@pytest.mark.parametrize(
    ("role", "user"), [("QueryRole", "pushboard_reader"), ("SetupRole", "awsuser"), ("LoadRole", "awsuser")]
)
def test_on_a_cluster_each_role_signs_in_as_its_one_user(role: str, user: str) -> None:
    place = "arn:aws:redshift:us-east-1:000000000000"
    assert of_the_warehouse(stack(**CLUSTER), role) == {
        "redshift-data:ExecuteStatement": {f"{place}:cluster:taxi"},
        "redshift-data:BatchExecuteStatement": {f"{place}:cluster:taxi"},
        "redshift:GetClusterCredentials": {f"{place}:dbuser:taxi/{user}", f"{place}:dbname:taxi/dev"},
    }


BY_STACK = {"RedshiftUnloadRoleArn": "stack", "RedshiftCopyRoleArn": "stack", "SampleDataS3Path": "s3://b/sample/"}
ROLE = "arn:aws:iam::000000000000:role/WarehouseRole"


def policies(backend: Stack) -> dict[str, set[tuple[str, str]]]:
    """What the warehouse's role may do, by policy."""
    found = backend.resource("WarehouseRole").properties["Policies"]
    return {
        policy["PolicyName"]: {
            (action, statement["Resource"])
            for statement in policy["PolicyDocument"]["Statement"]
            for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
        }
        for policy in found
    }


def test_without_being_asked_the_stack_makes_no_role_for_the_warehouse() -> None:
    backend = stack(**CLUSTER)
    backend.check()
    assert "WarehouseRole" not in {one.logical_id for one in backend.resources("AWS::IAM::Role")}
    assert backend.document["Outputs"]["WarehouseRoleArn"]["Condition"] == "MakesWarehouseRole"


@pytest.mark.parametrize("warehouse", [CLUSTER, SERVERLESS])
def test_the_role_that_the_stack_makes_writes_exports_and_reads_the_sample_alone(warehouse: dict[str, str]) -> None:
    backend = stack(**warehouse, **BY_STACK)
    backend.check()
    (bucket,) = resources_of(backend).buckets
    assert policies(backend) == {
        "write-exports": {
            ("s3:PutObject", f"arn:aws:s3:::{bucket}/exports/*"),
            ("s3:GetBucketLocation", f"arn:aws:s3:::{bucket}"),
            ("s3:ListBucket", f"arn:aws:s3:::{bucket}"),
        },
        "read-sample": {
            ("s3:GetObject", "arn:aws:s3:::b/sample/*"),
            ("s3:GetBucketLocation", "arn:aws:s3:::b"),
            ("s3:ListBucket", "arn:aws:s3:::b"),
        },
    }
    functions = resources_of(backend).functions
    assert functions["OnConnectFunction"].environment["UNLOAD_IAM_ROLE"] == ROLE
    assert functions["LoadRedshiftFunction"].environment["REDSHIFT_IAM_ROLE"] == ROLE
    assert backend.output("WarehouseRoleArn") == ROLE


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"RedshiftUnloadRoleArn": "stack"}, ["write-exports"]),
        ({"RedshiftCopyRoleArn": "stack", "SampleDataS3Path": "s3://b/sample/"}, ["read-sample"]),
        ({"RedshiftCopyRoleArn": "stack"}, []),
    ],
)
def test_it_may_do_what_it_is_for(given: dict[str, str], names: list[str]) -> None:
    assert list(policies(stack(**CLUSTER, **given))) == names


def test_on_a_cluster_redshift_takes_it_for_our_two_users_alone() -> None:
    """Otherwise every user of the cluster could write into the bucket by it."""
    (statement,) = (
        stack(**CLUSTER, **BY_STACK).resource("WarehouseRole").properties["AssumeRolePolicyDocument"]["Statement"]
    )
    users = "arn:aws:redshift:us-east-1:000000000000:dbuser:taxi"
    assert statement == {
        "Effect": "Allow",
        "Principal": {"Service": "redshift.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": [f"{users}/pushboard_reader", f"{users}/awsuser"]}},
    }


def test_in_serverless_both_services_may_take_it() -> None:
    role = stack(**SERVERLESS, **BY_STACK).resource("WarehouseRole")
    (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": ["redshift.amazonaws.com", "redshift-serverless.amazonaws.com"]}


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("RedshiftClusterEndpoint", GIVEN["RedshiftClusterEndpoint"], ["taxi", "taxi.x.redshift.amazonaws.com:5439"]),
        ("RedshiftWorkgroupName", "default-workgroup", ["Trips", "t", "a.b"]),
        ("RedshiftWorkgroupId", WORKGROUP_ID, ["*", "trips"]),
        ("RedshiftDatabase", "dev", ["", 'x"y', "a/b"]),
        ("RedshiftCopyRoleArn", "stack", ["", "Stack", "arn:aws:iam::1:role/x' MANIFEST '"]),
        ("RedshiftUnloadRoleArn", "stack", ["", "Stack", "arn:aws:iam::1:role/x' MANIFEST '"]),
        ("DbUsername", "reports", ["Reports", "_reports", "1st", "IAMR:Role", "a b", "r" * 64]),
        ("SetupSecretArn", SECRET, ["redshift!trips-admin", SECRET.replace("AbCdEf", "*"), "*"]),
    ],
)
def test_parameters_are_refused_that_name_no_such_thing(parameter: str, good: str, bad: list[str]) -> None:
    """CloudFormation refuses them before anything is made."""
    declared: dict[str, Any] = stack(**CLUSTER).document["Parameters"][parameter]
    assert re.fullmatch(declared["AllowedPattern"], good)
    assert re.fullmatch(declared["AllowedPattern"], declared["Default"])
    assert not [value for value in bad if re.fullmatch(declared["AllowedPattern"], value)]
