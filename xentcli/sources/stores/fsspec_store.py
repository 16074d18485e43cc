"""Stores of every other kind, through fsspec, where it and what it needs are installed."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Mapping
from typing import Any

from xentcli.errors import RequestError, XentError, first_line
from xentcli.sources.stores.store import Version, WritableStore, store_errors
from xentcli.wording import did_you_mean

EXTRA = "pip install 'xentcli[cloud]'"
_AZURE = ("abfs", "abfss", "az")
_OF_EXTRA = (*_AZURE, "hf")
_SEEN_AT_ONCE = ("ftp", "sftp", "smb", "ssh")
_TAGS = ("etag", "ETag", "generation", "version_id", "blob_id", "oid", "md5", "content_md5", "sha")
_TIMES = ("last_commit", "last_modified", "LastModified", "updated", "mtime", "modified", "created")


class FsspecStore(WritableStore):
    """A filesystem of fsspec."""

    def __init__(self, filesystem: Any, scheme: str) -> None:
        self._filesystem, self._scheme = filesystem, scheme

    def open(self, key: str) -> _FsspecFile:
        """What is known of it is asked anew."""
        self._filesystem.invalidate_cache()
        about = self._filesystem.info(key)
        if about.get("type") == "directory":
            raise FileNotFoundError(key)
        found = next((about[name] for name in (*_TAGS, *_TIMES) if about.get(name) is not None), None)
        version = Version(about.get("size"), None if found is None else str(found))
        return _FsspecFile(self._filesystem.open(key, "rb"), version)

    def files(self, root: str, *, deep: bool) -> Mapping[str, int | None]:
        """As the filesystem lists them."""
        self._filesystem.invalidate_cache()
        if deep:
            found = self._filesystem.find(root, detail=True)
            entries = list(found.values())
        else:
            entries = self._filesystem.ls(root, detail=True)
        files = {each["name"]: each.get("size") for each in entries if each["type"] == "file"}
        if not files and not self._filesystem.exists(root):
            raise FileNotFoundError(root)
        return files

    def refuse_unwritable(self, key: str) -> None:
        """Raise an `OSError` where the container, or the repository, is not there."""
        parts = 1 if self._scheme in _AZURE else 2 + key.startswith(("datasets/", "spaces/"))
        container = "/".join(key.split("/")[:parts])
        if self._scheme in _OF_EXTRA and not self._filesystem.exists(container):
            raise OSError(f'there is no "{container}"')

    def write(self, key: str, path: str, name: str) -> None:
        """As the filesystem sends files; where others see one while it is written, under another name first."""
        self.send(lambda: self._put(key, path), name, os.path.getsize(path))

    def _put(self, key: str, path: str) -> None:
        if self._scheme not in _SEEN_AT_ONCE:
            self._filesystem.put_file(path, key)
            return
        part = f"{key}.xent-part"
        try:
            self._filesystem.put_file(path, part)
            self._filesystem.mv(part, key)
        except BaseException:
            with contextlib.suppress(OSError):
                self._filesystem.rm_file(part)
            raise


class _FsspecFile:
    native = None  # through Python, Arrow may end the process when it ends

    def __init__(self, file: Any, version: Version) -> None:
        self.version, self._file = version, file
        self._lock = threading.Lock()

    def read_at(self, offset: int, size: int) -> bytes:
        """As the filesystem reads ahead."""
        with self._lock:
            self._file.seek(offset)
            found: list[bytes] = []
            while size and (data := self._file.read(size)):
                found.append(bytes(data))
                size -= len(data)
            return b"".join(found)


def open_fsspec(uri: str, scheme: str) -> tuple[FsspecStore, str]:
    """The store of a URI, and the key in it. Raises `RequestError` where something is not installed."""
    try:
        from fsspec.core import url_to_fs
        from fsspec.registry import known_implementations
    except ImportError:
        message = f"{scheme}:// needs fsspec, which is not installed"
        raise RequestError("scheme", message, hint=EXTRA) from None
    if scheme == "abfss" and scheme not in known_implementations:  # which adlfs adds
        raise RequestError("scheme", f"{scheme}:// needs adlfs, which is not installed", hint=EXTRA)
    if scheme not in known_implementations:
        hint = did_you_mean(scheme, ["s3", "gs", "https", "file", *_OF_EXTRA]).strip() or None
        raise RequestError("scheme", f"{scheme}:// is not a kind of store that xent knows", hint=hint)
    try:
        filesystem, key = url_to_fs(uri, skip_instance_cache=True)
    except ImportError as error:
        message = f"{scheme}:// needs a package that is not installed: {first_line(error)}"
        raise RequestError("scheme", message, hint=EXTRA if scheme in _OF_EXTRA else None) from None
    except (ValueError, TypeError) as error:
        raise RequestError("scheme", f"{uri} cannot be opened: {first_line(error)}") from None
    except (XentError, MemoryError):
        raise
    except Exception as error:  # a library for a scheme raises its own: it may log in as it begins
        with store_errors(uri):
            raise error
    return FsspecStore(filesystem, scheme), key.rstrip("/")
