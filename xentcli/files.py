"""Files: written complete or not at all, and JSON read so that nothing is passed over."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import stat
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import IO, Any, NoReturn

from xentcli.errors import AccessError, RequestError, Where
from xentcli.wording import brief, brief_repr


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
    with writing(path) as file:
        file.write(data)


@contextlib.contextmanager
def writing(path: str) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of the one at `path` once it is complete; without failure only.

    What goes to a device or a pipe is spooled, and written at the end. Raises `AccessError`.
    """
    with _write_errors(path):
        _refuse_folder_or_output(path)
        if os.path.exists(path) and not os.path.isfile(path):
            with spooled() as file:
                yield file
                with open(path, "wb", buffering=0) as device:
                    copy_to(file, device.fileno())
            return
        with _replacing(os.path.realpath(path)) as file:
            yield file


def refuse_unwritable(path: str) -> None:
    """Raise the `AccessError` that `writing` would, as far as can be seen: of the folder, and its rights."""
    with _write_errors(path):
        _refuse_folder_or_output(path)
        place, rights = os.path.dirname(os.path.realpath(path)), os.W_OK | os.X_OK
        if os.path.exists(path) and not os.path.isfile(path):
            place, rights = path, os.W_OK
        elif not stat.S_ISDIR(os.stat(place).st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(place, rights):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextlib.contextmanager
def _write_errors(path: str) -> Iterator[None]:
    """Turn what the operating system refuses into an `AccessError`, but for a pipe that nobody reads."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise AccessError("unwritable", f"cannot be written: {reason(error)}", where=Where(path)) from error


def _refuse_folder_or_output(path: str) -> None:
    if path.endswith(os.sep) or os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if os.path.isfile(path) and os.path.samestat(os.stat(path), os.fstat(1)):
        message = "is where standard output goes: one of the two would be lost"
        raise AccessError("unwritable", message, where=Where(path))


@contextlib.contextmanager
def _replacing(target: str) -> Iterator[IO[bytes]]:
    """A new file, which takes the place of the target, with its permissions, or is gone again."""
    # A name of our own, known before the file is there: a signal may come as soon as it is.
    temporary = os.path.join(os.path.dirname(target), f".xent-{os.getpid():x}-{time.monotonic_ns():x}")
    try:
        # Nobody else's to read until it is complete.
        with open(temporary, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), _mode(target))
        os.replace(temporary, target)
    except BaseException:  # Ctrl-C as well leaves nothing behind
        with contextlib.suppress(OSError):  # never begun, or complete already
            os.unlink(temporary)
        raise


def write_to(file: IO[bytes], path: str) -> Callable[[bytes], int]:
    """What writes to a file and raises an `AccessError` of it, in the midst of what reads another."""

    def write(data: bytes) -> int:
        try:
            return file.write(data)
        except OSError as error:
            raise AccessError("unwritable", f"cannot be written: {reason(error)}", where=Where(path)) from error

    return write


def spooled() -> IO[bytes]:
    """A temporary file that vanishes when it is closed, or with the process."""
    import tempfile  # loads shutil, random and every compression

    return tempfile.TemporaryFile(prefix="xent-")


def copy_to(file: IO[bytes], descriptor: int) -> None:
    """Write all that a file holds to a descriptor."""
    file.seek(0)
    while data := file.read(1 << 20):
        write_all(descriptor, data)


def make_folder(path: str) -> None:
    """Make a folder, and those above it, unless it is there. Raises `AccessError`."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise AccessError("unwritable", f"cannot be made: {reason(error)}", where=Where(path)) from error


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


def pipe_place(path: str) -> tuple[int, int] | None:
    """Device and inode of what can be read once: a pipe, a process substitution, its descriptor; else None."""
    try:
        found = os.stat(0 if path == "-" else path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISFIFO(found.st_mode) else None


_SCHEMES = {"s3a": "s3", "s3n": "s3", "gcs": "gs"}  # that are other names of one kind of store


def is_uri(path: str) -> bool:
    """Whether a path is the URI of a file: in a store, on the web, or `file://`."""
    return "://" in path


def place_of(path: str) -> str:
    """What the names of one file have in common: its real path, or its URI without options such as `?region=`."""
    if not is_uri(path):
        return os.path.realpath(path)
    scheme, _, rest = without_options(path)[0].partition("://")
    return f"{_SCHEMES.get(scheme.lower(), scheme.lower())}://{rest}"


def is_same_file(one: str, other: str) -> bool:
    """Whether two paths or URIs name one file that is there; one in a store may be."""
    if is_uri(one) or is_uri(other):
        return place_of(one) == place_of(other)
    return os.path.exists(one) and os.path.exists(other) and os.path.samefile(one, other)


def suffix_of(path: str) -> str:
    """The suffix of the name, in small letters: `.json`; of a URI without its options."""
    return os.path.splitext(without_options(path)[0])[1].lower()


def with_suffix(path: str, suffix: str) -> str:
    """The path or URI with another suffix."""
    name, options = without_options(path)
    return os.path.splitext(name)[0] + suffix + options


def join_name(folder: str, name: str) -> str:
    """The path or URI of a file of this name in a folder."""
    path, options = without_options(folder)
    return os.path.join(path, name) + options


def without_options(path: str) -> tuple[str, str]:
    """The path, and the options of the store where it is a URI: `?region=eu-west-1`."""
    name, mark, options = path.partition("?") if is_uri(path) else (path, "", "")
    return name, mark + options


def refuse_no_file_name(path: str | os.PathLike[str]) -> None:
    """Raise a `RequestError` for what no file can be called, which Python refuses in exceptions of its own."""
    try:
        fine = b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        fine = False
    if not fine:
        raise RequestError("path", f"{brief_repr(os.fspath(path))} cannot be the name of a file")


PICTURE = ("pictures are written as .svg or .png", ".svg", ".png")  # what is written, and the suffixes that fit
PAGE = ("pages are written as .html", ".html", ".htm")


def refuse_other_suffix(path: str, kind: Sequence[str], hint: str) -> None:
    """Raise a `RequestError` for a file that is called as one of another kind; pipes and devices may be.

    `hint` says what to type instead: `{path}` in it becomes a name that fits.
    """
    what, *suffixes = kind
    suffix = suffix_of(path)
    if suffix and suffix not in suffixes and (os.path.isfile(path) or not os.path.exists(path)):
        message, fitting = f"{what}, not as {suffix}", with_suffix(path, suffixes[0])
        raise RequestError("output", message, hint=hint.replace("{path}", fitting), where=Where(path))


_DEEPEST = 100  # what xent writes is far below, and what it does with a document recurs
_DIGITS = 400  # of a whole number beyond float64, which Python may refuse to read


class NotJson(ValueError):
    """What is wrong with a text that should be JSON, as the end of a sentence about it."""


def parse_json(data: bytes) -> Any:
    """The document in `data`; whole numbers beyond float64 are infinite. Raises `NotJson`."""
    try:
        document = _DECODER.decode(data.decode(json.detect_encoding(data)))
    except NotJson:
        raise
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start + 1:,} is not {error.encoding.upper()} text") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg.lower()} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    _refuse_deep(document)
    return document


def _parse_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        twice = next(key for key, _ in pairs if counts[key] > 1)
        raise NotJson(f'an object has the key "{brief(twice)}" twice')
    return found


def _parse_integer(text: str) -> int | float:
    return int(text) if len(text) <= _DIGITS else float(text)


def _refuse_constant(text: str) -> NoReturn:
    raise NotJson(f"{text} is not a JSON number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_parse_object, parse_int=_parse_integer, parse_constant=_refuse_constant
)


def _refuse_deep(document: Any) -> None:
    level = [document]
    for _ in range(_DEEPEST):
        level = [item for each in level for item in _items(each)]
        if not level:
            return
    raise NotJson("it is nested too deeply")


def _items(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


@contextlib.contextmanager
def access(path: str) -> Iterator[None]:
    """Turn what the operating system refuses into an `AccessError` that names the file."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        message = (error.strerror or "cannot be read").lower()
        raise AccessError("unreadable", message, where=Where(path)) from error
