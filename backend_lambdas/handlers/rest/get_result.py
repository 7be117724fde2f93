"""`GET /results/{statementId}`: a page of a finished statement's rows, for those who may see its report.

API Gateway calls it after its Cognito authorizer. Rows go page by page from S3 to the client, or for the first reader
of a page from the Data API (`page_reader`), typed as the wire contract says: decimals stay exact text, NULL is null.
The dashboard draws them.

Rows of a finished statement never change, so whoever has the first page already and may still see it is told just that:
neither is asked. Source of how: RFC 9110, sections 8.8.3 (ETag), 13.1.2 (If-None-Match) and 15.4.5 (304).

Rows beyond the report's `limit` may be read by those alone who may also download them, and that is on record.

Who takes the rows away says so by `download=<format>`. It is a right of its own, and each page is added to the record
of it that `audit` keeps: the first page begins one and gives its id, which later pages name as `record`. A page that is
asked for again, by a retry or when a download goes on, counts once.
"""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Raw, Struct

from backend_lambdas import log_events
from backend_lambdas.access import audit
from backend_lambdas.access.audit import Audit, AuditedItem, DeliveredPage
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import BadParameter, DownloadForbidden, Forbidden, NotFound, PushboardError, TooBusy
from backend_lambdas.results import page_tokens, pages
from backend_lambdas.results.kept_pages import KeptPages
from backend_lambdas.results.page_reader import PageReader
from backend_lambdas.results.pages import Position, Rows
from backend_lambdas.results.warehouse_pages import WarehousePages
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.settings import GetResult

_STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}")

_BEYOND = "Of this report, the first {limit} rows are all that you may see: it may not be downloaded."

_RETRY_AFTER = "2"
"""Seconds that a client should wait when patience was not enough."""

_S3_SECONDS = 2.0
"""How long S3 may be silent: without it there is still the Data API, which may take longer."""

FORMATS = frozenset({"csv", "xlsx", "parquet", "json", "workbook"})
"""What rows are taken away as; a workbook has those of a whole page."""

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


class ResultReader(Struct, frozen=True):
    """Reads results for users."""

    runs: RunTable
    audit: Audit
    page_reader: PageReader

    def record(self, principal: Principal, statement_id: str) -> dict[str, Any]:
        """What is known of a finished statement that this user may see now; raises `NotFound` or `Forbidden`."""
        record = self.runs.statement(statement_id) if _STATEMENT_ID.fullmatch(statement_id) else None
        if record is None:
            raise NotFound
        if not principal.may_read(record["groups"], record["claims"]):
            raise Forbidden
        return record

    def page(
        self,
        record: Mapping[str, Any],
        statement_id: str,
        position: Position,
        many: bool = False,
        most: int | None = None,
    ) -> dict[str, Any]:
        """One page of it, or the part that an answer can hold, its `records` as `Rows`.

        Raises what `PageReader.read` raises.

        Pages that a download has joined are what nobody has asked for: of these, at most `most` rows are given.
        """
        page = self.page_reader.read(statement_id, record, position, many)
        rows = pages.part(page, position.skipped)
        if page.count > 1 and most is not None:
            rows = rows.first(most)
        following = position.after(len(rows.records), page)
        return {
            "statementId": statement_id,
            "report": record["report"],
            "asOf": record["asOf"],
            "rowCount": int(record["rows"] if page.row_count is None else page.row_count),
            "columns": page.columns,
            "records": rows,
            "nextToken": following and page_tokens.written(following, _key(record)),
        }

    def reading(
        self, principal: Principal, record: Mapping[str, Any], statement_id: str, next_token: str | None
    ) -> dict[str, Any]:
        """A page to be shown. Rows beyond the report's limit are for those alone who may download, and on record.

        Raises `DownloadForbidden`, `BadParameter` for a token that no page gave, and what `page` raises.
        """
        limit, position = int(record["limit"]), page_tokens.read(next_token, _key(record))
        if int(record["rows"]) <= limit:
            return self.page(record, statement_id, position)
        may_download, start = principal.may_download(record["downloaders"]), position.rows_before
        if start >= limit and not may_download:
            self.audit.begin(principal, _read(statement_id, record), audit.REFUSED)
            raise DownloadForbidden(_BEYOND.format(limit=limit))
        page = self.page(record, statement_id, position, most=limit - start if start < limit else None)
        rows: Rows = page["records"]
        end = start + len(rows.records)
        if not may_download and end >= limit:
            return {**page, "records": rows.first(limit - start), "nextToken": None}
        if end > limit:
            taken = _read(statement_id, record)
            self.audit.begin(principal, taken, audit.COMPLETED, len(rows.records), len(rows.text))
        return page

    def download(self, asked: "Download", record: Mapping[str, Any], next_token: str | None) -> dict[str, Any]:
        """A page for a file, with what the file says of itself.

        Raises `DownloadForbidden` and `BadParameter` besides what `page` raises, and `Forbidden` for a record of
        something else.
        """
        if not asked.principal.may_download(record["downloaders"]):
            raise DownloadForbidden
        page = self.page(record, asked.statement_id, page_tokens.read(next_token, _key(record)), many=True)
        record_id = asked.record_id
        taken = AuditedItem.of_record(audit.DOWNLOAD, asked.statement_id, record, asked.format)
        if record_id is None:
            record_id = self.audit.begin(asked.principal, taken)
            log_events.download_started(asked.statement_id, record, asked.principal.sub)
        rows: Rows = page["records"]
        handed = DeliveredPage(next_token, page["nextToken"], len(rows.records), len(rows.text))
        self.audit.add(record_id, asked.principal, taken, handed)
        notified = {name: record[name] for name in ("title", "department")}
        return {**page, **notified, "parameters": record["values"], "record": record_id}


