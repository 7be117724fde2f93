"""Every Dash callback: which parts are wired to which function. No logic here.

On the server: pages, drawing and tables. In the browser (`assets/`): asking, showing states, the page's link, the
connection.
"""

from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, no_update
from dash.dependencies import ClientsideFunction

from dashboard import ids
from dashboard.auth.routes import id_token
from dashboard.gateway.client import Gateway
from dashboard.pages import page_callbacks as page_updates
from dashboard.panels.table import table


def register(app: Dash, gateway: Gateway, note: str) -> None:
    """Adds all callbacks to the app; `note` is what every page says about its data."""
    _register_server(app, gateway, note)
    _register_panels(app)
    _register_page(app)
    _register_shell(app)


def _register_server(app: Dash, gateway: Gateway, note: str) -> None:
    @app.callback(Output(ids.CONTENT, "children"), Input(ids.URL, "pathname"), Input(ids.URL, "search"))
    def show_page(path: str | None, search: str | None) -> Any:
        return page_updates.page(gateway, path, search, note)

    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Output(ids.panel(ids.SLOT, ALL), "children"),
        Input(ids.REPORTS_CHANGED, "data"),
        State(ids.URL, "pathname"),
        State(ids.SHOWN, "data"),
        State(ids.panel(ids.SLOT, ALL), "id"),
        prevent_initial_call=True,
    )
    def show_changes(
        changes: dict[str, Any], path: str, shown: dict[str, Any] | None, slots: list[dict[str, str]]
    ) -> Any:
        return page_updates.changed(gateway, changes, path, shown, slots, note)

    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Input(ids.EXPORTS_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def show_exports(changed: int | None) -> Any:
        return page_updates.page(gateway, "/exports", "", note) if changed else no_update

    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Input(ids.REFRESH, "n_clicks"),
        prevent_initial_call=True,
    )
    def look_again(clicks: int | None) -> Any:
        return page_updates.page(gateway, "/operations", "", note) if clicks else no_update

    @app.callback(
        Output(ids.filter_part(ids.FILTER_SLOT, MATCH, MATCH), "children"),
        Output(ids.filter_part(ids.FILTER_SPEC, MATCH, MATCH), "data"),
        Input(ids.filter_part(ids.FILTER_SOURCE, MATCH, MATCH), "data"),
        State(ids.filter_part(ids.FILTER_SPEC, MATCH, MATCH), "data"),
        prevent_initial_call=True,
    )
    def fill_filter(finished: dict[str, Any] | None, parameter: dict[str, Any]) -> Any:
        return page_updates.filter_filled(gateway, finished, parameter)

    @app.callback(
        Output(ids.panel(ids.RESULT, MATCH), "data"),
        Output(ids.panel(ids.HEADLINE, MATCH), "children"),
        Input(ids.panel(ids.FINISHED, MATCH), "data"),
        State(ids.panel(ids.SPEC, MATCH), "data"),
        prevent_initial_call=True,
    )
    def draw(finished: dict[str, Any] | None, spec: dict[str, Any]) -> Any:
        return page_updates.drawn(gateway, finished, spec) if finished else (no_update, no_update)

    @app.callback(
        Output(ids.panel(ids.TABLE, MATCH), "children"),
        Input(ids.panel(ids.TABLE_WANTED, MATCH), "data"),
        State(ids.panel(ids.SPEC, MATCH), "data"),
        prevent_initial_call=True,
    )
    def show_table(wanted: dict[str, Any], spec: dict[str, Any]) -> Any:
        return table(gateway, id_token(), wanted["statementId"], spec)


