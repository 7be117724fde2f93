"""A download of many rows: a finished statement's CSV, streamed from the warehouse's pages through the dashboard.

The alternatives are DuckDB's COPY of the same SELECT, and pandas' `to_csv` of rows that are in memory already: neither
has pages of a thousand rows, a Lambda function, rights or a record to keep, but both make the same file.
"""

from collections.abc import Callable, Mapping

from tests.bench import rows
from tests.bench.measuring import Contestant, in_turn, seconds
from tests.bench.memory import Growth, growth_of_site
from tests.bench.site import site
from tests.bench.tables import Table

OURS = "Pushboard"
ROUNDS = 3
MOST_GROWTH = 60
"""MB that dashboard and runtime may each grow by."""


def suite(count: int) -> Table:
    """So many rows. Ours goes once: it takes minutes, the others seconds."""
    with site({"few_trips": rows.report(rows.WARM_UP), "many_trips": rows.report(count)}) as (stack, taker, folder):
        warm_up, statement_id = (taker.run(name)["statementId"] for name in ("few_trips", "many_trips"))
        taker.download(warm_up, "csv", folder / "few.csv")
        ours, frame = folder / "ours.csv", rows.frame(count)
        goes = {
            "DuckDB COPY": lambda: rows.copy(count, folder / "copied.csv", "HEADER"),
            "pandas to_csv": lambda: frame.to_csv(folder / "pandas.csv", index=False),
            OURS: lambda: taker.download(statement_id, "csv", ours),
        }
        with growth_of_site(stack.pid) as growth:
            measured = in_turn([_contestant(*described) for described in goes.items()])
        return _table(count, ours.stat().st_size, measured, growth)


def _contestant(name: str, work: Callable[[], object]) -> Contestant:
    return Contestant(name, lambda: seconds(work), 1 if name == OURS else ROUNDS)


def _table(count: int, size: int, measured: Mapping[str, float], growth: Growth) -> Table:
    told = [
        (name, f"{took:.1f} s", f"{count / took:,.0f}", f"{size / took / 1e6:.1f}", f"{measured[OURS] / took:.1f}")
        for name, took in measured.items()
    ]
    notes = [
        f"Memory grew by {growth.megabytes('dashboard'):.0f} MB in the dashboard, and by"
        f" {growth.megabytes('runtime'):.0f} MB in the laptop's AWS, warehouse and all;",
        f"each may grow by {MOST_GROWTH} MB.",
    ]
    head = ("CSV", "time", "rows/s", "MB/s", "times as fast as ours")
    return Table(f"Downloads of {count:,} rows x 8 columns", head, told, notes)
