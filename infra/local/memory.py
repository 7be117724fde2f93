"""How the process of the laptop's AWS treats its memory. Called by `__main__`, as only a whole process has it.

Functions run here one after another, each in a thread of its own, and a page of rows is tens of thousands of small
objects, which are gone before the next page.
"""

import ctypes
import gc

_M_ARENA_MAX = -8
_ARENAS = 2


def share_arenas() -> None:
    """Has threads take memory from the same two arenas, where the C library has some; before there are threads.

    By default glibc gives new threads arenas of their own, of which each keeps what its largest page took.
    Source: mallopt(3).
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(_M_ARENA_MAX, _ARENAS)


def collect_rarely() -> None:
    """Has garbage looked for rarely, and not among what is there already, which stays for good.

    By default each page of rows has the collector walk through all objects of all services, several times.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
