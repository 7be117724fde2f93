"""A certificate that would not do is told before a load balancer refuses it."""

import datetime

import pytest

from tests.infra.deploy.account import FILE
from tests.infra.deploy.prerequisites.conftest import Checked
from tests.infra.deploy.prerequisites.settings_files import CERTIFICATE, DOMAIN

REQUEST = "aws acm request-certificate --domain-name dashboards.example.com --validation-method DNS --region eu-west-1"


@pytest.mark.parametrize("status", ["ISSUED", "EXPIRED"])
def test_one_that_has_expired_is_told(checked: Checked, status: str) -> None:
    """Whether ACM says so already or not."""
    checked["acm"].certificates[CERTIFICATE] = (status, ["dashboards.example.com"])
    checked["acm"].end = datetime.datetime(2026, 1, 31, 23, 59, tzinfo=datetime.UTC)
    assert checked(FILE + DOMAIN)[0] == [
        f"The certificate of dashboards.example.com has expired (2026-01-31): renew it or request one by {REQUEST} and "
        "write its ARN into [webapp] CertificateArn."
    ]


@pytest.mark.parametrize(
    ("certificate", "sentence"),
    [
        (
            ("PENDING_VALIDATION", ["dashboards.example.com"]),
            "The certificate of dashboards.example.com is PENDING_VALIDATION: have it issued first.",
        ),
        (
            ("REVOKED", ["dashboards.example.com"]),
            "The certificate of dashboards.example.com is REVOKED: have it issued first.",
        ),
        (
            ("ISSUED", ["example.com", "*.shop.example.com"]),
            "The certificate is for *.shop.example.com, example.com, not for dashboards.example.com: take another, or "
            "another name.",
        ),
    ],
)
def test_one_that_would_not_do_is_told(checked: Checked, certificate: tuple[str, list[str]], sentence: str) -> None:
    checked["acm"].certificates[CERTIFICATE] = certificate
    assert checked(FILE + DOMAIN)[0] == [sentence]


def test_one_that_is_not_there_is_requested_by_a_command(checked: Checked) -> None:
    assert checked(FILE + DOMAIN)[0] == [
        f"There is no certificate {CERTIFICATE}: request one by {REQUEST} and write its ARN into [webapp] "
        "CertificateArn."
    ]


def test_a_wildcard_is_enough_for_a_name_right_below_it(checked: Checked) -> None:
    checked["acm"].certificates[CERTIFICATE] = ("ISSUED", ["example.com", "*.example.com"])
    assert checked(FILE + DOMAIN) == ([], [])
