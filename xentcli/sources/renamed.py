"""A source some of whose columns go by other names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace

from xentcli.frozen import frozen
from xentcli.sources.source import Block, Field, Part, Wanted, Wrapped


@frozen(eq=False)
class Renamed(Wrapped):
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
            each.name: tuple(old.get(name, name) for name in getattr(wanted, each.name)) for each in fields(wanted)
        }
        for part in self.source.parts(Wanted(**asked)):
            yield _RenamedPart(part, self)

    def renamed(self, block: Block) -> Block:
        """A block of the source with the new names."""
        return replace(block, columns={self._new(name): column for name, column in block.columns.items()})

    def _new(self, name: str) -> str:
        return self.names.get(name, name)


@frozen(eq=False)
class _RenamedPart:
    part: Part
    source: Renamed

    def blocks(self) -> Iterator[Block]:
        """The blocks of the part."""
        yield from map(self.source.renamed, self.part.blocks())
