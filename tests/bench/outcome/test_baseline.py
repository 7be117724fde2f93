"""Which drifts from the baseline fail a run, which warn, and which are none."""

from pathlib import Path

import pytest

from tests.bench.outcome import baseline
from tests.bench.outcome.measures import COUNT, Measure


def drifts(now: baseline.Figures, before: baseline.Figures) -> list[tuple[str, bool]]:
    return [(drift.words, drift.is_large) for drift in baseline.drifts(now, before)]


@pytest.mark.parametrize(
    ("ratio", "large"),
    [(0.99, None), (1.0, None), (1.19, None), (1.21, False), (1.49, False), (1.51, True), (0.8, False), (0.1, False)],
)
def test_a_ratio_that_is_worse_by_half_fails_and_by_a_fifth_warns(ratio: float, large: bool | None) -> None:
    found = [drift.is_large for drift in baseline.drifts({"first": {"ratio": ratio}}, {"first": {"ratio": 1.0}})]
    assert found == ([] if large is None else [large])


def test_a_count_that_differs_at_all_fails() -> None:
    before = {"statements": {"count": 16}}
    assert drifts({"statements": {"count": 16}}, before) == []
    assert drifts({"statements": {"count": 15}}, before) == [("count of statements was 16 and is 15", True)]


def test_what_one_of_both_does_not_have_fails_but_a_suite_without_baseline_passes() -> None:
    assert drifts({"a": {"ratio": 1}}, {"b": {"ratio": 1}}) == [
        ("ratio of a was not there and is 1", True),
        ("ratio of b was 1 and is not there", True),
    ]
    assert drifts({"a": {"ratio": 1}}, {}) == []


def test_bare_times_are_not_compared() -> None:
    measures = [Measure("seconds", 3.2, "s"), Measure("half", 1.0, "s", beside=2.0), Measure("errors", 0, COUNT)]
    assert baseline.figures(measures) == {"half": {"ratio": 0.5}, "errors": {"count": 0}}


def test_sizes_are_compared_with_and_without_an_alternative() -> None:
    measures = [Measure("tab", 68.04, "kB"), Measure("click", 2.0, "kB", beside=8.0)]
    now = baseline.figures(measures)
    assert now == {"tab": {"kB": 68.0}, "click": {"kB": 2.0, "ratio": 0.25}}
    assert drifts(now, {"tab": {"kB": 40.0}, "click": now["click"]}) == [("kB of tab was 40 and is 68", True)]


def test_renewing_leaves_the_suites_that_were_not_run(tmp_path: Path) -> None:
    file = tmp_path / "baseline.json"
    baseline.renew({"a": {"x": {"ratio": 1.0}}, "b": {"y": {"count": 2}}}, file)
    baseline.renew({"b": {"y": {"count": 3}}, "c": {}}, file)
    assert baseline.read(file) == {"a": {"x": {"ratio": 1.0}}, "b": {"y": {"count": 3}}}
