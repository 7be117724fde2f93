"""Dates and times: what Redshift's functions answer."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from infra.redshift_sql.errors import StatementFailed

moment = datetime.fromisoformat


def test_to_date(value):
    assert value("to_date('2015-12', 'YYYY-MM')") == date(2015, 12, 1)


def test_to_date_of_a_bound_value(value):
    assert value("to_date(:month, 'YYYY-MM')", month="2015-12") == date(2015, 12, 1)


def test_to_timestamp(value):
    assert value("to_timestamp('05.12.2015 15:04', 'DD.MM.YYYY HH24:MI')::varchar") == "2015-12-05 15:04:00+00"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("YYYY-MM-DD HH24:MI:SS", "2015-12-05 15:04:05"),
        ("YYYY-MM", "2015-12"),
        ("Mon DD, YYYY", "Dec 05, 2015"),
        ("FMMonth FMDD", "December 5"),
        ("Day|", "Saturday |"),
        ("DY", "SAT"),
        ("dy", "sat"),
        ("HH12:MI AM", "03:04 PM"),
        ("D Q WW IW DDD CC J", "7 4 49 49 339 21 2457362"),
        ('"Quarter" Q', "Quarter 4"),
        ("MS US", "500 500000"),
    ],
)
def test_to_char_of_a_moment(column, pattern, text):
    assert column(f"to_char(ts, '{pattern}')")[0] == text


def test_to_char_of_a_date(column):
    assert column("to_char(day, 'YYYY-MM')") == ["2015-12", "2015-12", "2016-02"]


def test_last_day(column):
    assert column("last_day(day)") == [date(2015, 12, 31), date(2015, 12, 31), date(2016, 2, 29)]


def test_date_trunc_gives_a_timestamp_even_for_a_date(column):
    assert column("date_trunc('month', day)")[0] == moment("2015-12-01 00:00:00")


@pytest.mark.parametrize("part", ["month", "'month'", "mon", "MONTHS"])
def test_dateadd_knows_every_spelling_of_a_part(value, part):
    assert value(f"dateadd({part}, 1, date '2015-12-05')") == moment("2016-01-05 00:00:00")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("dateadd(day, -1, '2015-12-05')", moment("2015-12-04 00:00:00")),
        ("dateadd(qtr, 1, date '2015-12-05')", moment("2016-03-05 00:00:00")),
        ("dateadd(week, 2, date '2015-12-05')", moment("2015-12-19 00:00:00")),
        ("dateadd(minute, 90, timestamp '2015-12-05 10:00:00')", moment("2015-12-05 11:30:00")),
        ("dateadd(ms, 1, timestamp '2015-12-05')", moment("2015-12-05 00:00:00.001000")),
    ],
)
def test_dateadd(value, expression, expected):
    assert value(expression) == expected


@pytest.mark.parametrize(
    ("part", "count"),
    [("year", 1), ("month", 1), ("day", 1), ("hours", 1), ("minute", 60), ("s", 3601)],
)
def test_datediff_counts_the_boundaries_crossed(value, part, count):
    assert value(f"datediff({part}, timestamp '2015-12-31 23:00:00', timestamp '2016-01-01 00:00:01')") == count


def test_datediff_of_dates(value):
    assert value("datediff(day, '2015-12-01', '2015-12-31')") == 30


def test_an_unknown_date_part_is_refused(value):
    with pytest.raises(StatementFailed, match='date part "fortnight" not recognized'):
        value("dateadd(fortnight, 1, getdate())")


def test_date_part_gives_a_double(column):
    assert [type(hour) for hour in column("date_part(hour, ts)")] == [float] * 3


def test_date_part_of_the_week_begins_on_sunday(column):
    assert column("date_part(dow, day)") == [6.0, 4.0, 1.0]


def test_extract_gives_an_integer(column):
    assert column("extract(hour from ts)") == [15, 0, 23]


def test_extract_epoch(column):
    assert column("extract(epoch from ts)")[0] == 1449327845


def test_extract_epoch_of_a_difference(value):
    assert value("extract(epoch from timestamp '2015-12-05 01:00:00' - timestamp '2015-12-05')") == 3600


def test_trunc_cuts_a_timestamp_to_its_date(column):
    assert column("trunc(ts)")[0] == date(2015, 12, 5)


def test_add_months_keeps_the_last_day_the_last(value):
    assert value("add_months('2015-02-28', 1)") == moment("2015-03-31 00:00:00")


def test_add_months_of_another_day(value):
    assert value("add_months('2015-01-30', 1)") == moment("2015-02-28 00:00:00")


@pytest.mark.parametrize(
    ("first", "second", "months"),
    [("2015-03-15", "2015-01-15", 2.0), ("2015-03-31", "2015-02-28", 1.0), ("2015-03-02", "2015-02-01", 1 + 1 / 31)],
)
def test_months_between(value, first, second, months):
    assert float(value(f"months_between('{first}', '{second}')")) == pytest.approx(months)


def test_convert_timezone_from_utc(value):
    assert value("convert_timezone('America/New_York', timestamp '2015-12-05 15:00:00')") == moment(
        "2015-12-05 10:00:00"
    )


def test_convert_timezone_between_two(value):
    found = value("convert_timezone('Europe/Berlin', 'UTC', timestamp '2015-12-05 15:00:00')")
    assert found == moment("2015-12-05 14:00:00")


def test_getdate_and_sysdate_have_no_zone(value):
    assert (value("getdate()").tzinfo, value("sysdate").tzinfo) == (None, None)


def test_current_date(value):
    assert value("current_date = trunc(getdate())") is True


def test_a_date_counts_in_days(column):
    assert column("day - 7")[0] == date(2015, 11, 28)


def test_the_difference_of_dates_is_a_number(value):
    assert value("date '2015-12-05' - date '2015-12-01'") == 4


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("date '2024-01-02'::timestamp", moment("2024-01-02 00:00:00")),
        ("timestamp '2024-01-02 10:11:12'::date", date(2024, 1, 2)),
        ("timestamp '2024-01-02 10:11:12'::date::varchar", "2024-01-02"),
        ("timestamp '2024-01-02 10:11:12'::date + 1", date(2024, 1, 3)),
        ("cast('2024-01-02'::date as timestamp)", moment("2024-01-02 00:00:00")),
        ("time '10:11:12'::varchar", "10:11:12"),
        ("varchar '12'::int + 1", 13),
    ],
)
def test_a_literal_has_its_own_type_before_it_is_cast(value, expression, expected):
    assert value(expression) == expected


def test_date_cmp(value):
    assert value("date_cmp('2015-12-05', '2015-12-01')") == 1


def test_date_part_year(value):
    assert value("date_part_year(date '2015-12-05')") == 2015


def test_nested_calls_are_all_rewritten(value):
    expression = "datediff(day, date_trunc('month', to_date(:m, 'YYYY-MM')), last_day(to_date(:m, 'YYYY-MM')))"
    assert value(expression, m="2016-02") == 28


def test_hours_as_a_decimal(rows):
    total = rows("select sum(datediff(second, date_trunc('day', ts), ts)) / 3600.0 from trips")[0][0]
    assert isinstance(total, Decimal)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("interval '3 days 12:00:00'", "3 days 12:00:00"),
        ("interval '1 day 02:03:04.5'", "1 day 02:03:04.5"),
        ("interval '12:30'", "12:30:00"),
        ("interval '1 month 3 days'", "1 mon 3 days"),
        ("interval '1 day 2 hours ago'", "-1 days -02:00:00"),
        ("interval '36 hours'", "1 day 12:00:00"),
        ("interval '0 days'", "00:00:00"),
        ("interval '5 days' - interval '30 hours'", "3 days 18:00:00"),
        ("2 * interval '1 day'", "2 days"),
        ("interval '1 month' * 2", "2 mons"),
        ("interval '1 month 15 days' * 0.5", "22 days 12:00:00"),
        ("interval '1 year' / 2", "6 mons"),
        ("-1 * interval '1 day'", "-1 days"),
        ("interval '3 days 12:00:00' / 2", "1 day 18:00:00"),
        ("interval '-1 12:00' day to minute", "-1 days -12:00:00"),
        ("'3 days 12:00:00'::interval", "3 days 12:00:00"),
        ("cast('1w, 1h' as interval)", "7 days 01:00:00"),
        ("'1 day ago'::interval", "-1 days"),
        ("timestamp '2024-01-03' - timestamp '2024-01-01 12:00'", "1 day 12:00:00"),
    ],
)
def test_intervals_as_text(value, expression, text):
    assert value(f"({expression})::text") == text


def test_a_date_and_an_interval_of_months_is_a_date(typed):
    assert typed("date '2024-01-31' + interval '1' month") == (date(2024, 2, 29), "date")
    assert typed("date '2024-01-31' + interval '1' day") == (moment("2024-02-01"), "timestamp")
    assert typed("date '2024-01-31' - interval '1-1' year to month") == (date(2022, 12, 31), "date")


@pytest.mark.parametrize("literal", ["''", "'x days'", "'1 day x'", "'1 furlong'"])
def test_what_is_no_interval_is_refused(value, literal):
    with pytest.raises(StatementFailed, match="interval"):
        value(f"interval {literal}")
