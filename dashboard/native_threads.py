"""Computation that must not stop gevent's loop runs in native threads; used by `panels.draw` and `gateway.client`.

Under gunicorn's gevent worker, `threading` is patched: every thread is a greenlet of one loop that serves all tabs, and
a greenlet that computes for a second stops them all. gevent's own pool has threads of the operating system; Python
switches between these and the loop every few milliseconds. The function sees the caller's context variables, such as
the locale.
"""

import contextvars
import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from gevent import get_hub, monkey
from gevent.threadpool import ThreadPool

MAX_THREADS = 2
"""More would not compute sooner: Python runs one of them at a time."""

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")


def run(function: Callable[Arguments, Returned], *args: Arguments.args, **kwargs: Arguments.kwargs) -> Returned:
    """Calls a function that only computes, in a native thread if threads are patched; returns and raises as it does."""
    if not monkey.is_module_patched("threading"):
        return function(*args, **kwargs)
    context = contextvars.copy_context()
    return _pool(get_hub()).apply(context.run, (function, *args), kwargs)


@functools.lru_cache(maxsize=1)
def _pool(hub: Any) -> ThreadPool:
    return ThreadPool(MAX_THREADS, hub=hub)
