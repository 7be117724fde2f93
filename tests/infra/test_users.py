"""The command that invites people, on a laptop's AWS: the same calls as on a real one."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.apigateway.websocket_api import Limits
from infra.local.cognito import ClientConfig, Cognito, PoolConfig
from infra.local.endpoint import identities
from infra.local.endpoint.awsjson import ServiceError
from infra.local.endpoint.edge import Edge, JsonService, Services
from infra.local.endpoint.moto_services import MotoServices
from infra.local.endpoint.server import Server
from infra.users.__main__ import main
from infra.users.pool import AccountError, Users, find_pool
from tests.infra.local.endpoints import free_port

REPO = Path(__file__).resolve().parents[2]
POOL = "us-east-1_people"
GROUPS = ("operations", "finance")


@pytest.fixture(scope="module")
def announced() -> list[str]:
    return []


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory, announced: list[str]) -> Iterator[tuple[str, Cognito]]:
    """A user pool on an endpoint of its own."""
    folder, port = tmp_path_factory.mktemp("users"), free_port()
    url = f"http://localhost:{port}"
    client = ClientConfig("web", "dashboard", explicit_auth_flows=("ALLOW_USER_PASSWORD_AUTH",))
    pool = PoolConfig(POOL, "pushboard-users", (client,), GROUPS, custom_attributes=("custom:region",))
    cognito = Cognito(folder / "cognito.db", pool, endpoint_url=url, announce=announced.append)
    answer = lambda operation, request, signature: cognito.call(operation, request, signature.authorization)  # noqa: E731
    json = {"AWSCognitoIdentityProviderService": JsonService("cognito-idp", answer)}
    moto = MotoServices(folder / "s3", lambda event: None)
    edge = Edge(Services({}, {}, json, lambda token, body: None, moto))
    server = Server(edge, port, Limits())
    server.start()
    yield url, cognito
    server.stop()
    edge.close()
    cognito.close()


@pytest.fixture
def environment(endpoint: tuple[str, Cognito], monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables that `make run` prints."""
    variables = identities.client_variables(endpoint[0], "local")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.fixture
