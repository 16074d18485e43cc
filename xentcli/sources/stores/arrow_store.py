"""Stores that pyarrow speaks to itself: S3, Google Cloud Storage, Azure, HDFS."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs

from xentcli.sources.stores.store import ATTEMPTS, PART, Version, WritableStore, store_errors, timeout

_AHEAD = 4  # parts that are sent at once
_FORBIDDEN = ("ACCESS_DENIED", "PERMISSION_DENIED", "HTTP status 403", "Forbidden")
_TAGS = ("etag", "generation", "versionid", "version-id", "md5", "last-modified", "updated")


class ArrowStore(WritableStore):
    """A filesystem of pyarrow."""

    parallel = 4
    piece = 4 << 20
    wait = 12.0  # S3 itself gives up sooner

    def __init__(self, filesystem: pafs.FileSystem) -> None:
        self.filesystem = _patient(filesystem)

    def __reduce__(self) -> tuple[Any, ...]:
        """As pyarrow sends a filesystem, which leaves out how it tries again."""
        return type(self), (self.filesystem,)

    def open(self, key: str) -> _ArrowFile:
        """One request: its size and its ETag come with the opening."""
        native = self.filesystem.open_input_file(key)
        about = {str(name).lower(): value for name, value in (native.metadata() or {}).items()}
        tag = next((about[name] for name in _TAGS if about.get(name)), None)
        if isinstance(tag, bytes):
            tag = tag.decode("utf-8", "replace")
        if tag is None:
            tag = str(self.filesystem.get_file_info(key).mtime_ns)
        return _ArrowFile(native, Version(native.size(), tag))

    def files(self, root: str, *, deep: bool) -> Mapping[str, int | None]:
        """One request for each thousand of them."""
        infos = self.filesystem.get_file_info(pafs.FileSelector(root, recursive=deep))
        return {each.path: each.size for each in infos if each.is_file}

    def is_file_key(self, key: str) -> bool:
        """A bucket is none."""
        return "/" in key

    def refuse_unwritable(self, key: str) -> None:
        """Raise an `OSError` where there is no such bucket; who may only write may not be told."""
        if self.filesystem.type_name == "hdfs":
            return
        bucket = key.partition("/")[0]
        try:
            found = self.filesystem.get_file_info(bucket)
        except OSError as error:
            if not any(sign in str(error) for sign in _FORBIDDEN):
                raise
        else:
            if found.type is pafs.FileType.NotFound:
                raise OSError(f'there is no bucket "{bucket}"')

    def write(self, key: str, path: str, name: str) -> None:
        """In one request below 10 MiB; S3 in parts beyond, by boto3 if it is there, as it can take them back."""
        size = os.path.getsize(path)
        if size >= PART and self.filesystem.type_name == "s3":
            from xentcli.sources.stores.s3_parts import send_parts

            with store_errors(name):
                if send_parts(s3_options(self.filesystem), key, path):
                    return
        self.send(lambda: self._put(key, path, size), name, size)

    def _put(self, key: str, path: str, size: int) -> None:
        if self.filesystem.type_name == "hdfs":  # where others see a file while it is written
            part = f"{key}.xent-part"
            _copy(self.filesystem, part, path)
            self.filesystem.move(part, key)
            return
        _copy(_in_one_request(self.filesystem) if size < PART else self.filesystem, key, path)


def _copy(filesystem: pafs.FileSystem, key: str, path: str) -> None:
    stream = filesystem.open_output_stream(key, compression=None)
    try:
        with open(path, "rb") as file:
            while data := file.read(_AHEAD * PART):
                stream.write(data)
                stream.flush()
        stream.close()
    except BaseException:
        # Its destructor would close it, and make a file of what has been sent so far: it must never run.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(stream))
        raise


def _in_one_request(filesystem: pafs.FileSystem) -> pafs.FileSystem:
    """The same, where S3 is sent a small file whole, and not as an upload of one part."""
    if filesystem.type_name != "s3" or "allow_delayed_open" not in (options := s3_options(filesystem)):
        return filesystem
    return pafs.S3FileSystem(**{**options, **_limits(), "allow_delayed_open": True})


class _ArrowFile:
    def __init__(self, native: pa.NativeFile, version: Version) -> None:
        self.native: pa.NativeFile | None = native
        self.version, self._file = version, native

    def read_at(self, offset: int, size: int) -> bytes:
        """One request."""
        return self._file.read_at(size, offset) if size else b""


def _patient(filesystem: pafs.FileSystem) -> pafs.FileSystem:
    """The filesystem with a limit to its patience: what S3 lets one set beside a URI."""
    if filesystem.type_name != "s3" or not hasattr(pafs, "S3FileSystem"):
        return filesystem
    return pafs.S3FileSystem(**{**s3_options(filesystem), **_limits()})


def s3_options(filesystem: pafs.FileSystem) -> dict[str, Any]:
    """What a filesystem of S3 was made with."""
    _, (options,) = filesystem.__reduce__()
    return dict(options)


def _limits() -> dict[str, Any]:
    return {
        "connect_timeout": timeout(),
        "request_timeout": timeout(),
        "retry_strategy": pafs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    }


_SIGNS = (
    "AWS Error", "google::cloud::Status", "Azure Error", "curlCode", "HTTP status", "libcurl", "only got",
    "Connection reset", "timed out", "Couldn't connect", "Could not resolve",
)  # fmt: skip


def is_of_store(error: Exception) -> bool:
    """Is this what a store or the network said, where Arrow's reader of a format passes it on as it is?"""
    return isinstance(error, OSError) and any(sign in str(error) for sign in _SIGNS)
