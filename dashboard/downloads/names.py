"""Names of downloaded files: their content, in a form that Windows, macOS and Linux accept. Pure; used by the routes.

Sources: Microsoft, "Naming Files, Paths, and Namespaces"; RFC 6266 and RFC 8187.
"""

import re
import unicodedata
from urllib.parse import quote

from werkzeug.http import dump_options_header

from dashboard.downloads.pages import Provenance, value_text

MAX_LENGTH = 120
"""Characters."""

_MAX_MOMENT_LENGTH = 40
_MAX_BYTES = 240  # in UTF-8; Linux allows 255, and browsers add a number or an ending
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3])(\.|$)", re.IGNORECASE)
_CUT = "\N{HORIZONTAL ELLIPSIS}"


def file_name(provenance: Provenance, ending: str) -> str:
    """Returns the name of a result's file, such as `revenue_by_day 2015-12 as of 2026-11-20 09.31.07.csv`."""
    values = [value_text(value) for value in provenance.parameters.values()]
    return dated_name(" ".join([provenance.report, *values]), provenance.as_of, ending)


def dated_name(what: str, as_of: str, ending: str) -> str:
    """Returns the name of a file that holds `what` as of a moment. If it is too long, `what` is cut."""
    moment = _MOMENT.match(as_of)
    when = "{} {}.{}.{}".format(*moment.groups()) if moment else _legal(as_of[:_MAX_MOMENT_LENGTH])
    tail = f"{f' as of {when}' if when else ''}.{ending}"
    head = _legal(what).lstrip("-~. ") or "download"
    if _DEVICE.match(head + tail):
        head = f"_{head}"
    return _fitting(head, tail)


def content_disposition(name: str) -> str:
    """Returns the header that makes a browser save a response as a file of this name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    if plain == name:
        return dump_options_header("attachment", {"filename": name})
    encoded = quote(name, safe="!#$&+-.^_`|~")
    return dump_options_header("attachment", {"filename": plain, "filename*": f"UTF-8''{encoded}"})


def _legal(text: str) -> str:
    """The text without invisible characters, changes of direction, and characters that a file system forbids."""
    seen = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text)
        if letter.isspace() or unicodedata.category(letter)[0] != "C"
    )
    return " ".join(_FORBIDDEN.sub("-", seen).split()).rstrip(". ")


def _fitting(head: str, tail: str) -> str:
    if _fits(head + tail):
        return head + tail
    while not _fits(head + _CUT + tail):
        head = head[:-1]
    return head.rstrip() + _CUT + tail


def _fits(name: str) -> bool:
    return len(name) <= MAX_LENGTH and len(name.encode()) <= _MAX_BYTES
