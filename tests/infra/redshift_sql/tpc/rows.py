"""Rows for every table of a benchmark, made from a seed. Used by `both`.

A foreign key names a row that exists; days, seconds, places and amounts are such as the queries ask for. `sales` and
`orders` make the large tables.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from . import calendar, orders, sales
from .texts import Column, Table
from .values import Values

Row = dict[str, str]

_REFERENCES = {
    "addr_sk": "customer_address",
    "cdemo_sk": "customer_demographics",
    "hdemo_sk": "household_demographics",
    "customer_sk": "customer",
    "item_sk": "item",
    "store_sk": "store",
    "promo_sk": "promotion",
    "reason_sk": "reason",
    "call_center_sk": "call_center",
    "catalog_page_sk": "catalog_page",
    "ship_mode_sk": "ship_mode",
    "warehouse_sk": "warehouse",
    "web_page_sk": "web_page",
    "web_site_sk": "web_site",
    "income_band_sk": "income_band",
    "custkey": "customer",
    "nationkey": "nation",
    "regionkey": "region",
    "partkey": "part",
    "suppkey": "supplier",
}
"""The ends of the names of foreign keys."""

_COUNTS = {
    "customer": 300,
    "customer_address": 150,
    "customer_demographics": 500,
    "household_demographics": 100,
    "item": 400,
    "promotion": 30,
    "nation": 25,
    "region": 5,
    "part": 300,
    "supplier": 80,
    "warehouse": 3,
    "store": 12,
}
_PLACE = ("city", "county", "state", "zip", "country", "gmt_offset")
_PLACES = 30
_FIRST_DAY, _DAYS = date(1998, 1, 2), 5 * 365


class Rows:
    """All rows of a benchmark, by table."""

    def __init__(self, tables: list[Table], values: Values) -> None:
        self.tables = {table.name: table for table in tables}
        self.values = values
        self.random = values.random
        self.keys = {name: self._keys(name) for name in self.tables}
        asked = [one for one in values.vocabulary.constants["d_date"] if one.count("-") == 2]
        self._asked_days = sorted({date(*map(int, one.split("-"))) for one in asked})
        self._sources: dict[str, Callable[[], str]] = {}
        self._places = self._made_places()
        self.rows: dict[str, list[Row]] = {}
        for name in sorted(self.tables, key=lambda name: ("returns" in name, name == "lineitem", name)):
            maker = _MAKERS.get(name, _dimension)
            self.rows[name] = list(maker(self, self.tables[name]))

    def filled(self, columns: list[Column]) -> Row:
        """A row of random values."""
        return {column.name: self._source(column)() for column in columns}

    def day(self) -> date:
        """A day of the years that the queries look at, every third one of those that they name, or soon after it."""
        if self._asked_days and self.random.random() < 0.35:
            return self.random.choice(self._asked_days) + timedelta(self.random.choice([0, 0, 0, 1, 5, 12]))
        return _FIRST_DAY + timedelta(self.random.randrange(_DAYS))

    def placed(self, row: Row) -> Row:
        """The row in one of a few places, where its table has one: of its columns for city, state and so on."""
        place = self.random.choice(self._places) if self._places else {}
        found = {name: place.get(name.partition("_")[2], value) for name, value in row.items()}
        return {name: found[name] if value else "" for name, value in row.items()}

    def _keys(self, table: str) -> list[int]:
        """The keys of a dimension: 1 and up, and those that a query names."""
        suffix = next((suffix for suffix, target in _REFERENCES.items() if target == table), "-")
        constants = self.values.vocabulary.constants
        named = {int(one) for name, found in constants.items() if name.endswith(suffix) for one in found}
        return sorted({*range(1, _COUNTS.get(table, 20) + 1), *named})

    def _made_places(self) -> list[Row]:
        address = self.tables.get("customer_address")
        columns = [(column.name.partition("_")[2], column) for column in address.columns] if address else []
        found = {name: self.values.shared(column, _PLACES) for name, column in columns if name in _PLACE}
        return [dict(zip(found, place, strict=True)) for place in zip(*found.values(), strict=True)]

    def _source(self, column: Column) -> Callable[[], str]:
        if column.name not in self._sources:
            self._sources[column.name] = self._new_source(column)
        return self._sources[column.name]

    def _new_source(self, column: Column) -> Callable[[], str]:
        target = next((table for suffix, table in _REFERENCES.items() if column.name.endswith(suffix)), None)
        if column.name.endswith("date_sk"):
            return self._nullable(column, lambda: calendar.key_of(self.day()))
        if column.name.endswith("time_sk"):
            return self._nullable(column, lambda: self.random.randrange(86400))
        if target is None:
            return lambda: self.values.of(column)
        return self._nullable(column, lambda: self.random.choice(self.keys[target]))

    def _nullable(self, column: Column, key: Callable[[], int]) -> Callable[[], str]:
        share = 0.03 if column.is_nullable else 0
        return lambda: "" if self.random.random() < share else str(key())


def _dimension(rows: Rows, table: Table) -> Iterator[Row]:
    key, business_key = table.columns[0].name, table.columns[1].name
    is_historic = any(column.name.endswith("rec_start_date") for column in table.columns)
    for number in rows.keys[table.name]:
        row = rows.placed(rows.filled(table.columns))
        row[key] = str(number)
        if business_key.endswith("_id"):  # two rows of an item's history have one
            row[business_key] = f"AAAA{(number + 1) // 2 if is_historic else number:08}"
        yield row


def _days(_rows: Rows, table: Table) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    return (calendar.day_row(day, names) for day in calendar.days())


def _seconds(_rows: Rows, table: Table) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    return (calendar.second_row(second, names) for second in range(86400))


def _bands(_rows: Rows, table: Table) -> Iterator[Row]:
    names = [column.name for column in table.columns]
    for number in range(20):
        yield dict(zip(names, map(str, (number + 1, number * 10000 + 1, (number + 1) * 10000)), strict=True))


_MAKERS: dict[str, Callable[[Any, Table], Iterator[Row]]] = {
    "date_dim": _days,
    "time_dim": _seconds,
    "income_band": _bands,
    **sales.MAKERS,
    **orders.MAKERS,
}
