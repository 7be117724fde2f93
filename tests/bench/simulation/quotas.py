"""What AWS allows an account in one Region: the published quotas, each with its source. Every one is a parameter.

As read in November 2026 from AWS's public documentation; a Region, or an account's own history, may have others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_REDSHIFT = "Amazon Redshift Management Guide: Quotas and limits in Amazon Redshift"
_GATEWAY = "Amazon API Gateway Developer Guide: Quotas for configuring and running a WebSocket API"
_ACCOUNT = "Amazon API Gateway Developer Guide: Account-level throttling per Region"
_COGNITO = "Amazon Cognito Developer Guide: Quotas in Amazon Cognito"
_LAMBDA = "AWS Lambda Developer Guide: Lambda quotas"
_TABLE = "Amazon DynamoDB Developer Guide: Service, account, and table quotas"
_PARTITION = "Amazon DynamoDB Developer Guide: Best practices for designing and using partition keys"
_WARM = "Amazon DynamoDB Developer Guide: DynamoDB on-demand capacity mode"


@dataclass(frozen=True)
class Quota:
    """A quota: how many, of what, where AWS says so, and whether AWS raises it on request."""

    value: float
    unit: str
    source: str
    is_raisable: bool = False


PUBLISHED: Mapping[str, Quota] = {
    "execute_statement": Quota(30, "calls a second", _REDSHIFT),
    "describe_statement": Quota(100, "calls a second", _REDSHIFT),
    "get_statement_result": Quota(20, "calls a second", _REDSHIFT),
    "active_statements": Quota(
        500, "at a time", "Amazon Redshift Management Guide: Using the Amazon Redshift Data API"
    ),
    "new_connections": Quota(500, "a second", _GATEWAY, True),
    "account_requests": Quota(10_000, "a second, of all APIs and callbacks", _ACCOUNT, True),
    "account_burst": Quota(5_000, "at once", _ACCOUNT),
    "lambda_concurrency": Quota(1_000, "at a time", _LAMBDA, True),
    "partition_writes": Quota(1_000, "units a second of one key", _PARTITION),
    "partition_reads": Quota(3_000, "units a second of one key", _PARTITION),
    "table_writes": Quota(
        4_000, "units a second of a table on demand that is new; at most double its former peak", _WARM
    ),
    "table_reads": Quota(
        12_000, "units a second of a table on demand that is new; at most double its former peak", _WARM
    ),
    "table_most_writes": Quota(40_000, "units a second of a table", _TABLE, True),
    "cognito_token": Quota(120, "refreshed tokens a second", _COGNITO, True),
}


def published(**changed: float) -> dict[str, float]:
    """The value of each quota by name, some of them changed; raises `ValueError` for a name that is none."""
    unknown = changed.keys() - PUBLISHED.keys()
    if unknown:
        raise ValueError(f"No such quota: {', '.join(sorted(unknown))}. There are {', '.join(PUBLISHED)}.")
    return {name: quota.value for name, quota in PUBLISHED.items()} | changed
