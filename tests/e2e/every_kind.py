"""A report with every kind of value, and the same rows as DuckDB has them when it is asked directly.

Its SELECT is in words that Redshift and DuckDB take in the same sense, so that nothing of ours stands between.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC
from pathlib import Path

import duckdb

TEXTS = (
    *(None, "", " ", "a b ", "\t", "\n", "\r\n", "a\r\nb", '"', 'say "hi"', ",", ";", "a,b;c", "'", "''", "'=1"),
    *("=1+1", "+49 30", "-5", "@sum", "\ttab", "NULL", "null", "nan", "true", "1", "0.10", "\\N", "\\", "# no comment"),
    *("é", "e\u0301", "naïve 😀", "日本", "\u202eabc", "\u2028", "_x0041_", "<r>&x;</r>", "2015-12-01", "{=1}"),
)
"""Texts that formats, programs and people take for something else, and NULL."""


def select(rows: int) -> str:
    """The SELECT of so many rows, up to a million."""
    digits = " UNION ALL ".join(f"SELECT {digit} AS d" for digit in range(10))
    places = [f"ten_{place}.d * {10**place}" for place in range(6)]
    tens = ", ".join(f"ten AS ten_{place}" for place in range(6))
    return f"""WITH ten AS ({digits}), numbers AS (SELECT {" + ".join(places)} AS n FROM {tens})
SELECT
    CAST(n AS bigint) AS n,
    CAST(n % 65536 - 32768 AS smallint) AS small,
    CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN 9223372036854775807 - n ELSE n - 9223372036854775807 END AS big,
    CAST(n AS decimal(12, 2)) AS fare,
    CAST(CASE n % 7 WHEN 0 THEN NULL WHEN 1 THEN '-0.0000000001'
        ELSE '1234567890123456789012.' || LPAD(CAST(n AS varchar), 10, '0') END AS decimal(38, 10)) AS exact,
    CASE n % 11 WHEN 0 THEN NULL WHEN 1 THEN CAST('1e300' AS double precision)
        ELSE CAST(n AS double precision) * CAST('0.1' AS double precision) END AS ratio,
    CAST(n % 4096 * 0.125 AS real) AS eighths,
    CASE n % 3 WHEN 0 THEN NULL ELSE n % 3 = 1 END AS even,
    CASE n % 13 WHEN 0 THEN NULL ELSE DATE '1900-03-01' + CAST(n % 60000 AS integer) END AS day,
    CASE n % 17 WHEN 0 THEN NULL ELSE
        CAST('2015-12-31 23:59:' || LPAD(CAST(n % 60 AS varchar), 2, '0') || '.'
            || LPAD(CAST(n AS varchar), 6, '0') AS timestamp) END AS moment,
    CAST('2015-12-31 23:59:' || LPAD(CAST(n % 60 AS varchar), 2, '0') || '-05:00' AS timestamptz) AS zoned,
    CAST('08:00:' || LPAD(CAST(n % 60 AS varchar), 2, '0') AS time) AS clock,
    CASE n % {len(TEXTS)} {_cases(TEXTS)} END AS words,
    'Zone ' || CAST(n AS varchar) AS zone
FROM numbers WHERE n < {rows} ORDER BY n"""


def report(rows: int) -> str:
    """The file of a report of these rows, in a department of its own: pages of others are not to change by it."""
    header = f"title: Every kind of {rows}\ngroups: [operations]\nchart: {{type: table}}\ntimeout: 10m"
    return f"/*---\n{header}\n---*/\n{select(rows)}\n"


class Asked:
    """The rows as DuckDB gives them when it is asked directly, and programs' readings of them to compare with."""

    def __init__(self, rows: int) -> None:
        self._duckdb = duckdb.connect(config={"threads": "2"})
        self._duckdb.execute("SET TimeZone = 'UTC'")
        self._duckdb.execute(f"CREATE TABLE asked AS {select(rows)}")
        described = self._duckdb.execute("DESCRIBE asked").fetchall()
        self.types = {str(name): str(kind) for name, kind, *_ in described}

    def close(self) -> None:
        self._duckdb.close()

    def rows(self) -> Iterator[tuple]:
        """All of them, in order; moments with a zone in UTC, which DuckDB would want another library for."""
        place = list(self.types).index("zoned")
        self._duckdb.execute("SELECT * REPLACE (zoned AT TIME ZONE 'UTC' AS zoned) FROM asked ORDER BY n")
        while some := self._duckdb.fetchmany(10_000):
            for row in some:
                yield (*row[:place], row[place].replace(tzinfo=UTC), *row[place + 1 :])

    def kinds(self, read: str) -> dict[str, str]:
        """The types that DuckDB finds the columns of `read` to have, a table function of its own."""
        return {str(name): str(kind) for name, kind, *_ in self._duckdb.execute(f"DESCRIBE FROM {read}").fetchall()}

    def register(self, name: str, table: object) -> None:
        """Gives another program's table a name, for `differences`."""
        self._duckdb.register(name, table)

    def differences(self, read: str, **forms: str) -> list[tuple]:
        """Some of the rows that are in one of both only: none, if what was `read` is what was asked.

        `forms` tells how a column is written that was written otherwise than the warehouse has it, as SQL of `{}`.
        """
        taken = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in self.types.items())
        asked = ", ".join(forms.get(name, "{}").format(name) + f" AS {name}" for name in self.types)
        one, other = f"(SELECT {taken} FROM {read})", f"(SELECT {asked} FROM asked)"
        return self._duckdb.execute(
            f"(FROM {one} EXCEPT ALL FROM {other} LIMIT 3) UNION ALL (FROM {other} EXCEPT ALL FROM {one} LIMIT 3)"
        ).fetchall()

    def in_order(self, read: str) -> bool:
        """Whether the rows stand in the order that was asked."""
        jumps = f"SELECT n - lag(n, 1, -1::BIGINT) OVER () AS jump FROM (SELECT n::BIGINT AS n FROM {read})"
        return self._duckdb.execute(f"SELECT bool_and(jump = 1) FROM ({jumps})").fetchone() == (True,)


def csv(file: Path, types: dict[str, str]) -> str:
    """How DuckDB reads a CSV file: NULL is nothing at all, an empty text has quotes."""
    return (
        f"read_csv('{file}', header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
        f"new_line = '{_line_end(file)}', allow_quoted_nulls = false, columns = {types})"
    )


def _line_end(file: Path) -> str:
    with file.open("rb") as opened:
        return "\\r\\n" if opened.readline().endswith(b"\r\n") else "\\n"


def _cases(texts: Sequence[str | None]) -> str:
    return " ".join(f"WHEN {number} THEN {_literal(text)}" for number, text in enumerate(texts))


def _literal(text: str | None) -> str:
    """A text in SQL without anything that Redshift and DuckDB read differently in quotes, such as a backslash."""
    if text is None:
        return "NULL"
    parts = [f"CHR({ord(letter)})" if letter < " " or letter == "\\" else _quoted(letter) for letter in text]
    return " || ".join(["''", *parts])


def _quoted(letter: str) -> str:
    return "'" + letter.replace("'", "''") + "'"
