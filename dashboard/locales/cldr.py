"""How numbers are written in a language, from Babel's copy of CLDR; looked up once, since Babel's own ways are slow.

Numbers come in as exact texts with ASCII digits, points and commas (`6,213,400.50`), which are English already: another
language changes their signs and puts something around them. So every digit survives, however many there are.

A tag without a country is completed as CLDR's likely subtags say: `ar` is `ar-EG`, and has Arabic digits; `ar-MA` has
Latin ones, as has `ar-u-nu-latn`.
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import babel
from babel import localedata
from babel import numbers as babel_numbers
from babel.core import get_global
from babel.numbers import NumberPattern

from dashboard.locales.calendar import Calendar

_NUMBERING = re.compile(r"-u-nu-([a-z]{3,8})")
_SPACE = "\u202f"  # narrow and unbreakable, between an English number and its letter
_ENGLISH_UNITS = {12: "T", 9: "B", 6: "M", 3: "K"}
_LEFT_TO_RIGHT = "\u200e"  # keeps the sign of US$ behind its letters
_MOST_POWER = 20
_DIGITS = "0123456789"
_LATIN = "latn"
_ZEROS = {_LATIN: "0", "arab": "\u0660", "arabext": "\u06f0", "beng": "\u09e6", "deva": "\u0966", "mymr": "\u1040"}
"""The numbering systems with digits of their own that we write; any other is written with Latin digits."""


@dataclass(frozen=True)
class Affixes:
    """What stands around a number, as a pair before and after it, and around a negative one, with `-` for its sign."""

    positive: tuple[str, str]
    negative: tuple[str, str]

    def around(self, digits: str, is_negative: bool, minus: str) -> str:
        """The number with its sign, which stands where the language puts it."""
        before, after = self.negative if is_negative else self.positive
        if is_negative:
            before, after = before.replace("-", minus), after.replace("-", minus)
        return f"{before}{digits}{after}"


@dataclass(frozen=True)
class Unit:
    """From ten to the `power` on, numbers are told in this unit, which is ten to the `divisor`."""

    power: int
    divisor: int
    before: str
    after: str

    @functools.cached_property
    def amount(self) -> Decimal:
        """How many it is."""
        return Decimal(10) ** self.divisor


class Conventions:
    """How one language writes numbers; its `calendar` tells how it writes dates."""

    def __init__(self, tag: str) -> None:
        numbering = _NUMBERING.search(tag)
        self.babel = babel.Locale.parse(_completed(tag.partition("-u-")[0]), sep="-")
        wanted = numbering[1] if numbering else self.babel.default_numbering_system
        self.numbering = wanted if wanted in _ZEROS else _LATIN
        self.direction: str = self.babel.text_direction
        self.plural_forms = frozenset({*self.babel.plural_form.tags, "other"})
        self.decimal, self.group = (self._symbol(name) for name in ("decimal", "group"))
        self.digits_used = _digits_of(self.numbering)
        self.is_english = self.babel.language == "en" and (self.decimal, self.group) == (".", ",")
        self._table = str.maketrans(
            dict(zip(",." + _DIGITS, self.group + self.decimal + self.digits_used, strict=True))
        )
        self.grouping: tuple[int, int] = self.babel.decimal_formats[None].grouping
        self._is_plain = self.grouping == (3, 3) and all(chr(key) == value for key, value in self._table.items())
        self.plain = self._affixes(babel_numbers.parse_pattern("0"), {})
        self.percent = self._affixes(self.babel.percent_formats[None], {"%": self._symbol("percentSign")})
        self.units = _by_power(_english_units() if self.is_english else self._units())
        self.calendar = Calendar(self.babel)
        self._money: dict[str, Affixes] = {}

    @property
    def name(self) -> str:
        """The language in its own words."""
        name = str(self.babel.get_display_name(self.babel))
        return name[:1].upper() + name[1:]

    def digits(self, text: str) -> str:
        """A number that was written with ASCII digits, commas and a point."""
        if self._is_plain:
            return text
        return self._grouped(text).translate(self._table)

    def whole_digits(self, text: str) -> str:
        """A text with the language's digits, and nothing else of it changed."""
        return text if self.digits_used == _DIGITS else text.translate(str.maketrans(_DIGITS, self.digits_used))

    def money(self, currency: str) -> Affixes:
        """What stands around an amount of this currency."""
        known = self._money.get(currency)
        return known or self._money.setdefault(currency, self._of_money(currency))

    def _of_money(self, currency: str) -> Affixes:
        symbol = babel_numbers.get_currency_symbol(currency, self.babel)
        if self.direction == "rtl" and symbol.isascii():
            symbol += _LEFT_TO_RIGHT
        pattern = self.babel.currency_formats["standard"]
        if symbol.rstrip(_LEFT_TO_RIGHT)[-1].isalpha() and pattern.prefix[0].endswith("¤"):
            symbol += "\xa0"  # as CLDR's currencySpacing says: CHF 5, but $5
        return self._affixes(pattern, {"¤": symbol})

    def unit(self, power: int) -> Unit | None:
        """In which unit a number of this power of ten is told; None where it has no unit."""
        return self.units[min(power, _MOST_POWER)] if power >= 0 else None

    def _symbol(self, name: str) -> str:
        symbols: Mapping[str, Mapping[str, str]] = self.babel.number_symbols
        return symbols.get(self.numbering, {}).get(name) or symbols[_LATIN][name]

    def _affixes(self, pattern: NumberPattern, symbols: Mapping[str, str]) -> Affixes:
        """Of a pattern of CLDR, with its placeholders replaced; the minus keeps its marks of direction."""
        minus = self._symbol("minusSign").replace("\u2212", "-")

        def filled(text: str) -> str:
            shown = text.replace("-", minus)
            for placeholder, symbol in symbols.items():
                shown = shown.replace(placeholder, symbol)
            return shown

        (positive, negative), (behind, behind_negative) = pattern.prefix, pattern.suffix
        return Affixes((filled(positive), filled(behind)), (filled(negative), filled(behind_negative)))

    def _units(self) -> tuple[Unit, ...]:
        """CLDR's short forms, the largest first; where it writes `0` a number has no unit."""
        forms: Mapping[str, NumberPattern] = self.babel.compact_decimal_formats["short"]["other"]
        found = []
        for amount, pattern in forms.items():
            power, zeros = len(amount) - 1, pattern.pattern.count("0")
            before, after = (part[0].replace("'", "") for part in (pattern.prefix, pattern.suffix))
            if before or after:
                found.append(Unit(power, power + 1 - zeros, before, after))
        return tuple(sorted(found, key=lambda unit: -unit.power))

    def _grouped(self, text: str) -> str:
        """Grouped as in India, where a language groups so: 12,34,567."""
        first, further = self.grouping
        if first == further or "," not in text:
            return text
        whole, point, fraction = text.replace(",", "").partition(".")
        head, tail = whole[:-first], whole[-first:]
        parts = [head[max(end - further, 0) : end] for end in range(len(head), 0, -further)]
        return ",".join([*reversed(parts), tail]) + point + fraction


