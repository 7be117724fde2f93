"""Functions of texts. Registered by name in `calls`. Source: "String functions" in the Redshift developer guide."""

from typing import TYPE_CHECKING

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions import operators
from ..expressions.nodes import call, cast, macro, text
from ..expressions.types import INT4, INT8, MAX_VARCHAR, TEXT, TRIMMED, SqlType, varchar
from ..expressions.values import Value, as_text, convert
from .calls import Call, function

if TYPE_CHECKING:
    from ..queries.translation import Translator


def _text(call_: Call, index: int = 0) -> Value:
    return as_text(call_.value(index))


def _count(call_: Call, index: int) -> exp.Expr:
    """An argument that counts characters."""
    return convert(call_.value(index), INT4).node


def _size(value: Value) -> int:
    return value.kind.size if value.kind is not None else MAX_VARCHAR


@function("upper", "lower", "initcap", "reverse", count=(1, 1))
def _changed(given: Call) -> Value:
    value = _text(given)
    name = "redshift_initcap" if given.name == "initcap" else given.name
    node = macro(name, value.node) if given.name == "initcap" else call(name, value.node)
    return Value(
        node, varchar(_size(value), trimmed=bool(given.name != "reverse" and value.kind and value.kind.trimmed))
    )


@function("len", "length", "char_length", "character_length", "textlen", count=(1, 1))
def _length(given: Call) -> Value:
    value = given.value(0)
    if value.kind is not None and value.kind.name == "varbyte":
        return Value(cast(call("octet_length", value.node), "integer"), INT4)
    return Value(cast(call("length", as_text(value).node), "integer"), INT4)


@function("octet_length", count=(1, 1))
def _bytes(given: Call) -> Value:
    return Value(cast(call("strlen", _text(given).node), "integer"), INT4)


@function("concat", count=(2, 2))
def _concat(given: Call) -> Value:
    return operators.joined([as_text(value) for value in given.values])


@function("textcat", count=(2, 2))
def _textcat(given: Call) -> Value:
    return _concat(given)


@function("left", "right", count=(2, 2))
def _end(given: Call) -> Value:
    value = _text(given)
    return Value(call(given.name, value.node, _count(given, 1)), varchar(_size(value)))


@function("lpad", "rpad", count=(2, 3))
def _padded(given: Call) -> Value:
    filler = _text(given, 2).node if len(given.nodes) > 2 else text(" ")
    return Value(macro(f"redshift_{given.name}", _text(given).node, _count(given, 1), filler), TEXT)


@function("ltrim", "rtrim", "btrim", "trim", count=(1, 2))
def _trimmed(given: Call) -> Value:
    value = _text(given)
    signs = _text(given, 1).node if len(given.nodes) > 1 else text(" ")
    name = "trim" if given.name == "btrim" else given.name
    is_trimmed = len(given.nodes) == 1 and name != "ltrim"
    return Value(call(name, value.node, signs), varchar(_size(value), trimmed=is_trimmed))


def trim(translator: "Translator", node: exp.Trim) -> Value:
    """TRIM([BOTH|LEADING|TRAILING] characters FROM text)."""
    value = as_text(translator.value(node.this))
    signs = as_text(translator.value(node.expression)).node if node.expression else text(" ")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or ""), "trim")
    return Value(call(name, value.node, signs), varchar(_size(value)))


@function("replace", count=(3, 3))
def _replaced(given: Call) -> Value:
    return Value(call("replace", *(_text(given, index).node for index in range(3))), TEXT)


@function("translate", count=(3, 3))
def _translated(given: Call) -> Value:
    value = _text(given)
    return Value(call("translate", *(_text(given, index).node for index in range(3))), varchar(_size(value)))


@function("repeat", "replicate", count=(2, 2))
def _repeated(given: Call) -> Value:
    return Value(call("repeat", _text(given).node, _count(given, 1)), TEXT)


