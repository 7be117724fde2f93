"""The dashboard's log: one JSON line a record, with ids and without anything that is nobody's business."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from dashboard import logs

REPO = Path(logs.__file__).resolve().parents[1]


@pytest.fixture
def lines() -> Iterator[list[dict[str, Any]]]:
    """What the dashboard's loggers write."""
    written: list[dict[str, Any]] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(json.loads(logs.JsonLines().format(record)))

    keeper, logger = Keeper(), logging.getLogger("dashboard")
    level = logger.level
    logger.addHandler(keeper)
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(keeper)
    logger.setLevel(level)


@pytest.fixture
def app() -> Flask:
    made = Flask("tested")
    logs.watch(made)
    made.add_url_rule("/auth/callback", view_func=lambda: "in", endpoint="in")
    made.add_url_rule("/health", view_func=lambda: "ok", endpoint="ok")
    made.add_url_rule("/broken", view_func=lambda: (request.path, 500), endpoint="broken")
    return made


def test_a_request_is_a_line_with_its_outcome_and_never_its_query(app: Flask, lines: list[dict[str, Any]]) -> None:
    app.test_client().get("/auth/callback?code=secret-code", headers={"Cookie": "session=secret-cookie"})
    (line,) = lines
    assert (line["method"], line["path"], line["status"], line["level"]) == ("GET", "/auth/callback", 200, "INFO")
    assert line["requestId"]
    assert "secret" not in json.dumps(line)


def test_the_load_balancers_id_of_a_request_is_kept(app: Flask, lines: list[dict[str, Any]]) -> None:
    trace = "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678"
    app.test_client().get("/broken", headers={"X-Amzn-Trace-Id": trace})
    assert lines[0]["requestId"] == "1-67891233-abcdef012345678912345678"


def test_an_id_that_is_none_is_not_taken(app: Flask, lines: list[dict[str, Any]]) -> None:
    app.test_client().get("/broken", headers={"X-Amzn-Trace-Id": 'Root="}{; Root=<b>'})
    assert lines[0]["requestId"].isalnum()


def test_what_is_asked_all_the_time_is_a_line_only_when_it_fails(app: Flask, lines: list[dict[str, Any]]) -> None:
    app.test_client().get("/health")
    app.test_client().get("/assets/none.css")
    assert [(line["path"], line["status"]) for line in lines] == [("/assets/none.css", 404)]


def test_an_error_is_one_line_with_its_trace(lines: list[dict[str, Any]]) -> None:
    try:
        raise ValueError("odd\nthing")
    except ValueError:
        logging.getLogger("dashboard.errors").exception("unexpected")
    (line,) = lines
    assert (line["errorType"], line["errorMessage"], line["level"]) == ("ValueError", "odd\nthing", "ERROR")
    assert "test_logs.py" in line["stackTrace"][0]


def test_every_logger_of_the_process_writes_lines_to_standard_output() -> None:
    script = (
        "import logging; from dashboard import logs; logs.install();"
        "logging.getLogger('dashboard.bridge.tab_bridge').info('socket opened', extra={'runId': 'r1'});"
        "logging.getLogger('gunicorn.error').warning('odd');"
        "logging.getLogger('another').info('not told')"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=REPO, capture_output=True, text=True, timeout=60, check=True
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(line["logger"], line["message"]) for line in told] == [
        ("dashboard.bridge.tab_bridge", "socket opened"),
        ("gunicorn.error", "odd"),
    ]
    assert told[0]["runId"] == "r1"
