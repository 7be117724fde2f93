"""The sheet About."""

import re

from dashboard.downloads.pages import Provenance
from dashboard.downloads.xlsx.about import PLAN, about
from dashboard.downloads.xlsx.limits import Notes, utf16_units
from dashboard.downloads.xlsx.package import frame_sheets
from tests.dashboard.downloads.download_rows import provenance


def lines(*entries: tuple[str, Provenance, Notes]) -> list[list[str]]:
    """The texts of each row."""
    _, (frame,) = frame_sheets([PLAN])
    xml = b"".join(about(frame, entries)).decode()
    return [re.findall(r"<t[^>]*>([^<]*)</t>", row) for row in re.findall(r"<row.*?</row>", xml)]


def test_the_provenance_of_a_sheet_is_listed() -> None:
    listed = provenance(31_000, parameters={"month": "2015-12", "zones": ["Queens", "Bronx"]})
    assert lines(("Revenue", listed, Notes())) == [
        ["Sheet", "Revenue"],
        ["Report", "Revenue by day (revenue_by_day)"],
        ["Department", "finance"],
        ["Parameter month", "2015-12"],
        ["Parameter zones", "Queens, Bronx"],
        ["Data as of", "2026-11-20T09:31:07Z"],
        ["Rows", "31,000"],
        ["Statement", "7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80"],
        ["Downloaded by", "finance@example.com"],
        ["Downloaded at", "2026-11-20T09:40:00Z"],
    ]


def test_a_note_on_the_data_and_notes_on_values_come_last() -> None:
    notes = Notes()
    notes.utc("at")
    last = lines(("Revenue", provenance(0, note="The trips are simulated."), notes))[-2:]
    assert last[0] == ["Note", "The trips are simulated."]
    assert last[1][1].startswith("at: times are in UTC")


def test_several_sheets_stand_one_beneath_the_other() -> None:
    listed = lines(("One", provenance(1), Notes()), ("Two", provenance(2), Notes()))
    assert [line for line in listed if line[:1] == ["Sheet"]] == [["Sheet", "One"], ["Sheet", "Two"]]
    assert listed.count([]) == 1


def test_what_a_user_entered_is_text_and_no_markup() -> None:
    entered = provenance(0, parameters={"zone": "<r>=1+1</r>"})
    assert ["Parameter zone", "&lt;r&gt;=1+1&lt;/r&gt;"] in lines(("One", entered, Notes()))


def test_more_values_than_a_cell_holds_are_cut_visibly() -> None:
    listed = lines(("One", provenance(0, parameters={"zones": ["😀" * 900] * 40}), Notes()))
    (zones,) = (line[1] for line in listed if line[0] == "Parameter zones")
    assert utf16_units(zones) <= 32_767
    assert zones.endswith("…")
