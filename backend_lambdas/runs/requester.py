"""Who asks for a run, and what for. Made by `on_connect`, answered by `run_service`."""

from msgspec import Struct

from backend_lambdas.access.principal import Principal
from backend_lambdas.messages import Export, Run
from backend_lambdas.runs.connections import Subscriber
from backend_lambdas.runs.query_spec import QuerySpec
from backend_lambdas.runs.requests import RequestedRun
from backend_lambdas.runs.run_table import RunState


class Requester(Struct, frozen=True):
    """Who asks, and on which socket."""

    connection_id: str
    principal: Principal

    def subscriber_of(self, run: RunState, run_id: str, topic_name: str, asked_at: int) -> Subscriber:
        """The subscriber that this requester becomes; `asked_at` is epoch milliseconds."""
        sub = self.principal.sub
        return Subscriber(run.attempt, self.connection_id, run_id, topic_name, asked_at, sub, run.statement_id)


class RunRequest(Struct, frozen=True):
    """A command for a run of a query; `earlier` is what was on record of its run id before, if anything.

    `asked_at` is epoch milliseconds.
    """

    requester: Requester
    command: Run | Export
    spec: QuerySpec
    earlier: RequestedRun | None
    asked_at: int

    @property
    def sub(self) -> str:
        """The user's subject."""
        return self.requester.principal.sub

    @property
    def refresh(self) -> bool:
        """Whether rows that are there already are no answer."""
        return isinstance(self.command, Run) and self.command.refresh

    def subscriber_of(self, run: RunState) -> Subscriber:
        """The subscriber that its requester becomes."""
        return self.requester.subscriber_of(run, self.command.run_id, self.command.topic_name, self.asked_at)
