"""Who calls an AWS service here: access keys stand for functions, and functions for their roles. Used by `runtime`.

The Data API needs it (a statement belongs to the role that ran it), and so does the event of a statement.
"""

import base64
import hashlib
from collections.abc import Mapping

from infra.local.cloudformation.stack import ACCOUNT, REGION
from infra.local.cloudformation.stack_resources import Function

SECRET = "local"  # noqa: S105 (everybody's; only the signatures of S3 links are verified)


def access_key(function: Function) -> str:
    """The function's own access key, in the form of those of assumed roles."""
    return access_key_of(function.name)


def access_key_of(function: str) -> str:
    """The same by the function's name."""
    digest = hashlib.sha256(function.encode()).digest()
    return "ASIA" + base64.b32encode(digest).decode()[:16]


def callers(functions: Mapping[str, Function]) -> dict[str, str]:
    """Access key to ARN, for every function."""
    account = f"arn:aws:sts::{ACCOUNT}:assumed-role"
    return {access_key(function): f"{account}/{function.role}/{function.name}" for function in functions.values()}


def person(key: str) -> str:
    """The ARN of whoever signs with any other key, such as the AWS CLI."""
    return f"arn:aws:iam::{ACCOUNT}:user/{key or 'anonymous'}"


def by_number(endpoint_url: str) -> str:
    """The same endpoint by its IP address. A client puts a bucket's name before a host name, but not before a number.

    Source: Amazon S3 endpoint rules in botocore's data (`isIp`).
    """
    return endpoint_url.replace("//localhost", "//127.0.0.1", 1)


def client_variables(endpoint_url: str, key: str) -> dict[str, str]:
    """The environment that points any AWS SDK or the CLI here, and away from the user's own AWS configuration."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_ENDPOINT_URL": endpoint_url,
        "AWS_ENDPOINT_URL_S3": by_number(endpoint_url),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
