"""The routes of views, favourites and the search, over a fake gateway."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.dashboard.server_fakes import (
    FakePool,
    address,
    endpoints_for,
    listening,
    serving,
    settings_for,
    sign_in,
)

VIEW = {"name": "Mornings", "path": "/d/finance", "query": "month=2015-11", "shared": False}
KEPT = {"views": [VIEW | {"id": "view-0001"}], "favourites": ["revenue"]}
REPORT = {"id": "revenue", "department": "finance", "title": "Revenue", "description": "", "columns": {}, "chart": {}}
OURS = {"Origin": "http://localhost:8050"}


@dataclass
class ViewsApi:
    """The gateway's routes; `refusal` is answered instead, once it is set."""

    url: str = ""
    refusal: tuple[dict[str, Any], int] | None = None
    asked: list[tuple[str, str, Any]] = field(default_factory=list)

    def answer(self, path: str) -> Any:
        body = request.get_json(silent=True)
        self.asked.append((request.method, path, body))
        if self.refusal:
            return self.refusal
        if path == "reports":
            return {"departments": [{"id": "finance", "title": "Finance"}], "reports": [REPORT], "broken": []}
        return {"view": body | {"id": path[6:]}} if body else KEPT if request.method == "GET" else {}


@pytest.fixture
def api() -> Iterator[ViewsApi]:
    with listening() as listener:
        api = ViewsApi()
        app = Flask("views_api")
        app.add_url_rule("/prod/<path:path>", view_func=api.answer, methods=["GET", "PUT", "DELETE"])
        api.url = f"{address(listener)}/prod"
        with serving(app, listener):
            yield api


@pytest.fixture
def anonymous(api: ViewsApi, pool: FakePool, tmp_path: Path) -> FlaskClient:
    """A browser that has not signed in at a dashboard without pages."""
    endpoints = replace(endpoints_for(pool), rest_url=api.url)
    return create_app(settings_for(pool, tmp_path), endpoints=endpoints, attach_ui=None).test_client()


@pytest.fixture
def client(anonymous: FlaskClient) -> FlaskClient:
    """A browser that has signed in."""
    sign_in(anonymous)
    return anonymous


def test_what_a_user_keeps_is_handed_on(client: FlaskClient) -> None:
    assert client.get("/views").json == KEPT
    assert client.get("/favourites").json == {"favourites": KEPT["favourites"]}


def test_a_view_is_saved_and_comes_back(api: ViewsApi, client: FlaskClient) -> None:
    answer = client.put("/views/view-0001", json=VIEW, headers=OURS)
    assert answer.json == {"view": VIEW | {"id": "view-0001"}}
    assert api.asked == [("PUT", "views/view-0001", VIEW)]


def test_views_and_favourites_are_taken_away(api: ViewsApi, client: FlaskClient) -> None:
    assert client.delete("/views/view-0001", headers=OURS).status_code == 204
    assert client.put("/favourites/revenue", headers=OURS).status_code == 204
    assert client.delete("/favourites/revenue", headers=OURS).status_code == 204
    asked = [("DELETE", "views/view-0001"), ("PUT", "favourites/revenue"), ("DELETE", "favourites/revenue")]
    assert [(method, path) for method, path, _ in api.asked] == asked


def test_the_search_gets_every_panel_that_the_user_may_see(client: FlaskClient) -> None:
    answer = client.get("/panels").json
    assert answer
    assert [panel["href"] for panel in answer["panels"]] == ["/d/finance#revenue"]


@pytest.mark.parametrize("body", ["", "[]", "{", '"a"', "[" * 2_000])
def test_a_body_that_is_no_object_is_refused_here(api: ViewsApi, client: FlaskClient, body: str) -> None:
    answer = client.put("/views/view-0001", data=body, content_type="application/json", headers=OURS)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "bad_message")
    assert api.asked == []


def test_a_refusal_of_the_gateway_reaches_the_browser(api: ViewsApi, client: FlaskClient) -> None:
    api.refusal = ({"error": {"code": "bad_parameter", "message": "Too many."}}, 400)
    answer = client.put("/views/view-0001", json=VIEW, headers=OURS)
    assert (answer.status_code, answer.json) == (400, {"error": {"code": "bad_parameter", "message": "Too many."}})


@pytest.mark.parametrize("method", ["put", "delete"])
@pytest.mark.parametrize("path", ["/views/view-0001", "/favourites/revenue"])
def test_another_sites_page_changes_nothing(api: ViewsApi, client: FlaskClient, method: str, path: str) -> None:
    answer = getattr(client, method)(path, json=VIEW, headers={"Origin": "https://example.com"})
    assert answer.status_code == 403
    assert api.asked == []


@pytest.mark.parametrize("path", ["/views", "/favourites", "/panels"])
def test_nobody_reads_them_without_a_session(api: ViewsApi, anonymous: FlaskClient, path: str) -> None:
    assert anonymous.get(path).status_code == 401
    assert api.asked == []
