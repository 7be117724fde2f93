"""The reports as they are now, read again only when they change.

Used by `get_reports`, by `on_connect` for each run, and by `announce_reports`, which also writes the catalogue that
the others read; see `report_bucket`.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.departments import department_file, page_file
from backend_lambdas.departments.department_file import Department, is_department_file
from backend_lambdas.departments.page_file import BrokenPage, Page, is_page_file
from backend_lambdas.errors import UnknownMap, UnknownReport, WarehouseUnavailable
from backend_lambdas.maps import map_file
from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_bucket import Catalogue, Contents, ReportBucket, Unchanged
from backend_lambdas.reports.report_file import BrokenReport, Report
from backend_lambdas.reports.report_index import by_id
from backend_lambdas.tables.warehouse_views import Views, with_what_is_behind

log = logging.getLogger(__name__)

FRESH_SECONDS = 0.25
"""How long what was read is trusted: a warm function notices a changed catalogue within this time."""

VIEWS_FRESH_SECONDS = 60
"""How old the warehouse's views may be for a file that is published once more as it was."""

_BUSY_SECONDS = 2
"""How much older it may be while another thread reads anew, so that a crowd does not queue for it."""

_ROUNDS = 8
"""How often somebody else may write the catalogue first; then the event comes again."""

Reports = Mapping[str, Report | BrokenReport]


class _File(Struct, frozen=True):
    """A file that has been read; a report, with the department's own file that was there then."""

    tag: str
    content: bytes
    loaded: Report | BrokenReport | Department | Page | BrokenPage
    department: Department | None = None


