"""A file of a store that is to be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xentcli.errors import AccessError, RequestError, Where
from xentcli.sources.stores.find import name_of, open_store, split_options, split_uri
from xentcli.sources.stores.store import WritableStore, call
from xentcli.wording import brief

_WEB = ("http", "https")
_AZURE = ("abfs", "abfss")  # which pyarrow empties as soon as it opens it to write
_ONLY_READ = ("data", "gist", "git", "github", "libarchive", "reference", "tar", "zip")


class RemoteTarget:
    """A file of a store, by its key; `name` is what messages call it."""

    def __init__(self, name: str, store: WritableStore, key: str) -> None:
        self.name, self._store, self._key = name, store, key

    @classmethod
    def of(cls, uri: str) -> RemoteTarget:
        """The file at a URI. Raises `RequestError` for a store that cannot be written, or needs a package."""
        scheme, rest = split_uri(uri)
        if scheme in _WEB:
            raise RequestError("scheme", f"{brief(uri)}: a web server takes no files", hint="s3://BUCKET/KEY, say")
        if scheme in _ONLY_READ:
            raise RequestError("scheme", f"{scheme}:// can only be read", hint="s3://BUCKET/KEY, say")
        base, options = split_options(rest)
        name = name_of(scheme, base)
        with _write_errors(name):
            store, key = open_store(scheme, base, options, uri, by_arrow=scheme not in _AZURE)
        return cls(name, store, "" if base.endswith("/") else key)

    def refuse_unwritable(self) -> None:
        """Raise an `AccessError` for what is known to be in the way; one request."""
        with _write_errors(self.name):
            self._refuse_folder()
            call(self._store, self.name, lambda: self._store.refuse_unwritable(self._key))

    def write(self, path: str) -> None:
        """Send the file at a path of this machine. Raises `AccessError`, and leaves what was there then."""
        with _write_errors(self.name):
            self._refuse_folder()
            self._store.write(self._key, path, self.name)

    def _refuse_folder(self) -> None:
        if not self._store.is_file_key(self._key):
            raise AccessError("unwritable", "is a directory", where=Where(self.name))


@contextmanager
def _write_errors(name: str) -> Iterator[None]:
    """Says of what a store refuses that it is about writing."""
    try:
        yield
    except AccessError as error:
        message = f"cannot be written: {error.message}"
        raise AccessError("unwritable", message, hint=error.hint, where=Where(name)) from error
