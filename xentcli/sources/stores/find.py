"""From a URI to files: which store, and which of its files, named as those of this machine are."""

from __future__ import annotations

import glob
import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.fs as pafs

from xentcli.errors import AccessError, RequestError, Where, first_line
from xentcli.sources.byte_source import ByteSource, LocalFile
from xentcli.sources.folders import PartitionKeys, data_files, find_local, matches, partition_keys
from xentcli.sources.stores.arrow_store import ArrowStore
from xentcli.sources.stores.fsspec_store import open_fsspec
from xentcli.sources.stores.remote_file import RemoteFile
from xentcli.sources.stores.store import Store, StoreFile, WritableStore, call, store_errors, timeout
from xentcli.sources.stores.web_store import WebStore
from xentcli.wording import without_secrets

_WEB = ("http", "https")
_BUCKETS = {"s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs"}  # as pyarrow calls them
_AZURE, _HADOOP = ("abfs", "abfss"), ("hdfs", "viewfs")

Found = tuple[ByteSource, PartitionKeys]


def find(uri: str) -> Iterator[Found]:
    """The files that a URI, a folder of a store or a pattern names, in order."""
    scheme, rest = split_uri(uri)
    if scheme == "file":
        yield from _find_file(rest, uri)
    elif scheme in _WEB:
        if "*" in rest.partition("?")[0]:
            raise RequestError("pattern", f"{uri}: a web server lists no files", hint="give each address")
        yield RemoteFile(without_secrets(uri), WebStore(), uri), ()
    else:
        yield from _find_stored(scheme, rest, uri)


def split_uri(uri: str) -> tuple[str, str]:
    """The scheme of a URI, in small letters, and what follows it."""
    scheme, _, rest = uri.partition("://")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise RequestError("scheme", f"{uri} is neither a path nor a URI")
    return scheme.lower(), rest


def _find_file(rest: str, uri: str) -> Iterator[Found]:
    """On this machine, under the names that the URI gives them."""
    host, _, path = rest.partition("/")
    if host not in ("", "localhost"):
        raise RequestError("scheme", f"{uri} is on another machine", hint="file:///PATH is on this one")
    for file, keys in find_local(f"/{unquote(path)}"):
        found = LocalFile.of(file)
        found = LocalFile(f"file://{file}", found.size, found.modified, found.inode, file)
        yield found, keys


def _find_stored(scheme: str, rest: str, uri: str) -> Iterator[Found]:
    rest, options = split_options(rest)
    is_pattern = glob.has_magic(rest)
    base = "/".join(itertools.takewhile(lambda part: not glob.has_magic(part), rest.split("/")))
    store, root = open_store(scheme, base, options, uri)
    place = name_of(scheme, base)
    if is_pattern and not set("*?") & set(rest):  # perhaps brackets of a name
        with_brackets = f"{root}/{_below(rest, base)}"
        if (file := _try_to_open(store, with_brackets, uri)) is not None:
            yield RemoteFile(f"{place}/{_below(rest, base)}", store, with_brackets, file=file), ()
            return
    yield from find_in(store, root, place, _below(rest, base) if is_pattern else None, uri)


def name_of(scheme: str, base: str) -> str:
    """What messages call a file or folder of a store: its URI without options and user."""
    return without_secrets(f"{scheme}://{base}").replace("://***@", "://").rstrip("/")


def find_in(store: Store, root: str, place: str, pattern: str | None, uri: str) -> Iterator[Found]:
    """The file at `root`, or those below it, of a pattern those that match; `place` is what they call the root."""
    if pattern is None:
        for key in dict.fromkeys((root, unquote(root))):
            if (file := _try_to_open(store, key, uri)) is not None:
                yield RemoteFile(place, store, key, file=file), ()
                return
        files = _list(store, root, uri, deep=True)
        chosen = data_files(list(files), root, shown=place)
    else:
        deep = "/" in pattern or pattern == "**"  # a bucket may hold millions of other files
        files = _list(store, root, uri, deep=deep)
        chosen = _choose(files, root, pattern, place)
        if not chosen and not deep:  # perhaps folders do
            files = _list(store, root, uri, deep=True)
            chosen = _choose(files, root, pattern, place)
        if not chosen:
            raise AccessError("not_found", "no file matches this pattern", where=Where(uri))
    for key in chosen:
        yield RemoteFile(f"{place}/{_below(key, root)}", store, key, files[key]), partition_keys(key)


