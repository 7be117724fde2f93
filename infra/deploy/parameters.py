"""What is to be deployed: the parameters file, checked against the templates before AWS is asked anything.

The file is TOML: a table [deploy], and one for each stack with the parameters of its template by their own names.
Source: AWS CloudFormation, "Parameters" and "Rules" of the template reference.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from infra.deploy.errors import NotDone
from infra.deploy.filling import FILLED, STACKS
from infra.deploy.image import Image
from infra.deploy.regions import misplaced
from infra.local.intrinsics import load
from infra.local.stack import Stack

REPO = Path(__file__).resolve().parents[2]
EXAMPLE = REPO / "infra" / "deploy" / "example.toml"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_DIGEST = re.compile(r"(sha256:[0-9a-f]{64})?", re.ASCII)
_KEYS = {"name": str, "region": str, "profile": str, "account": str, "sample_rows": int, "base_digest": str}


@dataclass(frozen=True)
class Settings:
    """The parameters file. `stacks` has, for each stack, its parameters as CloudFormation takes them: texts.

    Without a `profile` boto3 looks for credentials as it always does; without an `account` any is right. `sample_rows`
    is how many simulated trips the warehouse gets, 0 for none. `base_digest` is the digest of the Python image to build
    on, empty for the one of the day.
    """

    name: str
    region: str
    profile: str | None
    account: str | None
    sample_rows: int
    base_digest: str
    stacks: Mapping[str, Mapping[str, str]]

    def stack_name(self, stack: str) -> str:
        """The stack's name in CloudFormation."""
        return f"{self.name}-{stack}"


def read(path: Path) -> Settings:
    """The settings of a file; `NotDone` with a line for each mistake in it."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        shown = EXAMPLE.relative_to(REPO)
        raise NotDone(f"There is no {path}: copy {shown} to it, and write into it what is yours.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise NotDone(f"{path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise NotDone(f"{path} is not TOML: {error}.") from None
    wrong = list(_mistakes(written))
    if wrong:
        raise NotDone("\n".join(f"{path}: {reason}" for reason in wrong))
    return _settings(written)


def image(settings: Settings) -> Image:
    """The dashboard's image."""
    return Image(REPO, f"@{settings.base_digest}" if settings.base_digest else "")


def template(stack: str) -> Path:
    """The file of a stack's template."""
    return REPO / "infra" / f"{stack}-setup.yaml"


@cache
def document(stack: str) -> Mapping[str, Any]:
    """A stack's template, read once."""
    return load(template(stack))


def declared(stack: str) -> Mapping[str, Mapping[str, Any]]:
    """The declarations of a template's parameters."""
    return dict(document(stack).get("Parameters", {}))


def defaults(stack: str) -> dict[str, str]:
    """What a template's parameters are when nobody says otherwise."""
    return {name: _text(body["Default"]) for name, body in declared(stack).items() if "Default" in body}


def _settings(written: Mapping[str, Any]) -> Settings:
    deploy = written["deploy"]
    return Settings(
        name=deploy.get("name", "pushboard"),
        region=deploy["region"],
        profile=deploy.get("profile"),
        account=deploy.get("account"),
        sample_rows=deploy.get("sample_rows", 0),
        base_digest=deploy.get("base_digest", ""),
        stacks={stack: _texts(written.get(stack, {})) for stack in STACKS},
    )


def _mistakes(written: Mapping[str, Any]) -> Iterator[str]:
    for table in sorted(set(written) - {"deploy", *STACKS}):
        yield f"[{table}] is no table of this file{_nearest(table, ['deploy', *STACKS])}."
    for table in sorted(set(written) & {"deploy", *STACKS}):
        if not isinstance(written[table], dict):
            yield f"{table} is not a table: write [{table}]."
            return
    yield from _of_deploy(written.get("deploy", {}))
    wrong = [reason for stack in STACKS for reason in _of_stack(stack, written.get(stack, {}))]
    yield from wrong or _of_all(written)


def _of_all(written: Mapping[str, Any]) -> Iterator[str]:
    """What the tables say about each other."""
    stacks = {stack: _texts(written.get(stack, {})) for stack in STACKS}
    yield from misplaced(str(written.get("deploy", {}).get("region")), stacks)
    if written.get("deploy", {}).get("sample_rows") and stacks["backend"].get("SampleDataS3Path"):
        yield "[deploy] sample_rows and [backend] SampleDataS3Path are two sets of trips: leave one of them out."


