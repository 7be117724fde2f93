"""Users of the database, as far as the warehouse's administrator tells."""

import pytest

from tests.infra.deploy.fakes.aws import NAMESPACE_SECRET
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import SERVERLESS, with_backend


def test_an_administrator_in_another_case_is_told(checked: Checked) -> None:
    """IAM would refuse `dbuser:taxi/AwsUser` to whom `dbuser:taxi/awsuser` is allowed."""
    (sentence,) = checked(with_backend('SetupDbUsername = "AwsUser"'))[0]
    assert sentence == (
        "The administrator of the cluster is awsuser, and [backend] SetupDbUsername says AwsUser: write "
        'SetupDbUsername = "awsuser", since IAM tells capital letters from small ones.'
    )


def test_whether_another_user_is_a_superuser_only_the_setup_finds(checked: Checked) -> None:
    stops, (note,) = checked(with_backend('SetupDbUsername = "trips_owner"'))
    assert stops == []
    assert note.startswith("The setup signs in as trips_owner ([backend] SetupDbUsername), who is not the cluster's")


@pytest.mark.parametrize(("reader", "setup"), [("awsuser", "awsuser"), ("owner", "owner")])
def test_reports_do_not_run_as_a_superuser(checked: Checked, reader: str, setup: str) -> None:
    (sentence,) = checked(with_backend(f'DbUsername = "{reader}"\nSetupDbUsername = "{setup}"'))[0]
    assert sentence.startswith(f"[backend] DbUsername is {reader}, a superuser: reports are to run as a user who can")


def test_another_secret_than_the_administrators_is_only_told(checked: Checked) -> None:
    checked["secretsmanager"].secrets.add(NAMESPACE_SECRET)
    checked["redshift-serverless"].secret = NAMESPACE_SECRET
    assert checked(SERVERLESS) == ([], [])
    checked["redshift-serverless"].secret = NAMESPACE_SECRET.replace("AbCdEf", "GhIjKl")
    stops, (note,) = checked(SERVERLESS)
    assert stops == []
    assert note.startswith("[backend] SetupSecretArn is not the secret of the namespace's administrator, arn:aws:")
