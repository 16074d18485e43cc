"""What happens to memory that is not used any more: by the C library, and by Python."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # of mallopt(3)
_MIB = 1 << 20


def keep_freed_memory() -> None:
    """Let freed memory stay with the process, where that can be said (glibc).

    Otherwise arrays of a few MiB go back to the system and come anew, page by page, with each block: up to a third
    of the time of a file of long lists. All threads share one heap, or each keeps what it once took for itself: a
    tenth of the peak.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library: nothing to tune
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_ARENA_MAX, 1)
        for parameter, size in ((_MMAP_THRESHOLD, 32), (_TRIM_THRESHOLD, 256), (_TOP_PAD, 16)):
            mallopt(parameter, size * _MIB)


def collect_again() -> None:
    """Look for garbage from now on, but not among what has been loaded, which is there to stay."""
    gc.freeze()
    gc.enable()
