"""Exports of very many rows on the laptop: from the message on the socket until the file is on the disk.

The alternative is DuckDB's own COPY of the same SELECT: what stands between is the whole of Pushboard, and that an
export first fills a temporary table, since UNLOAD takes no bound values.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.bench import rows
from tests.bench.measuring import Contestant, in_turn, seconds
from tests.bench.memory import Growth, growth_of_site
from tests.bench.outcome.measures import Measure
from tests.bench.site import site
from tests.bench.tables import Table
from tests.e2e.clients import Taker

ROUNDS = 2
COPIES = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, CODEC 'snappy'"}


def suite(count: int) -> Iterator[object]:
    """So many rows to CSV and to Parquet."""
    with site({"few_trips": rows.report(rows.WARM_UP), "many_trips": rows.report(count)}) as (stack, taker, folder):
        for form in COPIES:
            _export(taker, "few_trips", form, folder)
        with growth_of_site(stack.pid) as growth:
            measured = in_turn(
                [
                    contestant
                    for form in COPIES
                    for contestant in (_ours(taker, form, folder), _copy(count, form, folder))
                ]
            )
        told = [_row(form, count, measured, folder) for form in COPIES]
    head = ("format", "Pushboard", "DuckDB COPY", "ratio", "Mrows/s", "size")
    yield Table(f"Exports of {count:,} rows x 8 columns", head, told, _notes(growth))
    for form in COPIES:
        ours, copied = measured[f"ours {form}"], measured[f"copy {form}"]
        yield Measure(f"{form}_seconds", ours, "s", goes=ROUNDS, beside=copied)


def _ours(taker: Taker, form: str, folder: Path) -> Contestant:
    return Contestant(f"ours {form}", lambda: seconds(lambda: _export(taker, "many_trips", form, folder)), ROUNDS)


def _copy(count: int, form: str, folder: Path) -> Contestant:
    file = folder / f"copied.{form}"
    return Contestant(f"copy {form}", lambda: seconds(lambda: rows.copy(count, file, COPIES[form])), ROUNDS)


def _export(taker: Taker, report: str, form: str, folder: Path) -> None:
    taker.fetch(taker.export(report, form)["runId"], folder / f"exported.{form}")


def _row(form: str, count: int, measured: dict[str, float], folder: Path) -> tuple[str, ...]:
    ours, copied = measured[f"ours {form}"], measured[f"copy {form}"]
    size = (folder / f"exported.{form}").stat().st_size / 1e6
    return (
        form,
        f"{ours:.1f} s",
        f"{copied:.1f} s",
        f"{ours / copied:.2f}",
        f"{count / ours / 1e6:.2f}",
        f"{size:.0f} MB",
    )


def _notes(growth: Growth) -> list[str]:
    return [
        f"Medians of {ROUNDS} rounds. Memory grew by {growth.megabytes('dashboard'):.0f} MB in the dashboard,",
        f"and by {growth.megabytes('runtime'):.0f} MB in the laptop's AWS, of which the warehouse may have 320 MB.",
    ]
