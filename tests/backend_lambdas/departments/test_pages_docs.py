"""`docs/pages.md` tells exactly the keys of both schemas: nothing undocumented, nothing that is not there."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import FieldInfo, fields

from backend_lambdas.departments.department_file import Defaults, DepartmentHeader
from backend_lambdas.departments.page_file import MOST_PANELS, PageHeader, PanelEntry, Section, Tab
from backend_lambdas.reports.header_schema import Part
from tests.backend_lambdas.header_tables import code, options, rows

DOCS = (Path(__file__).parents[3] / "docs" / "pages.md").read_text(encoding="utf-8")
PAGE, DEPARTMENT = DOCS.split("\n## Every key of ")[1:]
PAGES: Mapping[str, type[Part]] = {"": PageHeader, "PANEL.": PanelEntry, "SECTION.": Section, "TAB.": Tab}
DEPARTMENTS: Mapping[str, type[Part]] = {"": DepartmentHeader, "defaults.": Defaults}


def schema(parts: Mapping[str, type[Part]]) -> dict[str, FieldInfo]:
    return {prefix + field.name: field for prefix, part in parts.items() for field in fields(part)}


def table(text: str) -> dict[str, list[str]]:
    return {cells[0].strip("`"): cells for cells in rows(text)}


every_table = pytest.mark.parametrize(("text", "parts"), [(PAGE, PAGES), (DEPARTMENT, DEPARTMENTS)])


@every_table
def test_the_table_has_the_keys_of_the_schema_each_once(text: str, parts: Mapping[str, type[Part]]) -> None:
    assert sorted(cells[0].strip("`") for cells in rows(text)) == sorted(schema(parts))


@every_table
def test_what_a_key_takes_and_what_holds_without_it_is_told(text: str, parts: Mapping[str, type[Part]]) -> None:
    for key, field in schema(parts).items():
        cells = table(text)[key]
        assert len(cells) == 4
        assert all(cells)
        if options(field) and "as in a report" not in cells[1]:
            assert code(cells[1]) == options(field)
        assert (cells[2] == "required") == field.required


def test_every_model_is_in_a_table() -> None:
    ours = {part for part in Part.__subclasses__() if part.__module__.startswith("backend_lambdas.departments.")}
    assert ours == {*PAGES.values(), *DEPARTMENTS.values()}


def test_the_limit_that_is_told_is_the_one_that_holds() -> None:
    assert f"at most {MOST_PANELS} panels" in DOCS
