"""`docs/report-header.md` tells exactly the keys of the schema: nothing undocumented, nothing that is not there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import fields

from backend_lambdas.reports import parameter_values, parameters, relative_values, report_header
from backend_lambdas.reports.chart_keys import KEYS, Chart, Click, ReferenceLine
from backend_lambdas.reports.column_keys import ColourRule, ColumnStyle
from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.parameter_checks import GOES_WITH
from backend_lambdas.reports.parameters import ChoicesFrom, DefaultFrom, Parameter
from backend_lambdas.reports.report_header import Header, Live
from tests.backend_lambdas.header_tables import code, options, rows

DOCS = Path(__file__).parents[3] / "docs" / "report-header.md"
PARTS: Mapping[str, type[Part]] = {
    "": Header,
    "parameters.NAME.": Parameter,
    "parameters.NAME.default.": DefaultFrom,
    "parameters.NAME.choices.": ChoicesFrom,
    "chart.": Chart,
    "chart.click.": Click,
    "chart.references.": ReferenceLine,
    "columns.COLUMN.": ColumnStyle,
    "columns.COLUMN.colour.": ColourRule,
}
SCHEMA = {prefix + field.encode_name: field for prefix, part in PARTS.items() for field in fields(part)}


TABLE = {cells[0].strip("`"): cells for cells in rows(DOCS.read_text(encoding="utf-8"))}
every_key = pytest.mark.parametrize("key", sorted(SCHEMA))


def test_the_table_has_the_keys_of_the_schema_each_once() -> None:
    assert sorted(cells[0].strip("`") for cells in rows(DOCS.read_text(encoding="utf-8"))) == sorted(SCHEMA)


def test_every_model_of_the_header_is_in_the_schema() -> None:
    """A new model that nobody documents would escape the test above."""
    ours = {part for part in Part.__subclasses__() if part.__module__.startswith("backend_lambdas.reports.")}
    assert ours == set(PARTS.values())


@every_key
def test_every_row_is_whole(key: str) -> None:
    assert len(TABLE[key]) == 5
    assert TABLE[key][1]
    assert TABLE[key][3]
    assert TABLE[key][4]


@every_key
def test_what_a_key_takes_is_told(key: str) -> None:
    wanted = options(SCHEMA[key])
    if wanted is not None:
        assert code(TABLE[key][1]) == wanted


@every_key
def test_what_holds_without_a_key_is_told(key: str) -> None:
    field, notified = SCHEMA[key], TABLE[key][3]
    assert (notified == "required") == field.required
    default = field.default
    if not field.required and isinstance(default, str | int) and default != "":
        seconds = key in {"cache", "timeout"}
        word = str(bool(default)).lower() if isinstance(default, bool | Live) else str(default)
        assert code(notified) == [f"{default}s" if seconds else word]


def kinds_of(key: str) -> tuple[set[str], set[str]]:
    """The types that need a key of parameters or charts, and those that may have it."""
    name = key.rpartition(".")[2]
    if key.startswith("chart."):
        needs = {kind for kind, keys in KEYS.items() if name in keys.needs}
        return needs, {kind for kind, keys in KEYS.items() if name in keys.may}
    if key.startswith("columns."):
        return set(), set()
    needs = {"choice"} if name == "choices" else set()
    return needs, set(GOES_WITH.get(name, ())) - needs


@every_key
def test_what_a_key_goes_with_is_told(key: str) -> None:
    notified = [word for word in TABLE[key][2].split(", ") if word]
    needs = {word.strip("*") for word in notified if word.startswith("**")}
    plain = {word for word in notified if not word.startswith("**")}
    is_one_of_many = key.startswith("chart.") or key.count(".") == 2
    assert (needs, plain) == (kinds_of(key) if is_one_of_many else (set(), set()))


def test_every_type_and_every_word_is_told() -> None:
    below = DOCS.read_text(encoding="utf-8").split("\n## What a value is")[1]
    first_cells = [line.split("|")[1] for line in below.splitlines() if line.startswith("| `")]
    assert sorted(name for cell in first_cells for name in code(cell)) == sorted(parameter_values.KINDS)
    assert set(relative_values.SPANS) <= set(code(below.replace("\n", " ")))


def test_limits_that_are_told_are_those_that_hold() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert f"1 to {parameter_values.MAX_TEXT_LENGTH} characters" in text
    assert f"1 to {parameter_values.MAX_VALUES} texts" in text
    assert f"at most {parameters.MAX_MATCHED_LENGTH} characters" in text
    assert f"1 to {report_header.MAX_LIMIT}" in TABLE["limit"][1]
