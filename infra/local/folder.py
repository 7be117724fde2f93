"""The folder that keeps everything between runs, held by one run at a time. Used by `runtime`."""

import fcntl
import os
from pathlib import Path


class FolderInUse(Exception):
    """Another run has this folder; two would ruin each other's warehouse."""


class HeldFolder:
    """Makes the folder and holds it until `release`; a run that is killed holds it no more."""

    def __init__(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise FolderInUse(f"{path} is in use by another run of Pushboard; end that, or choose --var.") from None

    def release(self) -> None:
        """Lets another run have it."""
        os.close(self._descriptor)
