"""Results kept and shared: one fetch for many, each asker judged alone."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from dashboard.errors import GatewayError
from dashboard.gateway.result_cache import ResultCache
from dashboard.gateway.results import Column, Result
from tests.dashboard.server_fakes import wait_for

MANY = 50
DEADLINE = 10.0
REFUSED = GatewayError("forbidden", "You may not see this.", 403)


@dataclass
class Source:
    """Where rows come from: as many as there are, or as were wanted; counts, and waits or fails when told to."""

    rows: int = 6
    fetches: list[int] = field(default_factory=list)
    judged: int = 0
    gate: threading.Event = field(default_factory=threading.Event)
    failures: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def fetch(self, wanted: int) -> Result:
        self.fetches.append(wanted)
        assert self.gate.wait(DEADLINE), "nobody opened the gate"
        if self.failures:
            raise self.failures.pop()
        return result(self.rows, min(wanted, self.rows))

    def allow(self) -> None:
        self.judged += 1


def result(row_count: int, fetched: int) -> Result:
    columns = (Column("n", "integer"), Column("name", "string"))
    return Result("s-1", "report", "2026-11-23T09:31:07Z", row_count, columns, tuple((n, "x") for n in range(fetched)))


def refuse() -> None:
    raise REFUSED


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache() -> ResultCache:
    return ResultCache(timeout=DEADLINE)


def get(cache: ResultCache, source: Source, rows: int = 10, key: str = "s-1", allow: Callable[[], None] | None = None):
    return cache.result(key, rows, lambda: source.fetch(rows), allow or source.allow)


class TestKeeping:
    def test_rows_are_fetched_once(self, cache: ResultCache, source: Source) -> None:
        first, second = get(cache, source), get(cache, source)
        assert first == second == result(6, 6)
        assert len(source.fetches) == 1

    def test_who_fetches_is_judged_by_that_and_everybody_else_each_time(self, cache, source: Source) -> None:
        get(cache, source)
        assert source.judged == 0
        get(cache, source)
        get(cache, source)
        assert source.judged == 2

    def test_who_is_refused_gets_no_rows_that_are_here(self, cache: ResultCache, source: Source) -> None:
        get(cache, source)
        with pytest.raises(GatewayError) as raised:
            get(cache, source, allow=refuse)
        assert raised.value is REFUSED

    def test_a_refusal_is_nobody_elses(self, cache: ResultCache, source: Source) -> None:
        get(cache, source)
        with pytest.raises(GatewayError):
            get(cache, source, allow=refuse)
        assert get(cache, source) == result(6, 6)
        assert len(source.fetches) == 1

    def test_another_statement_is_another_result(self, cache: ResultCache, source: Source) -> None:
        get(cache, source, key="s-1")
        get(cache, source, key="s-2")
        assert len(source.fetches) == 2

    def test_a_longer_result_serves_a_shorter_wish(self, cache: ResultCache, source: Source) -> None:
        get(cache, source, rows=5)
        assert get(cache, source, rows=2) == result(6, 2)
        assert source.fetches == [5]

    def test_a_complete_result_serves_a_longer_wish(self, cache: ResultCache, source: Source) -> None:
        get(cache, source, rows=6)
        assert get(cache, source, rows=1000) == result(6, 6)
        assert source.fetches == [6]

    def test_a_shorter_result_does_not_serve_a_longer_wish(self, cache: ResultCache, source: Source) -> None:
        get(cache, source, rows=2)
        assert get(cache, source, rows=4) == result(6, 4)
        assert get(cache, source, rows=3) == result(6, 3)
        assert source.fetches == [2, 4]

    def test_no_more_rows_are_given_than_wanted(self, cache: ResultCache) -> None:
        """Rows come in pages, so more of them may have been fetched."""
        assert cache.result("s-1", 2, lambda: result(6, 5), refuse) == result(6, 2)

    def test_what_is_forgotten_is_fetched_again(self, cache: ResultCache, source: Source) -> None:
        get(cache, source)
        cache.discard("s-1")
        get(cache, source)
        assert len(source.fetches) == 2

    def test_the_least_recently_used_result_goes_first(self, source: Source) -> None:
        cache = ResultCache(max_cells=100)  # of some 40 each
        for key in ("s-1", "s-2", "s-1", "s-3", "s-1", "s-2"):
            get(cache, source, key=key)
        assert len(source.fetches) == 4, "only the second one had to go, and come again"

    def test_a_result_larger_than_the_cache_is_given_and_not_kept(self, source: Source) -> None:
        cache = ResultCache(max_cells=10)
        assert get(cache, source) == result(6, 6)
        get(cache, source)
        assert len(source.fetches) == 2

    def test_results_without_rows_fill_the_cache_too(self) -> None:
        source = Source(rows=0)
        cache = ResultCache(max_cells=1000)
        for number in range(100):
            get(cache, source, key=f"s-{number}")
        get(cache, source, key="s-0")
        assert len(source.fetches) == 101


class TestFlights:
    """Many threads at once; the source's gate is closed until they all wait."""

    @pytest.fixture
    def threads(self, source: Source):
        """Threads whose tasks have all begun when `start` is done; the first one fetches."""
        source.gate.clear()
        with ThreadPoolExecutor(MANY) as pool:
            yield pool
            source.gate.set()

    def start(self, threads: ThreadPoolExecutor, cache: ResultCache, asks: list[Callable[[], Result]]):
        """Starts them all. Returns when one fetches and everyone else waits for that."""
        futures = [threads.submit(ask) for ask in asks]
        wait_for(lambda: waiting(cache) == len(asks) - 1)
        return futures

    def test_many_askers_make_one_fetch_and_each_is_judged(self, cache, source: Source, threads) -> None:
        futures = self.start(threads, cache, [lambda: get(cache, source)] * MANY)
        source.gate.set()
        assert [future.result(DEADLINE) for future in futures] == [result(6, 6)] * MANY
        assert len(source.fetches) == 1
        assert source.judged == MANY - 1

    def test_who_waits_is_judged_when_the_rows_are_there(self, cache, source: Source, threads) -> None:
        """A right that ends meanwhile has ended."""
        futures = self.start(threads, cache, [lambda: get(cache, source)] * 3)
        assert source.judged == 0
        source.gate.set()
        assert all(future.result(DEADLINE) for future in futures)
        assert source.judged == 2

    def test_who_is_refused_after_waiting_gets_nothing(self, cache, source: Source, threads) -> None:
        (mine,) = self.start(threads, cache, [lambda: get(cache, source)])
        futures = [threads.submit(get, cache, source, allow=refuse) for _ in range(5)]
        wait_for(lambda: waiting(cache) == 5)
        source.gate.set()
        assert [type(future.exception(DEADLINE)) for future in futures] == [GatewayError] * 5
        assert mine.result(DEADLINE) == result(6, 6)

    def test_a_failed_fetch_fails_only_its_asker(self, cache, source: Source, threads) -> None:
        """The first to fetch has no right to; the next one of those who waited may."""
        source.failures = [REFUSED]
        futures = self.start(threads, cache, [lambda: get(cache, source)] * MANY)
        source.gate.set()
        outcomes = [future.exception(DEADLINE) or future.result() for future in futures]
        assert outcomes.count(REFUSED) == 1
        assert outcomes.count(result(6, 6)) == MANY - 1
        assert len(source.fetches) == 2

    def test_a_fetch_that_broke_is_no_flight_any_more(self, cache, source: Source) -> None:
        source.failures = [ValueError("a bug")]
        with pytest.raises(ValueError, match="a bug"):
            get(cache, source)
        assert get(cache, source) == result(6, 6)

    def test_when_all_fetches_fail_all_askers_fail(self, cache, source: Source, threads) -> None:
        source.failures = [REFUSED] * MANY
        futures = self.start(threads, cache, [lambda: get(cache, source)] * MANY)
        source.gate.set()
        assert [future.exception(DEADLINE) for future in futures] == [REFUSED] * MANY

    def test_a_longer_wish_waits_for_the_shorter_and_then_fetches(self, cache, source: Source, threads) -> None:
        asks = [lambda: get(cache, source, rows=2)] + [lambda: get(cache, source, rows=4)] * 5
        first = threads.submit(asks[0])
        wait_for(lambda: source.fetches == [2])
        futures = [threads.submit(ask) for ask in asks[1:]]
        wait_for(lambda: waiting(cache) == 5)
        source.gate.set()
        assert first.result(DEADLINE) == result(6, 2)
        assert [future.result(DEADLINE) for future in futures] == [result(6, 4)] * 5
        assert source.fetches == [2, 4]

    def test_those_who_wait_get_what_is_too_large_to_keep(self, source: Source, threads) -> None:
        cache = ResultCache(max_cells=10, timeout=DEADLINE)
        futures = self.start(threads, cache, [lambda: get(cache, source)] * MANY)
        source.gate.set()
        assert [future.result(DEADLINE) for future in futures] == [result(6, 6)] * MANY
        assert len(source.fetches) == 1

    def test_who_has_waited_long_enough_is_told_so(self, source: Source, threads) -> None:
        cache = ResultCache(timeout=0.1)
        (mine,) = self.start(threads, cache, [lambda: get(cache, source)])
        with pytest.raises(GatewayError) as raised:
            get(cache, source)
        assert (raised.value.code, raised.value.status) == ("too_busy", 503)
        source.gate.set()
        assert mine.result(DEADLINE) == result(6, 6), "the fetch itself goes on"

    def test_statements_do_not_wait_for_each_other(self, cache, source: Source, threads) -> None:
        self.start(threads, cache, [lambda: get(cache, source)])
        assert get(cache, Source(), key="s-2") == result(6, 6)


def waiting(cache: ResultCache) -> int:
    """How many threads wait for a fetch."""
    return sum(_waiters(flight) for flight in list(cache._pending.values())) if cache._pending else -1


def _waiters(flight: Future[Result | None]) -> int:
    return len(flight._condition._waiters)  # type: ignore[attr-defined]
