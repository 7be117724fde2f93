"""Turns the pages that show a table which has changed: each question that somebody looks at is asked once.

`turn_pages` calls it for each event that says so, and every minute for what was not done. Whoever watches is told
`changed` first; `run_service` then runs the query, and the end is told as that of any run. The right to see it is
looked at anew. What comes while a turn is under way is one more turn some seconds later, however often it comes.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import clock, log_events
from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.access.principal import Principal
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import PushboardError
from backend_lambdas.messages import DataChanged, RunFailed
from backend_lambdas.reports import parameters
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import Report
from backend_lambdas.runs.requests import Requester, RunRequest
from backend_lambdas.runs.run_service import RunService
from backend_lambdas.sockets.notifier import DeliveryFailed
from backend_lambdas.tables.table_changes import TableChange
from backend_lambdas.tables.watches import Watch

log = logging.getLogger(__name__)

_AT_ONCE = 8
"""Questions that are asked at the same time."""


class NotTurned(RuntimeError):
    """Some pages could not be turned; the event comes again, or the next minute does it."""


class Question(Struct, frozen=True):
    """A query that somebody looks at, with everyone who does; `is_live` says whether it is asked again by itself."""

    requests: list[RunRequest]
    is_live: bool


class PageTurner(Struct, frozen=True):
    """Turns pages, over the reports, those who watch them and the life of runs."""

    service: RunService
    catalog: Catalog
    membership: GroupMembership

    def known_tables(self) -> frozenset[str]:
        """Every table that a report reads."""
        reports = self.catalog.current().values()
        return frozenset(table for report in reports if isinstance(report, Report) for table in report.tables)

    def turn_due(self, tables: Collection[str]) -> None:
        """Turns the pages of those tables whose last change they do not show yet.

        Waits where a turn has just been; leaves to others what they are about to do. Raises `NotTurned`.
        """
        plans: dict[int, list[str]] = {}
        for change in self.service.changes.of(tables).values():
            planned = self.service.changes.plan_turn(change) if change.is_due else None
            if planned is not None:
                plans.setdefault(planned, []).append(change.table)
        for planned in sorted(plans):
            clock.sleep(max(planned - clock.now(), 0) / 1000)
            self._turn_planned(plans[planned])

    def _turn_planned(self, tables: Collection[str]) -> None:
        """Turns the pages of those tables, unless somebody did meanwhile, or does. Raises `NotTurned`."""
        changes, found = self.service.changes, self.service.changes.of(tables).values()
        held = [change for change in found if change.is_due and changes.begin_turn(change)]
        if not held:
            return
        try:
            self.turn(held)
        except Exception:
            for change in held:
                changes.give_up_turn(change)
            raise
        for change in held:
            changes.note_turned(change)

    def turn(self, changes: Sequence[TableChange]) -> None:
        """Has every question asked that somebody looks at and that reads one of the tables. Raises `NotTurned`."""
        by_table = {change.table: change for change in changes}
        watches = self.service.watches.on(by_table)
        questions = self._questions(watches, by_table)
        is_told = self._is_change_told(questions, by_table)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            asked = list(pool.map(self._is_asked, [question for question in questions if question.is_live]))
        log_events.pages_turned(sorted(by_table), len(questions), len(watches))
        if not all(asked):
            raise NotTurned(f"{asked.count(False)} of {len(asked)} questions could not be asked")
        if not is_told:
            raise NotTurned("not all who watch could be told of the change")

    def _questions(self, watches: Sequence[Watch], changes: Mapping[str, TableChange]) -> list[Question]:
        """The distinct queries, by what the reports are now; who may not see his any more is told so, and forgotten."""
        principals = self._principals([watch.connection_id for watch in watches])
        found: dict[str, Question] = {}
        for watch in watches:
            principal = principals.get(watch.connection_id)
            if principal is None:
                continue  # its socket has closed, or its sign-in has ended: it asks anew once it is back
            try:
                question = self._question(Requester(watch.connection_id, principal, watch.batches), watch, changes)
            except PushboardError as error:
                self._end(watch, error)
                continue
            key = question.requests[0].spec.key
            found.setdefault(key, Question([], question.is_live)).requests.extend(question.requests)
        return list(found.values())

    def _principals(self, connection_ids: Collection[str]) -> dict[str, Principal]:
        """The user of each open socket, without the groups that were taken away meanwhile."""
        opened = self.service.connections.principals(connection_ids)
        return {connection: self.membership.as_of_now(principal) for connection, principal in opened.items()}

    def _question(self, requester: Requester, watch: Watch, changes: Mapping[str, TableChange]) -> Question:
        report = self.catalog.runnable(watch.report, requester.principal)
        asking = requester.principal
        values = parameters.bind(report.header.parameters, watch.parameters, asking.claims, groups=asking.groups)
        spec = QuerySpec.of(report, values, requester.principal)
        since = max((changes[table].since for table in report.tables if table in changes), default=0)
        request = RunRequest(requester, watch.command, spec, None, clock.now(), since)
        return Question([request], bool(report.header.live))

    def _end(self, watch: Watch, error: PushboardError) -> None:
        self.service.watches.remove(watch.connection_id, [watch.run_id])
        failure = RunFailed(watch.topic_name, watch.run_id, error.code, error.message)
        self.service.notifier.try_to_notify(watch.connection_id, failure)

    def _is_asked(self, question: Question) -> bool:
        try:
            self.service.ask_again(question.requests)
        except (PushboardError, ClientError, BotoCoreError, DeliveryFailed) as error:
            log.warning("the query %s could not be asked again: %s", question.requests[0].spec.key, error)
            return False
        return True

    def _is_change_told(self, questions: Sequence[Question], changes: Mapping[str, TableChange]) -> bool:
        """Whether everybody could be told: each socket of all its panels, at once where its client takes that."""
        news: dict[tuple[str, bool], list[DataChanged]] = {}
        for request in (request for question in questions for request in question.requests):
            socket = request.requester.connection_id, request.requester.batches
            news.setdefault(socket, []).append(_change_of(request, changes))

        def tell(socket: tuple[str, bool]) -> None:
            connection_id, takes_batches = socket
            self.service.notifier.notify(connection_id, *news[socket], together=takes_batches)

        try:
            self.service.notifier.each(news, tell)
        except DeliveryFailed as error:
            log.warning("a change was not told to all: %s", error)
            return False
        return True


def _change_of(request: RunRequest, changes: Mapping[str, TableChange]) -> DataChanged:
    tables = sorted(set(request.spec.tables) & set(changes))
    at = clock.iso(max((changes[table].at for table in tables), default=0))
    return DataChanged(request.command.topic_name, request.command.run_id, tuple(tables), at)
