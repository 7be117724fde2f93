"""Quotas that are too low are told with the command that asks for more."""

import pytest

from tests.infra.deploy.fakes.aws import denied
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import with_deploy

TASKS = ("fargate", "Fargate On-Demand vCPU resource count")
BUILDS = ("codebuild", "Concurrently running builds for ARM/Small environment")
REQUEST = "aws service-quotas request-service-quota-increase --service-code"


def test_a_new_accounts_ten_functions_at_once_are_too_few(checked: Checked) -> None:
    checked["lambda"].free = 10
    assert checked()[0] == [
        "Lambda runs no more than 10 functions at once for this account in eu-west-1, and each panel of an open page "
        f"takes one for a moment: ask for more by {REQUEST} lambda --quota-code L-B99A9384 --desired-value 1000 "
        "--region eu-west-1 or, to try it alone, write lambda_concurrency = 10 into [deploy]."
    ]


def test_who_tries_it_alone_may_say_that_ten_are_enough(checked: Checked) -> None:
    checked["lambda"].free = 10
    assert checked(with_deploy("lambda_concurrency = 10")) == ([], [])


@pytest.mark.parametrize(
    ("vcpu", "stops", "notes"),
    [
        (0.5, ["Fargate runs 0.5 vCPU for this account, and the dashboard takes 1: ask for more by"], []),
        (2, [], ["Fargate runs 2 vCPU for this account, and the dashboard under load takes 3: ask for more by"]),
        (6, [], []),
    ],
)
def test_fargate_runs_the_fewest_tasks_or_none_is_made(
    checked: Checked, vcpu: float, stops: list[str], notes: list[str]
) -> None:
    checked["service-quotas"].quotas[TASKS] = vcpu
    command = f" {REQUEST} fargate --quota-code L-3032A538 --desired-value 6 --region eu-west-1"
    assert checked() == ([stop + command for stop in stops], [note + command for note in notes])


def test_without_docker_codebuild_builds_which_is_told(checked: Checked) -> None:
    checked.docker = False
    checked["service-quotas"].quotas[BUILDS] = 1
    stops, (note,) = checked()
    assert stops == []
    assert note.startswith("Docker cannot build for arm64 on this machine: CodeBuild builds the image")


def test_neither_docker_nor_codebuild_is_told(checked: Checked) -> None:
    """To some new accounts CodeBuild allows no build."""
    checked.docker = False
    checked["service-quotas"].quotas[BUILDS] = 0
    (sentence,) = checked()[0]
    assert sentence.startswith("Docker cannot build the image on this machine, and CodeBuild runs no build for this")
    assert f"{REQUEST} codebuild --quota-code" in sentence


def test_with_docker_nobody_asks_about_codebuild(checked: Checked) -> None:
    checked["service-quotas"].quotas[BUILDS] = 0
    assert checked() == ([], [])


def test_who_may_not_ask_for_quotas_is_told_and_goes_on(checked: Checked) -> None:
    checked.fake.refusals["service-quotas", "list_service_quotas"] = denied("servicequotas:ListServiceQuotas")
    assert checked() == (
        [],
        ["These AWS credentials may not do servicequotas:ListServiceQuotas on *: have it allowed, and run this again."],
    )
