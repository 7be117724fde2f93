"""What a simulated morning has to hold, whatever its figures are."""

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.bench.simulation import ladder, ours, polling, report, run_costs
from tests.bench.simulation.charts import Axis, Chart, Series
from tests.bench.simulation.ladder import Setting, morning
from tests.bench.simulation.resources import Bucket, Line, Servers
from tests.bench.simulation.workload import Site, Workload

CROWD = Workload(viewers=300, arrival_seconds=10)


def first_of(way: str, setting: Setting | None = None, workload: Workload = CROWD) -> Mapping[str, float]:
    return morning(way, workload, setting or Setting()).walls


def test_equal_questions_are_one_statement_however_many_ask() -> None:
    """Eight panels, of this month or another: sixteen questions."""
    for viewers in (50, 400):
        outcome = morning(ours.SHARED, replace(CROWD, viewers=viewers), Setting())
        assert outcome.statements == 16
        assert outcome.calls["ExecuteStatement"] == outcome.calls["GetStatementResult"] == 16


@pytest.mark.parametrize("way", [ours.ALONE, polling.POLLING])
def test_without_sharing_each_panel_of_each_viewer_is_a_statement(way: str) -> None:
    outcome = morning(way, CROWD, Setting())
    assert outcome.statements == outcome.calls["ExecuteStatement"] == CROWD.viewers * CROWD.panels


def test_a_poll_each_second_asks_more_often_than_there_are_statements() -> None:
    outcome = morning(polling.POLLING, CROWD, Setting())
    assert outcome.calls["DescribeStatement"] > outcome.statements


@pytest.mark.parametrize("way", [ours.ALONE, polling.POLLING])
def test_half_of_a_quota_makes_the_queue_before_it_longer(way: str) -> None:
    full, half = Setting(), Setting().moved("execute_statement", 15)
    assert first_of(way, half)["ExecuteStatement"] > 1.5 * first_of(way, full)["ExecuteStatement"]
    assert morning(way, CROWD, half).half_seconds > morning(way, CROWD, full).half_seconds


def test_a_wall_that_is_moved_far_away_is_met_no_more() -> None:
    near = Setting().moved("requests_per_second", 20).moved("request_burst", 20)
    far = near.moved("requests_per_second", 10_000).moved("request_burst", 10_000)
    assert morning(ours.SHARED, CROWD, near).first_wall.startswith("RequestsPerSecond")
    assert morning(ours.SHARED, CROWD, far).first_wall == ""


def test_the_first_wall_is_met_by_these_viewers_and_not_by_a_tenth_fewer() -> None:
    near = Setting().moved("requests_per_second", 20).moved("request_burst", 20)
    met = ladder.first_wall(ours.SHARED, CROWD, near)
    assert met.first_wall.startswith("RequestsPerSecond")
    fewer = int(met.workload.viewers * 0.9)
    assert morning(ours.SHARED, replace(CROWD, viewers=fewer), near).first_wall == ""


def test_keys_that_all_viewers_write_hold_their_functions_until_they_are_divided() -> None:
    narrow = Setting().moved("partition_writes", 50)
    assert first_of(ours.SHARED, narrow)["DynamoDB: key watch#<table>"] > 1
    divided = narrow.moved("key_parts", 100)
    assert "DynamoDB: key watch#<table>" not in first_of(ours.SHARED, divided)


@pytest.mark.parametrize("way", ladder.WAYS)
def test_the_same_seed_is_the_same_morning_and_another_seed_another(way: str) -> None:
    def seeded(seed: int) -> object:
        outcome = morning(way, replace(CROWD, seed=seed), Setting())
        return outcome.half_seconds, outcome.calls, outcome.usage

    assert seeded(9) == seeded(9)
    assert seeded(9) != seeded(10)


def test_a_name_that_is_no_quota_is_refused_and_those_there_are_are_told() -> None:
    with pytest.raises(ValueError, match=r"'executes'.*execute_statement.*queue_seconds"):
        Setting().moved("executes", 1)


def test_the_limits_of_ours_are_those_of_the_template() -> None:
    site = Site.of_template()
    assert (site.requests_per_second, site.queue_seconds, site.quick_seconds) == (500, 15, 1)


def test_what_a_run_writes_on_shared_keys_is_a_part_of_all_that_it_writes() -> None:
    units = run_costs.units()
    for kind, shared in run_costs.SHARED_KEYS.items():
        writes = run_costs.WATCH_WRITES + shared.attempt_writes + shared.run_writes + shared.ended_writes
        assert writes < units[f"{kind}_writes"]
        assert shared.run_reads + 2 * shared.settled_reads <= units[f"{kind}_reads"]


def test_a_pages_watch_is_written_by_the_kilobyte() -> None:
    assert [run_costs.watch_units(panels) for panels in (1, 6, 8, 100)] == [1, 1, 2, 14]


def test_a_bucket_takes_its_burst_at_once_and_the_rest_at_its_rate() -> None:
    bucket = Bucket(10, 5)
    assert bucket.wait(0, 5) == 0
    assert bucket.wait(0, 10) == 1
    assert bucket.wait(1, 1) == pytest.approx(0.1)
    assert bucket.refused == 11
    assert Bucket(10, 5).wait(100, 6) == pytest.approx(0.1), "what was not used is not kept beyond the burst"


def test_servers_and_a_line_serve_who_has_come_first() -> None:
    servers = Servers(2)
    assert [servers.serve(0, 3), servers.serve(1, 1), servers.serve(1, 1)] == [3, 2, 3]
    line = Line(Bucket(1, 1), places=1)
    assert line.start(0) == 0
    line.leave(5)
    assert line.start(0) == 5, "allowed after a second, and a place is there after five"


def test_a_table_and_a_chart_show_each_morning() -> None:
    outcomes = list(ladder.mornings(CROWD, Setting(), (100, 1_000)))
    rows = report.ladder_table(outcomes).rows
    assert [row[0] for row in rows][:2] == ["100, ours", "100, ours without sharing"]
    chart = report.charts(outcomes, outcomes[:1])["scale-statements.svg"].svg()
    assert chart.count("<polyline") == 3
    assert chart.count("<circle") == 6


def test_names_of_lines_that_end_together_do_not_overlap() -> None:
    axis = Axis("", [(1, "1"), (10, "10")])
    svg = Chart("", "", axis, axis, [Series(name, [(1, 1), (10, 5)]) for name in ("one", "two", "three")]).svg()
    heights = sorted(float(y) for y in re.findall(r'class="c\d" x="[^"]+" y="([^"]+)"', svg))
    assert min(after - before for before, after in itertools.pairwise(heights)) >= 17
