"""Choices that are another report's rows: some hundred are offered whole; of more the first ones, and what is searched.

Made and used by `dynamic_filters`; `controls` shows them, `assets/js/page/choices.js` asks for what is typed. The rows
are a finished statement's: to search them runs nothing in the warehouse.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from dashboard import native_threads
from dashboard.charts import formats
from dashboard.gateway.lru_cache import LRUCache, size_of
from dashboard.gateway.results import Result
from dashboard.locales.words import _

MAX_WHOLE = 500
"""A list of so many choices is offered whole, and searched by the control itself."""

MAX_OFFERED = 200
"""Of a longer one, so many are offered at a time."""

MAX_SEARCH_LENGTH = 200

CHOSEN = "\x00chosen"
"""The group of those that are chosen and not offered: the control needs their labels, and shows no such group."""

_MAX_KEPT = 1_000_000
"""The size of all kept lists, in cells of `lru_cache.size_of`: some 50 MB."""

Option = dict[str, str]
Props = dict[str, Any]

_PLAIN: Props = {"filter": None, "nothingFoundMessage": None, "data-statement": None, "data-searched": None}


@dataclass(frozen=True)
class Choices:
    """The values of a statement's rows in their order, each once, with their labels.

    `is_cut` says that the statement has rows beyond those: then a value that is not among them may be one nonetheless.
    """

    statement_id: str
    labels: Mapping[str, str]
    is_cut: bool = False

    @property
    def is_long(self) -> bool:
        """Whether they are too many to be offered at once."""
        return len(self.labels) > MAX_WHOLE

    def offer(self, value: str) -> bool:
        """Whether a value can be chosen."""
        return value in self.labels or self.is_cut

    def props(self, chosen: Any, text: str = "") -> Props:
        """What a control needs to offer them with `chosen` as its value, and with `text` typed into a long list.

        `data-statement` is there for a long list only, and tells the browser to ask for what is typed.
        """
        if not self.is_long:
            return {"data": self._options(self.labels), **_PLAIN}
        values = self._found(text)
        offered = values[:MAX_OFFERED]
        groups = [(self._note(len(values), text), offered), (CHOSEN, self._others(chosen, offered))]
        return {
            "data": [{"group": name, "items": self._options(members)} for name, members in groups if members],
            "searchable": True,
            "filter": {"function": "offered"},
            "nothingFoundMessage": _(
                "None of the {count} values contains this.", count=formats.count(len(self.labels))
            ),
            "data-statement": self.statement_id,
            "data-searched": text,
        }

    def _options(self, values: Iterable[str]) -> list[Option]:
        return [{"value": value, "label": self.labels.get(value, value)} for value in values]

    def _others(self, chosen: Any, offered: Iterable[str]) -> list[str]:
        """What is chosen besides those that are offered."""
        values = chosen if isinstance(chosen, list) else [chosen] if chosen else []
        return [value for value in dict.fromkeys(values) if self.offer(value) and value not in offered]

    def _found(self, text: str) -> list[str]:
        """The values that contain each word of a text, in themselves or in their labels; first those that are the text.

        Else one that stands behind too many longer ones could not be found.
        """
        words = folded(text).split()
        if not words:
            return list(self.labels)
        found = [(value, known) for value, known in self._folded if all(word in known for word in words)]
        whole = f"\n{folded(text.strip())}\n"
        return [value for value, known in found if whole in known] + [
            value for value, known in found if whole not in known
        ]

    @cached_property
    def _folded(self) -> list[tuple[str, str]]:
        """Each value with the letters that are searched: a line of its label and one of itself."""
        return [(value, f"\n{folded(label)}\n{folded(value)}\n") for value, label in self.labels.items()]

    def _note(self, found: int, text: str) -> str:
        """How many of how many these are."""
        if found <= MAX_OFFERED:
            return _("{shown} of {count}", shown=formats.count(found), count=formats.count(len(self.labels)))
        counts = {"shown": formats.count(MAX_OFFERED), "count": formats.count(found)}
        if text:
            return _("{shown} of {count} found: type more to find others", **counts)
        return _("{shown} of {count}: type to find others", **counts)


def folded(text: str) -> str:
    """The letters of a text by which it is searched: small ones, without accents."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


_kept: LRUCache[tuple[str, str, str, str, int], Choices] = LRUCache(_MAX_KEPT)


def choices_of(wanted: Mapping[str, Any], result: Result) -> Choices:
    """The choices that the rows of a result are; `wanted` is a parameter's `choicesFrom`. Long lists are kept."""
    value, label, words = wanted["value"], wanted.get("label") or wanted["value"], wanted.get("labels", {})
    if len(result.records) <= MAX_WHOLE:
        return _read(result, value, label, words)
    key = result.statement_id, value, label, repr(words), len(result.records)
    found = _kept.get(key)
    if found is None:
        found = native_threads.run(_read, result, value, label, words)
        _kept.put(key, found, 2 * native_threads.run(size_of, found.labels))
    return found


def _read(result: Result, value: str, label: str, words: Mapping[str, str]) -> Choices:
    """A row without a value is no choice, one without a label is called by its value; `words` beat both, by value."""
    names = [column.name for column in result.columns]
    if value not in names or label not in names:
        return Choices(result.statement_id, {})
    at, called = names.index(value), names.index(label)
    rows = (record for record in result.records if record[at] is not None)
    labels = {str(row[at]): str(row[at] if row[called] is None else row[called]) for row in rows}
    named = {choice: words.get(choice, own) for choice, own in labels.items()}
    return Choices(result.statement_id, named, result.truncated)
