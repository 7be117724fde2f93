"""The hosted pages without a script: forms, sentences, and what protects them."""

import base64
import hashlib
import html
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests

from infra.local.cognito import Cognito

POOL = "us-east-1_userpool"
PASSWORD = "Taxi-2015!"
PATHS = ["/login", "/signup", "/confirm", "/forgotPassword", "/confirmForgotPassword", "/changePassword"]


def alert(page: requests.Response) -> str:
    """The sentence a page shows in answer to a mistake."""
    found = re.search(r'<p class="alert" role="alert">(.*?)</p>', page.text)
    assert found, page.text
    return html.unescape(found[1])


def link(page: requests.Response, text: str) -> str:
    """Where a link leads."""
    return html.unescape(re.search(rf'<a[^>]*href="([^"]+)"[^>]*>{re.escape(text)}</a>', page.text)[1])


def labelled(page: requests.Response, label: str) -> str:
    """The input tag that a label names."""
    field = re.search(rf'<label for="([^"]+)">{label}</label>', page.text)[1]
    return re.search(rf'<input id="{field}"[^>]*>', page.text)[0]


@pytest.mark.parametrize("path", PATHS)
def test_every_page_is_locked_down(visitor: Any, path: str) -> None:
    """No script, no frame, no cache; forms only go here and to the application that asked."""
    page = visitor.open(f"{path}?{visitor.query()}")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8050;" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Frame-Options"] == "DENY"
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.text


def test_the_policy_allows_exactly_the_style_sheet(visitor: Any) -> None:
    """Its hash is the one a browser computes, and no element carries a style of its own."""
    page = visitor.open(f"/login?{visitor.query()}")
    sheet = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert ' style="' not in page.text


def test_the_sign_in_page_keeps_its_contract(visitor: Any) -> None:
    """Labels, button, links and autocomplete that tests and password managers rely on."""
    page = visitor.open(f"/login?{visitor.query()}")
    assert 'autocomplete="username"' in labelled(page, "Email")
    assert 'autocomplete="current-password"' in labelled(page, "Password")
    assert re.search(r"<button type=\"submit\">Sign in</button>", page.text)
    assert link(page, "Create an account").startswith("/signup?")
    assert link(page, "Forgot your password?").startswith("/forgotPassword?")


def test_wrong_password_and_unknown_email_read_the_same(visitor: Any) -> None:
    page = visitor.open(f"/login?{visitor.query()}")
    wrong = visitor.submit(page, email="ana@example.com", password="nope")
    unknown = visitor.submit(page, email="nobody@example.com", password="nope")
    assert alert(wrong) == alert(unknown) == "The email or the password is not right."
    assert wrong.text.replace("ana@", "nobody@") == unknown.text


def test_the_email_stays_after_a_mistake_and_is_escaped(visitor: Any) -> None:
    """Nobody types twice, and nothing typed becomes markup."""
    page = visitor.open(f"/login?{visitor.query()}")
    again = visitor.submit(page, email='"><b>x', password="nope")
    assert "&#34;&gt;&lt;b&gt;x" in again.text
    assert "<b>x" not in again.text


def test_too_many_attempts_are_told(visitor: Any) -> None:
    """The lock has a sentence of its own."""
    page = visitor.open(f"/login?{visitor.query()}")
    for _ in range(5):
        visitor.submit(page, email="nobody@example.com", password="nope")
    assert "too many attempts" in alert(visitor.submit(page, email="nobody@example.com", password="nope"))


def test_signing_up_ends_signed_in_at_the_application(visitor: Any, mailbox: Any, cognito: Cognito) -> None:
    """Email and password, code, and on with the same authorization request."""
    page = visitor.open(link(visitor.open(f"/login?{visitor.query(state='mine')}"), "Create an account"))
    assert "At least 8 characters" in page.text
    page = visitor.submit(page, email="new@example.com", password=PASSWORD)
    assert labelled(page, "Code")
    done = visitor.submit(page, code=f" {mailbox.code('new@example.com')} ")
    assert "state=mine" in done.headers["Location"]
    code = re.search(r"code=([^&]+)", done.headers["Location"])[1]
    claims = cognito.verify_id_token(POOL, visitor.exchange(code).json()["id_token"])
    assert claims["email"] == "new@example.com"
    assert "cognito:groups" not in claims


