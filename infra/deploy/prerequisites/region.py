"""What the Region has: endpoints of the services that the templates use, and CloudFront's list of addresses.

Used by `checks`, and by `deploying`, which gives that list to the stack of the dashboard.
"""

from collections.abc import Iterator
from functools import cache

from botocore.exceptions import UnknownRegionError
from botocore.loaders import create_loader
from botocore.regions import EndpointResolver

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.parameters.parameters import Settings
from infra.deploy.parameters.sources import STACKS
from infra.deploy.prerequisites.check import Check, Note, Target
from infra.deploy.stacks import templates

SERVICES = {
    "ApiGateway": "apigateway",
    "ApiGatewayV2": "apigateway",
    "ApplicationAutoScaling": "application-autoscaling",
    "CloudWatch": "monitoring",
    "CodeBuild": "codebuild",
    "Cognito": "cognito-idp",
    "DynamoDB": "dynamodb",
    "EC2": "ec2",
    "ECR": "api.ecr",
    "ECS": "ecs",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
    "Events": "events",
    "KMS": "kms",
    "Lambda": "lambda",
    "Logs": "logs",
    "S3": "s3",
    "SNS": "sns",
    "SQS": "sqs",
    "SSM": "ssm",
    "SecretsManager": "secretsmanager",
    "Serverless": "lambda",
    "WAFv2": "wafv2",
}
"""The names in endpoints of what the templates name, but for CloudFront, IAM and Route 53, which are in no Region."""

_PREFIX_LIST = "com.amazonaws.global.cloudfront.origin-facing"


def missing_services(settings: Settings) -> Iterator[str]:
    """A note for services without an endpoint here, by botocore's list; it asks nobody.

    That list may be behind, so CloudFormation has the last word: it refuses a template with a type that it has not.
    """
    types = {body["Type"] for stack in STACKS for body in templates.document(stack)["Resources"].values()}
    families = {kind.split("::")[1] for kind in types if kind.startswith("AWS::")}
    try:
        partition = _endpoints().get_partition_for_region(settings.region)
    except UnknownRegionError:
        yield Note(f"boto3 knows no Region {settings.region}: look at [deploy] region.")
        return
    for service in sorted({SERVICES[family] for family in families if family in SERVICES}):
        regions = _endpoints().get_available_endpoints(service, partition)
        if regions and settings.region not in regions:
            yield Note(
                f"boto3 knows no {service} in {settings.region}: if CloudFormation refuses it, take another Region."
            )


@cache
def _endpoints() -> EndpointResolver:
    return EndpointResolver(create_loader().load_data("endpoints"))


def prefix_list(aws: Aws) -> str:
    """The id of the Region's list of CloudFront's addresses, which alone may reach the load balancer."""
    filters = [{"Name": "prefix-list-name", "Values": [_PREFIX_LIST]}]
    found = aws.client("ec2").describe_managed_prefix_lists(Filters=filters)["PrefixLists"]
    if not found:
        raise DeployError(
            f"This Region has no prefix list {_PREFIX_LIST}: give [webapp] DomainName and CertificateArn."
        )
    return str(found[0]["PrefixListId"])


def needs_prefix_list(settings: Settings) -> bool:
    """Whether the dashboard is behind CloudFront, and nobody has said from where."""
    webapp = settings.stacks["webapp"]
    return not webapp.get("DomainName") and "CloudFrontPrefixListId" not in webapp


def _prefix_list(target: Target) -> Iterator[str]:
    try:
        prefix_list(target.aws)
    except DeployError as error:
        yield str(error)


CHECKS = (
    Check(
        "the Region has the services that the templates use, by boto3's list (asks nobody)",
        lambda target: missing_services(target.settings),
    ),
    Check(
        "the Region has CloudFront's list of addresses (ec2:DescribeManagedPrefixLists)",
        _prefix_list,
        needs_prefix_list,
    ),
)
