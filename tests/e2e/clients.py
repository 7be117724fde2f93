"""Clients that are no browser: one of the gateway's socket, and one signed in to the dashboard."""

import json
import re
import uuid
from pathlib import Path

import requests
import websocket

from tests.e2e.conftest import OPS, PASSWORD, Stack
from tests.e2e.tab import TERMINAL

PIECE = 2**20


class Client:
    """A plain WebSocket client with an ID token, as any program may be one."""

    def __init__(self, stack: Stack, email: str, timeout: float = 20) -> None:
        self.token = stack.id_token(email)
        url = stack.parameter("REDSHIFT_WSS_ENDPOINT")
        self._socket = websocket.create_connection(url, header=[f"Authorization: Bearer {self.token}"], timeout=timeout)

    def send(self, text: str | dict) -> None:
        self._socket.send(text if isinstance(text, str) else json.dumps(text))

    def run(self, report: str, parameters: dict, **more: object) -> str:
        run_id = str(uuid.uuid4())
        self.send(
            {"action": "run", "topicName": report, "report": report, "parameters": parameters, "runId": run_id, **more}
        )
        return run_id

    def until(self, *types: str) -> dict:
        while True:
            message = json.loads(self._socket.recv())
            if message["type"] in types:
                return message

    def until_end(self) -> list[dict]:
        """What is said of the one run that is under way: `accepted`, unless its event was quicker, and its end."""
        said = [self.until("accepted", *TERMINAL)]
        while said[-1]["type"] == "accepted":
            said.append(self.until("accepted", *TERMINAL))
        return said

    def close(self) -> None:
        self._socket.close()


def sign_in(stack: Stack, email: str = OPS) -> requests.Session:
    """Signs in by the form, as a browser without JavaScript would."""
    session = requests.Session()
    form = session.get(f"{stack.url}/login", timeout=20)
    fields = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form.text))
    names = re.findall(r'<input[^>]*name="([^"]+)"', form.text)
    field = next(name for name in names if "mail" in name or "user" in name)
    answer = session.post(form.url, data={**fields, field: email, "password": PASSWORD}, timeout=20)
    assert answer.ok, answer.text
    return session


class Taker:
    """Runs reports, and takes their rows away through the dashboard's routes, as the page's JavaScript does."""

    def __init__(self, stack: Stack, email: str, timeout: float = 120) -> None:
        self._stack, self._email, self._timeout = stack, email, timeout
        self._dashboard = sign_in(stack, email)

    def run(self, report: str, **parameters: str) -> dict:
        """A report's end, when it has finished."""
        return self._ended("finished", report, parameters)

    def export(self, report: str, form: str, **parameters: str) -> dict:
        """What is said of an export's end, when it went well."""
        return self._ended("exported", report, parameters, action="export", format=form)

    def download(self, statement_id: str, form: str, file: Path) -> Path:
        """The rows of a finished statement, streamed into a file."""
        return self._kept(f"{self._stack.url}/download/{statement_id}.{form}", file)

    def fetch(self, run_id: str, file: Path) -> Path:
        """The file of an export, by the link that the dashboard gives."""
        answer = self._dashboard.get(f"{self._stack.url}/exports/{run_id}/link", timeout=30)
        assert answer.ok, answer.text
        return self._kept(answer.json()["url"], file)

    def close(self) -> None:
        """Leaves what the session holds open."""
        self._dashboard.close()

    def _ended(self, wanted: str, report: str, parameters: dict, **more: str) -> dict:
        """The end of a run on a socket of its own: between two of them may be more than a gateway lets one idle."""
        client = Client(self._stack, self._email, self._timeout)
        try:
            client.run(report, parameters, **more)
            said = client.until(wanted, "failed", "cancelled", "rejected")
        finally:
            client.close()
        assert said["type"] == wanted, said
        return said

    def _kept(self, address: str, file: Path) -> Path:
        own = {"Connection": "close"}  # one that is kept may be closed by the server just when it is used again
        with self._dashboard.get(address, stream=True, timeout=60, headers=own) as answer, file.open("wb") as kept:
            assert answer.ok, answer.text
            for piece in answer.iter_content(PIECE):
                kept.write(piece)
        return file
