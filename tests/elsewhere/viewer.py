"""Somebody who signs up, signs in, and speaks the wire (docs/wire.md) at the addresses that stand in SSM."""

import json
import ssl
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import requests
import websocket

from tests.elsewhere.cloud import Cloud

PASSWORD = "Taxi-2015!"
CODE = "123456"
"""What ministack mails to everyone who signs up."""

PATIENCE = 60
Message = dict[str, Any]


class Viewer:
    """One account, in some groups; `token` is its ID token."""

    def __init__(self, cloud: Cloud, email: str, *groups: str) -> None:
        self._cloud, self.email = cloud, email
        cognito, client = cloud.client("cognito-idp"), cloud.outputs("cognito")["UserPoolClientId"]
        attributes = [{"Name": "email", "Value": email}]
        cognito.sign_up(ClientId=client, Username=email, Password=PASSWORD, UserAttributes=attributes)
        cognito.confirm_sign_up(ClientId=client, Username=email, ConfirmationCode=CODE)
        for group in groups:
            pool = cloud.outputs("cognito")["UserPoolId"]
            cognito.admin_add_user_to_group(UserPoolId=pool, Username=email, GroupName=group)
        signed_in = cognito.initiate_auth(
            ClientId=client,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )
        self.token: str = signed_in["AuthenticationResult"]["IdToken"]

    def get(self, path: str) -> requests.Response:
        """The REST API's answer."""
        url = _parameter(self._cloud, "REDSHIFT_REST_API_ENDPOINT")
        return requests.get(f"{url}{path}", headers={"Authorization": self.token}, timeout=PATIENCE)

    def connect(self) -> "Socket":
        """A socket of his own."""
        return Socket(self._cloud, self.token)


class Socket:
    """An open socket to the gateway; a context that closes it."""

    def __init__(self, cloud: Cloud, token: str | None) -> None:
        """Raises `websocket.WebSocketBadStatusException` when it is refused."""
        proxy = urlsplit(cloud.proxy.url)
        self._socket = websocket.create_connection(
            _parameter(cloud, "REDSHIFT_WSS_ENDPOINT"),
            header=[f"Authorization: Bearer {token}"] if token is not None else [],
            timeout=PATIENCE,
            sslopt={"ca_certs": cloud.environment["SSL_CERT_FILE"], "cert_reqs": ssl.CERT_REQUIRED},
            http_proxy_host=proxy.hostname,
            http_proxy_port=proxy.port,
            proxy_type="http",
        )

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def ask(self, action: str, report: str = "", parameters: dict[str, Any] | None = None, **more: Any) -> str:
        """Sends a message about a report; gives the run's id."""
        run_id = str(uuid.uuid4())
        about = {"topicName": report, "report": report, "parameters": parameters or {}, "runId": run_id}
        self._socket.send(json.dumps({"action": action, **(about if report else {}), **more}))
        return run_id

    def until(self, *types: str, of: Callable[[Message], bool] = lambda _: True) -> Message:
        """The next message of one of these types; what comes before it is passed over."""
        while True:
            message: Message = json.loads(self._socket.recv())
            if message["type"] in types and of(message):
                return message


def _parameter(cloud: Cloud, name: str) -> str:
    return str(cloud.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
