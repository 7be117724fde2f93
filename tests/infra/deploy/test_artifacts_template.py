"""`artifacts-setup.yaml`: what is kept and for how long, who may reach it, and how an image is built without Docker."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.local.cloudformation.intrinsics import load
from tests.infra.deploy.artifacts import TEMPLATE, artifacts
from tests.infra.dockerfile import DOCKERFILE, REPO
from tests.infra.rights.policies import rights_of
from tests.infra.webapp import Webapp

URI = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/pushboard"
FAKE = """#!/bin/sh
echo "$(basename "$0") $*" >> "$CALLS"
test "$1" != login || { read -r password; echo "password $password" >> "$CALLS"; }
test "$1" != ecr || echo secret
test "$1" != "$FAILING"
"""
LOGIN = "docker login --username AWS --password-stdin 111122223333.dkr.ecr.eu-west-1.amazonaws.com"
BUILD = f"docker build --file infra/image/Dockerfile --build-arg BASE_DIGEST= --tag {URI}:abc ."


@pytest.fixture
def stack() -> Webapp:
    return artifacts()


@pytest.fixture
def project(stack: Webapp) -> dict[str, Any]:
    return dict(stack.only("AWS::CodeBuild::Project").properties)


class TestFiles:
    def test_they_are_encrypted_versioned_and_the_accounts_own(self, stack: Webapp) -> None:
        bucket = stack.only("AWS::S3::Bucket").properties
        (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption["ServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        assert list(bucket["PublicAccessBlockConfiguration"].values()) == [True] * 4

    def test_they_come_and_go_by_tls_only(self, stack: Webapp) -> None:
        policy = stack.only("AWS::S3::BucketPolicy").properties
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert policy["Bucket"] == "<Bucket>"
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Resource"] == ["<Bucket.Arn>", "<Bucket.Arn>/*"]
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_pages_that_are_open_hear_of_a_new_report(self, stack: Webapp) -> None:
        told = stack.only("AWS::S3::Bucket").properties["NotificationConfiguration"]
        assert told == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}

    def test_the_newest_version_of_code_and_sql_is_kept(self, stack: Webapp) -> None:
        """A stack that rolls back wants the zip it had before, however old."""
        rules = stack.only("AWS::S3::Bucket").properties["LifecycleConfiguration"]["Rules"]
        assert {rule.get("Prefix") for rule in rules if "ExpirationInDays" in rule} == {"images/"}
        assert [rule["NoncurrentVersionExpiration"] for rule in rules if "Prefix" not in rule] == [
            {"NoncurrentDays": 30}
        ]

    def test_nothing_outlives_the_stack(self) -> None:
        kept = {name for name, one in load(TEMPLATE)["Resources"].items() if one.get("DeletionPolicy") == "Retain"}
        assert kept == set()


class TestImages:
    def test_a_tag_never_means_another_image_and_each_image_is_scanned(self, stack: Webapp) -> None:
        repository = stack.only("AWS::ECR::Repository").properties
        assert repository["ImageTagMutability"] == "IMMUTABLE"
        assert repository["ImageScanningConfiguration"] == {"ScanOnPush": True}

    def test_images_without_a_name_go_and_of_the_others_the_newest_stay(self, stack: Webapp) -> None:
        """ECR wants the rule for any image to come last."""
        text = stack.only("AWS::ECR::Repository").properties["LifecyclePolicy"]["LifecyclePolicyText"]
        rules = json.loads(text)["rules"]
        selections = [(rule["selection"]["tagStatus"], rule["selection"]["countNumber"]) for rule in rules]
        assert selections == [("untagged", 1), ("any", 30)]
        assert [rule["rulePriority"] for rule in rules] == [1, 2]

    def test_the_image_is_built_on_the_processor_it_runs_on(self, project: dict[str, Any]) -> None:
        assert project["Environment"]["Type"] == "ARM_CONTAINER"
        assert "-aarch64-" in project["Environment"]["Image"]

    def test_a_build_ends_in_any_case_and_is_logged(self, stack: Webapp, project: dict[str, Any]) -> None:
        assert (project["TimeoutInMinutes"], project["QueuedTimeoutInMinutes"]) == (30, 30)
        assert project["LogsConfig"]["CloudWatchLogs"] == {"Status": "ENABLED", "GroupName": "<ImageBuilderLogGroup>"}
        assert stack.resource("ImageBuilderLogGroup").properties["RetentionInDays"] == 30


class TestRole:
    def test_the_builder_may_fetch_its_source_push_and_log_and_nothing_else(self, stack: Webapp) -> None:
        pushes = ("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload")
        assert stack.rights("ImageBuilderRole") == {
            ("s3:GetObject", "<Bucket.Arn>/images/*"),
            ("s3:GetObjectVersion", "<Bucket.Arn>/images/*"),
            ("s3:GetBucketAcl", "<Bucket.Arn>"),
            ("s3:GetBucketLocation", "<Bucket.Arn>"),
            ("ecr:GetAuthorizationToken", "*"),
            *((f"ecr:{action}", "<Repository.Arn>") for action in (*pushes, "PutImage", "BatchGetImage")),
            ("logs:CreateLogStream", "<ImageBuilderLogGroup.Arn>"),
            ("logs:PutLogEvents", "<ImageBuilderLogGroup.Arn>"),
        }

    def test_nobody_but_this_project_takes_it_on(self, stack: Webapp, project: dict[str, Any]) -> None:
        role = stack.resource("ImageBuilderRole")
        (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
        assert project["ServiceRole"] == f"<{role.logical_id}.Arn>"
        assert statement["Principal"] == {"Service": "codebuild.amazonaws.com"}
        assert statement["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "000000000000"},
            "ArnLike": {"aws:SourceArn": f"arn:aws:codebuild:us-east-1:000000000000:project/{project['Name']}"},
        }
        assert "ManagedPolicyArns" not in role.properties


class TestAuthors:
    """Who publishes reports needs no right on what runs with other rights."""

    def may(self, stack: Webapp, action: str, key: str) -> bool:
        rights = rights_of(stack, "AuthorRole")
        return any(right.covers(f"s3:{action}", f"<Bucket.Arn>/{key}") for right in rights)

    @pytest.mark.parametrize(
        "key",
        [
            "sql/reports/finance/a.sql",
            "sql/reports/finance/department.yaml",
            "sql/reports/pages/finance/a.yaml",
            "sql/reports/maps/a.geojson",
            "sql/jobs/finance/a.sql",
        ],
    )
    def test_they_write_and_remove_what_is_theirs(self, stack: Webapp, key: str) -> None:
        assert all(self.may(stack, action, key) for action in ("GetObject", "PutObject", "DeleteObject"))

    @pytest.mark.parametrize(
        "key",
        [
            "lambdas/abc.zip",
            "templates/backend-setup.yaml",
            "sql/setup/30_grants.sql",
            "sql/reports/catalogue.json",
            "images/abc.zip",
            "sample/abc/trips.parquet",
        ],
    )
    def test_they_reach_nothing_else(self, stack: Webapp, key: str) -> None:
        assert not any(self.may(stack, action, key) for action in ("GetObject", "PutObject", "DeleteObject"))

    def test_they_list_what_is_theirs(self, stack: Webapp) -> None:
        rights = [right for right in rights_of(stack, "AuthorRole") if right.action == "s3:ListBucket"]
        for prefix, may in (("sql/reports/", True), ("sql/jobs/a/", True), ("", False), ("sql/setup/", False)):
            assert any(right.covers("s3:ListBucket", "<Bucket.Arn>", s3_prefix=prefix) for right in rights) is may

    def test_who_may_take_the_role_is_for_the_account_to_say(self, stack: Webapp) -> None:
        (statement,) = stack.resource("AuthorRole").properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000000:root"}
        assert stack.output("AuthorRoleArn") == "<AuthorRole.Arn>"


class TestBuild:
    """The commands of the build, run by a shell, with a docker and an aws that only write down how they are called."""

    @pytest.fixture
    def calls(self, tmp_path: Path) -> Path:
        for name in ("aws", "docker"):
            (tmp_path / name).write_text(FAKE)
            (tmp_path / name).chmod(0o755)
        return tmp_path / "calls"

    def build(self, project: dict[str, Any], calls: Path, **variables: str) -> list[str]:
        """What was called until a command failed, as CodeBuild does."""
        (phase,) = yaml.safe_load(project["Source"]["BuildSpec"])["phases"].values()
        environ = {"PATH": f"{calls.parent}:{os.environ['PATH']}", "CALLS": str(calls), "REPOSITORY_URI": URI}
        calls.touch()
        for command in phase["commands"]:
            done = subprocess.run(["sh", "-c", command], env=environ | variables, cwd=REPO, timeout=20, check=False)
            if done.returncode:
                break
        return calls.read_text().splitlines()

    def test_it_builds_our_dockerfile_and_pushes_the_tag_it_is_given(self, project, calls: Path) -> None:
        assert (REPO / "infra/image/Dockerfile") == DOCKERFILE
        assert sorted(self.build(project, calls, IMAGE_TAG="abc")) == sorted(
            ["aws ecr get-login-password", LOGIN, "password secret", BUILD, f"docker push {URI}:abc"]
        )

    def test_it_builds_on_a_given_base(self, project, calls: Path) -> None:
        made = self.build(project, calls, IMAGE_TAG="abc", BASE_DIGEST="@sha256:1")
        assert BUILD.replace("BASE_DIGEST=", "BASE_DIGEST=@sha256:1") in made

    def test_what_was_not_built_is_not_pushed(self, project, calls: Path) -> None:
        assert self.build(project, calls, IMAGE_TAG="abc", FAILING="build")[-1] == BUILD

    def test_without_a_tag_nothing_is_built(self, project, calls: Path) -> None:
        assert self.build(project, calls) == []

    def test_the_repository_is_the_stacks_own(self, project: dict[str, Any]) -> None:
        (variable,) = project["Environment"]["EnvironmentVariables"]
        assert variable == {"Name": "REPOSITORY_URI", "Value": "<Repository.RepositoryUri>"}


def test_the_stack_tells_what_the_others_are_made_from(stack: Webapp) -> None:
    assert {name: stack.output(name) for name in stack.document["Outputs"]} == {
        "BucketName": "<Bucket>",
        "RepositoryName": "<Repository>",
        "RepositoryUri": "<Repository.RepositoryUri>",
        "AuthorRoleArn": "<AuthorRole.Arn>",
        "BuildProjectName": "<ImageBuilder>",
    }
