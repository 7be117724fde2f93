"""What the gateway has announced to somebody is handed to that token for a while, and to nobody else."""

import pytest

from dashboard.gateway import grants
from dashboard.gateway.grants import RecentGrants


def test_a_statement_is_granted_to_the_token_it_was_announced_to() -> None:
    recent = RecentGrants()
    recent.add("ana", "s-1")
    assert recent.covers("ana", "s-1")
    assert not recent.covers("ben", "s-1")
    assert not recent.covers("ana", "s-2")


def test_a_grant_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(grants.time, "monotonic", lambda: now[0])
    recent = RecentGrants(ttl=60)
    recent.add("ana", "s-1")
    now[0] += 61
    assert not recent.covers("ana", "s-1")
    recent.add("ana", "s-2")
    assert list(recent._until) == [("ana", "s-2")]


def test_no_more_than_so_many_are_kept() -> None:
    recent = RecentGrants(max_grants=2)
    for statement in ("s-1", "s-2", "s-3"):
        recent.add("ana", statement)
    assert [recent.covers("ana", statement) for statement in ("s-1", "s-2", "s-3")] == [False, True, True]
