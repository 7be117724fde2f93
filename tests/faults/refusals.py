"""How a service answers with an error. Pure; used by `failing_calls`.

Source: the protocols of botocore's service models.
"""

import json
from collections.abc import Callable
from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from infra.local.endpoint.awsjson import ServiceError, service_model
from infra.local.hooks import Wsgi


def refusal(service: str, code: str, status: int | None) -> Wsgi:
    """The error as that service answers it; without a status with that of its model, or else 400."""
    model = service_model(service)
    shape = model.shape_for_error_code(code)
    status = status or (shape.metadata.get("error", {}).get("httpStatusCode") if shape else None) or 400
    error = ServiceError(code, f"{code}, as asked for.", status)
    return _FORMS[model.resolved_protocol](error, model.metadata.get("jsonVersion", ""))


def _json(error: ServiceError, version: str) -> Wsgi:
    return Response(json.dumps(error.body()), error.status, content_type=f"application/x-amz-json-{version}")


def _rest_json(error: ServiceError, _version: str) -> Wsgi:
    """botocore reads the error's name from the header."""
    headers = {"x-amzn-ErrorType": error.code}
    return Response(json.dumps({"message": error.message}), error.status, headers, content_type="application/json")


def _rest_xml(error: ServiceError, _version: str) -> Wsgi:
    body = f"<Error><Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message></Error>"
    return Response(body, error.status, content_type="application/xml")


_FORMS: dict[str, Callable[[ServiceError, str], Wsgi]] = {"json": _json, "rest-json": _rest_json, "rest-xml": _rest_xml}
