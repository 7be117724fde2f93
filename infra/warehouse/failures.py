"""DuckDB's errors in Redshift's words. Used by `runner`, the one place where a statement's errors are caught."""

import re

import duckdb

from infra.redshift_sql.errors import StatementAborted, StatementFailed

_WORDS = (
    (r'Referenced column "([^"]+)" (?:was )?not found', 'column "{0}" does not exist'),
    (r'Table "([^"]+)" does not have a column named "([^"]+)"', 'column "{1}" does not exist in {0}'),
    (r'Values list "([^"]+)" does not have a column named "([^"]+)"', 'column "{1}" does not exist in {0}'),
    (r"(?:Scalar|Aggregate|Table|Macro)? ?Function with name (\S+) does not exist", "function {0} does not exist"),
    (r"Ambiguous reference to column name \"([^\"]+)\"", 'column reference "{0}" is ambiguous'),
    (r'column "?([\w.]+)"? must appear in the GROUP BY', 'column "{0}" must appear in the GROUP BY clause'),
    (r"Could not convert string '(.*)' to (?:U?INT\d+|HUGEINT)", 'invalid input syntax for integer: "{0}"'),
    (r"Could not convert string '(.*)' to (?:DOUBLE|FLOAT)", 'invalid input syntax for type double precision: "{0}"'),
    (r"Could not convert string \"(.*)\" to DECIMAL", 'invalid input syntax for type numeric: "{0}"'),
    (r'invalid date field format: "([^"]*)"', 'invalid input syntax for type date: "{0}"'),
    (r'invalid timestamp field format: "([^"]*)"', 'invalid input syntax for type timestamp: "{0}"'),
    (r"Casting value \"(?:[^\"]*)\" to type DECIMAL", "Numeric data overflow (result precision)"),
    (r"(?:Could not cast|Casting) value .* to DECIMAL", "Numeric data overflow (result precision)"),
    (r"Overflow in (?:\w+) of (?:DECIMAL|INT128|HUGEINT)", "Numeric data overflow"),
    (r"Overflow in (?:\w+) of (?:INT16)", "smallint out of range"),
    (r"Overflow in (?:\w+) of (?:INT32)", "integer out of range"),
    (r"Overflow in (?:\w+) of (?:INT64)", "bigint out of range"),
    (r"(?:out of range|can't be cast).*destination type (?:'?)INT16", "smallint out of range"),
    (r"(?:out of range|can't be cast).*destination type (?:'?)INT32", "integer out of range"),
    (r"(?:out of range|can't be cast).*destination type (?:'?)INT64", "bigint out of range"),
    (r"CHECK constraint failed.*strlen\(rtrim\(.*\)\) <= (\d+)", "value too long for type character({0})"),
    (r"CHECK constraint failed.*strlen\(.*\) <= (\d+)", "value too long for type character varying({0})"),
    (r"CHECK constraint failed", "Value too long for character type"),
    (r"Division by zero", "division by zero"),
    (r"(No space left on device|File too large|Disk quota exceeded)", "Disk Full\n  Detail: {0}"),
    (r"(failed to offload data block)", "Disk Full\n  Detail: {0}"),
    (r"NOT NULL constraint failed: (?:\w+\.)?(\w+)", "Cannot insert a NULL value into column {0}"),
    (r'(?:Table|View) with name "([^"]+)" already exists', 'Relation "{0}" already exists'),
    (r'Schema with name "?([^"]+?)"? already exists', 'Schema "{0}" already exists'),
    (r'Schema with name "?([^"]+?)"? does not exist', 'schema "{0}" does not exist'),
)
_TRANSACTIONS = (
    ("read-only mode", "ERROR: transaction is read-only"),
    (
        "transaction is aborted",
        "ERROR: current transaction is aborted, commands ignored until end of transaction block",
    ),
)
_PREFIX = re.compile(r"^(\w+ )+Error: ")


def failure_of(error: duckdb.Error) -> StatementFailed:
    """The statement's failure; an interrupt is a user's cancel."""
    if isinstance(error, duckdb.InterruptException):
        return StatementAborted("ERROR: Query cancelled on user's request")
    text = str(error)
    if isinstance(error, duckdb.TransactionException):
        said = next((words for part, words in _TRANSACTIONS if part in text), None)
        return StatementFailed(said or "ERROR: 1023 Detail: Serializable isolation violation on a table")
    for pattern, words in _WORDS:
        found = re.search(pattern, text)
        if found:
            return StatementFailed("ERROR: " + words.format(*found.groups()))
    return StatementFailed("ERROR: " + _PREFIX.sub("", text.strip().split("\n")[0]))
