"""The bridge between a tab and its own gateway connection, over real sockets, in threads."""

import contextlib
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection
from websockets.sync.connection import Connection

from backend_lambdas import messages
from dashboard.app import create_app
from dashboard.bridge.sockets import BATCHES
from dashboard.bridge.tab_bridge import BridgeLimits
from dashboard.gateway.grants import RecentGrants
from tests.dashboard.bridge.tabs import HEARTBEAT, RUN, closing_code, hear, next_text, say
from tests.dashboard.server_fakes import (
    FakeGateway,
    FakePool,
    address,
    endpoints_for,
    fake_gateway,
    fake_pool,
    listening,
    open_tab,
    serving,
    settings_for,
    signed_in_cookie,
    wait_for,
)

BRIDGE_THREADS = ("bridge-down", "simple_websocket")


@dataclass
class World:
    """A served dashboard, its user pool and its gateway."""

    url: str
    pool: FakePool
    gateway: FakeGateway
    cookie: str = ""

    @contextlib.contextmanager
    def tab(self) -> Iterator[ClientConnection]:
        """A connected tab, past its `connected`."""
        with open_tab(self.url, self.cookie) as tab:
            assert hear(tab)["type"] == "connected"
            yield tab


def mute(connection: Connection) -> None:
    """From now on this end hears nothing, and so answers nothing."""
    connection.protocol.receive_data = lambda data: None  # type: ignore[method-assign]


def bridge_threads() -> int:
    names = [thread.name for thread in threading.enumerate()]
    return sum(any(part in name for part in BRIDGE_THREADS) for name in names)


StartWorld = Callable[..., World]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartWorld]:
    """Start a world with limits; after the test no bridge may be left running."""
    with contextlib.ExitStack() as stack:
        pool, gateway = stack.enter_context(fake_pool()), stack.enter_context(fake_gateway())

        def begin(**limits: Any) -> World:
            listener = stack.enter_context(listening())
            url = address(listener)
            endpoints = endpoints_for(pool, gateway.url)
            app = create_app(
                settings_for(pool, tmp_path, url), endpoints=endpoints, attach_ui=None, limits=BridgeLimits(**limits)
            )
            stack.enter_context(serving(app, listener))
            return World(url, pool, gateway, signed_in_cookie(url))

        yield begin
        wait_for(lambda: not gateway.open and bridge_threads() == 0)


@pytest.fixture
def world(start: StartWorld) -> World:
    return start()


@contextlib.contextmanager
def one_at_a_time(start: StartWorld) -> Iterator[tuple[World, ClientConnection, Callable[[], None]]]:
    """A dashboard that opens one connection at a time, a tab whose turn it is, and what lets the gateway answer."""
    world, answered = start(heartbeat=0.05, opened_at_once=1), threading.Event()
    world.gateway.before_handshake = lambda: answered.wait(10)
    with open_tab(world.url, world.cookie) as first:
        wait_for(lambda: world.gateway.at_the_door)
        yield world, first, answered.set


@contextlib.contextmanager
def waiting_tab(world: World) -> Iterator[ClientConnection]:
    """A tab that waits for its turn, as its heartbeats show."""
    with open_tab(world.url, world.cookie) as tab:
        assert tab.recv(timeout=5) == HEARTBEAT
        yield tab


