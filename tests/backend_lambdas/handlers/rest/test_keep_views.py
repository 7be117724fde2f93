"""Saved views and favourites: whose they are, who sees and changes them, and what is refused."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import keep_views
from backend_lambdas.views import own_views
from tests.backend_lambdas.lambda_fakes import REPORT

ID = "a0a0a0a0-0000-4000-8000-000000000001"
OTHER = "a0a0a0a0-0000-4000-8000-000000000002"
MORNINGS = {"name": "Mornings", "path": "/d/finance", "query": "month=2015-11", "shared": False}

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(put: Any, wire: Callable[..., None], recorded: Callable[[str], Any]) -> Ask:
    """Status and body of a request, of ann in finance unless it says otherwise."""
    put("reports/finance/revenue.sql", REPORT)
    put("reports/operations/trips.sql", REPORT)
    put("reports/finance/for_all.sql", REPORT.replace("cache:", "groups: [operations, finance]\ncache:"))
    put("reports/secret/plans.sql", REPORT)
    put("reports/pages/finance/board.yaml", "title: Board\ngroups: [board]\npanels: [revenue]")
    put("reports/pages/all/index.yaml", "title: All\ngroups: [finance]\npanels: [revenue]")
    wire(REPORTS_S3_PATH=f"s3://{put.bucket}/reports/")

    def request(
        method: str, path: str, body: Any = None, who: str = "ann", groups: str = "finance"
    ) -> tuple[int, dict[str, Any]]:
        event = recorded("get_reports")
        kind, _, name = path.strip("/").partition("/")
        names = {"views": "viewId", "favourites": "reportId"}
        event |= {"resource": f"/{kind}/{{{names[kind]}}}" if name else f"/{kind}"}
        event |= {"httpMethod": method, "path": path, "pathParameters": {names[kind]: name} if name else None}
        event["body"] = body if body is None or isinstance(body, str) else json.dumps(body)
        claims = {"sub": who, "email": f"{who}@example.com", "cognito:groups": groups}
        event["requestContext"]["authorizer"]["claims"] |= claims
        answer = keep_views.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return request


def saved(ask: Ask, view_id: str = ID, who: str = "ann", groups: str = "finance", **changes: Any) -> dict[str, Any]:
    status, body = ask("PUT", f"/views/{view_id}", MORNINGS | changes, who, groups)
    assert status == 200, body
    return dict(body["view"])


def names(ask: Ask, who: str = "ann", groups: str = "finance") -> list[str]:
    status, body = ask("GET", "/views", None, who, groups)
    assert status == 200, body
    return [view["name"] for view in body["views"]]


def code(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["code"]


def test_who_has_nothing_gets_nothing(ask: Ask) -> None:
    assert ask("GET", "/views") == (200, {"views": [], "favourites": []})


def test_a_view_comes_back_as_it_was_saved(ask: Ask) -> None:
    saved(ask)
    (view,) = ask("GET", "/views")[1]["views"]
    updated = view.pop("updatedAt")
    assert updated.endswith("Z")
    assert view == {**MORNINGS, "id": ID, "ownerName": "ann@example.com", "mine": True, "mayChange": True}


def test_a_private_view_is_its_owners_alone(ask: Ask) -> None:
    saved(ask)
    assert names(ask, "bob") == []
    assert names(ask, "eve", "admins") == []
    assert code(ask("DELETE", f"/views/{ID}", None, "eve", "admins")) == (404, "not_found")


def test_a_shared_view_is_for_who_sees_the_department(ask: Ask) -> None:
    saved(ask, shared=True)
    assert names(ask, "bob") == ["Mornings"]
    assert names(ask, "eve", "admins") == ["Mornings"]
    assert names(ask, "oli", "operations") == ["Mornings"]  # by a report of the department that is open to him
    assert names(ask, "sue", "secret") == []


def test_only_its_owner_authors_and_admins_change_a_shared_view(ask: Ask) -> None:
    saved(ask, shared=True)
    assert code(ask("PUT", f"/views/{ID}", MORNINGS | {"shared": True}, "bob")) == (403, "forbidden")
    assert code(ask("PUT", f"/views/{ID}", MORNINGS, "bob")) == (403, "forbidden")
    assert code(ask("DELETE", f"/views/{ID}", None, "bob")) == (403, "forbidden")
    view = saved(ask, who="eve", groups="admins", shared=True, name="Evenings")
    assert (view["name"], view["ownerName"], view["mine"]) == ("Evenings", "ann@example.com", False)
    assert names(ask) == ["Evenings"]
    assert ask("DELETE", f"/views/{ID}", None, "art", "finance,authors") == (200, {})
    assert names(ask) == []


def test_an_admin_takes_no_view_for_himself(ask: Ask) -> None:
    saved(ask, shared=True)
    assert code(ask("PUT", f"/views/{ID}", MORNINGS, "eve", "admins")) == (403, "forbidden")


def test_a_view_that_is_shared_stands_once(ask: Ask) -> None:
    saved(ask)
    saved(ask, shared=True)
    assert names(ask) == ["Mornings"]
    saved(ask)
    assert (names(ask), names(ask, "bob")) == (["Mornings"], [])


def test_another_view_stays_beside_it(ask: Ask) -> None:
    """Two tabs that save different views lose neither."""
    saved(ask, OTHER, name="Zones")
    saved(ask, name="airport")
    assert names(ask) == ["airport", "Zones"]


@pytest.mark.parametrize("shared", [False, True])
def test_a_view_of_another_department_is_refused(ask: Ask, shared: bool) -> None:
    wanted = MORNINGS | {"path": "/d/secret", "shared": shared}
    assert code(ask("PUT", f"/views/{ID}", wanted)) == (403, "forbidden")


def test_an_id_that_somebody_else_has_taken_is_refused(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it was taken between the look and the write."""
    saved(ask, shared=True)
    monkeypatch.setattr(own_views.ViewTable, "found", lambda *_: [])
    assert code(ask("PUT", f"/views/{ID}", MORNINGS | {"shared": True}, "bob")) == (403, "forbidden")


