"""The same message once more: a client that does not know whether its message arrived sends it again.

A run is one run, by its user and its id.
"""

import pytest
from msgspec import structs

from backend_lambdas.errors import Forbidden, TooBusy
from backend_lambdas.messages import Run
from backend_lambdas.runs.requests import Requester
from backend_lambdas.runs.run_state import FINISHED, RUNNING
from tests.backend_lambdas.lambda_fakes import REPORT, World, report


def test_the_same_run_again_while_it_runs_waits_once(world: World) -> None:
    for _ in range(3):
        world.request_run("ann=")
    assert len(world.data_api.statements) == 1
    assert world.subscribers() == ["ann="]
    world.complete()
    assert world.gateway.types("ann=").count("finished") == 1


def test_the_same_run_again_after_it_finished_is_told_the_same_end(world: World) -> None:
    """Though its rows are not fresh for anybody else: with no cache time each other run asks the warehouse."""
    world.report = report(REPORT.replace("cache: 15m", "cache: 0s"))
    world.request_run("ann=")
    world.complete()
    world.request_run("ann=")
    assert len(world.data_api.statements) == 1
    first, second = (message for message in world.gateway.notified("ann=") if message["type"] == "finished")
    assert first == second
    world.request_run("ann=", run_id="another")
    assert len(world.data_api.statements) == 2


def test_the_same_run_again_after_it_failed_is_told_that(world: World) -> None:
    world.request_run("ann=")
    world.complete(state="FAILED")
    world.request_run("ann=")
    assert len(world.data_api.statements) == 1
    assert world.gateway.types("ann=") == ["accepted", "failed", "failed"]
    assert world.gateway.notified("ann=")[-1]["code"] == "sql_error"


def test_the_same_run_again_after_its_own_cancel_stays_cancelled(world: World) -> None:
    """A message that came twice, the second time behind the cancel, must not start what was stopped."""
    world.request_run("ann=")
    world.cancel("ann=")
    world.request_run("ann=")
    assert len(world.data_api.statements) == 1
    assert world.gateway.types("ann=") == ["accepted", "cancelled", "cancelled"]
    assert world.subscribers() == []


def test_the_same_refresh_again_starts_nothing_more(world: World) -> None:
    world.request_run("bob=")
    world.complete()
    for _ in range(2):
        world.request_run("ann=", refresh=True)
    assert len(world.data_api.statements) == 2
    world.complete(list(world.data_api.statements.values())[1])
    world.request_run("ann=", refresh=True)
    assert len(world.data_api.statements) == 2, "not after its end either"
    assert world.gateway.types("ann=").count("finished") == 2, "which it is told again"


def test_the_same_run_on_another_socket_goes_on_there(world: World) -> None:
    """The tab connected anew and sent what it had not heard of."""
    world.request_run("old=")
    world.connections.remove("old=")
    user = world.requester("old=").principal
    world.connect("new=")
    world.service.request_run(Requester("new=", user), Run("revenue", "revenue_by_day", "run of old="), world.spec())
    world.complete()
    assert world.gateway.types("new=") == ["accepted", "finished"]
    assert len(world.data_api.statements) == 1


def test_the_same_run_id_of_another_user_is_another_run(world: World) -> None:
    world.request_run("ann=", run_id="run-1", month="2015-11")
    world.request_run("bob=", run_id="run-1", month="2015-12")
    assert len(world.data_api.statements) == 2
    for statement in list(world.data_api.statements.values()):
        world.complete(statement)
    assert world.gateway.types("ann=") == world.gateway.types("bob=") == ["accepted", "finished"]


def test_the_same_run_again_after_the_warehouse_lost_it_is_started_anew(world: World) -> None:
    """Nobody's wish ended it, so who asks again means it."""
    world.request_run("ann=")
    world.complete(state="ABORTED")
    world.request_run("ann=")
    assert len(world.data_api.statements) == 2
    world.complete(list(world.data_api.statements.values())[1])
    assert world.gateway.types("ann=")[-2:] == ["accepted", "finished"]
    assert world.run_item()["status"] == FINISHED


def test_the_same_run_again_after_a_group_was_taken_away_is_forbidden(world: World) -> None:
    world.request_run("old=")
    user = structs.replace(world.requester("old=").principal, groups=frozenset({"operations"}))
    world.connect("new=")
    with pytest.raises(Forbidden):
        world.service.request_run(
            Requester("new=", user), Run("revenue", "revenue_by_day", "run of old="), world.spec()
        )
    assert world.run_item()["status"] == RUNNING


def test_the_same_run_again_after_the_warehouse_took_nothing_is_tried_again(world: World) -> None:
    """It was rejected, which says that nothing was started."""
    world.data_api.refusals["ExecuteStatement"] = ["ThrottlingException"]
    with pytest.raises(TooBusy):
        world.request_run("ann=")
    world.request_run("ann=")
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_the_same_run_again_answered_from_fresh_rows_is_answered_from_them(world: World) -> None:
    world.request_run("bob=")
    world.complete()
    for _ in range(2):
        world.request_run("ann=")
    assert world.gateway.types("ann=") == ["accepted", "finished", "finished"]
    assert len(world.data_api.statements) == 1
