"""How errors of a service reach boto3."""

import pytest
from botocore.exceptions import ClientError

from tests.faults.refusals import refusal
from tests.infra.local.endpoint.boto3_requests import REQUESTS, asked


@pytest.mark.parametrize(
    ("service", "operation", "code", "asked_for", "status"),
    [
        ("dynamodb", 0, "ProvisionedThroughputExceededException", None, 400),
        ("dynamodb", 0, "ThrottlingException", None, 400),
        ("dynamodb", 0, "InternalServerError", 500, 500),
        ("redshift-data", 2, "ThrottlingException", None, 400),
        ("redshift-data", 2, "InternalServerException", 500, 500),
        ("ssm", 3, "ThrottlingException", None, 400),
        ("sqs", 4, "AWS.SimpleQueueService.NonExistentQueue", None, 400),
        ("cognito-idp", 5, "TooManyRequestsException", None, 400),
        ("apigatewaymanagementapi", 7, "GoneException", None, 410),
        ("apigatewaymanagementapi", 7, "LimitExceededException", None, 429),
        ("apigatewaymanagementapi", 7, "InternalServerError", 500, 500),
        ("s3", 10, "NoSuchKey", 404, 404),
        ("s3", 12, "SlowDown", 503, 503),
    ],
)
def test_an_error_reaches_boto3_by_name_and_status(
    service: str, operation: int, code: str, asked_for: int | None, status: int
) -> None:
    _, name, arguments = REQUESTS[operation]
    with pytest.raises(ClientError) as error:
        asked(service, name, arguments, lambda environ: refusal(service, code, asked_for))
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("request_number", "code"),
    [(0, "ConditionalCheckFailedException"), (2, "ResourceNotFoundException"), (7, "GoneException")],
)
def test_a_modelled_error_is_boto3s_own_class(request_number: int, code: str) -> None:
    service, name, arguments = REQUESTS[request_number]
    with pytest.raises(ClientError) as error:
        asked(service, name, arguments, lambda environ: refusal(service, code, None))
    assert type(error.value).__name__ == code
