"""What does not fit together in the declaration of parameters. Pure; used by `report_header`."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, get_args

from msgspec import structs

from backend_lambdas.errors import BadParameter
from backend_lambdas.reports import relative_values
from backend_lambdas.reports.column_keys import Labels, check_labels
from backend_lambdas.reports.mistakes import HeaderMistake, inside, listed, nearest
from backend_lambdas.reports.parameter_values import KINDS
from backend_lambdas.reports.parameters import Parameter, Type

TYPES: tuple[str, ...] = get_args(Type)
_ONE_VALUE = tuple(name for name in TYPES if name not in {"several", "daterange"})
_ORDERED = ("integer", "number", "date", "month", "year", "daterange")

GOES_WITH: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "choices": ("choice", "several"),
        "labels": ("choice", "several"),
        "min": _ORDERED,
        "max": _ORDERED,
        "max_days": ("daterange",),
        "pattern": ("text", "several"),
        "claim": _ONE_VALUE,
    }
)
"""The types that a key goes with; any other key goes with every type."""

_ATOMS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\{\d+\}", re.DOTALL)
_GROUP = re.compile(r"\(([^()]*)\)(?P<again>[*+{]?)")
_REPEAT = re.compile(r"[*+{]")


RESERVED = ("tab", "view")
"""Names that mean something else in a page's address, so that a filter of this name could not be set by it."""


def check(declared: Mapping[str, Parameter]) -> None:
    """Raises `HeaderMistake` for the first thing that does not fit together; its keys begin with the parameter."""
    for name, parameter in declared.items():
        with inside(name):
            check_one(parameter)
    _check_names(declared)
    for name, parameter in declared.items():
        with inside(name):
            _check_sent(name, parameter, declared)


def _check_sent(name: str, parameter: Parameter, declared: Mapping[str, Parameter]) -> None:
    """What choices depend on is another parameter, and not in a circle."""
    for other in parameter.choices_from.sent if parameter.choices_from else ():
        if other not in declared or declared[other].claim:
            raise HeaderMistake(("choices", "with"), f"there is no filter {other!r}{nearest(other, declared)}")
        if name in _depends_on(other, declared, set()):
            raise HeaderMistake(("choices", "with"), f"{name!r} and {other!r} each wait for the other's choices")


def _depends_on(name: str, declared: Mapping[str, Parameter], seen: set[str]) -> set[str]:
    """A parameter and all that its choices depend on."""
    if name not in declared or name in seen:
        return seen
    seen.add(name)
    source = declared[name].choices_from
    for other in source.sent if source else ():
        _depends_on(other, declared, seen)
    return seen


def check_one(parameter: Parameter) -> None:
    """The same for one parameter, with the keys inside of it."""
    _check_keys(parameter)
    _check_choices(parameter)
    _check_pattern(parameter.pattern or "")
    _check_bounds(parameter)
    _check_default(parameter)
    for group, value in (parameter.defaults or {}).items():
        try:
            _check_default(structs.replace(parameter, default=value, defaults=None))
        except HeaderMistake as mistake:
            raise HeaderMistake(("defaults", group), mistake.reason) from mistake


def _check_keys(parameter: Parameter) -> None:
    for key, types in GOES_WITH.items():
        if getattr(parameter, key) is not None and parameter.type not in types:
            raise HeaderMistake((key,), f"goes with type {listed(types)} only")
    if parameter.type == "choice" and parameter.choices is None:
        raise HeaderMistake(("type",), "a choice needs choices")
    if parameter.claim and (parameter.default is not None or parameter.defaults):
        raise HeaderMistake(("default",), "a claim has no default: the token decides")
    if parameter.required is not None and parameter.required != (parameter.default is None):
        raise HeaderMistake(("required",), "a parameter is required exactly when it has no default")


def _check_choices(parameter: Parameter) -> None:
    offered = parameter.offered or []
    for choice in offered:
        _read(parameter, "choices", choice)
    if len(set(offered)) < len(offered):
        raise HeaderMistake(("choices",), "a choice stands there twice")
    if parameter.pattern and parameter.choices:
        raise HeaderMistake(("pattern",), "choices are their own pattern")
    _check_labels(parameter.labels or {}, parameter.offered)