def _choose(files: Collection[str], root: str, pattern: str, place: str) -> list[str]:
    """The files that match, in order; where only folders do, the data files in each."""
    found = sorted(key for key in files if matches(_below(key, root), pattern))
    if found:
        return found
    parents = {parent for key in files for parent in _parents(_below(key, root))}
    chosen: list[str] = []
    for folder in sorted(each for each in parents if matches(each, pattern)):
        inside = [key for key in files if key.startswith(f"{_prefix(root)}{folder}/")]
        chosen += data_files(inside, _prefix(root) + folder, shown=f"{place}/{folder}")
    return chosen


def _prefix(root: str) -> str:
    return f"{root}/" if root else ""


def _parents(below: str) -> Iterator[str]:
    parts = below.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def _try_to_open(store: Store, key: str, uri: str) -> StoreFile | None:
    """The file, or None where there is none of this key."""
    if isinstance(store, ArrowStore) and "/" not in key:  # a bucket
        return None
    try:
        return call(store, uri, lambda: store.open(key))
    except AccessError as error:
        if error.code != "not_found":
            raise
        return None


def _list(store: Store, root: str, uri: str, *, deep: bool) -> Mapping[str, int | None]:
    return call(store, uri, lambda: store.files(root, deep=deep))


def open_store(
    scheme: str, base: str, options: str, uri: str, *, by_arrow: bool = True
) -> tuple[WritableStore, str]:
    """The store of a URI, and the key of its `base` in it; `options` are such as `?region=eu-west-1`.

    Azure is reached through fsspec unless pyarrow can be used (`by_arrow`), and knows how to log in.
    """
    if scheme in _BUCKETS:
        bucket, key = _authority_and_key(base)
        if scheme.startswith("g") and "retry_limit_seconds" not in options:  # else for a quarter of an hour
            options += f"{'&' if options else '?'}retry_limit_seconds={timeout():g}"
        filesystem, root = _filesystem(f"{_BUCKETS[scheme]}://{bucket}{options}", uri)
        return ArrowStore(filesystem), f"{root}/{key}".strip("/")
    if scheme in _HADOOP or (by_arrow and scheme in _AZURE and _has_key(base, options)):
        authority, key = _authority_and_key(base)
        try:
            filesystem, root = _filesystem(f"{scheme}://{authority}/{quote(key, safe='/%')}{options}", uri)
            return ArrowStore(filesystem), root
        except RequestError:
            if scheme in _HADOOP:
                raise
    return open_fsspec(f"{scheme}://{base}", scheme)


def _has_key(base: str, options: str) -> bool:
    """Whether an address of Azure says how to log in: where it does not and cannot, pyarrow ends the process."""
    user, at, _ = _authority_and_key(base)[0].rpartition("@")
    return bool(at and user.partition(":")[2]) or "credential_kind=anonymous" in options


def _authority_and_key(base: str) -> tuple[str, str]:
    """What stands before the key, which may be user information with slashes in it, and the key."""
    user = re.match(r"[^/@:]+:(?!\d+(?:/|$))[^@]*@", base)
    at = user.end() if user else 0
    head, _, key = base[at:].partition("/")
    return base[:at].replace("/", "%2F").replace("+", "%2B") + head, key


def _filesystem(address: str, uri: str) -> tuple[pafs.FileSystem, str]:
    try:
        with store_errors(uri):
            return pafs.FileSystem.from_uri(address)  # type: ignore[no-any-return]
    except AccessError as error:
        if not isinstance(error.__cause__, pa.ArrowException | ValueError):
            raise
        raise RequestError("scheme", f"{uri} cannot be opened: {first_line(error.__cause__)}") from None


def split_options(rest: str) -> tuple[str, str]:
    """A path, which may be a pattern, and the options of its store, such as `?region=eu-west-1`."""
    options = re.search(r"\?\w+=[^?*]*$", rest)
    return (rest[: options.start()], options[0]) if options else (rest, "")


def _below(path: str, root: str) -> str:
    return path[len(root) :].strip("/")
