"""The reports of the sample, each as the functions read it: with what it takes from its department's own file.

And the maps that they draw."""

import json
from pathlib import Path
from typing import Any

from backend_lambdas.departments import department_file
from backend_lambdas.maps import map_file
from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_file import Report
from dashboard.gateway.maps import Area, areas_of

FOLDER = Path(__file__).resolve().parents[1] / "sql" / "reports"


def load(path: Path) -> Report:
    """The report of a file; `AssertionError` for one with a mistake."""
    own = path.parent / department_file.FILE_NAME
    department = department_file.load(f"{path.parent.name}/{own.name}", own.read_bytes()) if own.exists() else None
    report = report_file.load(path.relative_to(FOLDER).as_posix(), path.read_text(encoding="utf-8"), department)
    assert isinstance(report, Report), report
    return report


def areas(chart: dict[str, Any]) -> tuple[Area, ...]:
    """The areas of the map that a chart draws; none for a chart without one."""
    if "map" not in chart:
        return ()
    return areas_of(json.loads((FOLDER.parent / map_file.path_of(chart["map"])).read_text(encoding="utf-8")))
