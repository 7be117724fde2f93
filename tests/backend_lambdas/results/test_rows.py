"""Rows of the Data API as the wire contract's JSON."""

from typing import Any

import msgspec
import pytest

from backend_lambdas.results import rows


@pytest.mark.parametrize(
    ("redshift", "wire"),
    [
        ("int2", "integer"),
        ("int4", "integer"),
        ("int8", "integer"),
        ("float4", "number"),
        ("float8", "number"),
        ("numeric", "decimal"),
        ("bool", "boolean"),
        ("date", "date"),
        ("timestamp", "timestamp"),
        ("varchar", "string"),
        ("super", "string"),
        ("time", "string"),
    ],
)
def test_each_type_has_its_wire_type(redshift: str, wire: str) -> None:
    (column,) = rows.columns([{"name": "x", "label": "total", "typeName": redshift}])
    assert column.described() == {"name": "total", "type": wire}


def test_a_column_without_a_label_goes_by_its_name() -> None:
    found = rows.columns([{"name": "x", "label": "", "typeName": "int4"}, {"name": "y", "typeName": "int4"}])
    assert [column.name for column in found] == ["x", "y"]


def test_a_decimal_tells_how_many_digits_it_has() -> None:
    metadata = {"name": "fare", "typeName": "numeric", "precision": 12, "scale": 2}
    (column,) = rows.columns([metadata])
    assert column.described() == {"name": "fare", "type": "decimal", "precision": 12, "scale": 2}
    (whole,) = rows.columns([metadata | {"scale": 0}])
    assert whole.described() == {"name": "fare", "type": "decimal", "precision": 12, "scale": 0}


def test_a_timestamp_tells_whether_it_has_a_zone() -> None:
    (column,) = rows.columns([{"name": "at", "typeName": "timestamptz", "precision": 35, "scale": 6}])
    assert column.described() == {"name": "at", "type": "timestamp", "zoned": True}


def test_nothing_else_does() -> None:
    """The warehouse says precision of every type, in numbers that mean something else."""
    (column,) = rows.columns([{"name": "at", "typeName": "timestamp", "precision": 29, "scale": 6}])
    assert column.described() == {"name": "at", "type": "timestamp"}


VALUES = [
    ({"isNull": True}, "integer", None),
    ({"isNull": True}, "boolean", None),
    ({"isNull": True}, "timestamp", None),
    ({"isNull": True}, "string", None),
    ({"longValue": 0}, "integer", 0),
    ({"longValue": 2**63 - 1}, "integer", 2**63 - 1),
    ({"booleanValue": False}, "boolean", False),
    ({"stringValue": "12345678901234567890.10"}, "decimal", "12345678901234567890.10"),
    ({"stringValue": "2015-12-31"}, "date", "2015-12-31"),
    ({"stringValue": ""}, "string", ""),
    ({"stringValue": "NaN"}, "string", "NaN"),
    ({"doubleValue": 0.1}, "number", 0.1),
    ({"doubleValue": float("nan")}, "number", "NaN"),
    ({"doubleValue": float("-inf")}, "number", "-Infinity"),
    ({"stringValue": "1.5"}, "number", 1.5),
    ({"stringValue": "NaN"}, "number", "NaN"),
    ({"stringValue": "-Infinity"}, "number", "-Infinity"),
    ({"stringValue": "Infinity"}, "number", "Infinity"),
    ({"blobValue": b"\x00\xff"}, "string", "00ff"),
    ({"stringValue": "2015-12-31 23:59:59"}, "timestamp", "2015-12-31T23:59:59"),
    ({"stringValue": "2015-12-31 23:59:59.0"}, "timestamp", "2015-12-31T23:59:59"),
    ({"stringValue": "2015-12-31 23:59:59.10"}, "timestamp", "2015-12-31T23:59:59.1"),
    ({"stringValue": "2015-12-31 23:59:59.88712"}, "timestamp", "2015-12-31T23:59:59.88712"),
    ({"stringValue": "2015-12-31 23:59:59+00"}, "timestamp", "2015-12-31T23:59:59+00:00"),
    ({"stringValue": "2015-12-31 23:59:59.120+00"}, "timestamp", "2015-12-31T23:59:59.12+00:00"),
    ({"stringValue": "2015-12-31 23:59:59.5-03:30"}, "timestamp", "2015-12-31T23:59:59.5-03:30"),
    ({"stringValue": "2015-12-31"}, "timestamp", "2015-12-31"),
    ({"stringValue": "infinity"}, "timestamp", "infinity"),
]


@pytest.mark.parametrize(("field", "wire_type", "value"), VALUES)
def test_each_value_has_its_json(field: dict[str, Any], wire_type: str, value: Any) -> None:
    assert rows.value(field, wire_type) == value
    assert type(rows.value(field, wire_type)) is type(value)


def test_a_row_is_typed_by_its_columns() -> None:
    columns = rows.columns([{"name": "day", "typeName": "date"}, {"name": "fare", "typeName": "numeric"}])
    fields = [[{"stringValue": "2015-12-01"}, {"stringValue": "1.50"}], [{"isNull": True}, {"isNull": True}]]
    assert rows.records(fields, columns) == [["2015-12-01", "1.50"], [None, None]]


def test_a_row_that_does_not_fit_its_columns_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        rows.records([[{"longValue": 1}]], [])


@pytest.mark.parametrize(("field", "wire_type", "value"), VALUES)
def test_a_field_as_it_lies_in_an_answer_has_the_same_json(field: dict[str, Any], wire_type: str, value: Any) -> None:
    """Alone, and in a column with NULLs and with values in members that are none of its type's."""
    typed = msgspec.convert(field, rows.Field)
    column = rows.Column("x", wire_type)
    odd = rows.Field(blobValue=b"\xff") if wire_type == "string" else rows.Field(isNull=True)
    found = rows.records([[typed], [rows.Field(isNull=True)], [odd]], [column])
    assert found == [[value], [None], ["ff" if wire_type == "string" else None]]
    assert type(found[0][0]) is type(value)


def test_a_number_in_a_column_of_texts_is_not_taken_for_a_null() -> None:
    columns = [rows.Column("x", "string"), rows.Column("y", "integer")]
    fields = [
        [rows.Field(longValue=7), rows.Field(stringValue="8")],
        [rows.Field(stringValue="a"), rows.Field(longValue=9)],
    ]
    assert rows.records(fields, columns) == [[7, "8"], ["a", 9]]
