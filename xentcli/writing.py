"""Writing files that are complete or not there, and streams that are written to the end."""

from __future__ import annotations

import errno
import os
import select
import stat
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
        import tempfile  # loads shutil, random and every compression: only where a file is written

        target = os.path.realpath(path)
        descriptor, temporary = tempfile.mkstemp(prefix=".xent-", dir=os.path.dirname(target))
        try:
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
                os.fchmod(descriptor, _mode(target))
            os.replace(temporary, target)
        except BaseException:
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
