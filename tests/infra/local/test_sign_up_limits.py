"""A laptop whose sign-up is limited to domains: the pool, its function and the page together."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from infra.local.runtime import LocalAws
from tests.infra.local.laptop import PASSWORD, client, running

SENTENCE = "Accounts are for addresses of the organisation, so ask whoever runs Pushboard to invite you."


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with running(tmp_path_factory.mktemp("limited"), sign_in={"AllowedEmailDomains": "example.com"}) as started:
        yield started


@pytest.fixture
def idp(aws: LocalAws) -> Iterator[Any]:
    made = client(aws, "cognito-idp")
    yield made
    made.close()


def test_an_address_at_the_domain_may_sign_up(aws: LocalAws, idp: Any) -> None:
    made = idp.sign_up(ClientId=aws.client_id, Username="Ana@EXAMPLE.com", Password=PASSWORD)
    assert made["UserConfirmed"] is False


def test_another_is_refused_in_the_functions_words(aws: LocalAws, idp: Any) -> None:
    with pytest.raises(idp.exceptions.UserLambdaValidationException) as caught:
        idp.sign_up(ClientId=aws.client_id, Username="ana@example.com.evil.com", Password=PASSWORD)
    assert caught.value.response["Error"]["Message"] == f"PreSignUp failed with error {SENTENCE}"


def test_the_page_says_it_calmly(aws: LocalAws) -> None:
    query = urlencode(
        {
            "response_type": "code",
            "client_id": aws.client_id,
            "redirect_uri": "http://localhost:8050/auth/callback",
            "scope": "openid email profile",
        }
    )
    with requests.Session() as browser:
        form = browser.get(f"{aws.endpoint_url}/signup?{query}", timeout=10)
        secret = re.search(r'name="form_secret" value="([^"]+)"', form.text)
        assert secret is not None
        fields = {"form_secret": secret[1], "email": "ana@evil.com", "password": PASSWORD}
        answer = browser.post(f"{aws.endpoint_url}/signup?{query}", data=fields, timeout=10)
    assert answer.status_code == 400
    assert f'role="alert">{SENTENCE}</p>' in answer.text
    assert "PreSignUp" not in answer.text


def test_an_administrator_invites_whom_he_likes(aws: LocalAws, idp: Any) -> None:
    made = idp.admin_create_user(UserPoolId=aws.pool_id, Username="guest@elsewhere.net")["User"]
    assert made["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_nobody_signs_up_with_a_region(aws: LocalAws, idp: Any) -> None:
    """Or they would choose the rows they see."""
    region = [{"Name": "custom:region", "Value": "emea"}]
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="unauthorized attribute"):
        idp.sign_up(ClientId=aws.client_id, Username="bo@example.com", Password=PASSWORD, UserAttributes=region)
