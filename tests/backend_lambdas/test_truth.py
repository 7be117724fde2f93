"""What is told is true, also when the table is throttled, and when others fail."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import BadMessage, PushboardError, TooBusy
from backend_lambdas.messages import Run
from backend_lambdas.reports import parameters
from backend_lambdas.runs.run_table import FAILED_SECONDS
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, World, principal, report


class Throttled:
    """A client whose calls of some operations are refused while `on` says so."""

    def __init__(self, client: Any, *operations: str, unless: Any = lambda **_: False) -> None:
        self._client, self._operations, self._unless = client, operations, unless

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name not in self._operations:
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            if self._unless(**kwargs):
                return member(*args, **kwargs)
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, name)

        return call


def after_submission(world: World) -> Any:
    """Calls pass until there is a statement."""
    return lambda **_: not world.data_api.statements


def test_a_cached_answer_that_was_lost_with_its_socket_is_told_on_resume(world: World) -> None:
    world.request_run("bob=")
    world.complete()
    world.gateway.gone = {"ann="}
    world.request_run("ann=")
    world.resume("new=", of="ann=")
    (finished,) = world.gateway.notified("new=")
    assert (finished["type"], finished["statementId"]) == ("finished", world.data_api.only.id)


@pytest.mark.parametrize("operation", ["update_item", "get_paginator"])
def test_a_throttled_write_after_submission_is_no_refusal(world: World, operation: str) -> None:
    """The run goes on, and its end is told."""
    wrap = lambda client: Throttled(client, operation, unless=after_submission(world))  # noqa: E731
    world.request_run("ann=", service=world.service_over(wrap))
    world.complete()
    assert world.gateway.types("ann=")[-1] == "finished"


def test_a_joiner_whose_record_cannot_be_written_is_no_failure_of_the_submitter(world: World) -> None:
    world.data_api.during["ExecuteStatement"] = lambda _: world.request_run("bob=") if not world.gateway.posts else None

    def is_anns(**kwargs: Any) -> bool:
        return "bob=" not in str(kwargs.get("Key", ""))

    wrap = lambda client: Throttled(client, "update_item", unless=is_anns)  # noqa: E731
    world.request_run("ann=", service=world.service_over(wrap))
    assert world.gateway.types("ann=") == ["accepted"]


def test_a_throttled_look_at_what_was_joined_is_no_refusal(world: World) -> None:
    """The subscriber is on record already, and is told the end."""
    world.request_run("bob=")
    wrap = lambda client: Throttled(client, "batch_get_item", unless=lambda **_: "ann=" not in world.subscribers())  # noqa: E731
    world.request_run("ann=", service=world.service_over(wrap))
    world.complete()
    assert world.gateway.types("ann=")[-1] == "finished"


def test_throttled_limits_are_told_as_busy_and_leave_nothing(world: World, fake_clock: FakeClock) -> None:
    """A run that was refused does not start later, by whoever looks after runs."""
    is_no_slot = lambda **kwargs: not kwargs["Key"]["pk"].startswith("slots#")  # noqa: E731
    wrap = lambda client: Throttled(client, "update_item", unless=is_no_slot)  # noqa: E731
    with pytest.raises(TooBusy):
        world.request_run("ann=", service=world.service_over(wrap))
    assert world.subscribers() == []
    fake_clock.forward(61)
    world.reconcile()
    assert world.data_api.statements == {}


def test_a_failed_run_answers_the_next_ones_for_some_seconds(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.complete(state="FAILED")
    for number in range(5):
        world.request_run("bob=", run_id=f"run-{number}")
    assert len(world.data_api.statements) == 1
    assert [one["type"] for one in world.gateway.notified("bob=")] == ["accepted", "failed"] * 5
    assert {one.get("code", "sql_error") for one in world.gateway.notified("bob=")} == {"sql_error"}
    fake_clock.forward(FAILED_SECONDS + 1)
    world.request_run("bob=", run_id="later")
    assert len(world.data_api.statements) == 2


def test_a_refresh_asks_again_after_a_failure(world: World) -> None:
    world.request_run("ann=")
    world.complete(state="FAILED")
    world.request_run("ann=", run_id="again", refresh=True)
    assert len(world.data_api.statements) == 2


def test_what_was_cancelled_answers_nobody(world: World) -> None:
    world.request_run("ann=")
    world.cancel("ann=")
    world.request_run("bob=")
    assert len(world.data_api.statements) == 2


def test_a_run_id_that_was_used_for_something_else_is_refused(world: World) -> None:
    world.request_run("ann=")
    command = Run("topic of ann=", "revenue_by_day", "run of ann=", {"month": "2015-11"})
    with pytest.raises(BadMessage):
        world.service.request_run(world.requester("ann="), command, world.spec(month="2015-11"))
    assert len(world.data_api.statements) == 1
    world.complete()
    assert world.gateway.types("ann=")[-1] == "finished"


def test_a_statement_that_the_warehouse_finds_invalid_is_its_authors_mistake(world: World) -> None:
    world.data_api.refusals["ExecuteStatement"] = ["ValidationException: Parameters list contains unused parameters."]
    with pytest.raises(PushboardError) as refused:
        world.request_run("ann=")
    assert refused.value.code == "sql_error"
    assert "author" in refused.value.message


CLAIMED = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "{type: number, claim: custom:vendor}")


def test_claims_that_are_bound_alike_are_read_alike(world: World) -> None:
    """ "007" and 7 are one number to the report, whoever's token says which."""
    loaded = report(CLAIMED)
    users = [principal("finance", **{"custom:vendor": text}) for text in ("007", "7")]
    specs = [QuerySpec.of(loaded, parameters.bind(loaded.header.parameters, {}, user.claims), user) for user in users]
    for spec, user in zip(specs, users, strict=True):
        run, _ = world.runs.claim(spec, user.sub, refresh=False)
        assert user.may_read(run.groups, run.claims)


def test_a_joiner_whose_statement_cannot_be_noted_is_not_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """He waits, and is told the end."""
    world.request_run("ann=")
    real = world.service.requests.look

    def look(*args: Any) -> Any:
        found = real(*args)
        return structs.replace(found, run=found.run and structs.replace(found.run, statement_id=None))

    def refuse(*_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "TransactWriteItems")

    monkeypatch.setattr(type(world.service.requests), "look", lambda _, *args: look(*args))
    monkeypatch.setattr(type(world.connections), "set_statement", refuse)
    world.request_run("bob=")
    world.complete()
    assert world.gateway.types("bob=") == ["finished"]