class Catalog:
    """The report files under an S3 path, with departments and pages; safe to share between threads."""

    def __init__(self, s3: Any, location: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._bucket = ReportBucket(s3, location)
        self._clock = clock
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._tag = ""
        self._files: dict[str, _File] = {}
        self._by_id: dict[str, Report | BrokenReport] = {}
        self._contents = Contents({})
        self.path_of = self._bucket.path_of

    @property
    def tag(self) -> str:
        """The entity tag of the catalogue that was read last; empty before the first."""
        return self._tag

    def all(self) -> Reports:
        """Every report by its id, broken ones included; raises `WarehouseUnavailable` when S3 does not answer."""
        return self._known(FRESH_SECONDS)

    def is_older_than(self, tag: str | None) -> bool:
        """Whether the catalogue that was read last is not the one that counts, by its entity tag.

        Where that is not on record, None, what was read a moment ago counts.
        """
        return self._clock() - self._read_at >= FRESH_SECONDS if tag is None else tag != self._tag

    def departments(self) -> Mapping[str, Department]:
        """The departments that have a file of their own by name, by the catalogue that was read last."""
        return {file.loaded.id: file.loaded for file in self._files.values() if isinstance(file.loaded, Department)}

    def pages(self) -> list[Page | BrokenPage]:
        """Every page, broken ones included, by the catalogue that was read last."""
        return [file.loaded for file in self._files.values() if isinstance(file.loaded, Page | BrokenPage)]

    def map_version(self, name: str) -> str:
        """The version of a map by the catalogue that was read last; empty where that has no map of this name."""
        return self._contents.tag_of(map_file.path_of(name)) or ""

    def map_content(self, name: str) -> bytes:
        """The file of a map as it is now, at most a byte more than one may have.

        Raises `UnknownMap` when there is none, `WarehouseUnavailable` when S3 does not answer.
        """
        try:
            content = self._bucket.read(map_file.path_of(name), map_file.MAX_BYTES + 1)
        except (ClientError, BotoCoreError) as error:
            raise _unavailable(error) from error
        if content is None:
            raise UnknownMap
        return content

    def current(self) -> Reports:
        """The same as the catalogue has it now: for whoever was told of a change and must not miss it."""
        return self._known(0)

    def runnable(self, report_id: str, principal: Principal) -> Report:
        """The report, if this user may run it; else raises `UnknownReport`, whether there is one of this name or not.

        It is of the catalogue that was read last: the caller asks whether that `is_older_than` the one that counts. A
        report that is not found is looked for among the files: its event may still be on its way.
        """
        known = self._by_id if self._tag else self.all()
        report = _visible(known, report_id, principal) or _visible(self._listed(), report_id, principal)
        if report is None:
            raise UnknownReport
        if isinstance(report, BrokenReport):
            raise UnknownReport("This report has a mistake in its file and cannot run until its author has mended it.")
        return report

    def publish(self, path: str = "", tag: str | None = None) -> None:
        """Makes the catalogue equal to the files, unless it has that file with that entity tag (None: has it not).

        Raises `WarehouseUnavailable` when S3 does not answer, or others write all the time. Who reads the catalogue
        before it lists the files, and writes on that condition, never puts an older list in the place of a newer one.
        """

        def listed(before: Catalogue | None) -> Contents | None:
            known = before.contents if before else Contents({})
            if before and path and known.tag_of(path) == tag:
                return None
            moment = clock.now()
            found = self._list()
            listed = replace(known, files=found.files, files_at=moment, maps=found.maps)
            return None if before and (listed.files, listed.maps) == (known.files, known.maps) else listed

        self._write(listed)

    def with_what_is_behind(self, name: str) -> tuple[str, ...]:
        """A table or view and all that is behind it, by the catalogue that was read last."""
        return with_what_is_behind([name], self._contents.views)

    def needs_views(self, moment: int) -> bool:
        """Whether the catalogue that was read last has older views than files, or some from long before a moment."""
        views_at = self._contents.views_at
        return views_at <= self._contents.files_at or views_at + VIEWS_FRESH_SECONDS * 1000 < moment

    def publish_views(self, views: Views, at: int) -> None:
        """Puts the warehouse's views, read at that time, into the catalogue, unless that has later ones.

        Raises what `publish` does. Nothing is written before the first catalogue is.
        """
        found = {name: tuple(read) for name, read in views.items()}

        def later(before: Catalogue | None) -> Contents | None:
            if before is None or before.contents.views_at >= at:
                return None
            return replace(before.contents, views=found, views_at=at)

        self._write(later)

    def _write(self, change: Callable[[Catalogue | None], Contents | None]) -> None:
        """Writes what becomes of the catalogue, if anything does; anew when somebody else wrote meanwhile."""
        for _ in range(_ROUNDS):
            try:
                before = self._bucket.catalogue()
                contents = change(before)
                if contents is None or self._bucket.write_catalogue(contents, before):
                    return
            except (ClientError, BotoCoreError) as error:
                raise _unavailable(error) from error
        raise WarehouseUnavailable

    def _known(self, max_age: float) -> Reports:
        if max_age and self._lock.locked() and self._clock() - self._read_at < max_age + _BUSY_SECONDS:
            return self._by_id  # somebody is just looking
        with self._lock:
            if self._clock() - self._read_at >= max_age:
                self._renewed(self._read_catalogue)
            return self._by_id

    def _listed(self) -> Reports:
        with self._lock:
            self._renewed(self._read_files)
            return self._by_id

    def _list(self) -> Contents:
        """The files as they are now: what this very look found, whatever another thread takes from the catalogue."""
        with self._lock:
            self._renewed(self._read_files)
            return self._contents

    def _renewed(self, read: Callable[[], None]) -> None:
        try:
            read()
        except (ClientError, BotoCoreError) as error:
            raise _unavailable(error) from error
        self._read_at = self._clock()

    def _read_catalogue(self) -> None:
        """Takes what is new from the catalogue; where there is none yet, the files are listed."""
        try:
            catalogue = self._bucket.catalogue(self._tag)
        except Unchanged:
            return
        if catalogue is None:
            self._read_files()
            return
        self._take(catalogue.contents)
        self._tag = catalogue.tag

    def _read_files(self) -> None:
        listed = self._bucket.listing()
        maps = {path: tag for path, tag in listed.items() if map_file.is_map_file(path)}
        found = {path: (tag, self._content(path, tag)) for path, tag in listed.items() if path not in maps}
        files = {path: (tag, content) for path, (tag, content) in found.items() if content is not None}
        self._take(replace(self._contents, files=files, maps=maps))

    def _content(self, path: str, tag: str) -> bytes | None:
        """A listed file's bytes, read if they are new; None if it has been deleted since."""
        known = self._files.get(path)
        return known.content if known and known.tag == tag else self._bucket.read(path)

    def _take(self, contents: Contents) -> None:
        """Loads what is new: departments first, since their reports take from them."""
        self._contents, files = contents, contents.files
        departments = {path: self._file(path, *file) for path, file in files.items() if is_department_file(path)}
        shared = {file.loaded.id: file.loaded for file in departments.values() if isinstance(file.loaded, Department)}
        rest = {
            path: self._file(path, *file, shared.get(path.partition("/")[0]))
            for path, file in sorted(files.items())
            if path not in departments
        }
        self._files = {**departments, **rest}
        reports = {path: file.loaded for path, file in rest.items()}
        self._by_id = by_id(
            {path: self._with_tables(one) for path, one in reports.items() if isinstance(one, Report | BrokenReport)}
        )

    def _with_tables(self, report: Report | BrokenReport) -> Report | BrokenReport:
        """The report with the tables behind the views that it reads."""
        if isinstance(report, BrokenReport):
            return report
        tables = with_what_is_behind(report.tables, self._contents.views)
        return report if tables == report.tables else replace(report, tables=tables)

    def _file(self, path: str, tag: str, content: bytes, department: Department | None = None) -> _File:
        known = self._files.get(path)
        if known and known.tag == tag and known.department is department:
            return known
        return _File(tag, content, _loaded(path, content, department), department)


def _loaded(
    path: str, content: bytes, department: Department | None
) -> Report | BrokenReport | Department | Page | BrokenPage:
    if is_department_file(path):
        return department_file.load(path, content)
    if is_page_file(path):
        return page_file.load(path, content)
    return report_file.load_bytes(path, content, department)


def _unavailable(error: Exception) -> WarehouseUnavailable:
    log.error("the reports could not be read: %s", error)
    return WarehouseUnavailable()


def _visible(found: Reports, report_id: str, principal: Principal) -> Report | BrokenReport | None:
    report = found.get(report_id)
    return report if report is not None and principal.may_see(report.groups) else None
