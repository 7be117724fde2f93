"""Days told by words: each word's span, whatever the day."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.reports import relative_values

DAYS = st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31))
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2016-03-01", "2016-03-01"),
        ("yesterday", "2016-02-29", "2016-02-29"),
        ("this month", "2016-03-01", "2016-03-31"),
        ("last month", "2016-02-01", "2016-02-29"),
        ("this year", "2016-01-01", "2016-12-31"),
        ("last year", "2015-01-01", "2015-12-31"),
        ("last 7 days", "2016-02-24", "2016-03-01"),
        ("last 30 days", "2016-02-01", "2016-03-01"),
        ("last 90 days", "2015-12-03", "2016-03-01"),
        ("month to date", "2016-03-01", "2016-03-01"),
        ("year to date", "2016-01-01", "2016-03-01"),
    ],
)
def test_a_word_is_a_span_of_days(word: str, first: str, last: str) -> None:
    """Seen from the day after a leap day."""
    assert relative_values.resolved("daterange", word, datetime.date(2016, 3, 1)) == (first, last)


def test_in_january_last_month_is_a_year_ago() -> None:
    assert relative_values.resolved("month", "last month", datetime.date(2016, 1, 31)) == ("2015-12", "2015-12")


@given(DAYS)
def test_a_word_of_a_type_lies_within_one_value_of_it(day: datetime.date) -> None:
    """So a month's word is one month; only a range has two ends."""
    for kind in ("date", "month", "year"):
        for word in relative_values.WORDS[kind]:
            span = relative_values.resolved(kind, word, day)
            assert span is not None
            assert span[0] == span[1]


@given(DAYS)
def test_spans_begin_before_they_end_and_follow_each_other(day: datetime.date) -> None:
    spans = {word: span(day) for word, span in relative_values.SPANS.items()}
    assert all(first <= last for first, last in spans.values())
    for earlier, later in (("last month", "this month"), ("last year", "this year"), ("yesterday", "today")):
        assert spans[earlier][1] + DAY == spans[later][0]
    assert [(last - first).days + 1 for first, last in (spans["last 7 days"], spans["last 30 days"])] == [7, 30]
    assert all(first <= day <= last for first, last in (spans["this month"], spans["this year"], spans["last 7 days"]))


@pytest.mark.parametrize(("kind", "word"), [("date", "last month"), ("month", "this year"), ("text", "today")])
def test_a_type_knows_only_its_words(kind: str, word: str) -> None:
    assert relative_values.resolved(kind, word, datetime.date(2016, 3, 1)) is None


def test_today_is_the_day_in_utc() -> None:
    before = datetime.datetime.now(datetime.UTC).date()
    assert before <= relative_values.today() <= datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize(
    ("kind", "latest", "seen_from"),
    [
        ("daterange", "2015-12-31", "2015-12-31"),
        ("date", "2015-11-30", "2015-11-30"),
        ("month", "2015-11", "2015-11-30"),
        ("year", "2014", "2014-12-31"),
        ("daterange", "2017-01-01", "2016-03-01"),
        ("month", "2016-03", "2016-03-01"),
        ("month", "last month", "2016-03-01"),
        ("daterange", None, "2016-03-01"),
        ("number", "7", "2016-03-01"),
    ],
)
def test_words_are_seen_from_the_end_of_data_of_the_past(kind: str, latest: str | None, seen_from: str) -> None:
    day = datetime.date(2016, 3, 1)
    assert relative_values.as_of(kind, latest, day) == datetime.date.fromisoformat(seen_from)
