"""What a function makes once, while Lambda starts it. Used by every handler's `build` but that of `setup_redshift`.

That one has to answer CloudFormation even when it cannot be made.

Source: AWS Lambda, "Understanding the Lambda execution environment lifecycle": the Init phase runs what is outside of
the handler, before the first request. That it has more processor time than the function's memory buys was measured by
others; AWS does not promise it.
"""

import functools
import os
from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")

_OF_LAMBDA = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""A variable that is there while Lambda, or the laptop in its place, imports a handler."""


def at_start(build: Callable[[], Made]) -> "functools._lru_cache_wrapper[Made]":
    """Calls `build` when the module of a handler is imported by Lambda, else at first use; keeps what it makes.

    So clients are made before the first request.
    """
    kept = functools.cache(build)
    if _OF_LAMBDA in os.environ:
        kept()
    return kept
