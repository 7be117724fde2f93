"""The formats of downloads; read by the download routes and `estimate`."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dashboard.downloads import as_csv, as_json, as_parquet, as_xlsx
from dashboard.downloads.pages import Chunks, Page, Provenance


@dataclass(frozen=True)
class Format:
    """A format: the ending of its files' names, its media type, and its writer.

    `write` yields the bytes piece by piece. An error before the first piece becomes an ordinary error response.
    """

    ending: str
    media_type: str
    write: Callable[[Provenance, Iterable[Page]], Chunks]


FORMATS: Mapping[str, Format] = {
    "csv": Format("csv", "text/csv; charset=utf-8", as_csv.write),
    "json": Format("json", "application/json", as_json.write),
    "parquet": Format("parquet", "application/vnd.apache.parquet", as_parquet.write),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx.write),
}
"""By the ending in the request's path."""
