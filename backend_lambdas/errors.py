"""What can go wrong for a user, each with a code of the wire contract, an HTTP status and a sentence fit for a viewer.

Raised deep, translated once at the edge: into a `rejected` or `failed` message on the socket, into
`{"error": {"code", "message"}}` over REST.

    PushboardError
    ├── BadMessage            bad_message            400
    ├── UnknownReport         unknown_report         404
    ├── UnknownJob            unknown_job            404
    ├── NotFound              not_found              404
    │   ├── UnknownMap                not_found              404
    │   └── BrokenMap                 not_found              404
    ├── Forbidden             forbidden              403
    │   └── DownloadForbidden         forbidden              403
    ├── NotReady              not_ready              409
    ├── ResultTooLarge        result_too_large       409
    ├── RowTooLarge           row_too_large          409
    ├── DiskFull              disk_full              503
    ├── BadParameter          bad_parameter          400
    ├── JobBusy               busy                   409
    ├── CheckFailed           check_failed           409
    ├── NeedsApproval         needs_approval         403
    ├── StatementInvalid      sql_error              400
    ├── Expired               expired                401
    ├── RunNotFound           expired                404
    ├── Timeout               timeout                504
    ├── TooBusy               too_busy               429
    └── WarehouseUnavailable  warehouse_unavailable  503
        └── WarehouseRefused  warehouse_unavailable  503
"""

from typing import ClassVar


class PushboardError(Exception):
    """The root: `code` and `status` belong to the class, the sentence to the instance."""

    code: ClassVar[str]
    status: ClassVar[int]
    sentence: ClassVar[str]

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.sentence)
        self.message = message or self.sentence


class BadMessage(PushboardError):
    """The message is not one of the contract."""

    code, status, sentence = "bad_message", 400, "This message could not be understood."


class UnknownReport(PushboardError):
    """There is no such report, or its file is broken; or the user may not see it, which is not to be told apart."""

    code, status, sentence = (
        "unknown_report",
        404,
        "There is no report of this name, or you do not have access to it.",
    )


class UnknownJob(PushboardError):
    """There is no such job, or its file is broken; or the user may not start it, which is not to be told apart."""

    code, status, sentence = "unknown_job", 404, "There is no job of this name, or you may not start it."


class NotFound(PushboardError):
    """There is no such result, or it is kept no longer."""

    code, status, sentence = (
        "not_found",
        404,
        "This result is not available any more: rows are kept for a day, or as long as their report says. Run the "
        "report again, or export it: an export is kept for seven days.",
    )


class UnknownMap(NotFound):
    """There is no map of this name."""

    sentence = "The map of this chart is not there. Its author has to look at it."


class BrokenMap(NotFound):
    """The file of a map has a mistake; authors are told where and why."""

    sentence = "The map of this chart has a mistake in its file. Its author has to look at it."


class Forbidden(PushboardError):
    """The user's groups do not allow it."""

    code, status, sentence = "forbidden", 403, "You do not have access to this report."


class DownloadForbidden(Forbidden):
    """The user may see it and may not take it away."""

    sentence = "You may see this report, but not download it."


class NotReady(PushboardError):
    """An export that is still being written."""

    code, status, sentence = "not_ready", 409, "This export is still being written."


class ResultTooLarge(PushboardError):
    """A result beyond what the Data API hands out."""

    code, status, sentence = (
        "result_too_large",
        409,
        "This report has more rows than can be shown: the warehouse hands out results of up to 500 MB. "
        "An export has no such limit, as it is written to a file.",
    )


class RowTooLarge(PushboardError):
    """A row beyond what the Data API hands out."""

    code, status, sentence = (
        "row_too_large",
        409,
        "This report has a row that is too large to be shown: the warehouse hands out rows of up to 64 KB. "
        "An export has no such limit, as it is written to a file.",
    )


class DiskFull(PushboardError):
    """The warehouse, or the place where it writes, has no room."""

    code, status, sentence = (
        "disk_full",
        503,
        "The warehouse ran out of disk space, and nothing of this was kept. Try again when there is room.",
    )


class BadParameter(PushboardError):
    """A parameter is missing, unknown, mistyped or out of range."""

    code, status, sentence = "bad_parameter", 400, "A filter has a value that this report cannot use."


class StatementInvalid(PushboardError):
    """The warehouse finds the statement itself invalid: something that only the report's author can mend."""

    code, status, sentence = "sql_error", 400, "The warehouse could not run this report. Its author has to look at it."


class JobBusy(PushboardError):
    """A job that may not run now: another one writes the same table."""

    code, status, sentence = (
        "busy",
        409,
        "Another job writes the same table right now. Start this one when it has ended.",
    )


class CheckFailed(PushboardError):
    """A check of a job was not true."""

    code, status, sentence = "check_failed", 409, "A check of this job was not true."


class NeedsApproval(PushboardError):
    """Somebody else has to agree to a run."""

    code, status, sentence = "needs_approval", 403, "Somebody else has to agree to this run, not who has started it."


class Expired(PushboardError):
    """The sign-in ended while the socket was open."""

    code, status, sentence = "expired", 401, "Your sign-in has expired. Sign in again to continue."


class RunNotFound(PushboardError):
    """A run that a client speaks of never arrived, or was forgotten after its day."""

    code, status, sentence = "expired", 404, "This run is not known any more. Run the report again."


class Timeout(PushboardError):
    """The statement did not end within its report's limit."""

    code, status, sentence = "timeout", 504, "This report did not finish within its time limit."


class TooBusy(PushboardError):
    """The warehouse accepts no more statements right now."""

    code, status, sentence = "too_busy", 429, "The warehouse is busy right now. Try again in a moment."


class WarehouseUnavailable(PushboardError):
    """The warehouse, or a service on the way to it, did not answer."""

    code, status, sentence = (
        "warehouse_unavailable",
        503,
        "The warehouse cannot be reached right now. Try again shortly.",
    )


class WarehouseRefused(WarehouseUnavailable):
    """The warehouse did answer, and asking the same again would change nothing."""
