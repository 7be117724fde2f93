"""`GET /results/{statementId}`: a page of a finished statement's rows, for those who may see its report.

API Gateway calls it after its Cognito authorizer. Rows go page by page from the Data API to the client, typed as the
wire contract says: decimals stay exact text, NULL is null. The dashboard draws them.
"""

import functools
import logging
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas import aws, rows
from backend_lambdas.errors import BadParameter, Forbidden, NotFound, PushboardError, TooBusy, WarehouseUnavailable
from backend_lambdas.identity import Principal
from backend_lambdas.run_table import Runs
from backend_lambdas.settings import GetResult

log = logging.getLogger(__name__)

_STATEMENT_ID = re.compile(r"[a-z0-9]{8}(-[a-z0-9]{4}){3}-[a-z0-9]{12}")
_MAX_TOKEN_LENGTH = 2048

_NO_SUCH_PAGE = "nextToken is not one that a page of this result gave."

_REFUSALS: Mapping[str, Callable[[], PushboardError]] = {
    "ResourceNotFoundException": NotFound,
    "ValidationException": lambda: BadParameter(_NO_SUCH_PAGE),  # the id is one that the table knows
    "ThrottlingException": TooBusy,
}


@dataclass(frozen=True)
class Reader:
    """Reads results for users."""

    runs: Runs
    client: Any

    def page(self, principal: Principal, statement_id: str, next_token: str | None) -> dict[str, Any]:
        """One page; raises `NotFound`, `Forbidden`, `BadParameter`, `TooBusy` or `WarehouseUnavailable`."""
        record = self._record(principal, statement_id)
        answer = self._fetch(statement_id, next_token)
        columns = rows.columns(answer["ColumnMetadata"])
        return {
            "statementId": statement_id,
            "report": record["report"],
            "asOf": record["asOf"],
            "rowCount": int(answer.get("TotalNumRows", record["rows"])),
            "columns": [{"name": column.name, "type": column.type} for column in columns],
            "records": rows.records(answer["Records"], columns),
            "nextToken": answer.get("NextToken") or None,
        }

    def _record(self, principal: Principal, statement_id: str) -> dict[str, Any]:
        record = self.runs.statement(statement_id) if _STATEMENT_ID.fullmatch(statement_id) else None
        if record is None:
            raise NotFound
        same_claims = all(principal.claims.get(name) == value for name, value in record["claims"].items())
        if not principal.may_see(record["groups"]) or not same_claims:
            raise Forbidden
        return record

    def _fetch(self, statement_id: str, next_token: str | None) -> dict[str, Any]:
        if next_token is not None and not 1 <= len(next_token) <= _MAX_TOKEN_LENGTH:
            raise BadParameter(_NO_SUCH_PAGE)
        token = {"NextToken": next_token} if next_token else {}
        try:
            answer: dict[str, Any] = self.client.get_statement_result(Id=statement_id, **token)
            return answer
        except ClientError as error:
            log.warning("no rows of statement %s: %s", statement_id, error)
            raise _REFUSALS.get(aws.error_code(error), WarehouseUnavailable)() from error
        except BotoCoreError as error:
            log.warning("no rows of statement %s: %s", statement_id, error)
            raise WarehouseUnavailable from error


@functools.cache
def build() -> Reader:
    """The reader of this function's environment, kept while the function is warm."""
    return Reader(Runs(aws.dynamodb(), GetResult.from_environ(os.environ).table_name), aws.client("redshift-data"))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with a page of rows, or the error's status with its code and sentence."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    query = event.get("queryStringParameters") or {}
    try:
        page = build().page(principal, event["pathParameters"]["statementId"], query.get("nextToken"))
    except PushboardError as error:
        return aws.rest_error(error)
    return aws.rest_answer(page)