class TestOpening:
    def test_a_tab_gets_its_own_gateway_connection_with_the_id_token(self, world: World) -> None:
        with world.tab(), world.tab():
            wait_for(lambda: len(world.gateway.open) == 2)
        tokens = [headers["Authorization"] for headers in world.gateway.headers]
        assert all(token.startswith("Bearer ey") for token in tokens)

    def test_connected_says_who_is_signed_in_and_when_the_token_ends(self, world: World) -> None:
        with open_tab(world.url, world.cookie) as tab:
            connected = hear(tab)
        assert connected["type"] == "connected"
        assert connected["user"] == "user-1"
        assert abs(connected["expiresAt"] - time.time() - world.pool.lifetime) < 10

    @pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
    def test_another_sites_page_is_refused_before_the_upgrade(self, world: World, origin: str | None) -> None:
        with pytest.raises(InvalidStatus) as refused, open_tab(world.url, world.cookie, origin=origin):
            pass
        assert refused.value.response.status_code == 403
        assert not world.gateway.headers

    @pytest.mark.parametrize("cookie", ["", "pushboard=made-up"])
    def test_without_a_session_the_tab_is_told_to_sign_in(self, world: World, cookie: str) -> None:
        with open_tab(world.url, cookie) as tab:
            assert closing_code(tab) == 4401
        assert not world.gateway.headers

    def test_an_expired_token_that_cannot_be_renewed_means_sign_in(self, start: StartWorld) -> None:
        world = start()
        world.pool.lifetime = -5
        cookie = signed_in_cookie(world.url)
        world.pool.refresh_tokens.clear()
        with open_tab(world.url, cookie) as tab:
            assert closing_code(tab) == 4401

    @pytest.mark.parametrize("status", [401, 403])
    def test_a_token_the_gateway_refuses_means_sign_in(self, world: World, status: int) -> None:
        world.gateway.refuse = status
        with open_tab(world.url, world.cookie) as tab:
            assert closing_code(tab) == 4401

    def test_a_tab_that_waits_for_the_gateway_hears_heartbeats(self, start: StartWorld) -> None:
        """So that it does not come again, and double what the gateway has to do."""
        world, heard = start(heartbeat=0.05), threading.Event()
        world.gateway.before_handshake = lambda: heard.wait(10)
        with open_tab(world.url, world.cookie) as tab:
            assert tab.recv(timeout=5) == HEARTBEAT
            heard.set()
            assert hear(tab)["type"] == "connected"

    def test_a_tab_that_leaves_while_it_waits_leaves_no_connection(self, start: StartWorld) -> None:
        world, left = start(heartbeat=0.05), threading.Event()
        world.gateway.before_handshake = lambda: left.wait(10)
        with open_tab(world.url, world.cookie) as tab:
            assert tab.recv(timeout=5) == HEARTBEAT
        left.set()
        wait_for(lambda: world.gateway.headers and not world.gateway.open)

    def test_a_crowd_is_connected_some_at_a_time_and_those_who_wait_hear_heartbeats(self, start: StartWorld) -> None:
        with one_at_a_time(start) as (world, first, let_in), waiting_tab(world) as second:
            assert world.gateway.at_the_door == 1
            let_in()
            assert hear(first)["type"] == hear(second)["type"] == "connected"

    def test_who_leaves_before_its_turn_is_never_connected(self, start: StartWorld) -> None:
        with one_at_a_time(start) as (world, first, let_in):
            with waiting_tab(world):
                pass
            with waiting_tab(world) as third:
                assert [third.recv(timeout=5) for _ in range(4)] == [HEARTBEAT] * 4  # the second is missed meanwhile
                let_in()
                assert hear(first)["type"] == hear(third)["type"] == "connected"
        assert len(world.gateway.headers) == 2

    def test_who_waits_for_a_turn_is_sent_away_when_the_gateway_answers_nobody(self, start: StartWorld) -> None:
        """Each of a crowd would wait its half minute, one after the other. Who comes later is let in again."""
        world, never = start(heartbeat=0.05, opened_at_once=1, connect_timeout=1), threading.Event()
        waits = [lambda: never.wait(10)]
        world.gateway.before_handshake = lambda: waits and waits.pop()()
        with open_tab(world.url, world.cookie) as first:
            assert first.recv(timeout=5) == HEARTBEAT
            with open_tab(world.url, world.cookie) as second:
                assert closing_code(first) == closing_code(second) == 1013
        with world.tab():
            assert len(world.gateway.open) == 1
        never.set()
        wait_for(lambda: not world.gateway.open)

    def test_a_gateway_that_fails_means_later(self, world: World) -> None:
        world.gateway.refuse = 502
        with open_tab(world.url, world.cookie) as tab:
            assert closing_code(tab) == 1013

    def test_a_gateway_that_is_not_there_means_later(self, tmp_path: Path) -> None:
        with fake_pool() as pool, listening() as listener:
            settings = settings_for(pool, tmp_path, address(listener))
            app = create_app(settings, endpoints=endpoints_for(pool), attach_ui=None)
            with serving(app, listener):
                cookie = signed_in_cookie(settings.public_url)
                with open_tab(settings.public_url, cookie) as tab:
                    assert closing_code(tab) == 1013

    def test_a_plain_request_is_not_a_socket(self, world: World) -> None:
        assert requests.get(f"{world.url}/ws", timeout=5).status_code == 400


