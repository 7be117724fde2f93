"""What the Region has of the services and lists that the templates need."""

import re

import pytest

from infra.deploy.parameters.sources import STACKS
from infra.deploy.prerequisites.region import SERVICES
from infra.deploy.stacks import templates
from tests.infra.deploy.account import FILE
from tests.infra.deploy.prerequisites.conftest import Checked

GLOBAL = {"CloudFront", "IAM", "Route53"}


def test_every_service_of_the_templates_is_looked_for() -> None:
    types = {body["Type"] for stack in STACKS for body in templates.document(stack)["Resources"].values()}
    families = {kind.split("::")[1] for kind in types if not kind.startswith("Custom::")}
    assert families == set(SERVICES) | GLOBAL


@pytest.mark.parametrize(
    ("region", "note"),
    [
        ("xx-nowhere-1", "boto3 knows no Region xx-nowhere-1: look at [deploy] region."),
        ("ca-west-1", "boto3 knows no codebuild in ca-west-1: if CloudFormation refuses it, take another Region."),
    ],
)
def test_what_boto3_does_not_know_there_is_told(checked: Checked, region: str, note: str) -> None:
    """Its list may be behind."""
    text = re.sub("eu-west-1", region, FILE)
    checked["redshift"].clusters["taxi"] = ("available", f"taxi.abc.{region}.redshift.amazonaws.com")
    assert checked(text) == ([], [note])


def test_a_region_without_cloudfronts_addresses_is_told(checked: Checked) -> None:
    checked.fake.answers["ec2", "describe_managed_prefix_lists"] = {"PrefixLists": []}
    assert checked()[0] == [
        "This Region has no prefix list com.amazonaws.global.cloudfront.origin-facing: give [webapp] DomainName and "
        "CertificateArn."
    ]
