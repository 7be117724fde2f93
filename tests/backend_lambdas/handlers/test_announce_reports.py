"""A changed report file, from the bucket's event to the clients it concerns."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas import clock
from backend_lambdas.commands import catalogue_version
from backend_lambdas.commands.catalogue_version import CatalogueVersion
from backend_lambdas.errors import WarehouseUnavailable
from backend_lambdas.handlers import announce_reports
from backend_lambdas.reports.report_file import Report
from backend_lambdas.sockets.notifier import DeliveryFailed
from tests.backend_lambdas.lambda_fakes import REPORT, SUBMITTING, FakeClock, World, principal

Changed = Callable[..., None]
GROUPS = {"fin=": ["finance"], "ops=": ["operations"], "lead=": ["leads"], "adm=": ["admins"], "new=": []}


@pytest.fixture
def listeners(world: World, put: Any, wire: Callable[..., None]) -> World:
    wire(**SUBMITTING, REPORTS_S3_PATH=f"s3://{put.bucket}/reports/")
    world.data_api.outcome = lambda _: ("FINISHED", "")
    has_views(world)
    for connection_id, groups in GROUPS.items():
        world.connections.add(connection_id, principal(*groups))
    return world


@pytest.fixture
def changed(put: Any, recorded: Callable[[str], dict[str, Any]], s3: Any) -> Changed:
    """Writes a file, or deletes it, and hands over the bucket's event."""

    def change(path: str, content: str | None = REPORT, **other: str) -> None:
        if content is None:
            s3.delete_object(Bucket=put.bucket, Key=path)
        else:
            put(path, content)
        event = recorded("report_deleted" if content is None else "report_created")
        event["detail"]["bucket"]["name"] = other.get("bucket", put.bucket)
        event["detail"]["object"]["key"] = path
        assert announce_reports.handler(event, None) is None

    return change


def has_views(world: World, **definitions: str) -> None:
    """Gives the warehouse views in the schema `sales`."""
    rows = [[{"stringValue": text} for text in ("sales", *view)] for view in definitions.items()]
    world.data_api.pages = {None: {"ColumnMetadata": [], "Records": rows}}


def notified(world: World) -> dict[str, list[str]]:
    """Connection to the reports it was told of; each of them is told once."""
    assert len(dict(world.gateway.posts)) == len(world.gateway.posts)
    assert {message["type"] for _, message in world.gateway.posts} <= {"reports"}
    return {connection_id: message["changed"] for connection_id, message in world.gateway.posts}


