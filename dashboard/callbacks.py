"""Every Dash callback: which props are wired to which function. No logic here.

On the server: pages, drawings, tables and filters. In the browser (`assets/js/callbacks.js`): filter values, the page's
link, the connection.
"""

from typing import Any

from dash import ALL, MATCH, Dash, Input, Output, State, no_update
from dash.dependencies import ClientsideFunction

from dashboard import ids
from dashboard.auth.routes import current_user, id_token
from dashboard.filters import dynamic_filters
from dashboard.gateway.client import Gateway
from dashboard.jobs.history import Wanted
from dashboard.pages.jobs import chosen
from dashboard.pages.router import Router
from dashboard.panels import results
from dashboard.web.callback_values import (
    ChoicesWanted,
    FilterSource,
    FinishedRun,
    JobTold,
    OwnOpened,
    ReportsChanged,
    RowsWanted,
    TableWanted,
    checked,
)


def register(app: Dash, gateway: Gateway, router: Router) -> None:
    """Adds all callbacks to the app."""
    _register_pages(app, router)
    _register_page_refreshes(app, router)
    _register_panels(app, gateway)
    _register_filters(app, gateway, router)
    _register_shell(app)
    _register_connection(app)
    _register_home(app)
    _register_jobs(app, router)


def _register_pages(app: Dash, router: Router) -> None:
    @app.callback(
        Output(ids.CONTENT, "children"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        prevent_initial_call=True,
    )
    def show_page(path: Any, search: Any) -> Any:
        return router.page(checked(path, str | None), checked(search, str | None))

    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Output(ids.NAVIGATION, "children"),
        Input(ids.REPORTS_CHANGED, "data"),
        State(ids.URL, "pathname"),
        State(ids.SHOWN, "data", allow_optional=True),
        prevent_initial_call=True,
    )
    def show_changes(changes: Any, path: Any, shown: Any) -> Any:
        return router.changed(checked(changes, ReportsChanged), checked(path, str), shown)


def _register_page_refreshes(app: Dash, router: Router) -> None:
    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Input(ids.EXPORTS_CHANGED, "data"),
        prevent_initial_call=True,
    )
    def show_exports(changed: int | None) -> Any:
        return router.page("/exports", "") if changed else no_update

    @app.callback(
        Output(ids.CONTENT, "children", allow_duplicate=True),
        Input(ids.REFRESH, "n_clicks"),
        prevent_initial_call=True,
    )
    def refresh_operations(clicks: int | None) -> Any:
        return router.page("/operations", "") if clicks else no_update


def _register_panels(app: Dash, gateway: Gateway) -> None:
    @app.callback(Input(ids.PAGE, "finished"), prevent_initial_call=True)
    def draw_finished(finished: Any) -> None:
        results.show(gateway, id_token(), checked(finished, list[FinishedRun] | None))

    @app.callback(Input(ids.PAGE, "rowsWanted"), prevent_initial_call=True)
    def show_rows(wanted: Any) -> None:
        results.rows(gateway, id_token(), checked(wanted, RowsWanted | None))

    @app.callback(
        Output(ids.panel(MATCH), "table"),
        Output(ids.panel(MATCH), "tableAnswer"),
        Input(ids.panel(MATCH), "tableWanted"),
        State(ids.panel(MATCH), "id"),
        prevent_initial_call=True,
    )
    def show_table(wanted: Any, panel: Any) -> Any:
        return results.table(gateway, id_token(), checked(wanted, TableWanted | None), _topic(panel))

    @app.callback(
        Output(ids.panel(MATCH), "ownControls"),
        Input(ids.panel(MATCH), "ownOpened"),
        State(ids.panel(MATCH), "id"),
        prevent_initial_call=True,
    )
    def show_own_filters(opened: Any, panel: Any) -> Any:
        return results.own_controls(gateway, id_token(), checked(opened, OwnOpened | None), _topic(panel))


def _topic(panel: Any) -> str:
    return str(checked(panel, dict[str, str])["topic"])


