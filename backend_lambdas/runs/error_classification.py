"""Why the warehouse gave no rows, where a viewer or an operator can do something about it. Pure.

Used by `run_service` for statements that failed, by `get_result` for rows that cannot be had, and by `outcomes` for the
words. A failed statement has no code, only the warehouse's own text: so it is told by that, and whatever is not known
here is an error of the report. The limits are the Data API's; an export goes past it, straight to S3. Source: Amazon
Redshift, "Troubleshooting issues for Amazon Redshift Data API" and "Considerations when calling" it.
"""

import re
from collections.abc import Mapping

from backend_lambdas.errors import DiskFull, PushboardError, ResultTooLarge, RowTooLarge

SQL_ERROR = "sql_error"

_WORDS: Mapping[type[PushboardError], re.Pattern[str]] = {
    ResultTooLarge: re.compile(
        r"\bresponse exceeded size limit|\bresult (set )?size exceed(s|ed) (the )?(limit|\d+ ?MB)", re.IGNORECASE
    ),
    RowTooLarge: re.compile(r"\bpacket for query is too large", re.IGNORECASE),
    DiskFull: re.compile(r"\bdisk full\b|\bno space left\b", re.IGNORECASE),
}

CAUSES: tuple[type[PushboardError], ...] = tuple(_WORDS)


def cause_of(text: str) -> type[PushboardError] | None:
    """What the warehouse's words tell of, or None: something that only the report's author can mend."""
    return next((cause for cause, words in _WORDS.items() if words.search(text)), None)


def code_of(text: str) -> str:
    """The code of a statement that failed with these words."""
    cause = cause_of(text)
    return cause.code if cause else SQL_ERROR
