"""The gateway's REST API as the dashboard calls it: what reports exist, and the rows of a finished statement.

Called by pages and panels; on the path of a query, rows come from `backend_lambdas.handlers.rest.get_result` and go on,
as a `Result`, to `charts`. One `Gateway` serves every user of a process: it keeps no token and no cookie. It does keep
rows, and asks the gateway each time whether this user may see them (see `result_cache`), and the areas of maps, which
are nobody's secret.
"""

import contextvars
import functools
import itertools
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import msgspec
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from dashboard import native_threads
from dashboard.errors import GatewayError
from dashboard.gateway.grants import RecentGrants
from dashboard.gateway.lru_cache import LRUCache
from dashboard.gateway.maps import Area, areas_of, positions_in
from dashboard.gateway.result_cache import ResultCache
from dashboard.gateway.results import Column, Result
from dashboard.locales.locale import current

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
LISTING_TTL = 2.0  # seconds that a listing of reports is reused: the panels of one page need it at once
MAX_RETRY_AFTER = 10  # seconds, whatever Retry-After says
DEFAULT_ROWS = 50_000
MAX_ROWS = 100_000  # of one result, whatever a report asks for
MAX_POSITIONS = 300_000  # of all maps that are kept: some 50 MB; a map of 1 MB has about 50,000
STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}(:\d{1,2})?")

# What API Gateway itself says, when no function of ours was reached.
FALLBACKS = {
    400: ("bad_message", "This request could not be understood."),
    401: ("expired", "Your session has ended. Please sign in again."),
    403: ("forbidden", "You may not see this."),
    404: ("not_found", "This result is no longer kept. Please run the report again."),
    429: ("too_busy", "Many people are asking right now. Please try again in a moment."),
}
UNAVAILABLE = ("warehouse_unavailable", "The warehouse does not answer right now. Please try again.")


