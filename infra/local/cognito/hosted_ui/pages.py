"""The hosted sign-in pages on Flask: sign in, create an account, confirm it, reset a password. Mounted by the edge.

Every page carries the application's authorization request in its query string, as Cognito's managed login does; it is
checked anew on every request. After the last step the browser goes back to the application with a code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from infra.local.cognito import passwords
from infra.local.cognito.errors import PageError
from infra.local.cognito.hosted_ui.authorize import Authorize, Wanted
from infra.local.cognito.hosted_ui.browser import FORM_EXPIRED, Browser, Pages, sentence
from infra.local.cognito.hosted_ui.oauth import Endpoints, see_other, single
from infra.local.cognito.service import Cognito
from infra.local.cognito.store import digest
from infra.local.cognito.users import FORCE_CHANGE_PASSWORD, UNCONFIRMED, Account
from infra.local.endpoint.awsjson import ServiceError

CONFIRM = "confirm"
RESET = "reset"
NEW_PASSWORD = "new-password"  # noqa: S105  (a step's name)

# Which earlier step a page goes on from.
STEPS = {"confirm": CONFIRM, "reset": RESET, "change": NEW_PASSWORD}

NOTICES = {
    "confirmed": "Your account is confirmed. Sign in to go on.",
    "password": "Your password is changed. Sign in with the new one.",
    "sent": "There is a new code; the one before it is void.",
}

Step = Callable[[Wanted], Response]


def hosted_pages(cognito: Cognito) -> Blueprint:
    """All pages and OAuth endpoints, to be mounted at the endpoint's root."""
    blueprint = Blueprint("cognito", __name__)
    browser = Browser(cognito.one_time_tokens, cognito.accounts, cognito.auth.clock)
    authorize = Authorize(cognito.pool, cognito.one_time_tokens)
    HostedPages(cognito, authorize, browser, Pages()).register(blueprint)
    Endpoints(cognito).register(blueprint)
    return blueprint


