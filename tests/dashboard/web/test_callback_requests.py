"""Odd requests to Dash are answered in kind, without a stack trace in the log."""

import logging
from typing import Any

import pytest
from dash import ALL, Dash, Input, Output, State, html
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.web.request_limits import CALLBACK
from tests.dashboard.server_fakes import FakePool, endpoints_for, settings_for, sign_in

OURS = {"Origin": "http://localhost:8050", "Accept": "application/json"}
OUTPUT = "..out.children...out.title.."
INPUT = {"id": "in", "property": "value", "value": 1}
ROW = {"id": {"type": "row", "index": 1}, "property": "value", "value": 2}
OUTPUTS = [{"id": "out", "property": "children"}, {"id": "out", "property": "title"}]
GOOD = {
    "output": OUTPUT,
    "outputs": OUTPUTS,
    "inputs": [INPUT, [ROW]],
    "state": [INPUT],
    "changedPropIds": ["in.value"],
}


def attach(server: Flask, _: Any) -> Dash:
    app = Dash("odd", server=server, suppress_callback_exceptions=True)
    app.layout = html.Div()

    @app.callback(
        Output("out", "children"),
        Output("out", "title"),
        Input("in", "value"),
        Input({"type": "row", "index": ALL}, "value"),
        State("in", "value"),
    )
    def show(value: Any, rows: list[Any], state: Any) -> tuple[str, str]:
        return f"{value} {rows} {state}", "title"

    return app


@pytest.fixture(scope="module")
def client(pool: FakePool, tmp_path_factory) -> FlaskClient:
    settings = settings_for(pool, tmp_path_factory.mktemp("odd"))
    client = create_app(settings, endpoints=endpoints_for(pool), attach_ui=attach).test_client()
    sign_in(client)
    return client


def test_what_a_page_sends_is_answered(client: FlaskClient) -> None:
    answer = client.post(CALLBACK, json=GOOD, headers=OURS)
    assert answer.status_code == 200
    assert answer.json["response"]["out"] == {"children": "1 [2] 1", "title": "title"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "text",
        1,
        {"output": None},
        {"output": ["out.children"]},
        {"output": "nothing.children"},
        {"output": OUTPUT},
        {**GOOD, "inputs": None},
        {**GOOD, "inputs": {}},
        {**GOOD, "inputs": [INPUT]},
        {**GOOD, "inputs": [INPUT, [ROW], INPUT]},
        {**GOOD, "inputs": [None, [ROW]]},
        {**GOOD, "inputs": [INPUT, [1]]},
        {**GOOD, "inputs": ["in.value", [ROW]]},
        {**GOOD, "inputs": [{"property": "value"}, [ROW]]},
        {**GOOD, "inputs": [{"id": 5, "property": "value"}, [ROW]]},
        {**GOOD, "inputs": [{"id": {"type": {}}, "property": "value"}, [ROW]]},
        {**GOOD, "inputs": [{"id": "in", "property": []}, [ROW]]},
        {**GOOD, "inputs": [{"id": "in"}, [ROW]]},
        {**GOOD, "state": 5},
        {**GOOD, "state": []},
        {**GOOD, "outputs": 5},
        {**GOOD, "outputs": OUTPUTS[0]},
        {**GOOD, "outputs": OUTPUTS[:1]},
        {**GOOD, "outputs": [1, 2]},
        {**GOOD, "changedPropIds": 5},
        {**GOOD, "changedPropIds": [{}]},
    ],
    ids=str,
)
def test_a_body_that_no_page_sends_is_refused(client: FlaskClient, caplog, body: Any) -> None:
    assert_refused(client.post(CALLBACK, json=body, headers=OURS), caplog)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"[" * 100_000, "application/json"),
        (b'{"a":' * 100_000, "application/json"),
        (b"no json", "application/json"),
        (b"", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"{}", "text/plain"),
        (b"a=1", "application/x-www-form-urlencoded"),
    ],
    ids=["brackets", "braces", "text", "empty", "bytes", "wrong type", "form"],
)
def test_what_is_not_json_is_refused(client: FlaskClient, caplog, data: bytes, kind: str) -> None:
    assert_refused(client.post(CALLBACK, data=data, content_type=kind, headers=OURS), caplog)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/_dash-layout", 405),
        ("POST", "/_dash-dependencies", 405),
        ("GET", "/_reload-hash", 200),
        ("GET", "/_dash-layout", 200),
        ("GET", "/_dash-dependencies", 200),
        ("PUT", "/nowhere", 405),
    ],
)
def test_other_addresses_of_dash_answer_in_kind(client: FlaskClient, caplog, method, path, status) -> None:
    answer = client.open(path, method=method, headers=OURS)
    assert answer.status_code == status
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def assert_refused(answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_request"
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
