"""The image's command, run as in its container: by a user who owns nothing, among the image's files alone, with the
variables of the task definition, and asked what the load balancer, ECS and a browser ask."""

import ast
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from infra.local.runtime import LocalAws
from tests.infra.dockerfile import DOCKERFILE, REPO, context, image, is_ignored
from tests.infra.local.endpoints import free_port
from tests.infra.local.laptop import client, running, until
from tests.infra.webapp import CLOUDFRONT, webapp

STARTS_WITHIN = 180
PAGE = {"Accept": "text/html"}


@dataclass(frozen=True)
class Container:
    """A running container, nearly: what Docker does by namespaces is done by a user's rights."""

    folder: Path
    port: int
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> requests.Response:
        """A request as the load balancer brings it."""
        return requests.get(f"{self.url}{path}", headers=headers, allow_redirects=False, timeout=60)

    def run(self, command: list[str], port: int | None = None) -> int:
        """The exit code of another command inside."""
        arguments = _here(command, port or self.port)
        return subprocess.run(
            arguments, cwd=self.folder, env=dict(self.environment), timeout=30, check=False
        ).returncode


def _here(command: list[str], port: int) -> list[str]:
    """A command of the image on this machine: its Python, a port of its own, and no rights but to read."""
    exposed = image().only("EXPOSE")
    words = [word.replace(exposed, str(port)) for word in command]
    assert words != command, "the port is told by the command"
    assert words[0] == "python"
    return [*_as_the_images_user(), sys.executable, *words[1:]]


def _as_the_images_user() -> list[str]:
    """Root becomes the image's user, who may read everything (he could not even read our Python) and write nothing."""
    if os.geteuid() != 0:
        return []
    user, group = image().only("USER").split(":")
    reading = "-all,+dac_read_search"
    capabilities = [f"--inh-caps={reading}", f"--ambient-caps={reading}", f"--bounding-set={reading}"]
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", *capabilities, "--no-new-privs"]


def _environment(aws: LocalAws, table: str) -> dict[str, str]:
    """What Docker, the image and the task definition set, and what points the AWS SDK to this machine."""
    given = {"CognitoDomainUrl": aws.endpoint_url, "UserPoolId": aws.pool_id, "UserPoolClientId": aws.client_id}
    stack = webapp(**CLOUDFRONT, **given)
    variables = stack.variables | {"SESSION_TABLE": table, "PUBLIC_URL": "https://d111111abcdef8.cloudfront.net"}
    secrets = dict.fromkeys(stack.secrets, "a-secret-of-secrets-manager")
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"}
    return {"HOME": "/", **image().environment, **path, **variables, **secrets, **aws.environment()}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with running(tmp_path_factory.mktemp("aws")) as started:
        yield started


