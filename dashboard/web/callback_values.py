"""The values that our own scripts send to callbacks, as types; a callback reads each by `checked` before it uses it.

The form of a callback request is judged by `callback_requests`, its values here: whoever sends others gets 400.
"""

from typing import Any, Literal, NotRequired, TypedDict

import msgspec

from dashboard.errors import UnusableRequest

Wire = str | int | float | list[str | None] | None
"""The value of a filter's control, or of a parameter."""


class FinishedRun(TypedDict):
    """A run that has ended and is to be drawn in the panel of its topic; written by `assets/js/page/drawings.js`."""

    topicName: str
    runId: str
    statementId: str


class TableWanted(TypedDict):
    """The answer to a run whose rows are looked at; written by `assets/js/panel/panel.js`, which names the answer.

    `inPlace` says where the rows are of the table on the screen, if there is one.
    """

    answer: str
    inPlace: Literal["browser", "server", ""]
    statementId: str


class RowSorting(TypedDict):
    """One column by which a table is sorted; as AG Grid has it."""

    colId: str
    sort: Literal["asc", "desc"]


class FilterCondition(TypedDict, total=False):
    """One condition of a column's filter; as AG Grid has it."""

    type: str
    filter: str | None
    filterTo: str | None


class RowFilter(FilterCondition, total=False):
    """A column's filter: a condition, or several of them."""

    operator: Literal["AND", "OR"]
    conditions: list[FilterCondition]


class RowsWanted(TypedDict):
    """Some lines of a table whose rows are on the server; written by `assets/js/panel/rows.js`."""

    topicName: str
    statementId: str
    startRow: int
    endRow: int
    sort: list[RowSorting]
    filters: dict[str, RowFilter]


class OwnOpened(TypedDict):
    """The own filters of a panel, as they are when somebody opens them; written by `assets/js/panel/panel.js`."""

    values: dict[str, Wire]


class FilterSource(TypedDict):
    """A finished run of a report that fills a filter, and whether somebody has chosen the filter's value; written by
    `assets/js/page/drawings.js`.
    """

    report: str
    page: str
    statementId: str
    runId: str
    pinned: NotRequired[bool]
    values: NotRequired[dict[str, Wire]]


class ChoicesWanted(TypedDict):
    """What is typed into a long list of choices, which are the rows of a statement, and what is chosen; written by
    `assets/js/page/choices.js`.
    """

    name: str
    kind: Literal["choice", "several"]
    page: str
    statementId: str
    text: str
    chosen: str | list[str] | None


class ReportsChanged(TypedDict):
    """The reports that changed, and the query of the open page's address; written by `assets/js/callbacks.js`."""

    changed: list[str]
    query: str


class JobTold(TypedDict):
    """A message about a run of a job, as its socket told it; written by `assets/js/jobs/live.js`."""

    type: Literal["accepted", "finished", "failed", "cancelled"]
    runId: str
    job: str
    message: NotRequired[str]


def checked(value: Any, expected: Any) -> Any:
    """The value, if it is of the expected type; raises `UserError` (400)."""
    try:
        return msgspec.convert(value, expected)
    except msgspec.ValidationError as error:
        raise UnusableRequest from error
