"""The WebSocket messages of the wire contract: commands from a client, events to a client. Pure data, no AWS.

The one module of this package that the dashboard may import. A browser writes the commands, `on_connect` reads them;
`on_connect`, `send_message` and `announce_reports` write the events, the browser reads them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from msgspec import Struct, field
from msgspec.structs import fields

MAX_MESSAGE_BYTES = 128 * 1024
"""What API Gateway carries in either direction."""

BATCHES = "pushboard.batch"
"""The sub-protocol of a socket whose client may send several runs in one message, and takes `batches`.

Source: API Gateway developer guide, "Set up a $connect route that requires a WebSocket subprotocol".
"""

_BATCH_BYTES = MAX_MESSAGE_BYTES - 100
"""For all messages of a batch, with what is around them; JSON here is ASCII, so a character is a byte."""

ACTIONS = frozenset({"run", "cancel", "resume", "export", "unwatch", "ping"})
"""Every action about reports."""

JOB_ACTIONS = frozenset({"start", "approve"})
"""Every action about jobs: they go to a function of their own."""

EXPORT_FORMATS = ("csv", "parquet")

MAX_RUN_IDS = 100
"""How many runs one `resume`, `unwatch` or `run` may name."""

MAX_KEY_LENGTH = 128
"""Characters of a topic's, a report's or a run's name."""


class MalformedMessage(ValueError):
    """The text is no message of the contract; the argument says why, in a sentence."""


class Ping(Struct, frozen=True):
    """Keeps the connection from idling out; answered by `Pong`."""


class Run(Struct, frozen=True):
    """Asks for a report. `topic_name` is the panel's key on the page, `run_id` the client's own name for this run.

    With `watch` it is asked again whenever a table that the report reads has changed.
    """

    topic_name: str
    report: str
    run_id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    refresh: bool = False
    watch: bool = False


class Runs(Struct, frozen=True):
    """Several runs in one message, each as if it had come alone; who asks so may be answered by `batches`.

    `refused` are those of them that cannot be read, with the reason.
    """

    runs: tuple[Run, ...]
    refused: tuple["RunRejected", ...] = ()


class Cancel(Struct, frozen=True):
    """Ends one's own wait for a run."""

    run_id: str


class Resume(Struct, frozen=True):
    """Takes up runs again on this connection: of another that broke, or from before a page was loaded anew."""

    run_ids: tuple[str, ...]


class Unwatch(Struct, frozen=True):
    """Ends the watch of runs on this connection; closing it does so as well."""

    run_ids: tuple[str, ...]


class Start(Struct, frozen=True):
    """Starts a job; `run_id` is the client's own name for this run."""

    topic_name: str
    job: str
    run_id: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Approve(Struct, frozen=True):
    """Agrees to a run of a job that somebody else has started."""

    run_id: str


class Export(Struct, frozen=True):
    """Asks for a report's rows as a file, however many they are; `format` is `csv` or `parquet`."""

    topic_name: str
    report: str
    run_id: str
    format: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


Command = Ping | Run | Runs | Cancel | Resume | Export | Unwatch | Start | Approve


class Pong(Struct, frozen=True):
    """The answer to `Ping`."""

    type: ClassVar[str] = "pong"


class RunAccepted(Struct, frozen=True):
    """The run has a statement; `shared` when it joined one that somebody else had started."""

    type: ClassVar[str] = "accepted"
    topic_name: str
    run_id: str
    statement_id: str | None
    shared: bool


class RunFinished(Struct, frozen=True):
    """The rows can be fetched. `as_of` is ISO 8601 in UTC; `cached`: the statement had ended before this run asked."""

    type: ClassVar[str] = "finished"
    topic_name: str
    run_id: str
    statement_id: str
    rows: int
    elapsed_ms: int
    as_of: str
    cached: bool


class RunExported(Struct, frozen=True):
    """The file is there; `GET /exports/{runId}` gives a link to it."""

    type: ClassVar[str] = "exported"
    topic_name: str
    run_id: str
    format: str
    rows: int
    bytes: int


class RunFailed(Struct, frozen=True):
    """The statement was started and did not give rows. `topic_name` is None for a run that is not known any more."""

    type: ClassVar[str] = "failed"
    topic_name: str | None
    run_id: str
    code: str
    message: str


class RunCancelled(Struct, frozen=True):
    """The wait, or the statement, was cancelled. `topic_name` is None when the cancel came before its run."""

    type: ClassVar[str] = "cancelled"
    topic_name: str | None
    run_id: str


class RunRejected(Struct, frozen=True):
    """Nothing was started. `topic_name` and `run_id` are None when the message was too broken to tell."""

    type: ClassVar[str] = "rejected"
    topic_name: str | None
    run_id: str | None
    code: str
    message: str


