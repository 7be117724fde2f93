"""What a function makes while Lambda starts it."""

import subprocess
import sys

import pytest

from backend_lambdas import settings
from backend_lambdas.aws.cold_start import at_start

STARTED = "AWS_LAMBDA_INITIALIZATION_TYPE"


@pytest.mark.parametrize(("by_lambda", "made"), [(True, 1), (False, 0)])
def test_it_is_made_when_lambda_imports_the_handler(
    by_lambda: bool, made: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STARTED, raising=False)
    if by_lambda:
        monkeypatch.setenv(STARTED, "on-demand")
    calls: list[str] = []
    build = at_start(lambda: calls.append("made"))
    assert len(calls) == made
    build()
    build()
    assert len(calls) == 1


def test_a_function_whose_environment_is_wrong_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lambda then tells of a function that cannot be started, instead of the first viewer."""
    monkeypatch.setenv(STARTED, "on-demand")
    with pytest.raises(settings.MissingVariable):
        at_start(lambda: settings.OnDisconnect.from_environ({}))


def test_the_clients_of_a_query_are_made_while_the_function_starts() -> None:
    """In a process of its own, whose environment is complete."""
    names = {field for one in (settings.OnConnect, settings.SendMessage) for field in one.__struct_fields__}
    numbers = dict.fromkeys(names, "1")
    paths = {"reports_s3_path": "s3://b/reports/", "exports_s3_path": "s3://b/exports/"}
    url = {"callback_url": "https://a.invalid/prod", "cluster_identifier": "taxi"}
    environment = {name.upper(): value for name, value in (numbers | paths | url).items()}
    script = (
        "from backend_lambdas.handlers import on_connect, send_message; "
        "print(on_connect.build.cache_info().currsize, send_message.build.cache_info().currsize)"
    )
    environment |= {STARTED: "on-demand", "AWS_DEFAULT_REGION": "eu-west-1", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["1", "1"], done.stderr
