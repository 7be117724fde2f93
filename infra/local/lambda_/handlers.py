"""Imports a handler into modules of its own, as every Lambda function is a process of its own. Used by `functions`.

Without this, a client or a cache at module level would be shared between functions that on AWS share nothing.
"""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

Handler = Callable[[dict[str, Any], Any], Any]

_importing = threading.RLock()


def load_handler(path: str) -> Handler:
    """The function that `package.module.handler` names, from a private copy of `package`."""
    module_name, _, attribute = path.rpartition(".")
    with _importing, _private_copy(module_name.split(".", 1)[0]):
        handler: Handler = getattr(importlib.import_module(module_name), attribute)
    return handler


@contextmanager
def _private_copy(package: str) -> Iterator[None]:
    """Within it, importing the package makes new modules; afterwards everyone else's are back in place."""
    shared = _taken_out(package)
    try:
        yield
    finally:
        _taken_out(package)
        sys.modules.update(shared)


def _taken_out(package: str) -> dict[str, ModuleType]:
    names = [name for name in sys.modules if name == package or name.startswith(f"{package}.")]
    return {name: sys.modules.pop(name) for name in names}
