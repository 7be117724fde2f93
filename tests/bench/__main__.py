"""`make bench`: ours and the alternatives, measured in turn in one run, and a table for each suite.

No test: how fast a machine is says nothing about whether the code is right. The exit status is 1 where a suite could
not measure, or where ratios or counts have drifted far from `baseline.json`.
"""

import argparse
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench import bounds, calls, imports, runs, statements
from tests.bench.latency import suite as latency
from tests.bench.outcome import baseline
from tests.bench.outcome.outcome import Outcome
from tests.bench.page import interactions
from tests.bench.page import suite as page
from tests.bench.running import Clock, Suite, measured
from tests.bench.scale import fan_out, morning, tabs
from tests.bench.turn import suite as turn
from tests.bench.volume import downloads, exports, rows

SUITES = tuple(bounds.SUITE_SECONDS)


def main() -> int:
    """Runs the suites that were asked for. SIGTERM ends the processes that were started, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    options, clock = _options(), Clock(bounds.RUN_SECONDS)
    suites = _suites(options)
    outcomes: list[Outcome | None] = []
    for name in options.suites:
        with clock.turn_of(name, bounds.SUITE_SECONDS[name]) as seconds:
            outcomes.append(measured(name, suites[name], seconds))
    print(clock.table(), flush=True)
    done = [outcome for outcome in outcomes if outcome]
    is_good = len(done) == len(outcomes)
    if options.write_baseline:
        baseline.renew({outcome.suite: baseline.figures(outcome.measures) for outcome in done})
    else:
        is_good &= not _has_drifted(done)
    return 0 if is_good else 1


def _suites(options: argparse.Namespace) -> Mapping[str, Suite]:
    return {
        "calls": calls.suite,
        "imports": imports.suite,
        "exports": lambda: exports.suite(options.export_rows),
        "downloads": lambda: downloads.suite(options.download_rows),
        "rows": lambda: rows.suite(options.row_counts),
        "page": lambda: page.suite(_page_options(options)),
        "interactions": interactions.suite,
        "runs": lambda: [runs.suite()],
        "statements": statements.suite,
        "turn": turn.suite,
        "morning": morning.suite,
        "fan-out": fan_out.suite,
        "tabs": tabs.suite,
        "latency": latency.suite,
    }


def _has_drifted(outcomes: Iterable[Outcome]) -> bool:
    """Whether any suite has drifted far from the baseline; prints every drift."""
    known, found = baseline.read(), []
    for outcome in outcomes:
        found += [
            (outcome.suite, drift)
            for drift in baseline.drifts(baseline.figures(outcome.measures), known.get(outcome.suite, {}))
        ]
    for suite, drift in found:
        print(f"{suite}: {drift}", flush=True)
    return any(drift.is_large for _, drift in found)


def _options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast, and in how much memory.")
    parser.add_argument(
        "suites", nargs="*", default=SUITES, type=suite_name, metavar="SUITE", help=f"of {', '.join(SUITES)}; all"
    )
    parser.add_argument(
        "--write-baseline", action="store_true", help="what was measured is what later runs are held to"
    )
    parser.add_argument("--export-rows", type=int, default=3_000_000, help="rows of an export, up to ten million")
    parser.add_argument("--download-rows", type=int, default=1_000_000, help="rows of a download, up to ten million")
    parser.add_argument(
        "--row-counts",
        type=_count,
        nargs="+",
        default=bounds.ROW_COUNTS,
        help="trips, each number in a site of its own",
    )
    _add_page(parser.add_argument_group("page"))
    return parser.parse_args(arguments)


def _add_page(group: argparse._ArgumentGroup) -> None:
    default = page.Options()
    group.add_argument("--rows", type=int, default=default.rows, help="trips behind the page")
    group.add_argument("--loads", type=_count, default=default.loads, help="loads of each (uncached: up to five)")
    parts = f"parts of these names: {', '.join(page.NAMES)}"
    group.add_argument("--only", nargs="+", default=(), type=page.part_of_names, metavar="NAME", help=parts)
    group.add_argument("--trace", type=Path, help="a file for a performance trace of one load more")
    group.add_argument("--var", type=Path, help="a folder for the site's data, kept for the next run")


def suite_name(text: str) -> str:
    """A suite's name; raises ValueError for anything else. `choices` would be held against no names at all, too."""
    if text not in SUITES:
        raise ValueError(text)
    return text


def _count(text: str) -> int:
    """A number from one on; raises ValueError for anything else."""
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _page_options(options: argparse.Namespace) -> page.Options:
    return page.Options(options.rows, options.loads, options.only, options.trace, options.var)


if __name__ == "__main__":
    sys.exit(main())