def test_a_code_entered_in_another_browser_leads_to_the_sign_in_page(
    visitor: Any, new_visitor: Callable[[], Any], mailbox: Any
) -> None:
    """The code proves the address, not the password."""
    visitor.submit(visitor.open(f"/signup?{visitor.query()}"), email="new@example.com", password=PASSWORD)
    other = new_visitor()
    page = other.open(f"/confirm?{other.query()}")
    assert labelled(page, "Email")
    page = other.submit(page, email="new@example.com", code=mailbox.code("new@example.com"))
    assert "Your account is confirmed" in page.text
    assert "Password" in page.text


def test_a_wrong_code_can_be_corrected_or_sent_again(visitor: Any, mailbox: Any) -> None:
    """A sentence, a new code, and it goes on."""
    page = visitor.submit(visitor.open(f"/signup?{visitor.query()}"), email="new@example.com", password=PASSWORD)
    wrong = f"{(int(mailbox.code('new@example.com')) + 1) % 1_000_000:06d}"
    page = visitor.submit(page, code=wrong)
    assert alert(page) == "That code is not right. Check it and try again."
    page = visitor.submit(page, code="", resend="yes")
    assert "There is a new code" in page.text
    assert len(mailbox.lines) == 2
    assert "code=" in visitor.submit(page, code=mailbox.code("new@example.com")).headers["Location"]


def test_an_unconfirmed_user_who_signs_in_is_asked_for_the_code(
    visitor: Any, new_visitor: Callable[[], Any], mailbox: Any
) -> None:
    """Days later, in another browser; the password was right, so the code suffices."""
    visitor.submit(visitor.open(f"/signup?{visitor.query()}"), email="new@example.com", password=PASSWORD)
    other = new_visitor()
    page = other.submit(other.open(f"/login?{other.query()}"), email="new@example.com", password=PASSWORD)
    assert "code=" in other.submit(page, code=mailbox.code("new@example.com")).headers["Location"]


@pytest.mark.parametrize(
    ("email", "password", "sentence"),
    [
        ("ana@example.com", PASSWORD, "There is already an account with this email. Sign in instead."),
        ("not an email", PASSWORD, "Please enter a valid email address."),
        ("new@example.com", "short", "Please choose a stronger password. At least 8 characters"),
    ],
)
def test_a_refused_sign_up_says_what_to_change(visitor: Any, email: str, password: str, sentence: str) -> None:
    """One calm sentence each."""
    page = visitor.submit(visitor.open(f"/signup?{visitor.query()}"), email=email, password=password)
    assert alert(page).startswith(sentence)


@pytest.mark.parametrize("pool_kind", ["closed"])
def test_a_closed_pool_offers_no_account(visitor: Any) -> None:
    """Neither the link nor the form's effect."""
    query = visitor.query()
    assert "Create an account" not in visitor.open(f"/login?{query}").text
    page = visitor.submit(visitor.open(f"/signup?{query}"), email="new@example.com", password=PASSWORD)
    assert "New accounts are made by" in alert(page)


def test_resetting_a_forgotten_password(visitor: Any, mailbox: Any) -> None:
    """Email, code and new password, then signed in with it."""
    page = visitor.open(link(visitor.open(f"/login?{visitor.query()}"), "Forgot your password?"))
    page = visitor.submit(page, email="ana@example.com")
    page = visitor.submit(page, code=mailbox.code("ana@example.com"), password="Better-2016!")
    assert "Your password is changed." in page.text
    done = visitor.submit(page, email="ana@example.com", password="Better-2016!")
    assert "code=" in done.headers["Location"]


