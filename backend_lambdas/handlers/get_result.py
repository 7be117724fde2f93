"""`GET /results/{statementId}`: a page of a finished statement's rows, for those who may see its report.

API Gateway calls it after its Cognito authorizer. Rows go page by page from the Data API to the client, typed as the
wire contract says: decimals stay exact text, NULL is null. The dashboard draws them.

Rows of a finished statement never change, so whoever has the first page already and may still see it is told just that:
the Data API is not asked. Source of how: RFC 9110, sections 8.8.3 (ETag), 13.1.2 (If-None-Match) and 15.4.5 (304).

Rows beyond the report's `limit` may be read by those alone who may also download them, and that is on record.

Who takes the rows away says so by `download=<format>`. It is a right of its own, and each page is added to the record
of it that `audit` keeps: the first page begins one and gives its id, which later pages name as `record`. A page that is
asked for again, by a retry or when a download goes on, counts once.
"""

import functools
import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import log_events
from backend_lambdas.access import audit
from backend_lambdas.access.audit import Audit, AuditedItem, DeliveredPage
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.retry import RetryPolicy
from backend_lambdas.errors import (
    BadParameter,
    DownloadForbidden,
    Forbidden,
    NotFound,
    PushboardError,
    TooBusy,
    WarehouseRefused,
    WarehouseUnavailable,
)
from backend_lambdas.results import rows
from backend_lambdas.results.page_offsets import PageOffsets
from backend_lambdas.runs import error_classification
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.settings import GetResult

log = logging.getLogger(__name__)

_STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}")
_MAX_TOKEN_LENGTH = 2048

_NO_SUCH_PAGE = "nextToken is not one that a page of this result gave."

_BEYOND = "Of this report, the first {limit} rows are all that you may see: it may not be downloaded."

_REFUSALS: Mapping[str, Callable[[], PushboardError]] = {
    "ResourceNotFoundException": NotFound,
    "ValidationException": lambda: BadParameter(_NO_SUCH_PAGE),  # the id is one that the table knows
    "ThrottlingException": TooBusy,
    "AccessDeniedException": WarehouseRefused,
}

_RETRY = RetryPolicy(10)
"""Twenty reads a second are everybody's. With the last try it ends well within the 29 s that API Gateway waits."""

_RETRY_AFTER = "2"
"""Seconds that a client should wait when patience was not enough."""

FORMATS = frozenset({"csv", "xlsx", "parquet", "json", "workbook"})
"""What rows are taken away as; a workbook has those of a whole page."""

_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


