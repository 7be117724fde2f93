"""Numbers, amounts and dates in other languages than English, which `test_charts_formats` has."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import babel
import pandas as pd
import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts import dates, formats
from dashboard.locales import browser
from dashboard.locales.locale import EN_US, Locale, UnknownChoice, current, using

CASES = json.loads((Path(__file__).parents[2] / "assets" / "formats.json").read_text(encoding="utf-8"))
NO_BREAK, NARROW, MINUS, ARABIC_MARK, RIGHT_MARK = "\xa0", "\u202f", "\u2212", "\u061c", "\u200f"


def arabic(digits: str) -> str:
    return digits.translate({0x30 + digit: 0x660 + digit for digit in range(10)} | {ord("."): 0x66B})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["locale"])
def test_what_the_browser_writes_is_written_likewise(case: dict[str, str]) -> None:
    locale = Locale(case["locale"])
    with using(locale):
        assert formats.count(1234567) == case["count"]
        assert formats.short(1234.5 * 100, "number") != case["tenth"]
        assert formats.full("1234.5", "number") == case["tenth"]
        assert formats.short("2015-12-06", "date") == case["day"]
        assert formats.full("2015-12-06", "date") == case["date"]
    assert locale.intl_tag == case["intl"]


@pytest.mark.parametrize(
    ("tag", "currency", "value", "expected"),
    [
        ("de-DE", "EUR", "171214000.55", f"171,2{NO_BREAK}Mio.{NO_BREAK}€"),
        ("de-DE", "EUR", "-12.5", f"{MINUS}12,50{NO_BREAK}€"),
        ("de-DE", "EUR", "312450", f"312.450{NO_BREAK}€"),
        ("de-DE", "EUR", "999999.9", f"1{NO_BREAK}Mio.{NO_BREAK}€"),
        ("fr-FR", "EUR", "312450", f"312,4{NO_BREAK}k{NO_BREAK}€"),
        ("ja-JP", "JPY", "171214000.55", "￥1.71億"),
        ("ja-JP", "JPY", "99999999", "￥1億"),
        ("ja-JP", "JPY", "50000000", "￥5,000万"),
        ("ja-JP", "JPY", "12.5", "￥12"),
        ("ar", "EGP", "171214000", f"{RIGHT_MARK}{arabic('171.2')}{NO_BREAK}مليون{NO_BREAK}ج.م.{RIGHT_MARK}"),
        ("en-US", "EUR", "-171214000.55", f"{MINUS}€171.2{NARROW}M"),
        ("en-US", "CHF", "12.5", f"CHF{NO_BREAK}12.50"),
        ("de-CH", "CHF", "-1234.5", f"CHF{MINUS}1'234"),
    ],
)
def test_a_card_says_an_amount_in_the_units_of_its_language(tag: str, currency: str, value: str, expected: str) -> None:
    with using(Locale(tag, currency)):
        assert formats.short(value, "currency").replace("\u2019", "'") == expected


@pytest.mark.parametrize(
    ("tag", "value", "style", "expected"),
    [
        ("de-DE", "-6213400.50", "currency", f"-6.213.400,50{NO_BREAK}$"),
        ("de-DE", "0.17254", "percent", f"17,25{NO_BREAK}%"),
        ("fr-FR", "6213400.50", "number", f"6{NARROW}213{NARROW}400.50".replace(".", ",")),
        ("hi-IN", "12345678.5", "number", "1,23,45,678.5"),
        ("ar", "-0.5", "percent", f"{ARABIC_MARK}-{arabic('50')}\u066a{ARABIC_MARK}"),
        ("de-DE", "2015-12-06T10:15:09.120", "date", "6. Dez. 2015, 10:15:09.12"),
        ("ja-JP", "2015-12", "date", "2015年12月"),
        ("de-DE", "12.5", "currency:JPY", f"12{NO_BREAK}¥"),
        ("en-US", "12.5", "currency:EUR", "€12.50"),
        ("de-DE", "Kreditkarte", "currency", "Kreditkarte"),
    ],
)
def test_a_table_says_all_digits(tag: str, value: str, style: str, expected: str) -> None:
    with using(Locale(tag)):
        assert formats.full(value, style) == expected


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_no_digit_is_lost_in_any_language(value: Decimal) -> None:
    for tag in ("de-DE", "fr-FR", "hi-IN", "ar"):
        with using(Locale(tag)):
            conventions = current().conventions
            text = formats.full(value, "number").replace(conventions.group, "").replace(conventions.decimal, ".")
        assert (
            Decimal(text.replace(ARABIC_MARK, "").translate({0x660 + digit: str(digit) for digit in range(10)}))
            == value
        )


def test_every_language_of_cldr_can_be_written() -> None:
    for tag in locale_identifiers():
        locale = Locale(tag.replace("_", "-"))
        with using(locale):
            assert formats.full("1234.5", "currency")
            assert dates.label(pd.Timestamp("2015-12-06"), dates.WHOLE_DAY)
            assert browser.description(locale) or locale.conventions is EN_US.conventions


def test_english_dates_are_those_of_python() -> None:
    """Which wrote them before there were other languages: nothing of them has changed."""
    for month in range(1, 13):
        moment = datetime.date(2015, month, 6)
        assert formats.full(moment.isoformat(), "date") == f"{moment:%b} 6, 2015"


def test_a_moment_with_a_time_zone_is_taken_to_the_chosen_one_and_others_stay() -> None:
    with using(Locale(time_zone="Europe/Berlin")):
        assert formats.full("2015-07-01T22:30:00+00:00", "date") == "Jul 2, 2015, 00:30:00 +02:00"
        assert formats.full("2015-07-01T22:30:00", "date") == "Jul 1, 2015, 22:30:00"


def test_a_bare_language_has_its_likely_country() -> None:
    assert babel.Locale("ar").default_numbering_system == "latn"
    assert Locale("ar").conventions.numbering == "arab"
    assert Locale("ar-MA").conventions.numbering == Locale("ar-u-nu-latn").conventions.numbering == "latn"
    assert (Locale("ar").direction, Locale("de").direction) == ("rtl", "ltr")


@pytest.mark.parametrize(
    ("wrong", "told"),
    [(("xx-YY", "USD", None), "xx-YY"), (("de", "EURO", None), "EURO"), (("de", "EUR", "Europe/Bonn"), "Europe/Bonn")],
)
def test_what_there_is_not_is_named(wrong: tuple[str, str, str | None], told: str) -> None:
    with pytest.raises(UnknownChoice, match=told):
        Locale.checked(*wrong)
