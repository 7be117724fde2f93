"""The bucket of a sample of one's own is in the Region that reads it."""

import pytest

from tests.infra.deploy.fakes.aws import Refusal
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import with_backend

SAMPLE = with_backend('SampleDataS3Path = "s3://trips/2015/"')
ELSEWHERE = (
    "The bucket trips is in us-east-1, and COPY of Parquet files reads in eu-west-1 only: copy them by aws s3 sync "
    "s3://trips/2015/ s3://BUCKET/trips/ --source-region us-east-1 --region eu-west-1 and write that into [backend] "
    "SampleDataS3Path."
)


def test_one_in_another_region_is_told_with_the_command_that_copies(checked: Checked) -> None:
    checked["s3"].regions["trips"] = "us-east-1"
    assert checked(SAMPLE)[0] == [ELSEWHERE]


@pytest.mark.parametrize(("code", "status"), [("301", 301), ("403", 403)])
def test_the_region_is_told_to_those_who_may_not_look_into_it(checked: Checked, code: str, status: int) -> None:
    checked.fake.refusals["s3", "head_bucket"] = Refusal(code, "", status, x_amz_bucket_region="us-east-1")
    assert checked(SAMPLE)[0] == [ELSEWHERE]


def test_one_here_that_these_credentials_may_not_see_is_the_warehouses_matter(checked: Checked) -> None:
    checked.fake.refusals["s3", "head_bucket"] = Refusal("403", "", 403, x_amz_bucket_region="eu-west-1")
    assert checked(SAMPLE) == (
        [],
        ["These AWS credentials may not look into the bucket trips: the warehouse's role has to."],
    )


def test_one_that_is_not_there_is_told(checked: Checked) -> None:
    assert checked(SAMPLE)[0] == ["There is no bucket trips: look at [backend] SampleDataS3Path."]


def test_one_here_is_enough(checked: Checked) -> None:
    checked["s3"].regions["trips"] = "eu-west-1"
    assert checked(SAMPLE) == ([], [])


def test_without_a_sample_of_ones_own_none_is_asked_for(checked: Checked) -> None:
    assert checked() == ([], [])
    assert not checked.fake.asked("s3", "head_bucket")
