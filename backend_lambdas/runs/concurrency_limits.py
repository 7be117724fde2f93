"""How many runs a department and each of its users may have under way. Used by `submitter` and `run_service`.

One item a department holds its attempts, and once more those of each user: taking and giving back are one conditional
write, and doing either twice changes nothing. Whoever is refused finds the attempts whose end was never noted.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.errors import TooBusy
from backend_lambdas.runs.run_state import RunState
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.sockets.connections import RUN_SECONDS

_FREE = (
    "(attribute_not_exists(attempts) OR size(attempts) < :most OR contains(attempts, :attempt))"
    " AND (attribute_not_exists(#user) OR size(#user) < :mostOfUser OR contains(#user, :attempt))"
)

_TIDY_SECONDS = 5
"""How long a warm function trusts that those who hold slots need them."""

_AT_ONCE = 100
"""How many attempts BatchGetItem takes."""

Held = Mapping[str, set[str]]
"""Attempts under way by attribute: all of a department, and those of each user."""

_ALL = "attempts"
_USER_BUSY = "You have as many reports running as you may. Try again when one of them has ended."
_DEPARTMENT_BUSY = "This department has as many reports running as it may. Try again in a moment."


class Limits(Struct, frozen=True):
    """The most runs under way: of one user in a department, and of the department."""

    per_user: int
    per_department: int


class ConcurrencyLimits:
    """The slots in the table."""

    def __init__(self, dynamodb: Any, table_name: str, runs: RunTable, limits: Limits) -> None:
        self._db = dynamodb
        self._table = table_name
        self._runs = runs
        self._limits = limits
        self._tidied: dict[tuple[str, str], int] = {}

    def take(self, run: RunState) -> None:
        """Counts a run for its department and its user there; raises `TooBusy` when either has too many under way."""
        held = self._added(run)
        if held is not None and self._has_made_room(run, held):
            held = self._added(run)
        if held is not None:
            raise TooBusy(_USER_BUSY if self._is_full(run, held) else _DEPARTMENT_BUSY)

    def give_back(self, run: RunState) -> None:
        """Counts a run no more."""
        self._remove(run.department, {name: {run.attempt} for name in (_ALL, _user(run))})

    def _is_full(self, run: RunState, held: Held) -> bool:
        """Whether it is the user who has as many as he may, and not the department."""
        return len(held.get(_user(run), ())) >= self._limits.per_user

    def _has_made_room(self, run: RunState, held: Held) -> bool:
        """Whether attempts that have ended were still counted, and are no more."""
        refused = (run.department, run.sub if self._is_full(run, held) else "")
        if self._tidied.get(refused, 0) + _TIDY_SECONDS * 1000 > clock.now():
            return False
        self._tidied[refused] = clock.now()
        over = held[_ALL] - self._running(sorted(held[_ALL]))
        self._remove(run.department, {name: gone for name, attempts in held.items() if (gone := attempts & over)})
        return bool(over)

    def _running(self, attempts: Sequence[str]) -> set[str]:
        parts = [attempts[start : start + _AT_ONCE] for start in range(0, len(attempts), _AT_ONCE)]
        return set().union(*map(self._runs.running, parts))

    def _added(self, run: RunState) -> Held | None:
        """None when the attempt is among the department's, else the attempts that stand in its way."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_key(run.department),
                UpdateExpression="ADD attempts :own, #user :own SET expiresAt = :expiry",
                ConditionExpression=_FREE,
                ExpressionAttributeNames={"#user": _user(run)},
                ExpressionAttributeValues={
                    ":own": {run.attempt},
                    ":attempt": run.attempt,
                    ":most": self._limits.per_department,
                    ":mostOfUser": self._limits.per_user,
                    ":expiry": clock.seconds() + RUN_SECONDS,
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._db.exceptions.ConditionalCheckFailedException as error:
            return {name: set(value["SS"]) for name, value in error.response["Item"].items() if "SS" in value}
        return None

    def _remove(self, department: str, gone: Held) -> None:
        if not gone:
            return
        names = {f"#{position}": name for position, name in enumerate(gone)}
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_key(department),
                UpdateExpression="DELETE " + ", ".join(f"{name} :{name[1:]}" for name in names),
                ConditionExpression="attribute_exists(attempts)",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues={f":{name[1:]}": gone[attribute] for name, attribute in names.items()},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return  # it holds none


def _user(run: RunState) -> str:
    """The attribute with a user's attempts."""
    return f"user#{run.sub}"


def _key(department: str) -> dict[str, str]:
    return {"pk": f"slots#{department}", "sk": "slots"}
