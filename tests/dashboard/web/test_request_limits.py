"""Long bodies are refused before they are read."""

import io

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.web.request_limits import CALLBACK, MAX_BODY_BYTES, MAX_CALLBACK_BYTES
from tests.dashboard.server_fakes import FakePool, endpoints_for, settings_for, sign_in

OURS = {"Origin": "http://localhost:8050"}


class Body(io.BytesIO):
    """A body that counts how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.taken += len(data)
        return data

    def readinto(self, buffer) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


@pytest.fixture
def client(pool: FakePool, tmp_path) -> FlaskClient:
    app: Flask = create_app(settings_for(pool, tmp_path), endpoints=endpoints_for(pool), attach_ui=None)
    for path in ("/small", CALLBACK):
        app.add_url_rule(path, path, lambda: str(len(request.get_data())), methods=["POST"])
    client = app.test_client()
    sign_in(client)
    return client


@pytest.mark.parametrize(("path", "limit"), [("/small", MAX_BODY_BYTES), (CALLBACK, MAX_CALLBACK_BYTES)])
class TestLimit:
    def test_a_body_of_that_length_is_taken(self, client: FlaskClient, path: str, limit: int) -> None:
        assert client.post(path, data=b"x" * limit, headers=OURS).text == str(limit)

    def test_a_longer_one_is_refused_unread(self, client: FlaskClient, path: str, limit: int) -> None:
        body = Body(b"x" * (limit + 1))
        answer = client.post(path, input_stream=body, content_length=limit + 1, headers=OURS)
        assert answer.status_code == 413
        assert answer.json["error"]["message"] == "The request is too large."
        assert body.taken == 0

    def test_chunks_are_taken_up_to_that_length(self, client: FlaskClient, path: str, limit: int) -> None:
        assert chunked(client, path, Body(b"x" * limit)).text == str(limit)

    def test_chunks_are_read_no_further(self, client: FlaskClient, path: str, limit: int) -> None:
        body = Body(b"x" * 10 * limit)
        assert chunked(client, path, body).status_code == 413
        assert body.taken <= limit + 1


@pytest.mark.parametrize("path", ["/login", "/health", "/assets/x.js", "/auth/callback"])
def test_nobody_need_be_signed_in_to_be_refused(client: FlaskClient, path: str) -> None:
    assert client.get(path, data=b"x" * (MAX_BODY_BYTES + 1)).status_code == 413


def chunked(client: FlaskClient, path: str, body: Body):
    """A request without a length; gunicorn marks the end of its stream."""
    environ = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return client.post(path, input_stream=body, environ_overrides=environ, headers=OURS)
