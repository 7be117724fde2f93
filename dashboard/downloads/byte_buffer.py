"""Where a library writes its file, while a generator carries away what is there; used by `as_parquet` and `xlsx`."""

import io
from typing import Any


class ByteBuffer(io.RawIOBase):
    """A file that can only be written, from beginning to end. What was drained is gone from memory."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def drain(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._pieces)
        self._pieces.clear()
        return content

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        """How many bytes were written in all, drained or not."""
        return self._written

    def write(self, content: Any) -> int:
        piece = bytes(content)  # a copy: the writer may use its buffer again
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)
