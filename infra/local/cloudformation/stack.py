"""A template with its parameters given: conditions decided, defaults merged, every value resolved. Used by `template`.

Physical names are the laptop's: an API's id is its logical id in lower case, a role or a function keeps its own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.local.cloudformation.intrinsics import NO_VALUE, Resolver, TemplateError, load

REGION = "us-east-1"
ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Resource:
    """One resource of the template as CloudFormation would make it."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]


@dataclass(frozen=True)
class Stack:
    """A deployed template. Values resolve when asked for, so an order between resources does not matter."""

    document: Mapping[str, Any]
    given: Mapping[str, str] = field(default_factory=dict)
    region: str = REGION
    account: str = ACCOUNT
    name: str = "pushboard"

    @classmethod
    def read(cls, path: Path, given: Mapping[str, str]) -> "Stack":
        """The stack of a template file; `TemplateError` for parameters unknown, missing, or against its Rules."""
        document = load(path)
        declared = document.get("Parameters", {})
        unknown = sorted(set(given) - set(declared))
        missing = sorted(name for name in declared if name not in given and "Default" not in declared[name])
        if unknown or missing:
            raise TemplateError(f"{path.name}: unknown parameters {unknown}, missing parameters {missing}.")
        stack = cls(document, given)
        for refusal in stack.refusals():
            raise TemplateError(refusal)
        return stack

    @property
    def arn_prefix(self) -> str:
        """Region and account as they stand in an ARN."""
        return f"{self.region}:{self.account}"

    @cached_property
    def resolver(self) -> Resolver:
        """What resolves this stack's values."""
        return Resolver(self._references(), self.attribute, self.document.get("Conditions", {}))

    def resources(self, *types: str) -> list[Resource]:
        """The resources of some types that their conditions let exist, fully resolved."""
        return [self.resource(name) for name in self._existing if self._type(name) in types]

    def resource(self, logical_id: str) -> Resource:
        """One resource, fully resolved."""
        return Resource(logical_id, self._type(logical_id), self._properties(logical_id))

    def types(self) -> set[str]:
        """Every type of resource that exists in this stack."""
        return {self._type(name) for name in self._existing}

    def refusals(self) -> list[str]:
        """What the template's own Rules say to the parameters, before anything is made."""
        return [
            assertion["AssertDescription"]
            for rule in self.document.get("Rules", {}).values()
            if self.resolver.value(rule.get("RuleCondition", True))
            for assertion in rule["Assertions"]
            if not self.resolver.value(assertion["Assert"])
        ]

    def check(self) -> None:
        """Resolves everything once, so that a dangling reference anywhere fails, as it does on AWS."""
        for logical_id in self._existing:
            self.resource(logical_id)
        for name, body in self.document.get("Outputs", {}).items():
            if "Condition" not in body or self.resolver.holds(body["Condition"]):
                self.output(name)

    def output(self, name: str) -> str:
        """The value of an output."""
        return str(self.resolver.value(self.document["Outputs"][name]["Value"]))

    def attribute(self, logical_id: str, attribute: str | None) -> str:
        """What `Ref` (attribute None) or `Fn::GetAtt` of a resource gives."""
        if logical_id not in self._existing:
            raise TemplateError(f"Nothing in the template is called {logical_id}.")
        kind = self._type(logical_id)
        rule = _ATTRIBUTES.get((kind, attribute))
        if rule is None:
            raise TemplateError(f"{logical_id}: the laptop knows no {attribute or 'Ref'} of {kind}.")
        return rule(self, logical_id)

    def named(self, logical_id: str, property_name: str) -> str:
        """The resource's own name where it has one, else its logical id."""
        written = self.document["Resources"][logical_id].get("Properties", {}).get(property_name, logical_id)
        return str(self.resolver.value(written))

    @cached_property
    def _existing(self) -> dict[str, Any]:
        resources = self.document["Resources"].items()
        return {
            name: body for name, body in resources if "Condition" not in body or self.resolver.holds(body["Condition"])
        }

    def _type(self, logical_id: str) -> str:
        return str(self.document["Resources"][logical_id]["Type"])

    def _properties(self, logical_id: str) -> Mapping[str, Any]:
        section = self._type(logical_id).removeprefix("AWS::Serverless::")
        shared = self.document.get("Globals", {}).get(section, {})
        own = self.document["Resources"][logical_id].get("Properties", {})
        return dict(self.resolver.value(_merged(shared, own)))

    def _references(self) -> dict[str, Any]:
        defaults = {name: body.get("Default") for name, body in self.document.get("Parameters", {}).items()}
        pseudo = {
            "AWS::Region": self.region,
            "AWS::AccountId": self.account,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": self.name,
            "AWS::StackId": f"arn:aws:cloudformation:{self.arn_prefix}:stack/{self.name}/local",
            "AWS::NoValue": NO_VALUE,
        }
        return defaults | dict(self.given) | pseudo