class ReportsChanged(Struct, frozen=True):
    """Files of reports came, changed or went: `GET /reports` has news. `changed` are the ids this user may see now.

    What was deleted is not among them, nor what others see: then it may be empty, and the list still differs.
    """

    type: ClassVar[str] = "reports"
    changed: tuple[str, ...]


class DataChanged(Struct, frozen=True):
    """Tables that a watched run's report reads have changed; `accepted` and `finished` follow for the same run.

    `at` is when they did, ISO 8601 in UTC. Of a report with `live: false` nothing follows until it is run again.
    """

    type: ClassVar[str] = "changed"
    topic_name: str
    run_id: str
    tables: tuple[str, ...]
    at: str


class JobAccepted(Struct, frozen=True):
    """A run of a job is on record; `state` is `approval`, `queued` or `running`, `shared` when another had started it.

    `of` is that other's run id. Somebody of `approve` has to agree where it waits for approval.
    """

    type: ClassVar[str] = "accepted"
    topic_name: str
    run_id: str
    job: str
    shared: bool
    state: str
    of: str | None = None
    approve: tuple[str, ...] | None = None


class JobStep(Struct, frozen=True):
    """A step of a job is `running`, `finished`, `failed`, or `undone` with what came before a failure.

    `rows` are those that it changed, as far as the warehouse tells.
    """

    type: ClassVar[str] = "step"
    topic_name: str
    run_id: str
    job: str
    index: int
    name: str
    state: str
    rows: int
    elapsed_ms: int


class JobFinished(Struct, frozen=True):
    """All steps are done; `steps` are their names, `as_of` is ISO 8601 in UTC."""

    type: ClassVar[str] = "finished"
    topic_name: str
    run_id: str
    job: str
    rows: int
    elapsed_ms: int
    as_of: str
    steps: tuple[str, ...]


class JobFailed(Struct, frozen=True):
    """It stopped; `steps` are the names of those that are done and stay: none where everything is as it was before."""

    type: ClassVar[str] = "failed"
    topic_name: str
    run_id: str
    job: str
    code: str
    message: str
    steps: tuple[str, ...]


class JobCancelled(Struct, frozen=True):
    """Somebody has cancelled it; `steps` as of `JobFailed`."""

    type: ClassVar[str] = "cancelled"
    topic_name: str
    run_id: str
    job: str
    message: str
    steps: tuple[str, ...]


RunEvent = RunAccepted | RunFinished | RunExported | RunFailed | RunCancelled | RunRejected | DataChanged
JobEvent = JobAccepted | JobStep | JobFinished | JobFailed | JobCancelled
Event = Pong | ReportsChanged | RunEvent | JobEvent


def to_json(event: Event) -> str:
    """The JSON text of an event: its type and its fields in camel case, absent ones left out."""
    values = {_camel(item.name): getattr(event, item.name) for item in fields(event)}
    return json.dumps({"type": event.type, **{name: value for name, value in values.items() if value is not None}})


def batches(events: Sequence[Event]) -> Iterator[str]:
    """The JSON texts of several events in their order, as many in one as the gateway carries; a single one as itself.

    For a client that takes `BATCHES` alone.
    """
    some: list[str] = []
    size = 0
    for text in map(to_json, events):
        if some and size + len(text) > _BATCH_BYTES:
            yield _batch(some)
            some, size = [], 0
        some.append(text)
        size += len(text) + 2
    if some:
        yield _batch(some)


