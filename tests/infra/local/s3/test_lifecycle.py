"""What a bucket's lifecycle removes is gone when the laptop starts again, and nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.stack_resources import Expiry
from infra.local.s3 import lifecycle
from tests.infra.local.endpoints import endpoint

RULES = [Expiry("kept", "results/1d/", 2), Expiry("kept", "exports/", 7)]
KEYS = ["exports/a.csv", "other/a", "results/1d/a/0.json.gz", "results/7d/a/0.json.gz"]


@pytest.mark.parametrize(
    ("days", "left"),
    [(1, KEYS), (3, [KEYS[0], KEYS[1], KEYS[3]]), (8, [KEYS[1], KEYS[3]])],
)
def test_what_is_older_than_its_prefix_allows_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, left: list[str]
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(days=days)

    with endpoint(tmp_path / "s3") as there:
        s3 = there.client("s3")
        s3.create_bucket(Bucket="kept")
        for key in KEYS:
            s3.put_object(Bucket="kept", Key=key, Body=b"x")
        monkeypatch.setattr(lifecycle, "datetime", Later)
        lifecycle.remove_expired(s3, RULES)
        assert [one["Key"] for one in s3.list_objects_v2(Bucket="kept")["Contents"]] == left
