"""A buffer between a library that writes a file and a generator that sends it; used by `as_parquet` and `xlsx`."""

import io
from typing import Any


class ByteBuffer(io.RawIOBase):
    """A write-only file without seeking. Drained bytes are no longer in memory."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def drain(self) -> bytes:
        """Returns the bytes written since the last call."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        """Returns how many bytes were written in all, drained or not."""
        return self._written

    def write(self, content: Any) -> int:
        piece = bytes(content)  # a copy: the writer may use its buffer again
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)
