"""Texts in several languages, in reports, departments, pages and jobs, and which of them a client is told."""

import pytest

from backend_lambdas.departments import department_file, page_file
from backend_lambdas.languages.texts import accepted, best
from backend_lambdas.reports import report_file
from backend_lambdas.reports.report_file import BrokenReport, Report
from tests.backend_lambdas.jobs.files import DELETE, broken, job, text

REPORT = """/*---
title: {en: Revenue, de: Umsatz}
description: {de: Alles}
parameters:
  title: {type: text, label: {en: Title, de-CH: Titel}}
chart: {type: table}
columns:
  label: {label: {en: Label, de: Beschriftung}, format: text}
empty: Nothing
---*/
SELECT :title AS label
"""


def report(content: str = REPORT) -> Report:
    found = report_file.load("finance/revenue.sql", content)
    assert isinstance(found, Report), found
    return found


def told(*languages: str) -> list[str]:
    """Title, description, the parameter's label, the column's label."""
    public = report().translated(languages).public()
    (parameter,) = public["parameters"]
    return [public["title"], public["description"], parameter["label"], public["columns"]["label"]["label"]]


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        ((), ["Revenue", "Alles", "Title", "Label"]),
        (("de-DE", "en"), ["Umsatz", "Alles", "Titel", "Beschriftung"]),
        (("fr", "de"), ["Umsatz", "Alles", "Titel", "Beschriftung"]),
        (("fr",), ["Revenue", "Alles", "Title", "Label"]),
        (("en-GB",), ["Revenue", "Alles", "Title", "Label"]),
    ],
)
def test_each_text_is_in_the_language_that_is_asked_for_or_in_its_first(
    languages: tuple[str, ...], expected: list[str]
) -> None:
    assert told(*languages) == expected


def test_the_wire_has_plain_texts_in_any_case() -> None:
    assert (
        report(REPORT.replace("{en: Revenue, de: Umsatz}", "Revenue")).translated(["de"]).public()["title"] == "Revenue"
    )


@pytest.mark.parametrize("wrong", ["{}", "{en: [a]}", "{english: Revenue}", "{en: {de: x}}"])
def test_what_is_no_text_in_a_language_is_told_with_its_line(wrong: str) -> None:
    found = report_file.load("finance/revenue.sql", REPORT.replace("{en: Label, de: Beschriftung}", wrong))
    assert isinstance(found, BrokenReport)
    assert (found.line, "one for each language" in found.reason) == (8, True)


def test_each_language_is_held_to_the_schema() -> None:
    found = report_file.load("finance/revenue.sql", REPORT.replace("de: Umsatz", f"de: {'x' * 121}"))
    assert isinstance(found, BrokenReport)
    assert (found.line, "1 to 120 characters" in found.reason) == (2, True)


def test_departments_and_pages_have_them_too() -> None:
    department = department_file.load("finance/department.yaml", b"title: {en: Finance, de: Finanzen}\n")
    assert (department.title, department.translated(["de"]).title) == ("Finance", "Finanzen")
    content = b"title: {en: Page, de: Seite}\npanels: [{report: revenue, title: {en: Money, de: Geld}}]\n"
    page = page_file.load("pages/finance/index.yaml", content)
    assert isinstance(page, page_file.Page)
    assert [panel.entry.title for panel in page.panels.values()] == ["Money"]
    assert page.translated(["de"]).header.title == "Seite"
    assert [panel.entry.title for panel in page.translated(["de"]).panels.values()] == ["Geld"]


LABELLED = """/*---
title: Trips
parameters:
  label: {type: choice, choices: [label, Cash], labels: {label: {en: Card, de: Karte}, Cash: Cash}}
columns:
  labels: {labels: {1: {en: Card, de: Karte}, label: {en: Cash, de: Bar}, 3: Other}}
---*/
SELECT :label AS labels
"""


def test_words_for_values_are_texts_too() -> None:
    """Values may be called as keys are."""
    told = []
    for languages in ([], ["de"]):
        public = report(LABELLED).translated(languages).public()
        told.append((public["parameters"][0]["choices"], public["columns"]["labels"]["labels"]))
    cash = {"value": "Cash", "label": "Cash"}
    assert told == [
        ([{"value": "label", "label": "Card"}, cash], {"1": "Card", "label": "Cash", "3": "Other"}),
        ([{"value": "label", "label": "Karte"}, cash], {"1": "Karte", "label": "Bar", "3": "Other"}),
    ]


def test_a_word_in_no_language_is_told_with_its_line() -> None:
    found = report_file.load("finance/trips.sql", LABELLED.replace("1: {en: Card,", "1: {english: Card,"))
    assert isinstance(found, BrokenReport)
    assert (found.line, "columns.labels.labels.1: write a text, or one for each" in found.reason) == (6, True)


JOB = text(
    "description: {en: Anew, de: Neu}\n"
    "parameters:\n  month: {type: month, label: {en: Month, de: Monat}, default: 2015-12}\n"
    "confirm: {en: 'Load {month}?', de: '{month} laden?'}\nwrites: [trips]\n",
    DELETE,
)


def test_jobs_have_them_too() -> None:
    for languages, told in (([], ("Anew", "Month", "Load {month}?")), (["de-DE"], ("Neu", "Monat", "{month} laden?"))):
        public = job(JOB).translated(languages).public()
        assert (public["description"], public["parameters"][0]["label"], public["confirm"]) == told


def test_each_language_of_a_jobs_question_is_held_to_its_parameters() -> None:
    mistake = broken(JOB.replace("{month} laden", "{monat} laden"))
    assert (mistake.line, mistake.reason) == (6, "confirm: {monat} is no parameter of this job")


def test_what_a_browser_accepts_is_read_in_its_order() -> None:
    assert accepted("de-CH, de;q=0.9, *;q=0.5") == ["de-CH", "de"]
    assert accepted(None) == []
    assert best(["de-CH"], {"fr": 1, "de-AT": 2}) == 2
