"""The shell's own words in the current language. English stands in the code, others in `catalogues/<language>.json`.

    _("Copy link")                                              a text
    _("Started by {who}.", who=name)                            with named places
    _n("{count} row", "{count} rows", count)                    by how many; `count` is written as its language does
    noop("Running")                                             a text that is looked up later, where it is shown
    known(error.message)                                        a whole sentence that comes from the gateway

A catalogue has the texts of the server, those of the browser (`assets/js/words.js`), which the document brings, and
sentences of errors, which both show. Forms for different counts are separated by `|`, in CLDR's order. A text without a
translation is shown in English; a test finds it before (`tests/dashboard/locales/test_catalogues.py`).
"""

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboard.locales.locale import current

CATALOGUES = Path(__file__).parent / "catalogues"
FORMS = ("zero", "one", "two", "few", "many", "other")
SEPARATOR = "|"

Texts = Mapping[str, str]


def _(text: str, **values: Any) -> str:
    """The text in the current language, with its places filled."""
    return _filled(_catalogue(current().language)["server"].get(text, text), values)


def _n(one: str, other: str, count: int, **values: Any) -> str:
    """The text for so many, with its places filled; `{count}` is one of them."""
    conventions = current().conventions
    found = _catalogue(current().language)["server"].get(f"{one}{SEPARATOR}{other}")
    text = _form(found, conventions.babel.plural_form(count)) if found else one if count == 1 else other
    return _filled(text, {"count": conventions.digits(f"{count:,}"), **values})


def noop(text: str) -> str:
    """The text as it is; `_` looks it up where it is shown."""
    return text


def noop_n(one: str, other: str) -> tuple[str, str]:
    """The same of two texts for `_n`."""
    return one, other


def known(message: str) -> str:
    """A sentence of an error in the current language, if the catalogue has it; else as it is."""
    return _catalogue(current().language)["messages"].get(message, message)


def inline(label: str) -> str:
    """A label within a sentence: English writes it small."""
    return label.lower() if current().language == "en" else label


def of_browser() -> dict[str, str]:
    """What the browser's scripts say in the current language; nothing for English."""
    catalogue = _catalogue(current().language)
    return {**catalogue["messages"], **catalogue["browser"]}


def _form(forms: str, wanted: str) -> str:
    """One of the forms of a text, in the order of those that the language has."""
    texts = forms.split(SEPARATOR)
    has = [form for form in FORMS if form in current().conventions.plural_forms]
    return texts[min(has.index(wanted), len(texts) - 1)]


def _filled(text: str, values: Mapping[str, Any]) -> str:
    return text.format_map(values) if values else text


@functools.cache
def _catalogue(language: str) -> Mapping[str, Texts]:
    file = CATALOGUES / f"{language}.json"
    if not file.is_file():
        return {"server": {}, "browser": {}, "messages": {}}
    found: Mapping[str, Texts] = json.loads(file.read_text(encoding="utf-8"))
    return found
