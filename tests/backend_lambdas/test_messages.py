"""The wire messages: what is read from a client, and what is written to one."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from backend_lambdas import messages
from backend_lambdas.messages import (
    Cancel,
    Export,
    MalformedMessage,
    Ping,
    Pong,
    ReportsChanged,
    Resume,
    Run,
    RunAccepted,
    RunCancelled,
    RunExported,
    RunFailed,
    RunFinished,
    RunRejected,
)

RUN: dict[str, Any] = {"action": "run", "topicName": "revenue", "report": "revenue_by_day", "runId": "run-1"}


def run(**changes: Any) -> str:
    return json.dumps(RUN | changes)


def test_a_run_is_read_with_its_parameters() -> None:
    """Every key of the contract arrives in its field."""
    text = run(parameters={"month": "2015-12"}, refresh=True)
    assert messages.parse(text) == Run("revenue", "revenue_by_day", "run-1", {"month": "2015-12"}, True)


def test_parameters_and_refresh_may_be_left_out() -> None:
    assert messages.parse(run()) == Run("revenue", "revenue_by_day", "run-1", {}, False)


def test_keys_of_later_versions_are_ignored() -> None:
    assert messages.parse(run(priority=1)) == messages.parse(run())


def test_several_runs_are_read_each_by_itself() -> None:
    """Those that cannot be read are told by their names, and keep none of the others."""
    good, other = RUN | {"runId": "run-2"}, {"topicName": "revenue", "runId": "run-3"}
    command = messages.parse(json.dumps({"action": "run", "runs": [RUN, good, RUN, other, "run"]}))
    assert isinstance(command, messages.Runs)
    assert [each.run_id for each in command.runs] == ["run-1", "run-2"]
    assert [(each.topic_name, each.run_id, each.code) for each in command.refused] == [
        ("revenue", "run-3", "bad_message"),
        (None, None, "bad_message"),
    ]


@pytest.mark.parametrize("runs", [[], {}, "run-1", None, [RUN] * 101])
def test_several_runs_are_a_list_of_one_to_a_hundred(runs: Any) -> None:
    with pytest.raises(MalformedMessage, match="runs must be a list of 1 to 100"):
        messages.parse(json.dumps({"action": "run", "runs": runs}))


def test_a_batch_has_its_messages_in_their_order() -> None:
    (batch,) = messages.batches([messages.Pong(), messages.ReportsChanged(("revenue",))])
    assert json.loads(batch) == {
        "type": "batch",
        "messages": [{"type": "pong"}, {"type": "reports", "changed": ["revenue"]}],
    }
    assert list(messages.batches([messages.Pong()])) == ['{"type": "pong"}']


def test_no_batch_is_longer_than_the_gateway_carries() -> None:
    """However long the names are, of letters that take twelve bytes each."""
    events = [messages.RunRejected("\U0001f6d1" * 128, f"{number}", "bad_message", "No.") for number in range(200)]
    batches = list(messages.batches(events))
    assert max(map(len, batches)) <= messages.MAX_MESSAGE_BYTES
    assert [each["runId"] for batch in batches for each in json.loads(batch)["messages"]] == [
        str(number) for number in range(200)
    ]


def test_cancel_and_ping_are_read() -> None:
    assert messages.parse('{"action":"cancel","runId":"run-1"}') == Cancel("run-1")
    assert messages.parse('{"action":"ping"}') == Ping()


def test_a_resume_is_read_with_its_runs() -> None:
    assert messages.parse('{"action":"resume","runIds":["run-1","run-2"]}') == Resume(("run-1", "run-2"))


@pytest.mark.parametrize("file_format", ["csv", "parquet"])
def test_an_export_is_read_with_its_format(file_format: str) -> None:
    text = run(action="export", format=file_format, parameters={"month": "2015-12"})
    assert messages.parse(text) == Export("revenue", "revenue_by_day", "run-1", file_format, {"month": "2015-12"})


@pytest.mark.parametrize("changes", [{}, *({"format": value} for value in [None, "", "CSV", "xlsx", ["csv"], {}, 1])])
def test_an_export_needs_a_format_that_the_warehouse_writes(changes: dict[str, Any]) -> None:
    with pytest.raises(MalformedMessage, match="format must be one of csv, parquet"):
        messages.parse(run(action="export", **changes))


@pytest.mark.parametrize("key", ["topicName", "report", "runId"])
def test_an_export_needs_the_names_that_a_run_needs(key: str) -> None:
    with pytest.raises(MalformedMessage, match=f"needs {key}"):
        messages.parse(run(action="export", format="csv", **{key: None}))


def test_an_export_is_always_of_now_so_refresh_means_nothing() -> None:
    assert messages.parse(run(action="export", format="csv", refresh="yes")).run_id == "run-1"


def test_the_end_of_an_export_tells_what_was_written() -> None:
    event = RunExported("revenue", "run-1", "csv", 2_000_000, 91_000_000)
    assert json.loads(messages.to_json(event)) == {
        "type": "exported",
        "topicName": "revenue",
        "runId": "run-1",
        "format": "csv",
        "rows": 2_000_000,
        "bytes": 91_000_000,
    }


def test_a_run_is_resumed_once_however_often_it_is_named() -> None:
    assert messages.parse('{"action":"resume","runIds":["b","a","b","a"]}') == Resume(("b", "a"))


def test_a_hundred_runs_can_be_resumed_at_once() -> None:
    run_ids = [f"run-{number}" for number in range(messages.MAX_RUN_IDS)]
    assert messages.parse(json.dumps({"action": "resume", "runIds": run_ids})) == Resume(tuple(run_ids))


@pytest.mark.parametrize(
    "value", [None, "run-1", [], {}, [1], [None], [""], ["x" * 129], [["run-1"]], ["run-1", 2], ["x"] * 101]
)
def test_runs_to_resume_must_be_a_list_of_short_texts(value: Any) -> None:
    with pytest.raises(MalformedMessage, match="runIds must be a list of 1 to 100 texts"):
        messages.parse(json.dumps({"action": "resume", "runIds": value}))


def test_a_resume_without_runs_is_malformed() -> None:
    with pytest.raises(MalformedMessage, match="runIds must be"):
        messages.parse('{"action":"resume","runId":"run-1"}')


@pytest.mark.parametrize("text", ["", "{", "null x", '{"action":', "{'action': 'ping'}", "\x00", "1" * 5000])
def test_what_is_not_json_is_malformed(text: str) -> None:
    with pytest.raises(MalformedMessage, match="not JSON"):
        messages.parse(text)


@pytest.mark.parametrize("text", ["null", "[]", '"ping"', "1", "true", '[{"action":"ping"}]'])
def test_json_that_is_no_object_is_malformed(text: str) -> None:
    with pytest.raises(MalformedMessage, match="not a JSON object"):
        messages.parse(text)


@pytest.mark.parametrize("depth", [300, 900, 60_000])
@pytest.mark.parametrize(
    "shape", ['{{"action":{}}}', '{{"action":"ping","x":{}}}', '{{"action":"run","topicName":{}}}']
)
def test_deep_nesting_is_read_or_refused_but_never_an_overflow(depth: int, shape: str) -> None:
    try:
        assert messages.parse(shape.format("[" * depth + "]" * depth)) == Ping()
    except MalformedMessage:
        return


@pytest.mark.parametrize("action", ["explode", "", "RUN", None, 1, True, ["run"], {"run": 1}, "download"])
def test_an_action_nobody_reads_is_malformed(action: Any) -> None:
    with pytest.raises(MalformedMessage, match="no action that is known"):
        messages.parse(run(action=action))


@pytest.mark.parametrize("key", ["topicName", "report", "runId"])
@pytest.mark.parametrize("value", [None, "", 1, True, ["x"], {"x": 1}, "x" * 129])
def test_a_run_needs_its_names_as_short_texts(key: str, value: Any) -> None:
    with pytest.raises(MalformedMessage, match=f"needs {key}"):
        messages.parse(run(**{key: value}))


@pytest.mark.parametrize("key", ["topicName", "report", "runId"])
def test_a_run_without_a_name_is_malformed(key: str) -> None:
    with pytest.raises(MalformedMessage, match=f"needs {key}"):
        messages.parse(json.dumps({name: value for name, value in RUN.items() if name != key}))


def test_a_name_of_the_greatest_length_is_taken() -> None:
    assert messages.parse(run(topicName="x" * 128)) == Run("x" * 128, "revenue_by_day", "run-1")


@pytest.mark.parametrize("value", [None, [], "month=2015-12", 1])
def test_parameters_must_be_an_object(value: Any) -> None:
    with pytest.raises(MalformedMessage, match="parameters must be"):
        messages.parse(run(parameters=value))


@pytest.mark.parametrize("value", [None, "true", 1, []])
def test_refresh_must_be_a_boolean(value: Any) -> None:
    with pytest.raises(MalformedMessage, match="refresh must be"):
        messages.parse(run(refresh=value))


def test_a_message_of_200_kb_is_too_large() -> None:
    with pytest.raises(MalformedMessage, match="larger than 128 KB"):
        messages.parse(run(parameters={"text": "x" * 200_000}))


def test_size_counts_bytes_not_characters() -> None:
    """100,000 letters of two bytes each are more than the gateway carries."""
    with pytest.raises(MalformedMessage, match="larger than 128 KB"):
        messages.parse(json.dumps(RUN | {"x": "é" * 100_000}, ensure_ascii=False))


@pytest.mark.parametrize("text", ['{"action":"ping","x":"\\ud800"}', '{"action":"ping","\\udfff":1}', '"\ud800"'])
def test_half_a_character_is_malformed(text: str) -> None:
    """JSON may hold it, but neither the table nor the warehouse can."""
    with pytest.raises(MalformedMessage):
        messages.parse(text)


@given(st.text(alphabet=st.characters()))
def test_any_text_is_a_command_or_malformed(text: str) -> None:
    with contextlib.suppress(MalformedMessage):
        assert isinstance(messages.parse(text), messages.Command)
    messages.address(text)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys((*RUN, "runs", "runIds", "parameters", "refresh"), JSON_VALUES)),
    st.data(),
)
def test_any_object_is_a_command_or_malformed(message: dict[str, Any], data: st.DataObject) -> None:
    message["action"] = data.draw(st.sampled_from(sorted(messages.ACTIONS)) | JSON_VALUES)
    try:
        command = messages.parse(json.dumps(message))
    except MalformedMessage:
        return
    assert isinstance(command, messages.Command)
    json.dumps(structs.asdict(command), ensure_ascii=False).encode()


def test_the_address_of_a_broken_message_is_read_as_far_as_it_goes() -> None:
    """So that a refusal reaches the panel that asked."""
    assert messages.address('{"action":"nonsense","topicName":"revenue","runId":"run-1"}') == ("revenue", "run-1")
    assert messages.address('{"topicName":7,"runId":""}') == (None, None)
    assert messages.address("not json") == (None, None)
    several = [RUN, {"topicName": 7, "runId": "run-2"}, 7]
    assert messages.addresses(json.dumps({"action": "run", "runs": several})) == [
        ("revenue", "run-1"),
        (None, "run-2"),
        (None, None),
    ]
    assert messages.addresses(json.dumps({"action": "run", "runs": [RUN] * 101})) == [(None, None)]
    assert messages.addresses(json.dumps({"action": "cancel", "runId": "run-9", "runs": [RUN]})) == [(None, "run-9")]


EVENTS = [
    (Pong(), {"type": "pong"}),
    (
        RunAccepted("revenue", "run-1", "id-1", True),
        {"type": "accepted", "topicName": "revenue", "runId": "run-1", "statementId": "id-1", "shared": True},
    ),
    (
        RunFinished("revenue", "run-1", "id-1", 31, 1200, "2026-11-20T09:31:07Z", False),
        {
            "type": "finished",
            "topicName": "revenue",
            "runId": "run-1",
            "statementId": "id-1",
            "rows": 31,
            "elapsedMs": 1200,
            "asOf": "2026-11-20T09:31:07Z",
            "cached": False,
        },
    ),
    (
        RunFailed("revenue", "run-1", "sql_error", "It failed."),
        {"type": "failed", "topicName": "revenue", "runId": "run-1", "code": "sql_error", "message": "It failed."},
    ),
    (
        RunFailed(None, "run-1", "expired", "It is not known."),
        {"type": "failed", "runId": "run-1", "code": "expired", "message": "It is not known."},
    ),
    (RunCancelled("revenue", "run-1"), {"type": "cancelled", "topicName": "revenue", "runId": "run-1"}),
    (RunRejected(None, None, "bad_message", "No."), {"type": "rejected", "code": "bad_message", "message": "No."}),
    (ReportsChanged(("revenue", "trips")), {"type": "reports", "changed": ["revenue", "trips"]}),
    (ReportsChanged(()), {"type": "reports", "changed": []}),
]


@pytest.mark.parametrize(("event", "written"), EVENTS, ids=lambda value: type(value).__name__)
def test_events_are_written_as_the_contract_says(event: messages.Event, written: dict[str, Any]) -> None:
    assert json.loads(messages.to_json(event)) == written
