"""SQL files of S3 as statements, with values where they ask for some. Used by `setup_redshift` and `load_redshift`.

A file may have `${NAME}` wherever Redshift cannot be given a value by binding one. The values come from
`script_values`, which checks them. Next: `administrator` runs the statements.
"""

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from backend_lambdas.aws import clients
from backend_lambdas.reports import sql_text

_VARIABLE = re.compile(r"\$\{(\w+)\}")


class ScriptFailed(Exception):
    """A script could not be read or run; the sentence is for whoever deploys."""


class Script(Struct, frozen=True):
    """A file with its values filled in: what runs in one transaction."""

    name: str
    statements: tuple[str, ...]


def scripts_under(s3: Any, path: str, values: Mapping[str, str]) -> list[Script]:
    """The files under `s3://bucket/prefix/` in order of name.

    One that asks for a value that is empty is left out, and so is one that holds nothing but comments: a batch of no
    statements is refused. Raises `ScriptFailed`.
    """
    bucket, prefix = clients.s3_location(path)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = sorted(item["Key"] for page in pages for item in page.get("Contents", ()) if item["Key"].endswith(".sql"))
    texts = {key.removeprefix(prefix): _text(s3, bucket, key) for key in keys}
    scripts = [_script(name, text, values) for name, text in texts.items() if _applies(text, values)]
    return [script for script in scripts if script.statements]


def script_at(s3: Any, path: str, values: Mapping[str, str]) -> Script:
    """The file at `s3://bucket/key`. Raises `ScriptFailed`."""
    bucket, _, key = path.removeprefix("s3://").partition("/")
    return _script(key.rpartition("/")[2], _text(s3, bucket, key), values)


def _text(s3: Any, bucket: str, key: str) -> str:
    content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return str(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ScriptFailed(f"{key}: the file is not UTF-8 text") from error


def _script(name: str, text: str, values: Mapping[str, str]) -> Script:
    try:
        filled_in = _VARIABLE.sub(lambda variable: values[variable[1]], text)
    except KeyError as error:
        raise ScriptFailed(f"{name}: a variable in it is not known: {error}") from error
    return Script(name, tuple(sql_text.statements(filled_in)))


def _applies(text: str, values: Mapping[str, str]) -> bool:
    return all(values.get(name, name) for name in _VARIABLE.findall(text))
