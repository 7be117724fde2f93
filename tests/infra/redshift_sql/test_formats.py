"""TO_CHAR, TO_DATE, TO_TIMESTAMP and TO_NUMBER by the guide's tokens; a token that is none is refused."""

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from infra.redshift_sql.errors import StatementFailed, SyntaxFailed

moment = datetime.fromisoformat


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("ID", "7"), ("W", "1"), ("YYY", "016"), ("IYY", "015"), ("IY", "15"), ("I", "5"), ("Y", "6"),
        ("SSSS", "36001"),
        ("RM", "I"), ("rm", "i"), ("BC", "AD"), ("a.d.", "a.d."), ("A.M.", "A.M."), ("DDth", "03rd"), ("DDTH", "03RD"),
        ("FMDDth", "3rd"), ("FMHH24:MI", "10:00"), ("IDDD", "371"), ("Y,YYY", "2,016"), ("J", "2457391"), ("TZ", "UTC"),
        ('YYYY"Q"Q', "2016Q1"), ("mon", "jan"), ("DAY", "SUNDAY   "),
    ],
)  # fmt: skip
def test_to_char_of_a_moment(value, pattern, text):
    assert value(f"to_char(timestamp '2016-01-03 10:00:01', '{pattern}')") == text


def test_to_char_of_other_types(value):
    assert value("to_char(time '20:15:00', 'HH12:MI PM')") == "08:15 PM"
    assert value("to_char('2016-01-03', 'DD.MM.YYYY')") == "03.01.2016"
    assert value("to_char(timestamptz '2016-01-03 10:00:00+02', 'HH24:MI')") == "08:00"


@pytest.mark.parametrize("pattern", ["YYYY-XX", "bogus", "YYYYnMM"])
def test_an_unknown_token_is_refused_and_not_printed(value, pattern):
    with pytest.raises(StatementFailed, match="unknown token"):
        value(f"to_char(timestamp '2016-01-03', '{pattern}')")
    with pytest.raises(StatementFailed, match=r"unknown token|reading the token"):
        value(f"to_date('2016-01-03', '{pattern}')")


@pytest.mark.parametrize(
    ("number", "pattern", "text"),
    [
        ("12345678901234567.89::decimal(20,2)", "99999999999999999.99", " 12345678901234567.89"),
        ("125.8", "999D99", " 125.80"),
        ("125.8", "S999.99", "+125.80"),
        ("-125.8", "S999.99", "-125.80"),
        ("12.5", "S999.99", " +12.50"),
        ("125.8", "999.99MI", "125.80 "),
        ("-125.8", "999D99S", "125.80-"),
        ("-125.88", "$S999D99", "$-125.88"),
        ("-125.88", "$999D99PR", "$<125.88>"),
        ("618.80", "L99999D99", "$   618.80"),
        ("125", "RN", "           CXXV"),
        ("618.80", "FMrn", "dcxix"),
        ("1234567", "9G999G999", " 1,234,567"),
        ("0", "999", "   0"),
        ("0", "99.99", "   .00"),
        ("0.1", "0.9", " 0.1"),
        ("-7", "000", "-007"),
        ("12345.678", "999.9", " ###.#"),
        ("1.5", "FM999.990", "1.500"),
        ("1.5::float8", "99.9", "  1.5"),
        ("null::int", "999", None),
    ],
)
def test_to_char_of_a_number(value, number, pattern, text):
    assert value(f"to_char({number}, '{pattern}')") == text


@pytest.mark.parametrize("pattern", ["99x", "9.9.9", "abc", "999EEEE"])
def test_a_number_format_of_other_signs_is_refused(value, pattern):
    with pytest.raises(StatementFailed):
        value(f"to_char(1.5, '{pattern}')")


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("20010631", "YYYYMMDD", date(2001, 7, 1)),
        ("2015-12-31 10:00:00", "YYYY-MM-DD", date(2015, 12, 31)),
        ("02 Oct 2001", "DD Mon YYYY", date(2001, 10, 2)),
        ("February 1, 2015", "Month DD, YYYY", date(2015, 2, 1)),
        ("150102", "YYMMDD", date(2015, 1, 2)),
        ("2015/1/2", "YYYY-MM-DD", date(2015, 1, 2)),
        ("2015.100", "YYYY.DDD", date(2015, 4, 10)),
        ("2457362", "J", date(2015, 12, 5)),
        ("2015", "YYYY-MM-DD", date(2015, 1, 1)),
        ("2015-13-01", "YYYY-MM-DD", date(2016, 1, 1)),
    ],
)
def test_to_date(value, text, pattern, expected):
    assert value(f"to_date('{text}', '{pattern}')") == expected
    assert value(f"to_date(lower('{text}'), '{pattern}')") == expected


def test_to_date_is_strict_when_told(value):
    assert value("to_date('20010630', 'YYYYMMDD', true)") == date(2001, 6, 30)
    with pytest.raises(duckdb.Error, match="date/time field date value out of range"):
        value("to_date('20010631', 'YYYYMMDD', true)")


def test_to_date_of_another_text_is_an_error(value):
    with pytest.raises(duckdb.Error, match='invalid value "next week" for the format "YYYY-MM-DD"'):
        value("to_date('next week', 'YYYY-MM-DD')")


def test_to_date_of_null(value):
    assert value("to_date(null, 'YYYY')") is None


def test_what_cannot_be_read_is_said(value):
    with pytest.raises(SyntaxFailed, match='reading the token "CC"'):
        value("to_date('21', 'CC')")


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("05 Dec 2000 05:30:01.25 PM", "DD Mon YYYY HH12:MI:SS.MS PM", "2000-12-05 17:30:01.25+00"),
        ("2011-12-18 23:38:15", "YYYY-MM-DD HH24:MI:SS", "2011-12-18 23:38:15+00"),
        ("2011-12-18", "YYYY-MM-DD HH24:MI:SS", "2011-12-18 00:00:00+00"),
    ],
)
def test_to_timestamp(value, text, pattern, expected):
    assert value(f"cast(to_timestamp('{text}', '{pattern}') as varchar)") == expected


@pytest.mark.parametrize(
    ("text", "pattern", "expected", "kind"),
    [
        ("12,454.8-", "99G999D9S", Decimal("-12454.8"), "numeric(6,1)"),
        ("$ 12,454.88", "L 99G999D99", Decimal("12454.88"), "numeric(7,2)"),
        ("<7>", "9PR", Decimal(-7), "numeric(1,0)"),
    ],
)
def test_to_number(typed, text, pattern, expected, kind):
    assert typed(f"to_number('{text}', '{pattern}')") == (expected, kind)
