"""The routes of downloads and of links to exports; called by the browser (`assets/js/downloads/downloads.js`).

A download streams the rows of a finished statement, page by page, from the gateway through a writer; it runs no
statement. The warehouse writes exports; the route returns a link to an export's file, made for each request.
"""

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request

from dashboard.auth.routes import current_user, id_token
from dashboard.downloads.as_xlsx import workbook
from dashboard.downloads.estimate import estimated_bytes
from dashboard.downloads.formats import FORMATS
from dashboard.downloads.names import dated_name, file_name
from dashboard.downloads.pages import Digits, Page, Provenance
from dashboard.downloads.response import file_response
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.gateway.results import Column

MAX_SHEETS = 60
"""Results of a workbook: more than any page has panels."""


@dataclass(frozen=True)
class _Result:
    """A statement's rows: their provenance, the first page, and all pages."""

    provenance: Provenance
    first: Page
    pages: Iterable[Page]


def install(app: Flask, gateway: Gateway) -> None:
    """Add the routes."""
    blueprint = Blueprint("downloads", __name__)

    @blueprint.get("/download/<statement_id>.<form>")
    def download(statement_id: str, form: str) -> Response:
        """Returns the rows of a finished statement as a file; X-Rows and X-Estimated-Bytes are for a progress bar."""
        return _download(gateway, statement_id, form)

    @blueprint.get("/download/page.xlsx")
    def page_workbook() -> Response:
        """Returns one workbook of several results: `statement` for each, `title` of the page."""
        return _workbook(gateway, request.args.getlist("statement"), request.args.get("title", "page"))

    @blueprint.get("/exports/<run_id>/link")
    def link(run_id: str) -> Response:
        """Returns a link to an export's file, valid for some minutes."""
        return jsonify(gateway.export_link(id_token(), run_id))

    app.register_blueprint(blueprint)


def _download(gateway: Gateway, statement_id: str, form: str) -> Response:
    wanted = FORMATS.get(form)
    if wanted is None:
        raise UserError("bad_message", f"Files can be {', '.join(FORMATS)}; {form[:20]} is not among them.", 400)
    result = _result(gateway, statement_id, form)
    chunks = wanted.write(result.provenance, result.pages)
    response = file_response(file_name(result.provenance, wanted.ending), wanted.media_type, chunks)
    response.headers["X-Rows"] = str(result.provenance.row_count)
    response.headers["X-Estimated-Bytes"] = str(estimated_bytes(wanted, result.provenance, result.first))
    return _private(response)


def _workbook(gateway: Gateway, statement_ids: list[str], title: str) -> Response:
    distinct = list(dict.fromkeys(statement_ids))  # panels that ask the same question show one result
    if not 1 <= len(distinct) <= MAX_SHEETS:
        raise UserError("bad_message", f"A workbook holds 1 to {MAX_SHEETS} results.", 400)
    results = [_result(gateway, statement_id, "workbook") for statement_id in distinct]
    sheets = workbook([(result.provenance, result.pages) for result in results])
    as_of = max(result.provenance.as_of for result in results)
    response = file_response(dated_name(title[:80], as_of, "xlsx"), FORMATS["xlsx"].media_type, sheets)
    response.headers["X-Rows"] = str(sum(result.provenance.row_count for result in results))
    return _private(response)


def _result(gateway: Gateway, statement_id: str, form: str) -> _Result:
    """Fetches the first page, so that a refusal is an ordinary error response; the others follow while it is sent."""
    found = gateway.pages(id_token(), statement_id, form)
    first = next(found)
    provenance = Provenance(
        report=first["report"],
        title=first["title"],
        department=first["department"],
        parameters=first["parameters"],
        statement_id=statement_id,
        as_of=first["asOf"],
        row_count=first["rowCount"],
        user=current_user().email,
        downloaded_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        note=current_app.config["DATA_NOTE"],
    )
    return _Result(provenance, _page(first), _all_pages(first, found))


def _all_pages(first: dict[str, Any], others: Iterator[dict[str, Any]]) -> Iterator[Page]:
    yield _page(first)
    yield from map(_page, others)


def _page(answer: dict[str, Any]) -> Page:
    return Page(tuple(map(Column.of, answer["columns"])), answer["records"], tuple(map(_digits, answer["columns"])))


def _digits(column: Mapping[str, Any]) -> Digits | None:
    return Digits(column["precision"], column["scale"]) if "precision" in column else None


def _private(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