def _merged(shared: Any, own: Any) -> Any:
    """SAM's rule for `Globals`: mappings are merged, lists are joined, anything else is replaced, functions too."""
    if _is_function(shared) or _is_function(own):
        return own
    if isinstance(shared, dict) and isinstance(own, dict):
        return shared | {key: _merged(shared[key], value) if key in shared else value for key, value in own.items()}
    if isinstance(shared, list) and isinstance(own, list):
        return shared + own
    return own


def _is_function(value: Any) -> bool:
    """Whether a value is one that CloudFormation computes, such as `Ref` or `Fn::If`."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::", "Condition"))


Rule = Callable[[Stack, str], str]


def _logical(_: Stack, name: str) -> str:
    return name


def _lowered(_: Stack, name: str) -> str:
    return name.lower()


def _property(property_name: str) -> Rule:
    return lambda stack, name: stack.named(name, property_name)


def _arn(form: str, property_name: str = "") -> Rule:
    """An ARN by a form with {place} (region and account), {account} and {name}."""

    def rule(stack: Stack, name: str) -> str:
        physical = stack.named(name, property_name) if property_name else name
        return form.format(place=stack.arn_prefix, account=stack.account, name=physical)

    return rule


def _pool_id(stack: Stack, name: str) -> str:
    return f"{stack.region}_{name}"


def _pool_arn(stack: Stack, name: str) -> str:
    return f"arn:aws:cognito-idp:{stack.arn_prefix}:userpool/{_pool_id(stack, name)}"


def _queue_url(stack: Stack, name: str) -> str:
    return f"https://sqs.{stack.region}.amazonaws.com/{stack.account}/{stack.named(name, 'QueueName')}"


def _bucket_name(stack: Stack, name: str) -> str:
    """Names of buckets are in lower case."""
    return stack.named(name, "BucketName").lower()


def _bucket_arn(stack: Stack, name: str) -> str:
    return f"arn:aws:s3:::{_bucket_name(stack, name)}"


# Source: the "Return values" of each resource type in the CloudFormation reference.
_ATTRIBUTES: dict[tuple[str, str | None], Rule] = {
    ("AWS::ApiGateway::Account", None): _logical,
    ("AWS::ApiGatewayV2::Api", None): _lowered,
    ("AWS::ApiGatewayV2::Authorizer", None): _logical,
    ("AWS::ApiGatewayV2::Integration", None): _logical,
    ("AWS::ApiGatewayV2::Stage", None): _property("StageName"),
    ("AWS::CloudWatch::Alarm", None): _property("AlarmName"),
    ("AWS::CloudWatch::Alarm", "Arn"): _arn("arn:aws:cloudwatch:{place}:alarm:{name}", "AlarmName"),
    ("AWS::CloudWatch::Dashboard", None): _property("DashboardName"),
    ("AWS::Cognito::UserPool", None): _pool_id,
    ("AWS::Cognito::UserPool", "Arn"): _pool_arn,
    ("AWS::Cognito::UserPoolClient", None): _lowered,
    ("AWS::Cognito::UserPoolIdentityProvider", None): _property("ProviderName"),
    ("AWS::Cognito::UserPoolDomain", None): _property("Domain"),
    ("AWS::DynamoDB::Table", None): _property("TableName"),
    ("AWS::DynamoDB::Table", "Arn"): _arn("arn:aws:dynamodb:{place}:table/{name}", "TableName"),
    ("AWS::Events::Rule", "Arn"): _arn("arn:aws:events:{place}:rule/{name}", "Name"),
    ("AWS::IAM::ManagedPolicy", None): _arn("arn:aws:iam::{account}:policy/{name}"),
    ("AWS::IAM::Role", None): _logical,
    ("AWS::IAM::Role", "Arn"): _arn("arn:aws:iam::{account}:role/{name}"),
    ("AWS::KMS::Key", None): _logical,
    ("AWS::KMS::Key", "Arn"): _arn("arn:aws:kms:{place}:key/{name}"),
    ("AWS::Logs::LogGroup", None): _logical,
    ("AWS::Logs::LogGroup", "Arn"): _arn("arn:aws:logs:{place}:log-group:{name}:*"),
    ("AWS::S3::Bucket", None): _bucket_name,
    ("AWS::S3::Bucket", "Arn"): _bucket_arn,
    ("AWS::SNS::Topic", None): _arn("arn:aws:sns:{place}:{name}", "TopicName"),
    ("AWS::SNS::Topic", "TopicName"): _property("TopicName"),
    ("AWS::SQS::Queue", None): _queue_url,
    ("AWS::SQS::Queue", "Arn"): _arn("arn:aws:sqs:{place}:{name}", "QueueName"),
    ("AWS::SQS::Queue", "QueueName"): _property("QueueName"),
    ("AWS::SSM::Parameter", None): _property("Name"),
    ("AWS::SSM::Parameter", "Value"): _property("Value"),
    ("AWS::Serverless::Api", None): _lowered,
    ("AWS::Serverless::Function", None): _logical,
    ("AWS::Serverless::Function", "Arn"): _arn("arn:aws:lambda:{place}:function:{name}"),
}
