"""Random values of columns: constants of the queries, and some that no query asks for. Used by `rows`."""

import random
from decimal import Decimal

from .texts import Column
from .vocabulary import Vocabulary

_WORDS = ("able", "amber", "brook", "Côte", "drift", "elm", "fable", "glen", "iris", "lark", "meadow", "opal", "pine")
_AMOUNTS = ("19.99", "100", "250.5")  # some that are often the same, so that ranks have ties
_LIMITS = {
    "l_discount": ("0", "0.10"),
    "l_tax": ("0", "0.08"),
    "l_quantity": ("1", "50"),
    **dict.fromkeys(("cr_refunded_cash", "cr_reversed_charge", "cr_store_credit"), ("0", "60")),
}
_SHARE_OF_NULLS = 0.04
_MANY = 60

Interval = tuple[Decimal, Decimal]


class Values:
    """A source of values, the same for each seed."""

    def __init__(self, seed: int, vocabulary: Vocabulary) -> None:
        self.random = random.Random(seed)
        self.vocabulary = vocabulary

    def of(self, column: Column) -> str:
        """A value as COPY reads it: NULL is empty."""
        if column.is_nullable and self.random.random() < _SHARE_OF_NULLS:
            return ""
        if column.type.is_text:
            return self._text(column)
        if column.type.name == "date":
            return f"{self.random.randint(1998, 2003)}-{self.random.randint(1, 12):02}-{self.random.randint(1, 28):02}"
        return str(self._number(column))

    def shared(self, column: Column, count: int) -> list[str]:
        """Constants that belong to any column of this meaning, such as a state of a store or of an address."""
        found = _few(self.vocabulary.related(column.name)) or list(_WORDS)
        return [*self.random.sample(found, min(count, len(found))), *self.random.choices(found, k=count)][:count]

    def _text(self, column: Column) -> str:
        found = self._filled(self._constant(column), column)
        if column.type.name == "char":
            return (_ascii(found) + self.random.choice(["", "", " ", "   "]))[: column.type.size]
        return found.encode()[: column.type.size].decode(errors="ignore")

    def _filled(self, constant: str, column: Column) -> str:
        """A text that a LIKE pattern finds, if it is one."""
        parts = [part for part in constant.split("%") if part]
        if "%" not in constant:
            return constant
        before = [] if not constant.startswith("%") else [self._word(column)]
        after = [] if not constant.endswith("%") else [self._word(column)]
        return " ".join([*before, *parts, *after])

    def _constant(self, column: Column) -> str:
        own, related = self.vocabulary.constants[column.name], self.vocabulary.related(column.name)
        chance = self.random.random()
        if own and chance < 0.7:
            return self._pick(own, column)
        if related and chance < 0.95:
            return self._pick(related, column)
        if column.type.size == 1:
            return self.random.choice("YN")
        return " ".join(self._word(column) for _ in range(1 if column.type.size < 20 else 2))

    def _pick(self, constants: list[str], column: Column) -> str:
        fitting = [one for one in _few(constants) if len(one) <= column.type.size]
        return self.random.choice(fitting or ["-"])

    def _word(self, column: Column) -> str:
        return self.random.choice(_WORDS)[: column.type.size]

    def _number(self, column: Column) -> int | Decimal:
        low, high = self._interval(column)
        unit = 10**column.type.scale
        return Decimal(self.random.randint(int(low * unit), int(high * unit))).scaleb(-column.type.scale)

    def _interval(self, column: Column) -> Interval:
        """Where a number comes from: an interval or a constant that a query names, or a default."""
        if column.name in _LIMITS:
            return _interval(_LIMITS[column.name])
        intervals, constants = self.vocabulary.intervals[column.name], self.vocabulary.constants[column.name]
        chance = self.random.random()
        if intervals and chance < 0.7:
            return _interval(self.random.choice(intervals))
        number = Decimal(self.random.choice(constants)) if constants and chance < 0.9 else None
        if number is not None and column.type.is_integer and (number or not column.name.endswith("quantity")):
            return number, number
        return _around(number) if number else self._default(column)

    def _default(self, column: Column) -> Interval:
        if column.type.is_integer:
            return Decimal(1), Decimal(100)
        if column.type.size - column.type.scale < 5:
            return Decimal(0), Decimal(10)
        if self.random.random() < 0.3:
            amount = Decimal(self.random.choice(_AMOUNTS))
            return amount, amount
        return Decimal(-300 if column.name.endswith(("profit", "acctbal")) else 0), Decimal(900)


def _interval(texts: tuple[str, str]) -> Interval:
    return Decimal(texts[0]), Decimal(texts[1])


def _around(number: Decimal) -> Interval:
    low, high = sorted((number * Decimal("0.4"), number * Decimal("1.6")))
    return low, high


def _few(constants: list[str]) -> list[str]:
    """Some of many constants, so that each stands in several rows."""
    return constants if len(constants) < _MANY else [*constants[:12], *constants[-12:]]


def _ascii(text: str) -> str:
    """A CHAR holds only characters of one byte."""
    return text.encode("ascii", "ignore").decode()
