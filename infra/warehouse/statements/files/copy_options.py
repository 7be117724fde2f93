"""The options of a COPY, read word by word. Used by `copy_from`.

Source: "COPY" and its parameter pages in the Redshift developer guide.
"""

from dataclasses import dataclass, field

from infra.redshift_sql.errors import StatementFailed, syntax_error, unsupported
from infra.redshift_sql.token_stream import TokenStream, Values


@dataclass
class CopyOptions:
    """What a COPY says after the table's name."""

    source: str = ""
    columns: list[str] = field(default_factory=list)
    authorization: str = ""
    format: str = "TEXT"
    delimiter: str | None = None
    quote: str = '"'
    skip: int = 0
    null: str | None = None
    empty_as_null: bool = False
    blanks_as_null: bool = False
    compression: str = "none"
    max_errors: int = 0
    moments: None = None


def read_options(reader: TokenStream) -> CopyOptions:
    """Everything after the table's name. Raises SyntaxFailed for an unknown word, and for what is not imitated."""
    options = CopyOptions()
    if reader.take("("):
        options.columns = reader.names()
        reader.need(")")
    reader.need("FROM")
    options.source = reader.word()
    while not reader.at_end():
        _read_option(reader, options)
    if not options.source.startswith("s3://"):
        raise unsupported("COPY from anything but s3://")
    if not options.authorization:
        raise StatementFailed("ERROR: Must specify IAM_ROLE or CREDENTIALS to load from S3")
    return options


def _read_option(reader: TokenStream, options: CopyOptions) -> None:
    word = reader.word().upper()
    if reader.read_option(word, options, _VALUES, _FLAGS):
        return
    if word in _WITHOUT_EFFECT:
        reader.word()
    else:
        raise syntax_error(word)


def _format(reader: TokenStream) -> str:
    reader.take("AS")
    word = reader.word().upper()
    if word not in ("CSV", "PARQUET"):
        raise unsupported(f"COPY FORMAT {word}")
    return word


def _integer(reader: TokenStream) -> int:
    word = reader.word()
    if not word.isdigit():
        raise syntax_error(word)
    return int(word)


def _separator(reader: TokenStream) -> str:
    return reader.word().replace("\\t", "\t")


def _moments(reader: TokenStream) -> None:
    """Date formats: only what DuckDB reads by itself."""
    word = reader.word()
    if word.lower() not in ("auto", "yyyy-mm-dd", "yyyy-mm-dd hh:mi:ss"):
        raise unsupported(f"COPY with the date format {word}")


_VALUES: Values = {
    "IAM_ROLE": ("authorization", TokenStream.word),
    "CREDENTIALS": ("authorization", TokenStream.word),
    "FORMAT": ("format", _format),
    "DELIMITER": ("delimiter", _separator),
    "QUOTE": ("quote", TokenStream.word),
    "IGNOREHEADER": ("skip", _integer),
    "MAXERROR": ("max_errors", _integer),
    "NULL": ("null", TokenStream.word),
    "DATEFORMAT": ("moments", _moments),
    "TIMEFORMAT": ("moments", _moments),
}
_FLAGS = {
    "CSV": ("format", "CSV"),
    "PARQUET": ("format", "PARQUET"),
    "GZIP": ("compression", "gzip"),
    "ZSTD": ("compression", "zstd"),
    "EMPTYASNULL": ("empty_as_null", True),
    "BLANKSASNULL": ("blanks_as_null", True),
}
_WITHOUT_EFFECT = {"REGION", "COMPUPDATE", "STATUPDATE"}
