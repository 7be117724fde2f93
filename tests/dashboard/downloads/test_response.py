"""Downloads as HTTP answers: of Flask, and of the server that serves them for real."""

import contextlib
import http.client
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from playwright.sync_api import Browser

from dashboard import errors
from dashboard.downloads.response import file_response
from dashboard.downloads.xlsx.limits import TooLargeForExcel
from tests.dashboard.server_fakes import address, listening, wait_for

SERVED = """
import errno, gevent
from flask import Flask
from dashboard import errors
from dashboard.downloads.response import file_response
from dashboard.downloads.formats import FORMATS
from tests.dashboard.downloads.download_rows import columns, pages, provenance

app = Flask("downloads")
errors.install(app)
closed = []
FAILURES = {"disk": OSError(errno.ENOSPC, "full"), "bug": RuntimeError("a bug"), "pipe": BrokenPipeError()}

def some_pages(failure, rows=20_000):
    yield from pages(columns("n integer", "zone string"), [[n, f"zone {n}"] for n in range(rows)], size=1_000)
    if failure in FAILURES:
        raise FAILURES[failure]

@app.get("/<name>/<failure>")
def download(name, failure):
    rows = 20_001 if failure == "rows" else 20_000
    form = FORMATS[name]
    return file_response(f"trips.{form.ending}", form.media_type, form.write(provenance(rows), some_pages(failure)))

@app.get("/endless")
def endless():
    def chunks():
        try:
            while True:
                gevent.sleep(0.001)
                yield b"x" * 10_000
        finally:
            closed.append(True)
    return file_response("endless.csv", "text/csv", chunks())

@app.get("/closed")
def how_many():
    return {"closed": len(closed)}

@app.get("/page")
def page():
    return "<!doctype html><title>Page</title>"
"""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """gunicorn with its gevent worker, serving downloads that go well and others that do not."""
    directory = tmp_path_factory.mktemp("served")
    (directory / "served.py").write_text(SERVED)
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(directory)])}
    with listening() as listener, (directory / "gunicorn.log").open("w") as log:
        url, bind = address(listener), f"fd://{listener.fileno()}"
        options = ["-k", "gevent", "-b", bind, "--graceful-timeout", "1", "--no-control-socket"]
        command, fds = [sys.executable, "-m", "gunicorn", *options, "served:app"], [listener.fileno()]
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=directory, pass_fds=fds)
    try:
        wait_for(lambda: _answers(url, process), 30)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "gunicorn ended"
    with contextlib.suppress(requests.ConnectionError, requests.Timeout):  # it is still loading
        return requests.get(f"{url}/page", timeout=1).ok
    return False


@pytest.mark.parametrize("name", ["csv", "json", "parquet", "xlsx"])
def test_a_download_comes_whole_and_in_chunks(url: str, name: str) -> None:
    got = requests.get(f"{url}/{name}/none", timeout=30)
    assert got.status_code == 200
    assert got.headers["Transfer-Encoding"] == "chunked"
    assert got.headers["Content-Disposition"] == f"attachment; filename=trips.{name}"
    assert len(got.content) > 10_000


@pytest.mark.parametrize("name", ["csv", "json", "parquet", "xlsx"])
@pytest.mark.parametrize("failure", ["disk", "bug", "pipe", "rows"])
def test_clients_see_that_a_download_broke_off(url: str, name: str, failure: str) -> None:
    """Whatever it was that went wrong after the first chunk; a parquet file has none before its first row group."""
    try:
        got = requests.get(f"{url}/{name}/{failure}", timeout=30)
    except requests.exceptions.ChunkedEncodingError:
        return
    assert name == "parquet"
    assert got.status_code == 500


def test_a_broken_download_s_bytes_do_not_end_as_an_answer_ends(url: str) -> None:
    """What a client sees that looks at nothing but the wire."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=30)
    connection.request("GET", "/csv/bug")
    with pytest.raises(http.client.IncompleteRead):
        connection.getresponse().read()
    connection.close()


@pytest.mark.e2e
def test_a_browser_s_fetch_sees_it_too(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{url}/page")
    script = "path => fetch(path).then(a => a.blob()).then(b => `${b.size} bytes`, error => error.name)"
    assert page.evaluate(script, "/csv/bug") == "TypeError"
    assert page.evaluate(script, "/csv/none").endswith(" bytes")
    page.close()


@pytest.mark.e2e
def test_a_browser_keeps_no_file_of_a_download_that_broke_off(url: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{url}/page")
    page.evaluate("document.body.innerHTML = '<a href=/csv/bug id=bug>b</a><a href=/csv/none id=none>n</a>'")
    with page.expect_download() as broken:
        page.click("#bug")
    assert broken.value.failure()
    with page.expect_download() as whole:
        page.click("#none")
    assert whole.value.failure() is None
    assert whole.value.suggested_filename == "trips.csv"
    page.close()


def test_a_client_that_goes_away_ends_the_writing(url: str) -> None:
    before = requests.get(f"{url}/closed", timeout=5).json()["closed"]
    with requests.get(f"{url}/endless", stream=True, timeout=5) as got:
        next(got.iter_content(1000))
    wait_for(lambda: requests.get(f"{url}/closed", timeout=5).json()["closed"] == before + 1, 20)


def answered(chunks: Any) -> Any:
    """What a client of Flask gets for these chunks."""
    app = Flask("test")
    errors.install(app)
    app.add_url_rule("/", view_func=lambda: file_response("Umsätze.csv", "text/csv; charset=utf-8", chunks))
    return app.test_client().get("/")


def test_the_answer_is_a_file_to_keep() -> None:
    got = answered(piece for piece in (b"a", b"b"))
    assert got.data == b"ab"
    assert got.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert got.headers["Content-Disposition"] == "attachment; filename=Umsatze.csv; filename*=UTF-8''Ums%C3%A4tze.csv"
    assert "Content-Length" not in got.headers


def test_what_is_refused_before_the_first_chunk_is_an_ordinary_error() -> None:
    def refusing() -> Iterator[bytes]:
        raise TooLargeForExcel("Trips", "is too large")
        yield b""

    got = answered(refusing())
    assert got.status_code == 409
    assert got.json["error"]["code"] == "too_large"
    assert "Content-Disposition" not in got.headers


def test_an_empty_file_is_a_file() -> None:
    got = answered(piece for piece in ())
    assert (got.status_code, got.data) == (200, b"")


def test_chunks_are_closed_with_the_answer_even_if_nobody_reads_them() -> None:
    closed: list[bool] = []

    def chunks() -> Iterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    with Flask("test").test_request_context():
        file_response("a.csv", "text/csv", chunks()).close()
    assert closed == [True]
