"""What lies on disk: it survives a restart, and holds no secret in the clear."""

import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.local.cognito import Cognito, PoolConfig, passwords
from infra.local.endpoint.awsjson import ServiceError

POOL = "us-east-1_userpool"
PASSWORD = "Taxi-2015!"


def on_disk(store: Path) -> bytes:
    return b"".join(path.read_bytes() for path in store.parent.glob(store.name + "*"))


def test_accounts_keys_and_sessions_survive_a_restart(start: Callable[[], Cognito], mailbox: Any) -> None:
    """Password, groups, an open code, issued tokens and refresh tokens all still work."""
    before = start()
    before.call("SignUp", {"ClientId": "webclient", "Username": "new@example.com", "Password": PASSWORD})
    parameters = {"USERNAME": "ana@example.com", "PASSWORD": PASSWORD}
    request = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "webclient", "AuthParameters": parameters}
    tokens = before.call("InitiateAuth", request)["AuthenticationResult"]
    keys = before.tokens.jwks()

    after = start()
    assert after.tokens.jwks() == keys
    assert after.verify_id_token(POOL, tokens["IdToken"])["cognito:groups"] == ["finance"]
    assert after.call("GetTokensFromRefreshToken", {"ClientId": "webclient", "RefreshToken": tokens["RefreshToken"]})
    code = mailbox.code("new@example.com")
    after.call("ConfirmSignUp", {"ClientId": "webclient", "Username": "new@example.com", "ConfirmationCode": code})
    assert after.call("InitiateAuth", request | {"AuthParameters": parameters | {"USERNAME": "new@example.com"}})


def test_no_secret_lies_in_the_clear(cognito: Cognito, store: Path, visitor: Any) -> None:
    """Passwords, refresh tokens, authorization codes and cookies are hashed; the file is its owner's alone."""
    code = visitor.log_in()["code"]
    refresh_token = visitor.exchange(code).json()["refresh_token"]
    again = visitor.open(f"/oauth2/authorize?{visitor.query()}").headers["Location"]
    unused = parse_qs(urlsplit(again).query)["code"][0]
    written = on_disk(store)
    assert b"ana@example.com" in written
    for secret in (PASSWORD, refresh_token, code, unused, visitor.http.cookies["cognito"]):
        assert secret.encode() not in written
    assert b"scrypt:" in written
    assert stat.S_IMODE(store.stat().st_mode) == 0o600


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Also when folders have to be made."""
    path = tmp_path / "var" / "cognito.sqlite"
    Cognito(path, PoolConfig(POOL, "people"), endpoint_url="http://localhost:1").close()
    assert {stat.S_IMODE(made.stat().st_mode) for made in path.parent.iterdir()} == {0o600}


def test_of_many_who_register_one_address_one_wins(cognito: Cognito) -> None:
    """Concurrent sign-ups of the same email leave one account."""
    outcomes: list[str] = []

    def register() -> None:
        try:
            cognito.call("SignUp", {"ClientId": "webclient", "Username": "new@example.com", "Password": PASSWORD})
            outcomes.append("made")
        except ServiceError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=register) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["UsernameExistsException"] * 7 + ["made"]


def test_of_many_who_redeem_one_code_one_wins(cognito: Cognito, visitor: Any) -> None:
    """Concurrent exchanges of the same authorization code give tokens once."""
    code = visitor.log_in()["code"]
    statuses: list[int] = []

    threads = [threading.Thread(target=lambda: statuses.append(visitor.exchange(code).status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(statuses) == [200] + [400] * 7


def test_a_group_the_template_dropped_counts_no_more(store: Path, cognito: Cognito) -> None:
    """Membership on disk, the group itself in the template."""
    cognito.call("AdminAddUserToGroup", {"UserPoolId": POOL, "Username": "ana@example.com", "GroupName": "admins"})
    later = Cognito(store, replace(cognito.pool, groups=("finance",)), endpoint_url="http://localhost:1")
    groups = later.call("AdminListGroupsForUser", {"UserPoolId": POOL, "Username": "ana@example.com"})["Groups"]
    later.close()
    assert [group["GroupName"] for group in groups] == ["finance"]


OLD = """
CREATE TABLE accounts (
    pool_id TEXT, username TEXT, login TEXT, status TEXT, enabled INTEGER, password_hash TEXT, password_expires REAL,
    attributes TEXT, created REAL, modified REAL,
    PRIMARY KEY (pool_id, username), UNIQUE (pool_id, login));
CREATE TABLE made_groups (pool_id TEXT, group_name TEXT, PRIMARY KEY (pool_id, group_name));
CREATE TABLE memberships (
    pool_id TEXT, username TEXT, group_name TEXT, PRIMARY KEY (pool_id, username, group_name),
    FOREIGN KEY (pool_id, username) REFERENCES accounts ON DELETE CASCADE);
CREATE TABLE one_time_tokens (kind TEXT, hash TEXT, content TEXT, expires_at REAL, PRIMARY KEY (kind, hash));
"""


def test_a_file_of_an_older_release_keeps_its_accounts(tmp_path: Path) -> None:
    """Its rows named their pool; whoever was in it still signs in, groups and all, and can be deleted."""
    path, hashed = tmp_path / "cognito.sqlite", passwords.hashed(PASSWORD)
    row = (POOL, "sub-1", "eve@example.com", "CONFIRMED", 1, hashed, None, '{"email": "Eve@example.com"}', 1, 2)
    with closing(sqlite3.connect(path)) as old:
        old.executescript(OLD)
        old.execute("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        old.execute("INSERT INTO made_groups VALUES (?, 'logistics')", (POOL,))
        old.execute("INSERT INTO memberships VALUES (?, 'sub-1', 'logistics')", (POOL,))
        old.commit()
    for _ in range(2):
        cognito = Cognito(path, PoolConfig(POOL, "people"), endpoint_url="http://localhost:1")
        account = cognito.accounts.get("eve@example.com")
        assert (account.username, account.email, account.enabled) == ("sub-1", "Eve@example.com", True)
        assert passwords.matches(account.password_hash, PASSWORD)
        assert cognito.groups.of(account) == ["logistics"]
        cognito.close()
    cognito = Cognito(path, PoolConfig(POOL, "people"), endpoint_url="http://localhost:1")
    cognito.accounts.delete(account)
    assert cognito.groups.members("logistics") == set()
    cognito.close()


def test_an_error_undoes_the_whole_transaction(store: Path, cognito: Cognito) -> None:
    """Nothing half-written stays."""

    def fail_halfway() -> None:
        with cognito._store.transaction() as db:
            db.execute("DELETE FROM accounts")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert cognito.accounts.find("ana@example.com")
