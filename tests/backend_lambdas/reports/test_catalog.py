"""The reports in S3: read once, noticed when they change, each broken by itself."""

import base64
import hashlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.errors import UnknownMap, UnknownReport, WarehouseUnavailable
from backend_lambdas.reports.catalog import FRESH_SECONDS, Catalog
from backend_lambdas.reports.report_file import BrokenReport, Report
from tests.backend_lambdas.counting_s3 import Clock, Counting
from tests.backend_lambdas.lambda_fakes import DEADLINE, REPORT, principal

Put = Callable[[str, str | bytes], None]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counting(s3: Any) -> Counting:
    return Counting(s3)


@pytest.fixture
def catalog(counting: Counting, put: Put, clock: Clock) -> Catalog:
    return Catalog(counting, f"s3://{put.bucket}/reports/", clock)  # type: ignore[attr-defined]


def later(clock: Clock) -> None:
    clock.now += FRESH_SECONDS


def test_reports_are_found_by_their_names(catalog: Catalog, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT)
    put("reports/operations/trips.sql", REPORT)
    put("reports/README.md", "not a report")
    put("elsewhere/finance/other.sql", REPORT)
    assert {report.id: report.department for report in catalog.all().values()} == {
        "revenue": "finance",
        "trips": "operations",
    }


