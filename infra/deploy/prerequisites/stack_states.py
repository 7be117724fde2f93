"""The stacks that are there: Pushboard's own, and none in a state that only a person can end. Used by `checks`."""

from collections.abc import Iterator

from infra.deploy.prerequisites.check import Check, Target

_OURS = "Pushboard,"
"""How the descriptions of the templates begin."""


def findings(target: Target) -> Iterator[str]:
    """A sentence for each stack that cannot be gone on with."""
    for stack in target.found.values():
        if stack.description and not stack.description.startswith(_OURS):
            yield f"{stack.name} is a stack of something else: write another [deploy] name."
            continue
        obstacle = target.stacks.obstacle(stack)
        if obstacle:
            yield obstacle


CHECK = Check(
    "stacks of these names are Pushboard's, and none is in a state that waits for you (cloudformation:DescribeStacks)",
    findings,
)