@pytest.mark.parametrize(("who", "groups"), [("ann", "finance"), ("ann", "finance,authors")])
def test_nobody_is_kept_from_a_view_by_the_same_id_of_a_shared_one(ask: Ask, who: str, groups: str) -> None:
    saved(ask, ID, who, groups, name="Mine")
    saved(ask, ID, "bob", name="Ours", shared=True)
    saved(ask, ID, who, groups, name="Mine, changed")
    assert names(ask, who, groups) == ["Mine, changed", "Ours"]
    assert ask("DELETE", f"/views/{ID}", None, who, groups)[0] == 200
    assert names(ask, who, groups) == ["Ours"]


@pytest.mark.parametrize("page", ["title: Board\ngroups: [board]\npanels: [revenue]", "titel: Board"])
@pytest.mark.parametrize(("name", "path"), [("index", "/d/finance"), ("board", "/d/finance/board")])
def test_views_of_a_page_that_is_closed_or_broken_are_not_shown(
    ask: Ask, put: Any, page: str, name: str, path: str
) -> None:
    put(f"reports/pages/finance/{name}.yaml", "title: Board\npanels: [revenue]")
    saved(ask, path=path, shared=True)
    put(f"reports/pages/finance/{name}.yaml", page)
    assert names(ask, "bob") == []


@pytest.mark.parametrize("path", ["/views/", "/favourites/"])
def test_an_id_longer_than_a_key_can_be_is_none(ask: Ask, path: str) -> None:
    assert ask("DELETE", f"{path}{'x' * 2_000}")[0] == (404 if path == "/views/" else 200)


def test_a_page_that_is_not_open_to_somebody_has_no_views_for_him(ask: Ask) -> None:
    """Though the department is: it is a page for a few."""
    saved(ask, groups="finance,board", path="/d/finance/board", shared=True)
    assert names(ask, "bob") == []
    assert names(ask, "bea", "finance,board") == ["Mornings"]
    assert code(ask("PUT", f"/views/{OTHER}", MORNINGS | {"path": "/d/finance/board"}, "bob")) == (403, "forbidden")


def test_a_department_of_pages_alone_has_views(ask: Ask) -> None:
    saved(ask, path="/d/all", shared=True)
    assert names(ask, "bob") == ["Mornings"]
    assert names(ask, "oli", "operations") == []


def test_the_owner_is_not_what_a_browser_says(ask: Ask) -> None:
    wanted = MORNINGS | {"owner": "bob", "ownerName": "bob@example.com", "department": "secret"}
    assert ask("PUT", f"/views/{ID}", wanted)[1]["view"]["ownerName"] == "ann@example.com"
    assert names(ask, "bob") == []


def test_any_page_below_a_department_has_views(ask: Ask) -> None:
    assert saved(ask, path="/d/finance/month_end")["path"] == "/d/finance/month_end"


