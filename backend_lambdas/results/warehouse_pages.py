"""Pages of rows from the Data API, which keeps a result for 24 hours and answers 20 reads a second in all.

Used by `page_reader` for pages that are not kept yet.

botocore looks at each value of a result as it parses it, which takes several times as long as all else that is done
with a page. So rows are taken out of an answer before it is parsed: they are plain JSON, and `rows` reads them.
"""

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.aws.retry import RetryPolicy
from backend_lambdas.errors import NotFound, PushboardError, TooBusy, WarehouseRefused, WarehouseUnavailable
from backend_lambdas.results import rows
from backend_lambdas.results.pages import Page
from backend_lambdas.runs import error_classification

log = logging.getLogger(__name__)

_REFUSALS: Mapping[str, Callable[[], PushboardError]] = {
    "ResourceNotFoundException": NotFound,
    "ValidationException": NotFound,  # the id and the token are ones that it gave: it has forgotten the token
    "ThrottlingException": TooBusy,
    "AccessDeniedException": WarehouseRefused,
}

_RETRY = RetryPolicy(8)
"""Twenty reads a second are everybody's. With the last try, and S3 before and after it, that ends within the 29 s that
API Gateway waits."""


_is_ours: ContextVar[bool] = ContextVar("whether the call under way is one of this module's", default=False)

_PARSES = "before-parse.redshift-data.GetStatementResult"


class WarehousePages(Struct, frozen=True):
    """The Data API's results. For whoever else has the client, botocore parses rows as ever."""

    client: Any

    def __post_init__(self) -> None:
        self.client.meta.events.register(_PARSES, _take_rows, unique_id="rows as JSON")

    def get(self, statement_id: str, token: str | None) -> Page:
        """The page that a token of the Data API asks for, None for the first.

        Raises `NotFound`, `TooBusy`, `WarehouseUnavailable` or a cause's error.
        """
        answer = self._fetch(statement_id, {"NextToken": token} if token else {})
        columns = rows.columns(answer["ColumnMetadata"])
        return Page(
            columns=[column.described() for column in columns],
            records=rows.records(answer["Records"], columns),
            row_count=answer.get("TotalNumRows"),
            warehouse_token=answer.get("NextToken") or None,
        )

    def _fetch(self, statement_id: str, token: Mapping[str, str]) -> dict[str, Any]:
        own = _is_ours.set(True)
        try:
            return self._tried(statement_id, token)
        finally:
            _is_ours.reset(own)

    def _tried(self, statement_id: str, token: Mapping[str, str]) -> dict[str, Any]:
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


class _Rows(Struct):
    """An answer's rows."""

    Records: list[list[rows.Field]]


_ROWS = msgspec.json.Decoder(_Rows)
_REST = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _take_rows(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Leaves an answer's rows out of what botocore parses, and adds them to what it returns.

    An answer that is something else (an error, or a NaN, which JSON has not) is left to botocore as it is.
    Source: botocore's event `before-parse`.
    """
    if not _is_ours.get():
        return
    try:
        customized_response_dict["Records"] = _ROWS.decode(response_dict["body"]).Records
    except msgspec.DecodeError:
        return
    response_dict["body"] = msgspec.json.encode(_REST.decode(response_dict["body"]) | {"Records": []})


def _refusal(error: ClientError | BotoCoreError) -> PushboardError:
    limit = error_classification.cause_of(str(error))
    if limit:
        return limit()
    code = clients.error_code(error) if isinstance(error, ClientError) else ""
    return _REFUSALS.get(code, WarehouseUnavailable)()


def _may_pass(refusal: PushboardError) -> bool:
    return isinstance(refusal, TooBusy | WarehouseUnavailable) and not isinstance(refusal, WarehouseRefused)
