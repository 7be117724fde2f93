"""A published query as PostgreSQL takes it, and Redshift's own functions made there. Used by `both`.

Means and quotients have Redshift's digits there, and the rest is cut, not rounded: a mean has the scale of its values,
a mean of integers is one, and a quotient of sums has four digits. Deviations are doubles.
Source: "Computations with numeric values" and the pages of the aggregates in the Redshift developer guide.
"""

import re

from sqlglot.tokens import Token, TokenType

from infra.redshift_sql.grammar import tokens_of

SETUP = """
    create function dateadd(unit text, number integer, day date) returns timestamp immutable language sql
        as $$ select day + number * ('1 ' || unit)::interval $$;
    create function mean(numeric[]) returns numeric immutable language sql
        as $$ select trunc(numeric_div($1[1], nullif($1[2], 0)), scale($1[1])) $$;
    create function whole_mean(numeric[]) returns bigint immutable language sql
        as $$ select trunc(numeric_div($1[1], nullif($1[2], 0)))::bigint $$;
    create function quotient(numeric, numeric) returns numeric stable strict language sql
        as $$ select trunc(numeric_div($1::numeric(100, 40), $2), current_setting('tpc.digits')::integer) $$;
    create operator / (leftarg = numeric, rightarg = numeric, function = quotient);
""" + "".join(
    f"""
    create function added(numeric[], {kind}) returns numeric[] immutable strict language sql
        as $$ select array[$1[1] + $2, $1[2] + 1] $$;
    create aggregate avg({kind}) (sfunc = added, stype = numeric[], finalfunc = {result}, initcond = '{{0,0}}');
"""
    for kind, result in {"numeric": "mean", "integer": "whole_mean", "bigint": "whole_mean"}.items()
)

_DIGITS = {"49": 16, "61": 16, "75": 18, "90": 16}
"""Of the quotients of queries that divide decimals of 15 or 17 digits."""

_DATEADD = re.compile(r"\bdateadd\((\w+)\s*,", re.IGNORECASE)
_DEVIATION = re.compile(r"\bstddev_samp\(([^()]*)\)", re.IGNORECASE)
_SOURCES_END = {"WHERE", "GROUP", "HAVING", "ORDER", "SELECT", "UNION", "INTERSECT", "EXCEPT"}
_NO_ALIAS = {")", ",", "JOIN", "INNER", "LEFT", "LIMIT", ";", *_SOURCES_END}


def settings(schema: str, number: str) -> str:
    """What a session needs to run a query: its own functions come before PostgreSQL's."""
    digits = _DIGITS.get(number, 4)
    return f"set search_path = {schema}, pg_catalog; set extra_float_digits = 3; set tpc.digits = {digits};"


def spelled(sql: str) -> str:
    """The query with its units in quotes, deviations of doubles, and a name for each query in FROM."""
    return _named(_DEVIATION.sub(r"stddev_samp(cast(\1 as double precision))", _DATEADD.sub(r"dateadd('\1',", sql)))


def _named(sql: str) -> str:
    """Redshift asks no name of a query in FROM."""
    tokens = tokens_of(sql)
    pieces, kept_from = [], 0
    for number, token in enumerate(_nameless(tokens)):
        pieces.append(f"{sql[kept_from : token.end + 1]} as nameless{number}")
        kept_from = token.end + 1
    return "".join(pieces) + sql[kept_from:]


def _nameless(tokens: list[Token]) -> list[Token]:
    """The closing parentheses of queries in FROM that no name follows."""
    found: list[Token] = []
    in_sources, opened = [False], [False]
    for index, token in enumerate(tokens):
        before, word, after = (_word(tokens, position) for position in (index - 1, index, index + 1))
        if token.token_type == TokenType.L_PAREN:
            opened.append(in_sources[-1] and before in ("FROM", "JOIN", ","))
            in_sources.append(False)
        elif token.token_type == TokenType.R_PAREN:
            in_sources.pop()
            if opened.pop() and after in _NO_ALIAS:
                found.append(token)
        elif word == "FROM" or word in _SOURCES_END:
            in_sources[-1] = word == "FROM"
    return found


def _word(tokens: list[Token], index: int) -> str:
    """A token's first word in capitals, `;` outside of the text."""
    return tokens[index].text.upper().partition(" ")[0] if 0 <= index < len(tokens) else ";"
