"""When each table changed last, and which of its changes open pages have been turned for.

    pk              sk       one for each
    table#<name>    table    table that has changed: when and by whom, since when that is known here, and its last turn

Written by `turn_pages` and read with each look at a run (`requests`): a statement that was asked for before a change
was known is no answer any more. Two times are kept apart. `at` is when the table changed, by whoever says so: it tells
a change from one that is told again or late. `since` is when it was heard of here, by the clock by which runs begin.

A turn is held while it is under way, so that the schedule, or an event that comes twice, does not begin another one for
the same change. Pages would be told the rows that they have, which looks like an old answer that comes late: they would
wait for newer ones.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.aws.tables import read_all

TURN_SECONDS = 5
"""How long after one turn of a table's pages the next one begins at the earliest: a storm of changes is one."""

CUT_OFF_SECONDS = 120
"""How long a turn is held that was neither ended nor given up: the time limit of the function that makes it."""

_TURNS = ("turned", "turnAt", "turning", "heldUntil")
"""What an item may hold of turns, in the order of `TableChange`."""


class TableChange(Struct, frozen=True):
    """The last change of a table; times are epoch milliseconds, 0 where there was none.

    `turned` is the `since` of the change for which its pages were turned last, `turn_at` when that turn began, or a
    later one will. `turning` is the `since` of the change for which somebody turns them, until `held_until`.
    """

    table: str
    at: int
    since: int
    by: str
    turned: int = 0
    turn_at: int = 0
    turning: int = 0
    held_until: int = 0

    @property
    def is_turned(self) -> bool:
        """Whether open pages show it, as far as they were asked to."""
        return self.turned >= self.since

    @property
    def is_held(self) -> bool:
        """Whether somebody is turning the pages for it."""
        return self.turning == self.since and self.held_until > clock.now()

    @property
    def is_due(self) -> bool:
        """Whether the pages are to be turned for it."""
        return not self.is_turned and not self.is_held


class TableChanges:
    """The items in the table of connections and runs."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def note(self, table: str, at: int, by: str) -> bool:
        """Notes that a table changed at that time; False when this change or a later one is on record already."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key=key_of(table),
                UpdateExpression="SET #at = :at, #since = :since, #by = :by, #table = :table",
                ConditionExpression="attribute_not_exists(pk) OR #at < :at",
                ExpressionAttributeNames={"#at": "at", "#since": "since", "#by": "by", "#table": "table"},
                ExpressionAttributeValues={":at": at, ":since": clock.now(), ":by": by, ":table": table},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def of(self, tables: Iterable[str]) -> dict[str, TableChange]:
        """The last change of each of the tables that has changed since they are watched over."""
        items = read_all(self._db, self._table, [key_of(table) for table in sorted(set(tables))])
        return {item["table"]: change_of(item) for item in items}

    def plan_turn(self, change: TableChange) -> int | None:
        """When a turn for this change may begin, which the caller is to do then; None when another one will.

        The first comes at once; of those that come within `TURN_SECONDS` after it, the first waits for the rest.
        """
        now, due = clock.now(), change.turn_at + TURN_SECONDS * 1000
        if change.turn_at > now:
            return None
        planned = max(now, due)
        condition = "#turnAt = :before" if change.turn_at else "attribute_not_exists(#turnAt)"
        values = {":planned": planned} | ({":before": change.turn_at} if change.turn_at else {})
        return planned if self._update(change.table, "#turnAt = :planned", condition, values) else None

    def begin_turn(self, change: TableChange) -> bool:
        """Holds the turn for this change; False when somebody else does."""
        now = clock.now()
        return self._update(
            change.table,
            "#turning = :since, #heldUntil = :until",
            "attribute_not_exists(#turning) OR #turning <> :since OR #heldUntil <= :now",
            {":since": change.since, ":until": now + CUT_OFF_SECONDS * 1000, ":now": now},
        )

    def give_up_turn(self, change: TableChange) -> None:
        """Lets go of a turn that came to nothing: another one for this change may begin at once."""
        held = {":since": change.since, ":none": 0}
        self._update(change.table, "#heldUntil = :none", "#turning = :since", held)

    def note_turned(self, change: TableChange) -> None:
        """Notes that the pages were turned for this change; a later one stays to be turned for."""
        condition = "attribute_not_exists(#turned) OR #turned < :since"
        self._update(change.table, "#turned = :since", condition, {":since": change.since})

    def _update(self, table: str, change: str, condition: str, values: Mapping[str, Any]) -> bool:
        names = set(re.findall(r"#(\w+)", f"{change} {condition}"))
        try:
            self._db.update_item(
                TableName=self._table,
                Key=key_of(table),
                UpdateExpression=f"SET {change}",
                ConditionExpression=condition,
                ExpressionAttributeNames={f"#{name}": name for name in names},
                ExpressionAttributeValues=dict(values),
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True


def key_of(table: str) -> dict[str, str]:
    """Where a table's last change stands."""
    return {"pk": f"table#{table}", "sk": "table"}


def change_of(item: Mapping[str, Any]) -> TableChange:
    """The change in an item."""
    turns = (int(item.get(name, 0)) for name in _TURNS)
    return TableChange(item["table"], int(item["at"]), int(item["since"]), item["by"], *turns)
