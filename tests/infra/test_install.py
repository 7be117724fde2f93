"""What is installed, and by which program: uv where it can, pip where not."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra import install
from tests.infra.webapp import REPO

LOCK = REPO / "requirements" / "run.lock"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What was run; each of `fails` ends with an error."""
    run: list[list[str]] = []

    def noted(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        run.append(command)
        failed = any(part in FAILS for part in (Path(command[0]).name, command[-1]))
        return subprocess.CompletedProcess(command, int(failed), stdout="")

    monkeypatch.setattr(subprocess, "run", noted)
    return run


FAILS: set[str] = set()


@pytest.fixture
def failing() -> object:
    FAILS.clear()
    yield FAILS
    FAILS.clear()


def test_uv_is_had_by_pip_and_installs_the_rest(commands: list[list[str]]) -> None:
    assert install.install(LOCK)
    first, _, last = commands
    assert first[:4] == [sys.executable, "-m", "pip", "install"]
    assert first[-1] == str(install.UV)
    assert Path(last[0]).name == "uv"
    assert last[-1] == str(LOCK)
    assert all("--require-hashes" in one for one in (first, last))


@pytest.mark.parametrize("broken", ["uv", str(install.UV)])
def test_pip_installs_where_uv_cannot(commands: list[list[str]], failing: set[str], broken: str) -> None:
    failing.add(broken)
    assert install.install(LOCK)
    assert commands[-1][:4] == [sys.executable, "-m", "pip", "install"]
    assert commands[-1][-1] == str(LOCK)


def test_a_download_that_breaks_is_tried_again_and_then_told(
    commands: list[list[str]], failing: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    failing.update({"uv", str(LOCK)})
    assert not install.install(LOCK)
    assert sum(command[-1] == str(LOCK) and "pip" in command for command in commands) == install.TRIES + 1
    assert capsys.readouterr().out.count("that failed") == install.TRIES + 1


def test_uv_looks_where_pip_is_told_to_look() -> None:
    told = install.uv_settings(
        "global.index-url='an index'\n:env:.extra-index-url='/one/index /another/index'\n"
        ":env:.find-links='/wheels /more-wheels'\nglobal.timeout='60'\nglobal.cert='/etc/ssl/ours.pem'\n"
        "user.proxy='proxy.example.com:3128'\nglobal.no-index='true'\n"
    )
    assert told == {
        "UV_DEFAULT_INDEX": "an index",
        "UV_INDEX": "/one/index /another/index",
        "UV_FIND_LINKS": "/wheels,/more-wheels",
        "SSL_CERT_FILE": "/etc/ssl/ours.pem",
        "ALL_PROXY": "proxy.example.com:3128",
        "UV_NO_INDEX": "true",
    }
