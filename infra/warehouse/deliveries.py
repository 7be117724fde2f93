"""What UNLOAD wrote and S3 does not have yet: it appears there when its transaction commits. Used by `runner`.

Redshift may leave files of a failed or cancelled UNLOAD behind; here there are either all of them or none.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.redshift_sql.errors import StatementFailed
from infra.warehouse.objects import Objects


@dataclass(frozen=True)
class Delivery:
    """The files of one UNLOAD by address, the folder they lie in, and the prefix to be emptied first, if any."""

    folder: Path
    files: dict[str, Path]
    cleaned: str | None


class Deliveries:
    """The deliveries of one transaction, in order. A context: what is not sent in it is discarded at its end."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._waiting: list[Delivery] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for delivery in self._waiting:
            shutil.rmtree(delivery.folder, ignore_errors=True)

    def add(self, delivery: Delivery) -> None:
        """Keep it until it is sent or discarded."""
        self._waiting.append(delivery)

    def send(self) -> None:
        """Make objects of all files. Raises StatementFailed when one cannot be stored."""
        try:
            for delivery in self._waiting:
                self._send(delivery)
        except OSError as error:
            raise StatementFailed(f"ERROR: S3ServiceException:{error.strerror}") from error

    def _send(self, delivery: Delivery) -> None:
        if delivery.cleaned is not None:
            self._objects.delete(delivery.cleaned)
        for url, file in delivery.files.items():
            self._objects.store(url, file)
