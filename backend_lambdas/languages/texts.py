"""Texts that a file gives in several languages, such as `title: {en: Revenue, de: Umsatz}`. Pure.

What is written is turned into one header of plain texts for each language, and each is held to the same schema. The
first language of a text is for whoever asks for none that it has. What is read from such a file is `Translated`. Used
by what reads reports, departments, pages and jobs, and by `get_reports` and `get_jobs`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.reports.mistakes import HeaderMistake

Keys = tuple[str, ...]

_TEXTS = frozenset({"title", "description", "label", "help", "empty", "text", "confirm"})
_OF_NAMES = frozenset({"parameters", "columns", "values"})
"""Keys of mappings whose own keys are names, which may be `title`, too."""
_OF_TEXTS = "labels"
"""The key of a mapping whose own keys are values of the data, and whose items are texts."""
_APART = frozenset({"choices", "default"})
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")
WANTED = "write a text, or one for each language, as in {en: Revenue, de: Umsatz}"

T = TypeVar("T")


class Translated(Struct, frozen=True, kw_only=True):
    """What a file holds, in the first language of its texts; `translations` has the fields that differ in another."""

    translations: Mapping[str, Mapping[str, Any]] = {}

    def translated(self, languages: Sequence[str]) -> Self:
        """The same with its texts in the first of these languages that it has."""
        fields = best(languages, self.translations)
        return replace(self, **fields) if fields else self


def languages_in(values: Mapping[str, Any]) -> list[str]:
    """The languages in which texts are given, each once; raises `HeaderMistake` for what is no text in a language."""
    found: dict[str, None] = {}
    for keys, texts in _texts(values, ()):
        if not texts or not all(_LANGUAGE.fullmatch(str(name)) for name in texts):
            raise HeaderMistake(keys, WANTED)
        if not all(isinstance(text, str) for text in texts.values()):
            raise HeaderMistake(keys, WANTED)
        found |= dict.fromkeys(texts)
    return list(found)


def in_language(values: Any, language: str | None, is_named: bool = False) -> Any:
    """What is written with each text in a language, or, where it lacks that one, in its first."""
    if isinstance(values, list):
        return [in_language(item, language) for item in values]
    if not isinstance(values, dict):
        return values
    return {key: _item(key, item, language, is_named) for key, item in values.items()}


def _item(key: str, item: Any, language: str | None, is_named: bool) -> Any:
    if _is_text(key, item, is_named):
        return _chosen(item, language)
    if is_named:
        return in_language(item, language)
    if key in _APART:
        return item
    if key == _OF_TEXTS and isinstance(item, dict):
        return {value: _chosen(text, language) if isinstance(text, dict) else text for value, text in item.items()}
    return in_language(item, language, key in _OF_NAMES)


def best(wanted: Sequence[str], known: Mapping[str, T]) -> T | None:
    """What there is in the first of the wanted languages that there is, be it for another country; else None."""
    for tag in wanted:
        base = tag.partition("-")[0]
        for name in (tag, base, *(one for one in known if one.partition("-")[0] == base)):
            if name in known:
                return known[name]
    return None


def requested(event: Mapping[str, Any]) -> list[str]:
    """The languages that the client of a REST request asks for."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return accepted(headers.get("accept-language"))


def accepted(header: str | None) -> list[str]:
    """The languages of an `Accept-Language`, in their order; weights are not looked at."""
    tags = (part.partition(";")[0].strip() for part in (header or "").split(","))
    return [tag for tag in tags if tag and tag != "*"]


def _texts(values: Any, keys: Keys, is_named: bool = False) -> Iterator[tuple[Keys, dict[str, Any]]]:
    """Each text that is given in several languages, with its keys."""
    if isinstance(values, list):
        for place, item in enumerate(values):
            yield from _texts(item, (*keys, str(place)))
    elif isinstance(values, dict):
        for key, item in values.items():
            if _is_text(key, item, is_named):
                yield (*keys, key), item
            elif key == _OF_TEXTS and not is_named and isinstance(item, dict):
                yield from (((*keys, key, value), text) for value, text in item.items() if isinstance(text, dict))
            elif is_named or key not in _APART:
                yield from _texts(item, (*keys, key), key in _OF_NAMES and not is_named)


def _is_text(key: str, item: Any, is_named: bool) -> bool:
    return not is_named and key in _TEXTS and isinstance(item, dict)


def _chosen(texts: Mapping[str, str], language: str | None) -> str:
    first = next(iter(texts.values()))
    return (best([language], texts) if language else None) or first