@functools.cache
def fraction_digits(currency: str) -> int:
    """How many decimals amounts of a currency have: two of dollars, none of yen."""
    return babel_numbers.get_currency_precision(currency)


def scaled(size: Decimal, unit: Unit) -> Decimal:
    """A number in a unit."""
    return size / unit.amount


@functools.lru_cache(maxsize=64)
def conventions(tag: str) -> Conventions:
    """Of a language tag; raises Babel's `UnknownLocaleError`, or ValueError, for what is none."""
    return Conventions(tag)


def _completed(tag: str) -> str:
    """A bare language with its likely country."""
    if "-" in tag:
        return tag
    language, *_, country = str(get_global("likely_subtags").get(tag, tag)).split("_")
    return f"{language}-{country}" if localedata.exists(f"{language}_{country}") else tag


def _digits_of(numbering: str) -> str:
    return "".join(chr(ord(_ZEROS[numbering]) + digit) for digit in range(10))


def _by_power(units: Sequence[Unit]) -> tuple[Unit | None, ...]:
    """The unit of each power of ten; `units` begin with the largest."""
    return tuple(next((unit for unit in units if unit.power <= power), None) for power in range(_MOST_POWER + 1))


def _english_units() -> tuple[Unit, ...]:
    return tuple(Unit(power, power, "", _SPACE + letter) for power, letter in _ENGLISH_UNITS.items())
