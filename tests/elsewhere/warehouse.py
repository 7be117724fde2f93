"""Redshift in the imitated account: the laptop's Data API over DuckDB, behind the services that `inside.redshift` adds.

What it needs of the account it asks for as a warehouse does: files by a role of its own, and events put on the bus.
"""

import json
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from boto3.exceptions import Boto3Error
from botocore.exceptions import ClientError

from infra.local.endpoint import awsjson
from infra.local.redshift import ControlPlane
from infra.local.redshift_data import DataApiLimits, RedshiftData
from infra.redshift_sql.errors import StatementFailed

ADMIN = "awsuser"
PATIENCE = 60
Client = Callable[[str], Any]


@dataclass(frozen=True)
class Bucket:
    """S3 by the warehouse's role: what it may not read or write, COPY and UNLOAD cannot."""

    s3: Callable[[], Any]
    folder: Path

    def has_bucket(self, name: str) -> bool:
        """Whether there is such a bucket, as far as the role may know."""
        try:
            self.s3().head_bucket(Bucket=name)
        except ClientError:
            return False
        return True

    def files(self, url: str) -> list[Path]:
        """Copies of all objects whose address starts with `url`, in order of their keys."""
        copies = Path(tempfile.mkdtemp(dir=self.folder))
        return [self._copy(url, key, copies / str(index)) for index, key in enumerate(self._keys(url))]

    def store(self, url: str, file: Path) -> None:
        """Makes the file the object of that address."""
        parts = urlsplit(url)
        with _failing(url):
            self.s3().upload_file(str(file), parts.netloc, parts.path.lstrip("/"))

    def delete(self, url: str) -> None:
        """Deletes all objects whose address starts with `url`."""
        for key in self._keys(url):
            with _failing(url):
                self.s3().delete_object(Bucket=urlsplit(url).netloc, Key=key)

    def _keys(self, url: str) -> Iterator[str]:
        parts = urlsplit(url)
        with _failing(url):
            pages = self.s3().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=parts.netloc, Prefix=parts.path.lstrip("/")):
                yield from (item["Key"] for item in page.get("Contents", ()))

    def _copy(self, url: str, key: str, copy: Path) -> Path:
        with _failing(url):
            self.s3().download_file(urlsplit(url).netloc, key, str(copy))
        return copy


@contextmanager
def _failing(url: str) -> Iterator[None]:
    """Tells an error of S3 as Redshift does."""
    try:
        yield
    except (ClientError, Boto3Error) as error:
        raise StatementFailed(f"ERROR: S3ServiceException:{error} ({url})") from error


class Warehouse:
    """A cluster with its two APIs, on a port of loopback that only ministack is told."""

    def __init__(self, folder: Path, cluster: str, region: str, account: str, client: Client, files: Bucket) -> None:
        self._client = client
        self._may_tell = threading.Event()
        self._may_tell.set()
        self._control = ControlPlane(cluster, "", "dev", ADMIN, region, account)
        self.data = RedshiftData(
            folder / "dev.duckdb",
            publish=self._publish,
            objects=files,
            region=region,
            account=account,
            admin_users=frozenset({ADMIN}),
            limits=DataApiLimits(databases=frozenset({"dev"}), clusters=frozenset({cluster})),
        )
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self._server.serve_forever, name="warehouse", daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def attach(self, role: str) -> None:
        """What `aws redshift modify-cluster-iam-roles --add-iam-roles` does."""
        self._control = replace(self._control, roles=(*self._control.roles, role))

    def close(self) -> None:
        """Ends it; what still runs is aborted, and told to nobody."""
        self._server.shutdown()
        self._server.server_close()
        self.data.close()

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Statements end, and nothing tells of it until the block has ended."""
        self._may_tell.clear()
        try:
            yield
        finally:
            self._may_tell.set()

    def _publish(self, event: dict[str, Any]) -> None:
        self._may_tell.wait(PATIENCE)
        entry = {
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "Resources": event["resources"],
        }
        answer = self._client("events").put_events(Entries=[entry])
        if answer["FailedEntryCount"]:
            raise RuntimeError(f"The event was not taken: {answer['Entries']}")

    def _answer(self, target: str, body: bytes, caller: str) -> tuple[int, str]:
        if not target:
            return self._control.redshift(dict(parse_qsl(body.decode())))
        operation = target.rpartition(".")[2]
        return awsjson.answer("redshift-data", operation, body, lambda op, req: self.data.call(op, req, caller))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                target = self.headers.get("X-Amz-Target", "")
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, text = answer(target, body, self.headers["X-Caller"])
                content = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1" if target else "text/xml")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None: ...

        return Handler
