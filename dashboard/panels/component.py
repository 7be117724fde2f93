"""The Dash components of our own: `Panel` (`assets/js/panel/panel.js`), `Page` (`page/page_component.js`), `Moment`.

They are ordinary Dash components without a build step: the browser finds them as `window.pushboard.Panel` and so on.
`Moment` and `Elapsed` (`jobs/moment.js`) are times, which only the browser can write, and `Steady` (`jobs/steady.js`)
keeps the elements that it shows. Source of the form: Dash's generated Python classes of a React component.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from dash.development.base_component import Component

NAMESPACE = "pushboard"
"""Each class names it: Dash looks for it in the class itself."""


class _OwnComponent(Component):
    """The namespace under which the browser finds both. As in Dash's classes, props that are None are left out."""

    title: str
    spec: Mapping[str, Any]
    _namespace = NAMESPACE
    _type = ""
    _prop_names: list[str] = ["id"]  # noqa: RUF012 (as Dash declares it)
    _valid_wildcard_attributes: list[str] = []  # noqa: RUF012 (as Dash declares it)
    available_wildcard_properties: list[str] = []  # noqa: RUF012 (as Dash declares it)

    def __init__(self, **props: Any) -> None:
        super().__init__(**{name: value for name, value in props.items() if value is not None})

    @property
    def available_properties(self) -> list[str]:
        """The names of all props."""
        return self._prop_names


class Panel(_OwnComponent):
    """A panel: head, body (chart, table or words), foot line, menus.

    Props that the server writes: `spec` (see `panel.panel_spec`), `result` (see `draw.draw`; the browser takes it
    from the callback's answer, past Dash's store), `table` (a component) with `tableAnswer`, `ownControls`
    (components). Props that the browser writes: `tableWanted` (`{answer, statementId, inPlace}`) when the rows are
    looked at, and `ownOpened` (`{values}`) when the panel's own filters are.
    """

    _namespace = NAMESPACE
    _type = "Panel"
    _prop_names: list[str] = [  # noqa: RUF012 (as Dash declares it)
        "id",
        "spec",
        "result",
        "table",
        "tableAnswer",
        "tableWanted",
        "ownControls",
        "ownOpened",
    ]
    _children_props: list[str] = ["table", "ownControls"]  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = ["table", "ownControls", "children"]  # noqa: RUF012 (as Dash declares it)


class Page(_OwnComponent):
    """What stands at an address: its `title` for the browser's tab, and its `children`.

    `layoutId` tells the browser that the page was laid out anew. On a department's page `pageId` and `filters`
    (see `page_plan.PagePlan.id`, `department.Filter.spec`) are set, too, and `tab`, the open one, and `firstTab` where
    it has tabs; `apply` makes new values of filters wait for their button; `defaults` are those of filters whose source
    has answered; and the browser calls the callback of `finished` with the runs that have ended and are to be drawn,
    that of `rowsWanted` for lines of a table, which come as `rows`, and that of `choicesWanted` for what is typed into
    a long list of choices. `first_runs` is no prop: the document sends these messages itself (see `first_runs`).
    """

    _namespace = NAMESPACE
    _type = "Page"
    _prop_names: list[str] = [  # noqa: RUF012 (as Dash declares it)
        "id",
        "title",
        "pageId",
        "tab",
        "firstTab",
        "apply",
        "layoutId",
        "filters",
        "defaults",
        "finished",
        "firstRows",
        "rowsWanted",
        "rows",
        "choicesWanted",
        "children",
    ]
    _children_props: list[str] = []  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = ["children"]  # noqa: RUF012 (as Dash declares it)

    def __init__(self, children: Any = None, first_runs: Sequence[Mapping[str, Any]] = (), **props: Any) -> None:
        super().__init__(children=children, layoutId=uuid.uuid4().hex, **props)
        self.first_runs = first_runs


class OpenView(_OwnComponent):
    """The name of the saved view that is open, beside a page's title, and the way to save what was changed since.

    `view` is as `GET /views` lists it. The browser keeps the open view from then on (`assets/js/views/open_view.js`),
    until `layoutId` tells it that the page was laid out anew.
    """

    _namespace = NAMESPACE
    _type = "OpenView"
    _prop_names: list[str] = ["id", "view", "layoutId"]  # noqa: RUF012 (as Dash declares it)
    _children_props: list[str] = []  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = []  # noqa: RUF012 (as Dash declares it)

    def __init__(self, view: Mapping[str, Any] | None) -> None:
        super().__init__(view=view, layoutId=uuid.uuid4().hex)


class Moment(_OwnComponent):
    """A moment, `at` in ISO 8601, as the viewer's own clock shows it."""

    _namespace = NAMESPACE
    _type = "Moment"
    _prop_names: list[str] = ["id", "at"]  # noqa: RUF012 (as Dash declares it)
    _children_props: list[str] = []  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = []  # noqa: RUF012 (as Dash declares it)


class Elapsed(_OwnComponent):
    """Seconds that go on from `ms`, which had passed when this was laid out."""

    _namespace = NAMESPACE
    _type = "Elapsed"
    _prop_names: list[str] = ["id", "ms"]  # noqa: RUF012 (as Dash declares it)
    _children_props: list[str] = []  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = []  # noqa: RUF012 (as Dash declares it)


class Steady(_OwnComponent):
    """Elements that stay when a callback sets them anew: focus, what is unfolded, what moves.

    Dash makes new elements of a callback's `children`. `content` is `{"children": ...}`: components of `dash.html`, and
    `Moment` and `Elapsed`; those that move in a list have an `id`.
    """

    _namespace = NAMESPACE
    _type = "Steady"
    _prop_names: list[str] = ["id", "content"]  # noqa: RUF012 (as Dash declares it)
    _children_props: list[str] = []  # noqa: RUF012 (as Dash declares it)
    _base_nodes: list[str] = []  # noqa: RUF012 (as Dash declares it)
