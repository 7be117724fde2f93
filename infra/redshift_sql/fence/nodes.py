"""The forms of expressions and clauses that Redshift's queries have, as sqlglot names them. Used by `checks`.

A form that is neither here nor explained in `REFUSED` is a syntax error at its own keyword.
Source: the pages of SELECT and its clauses, expressions, conditions and operators of the Redshift developer guide.
"""

from sqlglot import exp

_QUERY = (
    exp.Select, exp.From, exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.Offset,
    exp.With, exp.CTE, exp.Subquery, exp.Union, exp.Except, exp.Intersect, exp.Join, exp.Table, exp.TableAlias,
    exp.Alias, exp.Star, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Pivot, exp.PivotAlias, exp.Into, exp.Lock,
    exp.Distinct,
)  # fmt: skip
_NAMES = (exp.Column, exp.Identifier, exp.Dot, exp.Var, exp.Placeholder)
_VALUES = (
    exp.Literal, exp.Null, exp.Boolean, exp.ByteString, exp.RawString, exp.Interval, exp.DataType, exp.DataTypeParam,
    exp.CurrentDate, exp.CurrentTimestamp, exp.CurrentTime, exp.Localtime, exp.Localtimestamp, exp.CurrentUser,
    exp.SessionUser, exp.CurrentSchema,
)  # fmt: skip
_OPERATORS = (
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Pow, exp.Neg, exp.Sqrt, exp.Cbrt, exp.Abs, exp.DPipe, exp.Concat,
    exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift, exp.BitwiseRightShift,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.Not, exp.And, exp.Or, exp.Between, exp.In, exp.Like,
    exp.ILike, exp.SimilarTo, exp.RegexpLike, exp.RegexpILike, exp.Escape, exp.Exists, exp.Any, exp.All, exp.Paren,
    exp.Tuple, exp.AtTimeZone,
)  # fmt: skip
_CALLS = (
    exp.Anonymous, exp.Case, exp.If, exp.Cast, exp.Extract, exp.StrPosition, exp.Substring, exp.Trim, exp.Window,
    exp.WindowSpec, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls,
)  # fmt: skip
ALLOWED = frozenset((*_QUERY, *_NAMES, *_VALUES, *_OPERATORS, *_CALLS))

REFUSED: dict[type[exp.Expr], str] = {
    exp.Filter: "(",
    exp.NullSafeNEQ: "distinct",
    exp.NullSafeEQ: "distinct",
    exp.Array: "[",
    exp.Struct: "{",
    exp.TableSample: "tablesample",
    exp.Fetch: "fetch",
    exp.LimitOptions: "percent ties",
    exp.Parameter: "@",
    exp.Values: "values",
    exp.Unnest: "unnest",
    exp.Lateral: "lateral",
    exp.Collate: "collate",
}
"""Form to the word at which Redshift finds the syntax wrong; of several, the one that stands there."""

TOLD_BY_TOKENS = (
    exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar, exp.JSONPath, exp.JSONPathPart,
    exp.ArrayContainsAll, exp.ArrayContainedBy, exp.ArrayOverlaps, exp.PropertyEQ, exp.Kwarg, exp.Lambda, exp.IntDiv,
    exp.Glob, exp.Connect, exp.Prior, exp.Distribute, exp.Sort, exp.Cluster, exp.Slice,
)  # fmt: skip
"""Forms whose operator or keyword is refused by itself."""

ELSEWHERE: dict[type[exp.Expr], str] = {
    exp.Connect: "CONNECT BY",
    exp.Bracket: "navigation of SUPER",
}
"""Form to the name of what Redshift has and the laptop does not."""

SELECT_PARTS: dict[str, str] = {
    "windows": "window",
    "sample": "using",
    "distribute": "distribute",
    "sort": "sort",
    "cluster": "cluster",
    "match": "match_recognize",
    "prewhere": "prewhere",
    "settings": "settings",
    "format": "format",
    "laterals": "lateral",
}
"""Parts of a select that Redshift's has not, to the word they begin with."""
