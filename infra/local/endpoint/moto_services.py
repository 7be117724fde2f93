"""DynamoDB, S3, SSM, SQS and the like: moto's server as a library. `edge` hands requests over, `runtime` fills it.

moto keeps everything in this process's memory, so there can be one of these at a time in a process; S3 objects are
mirrored to files and come back after a restart, and so do DynamoDB's items that do not expire (`dynamodb.kept_items`).
A changed object is published to `eventbridge.bus`, if its bucket is set to do so. S3 links are checked by `s3.links`,
and objects sent by `s3.reading`.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.cloudformation.stack_resources import Table
from infra.local.dynamodb import items as moto_dynamodb
from infra.local.dynamodb.items import DynamoDb
from infra.local.hooks import Hooks
from infra.local.s3 import links as s3_links
from infra.local.s3.events import event_of
from infra.local.s3.mirror import Change, S3Mirror
from infra.local.s3.objects import S3Objects
from infra.local.s3.reading import ObjectReader

KEPT_HERE = ("dynamodb", "s3", "ssm", "sqs")
# Redshift writes its files as multipart uploads
_MULTIPART = {"REQUEST_METHOD": "POST", "QUERY_STRING": "uploadId=unload"}
READING = frozenset({"GET", "HEAD", "OPTIONS"})

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Publish = Callable[[dict[str, Any]], None]


class MotoServices:
    """A WSGI application for every AWS service that is not ours.

    `folder` keeps the S3 objects; `publish` takes S3's events and must not block; `hooks` may let indexes lag.
    """

    def __init__(self, folder: Path, publish: Publish, hooks: Hooks | None = None) -> None:
        from moto.moto_server import werkzeug_app

        from infra.local.dynamodb import tables as dynamodb_tables

        dynamodb_tables.install((hooks or Hooks()).indexes_follow)
        werkzeug_app.DISABLE_GLOBAL_CORS = True  # else any web page could read this endpoint
        self._app = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
        # moto looks through all its services, under a lock, for every request; the answer for a host never changes
        self._app.get_backend_for_host = cache(self._app.get_backend_for_host)  # type: ignore[method-assign]
        _forget_everything()
        self._mirror = S3Mirror(folder, _s3_backend)
        self._mirror.restore()
        self._reader = ObjectReader(self._app, self._mirror)
        self._publish = publish
        self._dynamodb = DynamoDb(self._app, ACCOUNT, REGION)
        self.objects = S3Objects(self._mirror, partial(self._tell, environ=_MULTIPART))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request; a write to S3 is on disk before its answer leaves."""
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = ACCOUNT
        try:
            s3_links.check(environ, datetime.now(UTC))
        except s3_links.Refused as refused:
            return refused.response()(environ, start_response)
        if moto_dynamodb.concerns(environ):
            return self._dynamodb(environ, start_response)
        if environ["REQUEST_METHOD"] in READING or "HTTP_X_AMZ_TARGET" in environ:
            return self._reader(environ, start_response)
        started: list[tuple[Any, ...]] = []
        answer: Iterable[bytes] = self._app(environ, lambda *head: started.append(head))
        for change in self._mirror.sync(_object_of(environ)):
            self._tell(change, environ)
        start_response(*started[-1])  # an answer without a body is complete, for the client, from here on
        return answer

    def _tell(self, change: Change, environ: Environ) -> None:
        bucket = _s3_backend().buckets.get(change.bucket)
        configuration = bucket and bucket.notification_configuration
        if configuration and configuration.event_bridge is not None:
            self._publish(event_of(change, environ))


def _object_of(environ: Environ) -> tuple[str, str] | None:
    """Bucket and key of the one object that a request writes or deletes; None where it may concern others as well."""
    query = {name for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
    if environ["REQUEST_METHOD"] not in ("PUT", "DELETE") or query - {"x-id"}:
        return None
    bucket, _, key = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace").removeprefix("/").partition("/")
    return (bucket, key) if key else None


class Clients:
    """boto3 clients of this endpoint, made when first asked for; their timeouts are short, nothing is far away."""

    def __init__(self, endpoint_url: str) -> None:
        import boto3
        from botocore.config import Config

        session = boto3.Session("local", "local", region_name=REGION)
        config = Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard", "total_max_attempts": 3})
        self._make = partial(session.client, endpoint_url=endpoint_url, config=config)
        self._made: dict[str, Any] = {}

    def __getitem__(self, service: str) -> Any:
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def close(self) -> None:
        """Gives their connections back."""
        for client in self._made.values():
            client.close()


def create_table(clients: Clients, table: Table) -> None:
    """The template's table, with its expiry."""
    clients["dynamodb"].create_table(TableName=table.name, **table.definition)
    if table.expires_by:
        expiry = {"Enabled": True, "AttributeName": table.expires_by}
        clients["dynamodb"].update_time_to_live(TableName=table.name, TimeToLiveSpecification=expiry)


def ensure_bucket(clients: Clients, name: str) -> None:
    """The bucket, made unless it is there."""
    known = [bucket["Name"] for bucket in clients["s3"].list_buckets()["Buckets"]]
    if name not in known:
        clients["s3"].create_bucket(Bucket=name)


def send_events(clients: Clients, bucket: str) -> None:
    """Makes the bucket tell EventBridge of its objects, as whoever deploys the template does on AWS."""
    clients["s3"].put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )


def _forget_everything() -> None:
    from moto.backends import get_backend

    backend_of: Any = get_backend

    for service in KEPT_HERE:
        for account in backend_of(service).values():
            account.reset()


def _s3_backend() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[ACCOUNT]["aws"]
