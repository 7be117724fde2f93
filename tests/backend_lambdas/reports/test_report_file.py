"""Report files: the header, the SELECT, and what is said of each mistake."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.reports import parameters, report_file, sql_text
from backend_lambdas.reports.report_file import BrokenReport, Report
from tests.backend_lambdas.lambda_fakes import REPORT, report

PATH = "finance/revenue_by_day.sql"


def text(header: str, sql: str = "SELECT 1 AS one") -> str:
    return f"/*---\n{header}---*/\n{sql}\n"


def broken(content: str, path: str = PATH) -> BrokenReport:
    loaded = report_file.load(path, content)
    assert isinstance(loaded, BrokenReport), loaded
    return loaded


def test_a_report_is_its_header_and_its_select() -> None:
    found = report()
    assert (found.id, found.department, found.groups) == ("revenue_by_day", "finance", ("finance",))
    assert (found.header.title, found.header.cache, found.header.timeout) == ("Revenue by day", 900, 60)
    assert found.sql.startswith("SELECT pickup_date")
    assert found.sql.endswith("GROUP BY 1")


def test_everything_but_the_title_has_a_default() -> None:
    header = report(text("title: One\n")).header
    assert (header.chart.type, header.chart.y, header.size, header.order) == ("table", [], "half", 100)
    assert (header.parameters, header.columns, header.groups) == ({}, {}, None)
    assert (header.description, header.empty) == ("", "No rows for these filters.")
    assert (header.cache, header.timeout, header.limit, header.hidden) == (0, 60, 50_000, False)


def test_a_client_learns_neither_sql_nor_claims_nor_groups() -> None:
    header = (
        "title: One\ngroups: [leads]\nparameters:\n  region: {type: text, claim: custom:region}\n"
        "  top: {type: integer, default: 10}\n"
    )
    public = report(text(header, "SELECT :region, :top")).public()
    assert public["parameters"] == [{"name": "top", "type": "integer", "default": "10", "required": False}]
    assert "SELECT" not in str(public)
    assert "custom:region" not in str(public)
    assert "leads" not in str(public)
    assert {"id", "department", "title", "description", "chart", "cacheSeconds", "version"} <= set(public)


@pytest.mark.parametrize(
    ("keys", "downloaders"),
    [
        ("", ("finance",)),
        ("download: true\n", ("finance",)),
        ("groups: [leads, board]\n", ("leads", "board")),
        ("groups: [leads, board]\ndownload: [board]\n", ("board",)),
        ("download: [board]\n", ("board",)),
        ("download: []\n", ()),
        ("download: false\n", ()),
        ("groups: [leads]\ndownload: false\n", ()),
    ],
)
def test_a_header_says_who_may_take_the_rows_away(keys: str, downloaders: tuple[str, ...]) -> None:
    """Whoever may see them, unless it says otherwise."""
    assert report(text(f"title: One\n{keys}"), "finance/one.sql").downloaders == downloaders


def test_groups_of_the_header_replace_the_department() -> None:
    assert report(text("title: One\ngroups: [leads, board]\n")).groups == ("leads", "board")
    assert report(text("title: One\ngroups: []\n")).groups == ()


def test_the_version_changes_with_the_file() -> None:
    assert report().version == report().version
    assert report().version != report(REPORT + "\n-- changed\n").version


@pytest.mark.parametrize(
    ("written", "seconds"), [("0s", 0), ("30s", 30), ("15m", 900), ("1h", 3600), ("24h", 86400), ("1d", 86400)]
)
def test_durations(written: str, seconds: int) -> None:
    assert report(text(f"title: One\ncache: {written}\n")).header.cache == seconds


@pytest.mark.parametrize(("written", "days"), [("1d", 1), ("7d", 7), ("30d", 30), ("90d", 90)])
def test_rows_are_kept_and_may_answer_as_long_as_the_header_says(written: str, days: int) -> None:
    header = report(text(f"title: One\nkeep: {written}\ncache: {written}\n")).header
    assert (header.keep_days, header.cache) == (days, days * 24 * 3600)


def test_without_a_word_of_it_rows_are_kept_for_a_day() -> None:
    assert report(text("title: One\n")).header.keep_days == 1


@pytest.mark.parametrize(
    ("written", "default"),
    [
        ("010", "010"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("no", "no"),
        ("2015-12-31", "2015-12-31"),
        ("1e3", "1e3"),
    ],
)
def test_a_default_is_the_text_that_is_written(written: str, default: str) -> None:
    """YAML would make an octal, a sexagesimal, a boolean and a date of these."""
    header = f"title: One\nparameters:\n  p: {{type: text, default: {written}}}\n"
    assert report(text(header, "SELECT :p")).header.parameters["p"].default == default


def test_choices_are_the_texts_that_are_written() -> None:
    header = "title: One\nparameters:\n  p: {type: choice, choices: [yes, no, 1], default: no}\n"
    assert report(text(header, "SELECT :p")).header.parameters["p"].choices == ["yes", "no", "1"]


def test_one_y_may_stand_without_brackets() -> None:
    assert report(text("title: One\nchart: {type: bar, x: a, y: b, stacked: true}\n")).header.chart.y == ["b"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "select 1;",
        "SELECT 1; -- the end",
        "-- first\nWITH a AS (SELECT 1) SELECT * FROM a\n;\n",
        "/* a; b */ SELECT ';'",
    ],
)
def test_one_select_may_have_comments_and_a_semicolon(sql: str) -> None:
    """The semicolon does not reach the warehouse."""
    assert not report(text("title: One\n", sql)).sql.endswith(";")
    assert "-- the end" not in report(text("title: One\n", sql)).sql


def test_windows_line_ends_and_a_byte_order_mark_do_not_matter() -> None:
    """Editors on Windows add both."""
    found = report("\ufeff" + REPORT.replace("\n", "\r\n"))
    assert found.sql == report().sql
    assert found.header == report().header


def test_lines_are_counted_alike_with_windows_line_ends() -> None:
    content = text("title: One\n", "SELECT 1\n, :p")
    assert broken(content.replace("\n", "\r\n")).line == broken(content).line == 5


def test_blank_lines_before_the_header_and_behind_its_marks_are_allowed() -> None:
    assert report("\n\n  /*--- \t\ntitle: One\n  ---*/ \nSELECT 1").header.title == "One"


def test_the_select_may_follow_the_header_on_its_line() -> None:
    assert report("/*---\ntitle: One\n---*/ SELECT 1").sql == "SELECT 1"


PARAMETER = "title: One\nparameters:\n  p:\n    type: "

MISTAKES: list[tuple[str, int, str]] = [
    (text("title: t\ncurrency: EURO\n"), 3, "currency: write a currency of ISO 4217 such as USD, EUR or JPY"),
    (text("title: t\ncolumns:\n  a: {currency: EUR}\n"), 4, "it goes with `format: currency`"),
    (text(PARAMETER + "choice\n    choices: {report: a, valeu: b}\n", "SELECT :p"), 6, "(did you mean 'value'?)"),
    (text(PARAMETER + "month\n    default: {report: a, colum: b}\n", "SELECT :p"), 6, "(did you mean 'column'?)"),
    (
        text(PARAMETER + "month\n    default: {report: a}\n", "SELECT :p"),
        6,
        "'parameters.p.default.column' is missing",
    ),
    (
        text(PARAMETER + "choice\n    choices: a\n", "SELECT :p"),
        6,
        "parameters.p.choices: write a list of at least one text or {report: ..., value: ...}",
    ),
    (
        text(PARAMETER + "choice\n    choices: []\n", "SELECT :p"),
        6,
        "parameters.p.choices: write a list of at least one",
    ),
    (
        text(PARAMETER + "text\n    default: [[a]]\n", "SELECT :p"),
        6,
        "parameters.p.default: write a text or a list of texts or {report",
    ),
    (text(PARAMETER + "text\n    min: a\n", "SELECT :p"), 6, "parameters.p.min: goes with type integer, number, date"),
    (
        text(PARAMETER + f"text\n    pattern: {'a' * 201}\n", "SELECT :p"),
        6,
        "parameters.p.pattern: write a text of up to 200 characters",
    ),
    (
        text(PARAMETER + "daterange\n    max_days: 0\n", "SELECT :p"),
        6,
        "parameters.p.max_days: write a whole number, 1 or more",
    ),
    (text(PARAMETER + "daterange\n", "SELECT :p"), 7, "does not declare (write :p_from and :p_to)"),
    (text(PARAMETER + "daterange\n", "SELECT :p_from"), 7, "'p' is declared but the SQL does not use :p_to"),
    (text(PARAMETER + "several\n", "SELECT 1\nWHERE a = :p"), 8, ":p is a list: write it as IN (:p)"),
    (text(PARAMETER + "several\n  p_1: {type: text}\n", "SELECT :p_1 WHERE a IN (:p)"), 4, ":p_1 needs another name"),
    (text("title: One\nchart:\n  type: donut\n  x: a\n"), 3, "chart.value: a donut chart needs it"),
    (text("title: One\nchart:\n  type: donut\n  x: a\n  value: b\n  stacked: true\n"), 7, "chart.stacked: a donut"),
    (
        text("title: One\nchart: {type: table, x: a}\n"),
        3,
        "chart.x: a table chart has no such key; it takes group and click",
    ),
    (text("title: One\nlimit: 0\n"), 3, "limit: write a whole number, 1 to 100000"),
    (text("title: One\nlimit: 100001\n"), 3, "limit: write a whole number, 1 to 100000"),
    (text("title: One\nhidden: maybe\n"), 3, "hidden: write true or false"),
    (text("title: One\nlimits: 5\n"), 3, "unknown key 'limits' (did you mean 'limit'?)"),
    ("", 1, "must begin with a header"),
    ("SELECT 1", 1, "must begin with a header"),
    ("-- first\n" + REPORT, 1, "must begin with a header"),
    ("/*---\ntitle: One\nSELECT 1", 1, "must begin with a header"),
    ("/*--- title: One ---*/\nSELECT 1", 1, "must begin with a header"),
    (text("title: One\nchart: {type: line\norder: 1\n"), 4, "the header is not YAML"),
    (text("title: One\n\tcache: 15m\n"), 3, "the header is not YAML"),
    (text("title: One\ndescription: a: b\n"), 3, "the header is not YAML"),
    (text("title: \x07\n"), 2, "the header is not YAML"),
    (text("x: " + "[" * 2000 + "\n"), 2, "the header is not YAML"),
    (text("title: One\n---\ntitle: Two\n"), 3, "the header is not YAML"),
    (text(""), 2, "`key: value` lines"),
    (text("- title\n"), 2, "`key: value` lines"),
    (text("title\n"), 2, "`key: value` lines"),
    (text("description: None\n"), 2, "'title' is missing"),
    (text("title: ''\n"), 2, "title: write a text of 1 to 120 characters"),
    (text("title: One\ntile: Two\n"), 3, "unknown key 'tile' (did you mean 'title'?)"),
    (text("description: One\ntilte: Two\n"), 3, "unknown key 'tilte' (did you mean 'title'?)"),
    (text("title: One\nzzz: Two\n"), 3, "unknown key 'zzz'"),
    (
        text("title: One\nchart:\n  type: line\n  stackd: true\n"),
        5,
        "unknown key 'chart.stackd' (did you mean 'stacked'?)",
    ),
    (text("title: One\ncolumns:\n  a: {lable: A}\n"), 4, "unknown key 'columns.a.lable' (did you mean 'label'?)"),
    (
        text("title: One\nparameters:\n  p:\n    type: text\n    defalt: x\n", "SELECT :p"),
        6,
        "unknown key 'parameters.p.defalt' (did you mean 'default'?)",
    ),
    (text("title: One\ncolumns:\n  a: {labels: {1: A, 2: A}}\n"), 4, "columns.a.labels.2: '1' is called 'A' already"),
    (
        text("title: One\ncolumns:\n  a: {labels: {1: A}, bar: true}\n"),
        4,
        "columns.a.labels: they go with `format: text`",
    ),
    (text("title: One\ncolumns:\n  a: {labels: {1: A}, total: sum}\n"), 4, "columns.a.labels: they go with"),
    (text("title: One\ncolumns:\n  a: {labels: {1: A}, format: number}\n"), 4, "columns.a.labels: they go with"),
    (text("title: One\ncolumns:\n  a: {labels: [A]}\n"), 4, "columns.a.labels: write `key: value` lines"),
    (
        text("title: One\nparameters:\n  p: {type: choice, choices: [Card], labels: {Crad: C}}\n", "SELECT :p"),
        4,
        "parameters.p.labels.Crad: it is none of the choices (did you mean 'Card'?)",
    ),
    (text("title: One\ncolumns:\n  a: {total: all}\n"), 4, "columns.a.total: write sum, average, min, max or count"),
    (text("title: One\ncolumns:\n  a:\n    colour: {below: 0}\n"), 5, "'columns.a.colour.0.is' is missing"),
    (text("title: One\ncolumns:\n  a:\n    colour: [{is: bad}]\n"), 5, "columns.a.colour.0.is: say when: below, above"),
    (
        text("title: One\ncolumns:\n  a: {colour: [{is: red, at: 1}]}\n"),
        4,
        "columns.a.colour.0.is: write good, bad or warn",
    ),
    (text("title: One\ncolumns:\n  a: {colour: {is: bad, beolw: 1}}\n"), 4, "(did you mean 'below'?)"),
    (text("title: One\ncolumns:\n  a: {colour: red}\n"), 4, "columns.a.colour: write {is: ...}, or a list of these"),
    (
        text("title: One\ncolumns:\n  a: {colour: {is: bad, below: low}}\n"),
        4,
        "write a number, or a date like 2015-12-31",
    ),
    (text("title: One\ncolumns:\n  a: {link: 'javascript:alert(1)'}\n"), 4, "columns.a.link: begin with https://"),
    (text("title: One\ncolumns:\n  a: {link: 'http://example.com/{a}'}\n"), 4, "columns.a.link: begin with https://"),
    (text("title: One\ncolumns:\n  a: {link: 'https://{a}/'}\n"), 4, "columns.a.link: begin with https://"),
    (text("title: One\ncolumns:\n  a: {link: 'https://example.com{a}'}\n"), 4, "columns.a.link: begin with https://"),
    (text("title: One\ncolumns:\n  a: {link: //example.com/{a}}\n"), 4, "the header is not YAML"),
    (text("title: One\ncolumns:\n  a: {link: '//example.com/{a}'}\n"), 4, "columns.a.link: begin with https://"),
    (text("title: One\ncolumns:\n  a: {link: '/d/{a'}\n"), 4, "columns.a.link: write a column's name in braces"),
    (text("title: One\ncolumns:\n  a: {link: '/d/x y'}\n"), 4, "columns.a.link: an address has no spaces"),
    (
        text("title: One\nchart: {type: pivot, rows: a, columns: b, values: c}\ncolumns:\n  a: {link: '/d/{c}'}\n"),
        5,
        "columns.a.link: a link of a pivot takes values of its rows alone",
    ),
    (text("title: One\nchart: {type: pie}\n"), 3, "chart.type: write number, line, area"),
    (text("title: One\nsize: huge\n"), 3, "size: write quarter, third, half, two-thirds or full"),
    (text("title: One\norder: first\n"), 3, "order: write a whole number"),
    (text("title: One\ngroups: finance\n"), 3, "groups: write a list of texts"),
    (text("title: One\ncache: soon\n"), 3, "cache: write a duration like 30s, 15m, 1h or 7d"),
    (text("title: One\ncache: 91d\n"), 3, "cache: write a duration like 30s, 15m, 1h or 7d, up to 90d"),
    (text("title: One\ncache: 25h\n"), 3, "cache: rows are kept for 1d: write a shorter time, or a longer keep"),
    (text("title: One\nkeep: 7d\ncache: 8d\n"), 4, "cache: rows are kept for 7d: write a shorter time"),
    (text("title: One\nkeep: 2d\n"), 3, "keep: write 1d, 7d, 30d or 90d"),
    (text("title: One\nkeep: 365d\n"), 3, "keep: write 1d, 7d, 30d or 90d"),
    (text("title: One\ntimeout: 0s\n"), 3, "timeout: write a duration like 30s, 15m or 1h, from 1s"),
    (text("title: One\nparameters:\n  p: {type: float}\n", "SELECT :p"), 4, "parameters.p.type: write text, integer"),
    (text("title: One\nparameters:\n  p: {}\n", "SELECT :p"), 4, "'parameters.p.type' is missing"),
    (text("title: One\n", "\n\nSELECT 1,\n -- :month is not this one\n ':month', :month"), 8, "uses :month, which"),
    (text("title: One\nparameters:\n  p: {type: text}\n", "\nSELECT 1"), 7, "'p' is declared but the SQL does not use"),
    (text("title: One\nparameters:\n  p: {type: text}\n", "SELECT ':p'"), 6, "'p' is declared but the SQL does not"),
    (text("title: One\nparameters:\n  größe: {type: text}\n", "SELECT :größe"), 6, "the SQL uses :gr, which"),
    (text("title: One\n", ""), 3, "one SELECT and nothing else"),
    (text("title: One\n", "-- nothing here"), 3, "one SELECT and nothing else"),
    (text("title: One\n", "\nSELECT 1; SELECT 2"), 5, "one SELECT and nothing else"),
    (text("title: One\n", "SELECT 1; DROP TABLE nyc_yellow_taxi"), 4, "one SELECT and nothing else"),
    (text("title: One\n", "DELETE FROM nyc_yellow_taxi"), 4, "one SELECT and nothing else"),
    (text("title: One\n", "-- SELECT\nDROP TABLE nyc_yellow_taxi"), 4, "one SELECT and nothing else"),
    (text("title: One\n", "SELECTED"), 4, "one SELECT and nothing else"),
    (
        text("title: One\nparameters:\n  a: {type: text}\n  p: {type: month, default: 2015-13}\n", "SELECT :p, :a"),
        5,
        "parameters.p.default: A month like 2015-12 is expected.",
    ),
    (text("title: One\nparameters:\n  p: {type: date, default: 2015-02-30}\n", "SELECT :p"), 4, "A date like"),
    (text("title: One\nparameters:\n  p: {type: integer, default: 5, max: 4}\n", "SELECT :p"), 4, "must be 4 or less"),
    (text("title: One\nparameters:\n  p: {type: text, pattern: '('}\n", "SELECT :p"), 4, "not a regular expression"),
    (
        text("title: One\nparameters:\n  p: {type: choice}\n", "SELECT :p"),
        4,
        "parameters.p.type: a choice needs choices",
    ),
]


@pytest.mark.parametrize(("content", "line", "reason"), MISTAKES)
def test_a_mistake_is_told_with_its_line_and_reason(content: str, line: int, reason: str) -> None:
    mistake = broken(content)
    assert reason in mistake.reason
    assert (mistake.line, mistake.file) == (line, PATH)


def test_a_structure_that_holds_itself_is_a_mistake() -> None:
    assert broken(text("title: One\nparameters: &a\n  p: *a\n")).reason


@pytest.mark.parametrize("value", ["!!python/object/apply:os.system [ls]", "!!int x", "!!timestamp x", "!!binary x"])
def test_yaml_tags_make_nothing_happen(value: str) -> None:
    """Tags make texts of texts: no object is ever made."""
    loaded = report_file.load(PATH, text(f"title: One\ndescription: {value}\n"))
    if isinstance(loaded, Report):
        assert loaded.header.description == "x"
    else:
        assert "description" in loaded.reason


@pytest.mark.parametrize(
    "path", ["revenue.sql", "Finance/revenue.sql", "finance/Revenue-2.sql", "a/b/c.sql", "finance/.sql"]
)
def test_a_name_that_no_group_or_link_can_have_is_a_mistake(path: str) -> None:
    assert "must be lower-case letters" in broken(REPORT, path).reason


def test_bytes_that_are_not_utf8_are_a_mistake_with_their_line() -> None:
    """Replacing them would change what the SQL compares with."""
    content = text("title: One\n", "SELECT 1\nWHERE 'Café' = 'x'").encode("latin-1")
    mistake = report_file.load_bytes(PATH, content)
    assert mistake == BrokenReport("revenue_by_day", "finance", PATH, 5, "the file is not UTF-8 text")


def test_bytes_in_utf8_are_a_report() -> None:
    assert report_file.load_bytes(PATH, REPORT.replace("Revenue", "Einkünfte").encode()).id == "revenue_by_day"


@pytest.mark.parametrize("for_author", [True, False])
def test_where_and_why_is_told_to_authors_only(for_author: bool) -> None:
    public = broken("SELECT 1").public(for_author)
    assert {"id", "department"} <= set(public)
    assert ({"file", "line", "reason"} <= set(public)) is for_author
    assert ("header" in str(public)) is for_author


HEADER_TEXT = st.text(alphabet="title: [{}]&*!'\"|>-#%@`\n\t0123456789,.é\x00\\", max_size=60)


@given(HEADER_TEXT, st.text(alphabet="SELECT ;:ax'\"/*-$\n", max_size=30))
def test_no_file_whatever_stops_the_loading(header: str, sql: str) -> None:
    loaded = report_file.load(PATH, text(f"title: One\n{header}\n", f"SELECT {sql}"))
    if isinstance(loaded, BrokenReport):
        assert loaded.reason
        assert loaded.line >= 1


@given(
    st.recursive(
        st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(("type", "label", "default", "min", "choices", "x", "y", "p")), inner, max_size=3
            )
        ),
        max_leaves=6,
    ),
    st.sampled_from(("title", "parameters", "chart", "columns", "cache", "groups", "order", "unheard_of")),
)
def test_no_header_of_the_wrong_shape_stops_the_loading(value: Any, key: str) -> None:
    """JSON is YAML too."""
    import json

    assert report_file.load(PATH, text(f"title: One\n{json.dumps(key)}: {json.dumps(value)}\n"))


def test_a_moving_default_leaves_the_version_alone() -> None:
    content = REPORT.replace("default: 2015-12", "default: last month")
    found = report(content)
    days = [datetime.date(2016, 1, 1), datetime.date(2016, 2, 1)]
    defaults = [found.public(day)["parameters"][0]["default"] for day in days]
    versions = {found.public(day)["version"] for day in days}
    assert (defaults, len(versions)) == (["2015-12", "2016-01"], 1)


def test_a_statement_has_a_placeholder_for_each_value_of_a_list() -> None:
    header = "title: One\nparameters:\n  kinds: {type: several}\n  days: {type: daterange}\n"
    found = report(text(header, "SELECT 1 WHERE a IN (:kinds) AND d BETWEEN :days_from AND :days_to AND b IN (:kinds)"))
    sent = {"kinds": ["x'); DROP TABLE t; --", "b"], "days": ["2015-12-01", "2015-12-31"]}
    values = parameters.bind(found.header.parameters, sent, {})
    statement = found.statement(values)
    assert statement.count("IN (:kinds_1, :kinds_2)") == 2
    assert "DROP" not in statement
    assert set(sql_text.placeholders(statement)) == set(values)


def test_references_are_told_with_their_lines() -> None:
    header = (
        "title: One\nparameters:\n  p:\n    type: choice\n    default: {report: a, column: c}\n"
        "    choices:\n      report: b\n      value: c\n"
    )
    references = report(text(header, "SELECT :p")).references
    assert [(item.report, item.line) for item in references] == [("b", 7), ("a", 6)]
