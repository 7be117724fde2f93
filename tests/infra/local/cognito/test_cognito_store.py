"""What lies on disk: it survives a restart, and holds no secret in the clear."""

import stat
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.local.cognito import Cognito
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
    keys = before.keys.jwks(POOL)

    after = start()
    assert after.keys.jwks(POOL) == keys
    assert after.verify_id_token(POOL, tokens["IdToken"])["cognito:groups"] == ["finance"]
    assert after.call("GetTokensFromRefreshToken", {"ClientId": "webclient", "RefreshToken": tokens["RefreshToken"]})
    code = mailbox.code("new@example.com")
    after.call("ConfirmSignUp", {"ClientId": "webclient", "Username": "new@example.com", "ConfirmationCode": code})
    assert after.call("InitiateAuth", request | {"AuthParameters": parameters | {"USERNAME": "new@example.com"}})


def test_no_secret_lies_in_the_clear(cognito: Cognito, store: Path, visitor: Any) -> None:
    """Passwords, refresh tokens, authorization codes and cookies are hashed; the file is its owner's alone."""
    code = visitor.log_in()["code"]
    refresh_token = visitor.exchange(code).json()["refresh_token"]
    unused = visitor.log_in(prompt="login")["code"]
    written = on_disk(store)
    assert b"ana@example.com" in written
    for secret in (PASSWORD, refresh_token, code, unused, visitor.http.cookies["cognito"]):
        assert secret.encode() not in written
    assert b"scrypt:" in written
    assert stat.S_IMODE(store.stat().st_mode) == 0o600


def test_a_new_file_is_its_owners_alone(tmp_path: Path) -> None:
    """Also when folders have to be made."""
    path = tmp_path / "var" / "cognito.sqlite"
    Cognito(path, [], endpoint_url="http://localhost:1").close()
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
    pools = [pool for pool in cognito.pools if pool.pool_id == POOL]
    cognito.call("AdminAddUserToGroup", {"UserPoolId": POOL, "Username": "ana@example.com", "GroupName": "admins"})
    later = Cognito(store, [replace(pools[0], groups=("finance",))], endpoint_url="http://localhost:1")
    groups = later.call("AdminListGroupsForUser", {"UserPoolId": POOL, "Username": "ana@example.com"})["Groups"]
    later.close()
    assert [group["GroupName"] for group in groups] == ["finance"]


def test_an_error_undoes_the_whole_transaction(store: Path, cognito: Cognito) -> None:
    """Nothing half-written stays."""

    def fail_halfway() -> None:
        with cognito._store.transaction() as db:
            db.execute("DELETE FROM accounts")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert cognito.accounts.find(POOL, "ana@example.com")
