"""What the models of a picture are called: by the names of their files, as short as tells them apart."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence

from xentcli.errors import RequestError
from xentcli.wording import did_you_mean, without_secrets

_PACKED = (".gz", ".zst", ".bz2", ".xz")


def model_names(files: Sequence[str | os.PathLike[str]], names: Sequence[str] = ()) -> list[str]:
    """A name for each file: what `FILE=NAME` in `names` says, else that of the file, else its path.

    FILE is as in `files`, or the name that the file would have. Raises `RequestError` for a file that is none of
    them, and for one that is given twice.
    """
    paths = [os.fspath(file) for file in files]
    twice = next((path for path, count in Counter(paths).items() if count > 1), None)
    if twice is not None:
        raise RequestError("models", f'"{twice}" is given twice: each file is a model')
    stems = [_stem(path) for path in paths]
    counts = Counter(stems)
    found = [stem if counts[stem] == 1 else path for stem, path in zip(stems, paths, strict=True)]
    called = dict(zip(paths, found, strict=True))
    for given in names:
        file, equals, name = given.rpartition("=")
        path = file if file in called else next((each for each in paths if called[each] == file), None)
        if not equals or not name or path is None:
            hint = f"{did_you_mean(file, paths)}--name FILE=NAME, of the files {', '.join(paths)}"
            raise RequestError("name", f'--name "{given}" names no file', hint=hint)
        called[path] = name
    return [called[path] for path in paths]


def _stem(path: str) -> str:
    """The last part of a path, without what tells its format; of a folder, its name."""
    if path == "-":
        return "<stdin>"
    name = os.path.basename(without_secrets(path).partition("?")[0].rstrip("/"))
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    return os.path.splitext(name)[0] or path