def _register_filters(app: Dash, gateway: Gateway, router: Router) -> None:
    @app.callback(
        Output(ids.filter_control(MATCH, MATCH), "error"),
        Input(ids.filter_source(MATCH, MATCH), "data"),
        State(ids.filter_source(MATCH, MATCH), "id"),
        State(ids.filter_control(MATCH, MATCH), "value"),
        prevent_initial_call=True,
    )
    def fill_filter(finished: Any, source: Any, chosen: Any) -> Any:
        found, place = checked(finished, FilterSource | None), checked(source, dict[str, str])
        return dynamic_filters.fill_filter(gateway, id_token(), current_user(), router.sources, found, place, chosen)

    @app.callback(Input(ids.PAGE, "choicesWanted"), prevent_initial_call=True)
    def find_choices(wanted: Any) -> None:
        dynamic_filters.find_choices(gateway, id_token(), checked(wanted, ChoicesWanted | None))

    app.clientside_callback(
        ClientsideFunction("pushboard", "filtersChanged"),
        Input(ids.filter_control(ALL, ALL), "value"),
        Input(ids.own_control(ALL, ALL, ALL), "value"),
        State(ids.filter_control(ALL, ALL), "id"),
        State(ids.own_control(ALL, ALL, ALL), "id"),
    )


def _register_jobs(app: Dash, router: Router) -> None:
    @app.callback(Output(ids.WAREHOUSE_LINKS, "children"), Input(ids.WAREHOUSE_LINKS, "id"))
    def show_links(_: Any) -> Any:
        return router.warehouse_links()

    @app.callback(
        Output(ids.JOB_RUNS, "content"),
        Output(ids.JOB_OLDER, "display"),
        Input(ids.JOBS_CHANGED, "data"),
        Input(ids.JOB_FILTER, "value"),
        Input(ids.JOB_STATE, "value"),
        Input(ids.JOB_OLDER, "n_clicks"),
        prevent_initial_call=True,
    )
    def show_job_runs(_: Any, job: Any, state: Any, presses: Any) -> Any:
        names = chosen(checked(job, str | None)), chosen(checked(state, str | None))
        return router.job_runs(Wanted(*names, checked(presses, int | None) or 0))

    @app.callback(
        Output(ids.NOTIFICATIONS, "sendNotifications"),
        Output(ids.NOTIFICATIONS, "hideNotifications"),
        Input(ids.JOBS_TOLD, "data"),
        prevent_initial_call=True,
    )
    def tell_of_jobs(told: Any) -> Any:
        found = router.job_news(checked(told, list[JobTold]))
        return found.shown or no_update, found.hidden or no_update

    _register_job_forms(app)


def _register_job_forms(app: Dash) -> None:
    """Its output is never set: Dash calls a callback with an output of a page when that page is laid out."""
    app.clientside_callback(
        ClientsideFunction("pushboard", "jobForms"),
        Output(ids.JOB_DIALOG_NOTE, "children"),
        Input(ids.JOBS, "data"),
        Input(ids.job_control(ALL, ALL, ALL), "value"),
        State(ids.job_control(ALL, ALL, ALL), "id"),
    )


def _register_home(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pushboard", "recent"), Output(ids.RECENT, "children"), Input(ids.RECENT, "id")
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "search"), Output(ids.SEARCH_FOUND, "children"), Input(ids.SEARCH, "value")
    )


def _register_shell(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("pushboard", "runAll"), Input(ids.RUN_ALL, "n_clicks"), prevent_initial_call=True
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "copyLink"),
        Output(ids.COPY_LINK, "children"),
        Input(ids.COPY_LINK, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("pushboard", "reset"), Input(ids.RESET, "n_clicks"), prevent_initial_call=True
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


def _register_connection(app: Dash) -> None:
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
        ClientsideFunction("pushboard", "toggleConnection"),
        Input(ids.CONNECTION_BUTTON, "n_clicks"),
        prevent_initial_call=True,
    )
