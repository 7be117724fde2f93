"""Results to download: made by hand, or by Hypothesis, with every type, odd names and odd texts."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from dashboard.downloads.pages import Digits, Page, Provenance
from dashboard.gateway.results import Column

ODD_TEXTS = (
    *("", " ", "a b ", "\t", "\n", "\r", "\r\n", "a\r\nb", '"', '""', 'say "hi"', ",", ";", "a,b;c", "'", "''", "'=1"),
    *("=1+1", "+49 30", "-5", "@sum", "\ttab", "''-", "\uff1d1", "NULL", "null", "None", "nan", "true", "1", "0.10"),
    *(
        "\ufeff",
        "é",
        "naïve 😀",
        "日本",
        "\u202eabc",
        "_x0041_",
        "_x005F_",
        "<r><t>x</t></r>",
        "a&b<c>",
        "\x01\x1f\x00",
    ),
    *("\u2028", "\ufffe\uffff", "#REF!", "# no comment", "\\N", "\\", "2015-12-01", "{=1}"),
)
TYPES = ("string", "integer", "number", "decimal", "boolean", "date", "timestamp")
LETTERS = st.characters(exclude_categories=["Cs"])  # a warehouse that keeps UTF-8 has no lone surrogates
VISIBLE = st.characters(exclude_categories=["C"])
_EXACT = Context(prec=60)


def provenance(rows: int, **changes: Any) -> Provenance:
    """Of a result with so many rows."""
    usual = Provenance(
        report="revenue_by_day",
        title="Revenue by day",
        department="finance",
        parameters={"month": "2015-12"},
        statement_id="7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80",
        as_of="2026-11-20T09:31:07Z",
        row_count=rows,
        user="finance@example.com",
        downloaded_at="2026-11-20T09:40:00Z",
    )
    return replace(usual, **changes)


def columns(*described: str) -> tuple[Column, ...]:
    """Columns written as `fare decimal`."""
    return tuple(Column(*text.rsplit(" ", 1)) for text in described)


def pages(described: Sequence[Column], records: Sequence[Sequence[Any]], size: int = 3, **more: Any) -> list[Page]:
    """The records in pages of a size; a result without rows has one page too."""
    starts = range(0, max(len(records), 1), size)
    return [Page(tuple(described), records[start : start + size], **more) for start in starts]


Write = Callable[[Provenance, Iterable[Page]], Iterable[bytes]]


def written(write: Write, described: Sequence[Column], records: Sequence[Sequence[Any]], **more: Any) -> bytes:
    """The whole file."""
    return b"".join(write(provenance(len(records)), pages(described, records, **more)))


def saved(directory: Path, name: str, content: bytes) -> str:
    """The path of a file with this content."""
    path = directory / name
    path.write_bytes(content)
    return str(path)


@dataclass(frozen=True)
class Rows:
    """A result made by Hypothesis; `scales` are those of decimal columns, by position."""

    columns: tuple[Column, ...]
    records: list[list[Any]]
    scales: dict[int, int]
    page_size: int

    @property
    def pages(self) -> list[Page]:
        return pages(self.columns, self.records, self.page_size)

    @property
    def digits(self) -> tuple[Digits | None, ...]:
        scales = (self.scales.get(position) for position in range(len(self.columns)))
        return tuple(None if scale is None else Digits(38, scale) for scale in scales)

    def python(self) -> list[tuple[Any, ...]]:
        """The rows with Python's types instead of the wire's."""
        return [
            tuple(_python(column.type, value) for column, value in zip(self.columns, record, strict=True))
            for record in self.records
        ]


def _python(wire_type: str, value: Any) -> Any:
    if value is None:
        return None
    read: dict[str, Callable[[Any], Any]] = {
        "decimal": Decimal,
        "date": date.fromisoformat,
        "timestamp": datetime.fromisoformat,
    }
    return read.get(wire_type, lambda same: same)(value)


def wire_timestamp(moment: datetime) -> str:
    """As the gateway writes it: no zeros at the end of a fraction."""
    text = moment.isoformat()
    return text.rstrip("0") if "." in text else text


def decimal_text(scale: int) -> st.SearchStrategy[str]:
    """Exact text of decimals of up to 38 digits, always with so many behind the point."""
    return st.integers(-(10**38) + 1, 10**38 - 1).map(lambda number: _point(number, scale))


def _point(number: int, scale: int) -> str:
    return f"{Decimal(number).scaleb(-scale, _EXACT):f}"


def values(wire_type: str, scale: int) -> st.SearchStrategy[Any]:
    """Values of a type as they are on the wire, one in some of them NULL."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.sampled_from(ODD_TEXTS) | st.text(LETTERS, max_size=20),
        "integer": st.integers(-(2**63), 2**63 - 1) | st.integers(-1000, 1000),
        "number": st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
        "decimal": decimal_text(scale) | st.integers(-9999, 9999).map(lambda number: _point(number, scale)),
        "boolean": st.booleans(),
        "date": st.dates().map(date.isoformat),
        "timestamp": st.datetimes().map(wire_timestamp),
    }
    return st.none() | kinds[wire_type]


@st.composite
def results(draw: st.DrawFn) -> Rows:
    """Results of up to 5 columns and 12 rows in pages of 1 to 12."""
    types = draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=5))
    names = [draw(st.sampled_from(("a", "A", "a_2", "?column?", "")) | st.text(VISIBLE, max_size=8)) for _ in types]
    scales = {position: draw(st.integers(0, 12)) for position, kind in enumerate(types) if kind == "decimal"}
    row = st.tuples(*(values(kind, scales.get(position, 0)) for position, kind in enumerate(types))).map(list)
    return Rows(
        columns=tuple(Column(name, kind) for name, kind in zip(names, types, strict=True)),
        records=draw(st.lists(row, max_size=12)),
        scales=scales,
        page_size=draw(st.integers(1, 12)),
    )