def test_a_name_is_kept_without_needless_space_and_a_query_without_its_mark(ask: Ask) -> None:
    view = saved(ask, name="  Early   birds ", query="?month=2015-11")
    assert (view["name"], view["query"]) == ("Early birds", "month=2015-11")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "  "},
        {"name": "n" * 81},
        {"name": "a\u0000b"},
        {"path": "/jobs"},
        {"path": "/d/finance?x=1"},
        {"path": "/d/finance/../../logout"},
        {"path": "//d/finance"},
        {"path": "https://example.com/d/finance"},
        {"path": "/d/" + "f" * 300},
        {"query": "q" * 2001},
        {"query": "month=2015-11#x"},
        {"query": "a\nb"},
    ],
)
def test_a_view_that_cannot_be_is_refused_with_a_sentence(ask: Ask, changes: dict[str, Any]) -> None:
    answer = ask("PUT", f"/views/{ID}", MORNINGS | changes)
    assert code(answer) == (400, "bad_parameter")
    assert answer[1]["error"]["message"].endswith(".")
    assert names(ask) == []


@pytest.mark.parametrize("body", [None, "", "[]", "{", {"name": 7}, {"name": "a"}, {**MORNINGS, "shared": "yes"}])
def test_what_is_no_view_is_refused(ask: Ask, body: Any) -> None:
    assert code(ask("PUT", f"/views/{ID}", body)) == (400, "bad_message")


@pytest.mark.parametrize("view_id", ["short", "x" * 65, "a0a0a0a0%23", "a#b#c#d#e"])
def test_an_id_is_letters_digits_and_hyphens(ask: Ask, view_id: str) -> None:
    assert code(ask("PUT", f"/views/{view_id}", MORNINGS)) == (400, "bad_parameter")


def test_a_view_that_is_not_there_is_not_deleted(ask: Ask) -> None:
    assert code(ask("DELETE", f"/views/{ID}")) == (404, "not_found")


@pytest.mark.parametrize("shared", [False, True])
def test_there_is_a_most_of_views(ask: Ask, monkeypatch: pytest.MonkeyPatch, shared: bool) -> None:
    monkeypatch.setattr(own_views, "MOST_SHARED" if shared else "MOST_PRIVATE", 1)
    saved(ask, shared=shared)
    saved(ask, shared=shared, name="Renamed")
    answer = ask("PUT", f"/views/{OTHER}", MORNINGS | {"shared": shared})
    assert code(answer) == (400, "bad_parameter")
    assert "which is the most" in answer[1]["error"]["message"]


def test_favourites_are_ones_own_in_the_order_of_their_choice(ask: Ask, fake_clock: Any) -> None:
    for report in ("revenue", "for_all", "revenue"):
        assert ask("PUT", f"/favourites/{report}") == (200, {})
        fake_clock.forward(1)
    assert ask("GET", "/views")[1]["favourites"] == ["revenue", "for_all"]
    assert ask("GET", "/favourites") == (200, {"favourites": ["revenue", "for_all"]})
    assert ask("GET", "/views", None, "bob")[1]["favourites"] == []
    assert ask("GET", "/favourites", None, "bob") == (200, {"favourites": []})


def test_favourites_are_read_without_views(ask: Ask) -> None:
    """Each page asks for them, whoever sees however many departments."""
    saved(ask)
    ask("PUT", "/favourites/revenue")
    assert ask("GET", "/favourites") == (200, {"favourites": ["revenue"]})


def test_a_favourite_is_taken_away_even_when_its_report_is_gone(ask: Ask, db: Any, table: str) -> None:
    ask("PUT", "/favourites/revenue")
    db.put_item(TableName=table, Item={"pk": "viewer#ann", "sk": "favourite#gone", "report": "gone", "at": 1})
    assert ask("DELETE", "/favourites/gone") == (200, {})
    assert ask("GET", "/views")[1]["favourites"] == ["revenue"]


@pytest.mark.parametrize("report", ["plans", "nothing", "trips"])
def test_only_a_report_that_one_sees_is_a_favourite(ask: Ask, report: str) -> None:
    assert code(ask("PUT", f"/favourites/{report}")) == (404, "unknown_report")


def test_there_is_a_most_of_favourites(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_views, "MOST_FAVOURITES", 1)
    ask("PUT", "/favourites/revenue")
    assert ask("PUT", "/favourites/revenue")[0] == 200
    assert code(ask("PUT", "/favourites/for_all")) == (400, "bad_parameter")
