"""Where log-ins are kept: files on a laptop, a DynamoDB table on AWS."""

import dataclasses
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from cachelib.base import BaseCache
from moto import mock_aws

from dashboard.app import create_app
from dashboard.auth.sessions import LONGEST_LOGIN, DynamoDBStore, open_store
from dashboard.settings import Settings
from tests.dashboard.server_fakes import FakePool, endpoints_for, fake_pool, settings_for

SETTINGS: dict[str, Any] = {
    "public_url": "http://localhost:8050",
    "secret_key": "x",
    "user_pool_id": "p",
    "user_pool_client_id": "c",
    "cognito_domain": "http://localhost",
    "aws_region": "us-east-1",
}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with mock_aws():
        yield boto3.resource("dynamodb", region_name="us-east-1").create_table(
            TableName="sessions",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


@pytest.fixture(params=["files", "table"])
def store(request: pytest.FixtureRequest, tmp_path) -> BaseCache:
    """Both stores, which must behave alike."""
    if request.param == "files":
        return open_store(Settings(**SETTINGS, session_dir=str(tmp_path / "sessions")))
    request.getfixturevalue("table")
    return open_store(Settings(**SETTINGS, session_table="sessions"))


class TestStore:
    def test_what_was_kept_is_found(self, store: BaseCache) -> None:
        store.set("login:a", {"user": {"groups": ["finance"]}, "expires_at": 1})
        assert store.get("login:a") == {"user": {"groups": ["finance"]}, "expires_at": 1}

    def test_what_was_never_kept_is_not(self, store: BaseCache) -> None:
        assert store.get("login:b") is None

    def test_what_was_deleted_is_gone_and_may_be_deleted_again(self, store: BaseCache) -> None:
        store.set("login:a", {})
        store.delete("login:a")
        store.delete("login:a")
        assert store.get("login:a") is None


def test_files_are_for_this_user_only(tmp_path) -> None:
    store = open_store(Settings(**SETTINGS, session_dir=str(tmp_path / "sessions")))
    store.set("login:a", {"id_token": "secret"})
    assert (tmp_path / "sessions").stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "sessions").iterdir())


class TestTable:
    def test_an_item_carries_its_end_for_dynamodb(self, table: Any) -> None:
        DynamoDBStore(table).set("login:a", {}, LONGEST_LOGIN)
        end = int(table.get_item(Key={"id": "login:a"})["Item"]["expiresAt"])
        assert abs(end - time.time() - LONGEST_LOGIN.total_seconds()) < 10

    def test_an_item_dynamodb_has_not_deleted_yet_is_expired_all_the_same(self, table: Any) -> None:
        table.put_item(Item={"id": "login:a", "value": "{}", "expiresAt": int(time.time()) - 1})
        assert DynamoDBStore(table).get("login:a") is None

    def test_a_visitor_who_only_asks_for_the_sign_in_page_is_not_stored(self, table: Any, tmp_path) -> None:
        with fake_pool() as pool:
            app = create_app(_in_table(pool, tmp_path), endpoints=endpoints_for(pool), attach_ui=None)
            assert app.test_client().get("/login").status_code == 302
        assert table.scan()["Items"] == []


def _in_table(pool: FakePool, directory: Any) -> Settings:
    return dataclasses.replace(settings_for(pool, directory), session_dir=None, session_table="sessions")
