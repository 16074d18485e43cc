"""What every input looks like to the rest: a name, columns, and chunks that can be read on their own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np
from msgspec import Struct
from msgspec.structs import astuple
from numpy.typing import NDArray

from xentcli.core.text import Numbers, Words
from xentcli.errors import AccessError, ContentError, Notice, RequestError, Where

if TYPE_CHECKING:
    import pyarrow as pa

    from xentcli.sources.byte_source import ByteSource

Column: TypeAlias = Union["pa.Array", Numbers, Words]  # as Arrow or the kernel reads it
PartitionKeys = tuple[tuple[str, str | None], ...]  # names and values, which may be missing, in a path


class Field(Struct, frozen=True):
    """A column that an input offers; `type` is None for text, whose types are ours to choose."""

    name: str
    type: pa.DataType | None = None
    unnamed: bool = False  # the input has no names, so "0", "1", ... say where a column is and nothing else
    path: bool = False  # inside another column: `a.b`, which is found by asking for it alone


class Projection(Struct, frozen=True):
    """The columns to read: `labels` come as dictionaries of text, `numbers` as numeric arrays.

    Of delimited text they are `Words` and `Numbers`. `lists` come as list, large list, fixed-size list or struct
    arrays, with the types their input gives them; text that holds JSON arrays comes as lists of float64.
    """

    labels: tuple[str, ...]
    numbers: tuple[str, ...]
    lists: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self.labels, *self.numbers, *self.lists)))

    def only(self, names: Collection[str]) -> Projection:
        """Of these columns only."""
        return Projection(*(tuple(name for name in group if name in names) for group in astuple(self)))

    def rename(self, names: Mapping[str, str]) -> Projection:
        """The same with new names for some columns."""
        return Projection(*(tuple(names.get(name, name) for name in group) for group in astuple(self)))


class Block(Struct, frozen=True, eq=False, dict=True):
    """Some consecutive rows: arrays by column name, and where in the input each row stands."""

    rows: int
    columns: Mapping[str, Column]
    where: Callable[[int], Where]
    numbers: Callable[[], NDArray[np.int64]]  # of each row, rising: its line in a text, its row elsewhere
    spelled: Mapping[str, int] = {}  # where numbers stand: how many are spelled so, and taken as missing
    parts: Sequence[int] = ()  # of several inputs in a row, the rows of each; empty where it is of one

    @cached_property
    def ends(self) -> NDArray[np.int64]:
        """Before which row each input ends, `(inputs,)`."""
        return np.cumsum(self.parts or (self.rows,))

    def input_of(self, row: int) -> int:
        """Which of the inputs has a row: 0 is the first."""
        return int(np.searchsorted(self.ends, row, "right"))


class Chunk(Struct, frozen=True, eq=False):
    """A stretch of an input that a thread reads and scores by itself."""

    blocks: Callable[[], Iterator[Block]]  # the rows, in order
    share: float | None = None  # of its source (0 to 1), if known, for what counts how far a reading has come
    rows: int | None = None  # where to read them takes far less than to score them

    @classmethod
    def of(cls, block: Block, share: float | None = None) -> Chunk:
        """A block that has been read already."""
        return cls(lambda: iter((block,)), share)

    def read(self) -> Iterator[Chunk]:
        """Itself, or its blocks, read here for several threads to score."""
        if self.rows is None:
            yield self
            return
        for block in self.blocks():
            yield Chunk.of(block, (self.share or 0.0) * block.rows / max(1, self.rows))

    def change(self, change: Callable[[Block], Block]) -> Chunk:
        """The chunk with its blocks changed, each by itself."""
        return Chunk(lambda: map(change, self.blocks()), self.share, self.rows)


class Split(Struct, frozen=True):
    """A stretch of an input that a process or a machine reads by itself; by default all of it.

    It is counted in what `Source.splits` cuts between: bytes of a text, row groups of Parquet.
    """

    begin: int = 0
    end: int | None = None  # before which it ends
    share: float = 1.0  # of the input
    rows: int = 0  # about, or if `exact`, what must be read; 0 if nobody knows
    exact: bool = False
    line: int = 1  # the physical line of a text that it begins on


WHOLE = Split()


class Source:
    """An input; if a subclass knows no better, of this process alone, one split, and with nothing odd about it."""

    name: str  # in messages and results
    format: str  # "csv", "parquet", ...
    size: int | None  # bytes of the file, if it is one
    fields: Sequence[Field]  # the columns, in order
    label_file: str | None = None  # the name of the file that its labels come from, if they have one of their own
    one_machine: str | None = None  # the option that makes it an input of this process alone
    is_remote: bool = False  # threads that read it mostly wait for a network
    remedy: str | None = None  # what to type if its columns turn out not to be what they are meant to be

    @property
    def formats(self) -> frozenset[str]:
        """The formats of all that is read for it."""
        return frozenset({self.format})

    @abstractmethod
    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The whole input, cut into chunks, in order."""

    def finish(self) -> None:
        """Once all chunks of it and of the inputs before it have been read: raise what only then can be told."""

    @property
    def one_column(self) -> Projection:
        """What is read where rows are only counted: a column of plain values if there is one, else of lists."""
        plain = [field.name for field in self.fields if field.type is None or not field.type.num_fields]
        return Projection((plain[0],), ()) if plain else Projection((), (), (self.fields[0].name,))

    def notices(self) -> Sequence[Notice]:
        """What is odd about the input as a whole."""
        return ()

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """(file, column) of values at the end that may have been cut; nothing where the format can tell."""
        return ()

    @property
    def text_bytes(self) -> int | None:
        """Size of the text that is read through to find its splits; None if they are known without."""
        return None

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """The whole input, cut into splits of about so many bytes of text, or rows; in order."""
        yield WHOLE

    def select(self, split: Split) -> Source:
        """The input, of which only what is in the split is read."""
        return self

    def detach(self) -> tuple[ByteSource, PartitionKeys] | None:
        """The bytes, and the keys that folders name, as another process finds them; None where it cannot."""
        return None