def test_a_new_report_is_told_to_its_department_and_to_admins(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql")
    assert notified(listeners) == {"fin=": ["revenue"], "adm=": ["revenue"]}


def test_a_broken_report_is_told_as_well(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql", "SELECT 1")
    assert notified(listeners) == {"fin=": ["revenue"], "adm=": ["revenue"]}


def test_a_change_within_the_same_second_is_told_by_the_files_new_content(listeners: World, changed: Changed) -> None:
    """A warm function does not trust what it listed just before."""
    changed("reports/finance/revenue.sql")
    listeners.gateway.posts.clear()
    changed("reports/finance/revenue.sql", REPORT.replace("cache:", "groups: [leads]\ncache:"))
    assert notified(listeners)["lead="] == ["revenue"]


def test_a_deleted_report_is_told_without_its_name(listeners: World, changed: Changed) -> None:
    """Who might see it is not known any more; the list tells those who saw it."""
    changed("reports/finance/revenue.sql")
    listeners.gateway.posts.clear()
    changed("reports/finance/revenue.sql", None)
    assert notified(listeners) == {"fin=": [], "adm=": []}


def test_a_report_for_other_groups_is_named_to_them_alone(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql", REPORT.replace("cache:", "groups: [leads]\ncache:"))
    assert notified(listeners) == {"fin=": [], "lead=": ["revenue"], "adm=": ["revenue"]}


def test_a_file_that_takes_a_name_from_another_department_is_told_there_too(listeners: World, changed: Changed) -> None:
    """Theirs stopped working, since the first in order of path keeps the name."""
    changed("reports/operations/revenue.sql")
    listeners.gateway.posts.clear()
    changed("reports/finance/revenue.sql")
    both = ["operations.revenue", "revenue"]
    assert notified(listeners) == {"fin=": ["revenue"], "ops=": ["operations.revenue"], "adm=": both}


def test_reports_that_take_rows_from_a_changed_one_have_changed_too(listeners: World, changed: Changed) -> None:
    source = REPORT.replace("cache:", "groups: [finance, operations]\ncache:")
    changed("reports/finance/months.sql", source)
    rows = "default: {report: months, column: trip_date}"
    changed("reports/operations/trips.sql", REPORT.replace("default: 2015-12", rows))
    listeners.gateway.posts.clear()
    changed("reports/finance/months.sql", source + "\n-- better")
    both = ["months", "trips"]
    assert notified(listeners) == {"fin=": ["months"], "ops=": both, "adm=": both}


def test_a_departments_own_file_changes_all_its_reports(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql")
    changed("reports/operations/trips.sql")
    listeners.gateway.posts.clear()
    changed("reports/finance/department.yaml", "title: Money")
    assert notified(listeners) == {"fin=": ["revenue"], "adm=": ["revenue"]}


@pytest.mark.parametrize("now", ["title: All\ntext: Hello", "titel: All", None])
def test_a_page_is_told_to_all_since_nobody_knows_who_could_open_it_before(
    listeners: World, changed: Changed, now: str | None
) -> None:
    changed("reports/pages/management/index.yaml", "title: All\ngroups: [operations]\ntext: Hello")
    listeners.gateway.posts.clear()
    changed("reports/pages/management/index.yaml", now)
    assert notified(listeners) == {key: [] for key in GROUPS}


@pytest.mark.parametrize("now", ["SELECT", None])
def test_a_shared_report_that_breaks_or_goes_is_told_to_all(
    listeners: World, changed: Changed, now: str | None
) -> None:
    changed("reports/shared/months.sql", REPORT.replace("cache:", "hidden: true\ncache:"))
    rows = "default: {report: months, column: trip_date}"
    changed("reports/operations/trips.sql", REPORT.replace("default: 2015-12", rows))
    listeners.gateway.posts.clear()
    changed("reports/shared/months.sql", now)
    assert "ops=" in notified(listeners)


def test_a_shared_report_is_told_to_all_whose_reports_take_from_it(listeners: World, changed: Changed) -> None:
    source = REPORT.replace("cache:", "hidden: true\ncache:")
    changed("reports/shared/months.sql", source)
    rows = "default: {report: months, column: trip_date}"
    changed("reports/operations/trips.sql", REPORT.replace("default: 2015-12", rows))
    listeners.gateway.posts.clear()
    changed("reports/shared/months.sql", source + "\n-- better")
    both = ["months", "trips"]
    assert notified(listeners) == {key: [] for key in GROUPS} | {"ops=": both, "adm=": both}


def test_a_file_in_no_department_is_told_to_admins(listeners: World, changed: Changed) -> None:
    changed("reports/orphan.sql")
    assert notified(listeners) == {"adm=": ["orphan"]}


@pytest.mark.parametrize("key", ["setup/10_tables.sql", "reports/finance/README.md", "other/reports/finance/a.sql"])
def test_other_files_of_the_bucket_are_nobodys_news(listeners: World, changed: Changed, key: str) -> None:
    changed(key)
    assert notified(listeners) == {}


def test_a_file_of_another_bucket_is_nobodys_news(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql", bucket="another")
    assert notified(listeners) == {}


def test_an_expired_sign_in_is_told_nothing(listeners: World, changed: Changed) -> None:
    listeners.connections.add("fin=", structs.replace(principal("finance"), token_expires_at=1))
    changed("reports/finance/revenue.sql")
    assert set(notified(listeners)) == {"adm="}


def test_with_nobody_there_the_catalogue_is_written_all_the_same(
    world: World, listeners: World, changed: Changed
) -> None:
    for connection_id in GROUPS:
        world.connections.remove(connection_id)
    changed("reports/finance/revenue.sql")
    assert set(announce_reports.build().catalog.current()) == {"revenue"}
    assert notified(world) == {}


def test_a_gone_connection_is_forgotten_and_the_others_are_told(listeners: World, changed: Changed) -> None:
    listeners.gateway.gone = {"fin="}
    changed("reports/finance/revenue.sql")
    assert notified(listeners) == {"adm=": ["revenue"]}
    assert listeners.connections.principal("fin=") is None


def test_one_who_cannot_be_told_holds_up_nobody_and_makes_lambda_try_again(listeners: World, changed: Changed) -> None:
    listeners.gateway.throttled = {"fin="}
    with pytest.raises(DeliveryFailed, match="1 of 2"):
        changed("reports/finance/revenue.sql")
    assert notified(listeners) == {"adm=": ["revenue"]}


def test_reports_that_cannot_be_read_make_lambda_try_again(
    listeners: World, changed: Changed, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announce_reports.build().catalog._bucket, "_bucket", "there-is-no-such-bucket")
    monkeypatch.setattr(announce_reports.build().catalog, "path_of", lambda bucket, key: "finance/revenue.sql")
    with pytest.raises(WarehouseUnavailable):
        changed("reports/finance/revenue.sql")


# ------------------------------------------------------------------------------------------- which catalogue counts


def version(world: World) -> str | None:
    found = world.db.get_item(TableName=world.table, Key=catalogue_version.KEY).get("Item")
    return found and str(found["tag"])


def written(s3: Any, put: Any) -> str:
    return str(s3.head_object(Bucket=put.bucket, Key="reports/catalogue.json")["ETag"])


def test_the_catalogue_that_was_written_is_the_one_that_counts(
    listeners: World, changed: Changed, s3: Any, put: Any
) -> None:
    for content in (REPORT, REPORT.replace("15m", "5m"), None):
        changed("reports/finance/revenue.sql", content)
        assert version(listeners) == written(s3, put)


def test_the_schedule_says_which_catalogue_counts_where_nobody_has(listeners: World, s3: Any, put: Any) -> None:
    put("reports/finance/revenue.sql", REPORT)
    announce_reports.handler({"detail": {}}, None)
    assert version(listeners) == written(s3, put)


def test_of_two_who_publish_at_once_the_later_catalogue_counts(
    listeners: World, changed: Changed, s3: Any, put: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first has read its own when the second publishes, and notes it behind the second."""
    note, others = CatalogueVersion.note, [REPORT.replace("15m", "5m")]

    def delayed(self: CatalogueVersion, tag: str) -> None:
        if others:
            changed("reports/finance/other.sql", others.pop())
        note(self, tag)

    monkeypatch.setattr(CatalogueVersion, "note", delayed)
    changed("reports/finance/revenue.sql")
    assert version(listeners) == written(s3, put)


# --------------------------------------------------------------------------------------------- views of the warehouse


ON_VIEW = REPORT.replace("FROM nyc_yellow_taxi", "FROM sales.taxi")
DEFINITION = "SELECT * FROM nyc_yellow_taxi;"


def tables() -> dict[str, tuple[str, ...]]:
    """What each report reads, to whoever reads the catalogue."""
    found = announce_reports.build().catalog.current()
    return {name: report.tables for name, report in found.items() if isinstance(report, Report)}


def asked(world: World) -> int:
    return len(world.data_api.requests("ExecuteStatement"))


def test_a_report_on_a_view_reads_the_tables_behind_it(listeners: World, changed: Changed, s3: Any, put: Any) -> None:
    has_views(listeners, taxi=DEFINITION)
    changed("reports/finance/revenue.sql", ON_VIEW)
    assert tables() == {"revenue": ("public.nyc_yellow_taxi", "sales.taxi")}
    assert version(listeners) == written(s3, put)


def test_a_file_that_is_published_again_learns_what_its_view_has_become(
    listeners: World, changed: Changed, fake_clock: FakeClock
) -> None:
    fake_clock.milliseconds = 1_000  # long before the recorded event
    has_views(listeners, taxi="SELECT 1;")
    changed("reports/finance/revenue.sql", ON_VIEW)
    fake_clock.forward(1)
    has_views(listeners, taxi=DEFINITION)
    changed("reports/finance/revenue.sql", ON_VIEW)
    assert tables()["revenue"] == ("public.nyc_yellow_taxi", "sales.taxi")


def test_events_of_files_that_are_in_the_catalogue_already_ask_once(listeners: World, changed: Changed) -> None:
    for _ in range(3):
        changed("reports/finance/revenue.sql")
    assert asked(listeners) == 1


def test_a_warehouse_that_does_not_answer_keeps_nobody_from_a_report(listeners: World, changed: Changed) -> None:
    listeners.data_api.outcome = lambda _: ("FAILED", "it is paused")
    with pytest.raises(WarehouseUnavailable):
        changed("reports/finance/revenue.sql", ON_VIEW)
    assert notified(listeners) == {"fin=": ["revenue"], "adm=": ["revenue"]}
    assert tables() == {"revenue": ("sales.taxi",)}
    has_views(listeners, taxi=DEFINITION)
    listeners.data_api.outcome = lambda _: ("FINISHED", "")
    for _ in range(2):
        announce_reports.handler({"detail": {}}, None)
    assert tables() == {"revenue": ("public.nyc_yellow_taxi", "sales.taxi")}
    assert asked(listeners) == 2


def test_views_stay_when_another_file_is_published(listeners: World, changed: Changed) -> None:
    has_views(listeners, taxi=DEFINITION)
    changed("reports/finance/revenue.sql", ON_VIEW)
    listeners.data_api.outcome = lambda _: ("FAILED", "it is paused")
    with pytest.raises(WarehouseUnavailable):
        changed("reports/finance/other.sql", ON_VIEW)
    assert tables() == dict.fromkeys(("revenue", "other"), ("public.nyc_yellow_taxi", "sales.taxi"))


def test_views_that_were_read_earlier_never_take_the_place_of_later_ones(listeners: World, changed: Changed) -> None:
    changed("reports/finance/revenue.sql", ON_VIEW)
    catalog, now = announce_reports.build().catalog, clock.now()
    for at, read in ((3, "b.late"), (2, "a.early")):
        catalog.publish_views({"sales.taxi": [read]}, now + at)
    assert tables() == {"revenue": ("b.late", "sales.taxi")}


def test_a_map_is_told_to_those_who_see_it_drawn(listeners: World, changed: Changed) -> None:
    chart = "{type: map, map: squares, area: trip_date, value: total_fare}"
    drawing = REPORT.replace("{type: line, x: trip_date, y: [total_fare]}", chart)
    changed("reports/finance/drawn.sql", drawing)
    changed("reports/finance/plain.sql")
    for content in ('{"type": "FeatureCollection"}', "another", None):
        listeners.gateway.posts.clear()
        changed("reports/maps/squares.geojson", content)
        assert notified(listeners) == {"fin=": ["drawn"], "adm=": ["drawn"]}
    listeners.gateway.posts.clear()
    changed("reports/maps/unused.geojson", "{}")
    assert notified(listeners) == {"adm=": []}