def _batch(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f'{{"type": "batch", "messages": [{", ".join(texts)}]}}'


def parse(text: str) -> Command:
    """The command in a client's message.

    Raises `MalformedMessage` with a sentence when the text is not JSON, has no known action, or lacks a key.
    """
    message = parse_object(text)
    reader = _READERS.get(_readable(message.get("action")) or "")
    if reader is None:
        raise MalformedMessage("The message has no action that is known here.")
    return reader(message)


def parse_object(text: str) -> dict[str, Any]:
    """The JSON object in `text`, within the size a gateway carries; `MalformedMessage` otherwise."""
    if len(text.encode(errors="replace")) > MAX_MESSAGE_BYTES:
        raise MalformedMessage("The message is larger than 128 KB.")
    try:
        message = json.loads(text)
        json.dumps(message, ensure_ascii=False).encode()  # half a character ("\ud800") can be stored and sent nowhere
    except (ValueError, RecursionError) as error:
        raise MalformedMessage("The message is not JSON.") from error
    if not isinstance(message, dict):
        raise MalformedMessage("The message is not a JSON object.")
    return message


Address = tuple[str | None, str | None]
"""A topic and a run, as far as they can be read."""


def address(text: str) -> Address:
    """The topic and the run a message speaks of; for answering a broken message."""
    return addresses(text)[0]


def addresses(text: str) -> list[Address]:
    """The same of each run that a message speaks of: at least one, and several only of a list that is read."""
    try:
        message = parse_object(text)
    except MalformedMessage:
        return [(None, None)]
    is_list = message.get("action") == "run" and _is_list_of_runs(message.get("runs"))
    return [_address(each) for each in message["runs"]] if is_list else [_address(message)]


def _address(message: Any) -> Address:
    if not isinstance(message, dict):
        return None, None
    return _readable(message.get("topicName")), _readable(message.get("runId"))


def _readable(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= MAX_KEY_LENGTH else None


def _key(message: Mapping[str, Any], name: str) -> str:
    value = _readable(message.get(name))
    if value is None:
        raise MalformedMessage(f"The message needs {name}: a text of 1 to {MAX_KEY_LENGTH} characters.")
    return value


def _run_or_runs(message: Mapping[str, Any]) -> Run | Runs:
    return _runs(message["runs"]) if "runs" in message else _run(message)


def _runs(several: Any) -> Runs:
    """Of two with one run id the first counts, as the same message again changes nothing."""
    if not _is_list_of_runs(several):
        raise MalformedMessage(f"runs must be a list of 1 to {MAX_RUN_IDS} runs.")
    runs: dict[str, Run] = {}
    refused = []
    for each in several:
        try:
            run = _run_of(each)
            runs.setdefault(run.run_id, run)
        except MalformedMessage as error:
            refused.append(RunRejected(*_address(each), "bad_message", str(error)))
    return Runs(tuple(runs.values()), tuple(refused))


def _is_list_of_runs(value: Any) -> bool:
    return isinstance(value, list) and 1 <= len(value) <= MAX_RUN_IDS


def _run_of(message: Any) -> Run:
    if not isinstance(message, dict):
        raise MalformedMessage("Each of the runs must be a JSON object.")
    return _run(message)


def _run(message: Mapping[str, Any]) -> Run:
    parameters = _parameters(message)
    refresh, watch = _switch(message, "refresh"), _switch(message, "watch")
    return Run(_key(message, "topicName"), _key(message, "report"), _key(message, "runId"), parameters, refresh, watch)


def _parameters(message: Mapping[str, Any]) -> dict[str, Any]:
    parameters = message.get("parameters", {})
    if not isinstance(parameters, dict):
        raise MalformedMessage("parameters must be a JSON object.")
    return parameters


def _switch(message: Mapping[str, Any], name: str) -> bool:
    value = message.get(name, False)
    if not isinstance(value, bool):
        raise MalformedMessage(f"{name} must be true or false.")
    return value


def _start(message: Mapping[str, Any]) -> Start:
    return Start(_key(message, "topicName"), _key(message, "job"), _key(message, "runId"), _parameters(message))


def _approve(message: Mapping[str, Any]) -> Approve:
    return Approve(_key(message, "runId"))


def _export(message: Mapping[str, Any]) -> Export:
    run, file_format = _run({**message, "refresh": False, "watch": False}), message.get("format")
    if file_format not in EXPORT_FORMATS:
        raise MalformedMessage(f"format must be one of {', '.join(EXPORT_FORMATS)}.")
    return Export(run.topic_name, run.report, run.run_id, file_format, run.parameters)


def _cancel(message: Mapping[str, Any]) -> Cancel:
    return Cancel(_key(message, "runId"))


def _resume(message: Mapping[str, Any]) -> Resume:
    return Resume(_run_ids(message))


def _unwatch(message: Mapping[str, Any]) -> Unwatch:
    return Unwatch(_run_ids(message))


def _run_ids(message: Mapping[str, Any]) -> tuple[str, ...]:
    run_ids = message.get("runIds")
    if not isinstance(run_ids, list) or not 1 <= len(run_ids) <= MAX_RUN_IDS or not all(map(_readable, run_ids)):
        raise MalformedMessage(
            f"runIds must be a list of 1 to {MAX_RUN_IDS} texts of 1 to {MAX_KEY_LENGTH} characters."
        )
    return tuple(dict.fromkeys(run_ids))


def _ping(_: Mapping[str, Any]) -> Ping:
    return Ping()


_READERS: dict[str, Callable[[Mapping[str, Any]], Command]] = {
    "run": _run_or_runs,
    "cancel": _cancel,
    "resume": _resume,
    "export": _export,
    "unwatch": _unwatch,
    "ping": _ping,
    "start": _start,
    "approve": _approve,
}


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.title() for part in tail)
