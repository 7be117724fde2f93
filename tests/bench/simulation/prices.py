"""What a morning costs: the unit prices, each with its source, and the bill of what was used.

As read in November 2026 for us-east-1, without free tiers that end; docs/operations.md reckons with the same ones.
The warehouse is not billed here: how long its statements ran is told in seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MILLION = 1e6


@dataclass(frozen=True)
class Price:
    """Dollars for so many of something, and which of AWS's pricing pages says so."""

    dollars: float
    each: float
    unit: str
    source: str


PRICES: Mapping[str, Price] = {
    "messages": Price(1.00, MILLION, "WebSocket messages of up to 32 KB", "Amazon API Gateway pricing"),
    "connection_minutes": Price(0.25, MILLION, "minutes of a connection", "Amazon API Gateway pricing"),
    "rest_requests": Price(3.50, MILLION, "REST requests", "Amazon API Gateway pricing"),
    "lambda_requests": Price(0.20, MILLION, "invocations", "AWS Lambda pricing"),
    "lambda_gb_seconds": Price(0.0000133334, 1, "GB-seconds on arm64", "AWS Lambda pricing"),
    "table_writes": Price(0.625, MILLION, "write units on demand", "Amazon DynamoDB pricing"),
    "table_reads": Price(0.125, MILLION, "read units on demand", "Amazon DynamoDB pricing"),
    "s3_writes": Price(5.00, MILLION, "objects written", "Amazon S3 pricing"),
    "s3_reads": Price(0.40, MILLION, "objects read", "Amazon S3 pricing"),
    "events": Price(0.0, MILLION, "events of AWS's own services", "Amazon EventBridge pricing"),
}

COGNITO_FREE_USERS = 10_000
COGNITO_USER = Price(0.015, 1, "monthly user beyond them, tier Essentials", "Amazon Cognito pricing")


def bill(usage: Mapping[str, float], prices: Mapping[str, Price] = PRICES) -> dict[str, float]:
    """Dollars for each that was used, by name; raises `KeyError` for what has no price."""
    return {name: prices[name].dollars * count / prices[name].each for name, count in usage.items()}


def cognito_month(users: int) -> float:
    """Dollars a month for so many users who sign in at least once in it."""
    return max(users - COGNITO_FREE_USERS, 0) * COGNITO_USER.dollars