def _check_labels(labels: Labels, offered: Sequence[str] | None) -> None:
    """Which choices a report will give is not known here."""
    for choice in labels:
        if offered is not None and choice not in offered:
            raise HeaderMistake(("labels", choice), f"it is none of the choices{nearest(choice, offered)}")
    with inside("labels"):
        check_labels(labels)


def _check_pattern(pattern: str) -> None:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise HeaderMistake(("pattern",), f"this is not a regular expression: {error}") from error
    if _repeats_repeats(pattern):
        reason = "a repeat inside of a repeated group, such as (a+)+, can take for ever to match: write it without"
        raise HeaderMistake(("pattern",), reason)


def _repeats_repeats(pattern: str) -> bool:
    """Whether a group that repeats holds another repeat: matching such a pattern can take time without bound."""
    bare = _ATOMS.sub("x", pattern.replace("(?", "("))
    while group := _GROUP.search(bare):
        repeats = bool(_REPEAT.search(group[1]))
        if repeats and group["again"]:
            return True
        bare = bare[: group.start()] + ("x+" if repeats or group["again"] else "x") + bare[group.end() :]
    return False


def _check_bounds(parameter: Parameter) -> None:
    """A bound that moves with the day is not held against one that stands still: that would break reports overnight."""
    bounds = {key: bound for key, bound in (("min", parameter.min), ("max", parameter.max)) if bound is not None}
    words = [key for key, bound in bounds.items() if _is_word(parameter, bound)]
    for key, bound in bounds.items():
        if key not in words:
            _read(parameter, key, bound)
    low, high = parameter.bounds(relative_values.today())
    read = KINDS[parameter.type].read
    if low is not None and high is not None and len(words) != 1 and read(low)[1] > read(high)[1]:
        raise HeaderMistake(("min",), "min is above max")


def _read(parameter: Parameter, key: str, text: str) -> None:
    try:
        KINDS[parameter.type].read(text)
    except BadParameter as error:
        raise HeaderMistake((key,), error.message + _words_of(parameter)) from error


def _check_default(parameter: Parameter) -> None:
    """Whether a default lies between bounds that move with the day, or the other way round, shows on the day."""
    default = parameter.default
    if parameter.default_from and parameter.type in {"several", "daterange"}:
        raise HeaderMistake(("default",), f"a {parameter.type} takes no default from a report: that is one value")
    if default is None or parameter.default_from or _is_word(parameter, default):
        return
    moving = {key: None for key in ("min", "max") if _is_word(parameter, getattr(parameter, key))}
    try:
        structs.replace(parameter, **moving).texts(default, relative_values.today())
    except BadParameter as error:
        raise HeaderMistake(("default",), error.message + _words_of(parameter)) from error


def _is_word(parameter: Parameter, value: Any) -> bool:
    return isinstance(value, str) and value in relative_values.WORDS.get(parameter.type, ())


def _words_of(parameter: Parameter) -> str:
    words = relative_values.WORDS.get(parameter.type, ())
    return f" Or write {listed(words)}." if words else ""


def _check_names(declared: Mapping[str, Parameter]) -> None:
    """No two parameters may share a placeholder, those of a list's single values included."""
    taken: set[str] = set()
    for name, parameter in declared.items():
        if name in RESERVED:
            raise HeaderMistake((name,), "an address says this of the page itself: choose another name")
        for placeholder in parameter.written(name):
            if placeholder in taken:
                raise HeaderMistake((name,), f"another parameter has the placeholder :{placeholder} already")
            taken.add(placeholder)
    for name in (name for name, parameter in declared.items() if parameter.type == "several"):
        clash = next((other for other in sorted(taken) if re.fullmatch(rf"{re.escape(name)}_\d+", other)), None)
        if clash:
            raise HeaderMistake((name,), f"its values are bound as :{name}_1 and so on, so :{clash} needs another name")
