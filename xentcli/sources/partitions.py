"""Sources that change the columns of another: other names, and the keys that its folders name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.sources.byte_source import ByteSource
from xentcli.sources.source import (
    Block,
    Chunk,
    Field,
    PartitionKeys,
    Projection,
    Source,
    SourceWrapper,
    WithColumns,
)

_TEXT = pa.dictionary(pa.int32(), pa.string())


class RenamedSource(SourceWrapper):
    """`source` with new names for some columns, and without those whose new name is None."""

    def __init__(self, source: Source, names: Mapping[str, str | None]) -> None:
        super().__init__(source)
        self._names = {old: new for old, new in names.items() if new is not None}
        kept = (each for each in source.fields if names.get(each.name, each.name) is not None)
        self.fields = [Field(self._names[f.name], f.type) if f.name in self._names else f for f in kept]

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """The source's."""
        return [(file, self._names.get(column, column)) for file, column in self.source.possibly_truncated()]

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The source's chunks, their columns by their new names."""
        old = {new: name for name, new in self._names.items()}
        for chunk in self.source.chunks(projection.rename(old)):
            yield chunk.change(self._rename)

    def _rename(self, block: Block) -> Block:
        return replace(block, columns={self._names.get(name, name): each for name, each in block.columns.items()})


def add_partition_keys(source: Source, keys: PartitionKeys) -> Source:
    """The source with the keys it does not hold itself."""
    own = {field.name for field in source.fields}
    added = {name: value for name, value in keys if name not in own}
    return PartitionedSource(source, added) if added else source


class PartitionedSource(WithColumns):
    """A file and the keys that its folders name, which are other than its columns."""

    def __init__(self, source: Source, keys: Mapping[str, str | None]) -> None:
        super().__init__(source)
        self._keys = keys
        self.fields = (*(Field(name, _TEXT) for name in keys), *source.fields)

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The file's chunks, each with the keys that are asked for."""
        keys = {name: value for name, value in self._keys.items() if name in projection.names}

        def add(block: Block) -> Block:
            constant = {name: _constant(value, block.rows) for name, value in keys.items()}
            return replace(block, columns={**block.columns, **constant})

        inner = projection.only({field.name for field in self.source.fields})
        for chunk in self.source.chunks(inner if inner.names else self.source.one_column):
            yield chunk.change(add)

    def of(self, source: Source) -> PartitionedSource:
        """A split of the file, with the keys."""
        return PartitionedSource(source, self._keys)

    def detach(self) -> tuple[ByteSource, PartitionKeys] | None:
        """The file's bytes, and the keys."""
        found = self.source.detach()
        return None if found is None else (found[0], tuple(self._keys.items()))


def _constant(value: str | None, rows: int) -> pa.Array:
    if value is None:
        return pa.nulls(rows, _TEXT)
    return pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([value]))
