"""What the process computes is sent compressed; what must not be, is not."""

import gzip

import pytest
from flask import Flask, Response, abort
from flask.testing import FlaskClient

from dashboard.web import compression

TEXT = "a long answer " * 100
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def client() -> FlaskClient:
    app = Flask("compressed")
    compression.install(app)
    app.add_url_rule("/json", "json", view_func=lambda: {"text": TEXT})
    app.add_url_rule("/page", "page", view_func=lambda: TEXT)
    app.add_url_rule("/short", "short", view_func=lambda: {"text": "short"})
    app.add_url_rule("/image", "image", view_func=lambda: Response(TEXT, mimetype="image/png"))
    app.add_url_rule("/stream", "stream", view_func=lambda: Response(iter([TEXT]), mimetype="application/json"))
    app.add_url_rule("/file", "file", view_func=lambda: (TEXT, {"Content-Disposition": "attachment"}))
    app.add_url_rule("/error", "error", view_func=lambda: abort(Response(TEXT, 400)))
    return app.test_client()


@pytest.mark.parametrize("path", ["/json", "/page"])
def test_a_long_answer_is_compressed(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=GZIP)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(TEXT)
    assert gzip.decompress(answer.data) == client.get(path).data


def test_a_client_that_takes_no_gzip_has_the_answer_as_it_is(client: FlaskClient) -> None:
    answer = client.get("/json")
    assert answer.json == {"text": TEXT}
    assert answer.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("path", ["/short", "/image", "/stream", "/file", "/error"])
def test_short_binary_streamed_downloaded_and_failed_answers_stay_as_they_are(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
