"""Sources that change the columns of another: other names, and the keys that its folders name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.sources.source import Block, Chunk, Field, Source, Split, Wanted, Wrapped, WrappedChunk


class Renamed(Wrapped, frozen=True, eq=False):
    """`source` with new names for some columns: `names` maps the source's name to the new one."""

    names: Mapping[str, str]

    @property
    def fields(self) -> Sequence[Field]:
        """The columns by their new names."""
        own = self.source.fields
        return tuple(Field(self._new(each.name), each.type) if each.name in self.names else each for each in own)

    def unfinished(self) -> Sequence[tuple[str, str]]:
        """The source's."""
        return [(file, self._new(column)) for file, column in self.source.unfinished()]

    def chunks(self, wanted: Wanted) -> Iterator[Chunk]:
        """The source's chunks, their columns by their new names."""
        old = {new: name for name, new in self.names.items()}
        asked = {
            each: tuple(old.get(name, name) for name in getattr(wanted, each)) for each in wanted.__struct_fields__
        }
        for chunk in self.source.chunks(Wanted(**asked)):
            yield _RenamedChunk(chunk, self)

    def renamed(self, block: Block) -> Block:
        """A block of the source with the new names."""
        return replace(block, columns={self._new(name): column for name, column in block.columns.items()})

    def _new(self, name: str) -> str:
        return self.names.get(name, name)


class _RenamedChunk(WrappedChunk, frozen=True, eq=False):
    source: Renamed

    def blocks(self) -> Iterator[Block]:
        """The blocks of the chunk."""
        yield from map(self.source.renamed, self.chunk.blocks())


TEXT = pa.dictionary(pa.int32(), pa.string())


def partitioned(source: Source, keys: Sequence[tuple[str, str | None]]) -> Source:
    """The source with the keys it does not hold itself."""
    own = {field.name for field in source.fields}
    added = {name: value for name, value in keys if name not in own}
    return PartitionedSource(source, added) if added else source


class PartitionedSource(Wrapped, frozen=True, eq=False):
    """A file and the keys that its folders name."""

    keys: dict[str, str | None]

    @property
    def fields(self) -> Sequence[Field]:
        """The file's columns and the keys."""
        return (*(Field(name, TEXT) for name in self.keys), *self.source.fields)

    def chunks(self, wanted: Wanted) -> Iterator[Chunk]:
        """The file's chunks, each with the keys that are wanted."""
        keys = {name: value for name, value in self.keys.items() if name in wanted.names}
        inner = Wanted(*(tuple(n for n in names if n not in keys) for names in _groups(wanted)))
        if not inner.names:  # something must tell how many rows there are
            plain = next((f for f in self.source.fields if f.type is None or not f.type.num_fields), None)
            any_field = plain or self.source.fields[0]
            inner = Wanted((any_field.name,), ()) if plain else Wanted((), (), (any_field.name,))
        for chunk in self.source.chunks(inner):
            yield _PartitionedChunk(chunk, keys)

    @property
    def text_bytes(self) -> int | None:
        """The file's."""
        return self.source.text_bytes

    def splits(self, text_bytes: int, rows: int) -> Iterator[Split]:
        """The file's."""
        return self.source.splits(text_bytes, rows)

    def within(self, split: Split) -> Source:
        """The split of the file, with the keys."""
        return replace(self, source=self.source.within(split))


class _PartitionedChunk(WrappedChunk, frozen=True, eq=False):
    """A chunk of a file and its keys."""

    keys: dict[str, str | None]

    def blocks(self) -> Iterator[Block]:
        """The chunk's blocks with a constant column for each key."""
        for block in self.chunk.blocks():
            constant = {name: _constant(value, block.rows) for name, value in self.keys.items()}
            yield replace(block, columns={**block.columns, **constant})


def _groups(wanted: Wanted) -> tuple[tuple[str, ...], ...]:
    return wanted.labels, wanted.numbers, wanted.lists


def _constant(value: str | None, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, TEXT)
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([value]))
