"""What the suite of rows tells where the machine has no room for the larger number."""

import pytest

from tests.bench import bounds, requirements
from tests.bench.requirements import NotMeasured
from tests.bench.volume import rows
from tests.bench.volume.rows import Loaded


@pytest.fixture(autouse=True)
def small_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room for a million trips, which are loaded already."""

    def disk(needed: int) -> None:
        if needed > bounds.TRIP_BYTES * 1_000_000:
            raise NotMeasured("29.2 GB are needed.")

    goes = {name: [0.2, 0.3] for name in rows.QUERIES}
    monkeypatch.setattr(requirements, "disk", disk)
    monkeypatch.setattr(requirements, "memory", lambda _: None)
    monkeypatch.setattr(rows, "_loaded", lambda count: Loaded(count, 2, 1, goes, goes, 10))


def test_without_room_for_the_larger_number_the_smaller_is_told_first() -> None:
    told: list[str] = []
    with pytest.raises(NotMeasured, match=r"29\.2 GB are needed"):
        told.extend(str(part) for part in rows.suite(bounds.ROW_COUNTS))
    assert "1,000,000 trips" in told[0]
