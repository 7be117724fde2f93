"""Table definitions: what Redshift only notes and DuckDB would enforce, or would not know."""

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from ..dialect import tokens_of
from ..errors import unsupported

_INFORMATIONAL = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference)
_TABLE_CONSTRAINTS = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint, exp.Constraint)
_WITH_WORD = {"ENCODE", "DISTSTYLE", "BACKUP"}
_WITH_COLUMNS = {"DISTKEY", "SORTKEY"}
_ALONE = {"COMPOUND", "INTERLEAVED"}


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


def text_length(tree: exp.Expr) -> exp.Expr:
    """VARCHAR(n) and CHAR(n) hold n bytes; DuckDB would ignore n, so a check holds it (and tells `origins`)."""
    if not isinstance(tree, exp.Create):
        return tree
    for column in tree.find_all(exp.ColumnDef):
        length = _length(column.kind)
        if length is not None:
            size = exp.Anonymous(this="strlen", expressions=[exp.Column(this=column.this.copy())])
            check = exp.CheckColumnConstraint(this=exp.LTE(this=size, expression=exp.Literal.number(length)))
            column.append("constraints", exp.ColumnConstraint(kind=check))
    return tree


def _length(kind: exp.DataType | None) -> int | None:
    if kind is None or kind.this not in exp.DataType.TEXT_TYPES or not kind.expressions:
        return None
    parameter = kind.expressions[0].this
    return int(parameter.this) if isinstance(parameter, exp.Literal) and not parameter.is_string else None


def check_refused(tree: exp.Expr) -> exp.Expr:
    """Redshift has no CHECK constraints."""
    if tree.find(exp.CheckColumnConstraint):
        raise unsupported("a CHECK constraint")
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
