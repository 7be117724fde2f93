"""A function call being translated, and the table of all functions by Redshift's names.

Each module registers its functions with `function`; a name that none registers does not exist here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.nodes import call, cast, text
from ..expressions.types import UNKNOWN, SqlType
from ..expressions.values import Value
from ..fence.functions import exists, unavailable

if TYPE_CHECKING:
    from ..queries.translation import Translator

ANY_NUMBER = 1000
"""As many arguments as one likes."""


@dataclass
class Call:
    """One call: its arguments as written (`nodes`) and translated (`values`), and what stands around it."""

    translator: "Translator"
    name: str
    nodes: list[exp.Expr]
    distinct: bool = False
    window: exp.Window | None = None
    order: exp.Order | None = None
    nulls: type[exp.Expr] | None = None
    _values: dict[int, Value] = field(default_factory=dict)

    @property
    def values(self) -> list[Value]:
        """Every argument, translated."""
        return [self.value(index) for index in range(len(self.nodes))]

    def value(self, index: int) -> Value:
        """One argument, translated once."""
        if index not in self._values:
            self._values[index] = self.translator.value(self.nodes[index])
        return self._values[index]

    def aggregate(self, name: str, *arguments: exp.Expr) -> exp.Expr:
        """A call of DuckDB's aggregate or window function, over the call's window and DISTINCT where it has them."""
        given = list(arguments)
        if self.distinct:
            given = [exp.Distinct(expressions=[given[0]]), *given[1:]]
        return self.over(call(name, *given))

    def over(self, node: exp.Expr) -> exp.Expr:
        """The node over the call's window, if it has one."""
        if self.window is None:
            return node
        window = self.window.copy()
        window.set("this", node if self.nulls is None else self.nulls(this=_known(node)))
        return window


_OF_NULLS = {"first_value": exp.FirstValue, "last_value": exp.LastValue, "lag": exp.Lag, "lead": exp.Lead}


def _known(node: exp.Expr) -> exp.Expr:
    """A window function as sqlglot knows it, which writes IGNORE NULLS only for those."""
    made = _OF_NULLS.get(str(node.this))
    if made is None:
        raise unsupported(f"IGNORE NULLS of {node.this}")
    names = ("this", "offset", "default")
    return made(**dict(zip(names, node.expressions, strict=False)))


Build = Callable[[Call], Value]


@dataclass(frozen=True)
class Function:
    """How a call is built, and how many arguments it takes."""

    build: Build
    fewest: int
    most: int
    is_aggregate: bool = False
    constants: Mapping[int, str] = field(default_factory=dict)

    def built(self, given: Call) -> Value:
        """The call, translated. An argument that is read here, such as a pattern, gives NULL where it is NULL."""
        absent = {index for index in self.constants if index < len(given.nodes) and is_null(given.nodes[index])}
        if not absent:
            return self.build(given)
        for index in absent:
            given.nodes[index] = text(self.constants[index])
        kind = self.build(given).kind
        return Value(exp.Null(), UNKNOWN) if kind is None else Value(cast(exp.Null(), kind.duckdb), kind)


def is_null(node: exp.Expr) -> bool:
    """Whether an argument is NULL as it is written, of a type or of none."""
    inner = node.this if isinstance(node, exp.Cast | exp.Paren) else node
    return isinstance(inner, exp.Null)


FUNCTIONS: dict[str, Function] = {}


def function(
    *names: str, count: tuple[int, int], aggregate: bool = False, constants: Mapping[int, str] | None = None
) -> Callable[[Build], Build]:
    """Register a function under these names, taking between `count` arguments.

    `constants` are the arguments whose text is read while translating, each with one that would do.
    """

    def register(build: Build) -> Build:
        for name in names:
            FUNCTIONS[name] = Function(build, *count, aggregate, constants or {})
        return build

    return register


def find(name: str, nodes: list[exp.Expr], kinds: Callable[[], list[SqlType | None]]) -> Function:
    """The function of that name and number of arguments. Raises StatementFailed with their types, as Redshift does."""
    known = FUNCTIONS.get(name)
    if known is not None and known.fewest <= len(nodes) <= known.most:
        return known
    if known is None and exists(name, len(nodes)):
        raise StatementFailed(f"ERROR: {unavailable(f'function {name}')}")
    raise missing(name, kinds())


def missing(name: str, kinds: list[SqlType | None]) -> StatementFailed:
    """The error for a function that does not exist for these types."""
    words = ", ".join(UNKNOWN.words if kind is None else kind.words for kind in kinds)
    return StatementFailed(f"ERROR: function {name}({words}) does not exist")
