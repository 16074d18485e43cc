"""Patterns and folders: the data files they name, and the partition keys in their paths."""

from __future__ import annotations

import fnmatch
import glob
import os
from collections.abc import Iterator, Sequence
from urllib.parse import unquote

from xentcli.errors import AccessError, RequestError, Where
from xentcli.files import access
from xentcli.sources.formats import claims

PartitionKeys = tuple[tuple[str, str | None], ...]
_NULL = "__HIVE_DEFAULT_PARTITION__"


def find_local(path: str) -> Iterator[tuple[str, PartitionKeys]]:
    """The files that a folder or a pattern names, in order; a path that is neither, as it is."""
    if os.path.isdir(path):
        yield from ((file, partition_keys(file)) for file in data_files(_walk(path), path))
    elif os.path.lexists(path) or not glob.has_magic(path):
        yield path, ()
    else:
        yield from _find_matches(path)


def _find_matches(pattern: str) -> Iterator[tuple[str, PartitionKeys]]:
    found = sorted(glob.glob(pattern, recursive=True))
    files = [path for path in found if not os.path.isdir(path)]
    if not found:
        raise AccessError("not_found", "no file matches this pattern", where=Where(pattern))
    if files:
        yield from ((file, partition_keys(file)) for file in files)
        return
    for folder in found:
        yield from find_local(folder)


def _walk(folder: str) -> list[str]:
    files: list[str] = []

    def refuse(error: OSError) -> None:
        raise error

    with access(folder):
        for root, _, names in os.walk(folder, onerror=refuse):
            files += [os.path.join(root, name) for name in names]
    return files


def data_files(files: Sequence[str], folder: str, shown: str | None = None) -> list[str]:
    """The data files among all files below a folder, which messages call `shown`.

    Names that begin with . or _ are bookkeeping. Files whose name claims a format count; only if there are
    none, those called .json or .txt or without any extension.
    """
    place = Where(folder if shown is None else shown)
    seen = sorted(file for file in files if not _is_hidden(file[len(folder) :]))
    kinds = {file: kind for file in seen if (kind := claims(file)[0])}
    if len(set(kinds.values())) > 1:
        examples = [next(file for file in kinds if kinds[file] == kind) for kind in sorted(set(kinds.values()))]
        raise RequestError(
            "mixed_folder",
            f"holds files of different formats: {', '.join(os.path.basename(file) for file in examples)}",
            hint="choose with a pattern, such as 'FOLDER/*.parquet'",
            where=place,
        )
    found = list(kinds) or [file for file in seen if _may_be_data(file)]
    if not found:
        hint = _states_hint(seen, folder, place.file)
        raise AccessError("no_data_files", "is a folder without data files", hint=hint, where=place)
    return found


def _states_hint(files: Sequence[str], folder: str, place: str) -> str | None:
    """How to read the states among the files below a folder, which messages call `place`, if there are any."""
    from shlex import quote  # only errors need it

    states = [file[len(folder) :].strip("/") for file in files if file.endswith(".state")]
    if not states:
        return None
    below = "**/*.state" if any("/" in file for file in states) else "*.state"
    pattern = f"{glob.escape(place.rstrip('/'))}/{below}"
    return f"xent merge {quote(pattern)} merges the states in it"


def _is_hidden(below: str) -> bool:
    return any(part.startswith((".", "_")) for part in below.split("/"))


def _may_be_data(file: str) -> bool:
    words = os.path.basename(file).split(".")
    return len(words) == 1 or words[1] in ("json", "txt") or claims(file)[1] is not None


def partition_keys(path: str) -> PartitionKeys:
    """The partition keys of a path in the manner of Hive: `site=DE/year=2024/part-0.parquet`."""
    pairs = [part.partition("=") for part in path.split("/")[:-1] if "=" in part[1:]]
    return tuple((unquote(key), None if value == _NULL else unquote(value)) for key, _, value in pairs)


def matches(path: str, pattern: str) -> bool:
    """Whether a path matches a pattern as the shell sees it.

    * stops at /, ** does not; neither stands for a name that begins with a dot.
    """
    parts = path.split("/")
    reached = {0}  # how many parts may be behind, so that many ** take no more time than one
    for wanted in pattern.split("/"):
        if wanted == "**":
            first = min(reached, default=len(parts) + 1)
            hidden = (i for i in range(first, len(parts)) if parts[i].startswith("."))
            reached = set(range(first, next(hidden, len(parts)) + 1))
        else:
            reached = {i + 1 for i in reached if i < len(parts) and _matches_name(parts[i], wanted)}
    return len(parts) in reached


def _matches_name(name: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(name, pattern) and (pattern.startswith(".") or not name.startswith("."))