@dataclass(frozen=True)
class HostedPages:
    """The views; each reads the request, takes one step and answers."""

    cognito: Cognito
    authorization: Authorize
    browser: Browser
    pages: Pages

    def register(self, blueprint: Blueprint) -> None:
        """Give the views their paths, which are managed login's."""
        blueprint.add_url_rule("/oauth2/authorize", view_func=self.authorize)
        blueprint.add_url_rule("/logout", view_func=self.logout)
        for path, (page, step) in self._forms().items():
            view = partial(self._form, page, step)
            blueprint.add_url_rule(path, page, view_func=view, methods=["GET", "POST"])
        blueprint.register_error_handler(PageError, self.refuse)

    def authorize(self) -> Response:
        """Straight back with a code for a browser that is signed in, else to the sign-in page."""
        wanted = self._wanted()
        known = self.browser.signed_in()
        return see_other(self.authorization.grant(wanted, *known)) if known else self._go("/login")

    def logout(self) -> Response:
        """End the browser's session; tokens live on until they are revoked or expire."""
        response = see_other(self.authorization.after_logout(single(request.args)))
        self.browser.sign_out(response)
        return response

    def refuse(self, error: PageError) -> Response:
        """A sentence, and no way on: where to is exactly what cannot be trusted."""
        return self.pages.draw("error", 400, sentence=str(error))

    def _forms(self) -> dict[str, tuple[str, Step]]:
        """Path to template and what a posted form does."""
        return {
            "/login": ("login", self._sign_in),
            "/signup": ("signup", self._sign_up),
            "/confirm": ("confirm", self._confirm),
            "/forgotPassword": ("forgot", self._send_reset),
            "/confirmForgotPassword": ("reset", self._reset),
            "/changePassword": ("change", self._change),
        }

    def _form(self, page: str, step: Step) -> Response:
        wanted = self._wanted()
        if request.method == "GET":
            return self._show(page, wanted)
        if not self.browser.form_is_ours():
            return self._show(page, wanted, 403, error=FORM_EXPIRED)
        try:
            return step(wanted)
        except ServiceError as error:
            said = sentence(error, passwords.describe(self.cognito.pool.password_policy))
            return self._show(page, wanted, 400, error=said)

    def _show(self, page: str, wanted: Wanted, status: int = 200, error: str = "") -> Response:
        secret = self.browser.form_secret()
        step = self.browser.step(STEPS.get(page, ""))
        values: dict[str, Any] = {
            "error": error,
            "notice": NOTICES.get(request.args.get("notice", ""), ""),
            "email": _typed("email"),
            "known_email": step.get("email", ""),
            "policy": passwords.describe(self.cognito.pool.password_policy),
            "minimum_length": self.cognito.pool.password_policy.minimum_length,
            "may_sign_up": self.cognito.pool.allow_sign_up,
            "query": _query(),
            "form_secret": secret,
        }
        response = self.pages.draw(page, status, form_target=wanted.origin, **values)
        self.browser.keep_form_secret(response, secret)
        return response

    def _sign_in(self, wanted: Wanted) -> Response:
        account = self.cognito.auth.identify(_typed("email").strip(), _typed("password"))
        if account.status == UNCONFIRMED:
            return self._next("/confirm", CONFIRM, account, proven=True)
        if account.status == FORCE_CHANGE_PASSWORD:
            return self._next("/changePassword", NEW_PASSWORD, account, password=digest(account.password_hash))
        return self._finish(wanted, account)

    def _sign_up(self, wanted: Wanted) -> Response:
        email, client_id = _typed("email").strip(), wanted.client.client_id
        self.cognito.sign_up.sign_up({"ClientId": client_id, "Username": email, "Password": _typed("password")})
        account = self.cognito.accounts.get(email)
        return self._next("/confirm", CONFIRM, account, proven=True)

    def _confirm(self, wanted: Wanted) -> Response:
        if "resend" in request.form:
            return self._resend(wanted)
        name = self._name(CONFIRM)
        asked = {"ClientId": wanted.client.client_id, "Username": name}
        self.cognito.sign_up.confirm(asked | {"ConfirmationCode": _code()})
        if self.browser.step(CONFIRM).get("proven"):
            return self._finish(wanted, self.cognito.accounts.get(name))
        return self._back("confirmed")

    def _resend(self, wanted: Wanted) -> Response:
        name = self._name(CONFIRM)
        self.cognito.sign_up.resend({"ClientId": wanted.client.client_id, "Username": name})
        return self._go("/confirm", notice="sent")

    def _send_reset(self, wanted: Wanted) -> Response:
        email = _typed("email").strip()
        self.cognito.sign_up.forgot_password({"ClientId": wanted.client.client_id, "Username": email})
        response = self._go("/confirmForgotPassword")
        self.browser.begin_step(response, RESET, email=email)
        return response

    def _reset(self, wanted: Wanted) -> Response:
        name = self._name(RESET)
        asked = {"ClientId": wanted.client.client_id, "Username": name, "ConfirmationCode": _code()}
        self.cognito.sign_up.reset_password(asked | {"Password": _typed("password")})
        return self._back("password")

    def _change(self, wanted: Wanted) -> Response:
        step = self.browser.step(NEW_PASSWORD)
        account = self.cognito.accounts.find(step.get("email", ""))
        # The temporary password was checked a page ago; one that was replaced since opens nothing.
        if account is None or not account.enabled or step["password"] != digest(account.password_hash):
            return self._go("/login")
        password = _typed("password")
        passwords.require_policy(self.cognito.pool.password_policy, password)
        return self._finish(wanted, self.cognito.auth.renew(account, password))

    def _finish(self, wanted: Wanted, account: Account) -> Response:
        auth_time = int(self.cognito.auth.clock())
        response = see_other(self.authorization.grant(wanted, account, auth_time))
        self.browser.sign_in(response, account, auth_time)
        return response

    def _back(self, notice: str) -> Response:
        """To the sign-in page, the step done."""
        response = self._go("/login", notice)
        self.browser.end_step(response)
        return response

    def _next(self, path: str, kind: str, account: Account, **content: Any) -> Response:
        response = self._go(path)
        self.browser.begin_step(response, kind, email=account.email, **content)
        return response

    def _name(self, kind: str) -> str:
        """Whom the form is about: remembered from the page before, else typed in."""
        known: str | None = self.browser.step(kind).get("email")
        return known or _typed("email").strip()

    def _wanted(self) -> Wanted:
        return self.authorization.read(single(request.args))

    @staticmethod
    def _go(path: str, notice: str = "") -> Response:
        return see_other(f"{path}?{_query(notice)}")


def _query(notice: str = "") -> str:
    """This request's query string for the next page, with that page's notice instead of this one's."""
    kept = {name: value for name, value in request.args.items() if name != "notice"}
    return urlencode(kept | ({"notice": notice} if notice else {}))


def _typed(field: str) -> str:
    return request.form.get(field, "")


def _code() -> str:
    """The code as typed; people copy it with spaces around or inside."""
    return "".join(_typed("code").split())
