"""The hooks that nobody has given another meaning change nothing."""

from typing import Any

from infra.local.hooks import Hooks


def test_every_event_is_delivered_once_and_at_once() -> None:
    delivered: list[str] = []
    Hooks().on_event({"source": "aws.s3"}, lambda: delivered.append("here"))
    assert delivered == ["here"]


def test_the_services_answer_themselves_and_may_be_called_directly() -> None:
    def services(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        return []

    assert Hooks().wrapped(services) is services
    assert Hooks().is_quiet


def test_every_invocation_goes_on_and_every_end_of_a_socket_is_told() -> None:
    assert Hooks().goes_on("OnConnectFunction", 1)
    assert Hooks().tells_disconnect()
