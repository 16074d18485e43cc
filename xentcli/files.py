"""Writing files that are complete or not there, and streams that are written to the end."""

from __future__ import annotations

import contextlib
import errno
import os
import select
import stat
import time
from collections.abc import Callable

from xentcli.errors import AccessError, Where


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, however little is taken at a time."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # a non-blocking pipe that is full
            select.select([], [descriptor], [])


def write_file(path: str, data: bytes) -> None:
    """Write a file that is complete or stays as it was; devices and pipes are simply written to."""
    try:
        if path.endswith(os.sep):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if os.path.exists(path) and os.path.samestat(os.stat(path), os.fstat(1)) and os.path.isfile(path):
            message = "is where standard output goes: one of the two would be lost"
            raise AccessError("unwritable", message, where=Where(path))
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "wb", buffering=0) as device:
                write_all(device.fileno(), data)
            return
        target = os.path.realpath(path)
        # A name of our own, known before the file is there: a signal may come as soon as it is.
        temporary = os.path.join(os.path.dirname(target), f".xent-{os.getpid():x}-{time.monotonic_ns():x}")
        try:
            with open(temporary, "xb", opener=_private) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                os.fchmod(file.fileno(), _mode(target))
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):  # never begun, or complete already
                os.unlink(temporary)
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AccessError("unwritable", f"cannot be written: {reason(error)}", where=Where(path)) from error


def append_file(path: str, data: Callable[[int], bytes]) -> None:
    """Append `data(size)` to a regular file of so many bytes, all of it or nothing."""
    try:
        if os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode):
            raise AccessError("unwritable", "cannot be appended to: not a regular file", where=Where(path))
        with open(path, "ab", buffering=0) as file:
            size = file.tell()
            try:
                write_all(file.fileno(), data(size))
            except OSError:
                file.truncate(size)
                raise
    except OSError as error:
        raise AccessError("unwritable", f"cannot be appended to: {reason(error)}", where=Where(path)) from error


def _private(path: str, flags: int) -> int:
    """Opens a file that is nobody else's to read until it is complete."""
    return os.open(path, flags, 0o600)


def _mode(path: str) -> int:
    """The permissions the file has, or those a new file gets."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def reason(error: OSError) -> str:
    """Why the system refused, in its words."""
    return (error.strerror or errno.errorcode.get(error.errno or 0, "refused")).lower()
