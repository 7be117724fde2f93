"""Reads from a template what the laptop runs of it. Called by `deployment`; `runtime` then makes the resources.

A type of resource that is neither wired nor known to mean nothing on a laptop stops the start.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from infra.local.cloudformation.function_events import queue_name, rest_routes, rules, schedules
from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Resource, Stack
from infra.local.cloudformation.stack_resources import (
    CustomResource,
    EventRule,
    Expiry,
    Function,
    GatewayResponse,
    RestApi,
    StackResources,
    Table,
    UserPool,
    WebSocketApi,
    WebSocketAuthorizer,
)

_FUNCTION_ARN = re.compile(r":function:([A-Za-z0-9-_]+)")
_EXECUTE_API = re.compile(r"(https|wss)://([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com")


def resources_of(stack: Stack) -> StackResources:
    """Reads a stack; raises `TemplateError` for what the laptop would otherwise silently leave out."""
    unknown = sorted(kind for kind in stack.types() - _WIRED - _WITHOUT_MEANING_HERE if not kind.startswith("Custom::"))
    if unknown:
        raise TemplateError(f"The laptop does not know what to do with {', '.join(unknown)}.")
    stack.check()
    functions = stack.resources("AWS::Serverless::Function")
    return StackResources(
        functions={resource.logical_id: _function(resource) for resource in functions},
        websocket_apis=tuple(_websocket_api(stack, api) for api in stack.resources("AWS::ApiGatewayV2::Api")),
        rest_apis=tuple(_rest_api(stack, api, functions) for api in stack.resources("AWS::Serverless::Api")),
        rules=(
            *(rule for resource in functions for rule in rules(resource)),
            *(rule for resource in stack.resources("AWS::Events::Rule") for rule in _rules(stack, resource)),
        ),
        schedules=tuple(schedule for resource in functions for schedule in schedules(resource)),
        tables=tuple(_table(stack, table) for table in stack.resources("AWS::DynamoDB::Table")),
        buckets=tuple(_bucket(stack, bucket) for bucket in stack.resources("AWS::S3::Bucket")),
        expiries=tuple(expiry for bucket in stack.resources("AWS::S3::Bucket") for expiry in _expiries(stack, bucket)),
        queues=tuple(stack.named(queue.logical_id, "QueueName") for queue in stack.resources("AWS::SQS::Queue")),
        parameters=_parameters(stack),
        custom_resources=tuple(_custom_resources(stack)),
        user_pools=tuple(_user_pool(stack, pool) for pool in stack.resources("AWS::Cognito::UserPool")),
    )


def localise(text: str, endpoint_url: str) -> str:
    """The text with the addresses of APIs on AWS replaced by those on the local endpoint."""
    host = endpoint_url.split("://", 1)[1]
    schemes = {"https": "http", "wss": "ws"}
    return _EXECUTE_API.sub(lambda match: f"{schemes[match[1]]}://{host}/_aws/execute-api/{match[2]}", text)


_WIRED = {
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::SSM::Parameter",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
}
# Permissions are not checked here, nothing is encrypted, logs go to the terminal and alarm nobody, and the pages of the
# local Cognito have one look.
_WITHOUT_MEANING_HERE = {
    "AWS::ApiGateway::Account",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::ManagedLoginBranding",
    "AWS::Cognito::UserPoolDomain",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy",
}


def _function(resource: Resource) -> Function:
    properties = resource.properties
    asynchronous = properties.get("EventInvokeConfig", {})
    failures = asynchronous.get("DestinationConfig", {}).get("OnFailure", {})
    variables = properties.get("Environment", {}).get("Variables", {})
    return Function(
        name=resource.logical_id,
        handler=properties["Handler"],
        environment={name: str(value) for name, value in variables.items()},
        timeout=float(properties.get("Timeout", 3)),
        memory=int(properties.get("MemorySize", 128)),
        role=_last_part(properties.get("Role", f"{resource.logical_id}Role")),
        retries=int(asynchronous.get("MaximumRetryAttempts", 2)),
        failures_to=queue_name(failures.get("Destination")),
    )


def _rules(stack: Stack, rule: Resource) -> Iterator[EventRule]:
    """A rule that stands by itself; raises `TemplateError` if a target is no function or says more than is wired."""
    for target in rule.properties["Targets"]:
        unsupported = sorted(set(target) - {"Id", "Arn", "RetryPolicy", "DeadLetterConfig", "InputTransformer"})
        if unsupported:
            raise TemplateError(f"{rule.logical_id}: a target has more than is wired: {unsupported}.")
        yield EventRule(
            rule.logical_id,
            rule.properties["EventPattern"],
            _function_of(stack, target["Arn"]),
            queue_name(target.get("DeadLetterConfig", {}).get("Arn")),
            target.get("InputTransformer"),
        )


def _websocket_api(stack: Stack, api: Resource) -> WebSocketApi:
    api_id = stack.attribute(api.logical_id, None)
    routes = [r for r in stack.resources("AWS::ApiGatewayV2::Route") if r.properties["ApiId"] == api_id]
    connect = next((r for r in routes if r.properties["RouteKey"] == "$connect"), None)
    return WebSocketApi(
        api_id=api_id,
        stage=_stage(stack, api_id),
        selection=api.properties["RouteSelectionExpression"],
        routes={route.properties["RouteKey"]: _route_function(stack, route) for route in routes},
        authorizer=_authorizer(stack, connect) if connect else None,
    )


def _stage(stack: Stack, api_id: str) -> str:
    stages = [s for s in stack.resources("AWS::ApiGatewayV2::Stage") if s.properties["ApiId"] == api_id]
    if len(stages) != 1:
        raise TemplateError(f"The API {api_id} has {len(stages)} stages; one is wired here.")
    return str(stages[0].properties["StageName"])


def _route_function(stack: Stack, route: Resource) -> str:
    integration = stack.resource(_last_part(route.properties["Target"]))
    return _function_of(stack, integration.properties["IntegrationUri"])


def _authorizer(stack: Stack, connect: Resource) -> WebSocketAuthorizer | None:
    if connect.properties.get("AuthorizationType", "NONE") == "NONE":
        return None
    authorizer = stack.resource(connect.properties["AuthorizerId"]).properties
    sources = tuple(authorizer.get("IdentitySource", ()))
    return WebSocketAuthorizer(_function_of(stack, authorizer["AuthorizerUri"]), sources)


def _function_of(stack: Stack, uri: str) -> str:
    """The function an invocation URI points to; it must be one of this template."""
    match = _FUNCTION_ARN.search(uri)
    if not match:
        raise TemplateError(f"{uri} is not the address of a function.")
    return stack.attribute(match[1], None)


def _rest_api(stack: Stack, api: Resource, functions: list[Resource]) -> RestApi:
    api_id = stack.attribute(api.logical_id, None)
    auth = api.properties.get("Auth", {})
    default = auth.get("DefaultAuthorizer", "NONE")
    pool_arn = auth.get("Authorizers", {}).get(default, {}).get("UserPoolArn")
    return RestApi(
        api_id=api_id,
        stage=api.properties["StageName"],
        routes=tuple(route for function in functions for route in rest_routes(function, api_id, default)),
        user_pool_id=_last_part(pool_arn) if pool_arn else None,
        gateway_responses=_gateway_responses(api.properties.get("GatewayResponses", {})),
    )


def _gateway_responses(written: Mapping[str, Any]) -> dict[str, GatewayResponse]:
    return {
        kind: GatewayResponse(
            status=int(response["StatusCode"]) if "StatusCode" in response else None,
            body=response.get("ResponseTemplates", {}).get("application/json"),
        )
        for kind, response in written.items()
    }


def _bucket(stack: Stack, bucket: Resource) -> str:
    return stack.named(bucket.logical_id, "BucketName").lower()


def _expiries(stack: Stack, bucket: Resource) -> Iterator[Expiry]:
    for rule in bucket.properties.get("LifecycleConfiguration", {}).get("Rules", ()):
        if rule["Status"] == "Enabled" and "ExpirationInDays" in rule:
            yield Expiry(_bucket(stack, bucket), rule.get("Prefix", ""), int(rule["ExpirationInDays"]))


def _table(stack: Stack, resource: Resource) -> Table:
    properties = resource.properties
    created_with = ("AttributeDefinitions", "KeySchema", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")
    expiry = properties.get("TimeToLiveSpecification", {})
    return Table(
        name=stack.named(resource.logical_id, "TableName"),
        definition={name: properties[name] for name in created_with if name in properties},
        expires_by=expiry.get("AttributeName") if expiry.get("Enabled") else None,
    )


def _parameters(stack: Stack) -> dict[str, str]:
    resources = stack.resources("AWS::SSM::Parameter")
    return {stack.named(resource.logical_id, "Name"): str(resource.properties["Value"]) for resource in resources}


def _custom_resources(stack: Stack) -> list[CustomResource]:
    kinds = [kind for kind in stack.types() if kind.startswith("Custom::")]
    return [
        CustomResource(
            resource.logical_id,
            resource.type,
            _function_of(stack, resource.properties["ServiceToken"]),
            # CloudFormation hands a custom resource every scalar as text.
            {
                name: value if isinstance(value, list | dict) else str(value)
                for name, value in resource.properties.items()
            },
        )
        for resource in stack.resources(*kinds)
    ]


def _user_pool(stack: Stack, pool: Resource) -> UserPool:
    pool_id = stack.attribute(pool.logical_id, None)
    clients = stack.resources("AWS::Cognito::UserPoolClient")
    groups = stack.resources("AWS::Cognito::UserPoolGroup")
    return UserPool(
        pool_id,
        pool.properties,
        {stack.attribute(c.logical_id, None): c.properties for c in clients if c.properties["UserPoolId"] == pool_id},
        tuple(group.properties for group in groups if group.properties["UserPoolId"] == pool_id),
    )


def _last_part(text: str) -> str:
    return str(text).rsplit("/", 1)[-1]
