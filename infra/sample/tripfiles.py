"""Trip files as the TLC publishes them, yellow or green, CSV or Parquet, of any year; called by `prepared`.

Every file is read as text under its own column names and cast by `trip_files.sql`, so files of different years may be
mixed. One Parquet file with the table's columns comes out for each file that goes in.
"""

import csv
import glob
import gzip
import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import duckdb

from infra.sample import parquet_files
from infra.sample.columns import TABLE_COLUMNS
from infra.sample.workshop import SampleError, statement, workshop

# The TLC's names for our columns over the years, in lower case and without blanks and underscores.
NAMES = {
    "pickup_datetime": {"tpeppickupdatetime", "lpeppickupdatetime", "trippickupdatetime", "pickupdatetime"},
    "dropoff_datetime": {"tpepdropoffdatetime", "lpepdropoffdatetime", "tripdropoffdatetime", "dropoffdatetime"},
    "ratecode": {"ratecodeid", "ratecode"},
    "passenger_count": {"passengercount"},
    "trip_distance": {"tripdistance"},
    "fare_amount": {"fareamount", "fareamt"},
    "total_amount": {"totalamount", "totalamt"},
    "payment_type": {"paymenttype"},
    "vendorid": {"vendorid", "vendorname"},
}

MACROS = (
    # What other programs write for "no value" is no value.
    "CREATE TEMP MACRO present(t) AS CASE WHEN lower(trim(t)) NOT IN ('', 'nan', 'null', 'none') THEN trim(t) END",
    # Parquet files of some years have counts as 1.0, but a count of 1.5 is an error and must not become 2.
    "CREATE TEMP MACRO number(t) AS try_cast(t AS DOUBLE)",
    "CREATE TEMP MACRO whole(t) AS CASE WHEN number(t) = trunc(number(t)) THEN try_cast(number(t) AS SMALLINT) END",
    "CREATE TEMP MACRO moment(t) AS coalesce("
    "try_cast(t AS TIMESTAMP), try_strptime(t, ['%m/%d/%Y %I:%M:%S %p', '%m/%d/%Y %H:%M:%S', '%m/%d/%Y %H:%M']))",
)

BROKEN_LINE = "line broken"
LINES_LOOKED_AT = 100


def convert(pattern: str, workdir: Path) -> tuple[tuple[Path, ...], dict[str, int]]:
    """Write the trips of the files matching `pattern` into `workdir`; return files and rows left out by reason."""
    rejected: Counter[str] = Counter()
    targets = []
    for number, source in enumerate(matching(pattern), start=1):
        targets.append(workdir / f"trips_{number:04}.parquet")
        rejected.update(_convert_file(source, targets[-1]))
    return tuple(targets), dict(rejected)


def matching(pattern: str) -> list[Path]:
    """The files `pattern` names, in order of their names; SampleError when there is none."""
    found = map(Path, glob.glob(str(Path(pattern).expanduser()), recursive=True))
    files = sorted(path for path in found if path.is_file())
    if not files:
        raise SampleError(f"No file matches {pattern}.")
    return files


def _convert_file(source: Path, target: Path) -> dict[str, int]:
    """Write one file's trips to `target` and return the rows left out by reason."""
    read = _parquet_texts if source.suffix == ".parquet" else _csv_texts
    try:
        with workshop(target.parent, MACROS) as connection:
            read(connection, source).create_view("trip_texts")
            connection.execute(statement("trip_files.sql"))
            checked = connection.table("checked_trips")
            fit = checked.filter("reason IS NULL").project(", ".join(TABLE_COLUMNS))
            parquet_files.write(fit, target)
            unfit = checked.filter("reason IS NOT NULL").aggregate("reason, count(*)", "reason")
            return dict(unfit.fetchall()) | _broken_lines(connection)
    except (duckdb.Error, OSError, csv.Error) as error:
        raise SampleError(f"{source.name} cannot be read: {str(error).splitlines()[0]}") from error


def _parquet_texts(connection: duckdb.DuckDBPyConnection, source: Path) -> duckdb.DuckDBPyRelation:
    rows = connection.read_parquet(str(source))
    return rows.project(_as_texts(source, rows.columns, rows.columns))


def _csv_texts(connection: duckdb.DuckDBPyConnection, source: Path) -> duckdb.DuckDBPyRelation:
    """The file's lines as texts. The layout is given: DuckDB, left to guess, takes odd first lines for the header."""
    lines = _first_lines(source)
    delimiter = max(",;\t|", key=lines[0].count)
    # Where nothing is quoted a stray quote is just a bad character; as a quote it would swallow the rest of the file.
    quoted = any(line.count('"') in range(2, len(line), 2) for line in lines)
    header, *rest = csv.reader(lines, delimiter=delimiter)
    # Some green files have more fields in a line than in the header, and some an empty line below the header.
    names = [f"field_{position}" for position in range(max(map(len, [header, *rest])))]
    rows = connection.read_csv(
        str(source),
        header=False,
        skiprows=1,
        auto_detect=False,
        delimiter=delimiter,
        quotechar='"' if quoted else "",
        escapechar='"' if quoted else "",
        columns=dict.fromkeys(names, "VARCHAR"),
        null_padding=True,
        parallel=not quoted,  # DuckDB refuses padding in parallel when a quoted field could hold a line break
        strict_mode=False,
        store_rejects=True,
    )
    return rows.project(_as_texts(source, header, names))


def _first_lines(source: Path) -> list[str]:
    open_text = gzip.open if source.suffix == ".gz" else open
    with open_text(source, "rt", encoding="utf-8-sig", errors="replace") as file:
        lines = list(itertools.islice(file, LINES_LOOKED_AT))
    if not lines:
        raise SampleError(f"{source.name} is empty.")
    return lines


def _as_texts(source: Path, names: Iterable[str], identifiers: Iterable[str]) -> str:
    """The projection of a file's columns onto ours, every one a text; SampleError for a file without trips."""
    found: dict[str, str] = {}
    for name, identifier in zip(names, identifiers, strict=False):
        plain = name.strip().lower().replace("_", "").replace(" ", "")
        for column in (column for column, spellings in NAMES.items() if plain in spellings):
            found.setdefault(column, 'CAST("{}" AS VARCHAR)'.format(identifier.replace('"', '""')))
    if "pickup_datetime" not in found:
        raise SampleError(f"{source.name} has no column of pick-up times, so it is no file of taxi trips.")
    return ", ".join(f"{found.get(column, 'CAST(NULL AS VARCHAR)')} AS {column}" for column in NAMES)


def _broken_lines(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Lines the CSV reader could not take apart. It makes its table of errors only when it has read CSV."""
    if not connection.sql("FROM duckdb_tables() WHERE table_name = 'reject_errors'").fetchall():
        return {}
    (lines,) = connection.sql("SELECT count(DISTINCT line) FROM reject_errors").fetchall()[0]
    return {BROKEN_LINE: lines} if lines else {}
