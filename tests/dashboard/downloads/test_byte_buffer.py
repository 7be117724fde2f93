"""The file that libraries write into while it is carried away."""

import io

import pytest

from dashboard.downloads.byte_buffer import ByteBuffer


def test_what_was_drained_is_not_drained_again() -> None:
    buffer = ByteBuffer()
    buffer.write(b"ab")
    buffer.write(b"c")
    assert [buffer.drain(), buffer.drain()] == [b"abc", b""]


def test_the_place_in_the_file_goes_on_after_draining() -> None:
    buffer = ByteBuffer()
    buffer.write(b"abc")
    buffer.drain()
    buffer.write(b"d")
    assert buffer.tell() == 4


def test_content_that_the_writer_changes_afterwards_was_copied() -> None:
    buffer, content = ByteBuffer(), bytearray(b"ab")
    buffer.write(content)
    content[:] = b"xy"
    assert buffer.drain() == b"ab"


def test_nobody_can_go_back_in_it() -> None:
    with pytest.raises(io.UnsupportedOperation):
        ByteBuffer().seek(0)
