"""Pages that were read once, in S3: gzip-compressed JSON under their statement's id. Used by `page_reader`.

    <prefix>/<keep>/<statement id>/<page number>.json.gz

The number is that of the first of the Data API's pages that the object holds: of one, or of several that follow one
another, as it says itself. Whoever reads on goes on behind all of them, so objects may hold the same page twice.

`keep` is what the report says (`1d`, `7d` ...); the bucket's lifecycle removes what lies under it a day after the
statement's record has ended. Who may read a page is decided before, by that record. What S3 does not do fails no
reading: the rows come from the Data API then, as long as it has them.
"""

import gzip
import zlib
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from backend_lambdas import log_events
from backend_lambdas.aws import clients
from backend_lambdas.results.pages import Page

_LEVEL = 1
"""Of gzip: the lowest makes rows a sixth in a quarter of the time in which the usual one makes them an eighth."""

_PAGES = msgspec.json.Decoder(Page)

_UNREADABLE = (OSError, EOFError, zlib.error, msgspec.MsgspecError)
"""What decompressing and decoding raise for an object that is no whole page."""


class KeptPages(Struct, frozen=True):
    """The pages under `s3://bucket/prefix/`."""

    s3: Any
    s3_path: str

    def get(self, statement_id: str, keep_days: int, number: int) -> Page | None:
        """A page; None when it is not kept, or cannot be read, which is counted."""
        try:
            answer = self.s3.get_object(**self._place(statement_id, keep_days, number))
            return _PAGES.decode(gzip.decompress(answer["Body"].read()))
        except (ClientError, BotoCoreError) as error:
            if not (isinstance(error, ClientError) and clients.error_code(error) == "NoSuchKey"):
                log_events.kept_page_unreadable(statement_id, number, str(error))
        except _UNREADABLE as error:
            log_events.kept_page_unreadable(statement_id, number, str(error))
        return None

    def put(self, statement_id: str, keep_days: int, number: int, page: Page) -> None:
        """Keeps a page for later readers; that it failed is counted and nothing else."""
        try:
            body = gzip.compress(msgspec.json.encode(page), _LEVEL)
            self.s3.put_object(**self._place(statement_id, keep_days, number), Body=body)
        except (ClientError, BotoCoreError, UnicodeEncodeError) as error:
            log_events.page_not_kept(statement_id, number, str(error))

    def _place(self, statement_id: str, keep_days: int, number: int) -> dict[str, str]:
        bucket, prefix = clients.s3_location(self.s3_path)
        return {"Bucket": bucket, "Key": f"{prefix}{keep_days}d/{statement_id}/{number}.json.gz"}
