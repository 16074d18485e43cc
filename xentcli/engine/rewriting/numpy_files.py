"""Arrays of NumPy with other scores: `.npy`, and `.npz`, whose other members are copied."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from copy import copy
from typing import Any

import numpy as np

from xentcli.columns.columns import ScoreLayout
from xentcli.columns.peek import read_blocks
from xentcli.engine.rewriting.change import Change, Recalibrate, Write
from xentcli.engine.rewriting.packing import copy_bytes
from xentcli.errors import RequestError, Where
from xentcli.sources.numpy_files import NumpySource, members_of, numpy_errors, read_arrays

_Array = np.ndarray[tuple[int, ...], np.dtype[Any]]


def write_numpy(source: NumpySource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the array or the arrays again."""
    if change.added and source.format == "npy":
        message = "one array has no room for another"
        raise RequestError("suffix", message, hint="without --suffix it is replaced", where=Where(source.name))
    new = [recalibrate(block) for block in read_blocks(source, change.columns.projection)]
    if change.nothing or not new or any(each.broken for each in new):
        copy_bytes(source.content, write)
        return
    values = np.concatenate([each.values for each in new], axis=1)
    kept = np.concatenate([each.kept for each in new])
    with numpy_errors(source.name):
        old = read_arrays(source.content, change.scores.names)
    changed = {}
    lists = change.scores.layout is ScoreLayout.LIST
    for i, (name, written) in enumerate(zip(change.scores.names, change.written.names, strict=True)):
        stated = old[name] if change.suffix is None else np.full(old[name].shape, np.nan, old[name].dtype)
        changed[written] = _like(stated, values.T if lists else values[i].reshape(old[name].shape), kept)
    bounds = np.concatenate([np.reshape(each.bounds, (each.kept.size, -1)) for each in new])
    changed |= dict(zip(change.bounds, bounds.T, strict=True))
    if source.format == "npy":
        write(_bytes(next(iter(changed.values()))))
    else:
        write(_archive(source, changed))


def _like(old: _Array, new: _Array, kept: _Array) -> _Array:
    """New scores in the type and order of the old ones, which stay where rows are kept."""
    kind = old.dtype if old.dtype.kind == "f" else np.dtype(np.float64)
    result: _Array = np.array(new, kind, order="F" if old.flags.f_contiguous and old.ndim > 1 else "C")
    result[kept] = old[kept]
    return result


def _bytes(array: _Array) -> bytes:
    """An array as NumPy saves it."""
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()


def _archive(source: NumpySource, changed: Mapping[str, _Array]) -> bytes:
    """The archive with other arrays, in its order and as compressed as it was; new ones at its end."""
    result = io.BytesIO()
    with zipfile.ZipFile(source.content.local_path) as archive, zipfile.ZipFile(result, "w") as out:
        members = members_of(archive, source.name)
        names = {member.filename: name for name, member in members.items()}
        for member in archive.infolist():
            array = changed.get(names.get(member.filename, ""))
            data = archive.read(member) if array is None else _bytes(array)
            out.writestr(copy(member), data)
        for name in changed.keys() - members.keys():
            like = members[next(iter(members))]
            info = zipfile.ZipInfo(f"{name}.npy", like.date_time)
            info.compress_type, info.external_attr = like.compress_type, like.external_attr
            out.writestr(info, _bytes(changed[name]))
    return result.getvalue()
