"""What every input looks like to the rest: a name, columns, and parts that can be read on their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.errors import Notice, RequestError, Where

if TYPE_CHECKING:
    from xentcli.sources.origin import Origin


class Field(Struct, frozen=True):
    """A column that an input offers; `type` is None for text, whose types are ours to choose."""

    name: str
    type: pa.DataType | None = None
    counted: bool = False  # the input has no names, so "0", "1", ... say where a column is and nothing else


class Wanted(Struct, frozen=True):
    """The columns to read: `labels` come as dictionaries of text, `numbers` as numeric arrays.

    `lists` come as list, large list, fixed-size list or struct arrays, with the types their input gives them;
    text that holds JSON arrays comes as lists of float64.
    """

    labels: tuple[str, ...]
    numbers: tuple[str, ...]
    lists: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.labels, *self.numbers, *self.lists)))


class Block(Struct, frozen=True, eq=False):
    """Some consecutive rows: arrays by column name, and where in the input each row stands."""

    rows: int
    columns: Mapping[str, pa.Array]
    where: Callable[[int], Where]
    numbers: Callable[[], NDArray[np.int64]]  # of each row, rising: its line in a text, its row elsewhere


def row_numbers(first: int, rows: int) -> NDArray[np.int64]:
    """The numbers of the rows of a block that begins at row `first`."""
    return np.arange(first, first + rows)


def row_where(file: str, first: int, row: int) -> Where:
    """The place of row `row` of a block that begins at row `first` of a binary input."""
    return Where(file, row=first + row)


class Part(Protocol):
    """A stretch of an input that a thread or a machine can read by itself."""

    def blocks(self) -> Iterator[Block]:
        """The rows, in order."""
        ...


class Read(Struct, frozen=True, eq=False):
    """A stretch of an input that has been read already, and its share of the input."""

    read: Sequence[Block]
    share: float

    def blocks(self) -> Iterator[Block]:
        """The rows, in order."""
        return iter(self.read)


def pieces(part: Part) -> Iterator[Part]:
    """A part, in pieces read here where that takes far less time than to score them."""
    cut: Callable[[], Iterator[Part]] | None = getattr(part, "pieces", None)
    yield from [part] if cut is None else cut()


def share(part: Part) -> float | None:
    """Which share (0 to 1) of its source a part is, for what counts how far a reading has come; None: unknown."""
    while (inner := getattr(part, "part", None)) is not None:
        part = inner
    found: float | None = getattr(part, "share", None)
    return found


class Source(Protocol):
    """An input."""

    @property
    def name(self) -> str:
        """How to call it in messages and results."""
        ...

    @property
    def format(self) -> str:
        """The kind of input: "csv", "parquet", ..."""
        ...

    @property
    def bytes(self) -> int | None:
        """Size of the file, or None."""
        ...

    @property
    def fields(self) -> Sequence[Field]:
        """The columns, in order."""
        ...

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """(file, column) of values at the end that may have been cut; nothing where the format can tell."""
        ...

    def notices(self) -> Sequence[Notice]:
        """What is odd about the input as a whole."""
        ...

    def parts(self, wanted: Wanted) -> Iterator[Part]:
        """The whole input, cut into parts, in order."""
        ...


class Wrapped(Struct, frozen=True, eq=False):
    """What a source that changes the columns of another leaves as it is."""

    source: Source

    @property
    def name(self) -> str:
        """The source's."""
        return self.source.name

    @property
    def format(self) -> str:
        """The source's."""
        return self.source.format

    @property
    def bytes(self) -> int | None:
        """The source's."""
        return self.source.bytes

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """The source's."""
        return self.source.unfinished()

    def notices(self) -> Sequence[Notice]:
        """The source's."""
        return self.source.notices()


class TextOptions(Struct, frozen=True):
    """How to read an input where its content does not say."""

    delimiter: str | None = None
    decimal: str = "."
    header: bool = True  # the first record of delimited text names the columns
    format: str | None = None  # "csv", "tsv", "jsonl", "parquet", "arrow" or "npy"; None: the content decides


def refuse_duplicates(names: Sequence[str], where: Where, hint: str | None = None) -> None:
    """Columns are known by their names, so no two that are named may share one."""
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names, 1):
        positions.setdefault(name, []).append(position)
    for name, found in positions.items():
        if name and len(found) > 1:
            message = f"{len(found)} columns have this name (columns {', '.join(map(str, found))})"
            raise RequestError("duplicate_column", message, hint=hint, where=where, column=name)


class FileSource(Struct, frozen=True, eq=False, kw_only=True):
    """What all sources of bytes share."""

    origin: Origin
    fields: Sequence[Field]
    format: str
    remarks: tuple[Notice, ...] = ()

    @abstractmethod
    def parts(self, wanted: Wanted) -> Iterator[Part]:
        """The whole input, cut into parts, in order."""

    @property
    def name(self) -> str:
        """How to call it in messages and results."""
        return self.origin.name

    @property
    def bytes(self) -> int | None:
        """Size as stored."""
        return self.origin.bytes

    @property
    def plain_bytes(self) -> int | None:
        """Size of what is read, None where it is compressed."""
        return self.bytes if self.origin.codec is None else None

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """Formats that know their own end cannot be cut without an error."""
        return ()

    def notices(self) -> Sequence[Notice]:
        """What is odd about the file."""
        return self.remarks
