"""Who may make an account, by the address alone."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_lambdas.handlers.check_sign_up import NotInvited, domains, handler, require_allowed

EVENT = json.loads((Path(__file__).parents[1] / "events" / "pre_sign_up.json").read_text())
ALLOWED = frozenset({"example.com", "example.org"})


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("ALLOWED_EMAIL_DOMAINS", "example.com, Example.ORG")
    domains.cache_clear()
    yield
    domains.cache_clear()


def event(email: str | None, source: str = "PreSignUp_SignUp") -> dict[str, Any]:
    attributes = {} if email is None else {"email": email}
    return EVENT | {"triggerSource": source, "request": EVENT["request"] | {"userAttributes": attributes}}


@pytest.mark.parametrize(
    "email", ["ana@example.com", "ana@EXAMPLE.com", "Ana.B+c@example.org", "o'hara@example.com", "a%b@example.com"]
)
def test_an_address_at_an_allowed_domain_is_in(email: str) -> None:
    """Whatever its case; and a list's spaces and capitals mean nothing."""
    assert handler(event(email), None) == event(email)


@pytest.mark.parametrize(
    "email",
    [
        "ana@example.net",
        "ana@example.com.evil.com",
        "ana@evil-example.com",
        "ana@mail.example.com",
        "ana@com",
        "ana@example.com.",
        "ana@.example.com",
        "ana@evil.com@example.com",
        '"a@b"@example.com',
        "ana@evil.com,ana@example.com",
        "<ana@evil.com>@example.com",
        "ana@evil.com(@example.com",
        "ana@evil.com\n@example.com",
        "ana@example.com\n",
        " ana@example.com",
        "ana @example.com",
        "ana\x00@example.com",
        "ana@exаmple.com",  # noqa: RUF001 (a Cyrillic letter, which is the point)
        "ana@EXAMPLE.\u212aom",
        "änä@example.com",
        "@example.com",
        "example.com",
        "ana",
        "",
        None,
    ],
)
def test_every_other_address_is_out(email: str | None) -> None:
    """Sub-domains and look-alikes among them, and what two programs might read differently."""
    with pytest.raises(NotInvited):
        handler(event(email), None)


def test_a_letter_that_only_lowers_to_ascii_is_not_that_letter() -> None:
    """The Kelvin sign lowers to k."""
    assert "\u212a".lower() == "k"
    with pytest.raises(NotInvited):
        require_allowed("ana@ban\u212a.com", frozenset({"bank.com"}))


def test_no_domain_lets_nobody_in() -> None:
    with pytest.raises(NotInvited):
        require_allowed("ana@", frozenset())
    with pytest.raises(NotInvited):
        require_allowed("", frozenset())


def test_who_comes_through_an_identity_provider_is_asked_the_same() -> None:
    assert handler(event("ana@example.com", "PreSignUp_ExternalProvider"), None)
    with pytest.raises(NotInvited):
        handler(event("ana@evil.com", "PreSignUp_ExternalProvider"), None)


def test_whom_an_administrator_invites_is_in() -> None:
    """A guest of another organisation, for instance."""
    assert handler(event("guest@elsewhere.net", "PreSignUp_AdminCreateUser"), None)


def test_a_source_that_is_new_is_asked() -> None:
    with pytest.raises(NotInvited):
        handler(event("ana@evil.com", "PreSignUp_Something"), None)


def test_nothing_is_confirmed_by_it() -> None:
    """That an address is somebody's own is proven by the mailed code."""
    answer = handler(event("ana@example.com"), None)["response"]
    assert answer == {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}


def test_the_sentence_names_no_domain_and_leaves_the_full_stop_to_cognito() -> None:
    sentence = str(NotInvited())
    assert not sentence.endswith(".")
    assert "example" not in sentence


def test_the_log_tells_the_domain_and_not_the_person(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(NotInvited):
        handler(event("ana@evil.com"), None)
    assert "evil.com" in caplog.text
    assert "ana" not in caplog.text
