"""What readers of Arrow data share: how large a block is, that it is valid, and what damage looks like."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import pyarrow as pa

from xentcli.errors import ContentError, Where, first_line, is_of_memory
from xentcli.files import access
from xentcli.sources.source import Block, Field, refuse_duplicates

BLOCK_ROWS = 1 << 17
BLOCK_VALUES = 1 << 19  # of a block with lists or many columns: 4 MiB of float64


def block_rows(values: int, rows: int) -> int:
    """Rows of a block, given how many values some rows hold."""
    return max(1, min(BLOCK_ROWS, BLOCK_VALUES * max(1, rows) // max(1, values)))


def block_of(batch: pa.RecordBatch, names: Sequence[str], file: str, first: int) -> Block:
    """A block of a batch that begins at row `first`, validated: damaged offsets could reach outside the memory."""
    batch.validate()
    columns = {name: batch.column(name) for name in names}
    for name, column in columns.items():
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            raise damage(first_line(error), file, column=name) from error
    rows = batch.num_rows
    return Block(rows, columns, lambda row: Where(file, row=first + row), lambda: np.arange(first, first + rows))


def fields_of(schema: pa.Schema, file: str) -> Sequence[Field]:
    """The columns of a schema; raises a `RequestError` where two have one name."""
    refuse_duplicates(schema.names, Where(file))
    return tuple(Field(field.name, field.type) for field in schema)


def count_values(column: pa.Array) -> int:
    """Values to hold for a column: those in its lists, one for each row of a plain one."""
    if pa.types.is_fixed_size_list(column.type):
        return len(column) * (1 + int(column.type.list_size))
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return len(column) + len(column.flatten())
    return len(column) * max(1, int(column.type.num_fields))


def damage(reason: str, file: str, hint: str | None = None, column: str | None = None) -> ContentError:
    """The error for a file that cannot be made sense of."""
    message = f"damaged or unsupported file: {reason}"
    return ContentError("damaged", message, hint=hint, where=Where(file), column=column)


@contextmanager
def arrow_errors(name: str, path: str | None = None) -> Iterator[None]:
    """Turns what Arrow cannot make sense of into a `ContentError`."""
    try:
        with access(name):
            yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        reason = first_line(error)
        reason = reason.replace(path, name) if path else reason
        if is_of_memory(error):
            refuse_shortage(error)
            reason = "it asks for more memory than there is"
        raise damage(reason, name) from error


def refuse_shortage(error: Exception) -> None:
    """Raise a `MemoryError`, unless more is asked for than the whole machine has, as by sizes that are damaged."""
    size = _requested_bytes(error)
    if size is None or 0 <= size <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"):
        raise MemoryError from error


def _requested_bytes(error: Exception) -> int | None:
    """The bytes that Arrow, in its message, or NumPy could not have."""
    if (found := re.search(r"of size (-?\d+)", str(error))) is not None:
        return int(found[1])
    shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
    return None if shape is None or dtype is None else math.prod(shape) * int(dtype.itemsize)


def refuse_empty(path: str, name: str) -> None:
    """Files of no bytes cannot be mapped into memory."""
    if not os.path.getsize(path):
        raise ContentError("no_rows", "no rows: the file is empty", where=Where(name))
