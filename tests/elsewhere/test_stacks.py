"""The templates as they are, deployed: complete, with every resource, and with the code that was built."""

import base64

import pytest

from infra.deploy.parameters.sources import STACKS
from infra.deploy.stacks import templates
from infra.local.cloudformation.stack import Stack
from tests.elsewhere.cloud import NAME, Cloud

COMPLETE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
PLAIN = {"AWS::Serverless::Function": "AWS::Lambda::Function", "AWS::Serverless::Api": "AWS::ApiGateway::RestApi"}
"""What SAM's types become."""


def given(cloud: Cloud, stack: str) -> dict[str, str]:
    (found,) = cloud.client("cloudformation").describe_stacks(StackName=f"{NAME}-{stack}")["Stacks"]
    return {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())}


def declared(cloud: Cloud, stack: str) -> dict[str, str]:
    """The type of each resource whose condition holds."""
    document, parameters = templates.document(stack), given(cloud, stack)
    holds = Stack(document, parameters).resolver.holds
    return {
        name: body["Type"]
        for name, body in document["Resources"].items()
        if "Condition" not in body or holds(body["Condition"])
    }


@pytest.mark.parametrize("stack", STACKS)
class TestAStack:
    def test_is_complete(self, cloud: Cloud, stack: str) -> None:
        (found,) = cloud.client("cloudformation").describe_stacks(StackName=f"{NAME}-{stack}")["Stacks"]
        assert found["StackStatus"] in COMPLETE
        assert {one["ResourceStatus"] for one in cloud.resources(stack).values()} <= COMPLETE

    def test_has_every_resource_of_its_template(self, cloud: Cloud, stack: str) -> None:
        """Those whose condition holds; a function or an API of SAM is the Lambda function or the REST API."""
        made = {name: one["ResourceType"] for name, one in cloud.resources(stack).items()}
        wanted = {name: PLAIN.get(kind, kind) for name, kind in declared(cloud, stack).items()}
        assert {name: made.get(name) for name in wanted} == wanted


class TestDeploying:
    def test_again_changes_nothing(self, cloud: Cloud) -> None:
        said = len(cloud.said)
        cloud.deploy()
        told = "\n".join(cloud.said[said:])
        for stack in STACKS:
            assert f"{NAME}-{stack}: nothing to change." in told

    def test_gives_every_function_the_zip(self, cloud: Cloud) -> None:
        made = cloud.client("lambda").list_functions()["Functions"]
        types = [kind for stack in STACKS for kind in declared(cloud, stack).values()]
        wanted = base64.b64encode(bytes.fromhex(cloud.package.sha256)).decode()
        assert [one["CodeSha256"] for one in made] == [wanted] * types.count("AWS::Serverless::Function")

    def test_sets_the_warehouse_up(self, cloud: Cloud) -> None:
        """The setup's function has run its scripts there, and COPY has read the sample from the bucket."""
        client = cloud.client("redshift-data")
        told = client.execute_statement(
            ClusterIdentifier="taxi",
            Database="dev",
            DbUser="pushboard_reader",
            Sql="SELECT count(*) FROM nyc_yellow_taxi",
            WaitTimeSeconds=20,
        )
        rows = client.get_statement_result(Id=told["Id"])["Records"]
        assert rows[0][0]["longValue"] > 10_000
