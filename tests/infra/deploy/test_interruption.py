"""`make deploy` that is interrupted after any call to AWS: the next run ends where one that was never interrupted does.

Nothing is done twice on the way: each stack is made by one order, whoever waits for its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.deploy.artifacts import artifacts
from tests import samples
from tests.infra.deploy.account import FILE, POOL, Program, services
from tests.infra.deploy.fakes.aws import FakeAws, FakeParameters, FakePools, FakeTables
from tests.infra.deploy.fakes.cloudformation import FakeCloudFormation

STRIDE = 8
"""Each test interrupts at every so many calls, so that they can be run side by side."""

INTERRUPTED = "Interrupted. What AWS was told goes on there: run this again, it waits for that and goes on."
READS = ("describe_", "get_", "head_", "list_")
OF_EVERY_RUN = {"create_change_set", "delete_change_set", "invoke"}
"""Plans are made by every run, and every run asks whether the trips are loaded."""

SAMPLE = FILE.replace("[cognito]", "sample_rows = 2\n[cognito]")


@dataclass
class Made:
    """The names of a type of resource that stacks have made: they are taken from the moment that one is begun."""

    cloudformation: FakeCloudFormation
    kind: str

    def __contains__(self, name: object) -> bool:
        alive = [one.name for one in self.cloudformation.stacks.values() if one.status not in {"REVIEW_IN_PROGRESS"}]
        things = [thing for stack in alive for thing in self.cloudformation.things.get(stack, ())]
        return any((thing.type, thing.physical_id) == (self.kind, name) for thing in things)

    def get(self, name: str) -> str | None:
        """The pool of a domain."""
        return POOL if name in self else None


def world() -> FakeAws:
    """An account in which what a stack has made is there, and has a name that is taken."""
    found = services()
    made: Callable[[str], Any] = partial(Made, found["cloudformation"])
    return FakeAws(
        found
        | {
            "dynamodb": FakeTables(made("AWS::DynamoDB::Table")),
            "ssm": FakeParameters(made("AWS::SSM::Parameter")),
            "cognito-idp": FakePools({POOL: True}, made("AWS::Cognito::UserPoolDomain")),
        }
    )


def state(fake: FakeAws) -> dict[str, Any]:
    """Everything that a deployment makes."""
    cloudformation = fake.services["cloudformation"]
    stacks = {one.name: (one.status, one.parameters, one.template) for one in cloudformation.stacks.values()}
    return {"stacks": stacks, "deployed": cloudformation.deployed, "files": fake.services["s3"].objects}


@dataclass(frozen=True)
class Deployments:
    """Makes a deployment in an account of its own, as often as wanted."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def program(self, fake: FakeAws) -> Program:
        program = Program(fake, self.folder, self.capsys)
        program.file.write_text(SAMPLE)
        return program

    def undisturbed(self) -> FakeAws:
        fake = world()
        assert self.program(fake)("deploy")[::2] == (0, "")
        return fake


@pytest.fixture
def deployments(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Deployments:
    """Of a repository with few scripts, since each upload is one more call to be interrupted after."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    for name in (
        "setup/01_tables.sql",
        "setup/02_views.sql",
        "load/trips.sql",
        "reports/a/one.sql",
        "reports/b/two.sql",
    ):
        script = tmp_path / "sql" / name
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f"-- {name}")
    monkeypatch.setattr(artifacts, "REPO", tmp_path)
    monkeypatch.setattr(artifacts, "sample_data", samples.prepared)
    return Deployments(tmp_path, capsys)


@pytest.mark.parametrize("first", range(1, STRIDE + 1))
def test_after_whichever_call_it_is_interrupted_the_next_run_ends_it(deployments: Deployments, first: int) -> None:
    whole = deployments.undisturbed()
    wanted = state(whole)
    assert len(wanted["deployed"]) == 5
    for number in range(first, len(whole.calls), STRIDE):
        fake = world()
        run = deployments.program(fake)
        fake.interrupts = lambda number, _, last=number: number == last
        status, _, err = run("deploy")
        assert (status, err.splitlines()) == (130, [INTERRUPTED]), number
        assert len(fake.calls) == number
        assert run("deploy")[::2] == (0, ""), f"after {fake.calls[number - 1][:2]}, call {number}"
        assert state(fake) == wanted, number


def test_interrupted_at_every_change_it_ends_run_by_run(deployments: Deployments) -> None:
    """As on a bad line: no run gets further than its first change. What every run does is none."""
    wanted = state(deployments.undisturbed())
    fake = world()
    run = deployments.program(fake)
    fake.interrupts = lambda _, method: not method.startswith(READS) and method not in OF_EVERY_RUN
    runs = 1
    while run("deploy")[0] != 0:
        runs += 1
        assert runs < 300, "it gets nowhere"
    assert runs > len(wanted["files"])
    assert state(fake) == wanted
