"""`make run`: the laptop's AWS in this process and the dashboard in a child, until Ctrl-C."""

import argparse
import os
import queue
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.dashboard_process import DashboardProcess
    from infra.local.runtime import LocalAws

REPO = Path(__file__).resolve().parents[2]

_LOOK_SECONDS = 0.2
"""How often it looks whether to stop, and whether the dashboard still runs."""


class NotStarted(Exception):
    """Why it cannot run, in a sentence for the person at the terminal."""


class StopRequest:
    """What a signal asks for. An Event would not do: the thread that a signal interrupts may hold the Event's lock."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[None] = queue.SimpleQueue()

    def make(self) -> None:
        """From a signal's handler, at any moment."""
        self._asked.put(None)

    def wait(self, seconds: float) -> bool:
        """Whether it was made, after this time at the latest.

        Not without an end: a signal just before a thread falls asleep does not wake it, nor one in another thread.
        """
        try:
            self._asked.get(timeout=seconds)
        except queue.Empty:
            return False
        return True


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 after Ctrl-C, 1 with a sentence otherwise."""
    options = _options(arguments)
    asked_to_stop = StopRequest()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked_to_stop.make())
    try:
        _check_ports(options)
        _run(options, asked_to_stop)
    except NotStarted as reason:
        print(reason, file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="Pushboard on this computer.")
    parser.add_argument("--port", type=int, default=8050, help="the dashboard's port")
    parser.add_argument("--endpoint-port", type=int, default=4566, help="the port of the AWS endpoint")
    parser.add_argument("--var", type=Path, default=REPO / "var", help="where data and accounts are kept")
    parser.add_argument("--rows", type=int, default=3_000_000, help="how many simulated trips")
    parser.add_argument("--data", help="real TLC trip files instead, as a glob of CSV or Parquet files")
    parser.add_argument(
        "--hold-back", action="store_true", help="leave the last simulated month to the job that loads it"
    )
    parser.add_argument("--no-dashboard", action="store_true", help="only the AWS endpoint")
    return parser.parse_args(arguments)


def _check_ports(options: argparse.Namespace) -> None:
    """Says so before anything slow when a port is taken."""
    wanted = [(options.endpoint_port, "ENDPOINT_PORT")]
    if not options.no_dashboard:
        wanted.append((options.port, "PORT"))
    for port, variable in wanted:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise NotStarted(f"Port {port} is in use. Choose another: make run {variable}={port + 1}") from None


def _run(options: argparse.Namespace, asked_to_stop: StopRequest) -> None:
    # Imported here, not above: `--help` and a taken port are answered at once.
    from infra.local.cloudformation.custom_resources import ResourceFailed
    from infra.local.cloudformation.intrinsics import TemplateError
    from infra.local.cognito import UnsupportedSetting
    from infra.local.dashboard_process import DashboardFailed
    from infra.local.endpoint.server import PortInUse
    from infra.local.folder import FolderInUse
    from infra.local.loading import LoadFailed
    from infra.sample import SampleError

    told = (
        DashboardFailed,
        FolderInUse,
        LoadFailed,
        PortInUse,
        ResourceFailed,
        SampleError,
        TemplateError,
        UnsupportedSetting,
    )
    try:
        _serve(options, asked_to_stop)
    except told as error:
        raise NotStarted(f"Pushboard stopped. {error}") from None


def _serve(options: argparse.Namespace, asked_to_stop: StopRequest) -> None:
    from infra.local import memory
    from infra.local.runtime import LocalAws
    from infra.sample import Simulated, TripFiles

    memory.share_arenas()
    public_url = f"http://localhost:{options.port}"
    password = os.environ.get("DEMO_PASSWORD") or "Taxi-2015!"
    aws = LocalAws(
        options.var.resolve(),
        port=options.endpoint_port,
        app_url=public_url,
        repo=REPO,
        sample=TripFiles(options.data) if options.data else Simulated(options.rows),
        holds_back=options.hold_back and not options.data,
        demo_password=password,
        announce=_say,
    )
    aws.start()
    memory.collect_rarely()
    try:
        if not options.no_dashboard:
            _serve_dashboard(aws, options, public_url, password, asked_to_stop)
            return
        _say(_welcome(aws.endpoint_url, aws.client_id, aws.endpoint_url, password))
        while not asked_to_stop.wait(_LOOK_SECONDS):
            pass
    finally:
        aws.stop()


def _serve_dashboard(
    aws: "LocalAws", options: argparse.Namespace, public_url: str, password: str, asked_to_stop: StopRequest
) -> None:
    from infra.local.dashboard_process import DashboardProcess, dashboard_environment

    variables = dashboard_environment(aws, options.var.resolve(), public_url)
    dashboard = DashboardProcess(REPO, options.port, variables, aws.logs)
    _supervise(dashboard, asked_to_stop, _welcome(public_url, aws.client_id, aws.endpoint_url, password))


def _supervise(dashboard: "DashboardProcess", asked_to_stop: StopRequest, welcome: str) -> None:
    """Welcomes when the dashboard answers, and returns when it is to end; a dashboard that ends by itself raises."""
    try:
        dashboard.wait_until_healthy()
        _say(welcome)
        while not asked_to_stop.wait(_LOOK_SECONDS):
            dashboard.check()
    finally:
        dashboard.stop()


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _welcome(address: str, client_id: str, endpoint_url: str, password: str) -> str:
    """What a newcomer needs next."""
    aws = (
        "AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=us-east-1"
        f" aws --endpoint-url {endpoint_url}"
    )
    sign_in = f"--auth-flow USER_PASSWORD_AUTH --auth-parameters 'USERNAME=ops@example.com,PASSWORD={password}'"
    return f"""
  Pushboard      {address}

  Sign in as     ops@example.com, finance@example.com or admin@example.com
  with password  {password}

  Try the AWS CLI:
    {aws} dynamodb scan --table-name client_connections
    {aws} cognito-idp initiate-auth --client-id {client_id} {sign_in}

  Ctrl-C ends it.
"""


if __name__ == "__main__":
    sys.exit(main())
