"""Every word of the shell stands in each catalogue, and nothing else: what is missing fails here, not on a page."""

import json
import re
from pathlib import Path

import pytest

from dashboard.locales import words
from dashboard.locales.locale import Locale, using
from dashboard.locales.words import _, _n, known
from tests.dashboard.locales import catalogue_texts

CATALOGUES = sorted(words.CATALOGUES.glob("*.json"))
each = pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)

NAMES = {
    "Pushboard", "Item", "Lax", "Accept", "Drawing", "Number", "Field", "Sheet", "Elapsed", "Moment", "Page", "Panel",
    "Steady", "openid email profile", "noopener noreferrer", "list-words list-none", "Tab", "Link", "Div", "Dd", "Dt",
    "Small", "Escape", "Scale", "Sc", "Cf", "Infinity", "Feature",
}  # fmt: skip
"""Of the product, of components and classes, of what a protocol has: they are the same in every language."""

OF_PROGRAMS = {
    "The session store does not take a log-in.",
    "A view is an object with name, path, query and shared.",
    "could not be loaded.",
}
"""Said to a log, and to whoever debugs a script."""


def catalogue(file: Path) -> dict[str, dict[str, str]]:
    return json.loads(file.read_text(encoding="utf-8"))


@each
def test_the_server_says_what_the_catalogue_has_and_nothing_else(file: Path) -> None:
    assert set(catalogue(file)["server"]) == catalogue_texts.of_server()


@each
def test_the_scripts_say_what_the_catalogue_has_and_nothing_else(file: Path) -> None:
    assert set(catalogue(file)["browser"]) == catalogue_texts.of_browser()


@each
def test_each_sentence_of_an_error_is_one_that_the_code_has(file: Path) -> None:
    assert set(catalogue(file)["messages"]) - catalogue_texts.sentences() == set()


@each
def test_the_sentence_of_each_error_of_the_gateway_is_there(file: Path) -> None:
    assert catalogue_texts.of_gateway() - set(catalogue(file)["messages"]) == set()


@each
def test_a_translation_has_the_places_of_its_text(file: Path) -> None:
    for part in catalogue(file).values():
        for text, translation in part.items():
            for form in translation.split("|"):
                assert places(form) <= places(text), text
            assert places(translation) == places(text), text


@each
def test_a_text_for_counts_has_a_form_for_each_count_that_the_language_tells_apart(file: Path) -> None:
    forms = len(Locale(file.stem).conventions.plural_forms)
    for part in catalogue(file).values():
        counted = {text: translation for text, translation in part.items() if "|" in text}
        assert {text for text, translation in counted.items() if translation.count("|") != forms - 1} == set()


def places(text: str) -> set[str]:
    return set(re.findall(r"\{\w+\}", text))


def test_no_words_of_the_server_stand_outside_of_the_catalogue() -> None:
    known = set(catalogue(CATALOGUES[0])["messages"]) | NAMES | OF_PROGRAMS
    assert {place for place in catalogue_texts.unlisted_of_server() if place[1].strip() not in known} == set()


def test_no_words_of_the_scripts_stand_outside_of_the_catalogue() -> None:
    known = NAMES | OF_PROGRAMS
    assert {text for text in catalogue_texts.unlisted_of_browser() if text.strip() not in known} == set()


def test_a_text_without_a_translation_is_english() -> None:
    with using(Locale("fr-FR")):
        assert _("Copy link") == "Copy link"
        assert _n("{count} row", "{count} rows", 1234) == "1\u202f234 rows"
        assert known("What nobody translates.") == "What nobody translates."


def test_counts_have_their_forms_and_the_languages_digits() -> None:
    with using(Locale("de-DE")):
        assert [_n("{count} row", "{count} rows", count) for count in (0, 1, 1234)] == [
            "0 Zeilen",
            "1 Zeile",
            "1.234 Zeilen",
        ]
        assert _("Started by {who}.", who="{ana}") == "Gestartet von {ana}."