def run(environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """The command's exit code and what it said, to whom it should and about what went wrong."""

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(list(arguments))
        said = capsys.readouterr()
        return status, said.out.strip(), said.err.strip()

    return command


@pytest.fixture
def idp(environment: dict[str, str]) -> Iterator[Any]:
    client = boto3.Session().client("cognito-idp")
    yield client
    client.close()


@pytest.fixture
def email(request: pytest.FixtureRequest) -> str:
    """Somebody new."""
    return f"{re.sub('[^a-z]', '.', request.node.name)[:60]}@example.com"


def groups_of(idp: Any, email: str) -> list[str]:
    found = idp.admin_list_groups_for_user(UserPoolId=POOL, Username=email)["Groups"]
    return [group["GroupName"] for group in found]


def attributes_of(idp: Any, email: str) -> dict[str, str]:
    found = idp.admin_get_user(UserPoolId=POOL, Username=email)["UserAttributes"]
    return {one["Name"]: one["Value"] for one in found}


def test_who_is_invited_gets_a_password_and_groups(run: Any, idp: Any, email: str, announced: list[str]) -> None:
    invited = run("invite", email, "--groups", "finance", "operations", "--set", "region=emea")
    assert invited == (0, f"{email} is invited into finance, operations.", "")
    assert set(groups_of(idp, email)) == {"finance", "operations"}
    assert attributes_of(idp, email)["email_verified"] == "true"
    assert attributes_of(idp, email)["custom:region"] == "emea"
    password = announced[-1].removeprefix(f"Temporary password for {email}: ")
    parameters = {"USERNAME": email, "PASSWORD": password}
    answer = idp.initiate_auth(ClientId="web", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_an_invitation_may_come_without_groups(run: Any, idp: Any, email: str) -> None:
    assert run("invite", email) == (0, f"{email} is invited, and in no group yet.", "")
    assert groups_of(idp, email) == []


class Client:
    """What boto3's client is asked; its pages are given."""

    def __init__(self, **pages: list[dict[str, Any]]) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self._pages = pages

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: self._pages[operation])

    def __getattr__(self, operation: str) -> Callable[..., None]:
        return lambda **arguments: self.asked.append((operation, arguments))


def test_the_mail_is_asked_for() -> None:
    """By default AWS would send a text message to a number that nobody has."""
    client = Client(list_groups=[{"Groups": []}])
    users = Users(client, POOL)
    users.invite("ana@example.com", [], [])
    users.invite_again("ana@example.com")
    assert [arguments["DesiredDeliveryMediums"] for _, arguments in client.asked] == [["EMAIL"], ["EMAIL"]]


def test_every_account_with_the_email_is_changed() -> None:
    """Who comes through an identity provider has one of its own, which no email finds by itself."""
    ana = [{"Name": "email", "Value": "Ana@example.com"}]
    people = [{"Username": "sub-1", "Attributes": ana}, {"Username": "bo", "Attributes": []}]
    pages = [{"Users": people}, {"Users": [{"Username": "Company_ana", "Attributes": ana}]}]
    client = Client(list_groups=[{"Groups": [{"GroupName": "finance"}]}], list_users=pages)
    Users(client, POOL).change("ana@example.com", ["finance"], [], [])
    joined = [(operation, arguments["Username"]) for operation, arguments in client.asked]
    assert joined == [("admin_add_user_to_group", "sub-1"), ("admin_add_user_to_group", "Company_ana")]


def test_of_several_pools_one_must_be_chosen() -> None:
    """Nobody is invited into the wrong one."""
    names = {"a_1": "pushboard-users", "a_2": "pushboard-test-users", "a_3": "shop-users"}
    client = Client(list_user_pools=[{"UserPools": [{"Id": key, "Name": name}]} for key, name in names.items()])
    with pytest.raises(AccountError, match=r"--pool: pushboard-users \(a_1\), pushboard-test-users \(a_2\)\.$"):
        find_pool(client, None)
    assert find_pool(client, "pushboard-test-users") == "a_2"
    assert find_pool(client, "a_3") == "a_3"


def test_a_group_that_is_not_there_stops_the_invitation(run: Any, idp: Any, email: str) -> None:
    """Before an account is made; and how to make the group is told."""
    status, said, wrong = run("invite", email, "--groups", "finance", "marketing")
    assert (status, said) == (1, "")
    assert wrong.startswith("There is no group marketing, only operations, finance")
    assert wrong.endswith("Make it by: python -m infra.users groups --add marketing")
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_get_user(UserPoolId=POOL, Username=email)


def test_who_has_an_account_is_not_invited_twice(run: Any, email: str) -> None:
    run("invite", email)
    status, _, wrong = run("invite", email.upper(), "--groups", "finance")
    assert status == 1
    assert wrong.startswith(f"{email.upper()} has an account already.")


def test_an_open_invitation_is_sent_again_with_another_password(run: Any, email: str, announced: list[str]) -> None:
    run("invite", email)
    first = announced[-1]
    assert run("invite", email, "--again") == (0, f"{email} is invited again.", "")
    assert announced[-1].startswith(f"Temporary password for {email}: ")
    assert announced[-1] != first


def test_an_invitation_that_was_taken_is_not_sent_again(run: Any, idp: Any, email: str) -> None:
    run("invite", email)
    idp.admin_set_user_password(UserPoolId=POOL, Username=email, Password="Taxi-2015!", Permanent=True)
    assert run("invite", email, "--again") == (1, "", "There is no open invitation to send again.")


def test_groups_and_attributes_change(run: Any, idp: Any, email: str) -> None:
    run("invite", email, "--groups", "finance")
    changed = run("change", email, "--join", "operations", "--leave", "finance", "--set", "region=apac")
    assert changed == (0, f"{email} is changed.", "")
    assert groups_of(idp, email) == ["operations"]
    assert attributes_of(idp, email)["custom:region"] == "apac"


def test_nothing_changes_for_a_group_that_is_not_there(run: Any, idp: Any, email: str) -> None:
    run("invite", email, "--groups", "finance")
    assert run("change", email, "--leave", "finance", "--join", "marketing")[0] == 1
    assert groups_of(idp, email) == ["finance"]


@pytest.mark.parametrize("command", ["change", "remove"])
def test_nobody_of_that_name_is_told(run: Any, command: str) -> None:
    assert run(command, "nobody@example.com") == (1, "", "Nobody here has the email nobody@example.com.")


def test_who_is_removed_is_gone(run: Any, idp: Any, email: str) -> None:
    """However the email is written."""
    run("invite", email)
    assert run("remove", email.title())[0] == 0
    with pytest.raises(idp.exceptions.UserNotFoundException):
        idp.admin_get_user(UserPoolId=POOL, Username=email)


def test_people_are_listed_with_their_groups(run: Any, idp: Any, email: str) -> None:
    run("invite", email, "--groups", "finance")
    run("invite", f"b{email}")
    idp.admin_disable_user(UserPoolId=POOL, Username=f"b{email}")
    lines = {line.split()[0]: line.split()[1:] for line in run("list")[1].splitlines()}
    assert lines[email] == ["FORCE_CHANGE_PASSWORD", "finance"]
    assert lines[f"b{email}"] == ["DISABLED"]
    members = {line.split()[0] for line in run("list", "--group", "finance")[1].splitlines()}
    assert email in members
    assert f"b{email}" not in members


def test_a_department_of_ones_own_is_one_command(run: Any, idp: Any, email: str) -> None:
    status, said, _ = run("groups", "--add", "logistics")
    assert status == 0
    assert said.splitlines() == [*GROUPS, "logistics"]
    run("invite", email, "--groups", "logistics")
    assert groups_of(idp, email) == ["logistics"]
    assert run("groups", "--add", "logistics") == (1, "", "There is a group logistics already.")
    assert run("groups", "--add", "finance") == (1, "", "There is a group finance already.")


@pytest.mark.parametrize("written", ["region", "=emea"])
def test_an_attribute_without_its_value_is_not_taken(run: Any, idp: Any, email: str, written: str) -> None:
    status, _, wrong = run("invite", email, "--set", written)
    assert (status, wrong) == (1, f"--set takes NAME=VALUE, such as region=emea, not {written}.")


def test_an_attribute_that_the_pool_lacks_is_told(run: Any, email: str) -> None:
    status, _, wrong = run("invite", email, "--set", "rank=1")
    assert status == 1
    assert wrong.startswith("The user pool does not take that: ")
    assert "custom:rank" in wrong


def test_what_is_no_email_is_told(run: Any) -> None:
    assert run("invite", "ana") == (1, "", "The user pool does not take that: Username should be an email.")


@pytest.mark.parametrize("pool", [POOL, "pushboard-users"])
def test_a_pool_is_chosen_by_id_or_name(run: Any, pool: str) -> None:
    assert run("--pool", pool, "groups")[0] == 0


def test_a_pool_that_is_not_there_is_told_with_those_that_are(run: Any) -> None:
    status, _, wrong = run("--pool", "staff", "list")
    assert status == 1
    assert wrong == (
        "There is not exactly one user pool staff in this account and Region. "
        "Choose by --pool: pushboard-users (us-east-1_people)."
    )


def test_without_an_endpoint_that_answers_it_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://localhost:{free_port()}")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    status, said, wrong = run("list")
    assert (status, said) == (1, "")
    assert wrong.startswith("AWS cannot be asked. ")


def test_without_credentials_it_says_so(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert run("list") == (1, "", "AWS cannot be asked. Unable to locate credentials")


def test_credentials_that_may_not_are_told(
    run: Any, endpoint: tuple[str, Cognito], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Any:
        raise ServiceError("AccessDeniedException", "User: ana is not authorized to perform: cognito-idp:ListGroups")

    monkeypatch.setattr(endpoint[1], "call", refuse)
    status, _, wrong = run("groups")
    assert status == 1
    assert wrong.startswith("These AWS credentials may not do that: User: ana is not authorized")


def test_an_error_nobody_thought_of_keeps_its_name(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "StrangeException", "Message": "odd"}}, "ListUsers")

    monkeypatch.setattr("infra.users.__main__.find_pool", fail)
    assert run("list") == (1, "", "StrangeException: odd")


def test_it_is_a_command(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.users", "groups"],
        cwd=REPO,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:2] == list(GROUPS)


def test_make_invites(environment: dict[str, str], run: Any, email: str) -> None:
    """`make invite EMAIL=... GROUPS='...'` becomes that command."""
    done = subprocess.run(
        [
            "make",
            "--no-print-directory",
            "--dry-run",
            "--old-file=.venv/run-ready",
            "invite",
            f"EMAIL={email}",
            "GROUPS=finance operations",
        ],
        cwd=REPO,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1].endswith(f"-m infra.users invite '{email}' --groups finance operations")
