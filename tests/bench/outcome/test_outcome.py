"""What a run of a suite leaves: its JSON and its chart, and nothing where it could not measure."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.outcome.measures import COUNT, Calibration, Measure, of_goes, percentile
from tests.bench.outcome.outcome import files
from tests.bench.requirements import NotMeasured
from tests.bench.running import Clock, measured
from tests.bench.tables import Table


def suite() -> Iterator[object]:
    yield Table("A table", ("what", "ms"), [("first", "3")])
    yield of_goes("first_chart", [3.0, 1.0, 2.0], "ms", beside=[4.0, 4.0], at_most=3, ratio_at_most=0.25)
    yield Measure("statements <&>", 16, COUNT)
    yield Calibration({"viewers": 100})


def test_a_suite_leaves_its_measures_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = measured("sample", suite, 60, tmp_path)
    written = json.loads(files("sample", tmp_path)[0].read_text())
    assert written == {**outcome.as_json(), "measured_at": written["measured_at"]}
    assert (written["suite"], written["calibration"]) == ("sample", {"viewers": 100})
    first = written["measures"]["first_chart"]
    assert (first["value"], first["p90"], first["beside"], first["ratio"], first["goes"]) == (2.0, 3.0, 4.0, 0.5, 3)
    assert first["met"] is False, "the time is met, the ratio is not"
    assert written["measures"]["statements <&>"]["met"] is None
    printed = capsys.readouterr().out
    assert "A table" in printed
    assert "Measures of sample" in printed
    assert "load before" in printed


def test_its_chart_is_svg_with_a_bar_for_each_value(tmp_path: Path) -> None:
    measured("sample", suite, 60, tmp_path)
    root = ElementTree.fromstring(files("sample", tmp_path)[1].read_text())
    svg = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{svg}rect")) == 1 + 3, "the background, two values of one measure and one of the other"
    assert "statements <&>" in [text.text for text in root.findall(f"{svg}text")]


def test_one_that_cannot_measure_says_so_and_leaves_no_figure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> Iterator[object]:
        yield Measure("half", 1, "s")
        raise NotMeasured("No Chromium was found.")

    measured("sample", suite, 60, tmp_path)
    assert measured("sample", fails, 60, tmp_path) is None
    told = capsys.readouterr()
    assert "sample was not measured to its end. No Chromium was found." in told.err
    assert re.search(r"half +1 s", told.out), "what was measured before is printed"
    assert list(tmp_path.iterdir()) == []


def test_one_that_cannot_measure_anything_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def fails() -> Iterator[object]:
        raise NotMeasured("No Chromium was found.")
        yield

    assert measured("sample", fails, 60, tmp_path) is None
    told = capsys.readouterr()
    assert "sample was not measured. No Chromium was found." in told.err
    assert "Measures of" not in told.out


def test_one_that_takes_too_long_is_ended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def never_ends() -> Iterator[object]:
        while True:
            time.sleep(0.01)
            yield ""

    assert measured("sample", never_ends, 0.2, tmp_path) is None
    assert "It was not done after" in capsys.readouterr().err


def test_the_clock_tells_what_each_suite_took_and_leaves_the_rest_to_those_behind_it() -> None:
    clock = Clock(100)
    with clock.turn_of("sample", 30) as first:
        assert first == 30
    with clock.turn_of("other", 300) as second:
        assert 0 < second <= 100
    names = [line.split() for line in str(clock.table()).splitlines()]
    assert [words[0] for words in names if words[-2:] in (["30", "s"], ["300", "s"], ["100", "s"])] == [
        "sample",
        "other",
        "all",
    ]


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(number) for number in range(1, 11)]
    assert [percentile(values, percent) for percent in (1, 50, 90, 100)] == [1, 5, 9, 10]
    assert percentile([7.0], 90) == 7
