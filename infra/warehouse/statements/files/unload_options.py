"""The options of an UNLOAD, read word by word. Used by `unload`.

Source: "UNLOAD" in the Redshift developer guide. Formats other than CSV and PARQUET are not imitated.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from infra.redshift_sql.errors import StatementFailed, syntax_error, unsupported
from infra.redshift_sql.token_stream import TokenStream, Values

_SIZES = {"MB": 1024**2, "GB": 1024**3}
SMALLEST, LARGEST = 5 * 1024**2, int(Decimal("6.2") * 1024**3)


@dataclass
class UnloadOptions:
    """What an UNLOAD says after its query; `max_size` in bytes. `delimiter` and `null` are None when not named."""

    target: str = ""
    authorization: str = ""
    format: str = "TEXT"
    header: bool = False
    delimiter: str | None = None
    null: str | None = None
    compression: str = "none"
    extension: str | None = None
    parallel: bool = True
    max_size: int = LARGEST
    manifest: bool = False
    overwrite: bool = False
    clean: bool = False

    @property
    def bucket(self) -> str:
        """The bucket of the target."""
        return self.target.removeprefix("s3://").partition("/")[0]

    def name(self, number: int) -> str:
        """The address of a file by its number. One slice writes, as on the smallest warehouse.

        The guide says that EXTENSION is appended and not validated; whether Redshift adds a dot it does not say, so
        whoever wants one writes it.
        """
        numbered = f"0000_part_{number:02}" if self.parallel else f"{number:03}"
        return self.target + numbered + self._suffix()

    def _suffix(self) -> str:
        if self.extension is not None:
            return self.extension
        return ".parquet" if self.format == "PARQUET" else _SUFFIXES[self.compression]


_SUFFIXES = {"none": "", "gzip": ".gz", "zstd": ".zst"}


def read_options(reader: TokenStream) -> UnloadOptions:
    """Everything after the query. Raises SyntaxFailed for an unknown word or one that is not imitated.

    Raises StatementFailed for options that exclude each other.
    """
    options = UnloadOptions(target=_text(reader))
    while not reader.at_end():
        _read_option(reader, options)
    _check(options)
    return options


def _read_option(reader: TokenStream, options: UnloadOptions) -> None:
    word = reader.word().upper()
    if reader.read_option(word, options, _VALUES, _FLAGS):
        return
    if word == "REGION":
        reader.take("AS")
        _text(reader)
    elif word in _NOT_IMITATED:
        raise unsupported(f"UNLOAD with {word}")
    else:
        raise syntax_error(word)


def _check(options: UnloadOptions) -> None:
    if not options.target.startswith("s3://") or not options.bucket:
        raise StatementFailed(f"ERROR: Invalid S3 path '{options.target}': it must be s3://bucket/prefix")
    if not options.authorization:
        raise StatementFailed("ERROR: Must specify IAM_ROLE or CREDENTIALS to unload to S3")
    if options.format == "TEXT":
        raise unsupported("UNLOAD to delimited text (say FORMAT AS CSV or PARQUET)")
    if options.clean and options.overwrite:
        raise StatementFailed("ERROR: CLEANPATH and ALLOWOVERWRITE cannot be used together")
    if options.format == "PARQUET":
        _check_parquet(options)


def _check_parquet(options: UnloadOptions) -> None:
    refused = {
        "HEADER": options.header,
        "DELIMITER": options.delimiter is not None,
        "NULL AS": options.null is not None,
        options.compression.upper(): options.compression != "none",
    }
    for name, given in refused.items():
        if given:
            raise StatementFailed(f"ERROR: {name} is not supported for UNLOAD to PARQUET")


def _text(reader: TokenStream) -> str:
    if not reader.is_text():
        raise syntax_error(reader.word())
    return reader.word()


def _format(reader: TokenStream) -> str:
    reader.take("AS")
    word = reader.word().upper()
    if word not in ("CSV", "PARQUET"):
        raise unsupported(f"UNLOAD FORMAT {word}")
    return word


def _delimiter(reader: TokenStream) -> str:
    delimiter = _text(reader).replace("\\t", "\t")
    if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
        raise StatementFailed("ERROR: DELIMITER must be a single ASCII character that separates fields")
    return delimiter


def _size(reader: TokenStream) -> int:
    word = reader.word()
    unit = next((size for name, size in _SIZES.items() if reader.take(name)), _SIZES["MB"])
    try:
        size = int(Decimal(word) * unit)
    except InvalidOperation as error:
        raise syntax_error(word) from error
    if not SMALLEST <= size <= LARGEST:
        raise StatementFailed("ERROR: MAXFILESIZE must be between 5 MB and 6.2 GB")
    return size


def _switch(reader: TokenStream) -> bool:
    if reader.take("OFF") or reader.take("FALSE"):
        return False
    return reader.take("ON") or reader.take("TRUE") or True


def _manifest(reader: TokenStream) -> bool:
    if reader.take("VERBOSE"):
        raise unsupported("UNLOAD with MANIFEST VERBOSE")
    return True


_VALUES: Values = {
    "IAM_ROLE": ("authorization", TokenStream.word),
    "CREDENTIALS": ("authorization", TokenStream.word),
    "FORMAT": ("format", _format),
    "DELIMITER": ("delimiter", _delimiter),
    "NULL": ("null", _text),
    "EXTENSION": ("extension", _text),
    "MAXFILESIZE": ("max_size", _size),
    "PARALLEL": ("parallel", _switch),
    "MANIFEST": ("manifest", _manifest),
}
_FLAGS = {
    "CSV": ("format", "CSV"),
    "PARQUET": ("format", "PARQUET"),
    "HEADER": ("header", True),
    "GZIP": ("compression", "gzip"),
    "ZSTD": ("compression", "zstd"),
    "ALLOWOVERWRITE": ("overwrite", True),
    "CLEANPATH": ("clean", True),
}
_NOT_IMITATED = {
    "JSON",
    "PARTITION BY",
    "FIXEDWIDTH",
    "ENCRYPTED",
    "KMS_KEY_ID",
    "BZIP2",
    "ADDQUOTES",
    "ESCAPE",
    "ROWGROUPSIZE",
    "ACCESS_KEY_ID",
}