class Gateway:
    """A client of `rest_url` (with its scheme and stage). Safe for use by many threads."""

    def __init__(self, rest_url: str, timeout: float = 30.0) -> None:
        self._url = rest_url.rstrip("/")
        self._timeout = (CONNECT_TIMEOUT, timeout)
        self._http = _http()
        self._results = ResultCache()
        self._grants = RecentGrants()
        self._maps: LRUCache[tuple[str, str], tuple[Area, ...]] = LRUCache(MAX_POSITIONS)
        self._listings: dict[tuple[str, str], tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def reports(self, token: str, fresh: bool = False) -> dict[str, Any]:
        """`departments`, `reports` and `broken`: what this user may see; raises `GatewayError`.

        Its texts are in the current language, as far as their authors gave them. The listing is at most 2 seconds old;
        when `fresh`, it is requested by this call.
        """
        kept = (token, current().tag)
        with self._lock:
            oldest = time.monotonic() - LISTING_TTL
            self._listings = {user: entry for user, entry in self._listings.items() if entry[0] > oldest}
            cached = None if fresh else self._listings.get(kept)
        if cached is not None:
            return cached[1]
        listing = self._get("/reports", token)
        with self._lock:
            self._listings[kept] = (time.monotonic(), listing)
        return listing

    def result(self, token: str, statement_id: str, max_rows: int = DEFAULT_ROWS) -> Result:
        """A finished statement's rows, up to `max_rows`; raises `GatewayError`.

        They are fetched once for everybody. Whether this user may see them is asked for each call, unless the gateway
        has just said so by itself (see `note_finished`).
        """
        rows = min(max_rows, MAX_ROWS)
        if not STATEMENT_ID.fullmatch(statement_id):
            raise GatewayError("bad_message", "This is not a statement's id.", 400)
        return self._results.result(
            statement_id,
            rows,
            fetch=lambda: self._fetch(token, statement_id, rows),
            authorize=lambda: self._authorize(token, statement_id),
        )

    def map_areas(self, token: str, name: str, version: str) -> tuple[Area, ...]:
        """The areas of a map in a version that the listing tells; raises `GatewayError`.

        They are fetched once for everybody; without a version, which a map that was just published may lack, each time.
        """
        known = self._maps.get((name, version)) if version else None
        if known is not None:
            return known
        body = self._get(f"/maps/{quote(name, safe='')}", token)
        try:
            areas = native_threads.run(areas_of, body["map"])
        except (KeyError, TypeError, ValueError) as error:
            raise GatewayError(*UNAVAILABLE, 503) from error
        if version:
            self._maps.put((name, version), areas, positions_in(areas))
        return areas

    def note_finished(self, token: str, statement_id: str) -> None:
        """Notes that the gateway announced a finished statement on the connection that this token opened."""
        self._grants.add(token, statement_id)

    def pages(self, token: str, statement_id: str, form: str) -> Iterator[dict[str, Any]]:
        """A finished statement's rows page by page, to be downloaded as a file; raises `GatewayError`.

        It is a right of its own and goes on record. Nothing is kept here, so there may be any number of rows. The
        first page carries `title`, `department` and `parameters`, too. From the second on, the page that comes next is
        fetched while the caller works on one: at most two are in memory.
        """
        if not STATEMENT_ID.fullmatch(statement_id):
            raise GatewayError("bad_message", "This is not a statement's id.", 400)
        ask = functools.partial(self._get, f"/results/{statement_id}", token, download=form)
        page = ask()
        yield page
        if next_token := page.get("nextToken"):
            yield from _ahead(ask, ask(nextToken=next_token, record=page["record"]))

    def exports(self, token: str) -> list[dict[str, Any]]:
        """The user's exports of the last week, the newest first; raises `GatewayError`."""
        return list(self._get("/exports", token)["exports"])

    def export_link(self, token: str, run_id: str) -> dict[str, Any]:
        """A link to an export's file, good for some minutes; raises `GatewayError`."""
        return self._get(f"/exports/{quote(run_id, safe='')}", token)

    def audit(self, token: str, **only: str) -> dict[str, Any]:
        """Who took which rows away: `records` and whether there are `more`; for admins. Raises `GatewayError`."""
        return self._get("/audit", token, **only)

    def jobs(self, token: str) -> dict[str, Any]:
        """The `jobs` this user may start or agree to, and what is `broken`, for authors; raises `GatewayError`."""
        return self._get("/jobs", token)

    def job_runs(self, token: str, job: str = "", before: str = "") -> dict[str, Any]:
        """The newest `runs` of a job, or of all, and what asks for the `next` ones; raises `GatewayError`."""
        return self._get("/jobs/runs", token, job=job, before=before)

    def tables(self, token: str) -> list[dict[str, Any]]:
        """Each table with its last change, its readers and writers; for authors and admins. Raises `GatewayError`."""
        return list(self._get("/tables", token)["tables"])

    def views(self, token: str) -> dict[str, Any]:
        """The saved `views` that this user sees, and the ids of his `favourites`; raises `GatewayError`."""
        return self._get("/views", token)

    def favourites(self, token: str) -> list[str]:
        """The ids of the user's favourites alone; raises `GatewayError`."""
        return list(self._get("/favourites", token)["favourites"])

    def save_view(self, token: str, view_id: str, view: Mapping[str, Any]) -> dict[str, Any]:
        """Keeps a view (`name`, `path`, `query`, `shared`) and returns it as it is now; raises `GatewayError`."""
        answer = self._request("PUT", f"/views/{quote(view_id, safe='')}", token, json=dict(view))
        return dict(_body(answer)["view"])

    def delete_view(self, token: str, view_id: str) -> None:
        """Takes a view away; raises `GatewayError`."""
        _body(self._request("DELETE", f"/views/{quote(view_id, safe='')}", token))

    def set_favourite(self, token: str, report: str, is_one: bool) -> None:
        """Makes a report a favourite of this user, or none; raises `GatewayError`."""
        _body(self._request("PUT" if is_one else "DELETE", f"/favourites/{quote(report, safe='')}", token))

    def operations(self, token: str) -> dict[str, Any]:
        """What runs now and how a day's runs ended; for admins. Raises `GatewayError`."""
        return self._get("/operations", token)

    def _fetch(self, token: str, statement_id: str, rows: int) -> Result:
        """Page after page until there are so many rows, or as many as there is room for."""
        path = f"/results/{statement_id}"
        pages = [self._get(path, token)]
        first = _result(pages)
        fetched, wanted = len(first.records), min(rows, first.max_rows)
        while (next_token := pages[-1].get("nextToken")) and fetched < wanted:
            pages.append(self._get(path, token, nextToken=next_token))
            fetched += len(pages[-1].get("records", ()))
        return first if len(pages) == 1 else native_threads.run(_result, pages)

    def _authorize(self, token: str, statement_id: str) -> None:
        """Requests a cached result with its entity tag: 304 for a user who may see it, else raises `GatewayError`."""
        if self._grants.covers(token, statement_id):
            return
        try:
            self._get(f"/results/{statement_id}", token, known=statement_id)
        except GatewayError as error:
            if error.status == 404:
                self._results.discard(statement_id)
            raise

    def _get(self, path: str, token: str, known: str = "", **query: str) -> dict[str, Any]:
        """The body of a good answer, which is empty for what is `known`; raises `GatewayError` for any other answer."""
        headers = {"Accept-Language": current().tag} | ({"If-None-Match": f'"{known}"'} if known else {})
        answer = self._request("GET", path, token, params=query, headers=headers)
        return {} if known and answer.status_code == 304 else _body(answer)

    def _request(self, method: str, path: str, token: str, **more: Any) -> requests.Response:
        """The answer to a request, whatever it is; raises `GatewayError` when there is none."""
        try:
            answer = self._http.request(
                method, self._url + path, auth=_Token(token), timeout=self._timeout, allow_redirects=False, **more
            )
        except requests.RequestException as error:
            raise GatewayError(*UNAVAILABLE, 503) from error
        log.info("gateway answered", extra=_line(path, answer))
        return answer


class _Token(AuthBase):
    """The ID token as the whole header, and never what a .netrc file holds for that host."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        prepared.headers["Authorization"] = self._token
        return prepared


def _http() -> requests.Session:
    """Pooled connections, no cookies (users share it), and further tries at what passes, as each may happen twice.

    A busy gateway says how long to wait; the function behind it has then waited for the warehouse in vain already.
    """
    retry = Retry(
        total=3,
        read=1,
        backoff_factor=0.2,
        backoff_jitter=0.2,
        retry_after_max=MAX_RETRY_AFTER,
        status_forcelist=(429, 502, 503, 504),
        allowed_methods=frozenset({"GET", "PUT", "DELETE"}),  # each as good twice as once
        raise_on_status=False,
    )
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=50, max_retries=retry))
    return session


def _line(path: str, answer: requests.Response) -> dict[str, Any]:
    """What a log tells of an answer; API Gateway's id of the request leads to its access log."""
    found = STATEMENT_ID.search(path)
    ids = {"statementId": found[0] if found else None, "gatewayRequestId": answer.headers.get("x-amzn-RequestId")}
    return {"path": path, "status": answer.status_code, **ids}


def _body(answer: requests.Response) -> dict[str, Any]:
    """The body of a good answer; raises `GatewayError` for any other."""
    body = _object(answer)
    if answer.status_code != 200 or body is None:
        raise _error(answer.status_code, body or {})
    return body


def _ahead(ask: Callable[..., dict[str, Any]], page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A page and those behind it, each fetched while the one before it is used; closing it asks for none anymore."""
    with ThreadPoolExecutor(1, "next-page") as fetcher:
        while next_token := page.get("nextToken"):
            own = contextvars.copy_context()
            coming = fetcher.submit(own.run, functools.partial(ask, nextToken=next_token, record=page["record"]))
            yield page
            page = coming.result()
        yield page


def _object(answer: requests.Response) -> dict[str, Any] | None:
    try:
        body = msgspec.json.decode(answer.content)
    except ValueError:  # no JSON, or no UTF-8
        return None
    return body if isinstance(body, dict) else None


def _error(status: int, body: dict[str, Any]) -> GatewayError:
    """Our functions' `{"error": {...}}` as they put it; for anybody else's answer a calm sentence."""
    told = body.get("error")
    if isinstance(told, dict) and "code" in told and "message" in told:
        return GatewayError(str(told["code"]), str(told["message"]), status)
    if status in FALLBACKS:
        return GatewayError(*FALLBACKS[status], status)
    return GatewayError(*UNAVAILABLE, 503)


def _result(pages: list[dict[str, Any]]) -> Result:
    first = pages[0]
    records = itertools.chain.from_iterable(page["records"] for page in pages)
    try:
        return Result(
            statement_id=first["statementId"],
            report=first["report"],
            as_of=first["asOf"],
            row_count=first["rowCount"],
            columns=tuple(map(Column.of, first["columns"])),
            records=tuple(tuple(record) for record in records),
        )
    except (KeyError, TypeError) as error:
        raise GatewayError(*UNAVAILABLE, 503) from error
