"""The dashboard's settings, and the addresses it asks AWS for."""

import pytest

from dashboard.settings import Settings, SettingsError, find_endpoints
from tests.dashboard.server_fakes import POOL_ID, FakePool, settings_for

ENVIRON = {
    "PUBLIC_URL": "https://dashboards.example.com/",
    "SECRET_KEY": "s3cret",
    "USER_POOL_ID": POOL_ID,
    "USER_POOL_CLIENT_ID": "client",
    "COGNITO_DOMAIN": "https://x.auth.us-east-1.amazoncognito.com",
    "AWS_REGION": "us-east-1",
    "SESSION_TABLE": "sessions",
}


@pytest.fixture
def aws(pool: FakePool, monkeypatch: pytest.MonkeyPatch) -> FakePool:
    """boto3 pointed at the fake, as on the laptop."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", pool.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return pool


def test_all_settings_come_from_the_environment() -> None:
    settings = Settings.from_environ(ENVIRON)
    assert settings.public_url == "https://dashboards.example.com"
    assert settings.secure
    assert settings.websocket_endpoint_parameter == "REDSHIFT_WSS_ENDPOINT"
    assert settings.rest_api_endpoint_parameter == "REDSHIFT_REST_API_ENDPOINT"


@pytest.mark.parametrize("name", [name for name in ENVIRON if name != "SESSION_TABLE"])
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=f" {name} "):
        Settings.from_environ({key: value for key, value in ENVIRON.items() if key != name})


@pytest.mark.parametrize("sessions", [{"SESSION_TABLE": ""}, {"SESSION_DIR": "/tmp/x"}])
def test_sessions_have_exactly_one_place(sessions: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="exactly one of SESSION_DIR"):
        Settings.from_environ({**ENVIRON, **sessions})


@pytest.mark.parametrize("url", ["dashboards.example.com", "https://example.com/app", "ftp://example.com"])
def test_the_public_url_is_an_origin(url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL"):
        Settings.from_environ({**ENVIRON, "PUBLIC_URL": url})


def test_the_secret_is_not_printed() -> None:
    assert "s3cret" not in repr(Settings.from_environ(ENVIRON))


def test_endpoints_come_from_systems_manager_and_the_issuer_from_the_sdk(aws: FakePool, tmp_path) -> None:
    aws.parameters = {"REDSHIFT_WSS_ENDPOINT": "ws://gateway/prod", "REDSHIFT_REST_API_ENDPOINT": "http://api/prod/"}
    endpoints = find_endpoints(settings_for(aws, tmp_path))
    assert endpoints.issuer == aws.issuer
    assert endpoints.websocket_url == "ws://gateway/prod"
    assert endpoints.rest_url == "http://api/prod"


def test_an_unknown_parameter_is_named(aws: FakePool, tmp_path) -> None:
    aws.parameters = {}
    with pytest.raises(SettingsError, match="REDSHIFT_WSS_ENDPOINT"):
        find_endpoints(settings_for(aws, tmp_path))
