"""Arrays that NumPy saved: `.npy`, mapped into memory, and `.npz`, read array by array. Never pickles.

A 2-D array `(n, K)` is a list column, K values a row; a 1-D array, or `(n, 1)`, is a plain column. In `.npz` the
arrays have names. The array of a `.npy` file is named like the file if that says what it holds (`logits.npy`,
`y_true.npy`), else by its shape and type: `probs` if it is 2-D, `prob` if it is 1-D of floats, `label` if it is
1-D of anything else.
"""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.lib.format import MAGIC_PREFIX

from xentcli.errors import ContentError, Where, XentError, first_line, is_of_memory
from xentcli.files import access
from xentcli.sources.array_names import array_name
from xentcli.sources.batches import block_of, block_rows, damage, refuse_empty, refuse_shortage
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import Block, Chunk, Field, FileSource, Projection, TextOptions, refuse_duplicates

_Array = np.ndarray[tuple[int, ...], np.dtype[Any]]


class NumpySource(FileSource, frozen=True, eq=False, kw_only=True):
    """One array or several by name."""

    format: str = "npy"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> NumpySource:
        """Read the shapes and types."""
        refuse_empty(content.local_path, content.name)
        with numpy_errors(content.name):
            arrays = read_arrays(content)
            many = zipfile.is_zipfile(content.local_path)
            offered = {name: array for name, array in arrays.items() if array.ndim in (1, 2) or not many}
            fields = tuple(Field(name, _type(array, name, content.name)) for name, array in offered.items())
        if not fields:
            raise ContentError("no_rows", "there is no array of one or two axes", where=Where(content.name))
        return cls(content=content, fields=fields, format="npz" if many else "npy")

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """Blocks of rows of the arrays asked for."""
        with numpy_errors(self.name):
            arrays = read_arrays(self.content, projection.names)
        rows, *others = {len(array) for array in arrays.values()}
        if others:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
            raise ContentError("lengths", f"arrays of different lengths: {shapes}", where=Where(self.name))
        step = block_rows(sum(array.size for array in arrays.values()), rows)
        for first in range(0, rows, step):
            some = {name: array[first : first + step] for name, array in arrays.items()}
            yield Chunk(partial(self._blocks, some, first), min(1.0, step / rows))

    def _blocks(self, arrays: dict[str, _Array], first: int) -> Iterator[Block]:
        """The one block of these rows."""
        with numpy_errors(self.name):
            batch = pa.record_batch([_column(array) for array in arrays.values()], names=list(arrays))
            block = block_of(batch, list(arrays), self.name, first)
        yield block


@contextmanager
def numpy_errors(name: str) -> Iterator[None]:
    """Turns what NumPy and zipfile, in many kinds of exceptions, cannot make sense of into a `ContentError`."""
    try:
        with access(name):
            yield
    except XentError as error:
        cause = error.__cause__
        if not (isinstance(cause, OSError) and cause.errno == errno.EINVAL):
            raise
        raise damage("it says to look before its beginning", name) from error
    except Exception as error:  # a broken header may raise anything, from SyntaxError on
        if is_of_memory(error):
            refuse_shortage(error)
        reason, hint = first_line(error), None
        if "allow_pickle" in reason or "Object arrays" in reason:
            reason = "it holds Python objects (a pickle), which xent never loads"
            hint = "save plain arrays: np.save(path, array.astype(float)), text with .astype(str)"
        raise damage(reason, name, hint) from error


def read_arrays(content: ByteSource, names: Sequence[str] | None = None) -> dict[str, _Array]:
    """The array of an `.npy`, or those of an `.npz` that have these names, or all, by name."""
    path = content.local_path
    if not zipfile.is_zipfile(path):
        array = _map(path)
        return {_name(content.name, array): array}
    with zipfile.ZipFile(path) as archive:
        members = members_of(archive, content.name)
        return {name: _load(archive, members[name]) for name in (members if names is None else names)}


def members_of(archive: zipfile.ZipFile, file: str) -> dict[str, zipfile.ZipInfo]:
    """The arrays of an `.npz` by name, as NumPy has it: less `.npy`, or what begins as an array does."""
    members = [(name, each) for each in archive.infolist() if (name := _member_name(archive, each)) is not None]
    refuse_duplicates([name for name, _ in members], Where(file), "give each array a name of its own")
    return dict(members)


def _member_name(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> str | None:
    if member.filename.endswith(".npy"):
        return member.filename.removesuffix(".npy")
    with archive.open(member) as file:
        return member.filename if file.read(len(MAGIC_PREFIX)) == MAGIC_PREFIX else None


def _load(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> _Array:
    """An array, which must be all that the member holds: only the whole of it has a checksum."""
    with archive.open(member) as file:
        array: _Array = np.lib.format.read_array(file, allow_pickle=False)
        if file.read(1):
            raise ValueError(f"{member.filename} holds more than an array of shape {array.shape}")
    return array


def _map(path: str) -> _Array:
    """The array of an `.npy`; the file must hold it exactly."""
    with open(path, "rb") as file:
        version = np.lib.format.read_magic(file)
    array: _Array = np.lib.format.open_memmap(path, mode="r", version=version)
    end = array.offset + array.nbytes  # type: ignore[attr-defined]  # it is a memmap
    if end != os.path.getsize(path):
        raise ValueError(f"{os.path.getsize(path)} bytes where shape {array.shape} needs {end}")
    return np.asarray(array)


def _name(file: str, array: _Array) -> str:
    return array_name(file, lists=array.ndim == 2 and array.shape[1] != 1, floats=array.dtype.kind == "f")


def _type(array: _Array, name: str, file: str) -> pa.DataType:
    """The Arrow type of the column that an array becomes."""
    if array.ndim not in (1, 2):
        message = f"has shape {array.shape}: one or two axes are needed, rows first"
        raise ContentError("shape", message, where=Where(file), column=name)
    if array.dtype.kind not in "fiubUS":
        message = f"has type {array.dtype}: numbers, booleans or text are needed"
        raise ContentError("not_a_number", message, where=Where(file), column=name)
    return _column(array[:0]).type


def _column(array: _Array) -> pa.Array:
    """Rows of an array as a column: lists if it is `(n, K)` with K > 1."""
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        array = array.astype(np.float64)  # long double, which Arrow lacks
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    flat = pa.array(array.reshape(-1))
    if array.dtype.kind == "S":
        flat = flat.cast(pa.string())
    if array.ndim == 1 or array.shape[1] == 1:
        return flat
    return pa.FixedSizeListArray.from_arrays(flat, array.shape[1])
