"""What ministack lacks, or does otherwise than AWS, and the walk cannot do without. `serve` calls each once.

They replace what ministack does not promise to keep, so its version is pinned: look at each when that changes. Whatever
it does otherwise and the walk can do without is left as it is, and not asserted (docs/elsewhere.md).
"""

from typing import Any

from ministack import app
from ministack.core import iam_evaluator
from ministack.services import apigateway, apigateway_v1, cognito, lambda_svc
from ministack.services.cloudformation import provisioners

ACCEPTED = (
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::CloudFront::VpcOrigin",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::EC2::SecurityGroupIngress",
)
"""A resource of these types is taken as made, and nothing is made: else its template could not be deployed at all."""

SOURCE_FUNCTION = "lambda:sourcefunctionarn"


def accept_unknown_types() -> None:
    """Takes the resources of `ACCEPTED`; ends the process if ministack makes one of them itself."""
    known = [name for name in ACCEPTED if name in provisioners._RESOURCE_HANDLERS]
    if known:
        raise SystemExit(f"ministack has {', '.join(known)} now: take it out of ACCEPTED.")
    for name in ACCEPTED:
        provisioners._RESOURCE_HANDLERS[name] = {"create": _accepted, "delete": lambda *_: None}


def accept_metric_math() -> None:
    """Takes an alarm on an expression, such as a ratio, as made: ministack only makes alarms on one metric."""
    made = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    create = made["create"]

    def of_any_kind(logical_id: str, properties: Any, stack_name: str) -> Any:
        return (_accepted if "Metrics" in properties else create)(logical_id, properties, stack_name)

    made["create"] = of_any_kind


def _accepted(logical_id: str, _properties: Any, stack_name: str) -> tuple[str, dict[str, str]]:
    name = f"{stack_name}-{logical_id}"
    return name, {"Id": name}


def name_the_function() -> None:
    """Gives policies the key lambda:SourceFunctionArn for what a function calls with its role.

    Source: AWS Lambda, "Using source function ARN to control function access behavior".
    """
    original = iam_evaluator._principal_keys

    def keys(credential: Any) -> dict[str, Any]:
        found = original(credential)
        if SOURCE_FUNCTION in found:
            raise RuntimeError("ministack knows lambda:SourceFunctionArn now: take name_the_function out.")
        session = credential.principal_arn.rsplit("/", 1)[-1]
        record = lambda_svc._functions.get(session) if credential.principal_type == "AssumedRole" else None
        return found | ({SOURCE_FUNCTION: record["config"]["FunctionArn"]} if record else {})

    iam_evaluator._principal_keys = keys


def tell_services_from_buckets() -> None:
    """At AWS's addresses the first part of a name is a bucket for ministack unless it knows better.

    Without this, `cognito-idp.<Region>.amazonaws.com` is a bucket of that name.
    """
    app._NON_S3_VHOST_NAMES |= {*app.SERVICE_HANDLERS, "api"}  # api.ecr.<Region>.amazonaws.com


def name_clients_as_cognito_does() -> None:
    """Makes the ids of a user pool's clients of small letters and digits, as Cognito's are: templates check that."""
    original = cognito._client_id
    cognito._client_id = lambda: original().lower()


def fetch_keys_by_tls() -> None:
    """Has the REST API fetch a pool's keys at the issuer's own address: ministack asks itself without TLS."""
    for module in (apigateway, apigateway_v1):
        module._resolve_jwks_url = _keys_of_issuer


async def _keys_of_issuer(authorizer: Any) -> str:
    return f"{authorizer['jwtConfiguration']['issuer']}/.well-known/jwks.json"


def tell_claims_as_rest_does() -> None:
    """Joins the groups of a token by commas, for a function behind the REST API; HTTP APIs have them in brackets."""
    original = apigateway_v1._stringify_claims

    def claims(token: dict[str, Any]) -> dict[str, str]:
        groups = token.get("cognito:groups")
        return original(token) | ({"cognito:groups": ",".join(groups)} if groups else {})

    apigateway_v1._stringify_claims = claims