@function("strpos", "charindex", count=(2, 2))
def _position(given: Call) -> Value:
    whole, part = (0, 1) if given.name == "strpos" else (1, 0)
    return Value(cast(call("strpos", _text(given, whole).node, _text(given, part).node), "integer"), INT4)


def position(translator: "Translator", node: exp.StrPosition) -> Value:
    """POSITION(part IN text)."""
    whole, part = as_text(translator.value(node.this)), as_text(translator.value(node.args["substr"]))
    return Value(cast(call("strpos", whole.node, part.node), "integer"), INT4)


@function("substr", "substring", count=(2, 3))
def _substring(given: Call) -> Value:
    return _part(_text(given), *(convert(value, INT4) for value in given.values[1:]))


def substring(translator: "Translator", node: exp.Substring) -> Value:
    """SUBSTRING(text, start, length) and SUBSTRING(text FROM start FOR length)."""
    if node.args.get("start") is None:
        raise StatementFailed("ERROR: function substring(text) does not exist")
    places = [translator.value(node.args[name]) for name in ("start", "length") if node.args.get(name) is not None]
    return _part(as_text(translator.value(node.this)), *(convert(place, INT4) for place in places))


def _part(value: Value, *places: Value) -> Value:
    """A place before the text's first character counts, and what is before it is nothing."""
    kind = varchar(_size(value))
    if len(places) == 1:
        return Value(macro("text_from", value.node, places[0].node), kind)
    return Value(macro("text_part", value.node, places[0].node, places[1].node), kind)


@function("split_part", count=(3, 3))
def _split(given: Call) -> Value:
    value = _text(given)
    return Value(
        macro("redshift_split_part", value.node, _text(given, 1).node, _count(given, 2)), varchar(_size(value))
    )


@function("chr", count=(1, 1))
def _character(given: Call) -> Value:
    return Value(call("chr", _count(given, 0)), varchar(4))


@function("ascii", count=(1, 1))
def _code(given: Call) -> Value:
    return Value(cast(call("ascii", _text(given).node), "integer"), INT4)


@function("md5", count=(1, 1))
def _md5(given: Call) -> Value:
    return Value(call("md5", _text(given).node), SqlType("varchar", 32, trimmed=True))


@function("sha", "sha1", "func_sha1", count=(1, 1))
def _sha1(given: Call) -> Value:
    return Value(call("sha1", _text(given).node), SqlType("varchar", 40, trimmed=True))


@function("sha2", count=(2, 2))
def _sha2(given: Call) -> Value:
    bits = str(given.nodes[1].name)
    if bits not in ("0", "256"):
        raise unsupported(f"SHA2 of {bits} bits")
    return Value(call("sha256", _text(given).node), SqlType("varchar", 64, trimmed=True))


@function("quote_ident", "quote_literal", count=(1, 1))
def _quoted(given: Call) -> Value:
    return Value(macro(given.name, _text(given).node), TEXT)


@function("to_hex", count=(1, 1))
def _hex(given: Call) -> Value:
    return Value(call("lower", call("to_hex", convert(given.value(0), INT8).node)), TRIMMED)


@function("strtol", count=(2, 2))
def _number_of_base(given: Call) -> Value:
    return Value(macro("number_of_base", _text(given).node, _count(given, 1)), INT8)


@function("soundex", count=(1, 1))
def _soundex(given: Call) -> Value:
    return Value(macro("soundex", _text(given).node), varchar(4, trimmed=True))


@function("bpcharcmp", "bttext_pattern_cmp", count=(2, 2))
def _compared(given: Call) -> Value:
    first, second = (call("rtrim", _text(given, index).node, text(" ")) for index in range(2))
    return Value(macro("comparison", first, second), INT4)


operators.HANDLERS[exp.Trim] = trim
operators.HANDLERS[exp.StrPosition] = position
operators.HANDLERS[exp.Substring] = substring
