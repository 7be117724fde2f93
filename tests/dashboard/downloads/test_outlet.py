"""The file that libraries write into while it is carried away."""

import io

import pytest

from dashboard.downloads.byte_buffer import Outlet


def test_what_was_drained_is_not_drained_again() -> None:
    outlet = Outlet()
    outlet.write(b"ab")
    outlet.write(b"c")
    assert [outlet.drain(), outlet.drain()] == [b"abc", b""]


def test_the_place_in_the_file_goes_on_after_draining() -> None:
    outlet = Outlet()
    outlet.write(b"abc")
    outlet.drain()
    outlet.write(b"d")
    assert outlet.tell() == 4


def test_a_buffer_that_the_writer_uses_again_was_copied() -> None:
    outlet, buffer = Outlet(), bytearray(b"ab")
    outlet.write(buffer)
    buffer[:] = b"xy"
    assert outlet.drain() == b"ab"


def test_nobody_can_go_back_in_it() -> None:
    with pytest.raises(io.UnsupportedOperation):
        Outlet().seek(0)
