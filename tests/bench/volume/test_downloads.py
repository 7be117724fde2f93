"""No figure is told of a file that lacks rows."""

from pathlib import Path

import pytest

from tests.bench.volume import downloads, row_source

ROWS = 50


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx"])
def test_each_kind_of_file_is_counted(tmp_path: Path, ending: str) -> None:
    file, frame = tmp_path / f"rows.{ending}", row_source.frame(ROWS)
    writers = {"csv": frame.to_csv, "parquet": frame.to_parquet, "xlsx": frame.to_excel}
    writers[ending](file, index=False)
    assert downloads._ROWS[file.suffix](file) == ROWS


def test_a_file_that_lacks_rows_is_not_measured(tmp_path: Path) -> None:
    frame = row_source.frame(ROWS - 1)
    with pytest.raises(AssertionError, match=r"rows\.csv of ours has 49 rows, not 50"):
        downloads._gone("ours", lambda file: frame.to_csv(file, index=False), ROWS, tmp_path / "rows.csv")
    whole = downloads._gone("ours", lambda file: frame.to_csv(file, index=False), ROWS - 1, tmp_path / "rows.csv")
    assert (whole.rows, whole.bytes) == (49, (tmp_path / "rows.csv").stat().st_size)