class SourceWrapper(Source):
    """A source that changes the columns of another."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.name, self.format, self.size, self.fields = source.name, source.format, source.size, source.fields
        self.remedy, self.is_remote = source.remedy, source.is_remote

    def finish(self) -> None:
        """The source's."""
        self.source.finish()

    @property
    def formats(self) -> frozenset[str]:
        """The source's."""
        return self.source.formats

    def notices(self) -> Sequence[Notice]:
        """The source's."""
        return self.source.notices()

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """The source's."""
        return self.source.possibly_truncated()


class WithColumns(SourceWrapper):
    """A source with columns added to those of another, whose rows and splits are the same."""

    @abstractmethod
    def of(self, source: Source) -> Source:
        """The same columns added to another source of this kind: a split of it."""

    @property
    def text_bytes(self) -> int | None:
        """The source's."""
        return self.source.text_bytes

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """The source's."""
        return self.source.splits(text_bytes, rows)

    def select(self, split: Split) -> Source:
        """The split of the source, with the columns."""
        return self.of(self.source.select(split))

    def detach(self) -> tuple[ByteSource, PartitionKeys] | None:
        """The source's."""
        return self.source.detach()


class TextOptions(Struct, frozen=True):
    """How to read an input where its content does not say."""

    delimiter: str | None = None
    decimal: str = "."
    header: bool = True  # the first record of delimited text names the columns
    format: str | None = None  # "csv", "tsv", "jsonl", "parquet", "arrow" or "npy"; None: the content decides
    comment: str | None = None  # lines of delimited text that begin with it are left out
    skip_lines: int = 0  # lines of delimited text that stand before its header or first record
    missing: tuple[str, ...] = ()  # texts that stand for what is missing, beside the empty field


def refuse_duplicates(names: Sequence[str], where: Where, hint: str | None = None) -> None:
    """Columns are known by their names, so no two that are named may share one."""
    positions: dict[str, list[int]] = {}
    for position, name in enumerate(names, 1):
        positions.setdefault(name, []).append(position)
    for name, found in positions.items():
        if name and len(found) > 1:
            message = f"{len(found)} columns have this name (columns {', '.join(map(str, found))})"
            raise RequestError("duplicate_column", message, hint=hint, where=where, column=name)


class FileSource(Struct, Source, frozen=True, eq=False, kw_only=True):
    """What all sources of bytes share."""

    content: ByteSource
    fields: Sequence[Field]
    format: str
    remarks: tuple[Notice, ...] = ()

    @property
    def name(self) -> str:  # type: ignore[override]  # it is not to be set
        """That of the bytes."""
        return self.content.name

    @property
    def size(self) -> int | None:  # type: ignore[override]
        """Of the bytes as stored."""
        return self.content.size

    @property
    def is_remote(self) -> bool:  # type: ignore[override]
        """That of the bytes."""
        return self.content.is_remote

    @abstractmethod
    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The whole file, cut into chunks, in order."""

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The whole file likewise; raises `AccessError` where it changes meanwhile."""
        chunks = self.read_chunks(projection)
        return _Watch(self.content).chunks(chunks) if self.content.can_change else chunks

    def notices(self) -> Sequence[Notice]:
        """What is odd about the file."""
        return self.remarks

    def detach(self) -> tuple[ByteSource, PartitionKeys] | None:
        """The bytes, where another process finds them."""
        content = self.content.detach()
        return None if content is None else (content, ())


class _Watch:
    """One reading of a file, whose chunks may be read by several threads.

    Once the last of them has been read, or one makes no sense, the file must be what it was when it was found.
    """

    def __init__(self, content: ByteSource) -> None:
        self._content = content
        self._unread = 1  # chunks, and the end of the file
        self._lock = Lock()

    def chunks(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """The chunks, watched."""
        with unless_changed(self._content):
            for chunk in chunks:
                with self._lock:
                    self._unread += 1
                yield Chunk(partial(self._blocks, chunk), chunk.share, chunk.rows)
        self._end_one()

    def _blocks(self, chunk: Chunk) -> Iterator[Block]:
        with unless_changed(self._content):
            yield from chunk.blocks()
        self._end_one()

    def _end_one(self) -> None:
        with self._lock:
            self._unread -= 1
        if not self._unread:
            self._content.refuse_changed()


@contextmanager
def unless_changed(content: ByteSource) -> Iterator[None]:
    """Raises `AccessError` instead of `ContentError` where the content makes no sense as it has changed."""
    try:
        yield
    except ContentError as error:
        try:
            content.refuse_changed()
        except AccessError as change:
            raise change from error
        raise
