"""`make deploy`: everything in order, each stack given what the others put out, and a second run that goes on."""

from pathlib import Path
from typing import Any

import pytest

from infra.deploy.artifacts import package
from infra.deploy.artifacts.artifacts import Makers
from infra.deploy.artifacts.uploads import report_files
from infra.deploy.image.context import Image
from infra.deploy.stacks.templates import REPO
from tests.infra.deploy.account import BUCKET, FILE, IMAGE, OUTPUTS, POOL, THINGS, URL, Program
from tests.infra.deploy.fakes.aws import ACCOUNT, DENIED, FakeAws, Refusal, denied
from tests.infra.deploy.fakes.cloudformation import Thing
from tests.infra.deploy.fakes.s3 import FakeS3

STACKS = ["pushboard-artifacts", "pushboard-cognito", "pushboard-backend", "pushboard-webapp"]
DOMAIN = """
[webapp]
DomainName = "dashboards.example.com"
CertificateArn = "arn:aws:acm:eu-west-1:123456789012:certificate/c"
"""


def keys(s3: Any, prefix: str) -> set[str]:
    return {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", ())}


def test_everything_is_made_in_order_and_the_address_is_told(run: Program) -> None:
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert run.cloudformation.deployed == [*STACKS, "pushboard-cognito"]
    assert f"Pushboard is at {URL}\n" in out
    assert f"AWS_DEFAULT_REGION=eu-west-1 .venv/bin/python -m infra.users --pool {POOL} invite" in out


def test_each_stack_is_given_what_the_others_put_out(run: Program) -> None:
    assert run("deploy")[0] == 0
    backend, webapp = run.parameters("pushboard-backend"), run.parameters("pushboard-webapp")
    assert backend["UserPoolARN"] == OUTPUTS["pushboard-cognito"]["UserPoolArn"]
    assert backend["QueryScriptS3Path"] == f"s3://{BUCKET}/sql/reports/"
    assert backend["DDLScriptS3Path"] == f"s3://{BUCKET}/sql/setup/"
    assert len(backend["DDLScriptsDigest"]) == 32
    assert backend["SampleDataS3Path"] == ""
    assert webapp["ImageUri"] == IMAGE
    assert webapp["UserPoolId"] == POOL
    assert webapp["CognitoDomainUrl"] == OUTPUTS["pushboard-cognito"]["UserPoolDomainUrl"]
    assert webapp["CloudFrontPrefixListId"] == "pl-4fa04526"
    assert webapp["AlarmTopicArn"] == OUTPUTS["pushboard-backend"]["AlarmTopicArn"]
    assert webapp["RestApiEndpointSSMParameterName"] == "REDSHIFT_REST_API_ENDPOINT"


def test_signing_in_leads_back_to_the_address_that_is_known_last(run: Program) -> None:
    assert run("deploy")[0] == 0
    first, second = [
        {one["ParameterKey"]: one["ParameterValue"] for one in asked["Parameters"]}["AppUrl"]
        for asked in run.fake.asked("cloudformation", "create_change_set")
        if asked["StackName"] == "pushboard-cognito"
    ]
    assert (first, second) == ("http://localhost:8050", URL)


def test_with_a_domain_the_address_is_known_from_the_first(run: Program) -> None:
    run.file.write_text(FILE + DOMAIN)
    arn = f"arn:aws:acm:eu-west-1:{ACCOUNT}:certificate/c"
    run.fake.services["acm"].certificates[arn] = ("ISSUED", ["*.example.com"])
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert run.parameters("pushboard-cognito")["AppUrl"] == "https://dashboards.example.com"
    assert run.parameters("pushboard-webapp")["CloudFrontPrefixListId"] == ""
    assert not run.fake.asked("ec2", "describe_managed_prefix_lists")
    assert "Lead dashboards.example.com there by an alias or CNAME to lb.example.com" in out


def test_a_second_run_changes_nothing_and_uploads_nothing(run: Program) -> None:
    assert run("deploy")[0] == 0
    made = len(run.cloudformation.deployed)
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert run.cloudformation.deployed[made:] == []
    assert out.count("nothing to change") == len(STACKS)
    assert out.count(": 0 uploaded") == out.count("uploaded")
    assert run.parameters("pushboard-cognito")["AppUrl"] == URL


def test_code_templates_and_scripts_are_in_the_bucket(run: Program, s3_of_endpoint: Any) -> None:
    s3 = s3_of_endpoint
    assert run("deploy")[0] == 0
    assert keys(s3, "lambdas/") == {"lambdas/5ha.zip"}
    template = s3.get_object(Bucket=BUCKET, Key="templates/backend-setup.yaml")["Body"].read().decode()
    assert f"CodeUri: s3://{BUCKET}/lambdas/5ha.zip\n" in template
    assert "../build/lambda" not in template
    assert keys(s3, "sql/reports/") == {f"sql/reports/{name}" for name in report_files(REPO)}
    (asked,) = [
        one for one in run.fake.asked("cloudformation", "create_change_set") if one["StackName"] == "pushboard-backend"
    ]
    assert asked["TemplateURL"].endswith(f"/{BUCKET}/templates/backend-setup.yaml")


def test_the_sample_is_uploaded_and_every_page_says_that_it_is_simulated(run: Program, s3: FakeS3) -> None:
    run.file.write_text(FILE.replace("[cognito]", "sample_rows = 2\n[cognito]"))
    assert run("deploy")[0] == 0
    path = run.parameters("pushboard-backend")["SampleDataS3Path"]
    assert keys(s3, path.removeprefix(f"s3://{BUCKET}/"))
    assert run.parameters("pushboard-webapp")["DataNote"].startswith("Simulated trips")


@pytest.mark.parametrize("base", ["", "sha256:" + "0" * 64])
def test_the_image_is_the_one_of_these_files_and_this_base(run: Program, base: str) -> None:
    """It is in the repository already, so nobody builds it."""
    run.image = Makers().image
    run.file.write_text(FILE.replace("[cognito]", f'base_digest = "{base}"\n[cognito]' if base else "[cognito]"))
    tag = Image(REPO, f"@{base}" if base else "").tag
    run.fake.services["ecr"].tags.add(tag)
    assert run("deploy")[::2] == (0, "")
    uri = OUTPUTS["pushboard-artifacts"]["RepositoryUri"]
    assert run.parameters("pushboard-webapp")["ImageUri"] == f"{uri}:{tag}"


def test_a_failed_first_deployment_is_removed_and_made_anew(run: Program, s3: FakeS3) -> None:
    run.cloudformation.failures["pushboard-webapp"] = ("Service", "Circuit breaker: tasks failed to start")
    status, _, err = run("deploy")
    assert status == 1
    assert err.startswith("pushboard-webapp could not be made. Service (AWS::ECS::Service): Circuit breaker")
    assert len(err.splitlines()) == 1
    s3.put_object(Bucket="pushboard-webapp-logs", Key="access.log", Body=b"GET /")
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert "pushboard-webapp is ROLLBACK_COMPLETE, so it never worked: it is removed, and made anew ..." in out
    assert run.cloudformation.status("pushboard-webapp") == "CREATE_COMPLETE"
    assert not s3.list_objects_v2(Bucket="pushboard-webapp-logs").get("Contents")


def test_what_an_interrupted_run_began_is_waited_for(run: Program) -> None:
    assert run("deploy")[0] == 0
    stack = next(one for one in run.cloudformation.stacks.values() if one.name == "pushboard-backend")
    run.cloudformation.begin(stack, "UPDATE_IN_PROGRESS", ["UPDATE_COMPLETE"], None)
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert "pushboard-backend: UPDATE_IN_PROGRESS, begun before; waiting for its end ..." in out


@pytest.mark.parametrize(("moment", "waits"), [("REVIEW_IN_PROGRESS", False), ("CREATE_IN_PROGRESS", True)])
def test_interrupting_it_is_one_sentence_and_the_next_run_goes_on(run: Program, moment: str, waits: bool) -> None:
    """As Ctrl-C while CloudFormation plans, or works."""

    def interrupt() -> None:
        if run.cloudformation.status("pushboard-backend") == moment:
            raise KeyboardInterrupt

    run.meanwhile = interrupt
    status, _, err = run("deploy")
    assert (status, len(err.splitlines())) == (130, 1)
    assert err.startswith("Interrupted.")
    assert run.cloudformation.status("pushboard-backend") == moment
    run.meanwhile = lambda: None
    status, out, err = run("deploy")
    assert (status, err) == (0, "")
    assert run.cloudformation.status("pushboard-backend") == "CREATE_COMPLETE"
    assert ("pushboard-backend: CREATE_IN_PROGRESS, begun before" in out) == waits


def test_data_is_left_behind_only_if_that_is_said(run: Program) -> None:
    pool = Thing("UserPool", "AWS::Cognito::UserPool", POOL, policy_action="ReplaceAndRetain")
    run.cloudformation.things = THINGS | {"pushboard-cognito": [pool]}
    status, _, err = run("deploy")
    assert (status, len(err.splitlines())) == (1, 1)
    assert err.startswith("pushboard-cognito is not changed: UserPool")
    assert run("deploy", "--replace-data")[0] == 0


def test_nothing_is_made_while_something_is_missing(run: Program) -> None:
    """All of it is told at once."""
    run.fake.services["redshift"].clusters.clear()
    run.file.write_text(FILE + DOMAIN)
    status, _, err = run("deploy")
    assert status == 1
    cluster, certificate = err.splitlines()
    assert cluster.startswith("There is no Redshift cluster taxi in eu-west-1: look at [backend]")
    assert certificate.startswith("There is no certificate arn:aws:acm:eu-west-1:123456789012:certificate/c")
    assert not run.fake.asked("cloudformation", "create_change_set")
    assert run.built == []


def test_the_bucket_of_somebody_else_is_not_written_to(run: Program) -> None:
    run.fake.refusals["s3", "list_objects_v2"] = Refusal("AccessDenied", "Access Denied", 403)
    status, _, err = run("deploy")
    assert status == 1
    assert err.startswith(f"The bucket {BUCKET} belongs to somebody else, or these AWS credentials may not reach it")
    assert run.fake.asked("s3", "list_objects_v2")[0]["ExpectedBucketOwner"] == ACCOUNT
    assert not run.fake.asked("s3", "put_object")


def test_a_bucket_that_somebody_deleted_by_hand_is_missed(run: Program) -> None:
    run.fake.refusals["s3", "list_objects_v2"] = Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
    status, _, err = run("deploy")
    assert (status, err) == (
        1,
        f"The bucket {BUCKET} is gone, though its stack is there: run make destroy, then deploy again.",
    )


@pytest.mark.parametrize(
    ("operation", "refusal", "said"),
    [
        (
            ("sts", "get_caller_identity"),
            Refusal("ExpiredToken", "The security token included in the request is expired"),
            "These AWS credentials have expired: get new ones, and run this again.",
        ),
        (
            ("sts", "get_caller_identity"),
            Refusal("InvalidClientTokenId", "The security token included in the request is invalid"),
            "AWS does not take these credentials in this Region: set them up by aws configure, or name a profile that "
            "has some in [deploy] profile, and see that the Region is enabled.",
        ),
        (
            ("cloudformation", "execute_change_set"),
            denied("cloudformation:ExecuteChangeSet", "arn:aws:cloudformation:eu-west-1:123456789012:stack/p/*"),
            "These AWS credentials may not do cloudformation:ExecuteChangeSet on arn:aws:cloudformation:eu-west-1:"
            "123456789012:stack/p/*: have it allowed, and run this again.",
        ),
        (
            ("redshift", "describe_clusters"),
            Refusal("AccessDenied", DENIED.format(action="redshift:DescribeClusters", resource="*"), 403),
            "These AWS credentials may not do redshift:DescribeClusters on *: have it allowed, and run this again.",
        ),
        (
            ("ec2", "describe_managed_prefix_lists"),
            Refusal("UnauthorizedOperation", "You are not authorized to perform this operation.", 403),
            "These AWS credentials may not do DescribeManagedPrefixLists: have it allowed, and run this again.",
        ),
    ],
)
def test_what_aws_refuses_is_one_sentence(
    run: Program, operation: tuple[str, str], refusal: Refusal, said: str
) -> None:
    run.fake.refusals[operation] = refusal
    assert run("deploy")[::2] == (1, said)


def test_another_account_than_the_file_names_is_left_alone(run: Program) -> None:
    run.file.write_text(FILE.replace("[cognito]", 'account = "999999999999"\n[cognito]'))
    status, _, err = run("deploy")
    assert status == 1
    assert err.startswith(f"These AWS credentials are of account {ACCOUNT}, and [deploy] account says 999999999999")
    assert len(run.fake.calls) == 1


def serverless(workgroup: str, number: str, secret: str) -> str:
    return f"""
[deploy]
region = "eu-west-1"
[cognito]
DomainPrefix = "dashboards-example"
[backend]
RedshiftWorkgroupName = "{workgroup}"
RedshiftWorkgroupId = "{number}"
SetupSecretArn = "{secret}"
"""


def test_a_workgroup_is_looked_for_too(run: Program, fake: FakeAws) -> None:
    secret = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:admin"
    run.file.write_text(serverless("taxis", "1" * 36, secret))
    status, _, err = run("deploy")
    assert status == 1
    assert err.splitlines() == [
        f"The workgroup taxis has the id {'0' * 36}: write that into [backend] RedshiftWorkgroupId.",
        f"There is no secret {secret}: look at [backend] SetupSecretArn.",
    ]
    fake.services["secretsmanager"].secrets.add(secret)
    run.file.write_text(serverless("taxis", "0" * 36, secret))
    assert run("deploy")[0] == 0
    run.file.write_text(serverless("trips", "0" * 36, secret))
    assert "There is no workgroup trips in eu-west-1" in run("deploy")[2]


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"])
def test_a_stack_half_made_is_made_whole(run: Program, status: str) -> None:
    run.cloudformation.add("pushboard-backend", status)
    assert run("deploy")[::2] == (0, "")
    assert run.cloudformation.status("pushboard-backend") == "CREATE_COMPLETE"


@pytest.mark.parametrize("status", ["DELETE_FAILED", "UPDATE_FAILED", "UPDATE_ROLLBACK_FAILED"])
def test_a_stack_that_waits_for_a_person_keeps_the_others_as_they_are(run: Program, status: str) -> None:
    run.cloudformation.add("pushboard-webapp", status)
    assert run("deploy")[0] == 1
    assert not run.fake.asked("cloudformation", "create_change_set")
    assert run.built == []


def test_a_quota_of_ten_is_one_sentence_and_nothing_is_made(run: Program) -> None:
    run.fake.services["lambda"].free = 10
    status, out, err = run("deploy")
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert not run.fake.asked("cloudformation", "create_change_set")
    assert run.built == []


def test_code_over_a_limit_is_one_sentence_and_nothing_is_uploaded(
    run: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was made by then is gone on from."""
    monkeypatch.setattr(package, "MAX_ZIPPED", 1000)
    monkeypatch.setattr(package, "_install", lambda _lock, _folder, _target: None)
    run.code = lambda repo, out: package.lambda_zip(repo, tmp_path)
    status, _, err = run("deploy")
    assert (status, len(err.splitlines())) == (1, 1)
    assert err.endswith("Nothing was uploaded.")
    assert not run.fake.asked("s3", "put_object")
    run.code = None
    assert run("deploy")[::2] == (0, "")


def test_the_role_that_the_stack_made_is_told_until_it_is_attached(run: Program) -> None:
    """Without a role of its own the warehouse has nothing to be checked."""
    role = f"arn:aws:iam::{ACCOUNT}:role/pushboard-backend-WarehouseRole"
    redshift = run.fake.services["redshift"]
    redshift.default_role, redshift.roles = "", {}
    run.file.write_text(FILE + 'RedshiftUnloadRoleArn = "stack"\n')
    backend = OUTPUTS["pushboard-backend"] | {"WarehouseRoleArn": role}
    run.cloudformation.outputs = OUTPUTS | {"pushboard-backend": backend}
    command = (
        f"aws redshift modify-cluster-iam-roles --cluster-identifier taxi --add-iam-roles {role} --region eu-west-1"
    )
    for _ in range(2):
        status, out, err = run("deploy")
        assert (status, err) == (0, "")
        assert out.splitlines()[-1].endswith(command)
    redshift.roles[role] = "in-sync"
    assert "modify-cluster-iam-roles" not in run("deploy")[1]
