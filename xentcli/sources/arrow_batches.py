"""What the readers of Arrow data share: how large a block is, and what damage looks like."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import pyarrow as pa

from xentcli.cli.shortage import is_of_memory
from xentcli.errors import ContentError, Where
from xentcli.sources.source import Block, access, row_numbers, row_where

BLOCK_ROWS = 1 << 17
BLOCK_VALUES = 1 << 18  # of a block with lists or many columns: 2 MiB of float64


def block_rows(values: int, rows: int) -> int:
    """Rows of a block, given how many values some rows hold."""
    return max(1, min(BLOCK_ROWS, BLOCK_VALUES * max(1, rows) // max(1, values)))


def block_of(batch: pa.RecordBatch, names: Sequence[str], file: str, first: int) -> Block:
    """A block of a batch, validated: damaged offsets could otherwise reach outside the memory."""
    batch.validate()
    columns = {name: batch.column(name) for name in names}
    for name, column in columns.items():
        try:
            column.validate(full=True)
        except pa.ArrowInvalid as error:
            message = f"damaged or unsupported file: {str(error).splitlines()[0]}"
            raise ContentError("damaged", message, where=Where(file), column=name) from error
    rows = batch.num_rows
    return Block(rows, columns, partial(row_where, file, first), partial(row_numbers, first, rows))


def values_in(column: pa.Array) -> int:
    """Values to hold for a column: those in its lists, one for each row of a plain one."""
    if pa.types.is_fixed_size_list(column.type):
        return len(column) * (1 + int(column.type.list_size))
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        return len(column) + len(column.flatten())
    return len(column) * max(1, int(column.type.num_fields))


@contextmanager
def damaged(name: str, path: str | None = None) -> Iterator[None]:
    """Turns what Arrow cannot make sense of into a `ContentError`."""
    try:
        with access(name):
            yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        reason = reason.replace(path, name) if path else reason
        if is_of_memory(error):
            if not _asks_for_too_much(error):
                raise MemoryError from error
            reason = "it asks for more memory than there is"
        raise ContentError("damaged", f"damaged or unsupported file: {reason}", where=Where(name)) from error


def _asks_for_too_much(error: Exception) -> bool:
    """Is it for more than the whole machine has? Files ask for that where their sizes are damaged."""
    size = re.search(r"of size (-?\d+)", str(error))
    return size is not None and not 0 <= int(size[1]) <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def refuse_empty(path: str, name: str) -> None:
    """Files of no bytes cannot be mapped into memory."""
    if not os.path.getsize(path):
        raise ContentError("no_rows", "no rows: the file is empty", where=Where(name))
