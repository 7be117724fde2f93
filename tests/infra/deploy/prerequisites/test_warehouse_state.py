"""The warehouse is there and awake, or a sentence says which command tells or mends it."""

import pytest

from tests.infra.deploy.fakes.aws import NAMESPACE_SECRET, Refusal
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import SERVERLESS

ADDRESS = "taxi.abc.eu-west-1.redshift.amazonaws.com"


def test_a_cluster_that_is_not_there_is_told_once(checked: Checked) -> None:
    """No check of its role or its users has anything to say then."""
    checked["redshift"].clusters.clear()
    assert checked()[0] == [
        "There is no Redshift cluster taxi in eu-west-1: look at [backend] RedshiftClusterEndpoint; aws redshift "
        "describe-clusters --query 'Clusters[].Endpoint' --region eu-west-1 tells what there is."
    ]


@pytest.mark.parametrize(
    ("cluster", "sentence"),
    [
        (
            ("paused", ADDRESS),
            "The Redshift cluster taxi is paused: resume it by aws redshift resume-cluster --cluster-identifier taxi "
            "--region eu-west-1.",
        ),
        (("modifying", ADDRESS), "The Redshift cluster taxi is modifying: wait until it is available."),
        (
            ("available", ADDRESS.replace("abc", "xyz")),
            "The Redshift cluster taxi is at taxi.xyz.eu-west-1.redshift.amazonaws.com: write that into [backend] "
            "RedshiftClusterEndpoint.",
        ),
    ],
)
def test_a_cluster_that_cannot_be_used_is_told(checked: Checked, cluster: tuple[str, str], sentence: str) -> None:
    checked["redshift"].clusters["taxi"] = cluster
    assert checked()[0] == [sentence]


def test_a_workgroup_of_another_name_or_id_is_told(checked: Checked) -> None:
    checked["secretsmanager"].secrets.add(NAMESPACE_SECRET)
    checked["redshift-serverless"].workgroups["taxis"] = "1" * 36
    assert checked(SERVERLESS)[0] == [
        f"The workgroup taxis has the id {'1' * 36}: write that into [backend] RedshiftWorkgroupId."
    ]
    checked["redshift-serverless"].workgroups.clear()
    (sentence,) = checked(SERVERLESS)[0]
    assert sentence.startswith("There is no workgroup taxis in eu-west-1: look at [backend] RedshiftWorkgroupName; aws")


def test_who_may_not_ask_is_told_once(checked: Checked) -> None:
    """Three checks want the same answer."""
    checked.fake.refusals["redshift", "describe_clusters"] = Refusal("AccessDenied", "No.", 403)
    assert checked()[0] == ["These AWS credentials may not do DescribeClusters: have it allowed, and run this again."]
