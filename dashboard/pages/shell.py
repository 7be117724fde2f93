"""What stands around every page: the side bar with departments, the user, and the connection's state. Used by `ui`."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids, theme
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.charts import formats
from dashboard.layouts.page_plan import departments, page_plan, pages_below
from dashboard.locales import preferences
from dashboard.locales.browser import NAME
from dashboard.locales.locale import EN_US, Locale, current
from dashboard.locales.words import _

BRAND = "Pushboard"


def document(user: User, listing: Mapping[str, Any], page: Any, path: str, search: str) -> dmc.MantineProvider:
    """The whole document for a signed-in user, with the page that stands at `path?search`."""
    shown = _shown(user, listing, page, path, search)
    return dmc.MantineProvider(
        dmc.DirectionProvider(_dated(shown), direction=current().direction),
        theme=theme.MANTINE,
        defaultColorScheme="auto",
    )


def _dated(shown: list[Any]) -> Any:
    """Everything on the page, its date pickers in the current language; they know English by themselves."""
    conventions = current().conventions
    if conventions is EN_US.conventions:
        return shown
    first_day = conventions.calendar.first_weekday
    return dmc.DatesProvider(shown, settings={"locale": NAME, "firstDayOfWeek": first_day})


def _shown(user: User, listing: Mapping[str, Any], page: Any, path: str, search: str) -> list[Any]:
    return [
        dcc.Location(id=ids.URL, pathname=path, search=search),
        dcc.Store(id=ids.CONNECTION),
        dcc.Store(id=ids.REPORTS_CHANGED),
        dcc.Store(id=ids.JOBS_TOLD),
        html.Div(id=ids.WHO, hidden=True, **attributes(data_user=user.sub)),
        dmc.NotificationContainer(id=ids.NOTIFICATIONS, position="bottom-right"),
        _sql_modal(),
        html.A(_("Skip to the page"), href="#content", className="skip"),
        dmc.AppShell(
            [_header(), _navigation(user, listing), dmc.AppShellMain(html.Main(page, id=ids.CONTENT))],
            id=ids.SHELL,
            header={"height": {"base": 52, "sm": 0}},
            navbar={"width": 232, "breakpoint": "sm", "collapsed": {"mobile": True}},
            padding={"base": "md", "sm": "lg"},
        ),
        _notice(),
        html.Div(id="transfers", className="transfers", role="status"),
    ]


def _sql_modal() -> dmc.Modal:
    """For authors: what a panel runs, and the values that are bound."""
    code = dmc.CodeHighlight(id=ids.SQL_CODE, code="", language="sql", copyLabel=_("Copy the SQL"))
    return dmc.Modal([code, html.Pre(id=ids.SQL_VALUES, className="sql-values")], id=ids.SQL_MODAL, size="xl", title="")


def _brand() -> html.Div:
    return html.Div(
        [html.Span(className="mark", **attributes(aria_hidden="true")), html.Span(BRAND)], className="brand"
    )


def _search() -> html.Button:
    """The way to any page, panel or view, which the keys in it open as well; the style sheet names the first one."""
    icon = html.Span(className="icon icon-search", **attributes(aria_hidden="true"))
    keys = html.Kbd("K", **attributes(aria_hidden="true"))
    opens = attributes(data_action="palette", aria_haspopup="dialog", aria_keyshortcuts="Control+K Meta+K")
    return html.Button([icon, _("Search"), keys], type="button", className="palette-button", **opens)


def _header() -> dmc.AppShellHeader:
    """On a phone only: the way to the side bar."""
    burger = dmc.Burger(id=ids.BURGER, size="sm", opened=False, **attributes(aria_label=_("Departments and account")))
    icon = html.Span(className="icon icon-search", **attributes(aria_hidden="true"))
    opens = attributes(data_action="palette", aria_label=_("Search"), aria_haspopup="dialog")
    search = html.Button(icon, type="button", className="icon-button", **opens)
    return dmc.AppShellHeader(html.Div([burger, _brand(), search], className="phone-bar"), hiddenFrom="sm")


def _navigation(user: User, listing: Mapping[str, Any]) -> dmc.AppShellNavbar:
    return dmc.AppShellNavbar(
        [
            dmc.Box(_brand(), visibleFrom="sm"),
            _search(),
            dmc.AppShellSection(
                [
                    html.Nav(links(user, listing), id=ids.NAVIGATION, **attributes(aria_label=_("Departments"))),
                    html.Nav(id=ids.WAREHOUSE_LINKS, **attributes(aria_label=_("Warehouse"))),
                ],
                grow=True,
            ),
            dmc.AppShellSection(_account(user)),
        ],
        className="side-bar",
    )


def links(user: User, listing: Mapping[str, Any]) -> list[Any]:
    """The links of the side bar: the departments and pages that are open to the user."""
    found = [link for each in departments(listing) for link in _department(each, listing)]
    return [
        dmc.NavLink(label=_("Home"), href="/", active="exact"),
        html.Div(_("Departments"), className="nav-caption") if found else None,
        *found,
        html.Div(_("Yours"), className="nav-caption"),
        dmc.NavLink(label=_("Exports"), href="/exports", active="exact"),
        *(_of_admins() if user.is_admin else ()),
    ]


def _of_admins() -> list[Any]:
    pages = {_("Runs"): "/operations", _("Audit"): "/audit"}
    links = [dmc.NavLink(label=label, href=address, active="exact") for label, address in pages.items()]
    return [html.Div(_("Operators"), className="nav-caption"), *links]


def warehouse_links(user: User, *, has_jobs: bool) -> list[Any]:
    """The last links of the side bar; they come when the page stands, and nothing has to move for them."""
    pages = ({_("Jobs"): "/jobs"} if has_jobs else {}) | ({_("Tables"): "/tables"} if user.is_author else {})
    links = [dmc.NavLink(label=label, href=address, active="exact") for label, address in pages.items()]
    return [html.Div(_("Warehouse"), className="nav-caption"), *links] if links else []


def _department(department: Mapping[str, Any], listing: Mapping[str, Any]) -> list[dmc.NavLink]:
    """The department with the number of its panels, and below it its other pages."""
    plan = page_plan(listing, department["id"])
    count = sum(not placed.is_broken for placed in plan.panels) if plan else 0
    own = dmc.NavLink(
        label=department["title"],
        href=f"/d/{department['id']}",
        active="exact",
        rightSection=html.Span(formats.count(count), className="nav-count"),
    )
    pages = pages_below(listing, department["id"])
    return [
        own,
        *(dmc.NavLink(label=page["title"], href=f"/d/{page['id']}", active="exact", pl=26) for page in pages),
    ]


def _account(user: User) -> html.Div:
    """Who is signed in, whether the connection lives, light or dark, language and time zone, and the way out."""
    button = html.Button(_("Sign out"), type="submit", className="quiet-button")
    sign_out = html.Form(button, action="/logout", method="POST", className="sign-out")
    toggle = dmc.ColorSchemeToggle(
        lightIcon=html.Span(className="icon icon-sun"),
        darkIcon=html.Span(className="icon icon-moon"),
        variant="subtle",
        color="gray",
        size="md",
        **attributes(aria_label=_("Light or dark")),
    )
    who = html.Div(user.email or user.name, className="account-name", title=user.email)
    lines = [html.Div([who, toggle], className="account-line"), _connection(), _preferences(), sign_out]
    return html.Div(lines, className="account")


def _preferences() -> html.Details:
    """The language, where there are several, and the time zone; the browser adds the zones when it is opened."""
    locale = current()
    languages = [_option(Locale(tag).name, tag, locale.tag) for tag in preferences.offered()]
    zones = [_option(_("This device's"), "", locale.time_zone or "")]
    zones += [_option(zone, zone, zone) for zone in (locale.time_zone,) if zone]
    form = html.Form(
        [
            _choice(_("Language"), "language", languages) if len(languages) > 1 else None,
            _choice(_("Time zone"), "time_zone", zones),
            html.Button(_("Apply"), type="submit", className="plain-button"),
        ],
        action=preferences.PATH,
        method="POST",
    )
    return html.Details([html.Summary(_("Language and time"), className="quiet-button"), form], className="preferences")


def _choice(label: str, name: str, options: Sequence[html.Option]) -> html.Label:
    return html.Label([label, html.Select(list(options), name=name)])


def _option(text: str, value: str, chosen: str) -> html.Option:
    return html.Option(text, value=value, selected="selected" if value == chosen else None)


def _connection() -> html.Div:
    text = html.Span(_("Connecting"), id=ids.CONNECTION_TEXT, role="status", className="connection-text")
    button = html.Button(_("Close"), id=ids.CONNECTION_BUTTON, n_clicks=0, className="quiet-button")
    dot = html.Span(className="dot", **attributes(aria_hidden="true"))
    return html.Div([dot, text, button], className="account-line connection", id=ids.CONNECTION_LINE)


def _notice() -> html.Div:
    """A sentence about the connection, over the page, while there is something to say; always there to be announced."""
    text = html.Span(id=ids.NOTICE_TEXT)
    sign_in = dmc.Button(_("Sign in"), variant="default", **attributes(data_action="sign-in"))
    card = html.Div([text, sign_in], id=ids.NOTICE, className="notice-card", **attributes(data_connection=""))
    return html.Div(card, className="notice", role="status")
