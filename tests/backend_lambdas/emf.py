"""What CloudWatch takes as embedded metrics, checked member by member.

Source: Amazon CloudWatch, "Specification: Embedded metric format".
"""

import json
import re
from typing import Any

MOST_DIMENSIONS, MOST_METRICS, LONGEST_VALUE = 30, 100, 1024
UNITS = {
    *("Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits"),
    *("Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Count/Second", "None"),
}


def check(line: str) -> dict[str, dict[str, Any]]:
    """The line's metrics by name, each with value, unit and dimension sets; anything wrong with it fails the test."""
    root = json.loads(line)
    assert isinstance(root, dict)
    metadata = root["_aws"]
    assert set(metadata) == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(metadata["Timestamp"], int)
    assert metadata["Timestamp"] > 1_500_000_000_000, "milliseconds"
    found: dict[str, dict[str, Any]] = {}
    for directive in metadata["CloudWatchMetrics"]:
        found |= _directive(root, directive)
    assert found
    return found


def _directive(root: dict[str, Any], directive: dict[str, Any]) -> dict[str, dict[str, Any]]:
    assert set(directive) == {"Namespace", "Dimensions", "Metrics"}
    assert re.fullmatch(r"[A-Za-z0-9._/#:-]{1,255}", directive["Namespace"])
    assert 1 <= len(directive["Metrics"]) <= MOST_METRICS
    for dimensions in directive["Dimensions"]:
        assert isinstance(dimensions, list)
        assert 1 <= len(dimensions) <= MOST_DIMENSIONS
        assert len(set(dimensions)) == len(dimensions)
        for name in dimensions:
            assert re.fullmatch(r"[!-~]{1,250}", name)
            assert isinstance(root[name], str), "a dimension is a text member of the root"
            assert 1 <= len(root[name]) <= LONGEST_VALUE
    return {metric["Name"]: _metric(root, metric, directive) for metric in directive["Metrics"]}


def _metric(root: dict[str, Any], metric: dict[str, Any], directive: dict[str, Any]) -> dict[str, Any]:
    assert set(metric) <= {"Name", "Unit", "StorageResolution"}
    assert 1 <= len(metric["Name"]) <= LONGEST_VALUE
    assert metric["Unit"] in UNITS
    value = root[metric["Name"]]
    assert isinstance(value, int | float)
    assert not isinstance(value, bool)
    return {"value": value, "unit": metric["Unit"], "dimensions": directive["Dimensions"], "of": directive["Namespace"]}
