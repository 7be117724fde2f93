"""What the templates wired, told by the services in which it would be: functions, rules, schedules, APIs, stacks.

Read-only. `edge` gives it every call that nothing else here imitates; what it does not know either is refused in a
sentence, since moto would answer for things that no template made.
Source: the operations of botocore's service models; moto 5.2 writes the answers down (a test compares the version).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from moto.core.model import OperationModel, ServiceModel
from moto.core.serialize import SERIALIZERS
from werkzeug.wrappers import Response

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.cloudformation.stack_resources import EventRule, Function, Schedule, StackResources, WebSocketApi
from infra.local.endpoint.awsjson import ServiceError
from infra.local.endpoint.calls import form_of, signed_for

Environ = dict[str, Any]
_CREATED = 1767225600
_VARIES = re.compile(r"\{\w+\+?\}")


class Wired:
    """A WSGI application."""

    def __init__(self, backend: StackResources, functions: Mapping[str, Function], stacks: Iterable[str]) -> None:
        by_rule = [one for one in backend.schedules if one.source == "aws.events"]
        self._answers: dict[tuple[str, str], dict[str, Any]] = {
            ("lambda", "ListFunctions"): {"Functions": [_function(one) for one in functions.values()]},
            ("events", "ListRules"): {"Rules": [*map(_rule, backend.rules), *map(_rated, by_rule)]},
            ("scheduler", "ListSchedules"): {
                "Schedules": [_schedule(one) for one in backend.schedules if one not in by_rule]
            },
            ("apigatewayv2", "GetApis"): {"Items": [_websocket(one) for one in backend.websocket_apis]},
            ("apigateway", "GetRestApis"): {
                "items": [{"id": one.api_id, "name": one.api_id} for one in backend.rest_apis]
            },
            ("cloudformation", "DescribeStacks"): {"Stacks": [_stack(name) for name in stacks]},
        }

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return self._response(environ)(environ, start_response)

    def _response(self, environ: Environ) -> Response:
        service = signed_for(environ)
        if service == "apigateway" and environ["PATH_INFO"].startswith("/v2/"):
            service = "apigatewayv2"  # both sign as the first
        form = form_of(environ)
        try:
            operation = _operation(_model(service), environ, form)
            answer = self._answers.get((service, operation.name)) or _refused(service, operation.name)
            return _written(operation, _of_one_stack(answer, form.get("StackName")))
        except (UnknownServiceError, LookupError):
            body = f'{{"message": "{_refused(service, "this call").message}"}}'
            return Response(body, 400, {"x-amzn-ErrorType": "ValidationException"}, content_type="application/json")


@cache
def _model(service: str) -> ServiceModel:
    """botocore's model of a service, of the kind that moto writes from."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service_name=service)


def _operation(model: ServiceModel, environ: Environ, form: Mapping[str, str]) -> OperationModel:
    """The operation that a request asks for; LookupError for none."""
    named = environ.get("HTTP_X_AMZ_TARGET", "").partition(".")[2] or form.get("Action")
    for operation in map(model.operation_model, [named] if named in model.operation_names else model.operation_names):
        is_asked = operation.http["method"] == environ["REQUEST_METHOD"] and _leads_to(operation, environ["PATH_INFO"])
        if operation.name == named or (not named and is_asked):
            return operation
    raise LookupError


def _leads_to(operation: OperationModel, path: str) -> bool:
    """Whether a path is one of a REST operation's, whose model writes a part that varies as `{Name}`."""
    fixed = _VARIES.split(operation.http["requestUri"].partition("?")[0].rstrip("/"))
    return re.fullmatch("[^/]+".join(map(re.escape, fixed)) + "/?", path) is not None


def _refused(service: str, operation: str) -> ServiceError:
    return ServiceError(
        "ValidationException", f"The laptop does not imitate {operation} of {service or 'this service'}."
    )


def _of_one_stack(answer: dict[str, Any] | ServiceError, name: str | None) -> dict[str, Any] | ServiceError:
    """The answer about one stack only, where one is asked for."""
    if isinstance(answer, ServiceError) or not name:
        return answer
    found = [stack for stack in answer["Stacks"] if stack["StackName"] == name]
    return {"Stacks": found} if found else ServiceError("ValidationError", f"Stack with id {name} does not exist")


def _written(operation: OperationModel, result: dict[str, Any] | ServiceError) -> Response:
    written = SERIALIZERS[operation.service_model.protocol](operation).serialize(result)
    return Response(written["body"], written["status_code"], written["headers"])


def _function(function: Function) -> dict[str, Any]:
    return {
        "FunctionName": function.name,
        "FunctionArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function.name}",
        "Handler": function.handler,
        "Timeout": int(function.timeout),
        "MemorySize": function.memory,
    }


def _rule(rule: EventRule) -> dict[str, Any]:
    return {"Name": rule.name, "State": "ENABLED", "EventPattern": json.dumps(rule.pattern)}


def _rated(schedule: Schedule) -> dict[str, Any]:
    minutes = max(1, round(schedule.every_seconds / 60))
    rate = f"rate({minutes} minute{'s' if minutes > 1 else ''})"
    return {"Name": schedule.name, "State": "ENABLED", "ScheduleExpression": rate}


def _schedule(schedule: Schedule) -> dict[str, Any]:
    return {"Name": schedule.name, "State": "ENABLED", "Target": {"Arn": schedule.function}}


def _websocket(api: WebSocketApi) -> dict[str, Any]:
    named = {"ApiId": api.api_id, "Name": api.api_id}
    return {**named, "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": api.selection}


def _stack(name: str) -> dict[str, Any]:
    return {"StackName": name, "StackStatus": "CREATE_COMPLETE", "CreationTime": _CREATED}
