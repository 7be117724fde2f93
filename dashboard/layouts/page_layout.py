"""The panels of a page in their sections and tabs, as Dash components. Pure; used by `department`.

A page's tabs are all laid out, and those that are not open hidden: `assets/js/page/tabs.js` opens another one, whose
panels run once they are on the screen.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dash import html

from dashboard.attributes import attributes
from dashboard.layouts.markdown import markdown
from dashboard.layouts.page_plan import PagePlan, PlacedSection, PlacedTab
from dashboard.panels.component import Panel

Panels = Mapping[str, Panel]


def layout(plan: PagePlan, opened: PlacedTab, panels: Panels) -> list[Any]:
    """What stands below the filters; `panels` are all of the page by their keys."""
    if len(plan.tabs) < 2:
        return list(_tab(plan.tabs[0], panels))
    bar = html.Div([_handle(tab, tab is opened) for tab in plan.tabs], className="tabs", role="tablist")
    return [bar, *(_page_of_tab(tab, tab is opened, panels) for tab in plan.tabs)]


def _handle(tab: PlacedTab, is_open: bool) -> html.Button:
    state = attributes(aria_selected=str(is_open).lower(), aria_controls=_id(tab), data_tab=tab.id)
    return html.Button(tab.title, id=f"{_id(tab)}-handle", role="tab", tabIndex=None if is_open else -1, **state)


def _page_of_tab(tab: PlacedTab, is_open: bool, panels: Panels) -> html.Div:
    """The tab's title is a heading on paper, where all tabs stand one below the other."""
    title = html.H2(tab.title, className="paper-title")
    named = attributes(aria_labelledby=f"{_id(tab)}-handle")
    return html.Div([title, *_tab(tab, panels)], id=_id(tab), role="tabpanel", hidden=not is_open, **named)


def _id(tab: PlacedTab) -> str:
    return f"tab-{tab.id}"


def _tab(tab: PlacedTab, panels: Panels) -> Iterator[Any]:
    if tab.text:
        yield markdown(tab.text, "page-text")
    for section in tab.sections:
        yield from _section(section, panels)


def _section(section: PlacedSection, panels: Panels) -> Iterator[Any]:
    """A section without heading and words is its panels alone."""
    grid = html.Div([panels[placed.key] for placed in section.panels], className="panels")
    if not (section.title or section.text):
        yield grid
        return
    title = html.H2(section.title, className="section-title") if section.title else None
    text = markdown(section.text, "page-text") if section.text else None
    yield html.Section([title, text, grid if section.panels else None], className="page-section")