class Download(Struct, frozen=True):
    """Who takes a statement's rows away, and as what; `record_id` is None for the first page."""

    principal: Principal
    statement_id: str
    format: str
    record_id: str | None


def _key(record: Mapping[str, Any]) -> str:
    return str(record.get("tokenKey", ""))


def _read(statement_id: str, record: Mapping[str, Any]) -> AuditedItem:
    return AuditedItem.of_record(audit.READ, statement_id, record, "json")


@at_start
def build() -> ResultReader:
    """The reader of this function's environment, kept while the function is warm."""
    settings, dynamodb = GetResult.from_environ(os.environ), clients.dynamodb()
    runs, recorded = RunTable(dynamodb, settings.table_name), Audit(dynamodb, settings.audit_table_name)
    s3 = clients.client("s3", attempts=1, read_seconds=_S3_SECONDS)
    kept = KeptPages(s3, settings.results_s3_path)
    warehouse = WarehousePages(clients.client("redshift-data", attempts=1))
    return ResultReader(runs, recorded, PageReader(runs, kept, warehouse))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with a page of rows, 304 for who has the first already, or the error's status with its code and sentence."""
    try:
        return _answer(build(), event)
    except TooBusy as error:
        return _with_headers(clients.rest_error(error), {"Retry-After": _RETRY_AFTER})
    except PushboardError as error:
        return clients.rest_error(error)


def _answer(reader: ResultReader, event: Mapping[str, Any]) -> dict[str, Any]:
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    statement_id = event["pathParameters"]["statementId"]
    query = event.get("queryStringParameters") or {}
    next_token = query.get("nextToken")
    record = reader.record(principal, statement_id)
    log_events.rows_read(statement_id, record, principal.sub)
    if "download" in query:
        return _rows(reader.download(_download(principal, statement_id, query), record, next_token))
    if next_token is not None:
        return _rows(reader.reading(principal, record, statement_id, next_token))
    # Kept by whoever asked and by no proxy, and shown again only after asking here: rights end, rows do not.
    kept = {"ETag": f'"{_version(principal, record, statement_id)}"', "Cache-Control": "private, no-cache"}
    if _knows(event.get("multiValueHeaders") or {}, kept["ETag"]):
        return {"statusCode": 304, "headers": kept, "body": "", "isBase64Encoded": False}
    return _with_headers(_rows(reader.reading(principal, record, statement_id, None)), kept)


def _rows(page: dict[str, Any]) -> dict[str, Any]:
    return clients.rest_text(pages.encoded(page | {"records": Raw(page["records"].text)}).decode())


def _version(principal: Principal, record: Mapping[str, Any], statement_id: str) -> str:
    """Of the first page: who may not download may have less of it."""
    is_whole = int(record["rows"]) <= int(record["limit"]) or principal.may_download(record["downloaders"])
    return statement_id if is_whole else f"{statement_id}-limited"


def _download(principal: Principal, statement_id: str, query: Mapping[str, str]) -> Download:
    if query["download"] not in FORMATS:
        raise BadParameter(f"download must be one of {', '.join(sorted(FORMATS))}.")
    if ("nextToken" in query) != ("record" in query):
        raise BadParameter("Every page but the first names the record that the first gave.")
    return Download(principal, statement_id, query["download"], query.get("record"))


def _with_headers(answer: dict[str, Any], headers: Mapping[str, str]) -> dict[str, Any]:
    return {**answer, "headers": {**answer["headers"], **headers}}


def _knows(headers: Mapping[str, Sequence[str]], tag: str) -> bool:
    """Whether If-None-Match names the entity tag, or `*`, any; header names come as the client spelled them."""
    lines = [line for name, values in headers.items() if name.lower() == "if-none-match" for line in values]
    named = ",".join(lines).strip()
    return named == "*" or tag in _ENTITY_TAG.findall(named)
