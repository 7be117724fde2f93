"""What a run delivers: rows, for whoever reads them, or a file, for whoever is on record for it.

`submitter`, `completer` and `run_service` ask the delivery of a run wherever the two differ, and are else the same for
both.
"""

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.aws.warehouse import Warehouse
from backend_lambdas.exports.export_store import ExportStore
from backend_lambdas.runs.run_state import RUNNING, RunState
from backend_lambdas.runs.run_table import RunTable


class Delivery(Struct, frozen=True):
    """A kind of delivery. Unless it says otherwise, nobody is on record for it besides the run's subscribers."""

    may_be_quick: ClassVar[bool] = False
    """Whether it is worth while to wait for the end of a statement that was just submitted."""

    def statements(self, run: RunState) -> list[str]:
        """The SQL texts to submit, one transaction."""
        raise NotImplementedError

    def record(self, run: RunState) -> RunState:
        """Records what there is of a run whose statement has finished, and gives the run with its size."""
        raise NotImplementedError

    def is_wanted(self, attempt: str) -> bool:  # noqa: ARG002 (for those that have somebody on record)
        """Whether anybody waits for it who is no subscriber."""
        return False

    def account_for(self, run: RunState) -> None:
        """Puts on record how a run has ended; doing it twice changes nothing."""

    def discard(self, attempt: str) -> None:
        """Removes what an attempt that has failed left."""

    def withdraw(self, sub: str, run_id: str) -> None:
        """Ends it for a user who cancelled."""

    def reassign(self, attempt: str, run: RunState) -> None:
        """Lets those who wait for an attempt have the run that took its place."""

    def reassign_own(self, sub: str, run_id: str, run: RunState) -> None:
        """The same for one request of a user."""


class RowsDelivery(Delivery, frozen=True):
    """Rows stay in the warehouse; who may read them stands in the table."""

    runs: RunTable
    warehouse: Warehouse
    is_batch: bool = False
    """Whether the SELECT is submitted behind another statement, and its rows are read by the id of its part."""

    may_be_quick: ClassVar[bool] = True

    def statements(self, run: RunState) -> list[str]:
        """The report's SELECT."""
        return [run.sql]

    def record(self, run: RunState) -> RunState:
        """Who may read the rows, and take them away."""
        if not self.is_batch:
            self.runs.add_statement(run)
            return run
        part = self.warehouse.last_part(str(run.statement_id))
        known = replace(run, rows=part.rows)
        self.runs.add_statement(known, part.statement_id)
        return known


class FileDelivery(Delivery, frozen=True):
    """The warehouse writes a file to S3; who asked for it is on record, and waits with a tab or without."""

    exports: ExportStore
    warehouse: Warehouse

    def statements(self, run: RunState) -> list[str]:
        """The batch that writes the file."""
        return self.exports.unloads.statements(run)

    def is_wanted(self, attempt: str) -> bool:
        """Whether somebody on record has not been accounted for."""
        return self.exports.is_wanted(attempt)

    def record(self, run: RunState) -> RunState:
        """The files, with their rows and bytes."""
        return self.exports.written(run, self.warehouse)

    def account_for(self, run: RunState) -> None:
        """For each who asked for it."""
        self.exports.account_for(run)

    def discard(self, attempt: str) -> None:
        """The parts of a file."""
        self.exports.discard(attempt)

    def withdraw(self, sub: str, run_id: str) -> None:
        """On record as cancelled."""
        self.exports.withdraw(sub, run_id)

    def reassign(self, attempt: str, run: RunState) -> None:
        """Their records follow to the attempt that there is, and to its end."""
        if run.attempt == attempt:
            return
        self.exports.reassign(attempt, run.attempt)
        if run.status != RUNNING:
            self.account_for(run)

    def reassign_own(self, sub: str, run_id: str, run: RunState) -> None:
        """The one record of this request."""
        for item in self.exports.of_user(sub, run_id):
            self.reassign(item["attempt"], run)


class Deliveries(Struct, frozen=True):
    """Both kinds. With `query_groups` each run is of its department's query group, by which WLM chooses a queue.

    Source: Amazon Redshift, "SET" and "Assigning queries to queues".
    """

    rows: RowsDelivery
    files: FileDelivery
    query_groups: bool = False

    def statements(self, run: RunState) -> list[str]:
        """The SQL texts to submit, one transaction. Each says in a comment whose it is."""
        group = [f"SET LOCAL query_group TO '{run.department}'"] if self.query_groups else []
        return [run.comment + sql for sql in [*group, *self.of(run).statements(run)]]

    @property
    def exports(self) -> ExportStore:
        """The records of files, and of who asked for them."""
        return self.files.exports

    def of(self, run: RunState) -> Delivery:
        """That of a run."""
        return self.files if run.export else self.rows