@pytest.fixture(scope="module")
def table(aws: LocalAws) -> str:
    """The sessions' table, as the template defines it."""
    written, dynamodb = webapp(**CLOUDFRONT).resource("SessionsTable").properties, client(aws, "dynamodb")
    definition = {name: written[name] for name in ("AttributeDefinitions", "KeySchema", "BillingMode")}
    dynamodb.create_table(TableName="sessions", **definition)
    dynamodb.update_time_to_live(TableName="sessions", TimeToLiveSpecification=written["TimeToLiveSpecification"])
    return "sessions"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """The image's working directory, which anybody may read and nobody may write."""
    made = Path(tempfile.mkdtemp(prefix="image-"))
    image().copy(made)
    for path in [made, *made.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield made
    for path in [made, *made.rglob("*")]:
        path.chmod(0o755)
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def container(aws: LocalAws, table: str, folder: Path) -> Iterator[Container]:
    """Running and healthy."""
    port, environment = free_port(), _environment(aws, table)
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen(_here(image().command, port), cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            started = Container(folder, port, environment, process)
            _wait_until_healthy(started, log)
            yield started
        finally:
            process.kill()


def _wait_until_healthy(container: Container, log: Any) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while not _answers(container):
        if container.process.poll() is not None or time.monotonic() > deadline:
            log.seek(0)
            pytest.fail(f"it does not serve:\n{log.read().decode()}")
        time.sleep(0.1)


def _answers(container: Container) -> bool:
    try:
        return container.get("/health").ok
    except requests.ConnectionError:
        return False


class TestRunning:
    def test_it_is_healthy(self, container: Container) -> None:
        assert container.get("/health").json() == {"status": "ok"}

    def test_the_health_check_says_so(self, container: Container) -> None:
        assert container.run(image().health_command) == 0

    def test_the_health_check_says_when_nothing_serves(self, container: Container) -> None:
        assert container.run(image().health_command, free_port()) == 1

    def test_a_page_leads_to_the_sign_in_at_the_public_address(self, container: Container) -> None:
        answer = container.get("/", **PAGE)
        assert answer.status_code == 302
        assert answer.headers["Location"] == "https://d111111abcdef8.cloudfront.net/login?next=%2F"

    def test_the_sign_in_leads_to_cognito_and_is_remembered_by_the_browser_alone(
        self, container: Container, aws, table
    ) -> None:
        """Whoever comes by and never signs in leaves nothing in the table."""
        answer = container.get("/login", **{"X-Forwarded-Proto": "http", "X-Forwarded-For": "198.51.100.7"})
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"{aws.endpoint_url}/oauth2/authorize?")
        assert answer.headers["Set-Cookie"].startswith("__Host-pushboard")
        assert client(aws, "dynamodb").scan(TableName=table)["Items"] == []

    def test_its_scripts_and_styles_are_there(self, container: Container) -> None:
        for asset in ("js/start.js", "css/pushboard.css"):
            assert container.get(f"/assets/{asset}").content == (REPO / "assets" / asset).read_bytes()

    @pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells by files who runs a process")
    def test_none_of_its_processes_is_roots(self, container: Container) -> None:
        processes = [container.process.pid, *_children(container.process.pid)]
        assert len(processes) == 2, "gunicorn and its worker"
        expected = int(image().only("USER").split(":")[0]) if os.geteuid() == 0 else os.geteuid()
        for process in processes:
            status = Path(f"/proc/{process}/status").read_text()
            assert status.split("Uid:")[1].split()[:4] == [str(expected)] * 4

    def test_it_wrote_nothing_among_its_files(self, container: Container) -> None:
        assert {
            path.relative_to(container.folder).as_posix() for path in container.folder.rglob("*") if path.is_file()
        } == {path.relative_to(container.folder).as_posix() for path in _copied(container.folder)}


def _copied(folder: Path) -> list[Path]:
    """What the image holds in its working directory."""
    files = [path for path in context() if path.startswith(("assets/", "dashboard/"))]
    return [folder / path for path in files] + [folder / "health.py"]


def _children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


class TestEnding:
    def test_it_ends_by_itself_when_ecs_asks_it_to(self, container: Container) -> None:
        """The last test of this container."""
        worker = _children(container.process.pid) if Path("/proc/self/status").exists() else []
        container.process.send_signal(signal.SIGTERM)
        assert container.process.wait(webapp(**CLOUDFRONT).container["StopTimeout"]) == 0
        until(lambda: not any(Path(f"/proc/{one}").exists() for one in worker))


class TestFiles:
    def test_the_image_holds_the_dashboard_and_nothing_else_of_ours(self) -> None:
        tops = {path.split("/")[0] for path in context()}
        assert tops == {"assets", "dashboard", "infra", "requirements"}
        assert [path for path in context() if path.startswith(("infra/", "requirements/"))] == [
            "infra/image/health.py",
            "requirements/dashboard.lock",
        ]

    @pytest.mark.parametrize(
        "path",
        [
            ".git/config",
            ".venv/bin/python",
            "var/secret_key",
            "infra/local/runtime.py",
            "dashboard/__pycache__/app.cpython-313.pyc",
            "dashboard/charts/__pycache__/bar.cpython-313.pyc",
            "requirements/dev.lock",
            "tests/conftest.py",
        ],
    )
    def test_what_is_not_the_dashboards_does_not_even_reach_the_builder(self, path: str) -> None:
        assert is_ignored(path)

    @pytest.mark.parametrize("path", ["dashboard/app.py", "dashboard/templates/message.html", "assets/pushboard.css"])
    def test_what_is_the_dashboards_does(self, path: str) -> None:
        assert not is_ignored(path)

    def test_all_of_ours_that_the_dashboard_imports_is_in_it(self, folder: Path) -> None:
        for file in sorted((REPO / "dashboard").rglob("*.py")):
            for module in _ours(file):
                path = folder / module.replace(".", "/")
                assert path.with_suffix(".py").exists() or (path / "__init__.py").exists(), f"{file.name}: {module}"


def _ours(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        yield from (name for name in names if name.split(".")[0] in ("backend_lambdas", "dashboard", "infra"))


class TestPackages:
    def test_they_are_installed_by_their_hashes_and_from_wheels(self) -> None:
        """So that no compiler is needed, and what is installed is what was chosen."""
        text = DOCKERFILE.read_text()
        assert "--require-hashes --only-binary :all: --requirement /tmp/dashboard.lock" in text
        assert text.count("FROM public.ecr.aws/docker/library/python:3.13-slim${BASE_DIGEST}") == 2
        assert "apt-get" not in text

    @pytest.mark.parametrize("lock", ["dashboard.lock", "lambdas.lock"])
    def test_what_goes_to_aws_is_what_is_tested_here(self, lock: str) -> None:
        """Each version with its hashes, from no particular index."""
        chosen, here = _pins(lock), _pins("run.lock")
        assert chosen
        assert chosen.items() <= here.items()
        assert "http" not in (REPO / "requirements" / lock).read_text()

    def test_what_only_a_laptop_needs_stays_there(self) -> None:
        assert not {"duckdb", "moto", "sqlglot", "uvicorn"} & (
            _pins("dashboard.lock").keys() | _pins("lambdas.lock").keys()
        )

    def test_the_locks_hold_what_the_project_asks_for(self) -> None:
        import tomllib

        project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
        lambdas = project["optional-dependencies"]["lambdas"]
        assert _names(project["dependencies"]) <= _pins("dashboard.lock").keys()
        assert _names(lambdas) <= _pins("lambdas.lock").keys()


def _pins(lock: str) -> dict[str, frozenset[str]]:
    """Name to the versions of a lock; there may be several, for several Pythons."""
    pins: dict[str, set[str]] = {}
    for line in (REPO / "requirements" / lock).read_text().splitlines():
        if "==" in line and not line.startswith(" "):
            name, version = line.split(" ")[0].split("==")
            pins.setdefault(name, set()).add(version)
    return {name: frozenset(versions) for name, versions in pins.items()}


def _names(requirements: list[str]) -> set[str]:
    return {one.split(">")[0].split("[")[0] for one in requirements}


def test_a_linter_of_dockerfiles_finds_nothing() -> None:
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert linter, "hadolint is not installed"
    found = subprocess.run([linter, "--no-color", DOCKERFILE], capture_output=True, text=True, timeout=60, check=False)
    assert (found.returncode, found.stdout) == (0, "")
