"""Sales, returns and the stock of a retailer, the large tables of TPC-DS. Used by `rows`.

Sales come in orders of several lines, and a return is a line of such an order: joins on them find rows.
"""

from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING

from . import calendar
from .texts import Column, Table

if TYPE_CHECKING:
    from .rows import Row, Rows

_ORDERS = {"store_sales": 4000, "catalog_sales": 2500, "web_sales": 2000}
_PER_LINE = ("item_sk", "warehouse_sk", "promo_sk", "ship_mode_sk")
_NUMBERS = ("ticket_number", "order_number")
_STOCKS = (0, 3, 12, 40, 120, 350, 900)


def _sales(rows: "Rows", table: Table) -> Iterator["Row"]:
    heads = [column for column in table.columns if column.name.endswith("_sk") and not column.name.endswith(_PER_LINE)]
    lines = [column for column in table.columns if column not in heads]
    for number in range(1, _ORDERS[table.name] + 1):
        head = rows.filled(heads)
        items = rows.keys["item"][:25] if rows.random.random() < 0.25 else rows.keys["item"]
        for item in rows.random.sample(items, rows.random.randint(1, 18)):
            row = {**head, **rows.filled(lines)}
            _settle(rows, row, number, item)
            yield {column.name: row[column.name] for column in table.columns}


def _settle(rows: "Rows", row: "Row", number: int, item: int) -> None:
    """What a line has by its order: the number, the item, and a day of shipping after that of the sale."""
    sold = _sold(row)
    for name in row:
        if name.endswith(_NUMBERS):
            row[name] = str(number)
        elif name.endswith("item_sk"):
            row[name] = str(item)
        elif name.endswith("ship_date_sk") and sold:
            row[name] = str(int(sold) + rows.random.randint(1, 130))


def _sold(sale: "Row") -> str:
    return next(value for name, value in sale.items() if name.endswith("sold_date_sk"))


def _returns(rows: "Rows", table: Table) -> Iterator["Row"]:
    """Of every other order, some lines."""
    for sale in rows.rows[table.name.replace("returns", "sales")]:
        number = next(value for name, value in sale.items() if name.endswith(_NUMBERS))
        if int(number) % 2 and rows.random.random() < 0.5:
            row = rows.filled(table.columns)
            yield {column.name: _returned(rows, column, sale, row[column.name]) for column in table.columns}


def _returned(rows: "Rows", column: Column, sale: "Row", value: str) -> str:
    """A return is of that item and order, later, and mostly by the same customer."""
    meaning = column.name.partition("_")[2].removeprefix("refunded_").removeprefix("returning_")
    if meaning == "returned_date_sk":
        return str(int(_sold(sale)) + rows.random.randint(1, 90)) if _sold(sale) else value
    same = next((found for name, found in sale.items() if name.endswith("_" + meaning)), None)
    if same is None or not meaning.endswith(("_sk", *_NUMBERS)):
        return value
    is_key = meaning == "item_sk" or meaning in _NUMBERS
    return same if is_key or rows.random.random() < 0.8 else value


def _inventory(rows: "Rows", table: Table) -> Iterator["Row"]:
    """What lies in each warehouse, counted now and then on one day of the week."""
    names = [column.name for column in table.columns]
    for day in range(calendar.key_of(date(1998, 1, 1)), calendar.key_of(date(2002, 12, 31)), 7):
        for item in rows.keys["item"][:100]:
            for warehouse in rows.keys["warehouse"]:
                if rows.random.random() < 0.3:
                    stock = rows.random.choice(_STOCKS)
                    yield dict(zip(names, map(str, (day, item, warehouse, stock)), strict=True))


MAKERS: dict[str, Callable[["Rows", Table], Iterator["Row"]]] = {
    **dict.fromkeys(("store_sales", "catalog_sales", "web_sales"), _sales),
    **dict.fromkeys(("store_returns", "catalog_returns", "web_returns"), _returns),
    "inventory": _inventory,
}
