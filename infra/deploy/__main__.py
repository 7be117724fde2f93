"""`python -m infra.deploy`: deploys Pushboard to AWS, publishes its reports, removes it. `make deploy` calls it.

What can go wrong ends with one sentence and exit code 1, a wrong command line with 2. What AWS was told goes on there
when this is interrupted; the next run waits for that, and goes on.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from infra.deploy import plan
from infra.deploy.artifacts import reports
from infra.deploy.artifacts.artifacts import Makers
from infra.deploy.aws import Aws
from infra.deploy.deploying import Deployment
from infra.deploy.destroying import Confirm, Destruction
from infra.deploy.errors import DeployError, sentence
from infra.deploy.parameters import parameters
from infra.deploy.parameters.parameters import Settings
from infra.deploy.stacks.polling import Polling
from infra.deploy.stacks.templates import REPO

INTERRUPTED = 130
"""What a shell calls a program that Ctrl-C ended."""


@dataclass(frozen=True)
class World:
    """What is outside of this program: AWS, a person at the terminal, what builds, and the time."""

    connect: Callable[[Settings], Aws] = Aws.of
    confirm: Confirm = input
    makers: Makers = field(default_factory=Makers)
    polling: Polling = field(default_factory=Polling)


def main(arguments: Sequence[str] | None = None, world: World | None = None) -> int:
    """The exit code."""
    options = _options(arguments)
    try:
        options.run(options, world or World())
    except DeployError as reason:
        return _failed(str(reason))
    except (BotoCoreError, ClientError) as error:
        return _failed(sentence(error))
    except EOFError:
        return _failed("Nothing was removed: nobody is here to be asked. With --yes it does not ask.")
    except BrokenPipeError:
        # Whoever read it has seen enough; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(f"This machine cannot go on: {error}.")
    except KeyboardInterrupt:
        _failed("\nInterrupted. What AWS was told goes on there: run this again, it waits for that and goes on.")
        return INTERRUPTED
    return 0


def _deploy(options: argparse.Namespace, world: World) -> None:
    settings = _settings(options)
    if options.dry_run:
        _say_all(plan.of_deployment(settings))
        return
    with closing(world.connect(settings)) as aws:
        Deployment(aws, settings, _say, world.makers, world.polling, options.replace_data).run()


def _publish(options: argparse.Namespace, world: World) -> None:
    settings = _settings(options)
    if options.dry_run:
        _say_all(plan.of_publishing(settings))
        return
    world.makers.check()
    with closing(world.connect(settings)) as aws:
        reports.publish(aws, settings, _say, prune=options.prune)


def _destroy(options: argparse.Namespace, world: World) -> None:
    settings = _settings(options)
    if options.dry_run:
        _say_all(plan.of_destruction(settings))
        return
    confirm = (lambda _: settings.name) if options.yes else world.confirm
    with closing(world.connect(settings)) as aws:
        Destruction(aws, settings, _say, confirm, options.data_too, world.polling).run()


def _settings(options: argparse.Namespace) -> Settings:
    """Those of the file; a plan without one is that of the example."""
    if options.dry_run and not options.parameters.exists() and options.parameters == _PARAMETERS:
        _say(f"There is no {_PARAMETERS} yet; this is the plan of {parameters.EXAMPLE.relative_to(REPO)}.")
        return parameters.read(parameters.EXAMPLE)
    return parameters.read(options.parameters)


_PARAMETERS = Path("deploy.toml")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description="Pushboard on AWS.", allow_abbrev=False)
    commands = parser.add_subparsers(required=True)
    strict = partial(commands.add_parser, allow_abbrev=False)
    deploy = strict("deploy", help="make everything, or bring it up to date")
    deploy.set_defaults(run=_deploy)
    deploy.add_argument(
        "--replace-data", action="store_true", help="even where a change leaves the accounts or the audit behind"
    )
    publish = strict("publish-reports", help="check the reports and upload those that changed")
    publish.set_defaults(run=_publish)
    publish.add_argument("--prune", action="store_true", help="remove published reports that are no files here")
    destroy = strict("destroy", help="remove everything that was made")
    destroy.set_defaults(run=_destroy)
    destroy.add_argument("--yes", action="store_true", help="do not ask")
    destroy.add_argument("--data-too", action="store_true", help="the accounts and the audit, too, which else are kept")
    for command in (deploy, publish, destroy):
        command.add_argument("--parameters", type=Path, default=_PARAMETERS, metavar="FILE", help=str(_PARAMETERS))
        command.add_argument("--dry-run", action="store_true", help="say what would be done; ask nothing of AWS")
    return parser.parse_args(arguments)


def _say_all(lines: Sequence[str]) -> None:
    for line in lines:
        _say(line)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
