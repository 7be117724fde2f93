"""The guide for authors is true: its reports load, run and draw, and its formats and messages are the real ones."""

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_lambdas.reports import parameter_values, report_file, report_index
from backend_lambdas.reports.chart_keys import KEYS
from dashboard.charts import draw, formats
from infra.sample import Simulated, prepare
from tests import shipped_reports
from tests.sql.warehouse import Warehouse

GUIDE = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
EXAMPLES = [textwrap.dedent(block) for block in re.findall(r"^ *```sql\n(.*?)^ *```$", GUIDE, re.DOTALL | re.MULTILINE)]
CLAIMS = {"custom:company": "1"}
FIRST = EXAMPLES[0]
MISTAKES = {
    "the file must begin with a header between /*--- and ---*/": "-- trips\n" + FIRST,
    "the header is not YAML: mapping values are not allowed here": FIRST.replace("Trips by", "Trips: by"),
    "unknown key 'tittle' (did you mean 'title'?)": FIRST.replace("title", "tittle"),
    "chart.horizontal: a line chart has no such key; it takes x, y, series, split, right, target, "
    "references, compare and click": FIRST.replace("y: trips}", "y: trips, horizontal: true}"),
    "the SQL uses :month, which the header does not declare": FIRST.replace("'2015-12-01'", ":month"),
    "the parameter 'month' is declared but the SQL does not use :month": FIRST.replace(
        "chart:", "parameters: {month: {type: month}}\nchart:"
    ),
    "after the header there must be one SELECT and nothing else": FIRST + "; DROP TABLE nyc_yellow_taxi",
}


def tables() -> Iterator[list[list[str]]]:
    """The guide's tables: rows of cells, without their heads."""
    for lines in re.findall(r"(?:^\|.*\n)+", GUIDE, re.MULTILINE):
        yield [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines.splitlines()[2:]]


def table(first_cell: str) -> list[list[str]]:
    """The one that begins with this cell."""
    return next(rows for rows in tables() if rows[0][0].strip("| ") == first_cell)


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A year of trips, as many as make every example worth drawing."""
    sample = prepare(Simulated(20_000), tmp_path_factory.mktemp("sample"))
    loaded = Warehouse(tmp_path_factory.mktemp("warehouse"), sample.files)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def examples() -> dict[str, report_file.Report]:
    """Every report of the guide, saved under the name that its text gives or its title suggests."""
    files = {}
    for text in EXAMPLES:
        title = re.search(r"^title: (.*)$", text, re.MULTILINE)
        name = re.sub(r"\W+", "_", title[1].lower()) if title else "untitled"
        files[f"finance/{name}.sql"] = report_file.load(f"finance/{name}.sql", text)
    found = report_index.by_id(files)
    assert len(found) == len(EXAMPLES)
    return {name: report for name, report in found.items() if isinstance(report, report_file.Report)}


def sent(report: report_file.Report, examples: dict[str, report_file.Report], warehouse: Warehouse) -> dict[str, str]:
    """What the page sends for defaults that are another report's rows."""
    sources = {name: item.default_from for name, item in report.header.parameters.items() if item.default_from}
    rows = {name: warehouse.report(examples[source.report]) for name, source in sources.items()}
    return {
        name: rows[name].records[0][[column.name for column in rows[name].columns].index(source.column)]
        for name, source in sources.items()
    }


@pytest.mark.parametrize("position", range(len(EXAMPLES)), ids=lambda position: EXAMPLES[position].split("\n")[1][7:])
def test_examples_load_run_and_draw(
    position: int, examples: dict[str, report_file.Report], warehouse: Warehouse
) -> None:
    """An author who copies a block gets a panel with something on it."""
    report = list(examples.values())[position]
    result = warehouse.report(report, sent(report, examples, warehouse), CLAIMS)
    assert result.row_count > 0
    header = report.public()
    drawing = draw(header["chart"], header["columns"], result, shipped_reports.areas(header["chart"]))
    assert (drawing.figure is None) == (header["chart"]["type"] in ("table", "pivot", "number"))
    assert set(header["columns"]) <= {column.name for column in result.columns}


def test_every_kind_of_chart_has_an_example(examples: dict[str, report_file.Report]) -> None:
    """The hidden source of months is the table."""
    kinds = {report.header.chart.type for report in examples.values()}
    assert kinds == set(KEYS)


def test_every_type_of_parameter_is_told() -> None:
    """The table of types has all that a header may name, and no other."""
    told = {name for row in table("`text`") for name in re.findall(r"`(\w+)`", row[0])}
    assert told == set(parameter_values.KINDS)


def test_formats_write_what_the_guide_says() -> None:
    """The two columns are the card's words and the table's."""
    rows = table("`currency`")
    assert {row[0].strip("`| ") for row in rows} == {"currency", "number", "thousands", "percent", "date", "text"}
    for style, given, card, cell in rows:
        name, value = style.strip("`| "), given.strip("`")
        assert formats.short(value, name).replace(formats.SPACE, " ") == card
        assert formats.full(value, name) == cell


@pytest.mark.parametrize("reason", MISTAKES)
def test_mistakes_are_told_as_the_guide_says(reason: str) -> None:
    """Each message of the table is what that mistake gives."""
    broken = report_file.load("finance/trips_by_day.sql", MISTAKES[reason])
    assert isinstance(broken, report_file.BrokenReport)
    assert broken.reason == reason


def test_the_table_of_mistakes_has_no_other_messages() -> None:
    """A message that no test provokes may have changed long ago."""
    assert [row[0].strip("| ") for row in table(next(iter(MISTAKES)))] == list(MISTAKES)
