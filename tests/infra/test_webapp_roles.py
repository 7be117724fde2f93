"""`webapp-setup.yaml`: a task may do what the dashboard calls, ECS what starts a task, and neither anything else."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore.client
import pytest

from dashboard.auth.sessions import open_store
from dashboard.settings import Settings, find_endpoints
from tests.infra.webapp import DOMAIN, MODES, REPO, Webapp, webapp

ACCOUNT = "us-east-1:000000000000"
DYNAMODB = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem")


@pytest.fixture(params=MODES.values(), ids=MODES)
def stack(request: pytest.FixtureRequest) -> Webapp:
    """The stack in each mode."""
    return webapp(**request.param)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """Every call made through boto3 from here on: its IAM action and its arguments. Each is answered, by nobody."""
    made: list[tuple[str, dict[str, Any]]] = []

    def call(client: Any, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        made.append((f"{client.meta.service_model.signing_name}:{operation}", arguments))
        return {"Parameter": {"Value": "https://api"}}

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", call)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", boto3.Session("local", "local", region_name="us-east-1"))
    return made


def _services(file: Path) -> Iterator[tuple[str, str, str]]:
    """The AWS services that a module makes a client of; any other use of boto3 fails here."""
    tree = ast.parse(file.read_text())
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and _is(node.value, "boto3")]
    made = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.func in uses]
    assert len(made) == len(uses), f"{file.name} uses boto3 in another way"
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "boto3"]
    assert not imports, f"{file.name} imports from boto3"
    for call in made:
        assert isinstance(call.func, ast.Attribute)
        assert isinstance(call.args[0], ast.Constant)
        yield file.name, call.func.attr, str(call.args[0].value)


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


class TestRoles:
    def test_a_task_may_do_what_the_dashboard_calls_and_nothing_else(self, stack: Webapp, calls) -> None:
        """Each call is made, and noted with what it is made on."""
        settings = Settings.from_environ(stack.variables | stack.secrets)
        find_endpoints(settings)
        store = open_store(settings)
        assert store.get("key") is None
        store.set("key", {"a": 1})
        store.delete("key")
        places = {
            "ssm:GetParameter": lambda asked: f"arn:aws:ssm:{ACCOUNT}:parameter/{asked['Name']}",
            **dict.fromkeys(DYNAMODB, lambda asked: f"{asked['TableName'][:-1]}.Arn>"),
        }
        assert {(action, places[action](asked)) for action, asked in calls} == stack.rights("TaskRole")

    def test_the_dashboard_calls_aws_from_nowhere_else(self) -> None:
        """Else the test above would not see it, and the role would not allow it."""
        assert {found for file in sorted((REPO / "dashboard").rglob("*.py")) for found in _services(file)} == {
            ("sessions.py", "resource", "dynamodb"),
            ("settings.py", "client", "cognito-idp"),  # its address alone; what it serves is asked without credentials
            ("settings.py", "client", "ssm"),
        }

    @pytest.mark.parametrize(
        ("image_uri", "repository"),
        [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/dashboard:1.2", "dashboard"),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/push/board/dashboard:1", "push/board/dashboard"),
            (f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/a/b@sha256:{'0' * 64}", "a/b"),
        ],
    )
    def test_ecs_may_fetch_this_image_and_this_secret_and_write_this_log(self, image_uri, repository: str) -> None:
        fetched = f"arn:aws:ecr:eu-west-1:111122223333:repository/{repository}"
        assert webapp(**DOMAIN | {"ImageUri": image_uri}).rights("ExecutionRole") == {
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:BatchCheckLayerAvailability", fetched),
            ("ecr:GetDownloadUrlForLayer", fetched),
            ("ecr:BatchGetImage", fetched),
            ("secretsmanager:GetSecretValue", "<SecretKey>"),
            ("logs:CreateLogStream", "<LogGroup.Arn>"),
            ("logs:PutLogEvents", "<LogGroup.Arn>"),
        }

    def test_nobody_but_ecs_takes_on_a_role_and_only_for_this_account(self, stack: Webapp) -> None:
        roles = stack.resources("AWS::IAM::Role")
        assert {role.logical_id for role in roles} == {"TaskRole", "ExecutionRole"}
        for role in roles:
            (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
            assert statement["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
            assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "000000000000"}
            assert "ManagedPolicyArns" not in role.properties
