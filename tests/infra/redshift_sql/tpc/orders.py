"""Orders, their lines and what suppliers have, the large tables of TPC-H. Used by `rows`."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

from .texts import Table

if TYPE_CHECKING:
    from .rows import Row, Rows

_ORDERS = 3000
_FIRST_DAY, _DAYS = date(1992, 1, 1), 2400


def _supplies(rows: "Rows", table: Table) -> Iterator["Row"]:
    """Every part comes from four suppliers."""
    for part in rows.keys["part"]:
        for supplier in rows.random.sample(rows.keys["supplier"], 4):
            yield {**rows.filled(table.columns), "ps_partkey": str(part), "ps_suppkey": str(supplier)}


def _orders(rows: "Rows", table: Table) -> Iterator["Row"]:
    """A third of the customers orders nothing."""
    buyers = [key for key in rows.keys["customer"] if key % 3]
    for number in range(1, _ORDERS + 1):
        own = {
            "o_orderkey": str(number),
            "o_custkey": str(rows.random.choice(buyers)),
            "o_orderdate": str(_FIRST_DAY + timedelta(rows.random.randrange(_DAYS))),
        }
        yield {**rows.filled(table.columns), **own}


def _lines(rows: "Rows", table: Table) -> Iterator["Row"]:
    for order in rows.rows["orders"]:
        day = date.fromisoformat(order["o_orderdate"])
        for number in range(1, rows.random.randint(1, 12) + 1):
            yield {**rows.filled(table.columns), **_line(rows, order["o_orderkey"], number, day)}


def _line(rows: "Rows", order: str, number: int, day: date) -> "Row":
    """A line's keys and days: it is shipped after it was ordered, and received after it was shipped."""
    supply = rows.random.choice(rows.rows["partsupp"])
    shipped = day + timedelta(rows.random.randint(1, 121))
    return {
        "l_orderkey": order,
        "l_linenumber": str(number),
        "l_partkey": supply["ps_partkey"],
        "l_suppkey": supply["ps_suppkey"],
        "l_shipdate": str(shipped),
        "l_commitdate": str(day + timedelta(rows.random.randint(30, 90))),
        "l_receiptdate": str(shipped + timedelta(rows.random.randint(1, 30))),
    }


MAKERS: dict[str, Callable[["Rows", Table], Iterator["Row"]]] = {
    "partsupp": _supplies,
    "orders": _orders,
    "lineitem": _lines,
}
