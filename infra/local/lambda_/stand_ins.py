"""What stands in for the process's own while functions run in it: `os.environ`, sleeping, thread pools, calls of AWS.

The first `Lambdas` puts it in place, the last one that closes takes it out again. Used by `functions`.
"""

import threading

from infra.local.lambda_ import environments, sandboxes

_lock = threading.Lock()
_users = 0


def install() -> None:
    """Counts one who needs them."""
    global _users
    with _lock:
        _users += 1
        for part in (environments, sandboxes):
            part.install()


def remove() -> None:
    """Counts one less. Not for who leaves a function behind that still runs: it is to stop at its next call of AWS."""
    global _users
    with _lock:
        _users -= 1
        if not _users:
            for part in (sandboxes, environments):
                part.remove()