def _register_panels(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pushboard", "ask"),
        Output(ids.panel(ids.REQUEST, MATCH), "data"),
        Input(ids.filter_control(ALL, ALL), "value"),
        Input(ids.own_control(MATCH, ALL, ALL), "value"),
        Input(ids.panel(ids.RUN_AGAIN, MATCH), "n_clicks"),
        Input(ids.panel(ids.RETRY, MATCH), "n_clicks"),
        Input(ids.RUN_ALL, "n_clicks"),
        State(ids.filter_control(ALL, ALL), "id"),
        State(ids.own_control(MATCH, ALL, ALL), "id"),
        State(ids.panel(ids.SPEC, MATCH), "data"),
        State(ids.panel(ids.SPEC, MATCH), "id"),
        State(ids.panel(ids.REQUEST, MATCH), "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "show"),
        Output(ids.panel(ids.PANEL, MATCH), "data-state"),
        Output(ids.panel(ids.PANEL, MATCH), "data-drawn"),
        Output(ids.panel(ids.PANEL, MATCH), "data-way"),
        Output(ids.panel(ids.STATE, MATCH), "children"),
        Output(ids.panel(ids.DETAIL, MATCH), "children"),
        Output(ids.panel(ids.TROUBLE, MATCH), "children"),
        Input(ids.panel(ids.EVENT, MATCH), "data"),
        Input(ids.panel(ids.RESULT, MATCH), "data"),
        State(ids.panel(ids.SPEC, MATCH), "data"),
        State(ids.panel(ids.SPEC, MATCH), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "dress"),
        Output(ids.panel(ids.GRAPH, MATCH), "figure"),
        Input(ids.panel(ids.RESULT, MATCH), "data"),
        Input(ids.SCHEME, "data"),
        State(ids.TEMPLATES, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "wantTable"),
        Output(ids.panel(ids.TABLE_WANTED, MATCH), "data"),
        Input(ids.panel(ids.VIEW, MATCH), "value"),
        Input(ids.panel(ids.RESULT, MATCH), "data"),
        Input(ids.SCHEME, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "same"),
        Output(ids.panel(ids.PANEL, MATCH), "data-view"),
        Input(ids.panel(ids.VIEW, MATCH), "value"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "ownMark"),
        Output(ids.panel(ids.OWN_MARK, MATCH), "children"),
        Input(ids.own_control(MATCH, ALL, ALL), "value"),
    )


def _register_page(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pushboard", "source"),
        Output(ids.filter_part(ids.FILTER_SOURCE, MATCH, MATCH), "data"),
        Input(ids.filter_part(ids.FILTER_SPEC, MATCH, MATCH), "data"),
        State(ids.filter_part(ids.FILTER_SPEC, MATCH, MATCH), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "remember"),
        Output(ids.LINK, "data"),
        Input(ids.filter_control(ALL, ALL), "value"),
        Input(ids.own_control(ALL, ALL, ALL), "value"),
        State(ids.filter_control(ALL, ALL), "id"),
        State(ids.own_control(ALL, ALL, ALL), "id"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "copyLink"),
        Output(ids.COPY_LINK, "children"),
        Input(ids.COPY_LINK, "n_clicks"),
        State(ids.LINK, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "reset"),
        Output(ids.RESET, "n_clicks"),
        Input(ids.RESET, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "recent"), Output(ids.RECENT, "children"), Input(ids.RECENT, "id")
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "search"), Output(ids.SEARCH_FOUND, "children"), Input(ids.SEARCH, "value")
    )


def _register_shell(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pushboard", "connection"),
        Output(ids.CONNECTION_TEXT, "children"),
        Output(ids.CONNECTION_BUTTON, "children"),
        Output(ids.CONNECTION_LINE, "data-connection"),
        Output(ids.NOTICE_TEXT, "children"),
        Output(ids.NOTICE, "data-connection"),
        Input(ids.CONNECTION, "data"),
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "toggle"),
        Output(ids.CONNECTION_BUTTON, "n_clicks"),
        Input(ids.CONNECTION_BUTTON, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "drawer"),
        Output(ids.SHELL, "navbar"),
        Output(ids.BURGER, "opened"),
        Input(ids.BURGER, "opened"),
        Input(ids.URL, "pathname"),
        State(ids.SHELL, "navbar"),
        prevent_initial_call=True,
    )
