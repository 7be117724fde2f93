"""An object's content as moto reads it, when it is a file and not in memory. Used by `mirror`."""

from pathlib import Path


class OnDisk:
    """As much of a file object as moto asks of an object's content; opens the file only to read, so none stays open."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0

    def seek(self, position: int) -> None:
        """Read from there next."""
        self._position = position

    def read(self, size: int = -1) -> bytes:
        """The next `size` bytes, or all."""
        with self._file.open("rb") as content:
            content.seek(self._position)
            part = content.read(size)
        self._position += len(part)
        return part

    def close(self) -> None:
        """Nothing is open."""
