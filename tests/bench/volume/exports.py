"""Exports of very many rows on the laptop: from the message on the socket until the file is on the disk.

The alternatives are DuckDB's own COPY of the same SELECT, and an UNLOAD by boto3 alone on the same endpoint, whose file
is read from S3: what stands between is the whole of Pushboard, and that an export first fills a temporary table, since
UNLOAD takes no bound values.
"""

from collections.abc import Iterator
from pathlib import Path

from tests.bench import bounds, requirements
from tests.bench.measuring import Contestant, in_turn, seconds
from tests.bench.memory import Growth, growth_of_site
from tests.bench.outcome.measures import Measure
from tests.bench.site import site
from tests.bench.tables import Table
from tests.bench.volume import plain_boto3, row_source
from tests.e2e.clients import Taker
from tests.e2e.conftest import Stack

ROUNDS = 2
COPIES = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, CODEC 'snappy'"}
UNLOADS = {"csv": "FORMAT CSV HEADER", "parquet": "FORMAT PARQUET"}
MOST_TIMES = {"csv": 2.0}
"""Targets: how many times as long as COPY an export may take."""


def suite(count: int) -> Iterator[object]:
    """So many rows to CSV and to Parquet."""
    requirements.memory(bounds.DOWNLOADS_MEMORY)
    requirements.disk(bounds.DOWNLOADS_BYTES_PER_ROW * count)
    reports = {"few_trips": row_source.report(row_source.WARM_UP), "many_trips": row_source.report(count)}
    with site(reports) as (stack, taker, folder):
        for form in COPIES:
            _export(taker, "few_trips", form, folder)
        with growth_of_site(stack.pid) as growth:
            contestants = [one for form in COPIES for one in _contestants(stack, taker, count, form, folder)]
            measured = in_turn(contestants)
        told = [_row(form, count, measured, folder) for form in COPIES]
    head = ("format", "Pushboard", "DuckDB COPY", "ratio", "boto3 UNLOAD", "ratio", "Mrows/s", "size")
    yield Table(f"Exports of {count:,} rows x 8 columns", head, told, _notes(growth))
    for form in COPIES:
        ours, copied, unloaded = (measured[f"{who} {form}"] for who in ("ours", "copy", "unload"))
        yield Measure(f"{form}_beside_copy", ours, "s", None, ROUNDS, copied, ratio_at_most=MOST_TIMES.get(form))
        yield Measure(f"{form}_beside_unload", ours, "s", None, ROUNDS, unloaded)
    yield Measure("dashboard_growth", growth.megabytes("dashboard"), "MB", at_most=bounds.MOST_GROWTH)


def _contestants(stack: Stack, taker: Taker, count: int, form: str, folder: Path) -> Iterator[Contestant]:
    copied, unloaded = folder / f"copied.{form}", folder / f"unloaded.{form}"

    def copy() -> None:
        row_source.copy(count, copied, COPIES[form])

    def unload() -> None:
        plain_boto3.unload(stack, row_source.select(count), UNLOADS[form], unloaded, "pushboard")

    yield Contestant(f"ours {form}", lambda: seconds(lambda: _export(taker, "many_trips", form, folder)), ROUNDS)
    yield Contestant(f"copy {form}", lambda: seconds(copy), ROUNDS)
    yield Contestant(f"unload {form}", lambda: seconds(unload), ROUNDS)


def _export(taker: Taker, report: str, form: str, folder: Path) -> None:
    taker.fetch(taker.export(report, form)["runId"], folder / f"exported.{form}")


def _row(form: str, count: int, measured: dict[str, float], folder: Path) -> tuple[str, ...]:
    ours, copied, unloaded = (measured[f"{who} {form}"] for who in ("ours", "copy", "unload"))
    size = (folder / f"exported.{form}").stat().st_size / 1e6
    times = [f"{ours:.1f} s", f"{copied:.1f} s", f"{ours / copied:.2f}", f"{unloaded:.1f} s", f"{ours / unloaded:.2f}"]
    return (form, *times, f"{count / ours / 1e6:.2f}", f"{size:.0f} MB")


def _notes(growth: Growth) -> list[str]:
    return [
        f"Medians of {ROUNDS} rounds. Memory grew by {growth.megabytes('dashboard'):.0f} MB in the dashboard,",
        f"and by {growth.megabytes('runtime'):.0f} MB in the laptop's AWS, of which the warehouse may have 320 MB.",
    ]
