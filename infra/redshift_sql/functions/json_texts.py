"""Functions of JSON in texts, registered by name in `calls`.

Source: "JSON functions" in the Redshift developer guide."""

from sqlglot import exp

from ..errors import StatementFailed
from ..expressions.nodes import cast, macro
from ..expressions.types import BOOL, INT4, TEXT
from ..expressions.values import Value, as_text, convert
from .calls import Call, function

_DEEPEST = 5


def _null_if_invalid(given: Call, index: int) -> exp.Expr:
    """The last argument, where it is a boolean: whether text that is no JSON is NULL rather than an error."""
    return convert(given.value(index), BOOL).node if len(given.nodes) > index else exp.Boolean(this=False)


def _checked(given: Call, lenient: exp.Expr) -> exp.Expr:
    return macro("valid_json", as_text(given.value(0)).node, lenient)


@function("json_extract_path_text", count=(2, 7))
def _path(given: Call) -> Value:
    last = given.value(len(given.nodes) - 1)
    is_flag = last.kind == BOOL
    keys = given.values[1 : -1 if is_flag else None]
    if not keys or len(keys) > _DEEPEST:
        raise StatementFailed("ERROR: JSON_EXTRACT_PATH_TEXT takes one to five path elements")
    node = _checked(given, last.node if is_flag else exp.Boolean(this=False))
    for key in keys:
        node = macro("json_member", node, as_text(key).node)
    return Value(macro("json_text", node), TEXT)


@function("json_extract_array_element_text", count=(2, 3))
def _element(given: Call) -> Value:
    place = cast(convert(given.value(1), INT4).node, "bigint")
    node = macro("json_element", _checked(given, _null_if_invalid(given, 2)), place)
    return Value(macro("json_text", node), TEXT)


@function("json_array_length", count=(1, 2))
def _length(given: Call) -> Value:
    lenient = _null_if_invalid(given, 1)
    return Value(macro("json_length", _checked(given, lenient), lenient.copy()), INT4)


@function("is_valid_json", count=(1, 1))
def _is_valid(given: Call) -> Value:
    return Value(macro("is_json_object", as_text(given.value(0)).node), BOOL)


@function("is_valid_json_array", count=(1, 1))
def _is_valid_array(given: Call) -> Value:
    return Value(macro("is_json_array", as_text(given.value(0)).node), BOOL)