class ResultReader(Struct, frozen=True):
    """Reads results for users."""

    runs: RunTable
    audit: Audit
    client: Any
    offsets: PageOffsets

    def record(self, principal: Principal, statement_id: str) -> dict[str, Any]:
        """What is known of a finished statement that this user may see now; raises `NotFound` or `Forbidden`."""
        record = self.runs.statement(statement_id) if _STATEMENT_ID.fullmatch(statement_id) else None
        if record is None:
            raise NotFound
        if not principal.may_read(record["groups"], record["claims"]):
            raise Forbidden
        return record

    def page(self, record: Mapping[str, Any], statement_id: str, next_token: str | None) -> dict[str, Any]:
        """One page of it; raises `NotFound`, `BadParameter`, `TooBusy`, `WarehouseUnavailable` or a cause's error."""
        answer = self._fetch(statement_id, next_token)
        columns = rows.columns(answer["ColumnMetadata"])
        return {
            "statementId": statement_id,
            "report": record["report"],
            "asOf": record["asOf"],
            "rowCount": int(answer.get("TotalNumRows", record["rows"])),
            "columns": [column.described() for column in columns],
            "records": rows.records(answer["Records"], columns),
            "nextToken": answer.get("NextToken") or None,
        }

    def reading(
        self, principal: Principal, record: Mapping[str, Any], statement_id: str, next_token: str | None
    ) -> dict[str, Any]:
        """A page to be shown. Rows beyond the report's limit are for those alone who may download, and on record.

        Raises `DownloadForbidden`, `BadParameter` for a token that no page gave, and what `page` raises.
        """
        limit = int(record["limit"])
        if int(record["rows"]) <= limit:
            return self.page(record, statement_id, next_token)
        may_download = principal.may_download(record["downloaders"])
        offset = self.offsets.of(statement_id, next_token)
        if offset is None and not may_download:
            raise BadParameter(_NO_SUCH_PAGE)
        beyond = limit if offset is None else offset
        if beyond >= limit and not may_download:
            self.audit.begin(principal, _read(statement_id, record), audit.REFUSED)
            raise DownloadForbidden(_BEYOND.format(limit=limit))
        page = self.page(record, statement_id, next_token)
        end = beyond + len(page["records"])
        if not may_download and end >= limit:
            return {**page, "records": page["records"][: limit - beyond], "nextToken": None}
        if end > limit:
            count, size = len(page["records"]), len(json.dumps(page["records"]))
            self.audit.begin(principal, _read(statement_id, record), audit.COMPLETED, count, size)
        if page["nextToken"] and offset is not None:
            self.offsets.note(statement_id, page["nextToken"], end)
        return page

    def download(self, asked: "Download", record: Mapping[str, Any], next_token: str | None) -> dict[str, Any]:
        """A page for a file, with what the file says of itself.

        Raises `DownloadForbidden` besides what `page` raises, and `Forbidden` for a record that is of something else.
        """
        if not asked.principal.may_download(record["downloaders"]):
            raise DownloadForbidden
        page = self.page(record, asked.statement_id, next_token)
        record_id = asked.record_id
        taken = AuditedItem.of_record(audit.DOWNLOAD, asked.statement_id, record, asked.format)
        if record_id is None:
            record_id = self.audit.begin(asked.principal, taken)
            log_events.download_started(asked.statement_id, record, asked.principal.sub)
        records = page["records"]
        handed = DeliveredPage(next_token, page["nextToken"], len(records), len(json.dumps(records)))
        self.audit.add(record_id, asked.principal, taken, handed)
        notified = {name: record[name] for name in ("title", "department")}
        return {**page, **notified, "parameters": record["values"], "record": record_id}

    def _fetch(self, statement_id: str, next_token: str | None) -> dict[str, Any]:
        if next_token is not None and not 1 <= len(next_token) <= _MAX_TOKEN_LENGTH:
            raise BadParameter(_NO_SUCH_PAGE)
        token = {"NextToken": next_token} if next_token else {}
        refusal: PushboardError = TooBusy()
        for _ in _RETRY.tries():
            try:
                answer: dict[str, Any] = self.client.get_statement_result(Id=statement_id, **token)
                return answer
            except (ClientError, BotoCoreError) as error:
                log.warning("no rows of statement %s: %s", statement_id, error)
                refusal = _refusal(error)
                if not _may_pass(refusal):
                    raise refusal from error
        raise refusal


class Download(Struct, frozen=True):
    """Who takes a statement's rows away, and as what; `record_id` is None for the first page."""

    principal: Principal
    statement_id: str
    format: str
    record_id: str | None


def _read(statement_id: str, record: Mapping[str, Any]) -> AuditedItem:
    return AuditedItem.of_record(audit.READ, statement_id, record, "json")


def _refusal(error: ClientError | BotoCoreError) -> PushboardError:
    limit = error_classification.cause_of(str(error))
    if limit:
        return limit()
    code = clients.error_code(error) if isinstance(error, ClientError) else ""
    return _REFUSALS.get(code, WarehouseUnavailable)()


def _may_pass(refusal: PushboardError) -> bool:
    return isinstance(refusal, TooBusy | WarehouseUnavailable) and not isinstance(refusal, WarehouseRefused)


@functools.cache
def build() -> ResultReader:
    """The reader of this function's environment, kept while the function is warm."""
    settings, dynamodb = GetResult.from_environ(os.environ), clients.dynamodb()
    kept = Audit(dynamodb, settings.audit_table_name)
    client, offsets = clients.client("redshift-data", attempts=1), PageOffsets(dynamodb, settings.table_name)
    return ResultReader(RunTable(dynamodb, settings.table_name), kept, client, offsets)


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
        return clients.rest_answer(reader.download(_download(principal, statement_id, query), record, next_token))
    if next_token is not None:
        return clients.rest_answer(reader.reading(principal, record, statement_id, next_token))
    # Kept by whoever asked and by no proxy, and shown again only after asking here: rights end, rows do not.
    kept = {"ETag": f'"{_version(principal, record, statement_id)}"', "Cache-Control": "private, no-cache"}
    if _knows(event.get("multiValueHeaders") or {}, kept["ETag"]):
        return {"statusCode": 304, "headers": kept, "body": "", "isBase64Encoded": False}
    return _with_headers(clients.rest_answer(reader.reading(principal, record, statement_id, None)), kept)


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
