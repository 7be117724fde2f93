"""`python -m infra.users`: invites people, puts them into groups, lists and removes them. `make invite` calls it.

It talks to the user pool by the usual AWS environment (credentials, Region, `AWS_ENDPOINT_URL`), on AWS and on a laptop
alike. Whoever calls it needs `cognito-idp:ListUserPools`, and on the pool the actions that `pool.Users` calls.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import closing

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from infra.users.pool import AccountError, Users, code, find_pool

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
_SENTENCES = {
    "AccessDeniedException": "These AWS credentials may not do that: {message}",
    "CodeDeliveryFailureException": "The account is made, but the mail did not go out: {message}",
    "ExpiredTokenException": "These AWS credentials have expired.",
    "InvalidParameterException": "The user pool does not take that: {message}",
    "UnrecognizedClientException": "The user pool does not know these AWS credentials.",
    "UnsupportedUserStateException": "There is no open invitation to send again.",
}


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 when done, 1 with a sentence otherwise."""
    options = _options(arguments)
    try:
        with closing(boto3.Session().client("cognito-idp", config=_CONFIG)) as client:
            options.run(Users(client, find_pool(client, options.pool)), options)
    except AccountError as reason:
        return _failed(str(reason))
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        return _failed(_SENTENCES.get(code(error), f"{code(error)}: {{message}}").format(message=message))
    except BotoCoreError as error:
        return _failed(f"AWS cannot be asked. {error}")
    return 0


def _invite(users: Users, options: argparse.Namespace) -> None:
    if options.again:
        users.invite_again(options.email)
        _say(f"{options.email} is invited again.")
        return
    users.invite(options.email, options.groups, options.set)
    _say(f"{options.email} is invited{_into(options.groups)}.")


def _change(users: Users, options: argparse.Namespace) -> None:
    users.change(options.email, options.join, options.leave, options.set)
    _say(f"{options.email} is changed.")


def _remove(users: Users, options: argparse.Namespace) -> None:
    users.remove(options.email)
    _say(f"{options.email} is removed.")


def _list(users: Users, options: argparse.Namespace) -> None:
    for email, status, groups in users.all(options.group):
        _say(f"{email:<40} {status:<22} {' '.join(groups)}".rstrip())


def _groups(users: Users, options: argparse.Namespace) -> None:
    for name in options.add:
        users.add_group(name)
    _say("\n".join(users.groups()))


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.users", description="Who may use Pushboard.")
    parser.add_argument("--pool", help="id or name of the user pool, if there are several of Pushboard's")
    commands = parser.add_subparsers(required=True)
    invite = commands.add_parser("invite", help="make an account and mail its invitation")
    invite.set_defaults(run=_invite)
    invite.add_argument("email")
    invite.add_argument("--groups", nargs="*", default=[], help="groups to be in, such as finance")
    invite.add_argument("--again", action="store_true", help="mail an open invitation once more")
    change = commands.add_parser("change", help="change the groups and attributes of somebody")
    change.set_defaults(run=_change)
    change.add_argument("email")
    change.add_argument("--join", nargs="*", default=[], help="groups to be in from now on")
    change.add_argument("--leave", nargs="*", default=[], help="groups to be in no longer")
    for command in (invite, change):
        command.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="such as region=emea")
    remove = commands.add_parser("remove", help="delete somebody's account")
    remove.set_defaults(run=_remove)
    remove.add_argument("email")
    people = commands.add_parser("list", help="tell who has an account")
    people.set_defaults(run=_list)
    people.add_argument("--group", help="only its members")
    groups = commands.add_parser("groups", help="tell the groups, or add some")
    groups.set_defaults(run=_groups)
    groups.add_argument("--add", nargs="*", default=[], metavar="GROUP", help="such as a new department's")
    return parser.parse_args(arguments)


def _into(groups: Sequence[str]) -> str:
    return f" into {', '.join(groups)}" if groups else ", and in no group yet"


def _say(text: str) -> None:
    print(text)  # noqa: T201


def _failed(sentence: str) -> int:
    print(sentence, file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
