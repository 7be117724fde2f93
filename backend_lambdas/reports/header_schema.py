"""Fits what an author wrote, texts and lists and mappings of them, to structs; what does not fit is told by its keys.

Pure; used by `report_header`. A mistake is looked for only where there is one, and told in terms of the type that was
wanted: msgspec's own words are a programmer's, and name no key within a mapping.
"""

from collections.abc import Iterator, Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from backend_lambdas.reports.mistakes import HeaderMistake, MissingKey, UnknownKey, listed

Keys = tuple[str, ...]

_NOT_OF_THE_KIND = (msgspec.ValidationError, UnicodeEncodeError)
"""The second is of a text with half of a surrogate pair, which YAML can hold as an escape, where no text is wanted."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """A mapping of known keys. `msgspec.to_builtins` gives those of them that are no defaults."""


P = TypeVar("P", bound=Part)


def ready(kind: type[P]) -> type[P]:
    """A kind of header, ready for threads.

    msgspec finds out what a struct holds when it first reads one, and two threads that do so at once crash the process.
    A decoder finds it out when it is made.
    """
    msgspec.json.Decoder(kind)
    return kind


def fitted(values: Any, kind: type[P]) -> P:
    """The struct of what is written; raises `HeaderMistake` for the first thing that does not fit.

    A type of the header's own, which msgspec does not know, has a class method `read`, which makes it of what is
    written or raises `ValueError`, and tells in `WANTED` what to write.
    """
    try:
        return _converted(values, kind)
    except _NOT_OF_THE_KIND as error:
        # A misspelt key comes first: it explains the one that is missing.
        raise min(_mistakes(values, kind, ()), key=lambda mistake: not isinstance(mistake, UnknownKey)) from error


def _converted(value: Any, kind: Any) -> Any:
    return msgspec.convert(value, kind, strict=False, dec_hook=lambda own, written: own.read(written))


def _mistakes(value: Any, kind: Any, keys: Keys) -> Iterator[HeaderMistake]:
    """Everything in `value`, which stands under `keys`, that is not of its kind."""
    inner = _inner(kind) if isinstance(value, dict) else None
    if get_origin(inner) is dict:
        for name, item in value.items():
            yield from _mistakes(item, get_args(inner)[1], (*keys, name))
    elif inner:
        yield from _mistakes_of_part(value, inner, keys)
    elif isinstance(value, list) and (part := _part_in(kind)):
        for position, item in enumerate(value):
            yield from _mistakes(item, part, (*keys, str(position)))
    else:
        try:
            _converted(value, kind)
        except _NOT_OF_THE_KIND:
            yield HeaderMistake(keys, f"write {_wanted(kind)}")


def _mistakes_of_part(value: Mapping[str, Any], kind: type[Part], keys: Keys) -> Iterator[HeaderMistake]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    for name in value:
        if name not in fields:
            yield UnknownKey((*keys, name), list(fields))
    for name, field in fields.items():
        if name in value:
            yield from _mistakes(value[name], field.type, (*keys, name))
        elif field.required:
            yield MissingKey((*keys, name))


def _inner(kind: Any) -> Any:
    """What `kind` is where a mapping is written: a `Part`, a dictionary, or None when it has no such form."""
    if get_origin(kind) is Annotated:
        return _inner(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return next(filter(None, map(_inner, get_args(kind))), None)
    is_part = isinstance(kind, type) and issubclass(kind, Part)
    return kind if is_part or get_origin(kind) is dict else None


def _part_in(kind: Any) -> Any:
    """The `Part` that each item of a list is; None when `kind` is no such list."""
    if get_origin(kind) in (Union, UnionType):
        return next(filter(None, map(_part_in, get_args(kind))), None)
    inner = get_args(kind)[0] if get_origin(kind) is list else None
    return inner if isinstance(inner, type) and issubclass(inner, Part) else None


def _wanted(kind: Any, limits: msgspec.Meta | None = None) -> str:
    """What to write for a type, in a sentence after `write`."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _wanted(*inner)
    if origin in (Union, UnionType):
        return " or ".join(_wanted(one) for one in inner if one is not NoneType)
    if origin is Literal:
        return listed(inner)
    if _part_in(kind):
        return f"{_wanted(inner[0])}, or a list of these"
    if origin is list and inner[0] is float:
        return "a list of numbers"
    if origin is list:
        every = "" if inner[0] is str else f", each {_wanted(inner[0])}"
        return f"a list of {'at least one text' if limits and limits.min_length else 'texts'}{every}"
    return _wanted_alone(kind, limits or msgspec.Meta())


def _wanted_alone(kind: Any, limits: msgspec.Meta) -> str:
    if kind is str:
        span = _span(limits.min_length, limits.max_length)
        return f"a text of {span} characters" if span else "a text"
    if kind is int:
        span = _span(limits.ge, limits.le)
        return f"a whole number, {span}" if span else "a whole number"
    if kind is bool:
        return "true or false"
    if kind is float:
        return "a number"
    if _inner(kind) is None:
        return str(kind.WANTED)
    fields = msgspec.structs.fields(kind) if isinstance(kind, type) else ()
    needed = [f"{field.encode_name}: ..." for field in fields if field.required]
    return f"{{{', '.join(needed)}}}" if needed else "`key: value` lines"


def _span(least: float | None, most: float | None) -> str:
    if most is None:
        return "" if least is None else f"{least} or more"
    return f"up to {most}" if least is None else f"{least} to {most}"
