"""Redshift's words: the types that a cast may name, and the words that no bare name may be. Used by `checks`.

Sources: "Data types", "Reserved words" and "SELECT" in the Redshift developer guide.
"""


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


TYPES = words(
    "smallint int2 integer int int4 bigint int8 decimal dec numeric real float4 float float8 double boolean bool char"
    " character nchar bpchar varchar nvarchar text date time timetz timestamp timestamptz datetime interval"
    " oid name regclass regtype regproc xid"
)
"""Each type's first word."""

ELSEWHERE = words("super geometry geography hllsketch varbyte varbinary binary")
"""Types that Redshift has and the laptop does not."""

COLUMNS_ELSEWHERE = words("current_user_id current_aws_account current_namespace")
"""Functions without parentheses that Redshift has and the laptop does not."""

RESERVED = words(
    """
    aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary
    blanksasnull both bytedict bzip2 case cast check collate column connect constraint create credentials cross default
    deferrable deflate defrag delta delta32k desc disable distinct do else emptyasnull enable encode encrypt encryption
    end except explicit false for foreign freeze from full globaldict256 globaldict64k grant group gzip having identity
    ignore ilike in initially inner intersect interval into is isnull join language leading left like limit lun luns lzo
    lzop minus mostly16 mostly32 mostly8 natural new not notnull null nulls off offline offset old on only open or order
    outer overlaps parallel partition percent permissions pivot placing primary raw readratio recover references
    rejectlog resort respect restore right select session_user similar snapshot some start system table tag tdes text255
    text32k then to top trailing true truncatecolumns union unique unnest unpivot using verbose wallet when where with
    without
    """
) - {"start", "connect", "oid"}
"""Words that name a column or a table only in double quotes."""

OPERATORS_MISSING = words("== ** // <=> -> ->> #> #>> @> <@ && ?| ?& := => ^@")
"""Operators that other databases have."""

PATTERNS_MISSING = words("rlike regexp glob div xor")
"""The same, written as words."""