def test_resetting_tells_nobody_who_exists(visitor: Any, mailbox: Any) -> None:
    """The page after an unknown email is the same."""
    page = visitor.open(f"/forgotPassword?{visitor.query()}")
    known = visitor.submit(page, email="ana@example.com").text
    unknown = visitor.submit(page, email="bob@example.com").text
    assert known.replace("ana@", "bob@").replace("<strong>ana", "<strong>bob") == unknown
    assert len(mailbox.lines) == 1


def test_a_temporary_password_is_changed_on_the_way_in(visitor: Any, cognito: Cognito) -> None:
    """A weak choice is refused with the policy, a good one signs in."""
    user = {"UserPoolId": POOL, "Username": "eve@example.com"}
    cognito.call("AdminCreateUser", user | {"TemporaryPassword": PASSWORD})
    page = visitor.submit(visitor.open(f"/login?{visitor.query()}"), email="eve@example.com", password=PASSWORD)
    page = visitor.submit(page, password="weak")
    assert "Please choose a stronger password." in alert(page)
    assert "code=" in visitor.submit(page, password="Better-2016!").headers["Location"]
    assert cognito.call("AdminGetUser", user)["UserStatus"] == "CONFIRMED"


def test_a_revoked_temporary_password_cannot_be_changed_any_more(visitor: Any, cognito: Cognito) -> None:
    """Whoever still stands at that page starts again."""
    user = {"UserPoolId": POOL, "Username": "eve@example.com"}
    cognito.call("AdminCreateUser", user | {"TemporaryPassword": PASSWORD})
    page = visitor.submit(visitor.open(f"/login?{visitor.query()}"), email="eve@example.com", password=PASSWORD)
    cognito.call("AdminSetUserPassword", user | {"Password": "Other-2018!", "Permanent": False})
    assert "Sign in" in visitor.submit(page, password="Better-2016!").text
    assert cognito.call("AdminGetUser", user)["UserStatus"] == "FORCE_CHANGE_PASSWORD"


def test_nobody_changes_a_password_without_having_signed_in(visitor: Any, cognito: Cognito) -> None:
    """The page alone, opened directly, does nothing."""
    user = {"UserPoolId": POOL, "Username": "eve@example.com"}
    cognito.call("AdminCreateUser", user | {"TemporaryPassword": PASSWORD})
    page = visitor.open(f"/changePassword?{visitor.query()}")
    visitor.submit(page, password="Better-2016!", email="eve@example.com")
    assert cognito.call("AdminGetUser", user)["UserStatus"] == "FORCE_CHANGE_PASSWORD"


@pytest.mark.parametrize("path", PATHS)
def test_a_forged_form_does_nothing(visitor: Any, path: str, mailbox: Any) -> None:
    """Without this browser's secret, or with another's, the form only comes back."""
    url = f"{visitor.endpoint}{path}?{visitor.query()}"
    data = {"email": "ana@example.com", "password": PASSWORD, "code": "123456"}
    assert visitor.http.post(url, data=data, timeout=10).status_code == 403
    visitor.open(f"{path}?{visitor.query()}")
    for secret in ("", "x", "é", "A" * 43):
        reply = visitor.http.post(url, data=data | {"form_secret": secret}, timeout=10)
        assert reply.status_code == 403
        assert "open for too long" in alert(reply)
    assert mailbox.lines == []


def test_cookies_are_kept_from_scripts_and_other_sites(visitor: Any) -> None:
    """HttpOnly and SameSite=Lax on each; the session lasts an hour."""
    page = visitor.open(f"/login?{visitor.query()}")
    assert "HttpOnly" in page.headers["Set-Cookie"]
    assert "SameSite=Lax" in page.headers["Set-Cookie"]
    done = visitor.submit(page, email="ana@example.com", password=PASSWORD)
    [session] = [line for line in done.raw.headers.getlist("Set-Cookie") if line.startswith("cognito=")]
    assert {"HttpOnly", "Max-Age=3600", "SameSite=Lax"} <= set(re.split("; ?", session))
