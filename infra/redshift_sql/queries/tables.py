"""Table definitions: what Redshift only notes and DuckDB would enforce, or would not know."""

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from ..errors import syntax_error, unsupported
from ..expressions.types import of_node
from ..grammar import tokens_of

_INFORMATIONAL = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference)
_TABLE_CONSTRAINTS = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint, exp.Constraint)
_REFUSED = (exp.DataType.Type.INTERVAL,)
_WITH_WORD = {"ENCODE", "DISTSTYLE", "BACKUP"}
_WITH_COLUMNS = {"DISTKEY", "SORTKEY"}
_ALONE = {"COMPOUND", "INTERLEAVED"}


def defined(tree: exp.Create) -> exp.Create:
    """The definition of a table or view as DuckDB takes it."""
    for refuse in (check_refused, identity_refused):
        refuse(tree)
    informational_constraints(tree)
    for column in tree.find_all(exp.ColumnDef):
        if column.kind is not None:
            _plain_type(column, column.kind)
    return tree


def _plain_type(column: exp.ColumnDef, kind: exp.DataType) -> None:
    """A type in full: NUMERIC is NUMERIC(18,0), VARCHAR is VARCHAR(256). Raises SyntaxFailed for an unknown one."""
    known = of_node(kind)
    if known is None or kind.this in _REFUSED:
        raise unsupported(f"type {kind.sql('redshift').lower()}")
    if known.is_text:
        _check_length(column, known.name, known.size or 256)
    column.set("kind", exp.DataType.build(known.duckdb, dialect="duckdb"))


def _check_length(column: exp.ColumnDef, kind: str, length: int) -> None:
    """VARCHAR(n) and CHAR(n) hold n bytes; DuckDB would ignore n, so a check holds it (and tells `column_metadata`)."""
    text: exp.Expr = exp.Column(this=column.this.copy())
    if kind == "char":
        text = exp.Anonymous(this="rtrim", expressions=[text])
    size = exp.Anonymous(this="strlen", expressions=[text])
    check = exp.CheckColumnConstraint(this=exp.LTE(this=size, expression=exp.Literal.number(length)))
    column.append("constraints", exp.ColumnConstraint(kind=check))


def informational_constraints(tree: exp.Expr) -> exp.Expr:
    """PRIMARY KEY, UNIQUE and FOREIGN KEY are not enforced by Redshift; a primary key's own column is NOT NULL."""
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        return tree
    columns = [part for part in tree.this.expressions if not isinstance(part, _TABLE_CONSTRAINTS)]
    tree.this.set("expressions", columns)
    for column in columns:
        column.set("constraints", [_enforced(constraint) for constraint in _kept(column)])
    return tree


def _kept(column: exp.Expr) -> list[exp.Expr]:
    constraints = column.args.get("constraints") or []
    return [
        constraint
        for constraint in constraints
        if not isinstance(constraint.args.get("kind"), exp.UniqueColumnConstraint | exp.Reference)
        and not isinstance(constraint, exp.Reference)
    ]


def _enforced(constraint: exp.Expr) -> exp.Expr:
    if isinstance(constraint.args.get("kind"), exp.PrimaryKeyColumnConstraint):
        return exp.ColumnConstraint(kind=exp.NotNullColumnConstraint())
    return constraint


def check_refused(tree: exp.Expr) -> exp.Expr:
    """Redshift has no CHECK constraints."""
    if tree.find(exp.CheckColumnConstraint):
        raise syntax_error("CHECK")
    return tree


def identity_refused(tree: exp.Expr) -> exp.Expr:
    """IDENTITY columns have no counterpart."""
    if tree.find(exp.GeneratedAsIdentityColumnConstraint):
        raise unsupported("an IDENTITY column")
    return tree


def without_physical_design(sql: str) -> str:
    """The text of a CREATE TABLE without ENCODE, DISTSTYLE, DISTKEY, SORTKEY and BACKUP, which only tune storage.

    Works on the text's tokens since sqlglot reads only some of these; whatever follows AS is left alone.
    """
    tokens = tokens_of(sql)
    pieces, kept_from, index = [], 0, 0
    while index < len(tokens) and tokens[index].text.upper() != "AS":
        length = _design_length(tokens, index)
        if length:
            pieces.append(sql[kept_from : tokens[index].start])
            kept_from = tokens[index + length - 1].end + 1
        index += length or 1
    return "".join(pieces) + sql[kept_from:]


def _design_length(tokens: list[Token], index: int) -> int:
    """How many tokens from here are physical design: 0 for none."""
    word = tokens[index].text.upper()
    if tokens[index].token_type in (TokenType.STRING, TokenType.IDENTIFIER):
        return 0
    if word in _WITH_WORD:
        return 2
    if word in _ALONE:
        return 1
    return _key_length(tokens, index) if word in _WITH_COLUMNS else 0


def _key_length(tokens: list[Token], index: int) -> int:
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    if following is None or following.token_type != TokenType.L_PAREN:
        return 2 if following is not None and following.text.upper() == "AUTO" else 1
    closing = next(i for i in range(index + 1, len(tokens)) if tokens[i].token_type == TokenType.R_PAREN)
    return closing - index + 1
