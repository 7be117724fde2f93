"""What each function asks of AWS while it runs on the laptop, in IAM's words. Used by `test_exact_rights`.

Source of the actions and resources: AWS, "Service Authorization Reference".
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.model import OperationModel

from infra.local.cloudformation.stack import ACCOUNT, REGION

Params = Mapping[str, Any]
PACKAGE = "backend_lambdas"


@dataclass(frozen=True)
class Use:
    """An action on a resource that a function asked for, and the place in the code: a module and a method of boto3.

    `context` has the condition keys that the call brings itself, such as `s3:prefix` as `s3_prefix`.
    """

    function: str
    action: str
    resource: str
    module: str
    method: str
    context: tuple[tuple[str, str], ...] = ()


def _in_place(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def _tables(params: Params) -> list[str]:
    names = params.get("RequestItems") or [params["TableName"]]
    index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
    return [_in_place("dynamodb", f"table/{name}{index}") for name in names]


def _objects(params: Params) -> list[str]:
    return [f"arn:aws:s3:::{params['Bucket']}/{one['Key']}" for one in params["Delete"]["Objects"]]


def _warehouse(params: Params) -> list[str]:
    return [_in_place("redshift", f"cluster:{params['ClusterIdentifier']}")]


def _connection(params: Params) -> list[str]:
    """The API is the one whose address the function was given."""
    api, stage = os.environ["CALLBACK_URL"].rstrip("/").split("/")[-2:]
    return [_in_place("execute-api", f"{api}/{stage}/POST/@connections/{params['ConnectionId']}")]


def _any(_: Params) -> list[str]:
    """The Data API takes no narrower resource for what a statement's owner does with it."""
    return ["*"]


_RULES: dict[str, tuple[str, Callable[[Params], list[str]]]] = {
    "s3.GetObject": ("s3:GetObject", lambda params: [f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"]),
    "s3.PutObject": ("s3:PutObject", lambda params: [f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"]),
    "s3.DeleteObjects": ("s3:DeleteObject", _objects),
    "s3.ListObjectsV2": ("s3:ListBucket", lambda params: [f"arn:aws:s3:::{params['Bucket']}"]),
    "redshift-data.ExecuteStatement": ("redshift-data:ExecuteStatement", _warehouse),
    "redshift-data.BatchExecuteStatement": ("redshift-data:BatchExecuteStatement", _warehouse),
    "redshift-data.DescribeStatement": ("redshift-data:DescribeStatement", _any),
    "redshift-data.GetStatementResult": ("redshift-data:GetStatementResult", _any),
    "redshift-data.CancelStatement": ("redshift-data:CancelStatement", _any),
    "redshift-data.ListStatements": ("redshift-data:ListStatements", _any),
    "apigatewaymanagementapi.PostToConnection": ("execute-api:ManageConnections", _connection),
    "events.PutEvents": ("events:PutEvents", lambda _: [_in_place("events", "event-bus/default")]),
    "cognito-idp.AdminListGroupsForUser": (
        "cognito-idp:AdminListGroupsForUser",
        lambda params: [_in_place("cognito-idp", f"userpool/{params['UserPoolId']}")],
    ),
}


def needed(service: str, operation: str, params: Params) -> list[tuple[str, str]]:
    """The actions and resources that IAM is asked about; KeyError for a call of which no rule is known here."""
    if operation == "TransactWriteItems":
        writes = [next(iter(write.items())) for write in params["TransactItems"]]
        return [(f"dynamodb:{kind}Item", table) for kind, write in writes for table in _tables(write)]
    if service == "dynamodb":
        return [(f"dynamodb:{operation}", table) for table in _tables(params)]
    action, resources = _RULES[f"{service}.{operation}"]
    return [(action, resource) for resource in resources(params)]


@dataclass
class Recorder:
    """Notes what functions ask for; what it cannot name is noted as well, since a callback's errors end nothing."""

    uses: set[Use] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)

    def note(self, params: Params, model: OperationModel, **_: Any) -> None:
        """Called for each call, and for each link that is signed; those of the tests themselves are nobody's."""
        function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        if function is None:
            return
        service = model.service_model.service_name
        method, module = xform_name(model.name), _calling_module()
        try:
            asked = needed(service, model.name, params)
        except KeyError as error:
            self.unknown.add(f"{function}: {service}.{model.name} ({error})")
            return
        context = (("s3_prefix", params["Prefix"]),) if "Prefix" in params else ()
        context += tuple(("events_source", entry["Source"]) for entry in params.get("Entries", ()))
        self.uses |= {Use(function, action, resource, module, method, context) for action, resource in asked}


def _calling_module() -> str:
    frame = sys._getframe()
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if PACKAGE in path.parts and "tests" not in path.parts:
            return path.stem
        frame = frame.f_back  # type: ignore[assignment]
    return ""


@contextmanager
def recording() -> Iterator[Recorder]:
    """Within it, the recorder is told of each call and each link that is signed."""
    recorder = Recorder()
    with every_call(recorder.note):
        yield recorder


@contextmanager
def every_call(note: Callable[..., None]) -> Iterator[None]:
    """Within it, each session of boto3 that is made tells `note` what its clients are asked for: `params`, `model`."""
    make = boto3.session.Session.__init__

    def made(session: Any, *arguments: Any, **named: Any) -> None:
        make(session, *arguments, **named)
        session.events.register("provide-client-params", note)

    boto3.session.Session.__init__ = made  # type: ignore[method-assign]
    try:
        yield
    finally:
        boto3.session.Session.__init__ = make  # type: ignore[method-assign]
