"""Reading SQL without a parser: placeholders and statements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_lambdas.reports import sql_text


def names(sql: str) -> set[str]:
    return set(sql_text.placeholders(sql))


def test_placeholders_are_found_wherever_a_value_may_stand() -> None:
    assert names("SELECT :a, f(:b) FROM t WHERE x>=:c AND y BETWEEN :d_1 AND :D2") == {"a", "b", "c", "d_1", "D2"}


def test_a_cast_is_no_placeholder_but_may_follow_one() -> None:
    assert names("SELECT x::date, :month::varchar, '1'::int") == {"month"}


def test_a_placeholder_is_told_with_its_first_place() -> None:
    assert sql_text.placeholders("SELECT ':a', :a, :a") == {"a": 13}


NOT_SQL = [
    "':x'",
    "'it''s :x'",
    r"'it\'s :x'",
    r"'\\'",
    '":x"',
    '"a "" :x"',
    "-- :x\n",
    "/* :x */",
    "/* outer /* inner */ :x */",
    "$$ :x; $$",
    "$body$ :x $$ ; $body$",
]


@pytest.mark.parametrize("text", NOT_SQL)
def test_nothing_is_found_in_text_and_comments(text: str) -> None:
    assert names(f"SELECT 1 {text} , :real") == {"real"}


@pytest.mark.parametrize("text", [*NOT_SQL, "';'", "-- ;\n", "/* ; */", "';''; '"])
def test_a_semicolon_in_text_or_comment_ends_nothing(text: str) -> None:
    assert len(sql_text.statements(f"SELECT 1 {text}; SELECT 2")) == 2


def test_statements_keep_their_text_and_lose_their_semicolon() -> None:
    script = "-- first\nCREATE TABLE t (a int);\n\nINSERT INTO t VALUES (';');\n"
    assert sql_text.statements(script) == ["-- first\nCREATE TABLE t (a int)", "INSERT INTO t VALUES (';')"]


def test_parts_of_comments_only_are_no_statements() -> None:
    assert sql_text.statements("-- nothing\n; /* here */ ;;\n") == []


def test_a_comment_that_never_ends_reaches_to_the_end() -> None:
    assert sql_text.statements("SELECT 1 /* ; SELECT 2") == ["SELECT 1 /* ; SELECT 2"]


def test_comments_are_left_out() -> None:
    assert sql_text.without_comments("/* a */SELECT -- b\n'--c' /*d*/").split() == ["SELECT", "'--c'"]


QUIET = st.text(alphabet="ab :;'x\n", max_size=12)
STRINGS = QUIET.map(lambda text: "'" + text.replace("'", "''") + "'")
QUOTED = QUIET.map(lambda text: '"' + text + '"')
LINE_COMMENTS = QUIET.map(lambda text: "-- " + text.replace("\n", " ") + "\n")
COMMENTS = QUIET.map(lambda text: "/*" + text + "*/")
NOISE = st.lists(STRINGS | QUOTED | LINE_COMMENTS | COMMENTS, max_size=4).map(" ".join)


@given(NOISE, st.sets(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), max_size=4), NOISE)
def test_only_placeholders_outside_text_and_comments_count(before: str, wanted: set[str], after: str) -> None:
    values = ", ".join(f":{name}" for name in sorted(wanted))
    assert names(f"SELECT {before} {values} {after}") == wanted


@given(st.lists(NOISE.map(lambda noise: f"SELECT {noise} 1"), max_size=5))
def test_statements_round_trip(parts: list[str]) -> None:
    """Joined by semicolons and split again, statements are what they were."""
    assert sql_text.statements(";\n".join(parts)) == parts


@given(st.text(alphabet=":;'\"$-/*\\a\n "))
def test_any_text_can_be_read(text: str) -> None:
    for name, place in sql_text.placeholders(text).items():
        assert text[place:].startswith(f":{name}")
    assert all(part in text for part in sql_text.statements(text))


@pytest.mark.parametrize("sql", ["x IN (:a)", "x NOT IN ( :a )", "x in\n(\n:a\n)", "x IN (:a) OR y IN (:a)"])
def test_a_list_may_stand_alone_in_an_in(sql: str) -> None:
    assert sql_text.outside_of_lists(f"SELECT 1 WHERE {sql} AND ':a' <> ''", "a") is None


@pytest.mark.parametrize("sql", ["x = :a", "x IN (:a, 1)", "x IN (1, :a)", "f(:a)", "x IN (:a::int)", "margin (:a)"])
def test_a_list_stands_nowhere_else(sql: str) -> None:
    assert sql_text.outside_of_lists(f"x IN (:a) AND {sql}", "a") == len("x IN (:a) AND ") + sql.index(":a")


def test_a_list_becomes_the_placeholders_given_for_it() -> None:
    sql = "SELECT ':a', :ab, x::a -- :a\nWHERE x IN (:a) OR y IN (:a)"
    expected = "SELECT ':a', :ab, x::a -- :a\nWHERE x IN (:a_1, :a_2) OR y IN (:a_1, :a_2)"
    assert sql_text.with_lists(sql, {"a": ["a_1", "a_2"]}) == expected


@given(NOISE, st.integers(1, 100), NOISE)
def test_only_placeholders_outside_text_and_comments_become_lists(before: str, count: int, after: str) -> None:
    """What the author wrote stays, letter by letter; only names come in."""
    names_of_list = [f"a_{number}" for number in range(1, count + 1)]
    sql = f"SELECT {before} x IN (:a) {after}"
    listed = sql_text.with_lists(sql, {"a": names_of_list})
    assert names(listed) == set(names_of_list)
    assert listed == f"SELECT {before} x IN ({', '.join(f':{name}' for name in names_of_list)}) {after}"


@given(st.text(alphabet=":;'\"$-/*\\a\n "))
def test_without_lists_no_text_changes(text: str) -> None:
    assert sql_text.with_lists(text, {}) == text
    assert sql_text.with_lists(text, {name: [name] for name in sql_text.placeholders(text)}) == text


@pytest.mark.parametrize(
    ("sql", "blanked"),
    [
        ("a -- b\nc", "a     \nc"),
        ("a /* b\n/* c */ */ d", "a     \n           d"),
        ("'--' \"/*\" $$--$$", "'--' \"/*\" $$--$$"),
    ],
)
def test_blanked_comments_leave_everything_in_its_place(sql: str, blanked: str) -> None:
    assert sql_text.with_comments_blanked(sql) == blanked


def test_line_comments_and_strings_are_told_with_their_places() -> None:
    sql = "a -- '1'\n'--' /* -- */ \"x\" $q$ -- $q$ --"
    assert [sql[start:end] for start, end in sql_text.line_comments(sql)] == ["-- '1'", "--"]
    assert [sql[start:end] for start, end in sql_text.strings(sql)] == ["'--'", "$q$ -- $q$"]


@pytest.mark.parametrize(
    ("sql", "opened"),
    [
        ("a 'b", 2),
        ("'a' 'b", 4),
        ("'a''", 3),
        (r"'a\'", 0),
        ('a "b', 2),
        ("a $$b", 2),
        ("a $q$b$$", 2),
        ("a /* b", 2),
        ("a /* /* b */", 2),
        ("a /* b */ ' /* c */", 10),
    ],
)
def test_what_is_opened_and_never_closed_is_told(sql: str, opened: int) -> None:
    assert sql_text.unclosed(sql) == opened


@pytest.mark.parametrize("sql", ["", "a", *NOT_SQL, "-- it's\n", "/* it's */", "/* /* */ */", "${A}", "x::int"])
def test_what_is_closed_is_not(sql: str) -> None:
    assert sql_text.unclosed(sql) is None
