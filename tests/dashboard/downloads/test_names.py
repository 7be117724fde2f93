"""Names of files, on every system."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.http import parse_options_header

from dashboard.downloads.names import content_disposition, dated_name, file_name
from tests.dashboard.downloads.download_rows import provenance

AS_OF = "2026-11-20T09:31:07Z"


def test_a_name_says_report_parameters_and_moment() -> None:
    assert file_name(provenance(0), "csv") == "revenue_by_day 2015-12 as of 2026-11-20 09.31.07.csv"


def test_several_values_stand_one_after_the_other() -> None:
    described = provenance(0, parameters={"days": ["2015-12-01", "2015-12-31"], "zone": "Queens"})
    expected = "revenue_by_day 2015-12-01, 2015-12-31 Queens as of 2026-11-20 09.31.07.parquet"
    assert file_name(described, "parquet") == expected


def test_a_report_without_parameters_has_none_in_its_name() -> None:
    assert file_name(provenance(0, parameters={}), "csv") == "revenue_by_day as of 2026-11-20 09.31.07.csv"


@pytest.mark.parametrize(
    ("as_of", "name"),
    [
        ("2026-11-20T09:31:07.123456+00:00", "trips as of 2026-11-20 09.31.07.csv"),
        ("yesterday at 9:30", "trips as of yesterday at 9-30.csv"),
        ("", "trips.csv"),
    ],
)
def test_the_moment_is_written_without_colons(as_of: str, name: str) -> None:
    assert dated_name("trips", as_of, "csv") == name


@pytest.mark.parametrize(
    ("what", "head"),
    [
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("-rf", "rf"),
        ("  a \t b\n", "a b"),
        ("Umsätze 日本 😀", "Umsätze 日本 😀"),
        ("e\u0301", "é"),
        ("abc\u202egpj.exe", "abcgpj.exe"),
        ("a\x00b\u200b", "ab"),
        ("", "download"),
        ("...", "download"),
    ],
)
def test_what_a_file_system_forbids_is_left_out(what: str, head: str) -> None:
    assert dated_name(what, AS_OF, "csv") == f"{head} as of 2026-11-20 09.31.07.csv"


@pytest.mark.parametrize("device", ["con", "NUL", "com1", "LPT9", "COM\u00b9", "con.x"])
def test_a_name_that_is_a_device_of_windows_becomes_another(device: str) -> None:
    assert dated_name(device, "", "csv") == f"_{device}.csv"


def test_what_only_begins_like_a_device_stays() -> None:
    assert dated_name("console", "", "csv") == "console.csv"


def test_too_long_a_name_is_cut_before_the_moment() -> None:
    name = file_name(provenance(0, parameters={"zones": ["Washington Heights"] * 50}), "csv")
    assert len(name) == 120
    assert name.startswith("revenue_by_day Washington Heights, ")
    assert name.endswith("… as of 2026-11-20 09.31.07.csv")


def test_a_name_of_wide_characters_is_cut_by_bytes() -> None:
    name = dated_name("日" * 100, AS_OF, "csv")
    assert len(name.encode()) <= 240
    assert name.endswith("日… as of 2026-11-20 09.31.07.csv")


@given(what=st.text() | st.text("./\\:con -~", max_size=6), as_of=st.text(max_size=30) | st.just(AS_OF))
def test_every_name_is_one_that_all_systems_take(what: str, as_of: str) -> None:
    name = dated_name(what, as_of, "csv")
    assert 5 <= len(name) <= 120
    assert len(name.encode()) <= 255
    assert name.endswith(".csv")
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|^[-.~ ]| \.csv$', name)
    assert not re.match(r"(con|prn|aux|nul|com\d|lpt\d)\.", name, re.IGNORECASE)


@pytest.mark.parametrize("letter", ["x", "日", "😀", "\ufdfa"])
def test_a_moment_that_is_none_cannot_make_it_longer(letter: str) -> None:
    name = dated_name(letter * 300, letter * 300, "csv")
    assert len(name) <= 120
    assert len(name.encode()) <= 240


def test_a_plain_name_goes_into_the_header_as_it_is() -> None:
    assert content_disposition("a b.csv") == 'attachment; filename="a b.csv"'


def test_any_other_name_goes_there_encoded_with_a_plain_one_for_old_clients() -> None:
    header = content_disposition("Umsätze … 日.csv")
    assert (
        header == "attachment; filename=\"Umsatze ... .csv\"; filename*=UTF-8''Ums%C3%A4tze%20%E2%80%A6%20%E6%97%A5.csv"
    )


@given(what=st.text())
def test_every_name_is_read_from_the_header_as_it_was(what: str) -> None:
    name = dated_name(what, AS_OF, "csv")
    header = content_disposition(name)
    assert header.isascii()
    assert parse_options_header(header) == ("attachment", {"filename": name})
