"""What functions log on a laptop: lines as Lambda's JSON log format has them, each with its invocation."""

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.lambda_.logs import FunctionLogs, LogFile, within

log = logging.getLogger("some_functions.some_module")


class Kept:
    """What is written, and what people are told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.told: list[str] = []

    @property
    def entries(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def kept() -> Iterator[Kept]:
    made = Kept()
    logs = FunctionLogs({"some_functions"}, made.lines.append, made.told.append)
    yield made
    logs.close()


@pytest.mark.parametrize("first", [0, 1], ids=["the older one", "the younger one"])
def test_the_last_one_that_closes_leaves_the_level_as_it_was(first: int) -> None:
    """Else what is logged afterwards depends on who ran before."""
    logger = logging.getLogger("some_functions")
    own, both = logger.level, [FunctionLogs({"some_functions"}, print, print) for _ in range(2)]
    both[first].close()
    assert logger.level == logging.INFO
    both[1 - first].close()
    assert logger.level == own


def test_a_line_has_its_invocation_and_its_extra_fields_at_the_top(kept: Kept) -> None:
    with within("SomeFunction", "request-1"):
        log.info("run %s", "asked", extra={"runId": "r1", "_aws": {"Timestamp": 1}, "nothing": None})
    (entry,) = kept.entries
    assert entry.pop("timestamp").endswith("Z")
    assert entry == {
        "level": "INFO",
        "message": "run asked",
        "logger": "some_functions.some_module",
        "requestId": "request-1",
        "runId": "r1",
        "_aws": {"Timestamp": 1},
    }


def test_an_exception_is_told_with_type_message_and_trace(kept: Kept) -> None:
    with within("SomeFunction", "request-1"):
        try:
            raise ValueError("odd")
        except ValueError:
            log.exception("could not")
    (entry,) = kept.entries
    assert (entry["errorType"], entry["errorMessage"]) == ("ValueError", "odd")
    assert "test_logs.py" in entry["stackTrace"][0]


def test_people_are_told_of_warnings_and_of_nothing_less(kept: Kept) -> None:
    with within("SomeFunction", "request-1"):
        log.info("fine")
        log.warning("odd", extra={"reason": "because", "runId": "r1"})
    assert kept.told == ["[SomeFunction] odd (reason: because)"]
    assert len(kept.lines) == 2


def test_what_is_below_info_or_outside_any_invocation_is_no_line(kept: Kept) -> None:
    log.warning("outside")
    with within("SomeFunction", "request-1"):
        log.debug("too fine")
        logging.getLogger("another_package").warning("not a function's")
    assert kept.lines == []


def test_afterwards_the_loggers_are_as_before() -> None:
    logger = logging.getLogger("some_functions")
    before = logger.level, list(logger.handlers)
    FunctionLogs({"some_functions"}, print, print).close()
    assert (logger.level, logger.handlers) == before


def test_a_line_that_lambda_would_write_has_the_same_members(kept: Kept) -> None:
    """Members of `LogRecord` itself are none of a line's, whatever this Python adds to them."""
    with within("SomeFunction", "request-1"):
        log.info("fine")
    assert set(kept.entries[0]) == {"timestamp", "level", "message", "logger", "requestId"}, sys.version


def test_a_file_takes_a_line_a_text_and_is_made_with_its_folder(tmp_path: Path) -> None:
    log_file = LogFile(tmp_path / "logs" / "functions.jsonl")
    log_file.write('{"message": "100 % of it"}')
    log_file.write('{"message": "ü"}')
    log_file.close()
    assert (tmp_path / "logs" / "functions.jsonl").read_text(encoding="utf-8").splitlines() == [
        '{"message": "100 % of it"}',
        '{"message": "ü"}',
    ]
