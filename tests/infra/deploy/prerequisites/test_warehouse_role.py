"""The warehouse's role is attached and trusts it; each sentence has the command that mends it."""

import json
import shlex

import pytest

from infra.deploy.parameters import parameters
from infra.deploy.prerequisites.check import Target
from infra.deploy.prerequisites.warehouse_role import unattached
from tests.infra.deploy.account import FILE
from tests.infra.deploy.fakes.aws import NAMESPACE_SECRET, WAREHOUSE_ROLE, trust
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import SERVERLESS, with_backend, with_deploy

OTHER = "arn:aws:iam::123456789012:role/other"
MADE = "arn:aws:iam::123456789012:role/pushboard-backend-WarehouseRole-1"
BY_STACK = 'RedshiftUnloadRoleArn = "stack"'


def serverless(checked: Checked) -> None:
    checked["secretsmanager"].secrets.add(NAMESPACE_SECRET)


@pytest.mark.parametrize("text", [FILE, SERVERLESS])
def test_a_default_role_that_is_attached_and_trusts_is_enough(checked: Checked, text: str) -> None:
    serverless(checked)
    assert checked(text) == ([], [])


def test_a_cluster_without_a_default_role_is_told_with_both_remedies(checked: Checked) -> None:
    checked["redshift"].default_role = ""
    assert checked()[0] == [
        "The Redshift cluster taxi has no default role, which [backend] RedshiftUnloadRoleArn says: write "
        '"stack" there and the backend\'s stack makes one, or attach one of yours by aws redshift '
        "modify-cluster-iam-roles --cluster-identifier taxi --add-iam-roles ROLE_ARN --default-iam-role-arn ROLE_ARN "
        "--region eu-west-1"
    ]


def test_a_namespace_without_a_default_role_keeps_its_others_by_the_command(checked: Checked) -> None:
    """Redshift replaces the roles of a namespace by those that are named."""
    serverless(checked)
    checked["redshift-serverless"].default_role = ""
    (sentence,) = checked(SERVERLESS)[0]
    assert sentence.endswith(
        "aws redshift-serverless update-namespace --namespace-name taxi-namespace --iam-roles "
        f"{WAREHOUSE_ROLE} ROLE_ARN --default-iam-role-arn ROLE_ARN --region eu-west-1"
    )


def test_a_role_that_is_named_has_to_be_attached(checked: Checked) -> None:
    assert checked(with_backend(f'RedshiftUnloadRoleArn = "{OTHER}"'))[0] == [
        f"The Redshift cluster taxi does not have the role {OTHER}: attach it by aws redshift modify-cluster-iam-roles "
        f"--cluster-identifier taxi --add-iam-roles {OTHER} --region eu-west-1"
    ]


def test_the_first_role_of_a_chain_is_the_one_that_is_attached(checked: Checked) -> None:
    assert checked(with_backend(f'RedshiftUnloadRoleArn = "{WAREHOUSE_ROLE},{OTHER}"')) == ([], [])


def test_a_role_that_is_being_attached_is_waited_for(checked: Checked) -> None:
    checked["redshift"].roles[WAREHOUSE_ROLE] = "adding"
    (sentence,) = checked()[0]
    assert sentence.endswith(f"has the role {WAREHOUSE_ROLE} as adding: wait until it is in-sync, and run this again.")


def test_a_role_that_was_deleted_is_told(checked: Checked) -> None:
    checked["iam"].roles.remove("warehouse")
    (sentence,) = checked()[0]
    assert sentence.startswith(f"The role {WAREHOUSE_ROLE} is gone, though The Redshift cluster taxi has it")


@pytest.mark.parametrize(
    "policy",
    [
        trust("ec2.amazonaws.com"),
        trust("redshift.us-east-1.amazonaws.com"),
        trust("redshift.amazonaws.com", Effect="Deny"),
        trust("redshift.amazonaws.com", Action="sts:TagSession"),
        {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}},
    ],
)
def test_a_role_that_does_not_trust_redshift_is_mended_by_one_command(
    checked: Checked, policy: dict[str, object]
) -> None:
    """The command replaces the trust: what was trusted before is trusted after it."""
    checked["iam"].trust = policy
    (sentence,) = checked()[0]
    told, _, command = sentence.partition(": let it by ")
    assert told == "The Redshift cluster taxi may not assume the role warehouse, which does not trust it"
    words = shlex.split(command)
    assert words[:5] == ["aws", "iam", "update-assume-role-policy", "--role-name", "warehouse"]
    wanted = json.loads(words[words.index("--policy-document") + 1])
    before = policy["Statement"]
    assert wanted["Statement"] == [
        *(before if isinstance(before, list) else [before]),
        {"Effect": "Allow", "Principal": {"Service": ["redshift.amazonaws.com"]}, "Action": "sts:AssumeRole"},
    ]


@pytest.mark.parametrize(
    "policy",
    [
        trust("ec2.amazonaws.com", "redshift.amazonaws.com"),
        trust("redshift.eu-west-1.amazonaws.com"),
        trust(Principal={"Service": "redshift.amazonaws.com"}, Action=["sts:AssumeRole", "sts:TagSession"]),
        trust("redshift.amazonaws.com", Condition={"StringEquals": {"sts:ExternalId": "a"}}),
    ],
)
def test_trust_has_several_forms(checked: Checked, policy: dict[str, object]) -> None:
    checked["iam"].trust = policy
    assert checked() == ([], [])


def test_serverless_trusts_by_either_name(checked: Checked) -> None:
    serverless(checked)
    for name in ("redshift.amazonaws.com", "redshift-serverless.amazonaws.com"):
        checked["iam"].trust = trust(name)
        assert checked(SERVERLESS)[0] == []
    checked["iam"].trust = trust("lambda.amazonaws.com")
    (sentence,) = checked(SERVERLESS)[0]
    assert '{"Service":["redshift-serverless.amazonaws.com","redshift.amazonaws.com"]}' in sentence


def test_the_role_that_reads_is_looked_at_where_something_is_read(checked: Checked) -> None:
    named = with_backend(f'RedshiftCopyRoleArn = "{OTHER}"')
    assert checked(named) == ([], [])
    (sentence,) = checked(with_deploy("sample_rows = 5", named))[0]
    assert OTHER in sentence


def test_a_role_of_the_stack_needs_nothing_before(checked: Checked) -> None:
    checked["redshift"].default_role = ""
    checked["redshift"].roles.clear()
    assert checked(with_backend(BY_STACK)) == ([], [])
    assert not checked.fake.asked("iam", "get_role")


@pytest.mark.parametrize(("status", "is_told"), [(None, True), ("adding", True), ("in-sync", False)])
def test_it_is_told_until_the_warehouse_has_it(checked: Checked, status: str | None, is_told: bool) -> None:
    checked.file.write_text(with_backend(BY_STACK))
    checked["redshift"].roles |= {MADE: status} if status else {}
    told = unattached(Target(checked.fake.aws(), parameters.read(checked.file)), MADE)
    assert (told is not None) is is_told
    assert told is None or told.endswith(
        f"aws redshift modify-cluster-iam-roles --cluster-identifier taxi --add-iam-roles {MADE} --region eu-west-1"
    )
