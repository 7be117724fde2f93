"""The AWS JSON 1.1 protocol: one `POST /` whose `X-Amz-Target` names service and operation.

Used by `edge` for the Redshift Data API and Cognito. Requests are checked by botocore's own validator against the
service model, so a client is told what AWS would have told it.
Source: the `json` protocol of botocore's service models.
"""

import functools
import json
from collections.abc import Callable
from typing import Any

import msgspec
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

Call = Callable[[str, dict[str, Any]], dict[str, Any]]


class ServiceError(Exception):
    """An error as an AWS service answers it: the name goes into the body as `__type`, with any modelled members."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members

    def body(self) -> dict[str, Any]:
        """The JSON body botocore's parser expects."""
        return {"__type": self.code, "message": self.message, "Message": self.message, **self.members}


@functools.cache
def service_model(service: str) -> ServiceModel:
    """botocore's model of a service, such as `redshift-data`."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


def answer(service: str, operation: str, body: bytes, call: Call) -> tuple[int, str]:
    """HTTP status and JSON text for one request; every `ServiceError` becomes a body botocore understands."""
    try:
        request = _validated(service_model(service), operation, body)
        return 200, _written(call(operation, request))
    except ServiceError as error:
        return error.status, json.dumps(error.body())


def _written(content: dict[str, Any]) -> str:
    """JSON text; half a surrogate pair, which a request may have brought, is a text for `json` alone."""
    try:
        return msgspec.json.encode(content).decode()
    except UnicodeEncodeError:
        return json.dumps(content, default=lambda raw: json.loads(bytes(raw)))


def _validated(model: ServiceModel, operation: str, body: bytes) -> dict[str, Any]:
    if operation not in model.operation_names:
        raise ServiceError("UnknownOperationException", f"Unknown operation {operation}")
    request = _parsed(body)
    shape = model.operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ServiceError("ValidationException", report.generate_report())
    return request


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        request = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", "The request body is not JSON.") from error
    if not isinstance(request, dict):
        raise ServiceError("SerializationException", "The request body is not a JSON object.")
    return request
