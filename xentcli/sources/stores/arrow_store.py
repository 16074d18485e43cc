"""Stores that pyarrow speaks to itself: S3, Google Cloud Storage, Azure, HDFS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs

from xentcli.sources.stores.store import ATTEMPTS, Store, Version, timeout

_TAGS = ("etag", "generation", "versionid", "version-id", "md5", "last-modified", "updated")


class ArrowStore(Store):
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
    _, (options,) = filesystem.__reduce__()
    limits = {
        "connect_timeout": timeout(),
        "request_timeout": timeout(),
        "retry_strategy": pafs.AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
    }
    return pafs.S3FileSystem(**{**options, **limits})


_SIGNS = (
    "AWS Error", "google::cloud::Status", "Azure Error", "curlCode", "HTTP status", "libcurl", "only got",
    "Connection reset", "timed out", "Couldn't connect", "Could not resolve",
)  # fmt: skip


def is_of_store(error: Exception) -> bool:
    """Is this what a store or the network said, where Arrow's reader of a format passes it on as it is?"""
    return isinstance(error, OSError) and any(sign in str(error) for sign in _SIGNS)
