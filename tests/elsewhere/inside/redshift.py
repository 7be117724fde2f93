"""Redshift's two APIs as services of ministack, which has neither: the requests go to `warehouse`, outside.

ministack verifies the signature and asks the caller's policies, as for its own services. Two things that only AWS may
do are let through: Redshift tells of the end of a statement by an event, and assumes the role that trusts it.
"""

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from functools import partial
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id, get_region
from ministack.services import eventbridge

Answer = tuple[int, dict[str, str], bytes]
_SUBMITTING = {"ExecuteStatement", "BatchExecuteStatement"}
_PATIENCE = 60
_JSON = "application/x-amz-json-1.1"
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def plug_in(warehouse: str) -> None:
    """Adds both services; `warehouse` is the address of what answers them."""
    router.SERVICE_PATTERNS["redshift-data"] = {"target_prefixes": ["RedshiftData."]}
    router.SERVICE_PATTERNS["redshift"] = {}
    for service in ("redshift-data", "redshift"):
        iam_actions.SERVICE_TO_IAM_NAMESPACE[service] = service
        app.SERVICE_HANDLERS[service] = partial(_answer, warehouse)
    iam_actions._SERVICE_PROTOCOL["redshift"] = "query-xml"
    iam_actions.extract_resource_arn = partial(_resource, iam_actions.extract_resource_arn)
    if eventbridge._put_events.__defaults__ != (False,):
        raise SystemExit("ministack's PutEvents is another now: look how Redshift may tell of its statements.")
    eventbridge._put_events.__defaults__ = (True,)
    iam_evaluator._trust_principal_matches = partial(_trusts, iam_evaluator._trust_principal_matches)


def _trusts(original: Any, principal: Any, caller: str, federated: bool) -> bool:
    """A role that trusts Redshift trusts the account, which has Redshift's part; its conditions hold as they do."""
    services = principal.get("Service", ()) if isinstance(principal, dict) else ()
    in_its_part = caller.endswith(":root") and "redshift.amazonaws.com" in services
    return in_its_part or original(principal, caller, federated)


def _resource(original: Any, service: str, *request: Any) -> str:
    """The cluster, for what submits a statement; the Data API's other calls take no narrower resource.

    Source: Service Authorization Reference, "Amazon Redshift Data API".
    """
    if service != "redshift-data":
        return str(original(service, *request))
    _, _, headers, body, _, region, account = request
    wanted = json.loads(body)
    if _operation(headers) in _SUBMITTING and "ClusterIdentifier" in wanted:
        return f"arn:aws:redshift:{region}:{account}:cluster:{wanted['ClusterIdentifier']}"
    return "*"


async def _answer(
    warehouse: str, _method: str, _path: str, headers: Mapping[str, str], body: bytes, query: Any
) -> Answer:
    denied = _sign_in_denied(headers, body)
    if denied:
        return 400, {"Content-Type": _JSON}, json.dumps({"__type": "AccessDeniedException", "message": denied}).encode()
    passed_on = {name: headers[name] for name in ("x-amz-target", "content-type") if name in headers}
    passed_on["X-Caller"] = iam_evaluator.request_caller_arn(dict(headers), query)
    return await asyncio.to_thread(_sent, urllib.request.Request(warehouse, body, passed_on))


def _sign_in_denied(headers: Mapping[str, str], body: bytes) -> str:
    """Why the caller may not sign in as the database user he names; empty if he may, or names none.

    Source: Amazon Redshift Data API, "Authorizing access": it calls GetClusterCredentials in the caller's name.
    """
    wanted = json.loads(body) if _operation(headers) in _SUBMITTING else {}
    if "DbUser" not in wanted:
        return ""
    region = get_region()
    prefix = f"arn:aws:redshift:{region}:{get_account_id()}"
    cluster = wanted["ClusterIdentifier"]
    caller = router.extract_access_key_id(dict(headers), {})
    for name in (f"dbuser:{cluster}/{wanted['DbUser']}", f"dbname:{cluster}/{wanted['Database']}"):
        action, resource = "redshift:GetClusterCredentials", f"{prefix}:{name}"
        if iam_evaluator.enforce(caller, action, "redshift", region, resource_arn=resource):
            return f"Not authorized to perform: {action} on resource: {resource}"
    return ""


def _operation(headers: Mapping[str, str]) -> str:
    return headers.get("x-amz-target", "").rpartition(".")[2]


def _sent(request: urllib.request.Request) -> Answer:
    try:
        with _DIRECT.open(request, timeout=_PATIENCE) as response:
            return response.status, {"Content-Type": response.headers["Content-Type"]}, response.read()
    except urllib.error.HTTPError as error:
        return error.code, {"Content-Type": error.headers["Content-Type"]}, error.read()
