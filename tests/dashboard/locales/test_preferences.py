"""Whose language and time zone a request has, and how they are chosen."""

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.locales.locale import EN_US, current
from dashboard.settings import Settings, SettingsError
from tests.dashboard.server_fakes import FakePool, endpoints_for, settings_for, sign_in

OURS = {"Origin": "http://localhost:8050", "Referer": "http://localhost:8050/d/finance?month=2015-11"}


@pytest.fixture
def settings(pool: FakePool, tmp_path: Path) -> Settings:
    languages = ("en-US", "de-DE", "ar-EG")
    return replace(settings_for(pool, tmp_path), languages=languages, currency="EUR", time_zone="Europe/Berlin")


@pytest.fixture
def app(pool: FakePool, settings: Settings) -> Flask:
    app = create_app(settings, endpoints=endpoints_for(pool), attach_ui=None)
    app.add_url_rule("/which", view_func=lambda: [current().tag, current().currency, current().time_zone])
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    sign_in(client)
    return client


def which(client: FlaskClient, accept: str = "") -> list[str]:
    return client.get("/which", headers={"Accept-Language": accept}).json


def save(client: FlaskClient, **form: str) -> tuple[int, dict[str, str]]:
    answer = client.post("/preferences", data=form, headers=OURS)
    return answer.status_code, dict(answer.headers)


def test_nobody_who_says_nothing_has_the_deployments(client: FlaskClient) -> None:
    assert which(client) == ["en-US", "EUR", "Europe/Berlin"]


@pytest.mark.parametrize(
    ("accept", "tag"), [("de", "de-DE"), ("fr-FR, ar;q=0.5", "ar-EG"), ("fr", "en-US"), ("de-AT,en;q=0.8", "de-DE")]
)
def test_of_several_languages_the_browsers_own_counts(client: FlaskClient, accept: str, tag: str) -> None:
    assert which(client, accept)[0] == tag


def test_a_choice_counts_from_then_on_and_leads_back_to_where_it_was_made(client: FlaskClient) -> None:
    status, headers = save(client, language="ar-EG", time_zone="Asia/Tokyo")
    assert (status, headers["Location"]) == (303, "http://localhost:8050/d/finance?month=2015-11")
    assert "HttpOnly" in headers["Set-Cookie"]
    assert "SameSite=Lax" in headers["Set-Cookie"]
    assert which(client, "de") == ["ar-EG", "EUR", "Asia/Tokyo"]


def test_the_devices_own_time_zone_can_be_chosen_where_the_deployment_has_another(client: FlaskClient) -> None:
    save(client, language="de-DE", time_zone="")
    assert which(client) == ["de-DE", "EUR", None]


def test_what_is_not_offered_is_refused(client: FlaskClient) -> None:
    assert save(client, language="fr-FR", time_zone="")[0] == 400
    assert save(client, language="de-DE", time_zone="Europe/Bonn")[0] == 400
    assert which(client) == ["en-US", "EUR", "Europe/Berlin"]


def test_a_cookie_that_somebody_wrote_himself_changes_nothing_but_his_own_page(client: FlaskClient) -> None:
    client.set_cookie("pushboard-view", "language=xx&zone=../../etc/passwd")
    assert which(client) == ["en-US", "EUR", "Europe/Berlin"]


def test_another_sites_page_cannot_choose(client: FlaskClient) -> None:
    foreign = {"Origin": "https://elsewhere.example"}
    assert client.post("/preferences", data={"language": "de-DE"}, headers=foreign).status_code == 403


def test_a_wrong_setting_is_named(settings: Settings) -> None:
    for wrong in ({"languages": ("de-DE", "klingon")}, {"currency": "EURO"}, {"time_zone": "Europe/Bonn"}):
        with pytest.raises(SettingsError, match=r"LANGUAGES, CURRENCY and TIME_ZONE: '(klingon|EURO|Europe/Bonn)'"):
            replace(settings, **wrong)


def test_what_a_request_chose_ends_with_it(client: FlaskClient) -> None:
    """A thread that serves another one next begins anew."""
    save(client, language="ar-EG", time_zone="Asia/Tokyo")
    assert which(client) == ["ar-EG", "EUR", "Asia/Tokyo"]
    assert current() == EN_US
