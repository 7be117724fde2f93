"""`python -m tests.bench.simulate`: mornings beyond this machine, against AWS's published quotas.

    python -m tests.bench.simulate                              # 100 to 100,000 viewers by each way: two minutes
    python -m tests.bench.simulate --viewers 3000 --set requests_per_second=2000 --set cognito_token=500
    python -m tests.bench.simulate --docs docs                  # the charts of docs/scale.md besides
    python -m tests.bench.simulate laptop                       # the suite `morning`, foretold by the steps of a page

docs/scale.md tells what of it is published, counted or assumed. The same seed is the same morning.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench.simulation import report
from tests.bench.simulation.ladder import VIEWERS, WAYS, Setting, first_wall, mornings, moved_mornings, moves
from tests.bench.simulation.laptop import morning_file, stack
from tests.bench.simulation.outcome import Outcome
from tests.bench.simulation.workload import Workload
from tests.bench.tables import Table


def suite(viewers: Sequence[int] = VIEWERS) -> Table:
    """Mornings of so many viewers by each way, as deployed."""
    return report.ladder_table(list(mornings(Workload(0), Setting(), viewers)))


def laptop_suite(path: Path = morning_file.FILE) -> Table:
    """The suite `morning`, foretold; raises `NotMeasured` without its file, and `ValueError` when it is far off."""
    measured = morning_file.read(path)
    foretold = stack.foretold(measured)
    table = report.laptop_table(foretold, stack.small_seconds(measured))
    far = [name for name, both in foretold.items() if stack.difference(*both) > stack.TOLERANCE]
    if far:
        raise ValueError(f"{table}\n\nThe simulation is too far off: {', '.join(far)}.")
    return table


def main() -> None:
    """Prints what was asked for; ends with an error's words where the laptop is not foretold."""
    options = _options()
    if options.what == "laptop":
        try:
            print(laptop_suite(options.morning))
        except (morning_file.NotMeasured, ValueError) as error:
            sys.exit(str(error))
        return
    workload, setting = Workload(0, arrival_seconds=options.arrival_seconds, seed=options.seed), Setting()
    for name, value in options.set:
        setting = setting.moved(name, value)
    outcomes = list(mornings(workload, setting, options.viewers))
    print(report.ladder_table(outcomes), report.bill_table(_largest(outcomes)), sep="\n", flush=True)
    if options.walls:
        print(report.walls_table([first_wall(way, workload, setting) for way in WAYS]), flush=True)
    for number in options.moves:
        print(report.moves_table(list(moves(replace(workload, viewers=number), setting))), flush=True)
    if options.docs:
        moved = list(moved_mornings(workload, setting, options.viewers))
        for name, chart in report.charts(outcomes, moved).items():
            (options.docs / name).write_text(chart.svg(), encoding="utf-8")


def _largest(outcomes: Sequence[Outcome]) -> list[Outcome]:
    most = max(one.workload.viewers for one in outcomes)
    return [one for one in outcomes if one.workload.viewers == most]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.simulate", description="Mornings of many viewers.")
    parser.add_argument("what", nargs="?", choices=("account", "laptop"), default="account", help="whose quotas")
    parser.add_argument("--viewers", type=int, nargs="+", default=VIEWERS, help="how many, in turn")
    parser.add_argument("--arrival-seconds", type=float, default=60.0, help="within how many seconds they come")
    parser.add_argument("--seed", type=int, default=Workload(0).seed, help="of what is drawn by chance")
    parser.add_argument("--set", type=_assignment, action="append", default=[], metavar="NAME=VALUE", help="a quota")
    parser.add_argument("--walls", action="store_true", help="tell from how many viewers on each way waits")
    parser.add_argument(
        "--moves", type=int, nargs="*", default=(), help="viewers for whom one wall after another is moved"
    )
    parser.add_argument("--docs", type=Path, help="a folder for the charts")
    parser.add_argument("--morning", type=Path, default=morning_file.FILE, help="what the suite morning has measured")
    return parser.parse_args()


def _assignment(text: str) -> tuple[str, float]:
    """A name and a number; raises ValueError for anything else."""
    name, _, value = text.partition("=")
    return name, float(value)


if __name__ == "__main__":
    main()