class TestCarrying:
    def test_a_statement_that_the_gateway_announces_is_noted_for_the_token_of_its_connection(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """So its rows need not be authorized again; no other message says as much."""
        noted: list[tuple[str, str]] = []
        monkeypatch.setattr(RecentGrants, "add", lambda self, *announced: noted.append(announced))
        with world.tab() as tab:
            say(tab, RUN)
            world.gateway.say(json.dumps({"type": "accepted", "runId": "r1", "statementId": "s-0"}))
            world.gateway.say(json.dumps({"type": "finished", "runId": "r1", "statementId": "s-1"}))
            wait_for(lambda: noted != [])
        token = world.gateway.headers[0]["Authorization"].removeprefix("Bearer ")
        assert noted == [(token, "s-1")]

    def test_messages_go_both_ways_in_order(self, world: World) -> None:
        with world.tab() as tab:
            for number in range(50):
                tab.send(json.dumps({**RUN, "runId": str(number)}))
            assert [hear(tab)["runId"] for _ in range(50)] == [str(number) for number in range(50)]
        assert json.loads(world.gateway.received[0]) == {**RUN, "runId": "0"}

    def test_runs_that_come_at_once_go_on_together_and_answers_come_apart(self, start: StartWorld) -> None:
        """In their order, and none behind a message of another kind that came before it."""
        world = start(gather=1.0)
        world.gateway.protocols = (BATCHES,)
        with world.tab() as tab:
            for number in range(8):
                tab.send(json.dumps({**RUN, "runId": str(number)}))
            tab.send(json.dumps({"action": "cancel", "runId": "3"}))
            assert [hear(tab)["runId"] for _ in range(9)] == [*map(str, range(8)), "3"]
        first, second = map(json.loads, world.gateway.received)
        assert first == {"action": "run", "runs": [{**RUN, "runId": str(number)} for number in range(8)]}
        assert second["action"] == "cancel"

    def test_the_gateway_agrees_to_the_protocol_that_the_bridge_asks_for(self) -> None:
        """Two names, since the dashboard's image has nothing of the functions."""
        assert BATCHES == messages.BATCHES

    def test_a_gateway_that_does_not_agree_gets_each_run_by_itself(self, start: StartWorld) -> None:
        world = start(gather=1.0)
        with world.tab() as tab:
            for number in range(3):
                tab.send(json.dumps({**RUN, "runId": str(number)}))
            assert [hear(tab)["runId"] for _ in range(3)] == ["0", "1", "2"]
        assert len(world.gateway.received) == 3

    def test_one_bad_message_among_runs_is_told_and_the_others_go_on(self, start: StartWorld) -> None:
        world = start(gather=1.0)
        world.gateway.protocols = (BATCHES,)
        with world.tab() as tab:
            for text in (json.dumps({**RUN, "runId": "a"}), '{"action":"fly"}', json.dumps({**RUN, "runId": "b"})):
                tab.send(text)
            heard = [hear(tab) for _ in range(3)]
        assert [(each["type"], each.get("runId")) for each in heard] == [
            ("rejected", None),
            ("accepted", "a"),
            ("accepted", "b"),
        ]

    def test_what_the_gateway_pushes_reaches_the_tab_as_it_is(self, world: World) -> None:
        pushed = '{"type": "finished",  "topicName": "Δ revenue"}'
        with world.tab() as tab:
            wait_for(lambda: world.gateway.open)
            world.gateway.say(pushed)
            assert next_text(tab) == pushed

    def test_a_long_message_goes_in_frames_the_gateway_takes(self, world: World) -> None:
        message = {**RUN, "parameters": {"text": "é" * 50_000}}
        text = json.dumps(message, ensure_ascii=False)
        with world.tab() as tab:
            assert say(tab, text)["type"] == "accepted"
        assert world.gateway.received == [text]
        assert max(world.gateway.frames) <= 32 * 1024
        assert len(world.gateway.frames) > 3

    def test_a_large_push_arrives_whole(self, world: World) -> None:
        pushed = json.dumps({"type": "finished", "text": "x" * 120_000})
        with world.tab() as tab:
            wait_for(lambda: world.gateway.open)
            world.gateway.say(pushed)
            assert next_text(tab) == pushed

    def test_the_gateways_own_error_becomes_a_calm_rejection(self, world: World) -> None:
        with world.tab() as tab:
            wait_for(lambda: world.gateway.open)
            world.gateway.say('{"message": "Internal server error", "connectionId":"c=", "requestId":"r="}')
            answer = hear(tab)
        assert answer["type"] == "rejected"
        assert answer["code"] == "warehouse_unavailable"
        assert "Internal" not in answer["message"]


class TestBeats:
    def test_a_tab_receives_a_heartbeat_again_and_again(self, start: StartWorld) -> None:
        """Without saying anything: what hears none knows that its network is cut."""
        world = start(heartbeat=0.05)
        with world.tab() as tab:
            assert [tab.recv(timeout=5) for _ in range(3)] == [HEARTBEAT] * 3

    def test_heartbeats_go_on_between_messages(self, start: StartWorld) -> None:
        world = start(heartbeat=0.05)
        with world.tab() as tab:
            assert say(tab, RUN)["type"] == "accepted"
            assert tab.recv(timeout=5) == HEARTBEAT

    def test_the_gateway_hears_nothing_of_them(self, start: StartWorld) -> None:
        world = start(heartbeat=0.05)
        with world.tab() as tab:
            assert [tab.recv(timeout=5) for _ in range(3)] == [HEARTBEAT] * 3
        assert not world.gateway.received


class TestBadMessages:
    @pytest.mark.parametrize(
        "message",
        [
            "{not json",
            "[]",
            '"run"',
            "null",
            "[" * 100_000,
            b"\x00\x01",
            {},
            {"action": "drop"},
            {"action": ["run"]},
            {"action": None},
            {**RUN, "parameters": {"text": "x" * 200_000}},
        ],
        ids=lambda message: str(message)[:30],
    )
    def test_it_is_answered_and_goes_no_further(self, world: World, message: Any) -> None:
        with world.tab() as tab:
            answer = say(tab, message)
            assert (answer["type"], answer["code"]) == ("rejected", "bad_message")
            assert say(tab, RUN)["type"] == "accepted"
        assert len(world.gateway.received) == 1

    def test_the_panel_it_came_from_is_named_when_it_can_be_read(self, world: World) -> None:
        with world.tab() as tab:
            answer = say(tab, {**RUN, "action": "drop"})
        assert (answer["topicName"], answer["runId"]) == ("revenue", "r1")

    def test_a_far_too_large_message_closes_the_socket(self, start: StartWorld) -> None:
        world = start(max_message_bytes=300_000)
        with world.tab() as tab:
            tab.send("x" * 400_000)
            assert closing_code(tab) == 1009
        assert not world.gateway.received

    def test_too_many_at_once_are_too_busy(self, start: StartWorld) -> None:
        world = start(messages_a_second=0.001, burst=2)
        with world.tab() as tab:
            answers = [say(tab, RUN) for _ in range(3)]
        assert [answer["type"] for answer in answers] == ["accepted", "accepted", "rejected"]
        assert (answers[2]["code"], answers[2]["runId"]) == ("too_busy", "r1")


class TestClosing:
    def test_a_closed_tab_closes_its_gateway_connection_only(self, world: World) -> None:
        with world.tab() as staying:
            with world.tab():
                wait_for(lambda: len(world.gateway.open) == 2)
            wait_for(lambda: len(world.gateway.open) == 1)
            assert say(staying, RUN)["type"] == "accepted"

    def test_a_tab_that_vanishes_closes_its_gateway_connection(self, world: World) -> None:
        with world.tab() as tab:
            tab.socket.shutdown(socket.SHUT_RDWR)
            wait_for(lambda: not world.gateway.open)

    def test_a_closing_gateway_closes_the_tab_at_once(self, world: World) -> None:
        with world.tab() as tab:
            wait_for(lambda: world.gateway.open)
            world.gateway.open[0].close(1001)
            assert closing_code(tab) == 1013

    def test_a_tab_is_sent_to_renew_before_its_token_ends(self, start: StartWorld) -> None:
        world = start(renew_before=3599.7, min_age=0.1)
        with world.tab() as tab:
            assert closing_code(tab) == 4408

    def test_a_tab_is_sent_to_renew_before_the_gateway_ends_it(self, start: StartWorld) -> None:
        world = start(max_age=0.3, min_age=0.1)
        with world.tab() as tab:
            assert closing_code(tab) == 4408

    def test_an_idle_connection_is_kept_alive(self, start: StartWorld) -> None:
        world = start(keep_alive=0.2)
        with world.tab():
            wait_for(lambda: world.gateway.received.count('{"action":"ping"}') >= 2)

    def test_a_gateway_gone_mute_counts_as_gone(self, start: StartWorld) -> None:
        """Not even the pings are answered."""
        world = start(keep_alive=0.2)
        with world.tab() as tab:
            wait_for(lambda: world.gateway.open)
            mute(world.gateway.open[0])
            assert closing_code(tab) == 1013

    def test_a_mute_gateway_does_not_hold_a_closed_tab(self, world: World) -> None:
        with world.tab():
            wait_for(lambda: world.gateway.open)
            mute(world.gateway.open[0])
        wait_for(lambda: bridge_threads() == 0)

    def test_signing_out_in_one_tab_ends_the_others_on_their_next_message(self, world: World) -> None:
        with world.tab() as tab:
            session = {"Cookie": world.cookie, "Origin": world.url}
            requests.post(f"{world.url}/logout", headers=session, allow_redirects=False, timeout=5)
            tab.send(json.dumps(RUN))
            assert closing_code(tab) == 4401
        assert not world.gateway.received

    def test_a_tab_that_answers_no_pings_is_dropped(self, start: StartWorld) -> None:
        """A suspended laptop: the socket stays open and says nothing."""
        world = start(tab_ping=1)
        with world.tab() as tab:
            mute(tab)
            wait_for(lambda: not world.gateway.open)


def test_tokens_are_never_logged(start: StartWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = start()
    with world.tab() as tab:
        say(tab, RUN)
    world.gateway.refuse = 502
    with open_tab(world.url, world.cookie) as tab:
        closing_code(tab)
    token = world.gateway.headers[0]["Authorization"].removeprefix("Bearer ")
    server_log = [record.getMessage() for record in caplog.records if not record.name.startswith("websockets")]
    assert server_log
    assert not [line for line in server_log if token in line]


def test_the_log_has_a_sockets_life_and_ids_of_its_messages_and_nothing_they_hold(
    start: StartWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "dashboard.bridge.tab_bridge")
    world = start()
    with world.tab() as tab:
        say(tab, RUN | {"parameters": {"month": "1815-12"}})
        say(tab, '{"action": "dance", "runId": "r2"}')
    wait_for(lambda: "socket closed" in caplog.text)
    told = {
        record.getMessage(): vars(record) for record in caplog.records if record.name == "dashboard.bridge.tab_bridge"
    }
    assert {"socket opened", "message up", "message down", "message refused", "socket closed"} <= set(told)
    up, refused = told["message up"], told["message refused"]
    assert (up["action"], up["runId"], up["topicName"]) == ("run", "r1", "revenue")
    assert (refused["code"], refused["runId"]) == ("bad_message", "r2")
    assert len({fields["socketId"] for fields in told.values()}) == 1
    assert "1815-12" not in str(told)
    assert "@" not in str([fields.get("user") for fields in told.values()])
