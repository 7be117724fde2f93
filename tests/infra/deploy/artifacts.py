"""The stack of `artifacts-setup.yaml` as a test sees it: each value resolved, resources by their names."""

from functools import cache
from typing import cast

from tests.infra.webapp import REPO, Webapp

TEMPLATE = REPO / "infra" / "artifacts-setup.yaml"


@cache
def artifacts() -> Webapp:
    """The stack with the defaults."""
    return cast(Webapp, Webapp.read(TEMPLATE, {}))
