# ruff: noqa: E501 - the tables of expressions are read best as tables
"""A PostgreSQL of one's own, and random expressions that it and Redshift share.

Used by `test_against_postgres`, the server by `test_tpc` too. Redshift inherited these rules from PostgreSQL 8; where the two differ (trailing blanks,
the scale of a quotient, the text of a double) nothing is generated.
"""

import os
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_FOLDERS = [*map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), os.environ.get("PATH", "")]
_MARK = "--next--"
_FAILED = "--failed--"


def missing_programs() -> list[str]:
    """The programs of a PostgreSQL server that are not on this machine."""
    return [name for name in ("initdb", "postgres", "psql") if _program(name) is None]


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(_FOLDERS))


@contextmanager
def server() -> Iterator["Server"]:
    """A server in a folder of its own, stopped and removed at the end."""
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        user = "nobody" if os.getuid() == 0 else None  # it does not run as root
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        command = [str(_program("initdb")), "-D", str(data), "-U", "test", "-A", "trust", "-E", "UTF8", "--no-locale"]
        subprocess.run([*command, "-N"], check=True, capture_output=True, user=user, cwd=folder, timeout=120)
        options = [
            "-D",
            str(data),
            "-k",
            str(folder),
            "-c",
            "listen_addresses=",
            "-c",
            "fsync=off",
            "-c",
            "timezone=UTC",
        ]
        running = subprocess.Popen(
            [str(_program("postgres")), *options],
            user=user,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _await(folder, running)
            yield Server(folder)
        finally:
            running.terminate()
            running.wait(60)


def _await(folder: Path, running: subprocess.Popen[bytes]) -> None:
    """Return when the server takes connections."""
    for _ in range(600):
        assert running.poll() is None, "the server has ended"
        with socket.socket(socket.AF_UNIX) as probe:
            if probe.connect_ex(str(folder / ".s.PGSQL.5432")) == 0 and "1" in str(_psql(folder, "select 1;")):
                return
        try:
            running.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    raise AssertionError("the server does not answer")


def _psql(folder: Path, script: str, *options: str, check: bool = False) -> str:
    """What psql prints for a script; with `check` an error of the server is an error here."""
    command = [str(_program("psql")), "-h", str(folder), "-U", "test", "-d", "postgres", "-qAtX", *options]
    result = subprocess.run(command, input=script, capture_output=True, text=True, check=False, timeout=300)
    assert result.returncode == 0 or not check, result.stderr
    return result.stdout


@dataclass(frozen=True)
class Server:
    """A running server, reached by the socket in its folder."""

    folder: Path

    def evaluate(self, expressions: list[str]) -> list[str | None]:
        """The text of each expression, None where it is an error."""
        lines = [f"\\echo {_MARK}\nselect ({expression})::text;" for expression in expressions]
        script = "set standard_conforming_strings=on;\n" + "\n".join(lines)
        found = _psql(self.folder, script, "-P", f"null={_FAILED}null").split(_MARK + "\n")[1:]
        return [_value(text) for text in found]

    def run(self, script: str) -> str:
        """What a script prints; its first error is raised as an AssertionError."""
        return _psql(self.folder, script, "-v", "ON_ERROR_STOP=1", check=True)


def _value(text: str) -> str | None:
    """Nothing was printed for an error; NULL is a word of its own."""
    if text == "":
        return None
    return "NULL" if text.rstrip("\n") == f"{_FAILED}null" else text.removesuffix("\n")


class Expressions:
    """Random expressions by type, at most so deep."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def any(self, depth: int = 3) -> str:
        """An expression of any type."""
        return self._one(self.integer, self.decimal, self.text, self.boolean, self.day, self.moment)(depth)

    def _one(self, *choices: Callable[[int], str]) -> Callable[[int], str]:
        return self._random.choice(choices)

    def _number(self, low: int, high: int) -> int:
        return self._random.randint(low, high)

    def integer(self, depth: int) -> str:
        """An INTEGER."""
        if depth == 0:
            return self._random.choice(
                [str(self._number(0, 99)), f"(-{self._number(1, 50)})", str(self._number(0, 50000))]
            )
        a, b, c, t = (
            self.integer(depth - 1), self.integer(depth - 1), self.boolean(depth - 1), self.text(depth - 1),
        )  # fmt: skip
        return self._random.choice(
            [
                f"({a} + {b})", f"({a} - {b})", f"({a} * {self._number(0, 9)})", f"({a} / {self._number(1, 9)})",
                f"({a} % {self._number(1, 9)})", f"mod({a}, {self._number(1, 9)})", f"abs({a})",
                f"case when {c} then {a} else {b} end", f"coalesce({a}, {b})", f"nullif({a}, {b})", f"greatest({a}, {b})",
                f"length({t})", f"strpos({t}, 'a')", f"position('1' in {t})", f"octet_length({t})", f"ascii({t})",
                f"({self.day(depth - 1)} - {self.day(depth - 1)})", f"cast({self.decimal(depth - 1)} as integer)",
                f"({a} / {b})", f"'{self._number(0, 99)}' + {a}",
            ]
        )  # fmt: skip

    def decimal(self, depth: int) -> str:
        """A NUMERIC."""
        if depth == 0:
            return f"{self._number(0, 999)}.{self._number(0, 9)}{self._number(0, 9)}"
        a, b = self.decimal(depth - 1), self.decimal(depth - 1)
        return self._random.choice(
            [
                f"({a} + {b})", f"({a} - {b})", f"({a} * {self._number(0, 9)}.5)", f"abs({a})", f"-({a})",
                f"({a} + {self.integer(depth - 1)})", f"round({a}, {self._number(0, 2)})", f"floor({a})", f"ceil({a})",
                f"trunc({a}, {self._number(0, 2)})", f"cast({a} as numeric(12,{self._number(0, 3)}))",
                f"nullif({a}, {b})", f"({a} % {self._number(1, 9)}.5)",
            ]
        )  # fmt: skip

    def text(self, depth: int) -> str:
        """A VARCHAR without blanks."""
        if depth == 0:
            return "'" + "".join(self._random.choice("abAB12_€.") for _ in range(self._number(0, 7))) + "'"
        a, b, n = self.text(depth - 1), self.text(depth - 1), self._number(-3, 6)
        return self._random.choice(
            [
                f"upper({a})", f"lower({a})", f"({a} || {b})", f"substring({a}, {n}, {self._number(0, 5)})",
                f"substr({a}, {n})", f"replace({a}, 'a', {b})", f"lpad({a}, {self._number(0, 9)}, 'x')",
                f"rpad({a}, {self._number(0, 9)}, 'yz')", f"ltrim({a}, 'ab')", f"rtrim({a}, 'ab')", f"btrim({a}, 'ab')",
                f"translate({a}, 'ab1', 'xy')", f"split_part({a}, '.', {self._number(1, 3)})", f"repeat({a}, {self._number(0, 3)})",
                f"left({a}, {self._number(0, 5)})", f"right({a}, {self._number(0, 5)})", f"initcap({a})", f"reverse({a})",
                f"cast({self.integer(depth - 1)} as varchar(20))", f"cast({self.decimal(depth - 1)} as varchar(40))",
                f"({a} || {self.integer(depth - 1)})", f"coalesce(nullif({a}, ''), {b})", f"trim(both 'a' from {a})",
                f"case {self._number(0, 1)} when 1 then {a} else {b} end", f"to_char({self.moment(depth - 1)}, '{self._format()}')",
                f"to_char({self.decimal(depth - 1)}, '{self._number_format()}')", f"substring({a} from 2 for 2)",
                f"cast({self.day(depth - 1)} as varchar(20))",
            ]
        )  # fmt: skip

    def _format(self) -> str:
        tokens = "YYYY YY YYY Y IYYY MM Mon MON mon Month FMMonth DD FMDD DDD D ID Day DY Q WW W IW CC J HH24 HH12 MI SS SSSS AM pm BC DDth DDTH MS US"
        return "-".join(self._random.choice(tokens.split()) for _ in range(self._number(1, 4)))

    def _number_format(self) -> str:
        return self._random.choice(
            [
                "999999D99",
                "FM999999D00",
                "9999990.00",
                "000000.0",
                "999,999,999.99",
                "FM9,999,990.9",
                "S999999.99",
                "999999.99S",
                "999999.99MI",
                "999999D99PR",
                "99",
                "FM99.99",
            ]
        )

    def boolean(self, depth: int) -> str:
        """A BOOLEAN."""
        if depth == 0:
            return self._random.choice(["true", "false"])
        kind = self._one(self.integer, self.text, self.day, self.decimal)
        a, b = kind(depth - 1), kind(depth - 1)
        p, q, t = self.boolean(depth - 1), self.boolean(depth - 1), self.text(depth - 1)
        sign = self._random.choice(["=", "<>", "<", "<=", ">", ">="])
        return self._random.choice(
            [
                f"({a} {sign} {b})", f"({a} between {b} and {a})", f"({a} in ({b}, {a}))", f"({a} not in ({b}))",
                f"({p} and {q})", f"({p} or {q})", f"(not {p})", f"({a} is null)", f"({a} is not null)",
                f"({t} like '%a%')", f"({t} not like 'a_')", f"({t} ilike '%B1%')", f"({t} ~ '[ab]+1')", f"({t} !~* '^a')",
                f"({t} similar to '%(a|1)%')", f"({p} is true)", f"({self.integer(depth - 1)} > '{self._number(0, 9)}')",
            ]
        )  # fmt: skip

    def day(self, depth: int) -> str:
        """A DATE."""
        if depth == 0:
            return f"date '{self._number(1990, 2030)}-{self._number(1, 12):02}-{self._number(1, 28):02}'"
        a = self.day(depth - 1)
        return self._random.choice(
            [
                f"({a} + {self._number(0, 999)})", f"({a} - {self._number(0, 999)})", f"cast({self.moment(depth - 1)} as date)",
                f"to_date('{self._number(1990, 2030)}{self._number(1, 12):02}{self._number(1, 28):02}', 'YYYYMMDD')",
                f"greatest({a}, {self.day(depth - 1)})", f"cast('{self._random.choice(['Dec 1, 2015', '20151201', '12/01/2015'])}' as date)",
            ]
        )  # fmt: skip

    def moment(self, depth: int) -> str:
        """A TIMESTAMP."""
        if depth == 0:
            clock = (
                f"{self._number(0, 23):02}:{self._number(0, 59):02}:{self._number(0, 59):02}.{self._number(0, 999):03}"
            )
            return f"timestamp '{self._number(1990, 2030)}-{self._number(1, 12):02}-{self._number(1, 28):02} {clock}'"
        a = self.moment(depth - 1)
        part = self._random.choice(["year", "quarter", "month", "week", "day", "hour", "minute", "second"])
        unit = self._random.choice(["years", "months", "weeks", "days", "hours", "minutes", "seconds"])
        return self._random.choice(
            [
                f"date_trunc('{part}', {a})", f"({a} + interval '{self._number(0, 40)} {unit}')",
                f"({a} - interval '{self._number(0, 40)} {unit}')", f"cast({self.day(depth - 1)} as timestamp)",
                f"({self.day(depth - 1)} + interval '{self._number(1, 9)} hours')",
                f"case when {self.boolean(depth - 1)} then {a} end",
            ]
        )  # fmt: skip
