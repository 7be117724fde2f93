"""What is wrong with a parameters file, a sentence each, found by the templates alone. Used by `parameters`.

Source: AWS CloudFormation, "Parameters" and "Rules" of the template reference.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from infra.deploy.parameters.regions import misplaced
from infra.deploy.parameters.sources import FILLED, STACKS
from infra.deploy.stacks import templates
from infra.local.cloudformation.stack import Stack

DEPLOY = "deploy"
_FORMS: Mapping[str, tuple[str, str]] = {
    "name": (r"[a-z][a-z0-9-]{0,30}[a-z0-9]", "2 to 32 small letters, digits and hyphens, a letter first"),
    "region": (r"[a-z]{2}(-[a-z]+)+-\d", "a Region such as eu-west-1"),
    "profile": (r".+", "the name of a profile"),
    "account": (r"\d{12}", "a text of 12 digits"),
    "base_digest": (r"sha256:[0-9a-f]{64}", "a digest: sha256: and 64 hexadecimal digits"),
    "sample_rows": (r"\d{1,9}", "a number of trips, or 0"),
    "lambda_concurrency": (r"[1-9]\d{0,5}", "a number of functions"),
}
_NUMBERS = {"sample_rows", "lambda_concurrency"}


def mistakes(written: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each mistake in what the file says."""
    tables = [DEPLOY, *STACKS]
    for name in sorted(set(written) - set(tables)):
        yield f"[{name}] is no table of this file{_nearest(name, tables)}."
    flat = [name for name in tables if not isinstance(written.get(name, {}), dict)]
    if flat:
        yield from (f"{name} is a table: write [{name}]." for name in flat)
        return
    wrong = [*_of_deploy(written.get(DEPLOY, {}))]
    for stack in STACKS:
        wrong += _of_stack(stack, written.get(stack, {}))
    yield from wrong or _of_all(written)


def _of_deploy(given: Mapping[str, Any]) -> Iterator[str]:
    for key in sorted(set(given) - set(_FORMS)):
        yield f"[deploy] {key} is not known{_nearest(key, _FORMS)}."
    if "region" not in given:
        yield "[deploy] region is missing: where everything is to be, such as eu-west-1."
    for key, (form, said) in _FORMS.items():
        kind = int if key in _NUMBERS else str
        if key in given and not (type(given[key]) is kind and re.fullmatch(form, str(given[key]), re.ASCII)):
            yield f"[deploy] {key}: {given[key]!r} is not {said}."


def _of_stack(stack: str, given: Mapping[str, Any]) -> list[str]:
    """The rules compare parameters, and so are asked when each of them makes sense."""
    wrong = [*_misnamed(stack, given), *_missing(stack, given), *_unfit(stack, given)]
    return [f"[{stack}] {reason}" for reason in wrong or _refusals(stack, given)]


def _misnamed(stack: str, given: Mapping[str, Any]) -> Iterator[str]:
    known, filled = set(templates.declared(stack)), FILLED[stack]
    for name in sorted(set(given) - known):
        yield f"{name} is no parameter of {templates.path(stack).name}{_nearest(name, known - set(filled))}."
    for name in sorted(set(given) & set(filled)):
        if not filled[name].may_be_given:
            yield f"{name} is filled in by the deployment: leave it out."


def _missing(stack: str, given: Mapping[str, Any]) -> Iterator[str]:
    for name, body in templates.declared(stack).items():
        if "Default" not in body and name not in given and name not in FILLED[stack]:
            yield f"{name} is missing: {' '.join(body['Description'].split()).rstrip('.')}."


def _unfit(stack: str, given: Mapping[str, Any]) -> Iterator[str]:
    for name, body in templates.declared(stack).items():
        if name in given:
            yield from (f"{name}: {reason}" for reason in templates.unfit(given[name], body))


def _refusals(stack: str, given: Mapping[str, Any]) -> list[str]:
    """What the template's Rules say; what the deployment will fill in counts as given."""
    texts = templates.texts(given)
    filled = {name: f"<{source}>" for name, source in FILLED[stack].items() if source.fills(texts)}
    return [" ".join(refusal.split()) for refusal in Stack(templates.document(stack), filled | texts).refusals()]


def _of_all(written: Mapping[str, Any]) -> Iterator[str]:
    """What the tables say about each other."""
    stacks, deploy = {stack: templates.texts(written.get(stack, {})) for stack in STACKS}, written[DEPLOY]
    yield from misplaced(deploy["region"], stacks)
    if deploy.get("sample_rows") and stacks["backend"].get("SampleDataS3Path"):
        yield "[deploy] sample_rows and [backend] SampleDataS3Path are two sets of trips: leave one of them out."


def _nearest(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
