"""How many runs a user, or a department, may have under way at a time. Used by `submitter` and `run_service`.

Who holds slots is one item with the set of its attempts: taking and giving back are one conditional write each, and
doing either twice changes nothing. An attempt whose end was never noted is found out by whoever is refused.
"""

from collections.abc import Collection, Sequence
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.errors import TooBusy
from backend_lambdas.runs.connections import RUN_SECONDS
from backend_lambdas.runs.run_table import RunState, RunTable

_FREE = "attribute_not_exists(attempts) OR size(attempts) < :most OR contains(attempts, :attempt)"

_TIDY_SECONDS = 5
"""How long a warm function trusts that those who hold slots need them."""

_AT_ONCE = 100
"""How many attempts BatchGetItem takes."""

_USER_BUSY = "You have as many reports running as you may. Try again when one of them has ended."
_DEPARTMENT_BUSY = "This department has as many reports running as it may. Try again in a moment."


class Limits(Struct, frozen=True):
    """The most runs under way, of one user and of one department."""

    per_user: int
    per_department: int


class ConcurrencyLimits:
    """The slots in the table."""

    def __init__(self, dynamodb: Any, table_name: str, runs: RunTable, limits: Limits) -> None:
        self._db = dynamodb
        self._table = table_name
        self._runs = runs
        self._limits = limits
        self._tidied: dict[str, int] = {}

    def take(self, run: RunState) -> None:
        """Counts a run for its user and its department; raises `TooBusy` when either has too many under way."""
        if not self._take(_user(run), run.attempt, self._limits.per_user):
            raise TooBusy(_USER_BUSY)
        if not self._take(_department(run), run.attempt, self._limits.per_department):
            self._remove(_user(run), {run.attempt})
            raise TooBusy(_DEPARTMENT_BUSY)

    def give_back(self, run: RunState) -> None:
        """Counts a run no more."""
        for holder in (_user(run), _department(run)):
            self._remove(holder, {run.attempt})

    def _take(self, holder: str, attempt: str, most: int) -> bool:
        held = self._added(holder, attempt, most)
        if held is None:
            return True
        if self._tidied.get(holder, 0) + _TIDY_SECONDS * 1000 > clock.now():
            return False
        self._tidied[holder] = clock.now()
        over = held - self._running(sorted(held))
        if not over:
            return False
        self._remove(holder, over)
        return self._added(holder, attempt, most) is None

    def _running(self, attempts: Sequence[str]) -> set[str]:
        parts = [attempts[start : start + _AT_ONCE] for start in range(0, len(attempts), _AT_ONCE)]
        return set().union(*map(self._runs.running, parts))

    def _added(self, holder: str, attempt: str, most: int) -> set[str] | None:
        """None when the attempt is among the holder's, else the attempts that stand in its way."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_key(holder),
                UpdateExpression="ADD attempts :own SET expiresAt = :expiry",
                ConditionExpression=_FREE,
                ExpressionAttributeValues={
                    ":own": {attempt},
                    ":attempt": attempt,
                    ":most": most,
                    ":expiry": clock.seconds() + RUN_SECONDS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            return set(error.response["Item"]["attempts"]["SS"])
        return None

    def _remove(self, holder: str, attempts: Collection[str]) -> None:
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_key(holder),
                UpdateExpression="DELETE attempts :gone",
                ConditionExpression="attribute_exists(attempts)",
                ExpressionAttributeValues={":gone": set(attempts)},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return  # it holds none


def _user(run: RunState) -> str:
    return f"user#{run.sub}"


def _department(run: RunState) -> str:
    return f"department#{run.department}"


def _key(holder: str) -> dict[str, str]:
    return {"pk": f"slots#{holder}", "sk": "slots"}
