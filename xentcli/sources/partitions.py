"""Sources that change the columns of another: other names, and the keys that its folders name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from xentcli.sources.source import Block, Field, Part, Source, Wanted, Wrapped


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

    def parts(self, wanted: Wanted) -> Iterator[Part]:
        """The source's parts, their columns by their new names."""
        old = {new: name for name, new in self.names.items()}
        asked = {
            each: tuple(old.get(name, name) for name in getattr(wanted, each)) for each in wanted.__struct_fields__
        }
        for part in self.source.parts(Wanted(**asked)):
            yield _RenamedPart(part, self)

    def renamed(self, block: Block) -> Block:
        """A block of the source with the new names."""
        return replace(block, columns={self._new(name): column for name, column in block.columns.items()})

    def _new(self, name: str) -> str:
        return self.names.get(name, name)


class _RenamedPart(Struct, frozen=True, eq=False):
    part: Part
    source: Renamed

    def blocks(self) -> Iterator[Block]:
        """The blocks of the part."""
        yield from map(self.source.renamed, self.part.blocks())


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

    def parts(self, wanted: Wanted) -> Iterator[Part]:
        """The file's parts, each with the keys that are wanted."""
        keys = {name: value for name, value in self.keys.items() if name in wanted.names}
        inner = Wanted(*(tuple(n for n in names if n not in keys) for names in _groups(wanted)))
        if not inner.names:  # something must tell how many rows there are
            plain = next((f for f in self.source.fields if f.type is None or not f.type.num_fields), None)
            any_field = plain or self.source.fields[0]
            inner = Wanted((any_field.name,), ()) if plain else Wanted((), (), (any_field.name,))
        for part in self.source.parts(inner):
            yield PartitionedPart(part, keys)


class PartitionedPart(Struct, frozen=True, eq=False):
    """A part of a file and its keys."""

    part: Part
    keys: dict[str, str | None]

    def blocks(self) -> Iterator[Block]:
        """The part's blocks with a constant column for each key."""
        for block in self.part.blocks():
            constant = {name: _constant(value, block.rows) for name, value in self.keys.items()}
            yield replace(block, columns={**block.columns, **constant})


def _groups(wanted: Wanted) -> tuple[tuple[str, ...], ...]:
    return wanted.labels, wanted.numbers, wanted.lists


def _constant(value: str | None, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, TEXT)
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([value]))