def test_more_files_than_a_page_lists_are_all_found(
    catalog: Catalog, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 lists a thousand keys at a time; here, two."""
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "2")
    for name in ("a", "b", "c", "d", "e"):
        put(f"reports/finance/{name}.sql", REPORT)
    assert set(catalog.all()) == {"a", "b", "c", "d", "e"}


def test_a_warm_function_reads_each_file_once(catalog: Catalog, counting: Counting, put: Put, clock: Clock) -> None:
    put("reports/finance/revenue.sql", REPORT)
    for _ in range(3):
        catalog.all()
        later(clock)
    assert counting.read == ["reports/finance/revenue.sql"]


def test_changed_new_and_deleted_files_are_noticed(
    catalog: Catalog, counting: Counting, put: Put, clock: Clock, s3: Any
) -> None:
    for name in ("a", "b", "c"):
        put(f"reports/finance/{name}.sql", REPORT)
    old = catalog.all()
    put("reports/finance/b.sql", REPORT.replace("Revenue", "Income"))
    put("reports/finance/d.sql", REPORT)
    s3.delete_object(Bucket=put.bucket, Key="reports/finance/a.sql")  # type: ignore[attr-defined]
    assert catalog.all() is old, "within a second the listing is trusted"
    later(clock)
    counting.read.clear()
    new = catalog.all()
    assert set(new) == {"b", "c", "d"}
    assert counting.read == ["reports/finance/b.sql", "reports/finance/d.sql"]
    changed = new["b"]
    assert isinstance(changed, Report)
    assert changed.header.title == "Income by day"


def test_a_catalogue_that_s3_does_not_show_is_none(catalog: Catalog, counting: Counting, put: Put) -> None:
    """The functions may list by their prefix alone: S3 then denies what is not there."""
    counting.denies_absent = True
    put("reports/finance/revenue.sql", REPORT)
    assert set(catalog.all()) == {"revenue"}


def test_a_file_that_goes_after_it_was_listed_is_no_report(
    catalog: Catalog, counting: Counting, put: Put, s3: Any
) -> None:
    counting.denies_absent = True
    for name in ("a", "b"):
        put(f"reports/finance/{name}.sql", REPORT)
    gone = "reports/finance/a.sql"
    counting.before_read = lambda key: s3.delete_object(Bucket=put.bucket, Key=gone)  # type: ignore[attr-defined]
    assert set(catalog.all()) == {"b"}


@pytest.mark.parametrize("name", ["catalogue.json", "finance/revenue.sql"])
def test_what_is_there_and_denied_is_a_fault(catalog: Catalog, counting: Counting, put: Put, name: str) -> None:
    """Else reports would be gone without a word when a right is missing."""
    put("reports/finance/revenue.sql", REPORT)
    if name == "catalogue.json":
        put(f"reports/{name}", "{}")
    counting.denied = {f"reports/{name}"}
    with pytest.raises(WarehouseUnavailable):
        catalog.all()


@pytest.mark.parametrize(
    "content",
    [
        "SELECT 1",
        REPORT.replace("2015-12", "2015-13"),
        REPORT.encode("utf-16"),
        b"\xff" + REPORT.encode(),
        b"",
        REPORT.replace("month, label", "month, pattern: '(', label"),
        REPORT.replace("title: ", "title: " + "[" * 2000),
    ],
)
def test_a_broken_file_takes_down_only_itself(catalog: Catalog, put: Put, content: str | bytes) -> None:
    put("reports/finance/broken.sql", content)
    put("reports/finance/fine.sql", REPORT)
    found = catalog.all()
    assert isinstance(found["broken"], BrokenReport)
    assert isinstance(found["fine"], Report)
    with pytest.raises(UnknownReport, match="mistake in its file"):
        catalog.runnable("broken", principal("finance"))


def test_of_two_reports_of_one_name_the_first_keeps_it(catalog: Catalog, put: Put) -> None:
    put("reports/operations/revenue.sql", REPORT)
    put("reports/finance/revenue.sql", REPORT)
    found = catalog.all()
    assert found["revenue"].department == "finance"
    clash = found["operations.revenue"]
    assert isinstance(clash, BrokenReport)
    assert "needs another name" in clash.reason
    assert "finance" not in clash.reason, "which other departments there are is not for everyone"


def test_a_broken_file_does_not_take_the_name_of_a_working_one(catalog: Catalog, put: Put) -> None:
    put("reports/accounts/revenue.sql", "SELECT 1")
    put("reports/finance/revenue.sql", REPORT)
    found = catalog.all()
    assert isinstance(found["revenue"], Report)
    mistake = found["accounts.revenue"]
    assert isinstance(mistake, BrokenReport)
    assert "must begin with a header" in mistake.reason


def test_a_report_runs_for_its_group_and_for_admins(catalog: Catalog, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT)
    for group in ("finance", "admins"):
        assert catalog.runnable("revenue", principal(group)).id == "revenue"


@pytest.mark.parametrize("groups", [(), ("operations",), ("authors",), ("finance ",)])
def test_a_report_is_unknown_to_everyone_else(catalog: Catalog, put: Put, groups: tuple[str, ...]) -> None:
    put("reports/finance/revenue.sql", REPORT)
    put("reports/finance/broken.sql", "SELECT 1")
    for name in ("revenue", "broken"):
        with pytest.raises(UnknownReport):
            catalog.runnable(name, principal(*groups))


def test_groups_of_the_header_decide_alone(catalog: Catalog, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT.replace("cache:", "groups: [leads]\ncache:"))
    assert catalog.runnable("revenue", principal("leads")).groups == ("leads",)
    with pytest.raises(UnknownReport):
        catalog.runnable("revenue", principal("finance"))


@pytest.mark.parametrize("name", ["nothing", "", "../finance/revenue", "finance/revenue", "revenue.sql", "Revenue"])
def test_a_report_that_is_not_there_is_unknown(catalog: Catalog, put: Put, name: str) -> None:
    put("reports/finance/revenue.sql", REPORT)
    with pytest.raises(UnknownReport):
        catalog.runnable(name, principal("admins"))


def test_a_file_that_is_deleted_after_it_was_listed_is_gone(
    catalog: Catalog, counting: Counting, put: Put, s3: Any
) -> None:
    """Several files are often deleted in a row: the others must be there all the same."""
    for name in ("kept", "deleted"):
        put(f"reports/finance/{name}.sql", REPORT)
    bucket = put.bucket  # type: ignore[attr-defined]
    counting.before_read = lambda key: s3.delete_object(Bucket=bucket, Key="reports/finance/deleted.sql")
    assert set(catalog.all()) == {"kept"}


def test_without_s3_nothing_can_run_until_it_is_back(catalog: Catalog, counting: Counting, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT)
    counting.down = True
    with pytest.raises(WarehouseUnavailable):
        catalog.all()
    counting.down = False
    assert set(catalog.all()) == {"revenue"}


def test_a_report_that_was_published_just_now_runs(catalog: Catalog, put: Put) -> None:
    """Another function may have listed it already, while this one's listing is still fresh."""
    put("reports/finance/first.sql", REPORT)
    assert set(catalog.all()) == {"first"}
    put("reports/finance/second.sql", REPORT)
    assert catalog.runnable("second", principal("finance")).id == "second"


def test_a_change_is_not_missed_by_who_looks_anew(catalog: Catalog, put: Put) -> None:
    put("reports/finance/first.sql", REPORT)
    assert set(catalog.all()) == {"first"}
    put("reports/finance/second.sql", REPORT)
    assert set(catalog.current()) == {"first", "second"}


def test_without_s3_looking_anew_is_an_error_of_the_contract(catalog: Catalog, counting: Counting) -> None:
    counting.down = True
    with pytest.raises(WarehouseUnavailable):
        catalog.current()
    with pytest.raises(WarehouseUnavailable):
        catalog.runnable("revenue", principal("finance"))


def test_who_comes_while_another_lists_is_answered_from_the_listing_before(
    catalog: Catalog, counting: Counting, put: Put, clock: Clock
) -> None:
    """A crowd that comes at once does not queue for one listing."""
    put("reports/finance/old.sql", REPORT)
    catalog.all()
    put("reports/finance/new.sql", REPORT)
    clock.now += 1
    seen: list[set[str]] = []
    with ThreadPoolExecutor(1) as pool:
        counting.meanwhile = lambda: seen.append(set(pool.submit(catalog.all).result(DEADLINE)))
        assert set(catalog.all()) == {"old", "new"}
    assert seen == [{"old"}]
    assert counting.listings == 2


@pytest.mark.parametrize("known", [False, True], ids=["never listed", "listed long ago"])
def test_who_comes_while_another_lists_waits_when_nothing_is_known_of_late(
    counting: Counting, put: Put, known: bool
) -> None:
    came = Event()
    clock = Clock()
    catalog = Catalog(counting, f"s3://{put.bucket}/reports/", lambda: came.set() or clock())  # type: ignore[attr-defined]
    if known:
        catalog.all()
    put("reports/finance/new.sql", REPORT)
    clock.now += 60
    late: list[Future[Any]] = []

    def come() -> None:
        came.clear()
        late.append(pool.submit(catalog.all))
        assert came.wait(DEADLINE), "it has not even looked at the clock"

    with ThreadPoolExecutor(1) as pool:
        counting.meanwhile = come
        catalog.all()
        (answer,) = late
        assert set(answer.result(DEADLINE)) == {"new"}


# ------------------------------------------------------------------------------------------------------ the catalogue


@pytest.fixture
def publisher(s3: Any, put: Put, clock: Clock) -> Catalog:
    """Another function's catalogue of the same files, which writes the object that all read."""
    return Catalog(s3, f"s3://{put.bucket}/reports/", clock)  # type: ignore[attr-defined]


def test_what_is_published_is_read_as_one_object(
    catalog: Catalog, publisher: Catalog, counting: Counting, put: Put
) -> None:
    put("reports/finance/revenue.sql", REPORT)
    put("reports/finance/broken.sql", b"\xff")
    publisher.publish()
    found = catalog.all()
    assert isinstance(found["revenue"], Report)
    assert isinstance(found["broken"], BrokenReport)
    assert (counting.listings, counting.read) == (0, [])


def test_files_are_parsed_again_only_when_they_change(
    catalog: Catalog, publisher: Catalog, put: Put, clock: Clock
) -> None:
    put("reports/finance/kept.sql", REPORT)
    put("reports/finance/changed.sql", REPORT)
    publisher.publish()
    before = catalog.all()
    put("reports/finance/changed.sql", REPORT.replace("Revenue", "Income"))
    put("reports/finance/new.sql", REPORT)
    publisher.publish()
    assert catalog.all() is before, "within a moment what was read is trusted"
    later(clock)
    after = catalog.all()
    assert after["kept"] is before["kept"]
    assert set(after) == {"kept", "changed", "new"}
    changed = after["changed"]
    assert isinstance(changed, Report)
    assert changed.header.title == "Income by day"
    later(clock)
    assert catalog.all() is after, "nothing has changed since"


def test_a_deleted_file_leaves_the_catalogue(catalog: Catalog, publisher: Catalog, put: Put, s3: Any) -> None:
    put("reports/finance/kept.sql", REPORT)
    put("reports/finance/deleted.sql", REPORT)
    publisher.publish()
    assert set(catalog.current()) == {"kept", "deleted"}
    s3.delete_object(Bucket=put.bucket, Key="reports/finance/deleted.sql")  # type: ignore[attr-defined]
    publisher.publish("finance/deleted.sql", None)
    assert set(catalog.current()) == {"kept"}


class Overtaken:
    """A lock behind whose next release another thread comes first."""

    def __init__(self, others: Callable[[], object]) -> None:
        self._lock, self._others = Lock(), [others]

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *raised: object) -> None:
        self._lock.release()
        if self._others:
            self._others.pop()()

    def locked(self) -> bool:
        return self._lock.locked()