def _of_deploy(given: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(given) - set(_KEYS)):
        yield f"[deploy] {key} is not known{_nearest(key, _KEYS)}."
    wrong = [key for key, kind in _KEYS.items() if key in given and type(given[key]) is not kind]
    yield from (f"[deploy] {key} is no {'number' if _KEYS[key] is int else 'text in quotes'}." for key in wrong)
    if wrong:
        return
    if "region" not in given:
        yield "[deploy] region is missing, such as eu-west-1."
    elif not _REGION.fullmatch(given["region"]):
        yield f"[deploy] region: {given['region']!r} is no Region, such as eu-west-1."
    if not _NAME.fullmatch(given.get("name", "pushboard")):
        yield "[deploy] name begins every stack's name: 2 to 32 small letters, digits and hyphens, a letter first."
    if "account" in given and not _ACCOUNT.fullmatch(given["account"]):
        yield "[deploy] account has 12 digits."
    if not _DIGEST.fullmatch(given.get("base_digest", "")):
        yield "[deploy] base_digest is sha256: and 64 hexadecimal digits, as docker buildx imagetools inspect tells."
    if given.get("sample_rows", 0) < 0:
        yield "[deploy] sample_rows is 0 or more."


def _of_stack(stack: str, given: Mapping[str, Any]) -> Iterator[str]:
    """The first mistakes suffice: rules compare parameters, and make sense once each of them does."""
    parameters, filled = declared(stack), FILLED[stack]
    wrong = [
        f"[{stack}] {name} is no parameter of {template(stack).name}{_nearest(name, set(parameters) - set(filled))}."
        for name in sorted(set(given) - set(parameters))
    ]
    wrong += [
        f"[{stack}] {name} is filled in by the deployment: leave it out."
        for name in sorted(set(given) & set(filled))
        if not filled[name].may_be_given
    ]
    wrong += [
        f"[{stack}] {name} is missing: {' '.join(body['Description'].split()).rstrip('.')}."
        for name, body in parameters.items()
        if "Default" not in body and name not in given and name not in filled
    ]
    for name in sorted(set(given) & set(parameters)):
        wrong += [f"[{stack}] {name}: {reason}" for reason in _unfit(given[name], parameters[name])]
    yield from wrong or [f"[{stack}] {refusal}" for refusal in _refusals(stack, given)]


def _unfit(value: Any, parameter: Mapping[str, Any]) -> Iterator[str]:
    """What the declaration of a parameter has against a value."""
    if isinstance(value, dict):
        yield "it is a text, a number, true or false, or a list of texts."
        return
    text = _text(value)
    if parameter["Type"] == "Number" and not re.fullmatch(r"-?\d+", text):
        yield f"{text!r} is no number."
    elif not _within(text, parameter):
        yield f"{text} is not between {parameter.get('MinValue')} and {parameter.get('MaxValue')}."
    allowed = [str(one) for one in parameter.get("AllowedValues", ())]
    if allowed and text not in allowed:
        yield f"{text!r} is none of {', '.join(allowed)}."
    if not re.fullmatch(parameter.get("AllowedPattern", ".*"), text, re.DOTALL):
        expected = parameter.get("ConstraintDescription") or f"of the form {parameter['AllowedPattern']}"
        yield f"{text!r} is not {expected}."


def _within(text: str, parameter: Mapping[str, Any]) -> bool:
    """Whether a number is within its limits; those without any take every number."""
    low, high = parameter.get("MinValue"), parameter.get("MaxValue")
    return (low is None or int(text) >= int(low)) and (high is None or int(text) <= int(high))


def _refusals(stack: str, given: Mapping[str, Any]) -> Iterable[str]:
    """What the template's Rules say; what the deployment will fill in counts as given."""
    texts = _texts(given)
    filled = {name: f"<{source}>" for name, source in FILLED[stack].items() if source.fills(texts)}
    return [" ".join(refusal.split()) for refusal in Stack(document(stack), filled | texts).refusals()]


def _texts(given: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in given.items()}


def _text(value: Any) -> str:
    """A value as CloudFormation takes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
