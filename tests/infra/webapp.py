"""The stack of `webapp-setup.yaml` as a test sees it: what exists, each value resolved, resources by their names."""

from functools import cache
from pathlib import Path
from typing import Any, cast

from infra.local.cloudformation.intrinsics import TemplateError, load
from infra.local.cloudformation.stack import Resource, Stack

REPO = Path(__file__).resolve().parents[2]
TEMPLATE = REPO / "infra" / "webapp-setup.yaml"

GIVEN = {
    "ImageUri": "111122223333.dkr.ecr.eu-west-1.amazonaws.com/pushboard/dashboard:abc123",
    "UserPoolId": "us-east-1_abc",
    "UserPoolClientId": "client",
    "CognitoDomainUrl": "https://taxi.auth.us-east-1.amazoncognito.com",
}
CLOUDFRONT = {"CloudFrontPrefixListId": "pl-0123456789abcdef0"}
DOMAIN = {
    "DomainName": "dashboards.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:111122223333:certificate/c",
}
OWN_VPC = {
    "VpcId": "vpc-0123456789abcdef0",
    "PublicSubnetIds": "subnet-1,subnet-2",
    "PrivateSubnetIds": "subnet-3,subnet-4",
}
MODES = {
    "CloudFront in a new VPC": CLOUDFRONT,
    "CloudFront in an existing VPC": CLOUDFRONT | OWN_VPC,
    "a domain in a new VPC": DOMAIN,
    "a domain in an existing VPC": DOMAIN | OWN_VPC,
}


class Webapp(Stack):
    """`Ref` and `GetAtt` of a resource give its logical id (and the attribute) in angle brackets."""

    def attribute(self, logical_id: str, attribute: str | None) -> str:
        if logical_id not in self._existing:
            raise TemplateError(f"Nothing in the template is called {logical_id}.")
        return f"<{logical_id}.{attribute}>" if attribute else f"<{logical_id}>"

    @property
    def container(self) -> dict[str, Any]:
        """The one container of a task."""
        (container,) = self.resource("TaskDefinition").properties["ContainerDefinitions"]
        return container

    @property
    def variables(self) -> dict[str, str]:
        """What the container's environment says in the open."""
        return {variable["Name"]: variable["Value"] for variable in self.container["Environment"]}

    @property
    def secrets(self) -> dict[str, str]:
        """What it says in secret: name to where ECS takes it from."""
        return {secret["Name"]: secret["ValueFrom"] for secret in self.container["Secrets"]}

    def only(self, kind: str) -> Resource:
        """The one resource of a type."""
        (resource,) = self.resources(kind)
        return resource

    def attributes(self, logical_id: str, kind: str) -> dict[str, str]:
        """The attributes of the load balancer or its target group, which are a list of keys and values."""
        return {one["Key"]: one["Value"] for one in self.resource(logical_id).properties[f"{kind}Attributes"]}

    def rights(self, role: str) -> set[tuple[str, str]]:
        """What a role may do, and to what."""
        return {
            (action, resource)
            for policy in self.resource(role).properties["Policies"]
            for statement in policy["PolicyDocument"]["Statement"]
            for action in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        }

    def _references(self) -> dict[str, Any]:
        lists = [
            name for name, body in self.document["Parameters"].items() if body["Type"].startswith("CommaDelimitedList")
        ]
        references = super()._references()
        return references | {name: references[name].split(",") for name in lists}


def webapp(**given: str) -> Webapp:
    """The stack with these parameters, those that it asks for, and the defaults."""
    return _read(tuple(sorted((GIVEN | given).items())))


@cache
def _read(given: tuple[tuple[str, str], ...]) -> Webapp:
    return cast(Webapp, Webapp.read(TEMPLATE, dict(given)))


@cache
def parameters() -> dict[str, Any]:
    """What the template asks for: each parameter's declaration."""
    return load(TEMPLATE)["Parameters"]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