def test_what_was_listed_is_published_also_when_another_thread_reads_the_old_catalogue_meanwhile(
    catalog: Catalog, publisher: Catalog, put: Put, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a deleted file stays until the next event."""
    put("reports/finance/kept.sql", REPORT)
    put("reports/finance/deleted.sql", REPORT)
    publisher.publish()
    s3.delete_object(Bucket=put.bucket, Key="reports/finance/deleted.sql")  # type: ignore[attr-defined]
    monkeypatch.setattr(catalog, "_lock", Overtaken(catalog.current))
    catalog.publish("finance/deleted.sql", None)
    assert set(publisher.current()) == {"kept"}


def test_a_file_whose_event_is_on_its_way_runs(catalog: Catalog, publisher: Catalog, put: Put, clock: Clock) -> None:
    put("reports/finance/first.sql", REPORT)
    publisher.publish()
    assert set(catalog.all()) == {"first"}
    put("reports/finance/second.sql", REPORT)
    assert catalog.runnable("second", principal("finance")).id == "second"
    later(clock)
    assert set(catalog.all()) == {"first", "second"}, "an older catalogue takes nothing back"


def test_an_event_that_comes_twice_lists_once(counting: Counting, catalog: Catalog, put: Put, s3: Any) -> None:
    put("reports/finance/revenue.sql", REPORT)
    listed = s3.list_objects_v2(Bucket=put.bucket)["Contents"]  # type: ignore[attr-defined]
    for _ in range(2):
        catalog.publish("finance/revenue.sql", listed[0]["ETag"].strip('"'))
    assert counting.listings == 1


def test_who_listed_earlier_does_not_write_over_who_listed_later(
    catalog: Catalog, publisher: Catalog, counting: Counting, put: Put
) -> None:
    """Another file comes, and is published, while the first one's event is being handled."""
    put("reports/finance/first.sql", REPORT)

    def overtake() -> None:
        counting.before_write = lambda: None
        put("reports/finance/second.sql", REPORT)
        publisher.publish()

    counting.before_write = overtake
    catalog.publish()
    assert counting.listings == 2
    assert set(publisher.current()) == {"first", "second"}


def test_who_never_comes_first_lets_the_event_come_again(catalog: Catalog, counting: Counting, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT)

    def overtake() -> None:
        raise ClientError({"Error": {"Code": "PreconditionFailed"}}, "PutObject")

    counting.before_write = overtake
    with pytest.raises(WarehouseUnavailable):
        catalog.publish()


def test_without_s3_nothing_is_published(catalog: Catalog, counting: Counting) -> None:
    counting.down = True
    with pytest.raises(WarehouseUnavailable):
        catalog.publish()


def test_a_report_file_is_known_by_bucket_place_and_ending(catalog: Catalog, put: Put) -> None:
    bucket = put.bucket  # type: ignore[attr-defined]
    assert catalog.path_of(bucket, "reports/finance/revenue.sql") == "finance/revenue.sql"
    for other in [(bucket, "setup/10.sql"), (bucket, "reports/README.md"), ("another", "reports/finance/revenue.sql")]:
        assert catalog.path_of(*other) is None


HIDDEN = "/*---\ntitle: Payment types\nhidden: true\n---*/\nSELECT 1 AS id, 'Card' AS name\n"
CHOOSING = """/*---
title: By payment
parameters:
  kind:
    type: choice
    choices: {report: payment_types, value: id, label: name}
---*/
SELECT :kind
"""


def reason(catalog: Catalog, report_id: str) -> str:
    found = catalog.all()[report_id]
    assert isinstance(found, BrokenReport), found
    return f"{found.file}, line {found.line}: {found.reason}"


def test_a_report_takes_choices_from_one_that_its_readers_may_see(catalog: Catalog, put: Put) -> None:
    put("reports/finance/by_payment.sql", CHOOSING)
    put("reports/finance/payment_types.sql", HIDDEN)
    assert isinstance(catalog.all()["by_payment"], Report)
    assert catalog.runnable("payment_types", principal("finance")).header.hidden


@pytest.mark.parametrize(
    ("source", "trouble"),
    [
        ("SELECT 1", "has a mistake in its file"),
        (
            HIDDEN.replace("hidden: true", "parameters: {p: {type: text}}").replace("1 AS", ":p AS"),
            "cannot run by itself",
        ),
        (HIDDEN.replace("hidden: true", "groups: [leads]"), "its groups must be there as well"),
        (HIDDEN.replace("hidden: true", "groups: []"), "its groups must be there as well"),
    ],
)
def test_a_reference_that_cannot_be_used_breaks_the_report_that_refers(
    catalog: Catalog, put: Put, source: str, trouble: str
) -> None:
    put("reports/finance/by_payment.sql", CHOOSING)
    put("reports/finance/payment_types.sql", source)
    notified = reason(catalog, "by_payment")
    assert notified.startswith("finance/by_payment.sql, line 6: parameters.kind.choices: the report 'payment_types' ")
    assert trouble in notified


def test_a_reference_to_nothing_breaks_a_report_until_there_is_something(
    catalog: Catalog, put: Put, clock: Clock
) -> None:
    put("reports/finance/by_payment.sql", CHOOSING)
    assert "does not exist" in reason(catalog, "by_payment")
    put("reports/finance/payment_types.sql", HIDDEN)
    later(clock)
    assert isinstance(catalog.all()["by_payment"], Report)


def test_a_source_may_have_parameters_with_defaults_and_readers_of_other_groups(catalog: Catalog, put: Put) -> None:
    put("reports/finance/by_payment.sql", CHOOSING)
    header = "groups: [finance, leads]\nparameters: {p: {type: month, default: last month}}"
    put("reports/operations/payment_types.sql", HIDDEN.replace("hidden: true", header).replace("1 AS", ":p AS"))
    assert isinstance(catalog.all()["by_payment"], Report)


def test_a_default_may_come_from_a_report_too(catalog: Catalog, put: Put) -> None:
    put(
        "reports/finance/revenue.sql",
        REPORT.replace("default: 2015-12", "default: {report: newest, column: trip_month}"),
    )
    assert "line 4: parameters.month.default: the report 'newest' does not exist" in reason(catalog, "revenue")


def test_what_needs_a_value_itself_is_no_source(catalog: Catalog, put: Put) -> None:
    """Its own default comes from a report, so it cannot run with nothing sent."""
    put("reports/finance/by_payment.sql", CHOOSING)
    header = "parameters: {p: {type: month, default: {report: newest, column: m}}}"
    put("reports/finance/payment_types.sql", HIDDEN.replace("hidden: true", header).replace("1 AS", ":p AS"))
    put("reports/finance/newest.sql", "/*---\ntitle: Newest\n---*/\nSELECT '2015-12' AS m")
    assert "cannot run by itself" in reason(catalog, "by_payment")


def test_a_mistake_travels_along_references(catalog: Catalog, put: Put) -> None:
    first = CHOOSING.replace("type: choice", "type: choice\n    default: '1'")
    put("reports/finance/a.sql", first.replace("payment_types", "b"))
    put("reports/finance/b.sql", first.replace("payment_types", "c"))
    assert "'b' has a mistake" in reason(catalog, "a")
    assert "'c' does not exist" in reason(catalog, "b")


def test_reports_may_refer_to_each_other(catalog: Catalog, put: Put) -> None:
    """Each runs with its own default, so nobody waits for the other."""
    first = CHOOSING.replace("type: choice", "type: choice\n    default: '1'")
    put("reports/finance/a.sql", first.replace("payment_types", "b"))
    put("reports/finance/b.sql", first.replace("payment_types", "a"))
    assert all(isinstance(found, Report) for found in catalog.all().values())


# --------------------------------------------------------------------------------------------- departments and pages

SHARING = REPORT.replace("{type: month, label: Trip month, default: 2015-12}", "shared")
DEPARTMENT = "title: Money\nparameters:\n  month: {type: month, label: Month, default: 2015-12}\n"


def test_departments_and_pages_are_no_reports(catalog: Catalog, put: Put) -> None:
    put("reports/finance/revenue.sql", REPORT)
    put("reports/finance/department.yaml", "title: Money")
    put("reports/finance/notes.yaml", "title: Nothing of ours")
    put("reports/pages/finance/index.yaml", "title: All of it")
    assert set(catalog.all()) == {"revenue"}
    assert {name: one.title for name, one in catalog.departments().items()} == {"finance": "Money"}
    assert [page.name for page in catalog.pages()] == ["index"]


def test_a_changed_department_changes_the_reports_that_take_from_it(catalog: Catalog, put: Put, clock: Clock) -> None:
    assert SHARING != REPORT
    put("reports/finance/revenue.sql", SHARING)
    put("reports/finance/department.yaml", DEPARTMENT)
    before = catalog.all()["revenue"]
    put("reports/finance/department.yaml", DEPARTMENT.replace("2015-12", "2015-11"))
    later(clock)
    after = catalog.all()["revenue"]
    assert isinstance(before, Report)
    assert isinstance(after, Report)
    assert before.version != after.version
    assert after.header.parameters["month"].default == "2015-11"


def test_a_department_that_goes_takes_its_parameters_along(catalog: Catalog, put: Put, s3: Any, clock: Clock) -> None:
    put("reports/finance/revenue.sql", SHARING)
    put("reports/finance/department.yaml", DEPARTMENT)
    assert isinstance(catalog.all()["revenue"], Report)
    s3.delete_object(Bucket=put.bucket, Key="reports/finance/department.yaml")  # type: ignore[attr-defined]
    later(clock)
    assert isinstance(catalog.all()["revenue"], BrokenReport)


def test_departments_and_pages_come_with_the_catalogue(catalog: Catalog, put: Put, s3: Any) -> None:
    put("reports/finance/revenue.sql", SHARING)
    put("reports/finance/department.yaml", DEPARTMENT)
    put("reports/pages/finance/index.yaml", "title: All of it")
    catalog.publish()
    another = Catalog(s3, f"s3://{put.bucket}/reports/")  # type: ignore[attr-defined]
    assert isinstance(another.current()["revenue"], Report)
    assert [page.name for page in another.pages()] == ["index"]


def test_the_catalogue_has_the_versions_of_maps_and_not_what_is_in_them(catalog: Catalog, put: Put, s3: Any) -> None:
    """They are large, and every run of a report reads the catalogue."""
    put("reports/finance/revenue.sql", REPORT)
    put("reports/maps/squares.geojson", b"a map")
    catalog.publish()
    written = s3.get_object(Bucket=put.bucket, Key="reports/catalogue.json")  # type: ignore[attr-defined]
    assert b"maps/squares.geojson" in (content := written["Body"].read())
    assert base64.b64encode(b"a map") not in content
    another = Catalog(s3, f"s3://{put.bucket}/reports/")  # type: ignore[attr-defined]
    assert set(another.current()) == {"revenue"}
    assert another.map_version("squares") == hashlib.md5(b"a map", usedforsecurity=False).hexdigest()
    assert another.map_version("circles") == ""
    assert another.map_content("squares") == b"a map"
    with pytest.raises(UnknownMap):
        another.map_content("circles")


def test_a_map_that_is_published_as_it_was_writes_nothing(catalog: Catalog, put: Put, s3: Any, clock: Clock) -> None:
    put("reports/maps/squares.geojson", b"a map")
    catalog.publish()
    tag = hashlib.md5(b"a map", usedforsecurity=False).hexdigest()

    def written() -> str:
        return str(s3.head_object(Bucket=put.bucket, Key="reports/catalogue.json")["ETag"])  # type: ignore[attr-defined]

    before = written()
    catalog.publish("maps/squares.geojson", tag)
    catalog.publish()
    assert written() == before
    s3.delete_object(Bucket=put.bucket, Key="reports/maps/squares.geojson")  # type: ignore[attr-defined]
    catalog.publish("maps/squares.geojson", None)
    assert written() != before
    later(clock)
    catalog.current()
    assert catalog.map_version("squares") == ""


def test_a_map_that_s3_does_not_hand_out_is_no_missing_map(catalog: Catalog, counting: Counting) -> None:
    counting.down = True
    with pytest.raises(WarehouseUnavailable):
        catalog.map_content("squares")
