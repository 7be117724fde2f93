"""Prepared trips are found again, and made again as soon as anything about them changed."""

import os

import pytest

from infra.sample import Prepared, SampleError, Simulated, TripFiles, prepare

FEW = Simulated(2)
"""Of two months, a file each: DuckDB plans each month anew, which takes longer than its rows."""


def times(prepared: Prepared) -> list[int]:
    return [path.stat().st_mtime_ns for path in prepared.files]


def test_an_unchanged_choice_is_not_made_again(tmp_path):
    """The second start finds the files and leaves them alone."""
    first = prepare(FEW, tmp_path)
    written = times(first)
    assert prepare(FEW, tmp_path) == first
    assert times(first) == written


def test_another_choice_replaces_the_files(tmp_path):
    """No file of the earlier choice is left to be loaded with the later one's."""
    first = prepare(FEW, tmp_path)
    second = prepare(Simulated(1), tmp_path)
    assert second.fingerprint != first.fingerprint
    assert sorted(tmp_path.glob("*.parquet")) == sorted(second.files)
    assert (len(first.files), len(second.files)) == (2, 1)


def test_a_missing_file_is_made_again(tmp_path):
    """A marker alone does not count."""
    first = prepare(FEW, tmp_path)
    first.files[1].unlink()
    prepare(FEW, tmp_path)
    assert all(path.is_file() for path in first.files)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"files": []}'])
def test_a_damaged_marker_counts_as_none(content, tmp_path):
    """A file cut short by a full disk does not stop the next start."""
    first = prepare(FEW, tmp_path)
    (tmp_path / "prepared.json").write_text(content, encoding="utf-8")
    assert prepare(FEW, tmp_path) == first


def test_interrupted_work_leaves_no_marker(tmp_path):
    """Files of a choice that failed are not taken for complete, nor are the files they replaced."""
    (tmp_path / "bad.csv").write_text("pickup_datetime\nnever\n", encoding="utf-8")
    work = tmp_path / "work"
    prepare(FEW, work)
    with pytest.raises(SampleError):
        prepare(TripFiles(str(tmp_path / "bad.csv")), work)
    assert not (work / "prepared.json").exists()
    assert prepare(FEW, work).rows == FEW.rows


def test_a_changed_trip_file_is_read_again(tmp_path):
    """Same name, other time: the trips are made again."""
    file = tmp_path / "trips.csv"
    file.write_text("pickup_datetime\n2015-12-01 10:00:00\n", encoding="utf-8")
    first = prepare(TripFiles(str(file)), tmp_path / "work")
    file.write_text("pickup_datetime\n2015-12-02 10:00:00\n", encoding="utf-8")
    os.utime(file, ns=(1, file.stat().st_mtime_ns + 1_000_000))
    assert prepare(TripFiles(str(file)), tmp_path / "work").fingerprint != first.fingerprint


def test_nothing_but_trips_and_marker_is_left_behind(tmp_path):
    """The scratch database is gone."""
    prepared = prepare(FEW, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"prepared.json", *(path.name for path in prepared.files)}
