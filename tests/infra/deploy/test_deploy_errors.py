"""What boto3 raises becomes a sentence that says what to do."""

import pytest
from botocore import exceptions

from infra.deploy.errors import sentence


def answered(code: str, message: str, operation: str = "CreateChangeSet") -> exceptions.ClientError:
    return exceptions.ClientError({"Error": {"Code": code, "Message": message}}, operation)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (exceptions.NoCredentialsError(), "There are no AWS credentials: set them up by aws configure"),
        (
            exceptions.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
            "There are no AWS credentials: set them up by aws configure",
        ),
        (exceptions.UnauthorizedSSOTokenError(), "The sign-in to AWS has expired: sign in by aws sso login"),
        (
            exceptions.CredentialRetrievalError(provider="custom-process", error_msg="no such program"),
            "AWS cannot be asked. Error when retrieving credentials from custom-process: no such program.",
        ),
        (exceptions.EndpointConnectionError(endpoint_url="https://sts"), "AWS cannot be reached: look at the network"),
        (exceptions.ConnectTimeoutError(endpoint_url="https://sts"), "AWS cannot be reached: look at the network"),
        (exceptions.ReadTimeoutError(endpoint_url="https://sts"), "AWS cannot be reached: look at the network"),
        (exceptions.ProfileNotFound(profile="taxi"), "The config profile (taxi) could not be found. Name another"),
        (answered("RequestExpired", "Request has expired."), "These AWS credentials have expired: get new ones"),
        (answered("OptInRequired", "Not subscribed."), "AWS does not take these credentials in this Region"),
        (
            answered(
                "AccessDenied", "User: ana is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::b/k"
            ),
            "These AWS credentials may not do s3:PutObject on arn:aws:s3:::b/k: have it allowed, and run this again.",
        ),
        (answered("403", "Forbidden", "HeadBucket"), "These AWS credentials may not do HeadBucket: have it allowed"),
        (answered("ThrottlingException", "Rate exceeded"), "AWS refused CreateChangeSet: Rate exceeded."),
        (answered("Strange", ""), "AWS refused CreateChangeSet: Strange."),
        (
            exceptions.ClientError({"ResponseMetadata": {"HTTPStatusCode": 405}}, "DescribeClusters"),
            "AWS refused DescribeClusters: 405.",
        ),
        (
            answered("ValidationError", "Stack is protected.\n  See the console."),
            "AWS refused CreateChangeSet: Stack is protected. See the console.",
        ),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_an_error_is_one_sentence_that_helps(error: Exception, said: str) -> None:
    told = sentence(error)  # type: ignore[arg-type]
    assert told.startswith(said)
    assert "\n" not in told
    assert told.endswith(".")
