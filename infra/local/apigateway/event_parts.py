"""What both kinds of API Gateway put into an event: ids, times, headers. Used by their `*_events` modules."""

import base64
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class ApiStage:
    """A stage of an API, and where the API is."""

    api_id: str
    name: str
    region: str = "us-east-1"
    account: str = "000000000000"

    @property
    def domain(self) -> str:
        """The API's host name on AWS."""
        return f"{self.api_id}.execute-api.{self.region}.amazonaws.com"

    def arn(self, tail: str) -> str:
        """The ARN of a route or method."""
        return f"arn:aws:execute-api:{self.region}:{self.account}:{self.api_id}/{self.name}/{tail}"


def new_id() -> str:
    """An id in the form API Gateway's have, such as `BFHPhFe3IAMF95g=`."""
    return base64.urlsafe_b64encode(secrets.token_bytes(11)).decode()


def now_ms() -> int:
    """Epoch milliseconds."""
    return int(time.time() * 1000)


def request_time(epoch_ms: int) -> str:
    """A time as access logs write it: `20/Nov/2026:09:30:58 +0000`."""
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def single_and_multiple(name: str, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """A pair of event members such as `headers` and `multiValueHeaders`; the single one has the last value."""
    multiple: dict[str, list[str]] = {}
    for key, value in pairs:
        multiple.setdefault(key, []).append(value)
    capital = name[0].upper() + name[1:]
    return {name: {key: values[-1] for key, values in multiple.items()}, f"multiValue{capital}": multiple}


def query_pairs(query: str) -> Pairs:
    """The decoded names and values of a query string."""
    return parse_qsl(query, keep_blank_values=True)


def header_name(name: str) -> str:
    """A header's name as clients spell it; servers lower it on the way."""
    return name.title().replace("Websocket", "WebSocket")
