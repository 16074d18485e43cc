"""Two inputs with the same rows: BASE's columns stand beside NEW's, row by row, under names of their own.

The join is that of label files: BASE takes the place of the labels, so what is used of it is held in memory and
NEW is streamed; ids that are missing, extra or duplicated are told at the end, with counts and places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.columns.labels import POSITIVES, LabelCoder, normal_spelling
from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.joining.join import join_labels, refuse_unusable_id
from xentcli.joining.joined_source import finish
from xentcli.sources.arrays import as_arrow, null_mask, stored
from xentcli.sources.partitions import RenamedSource
from xentcli.sources.source import Block, Chunk, ChunkWrapper, Field, Projection, Source, SourceWrapper
from xentcli.wording import few

_OF_BASE = "\0base: "  # before the name of a column of BASE: no file can name one so
_NUMBER = "\0number"  # the column that says where a row of BASE stands
_TEXTS = ("csv", "jsonl")  # formats that tell their rows by line


class _Numbered(SourceWrapper, frozen=True, eq=False):
    """`source` with a further column: the line or row number of each row."""

    @property
    def fields(self) -> Sequence[Field]:
        """The source's, and the number."""
        return (*self.source.fields, Field(_NUMBER, pa.int64()))

    def chunks(self, wanted: Projection) -> Iterator[Chunk]:
        """The source's chunks."""
        if _NUMBER not in wanted.numbers:
            yield from self.source.chunks(wanted)
            return
        numbers = tuple(name for name in wanted.numbers if name != _NUMBER)
        own = replace(wanted, numbers=numbers)
        if not own.names:  # something must be read for the rows to be counted
            own = replace(wanted, labels=(self.source.fields[0].name,), numbers=())
        for chunk in self.source.chunks(own):
            yield _NumberedChunk(chunk)


class _NumberedChunk(ChunkWrapper, frozen=True, eq=False):
    def blocks(self) -> Iterator[Block]:
        """The blocks of the chunk, each row with its number."""
        for block in self.chunk.blocks():
            yield replace(block, columns={**block.columns, _NUMBER: as_arrow(block.numbers())})


class Pairing(Struct, frozen=True, eq=False):
    """NEW with BASE's columns beside its own; `columns` are BASE's, by the names that its file gives them."""

    sources: Sequence[Source]
    base: Source
    columns: Columns
    lines: bool  # rows of BASE are told by line, not by row

    @classmethod
    def of(cls, new: Sequence[Source], base: Source, columns: Columns, on: str | None) -> Pairing:
        """Rows meet where their ids in column `on` are the same text; without, in order.

        Raises `RequestError` where the id is lacking, `ContentError` for an id that has no text.
        """
        if on is not None:
            refuse_unusable_id(base, on)  # while its columns have the names that the user knows
        kept = {on, ""} if on is not None else {""}
        names = [field.name for field in base.fields if field.name not in kept]
        renamed = RenamedSource(_Numbered(base), {name: _OF_BASE + name for name in [*names, _NUMBER]})
        return cls(join_labels(new, renamed, on, allow_extra=False), base, columns, base.format in _TEXTS)

    def wanted(self, new: Columns, id: str | None) -> Projection:
        """The columns to read for NEW's `new`, and for BASE, and the column that names a row."""
        own, base = new.wanted, self.columns.wanted
        if id is not None and id not in own.names:
            own = replace(own, labels=(*own.labels, id))
        both = {
            each: (*getattr(own, each), *(_OF_BASE + name for name in getattr(base, each)))
            for each in Projection.__struct_fields__
        }
        both["numbers"] += (_OF_BASE + _NUMBER,)
        return Projection(**both)

    def base_block(self, block: Block) -> Block:
        """The rows of a block as BASE has them: its columns, and where they stand in its file."""
        columns = {name: block.columns[_OF_BASE + name] for name in self.columns.wanted.names}
        numbers = block.columns[_OF_BASE + _NUMBER]
        return replace(block, columns=columns, where=_Places(self.base.name, numbers, self.lines))

    def finish(self) -> None:
        """Once all has been read: raise a `ContentError` if BASE and NEW do not hold the same rows."""
        try:
            finish(self.sources)
        except ContentError as error:
            if error.code != "ids_extra":
                raise
            hint = "both models are compared on the same rows"
            raise ContentError(
                error.code, error.message, hint=hint, where=error.where, column=error.column
            ) from error


class _Places(Struct, frozen=True, eq=False):
    """Where the rows of a block stand in BASE; a row that has not met its own is only of that file."""

    file: str
    numbers: pa.Array
    lines: bool

    def __call__(self, row: int) -> Where:
        """The place of row `row`."""
        null = null_mask(self.numbers)
        if null is not None and null[row]:
            return Where(self.file)
        number = int(stored(self.numbers)[row])
        return Where(self.file, line=number) if self.lines else Where(self.file, row=number)


def class_map(new: Columns, base: Columns, name: str, of: str) -> IndexArray:
    """For each class of BASE, by number, its number among NEW's; empty for tokens.

    `name` is BASE's file, `of` NEW's. Where one score column leaves the names of its two classes to the labels,
    what is settled here is which of them each column is of; rows whose labels then differ tell if it is not.
    Raises `ContentError` for labels of another kind and for other classes.
    """
    if base.label_kind != new.label_kind:
        raise _differ(f"holds {base.label_kind} labels, and {of} {new.label_kind} ones", name)
    if new.tokens:
        return np.empty(0, np.intp)
    if base.class_count != new.class_count:
        raise _differ(f"has scores of {base.class_count} classes, and {of} of {new.class_count}", name)
    if new.classes is not None and base.classes is not None:
        return _by_name(new.classes, base.classes, name, of)
    known = new.classes or base.classes
    if known is None:
        same = normal_spelling(_positive(base)) == normal_spelling(_positive(new)) or {
            base.positive,
            new.positive,
        } == {None}
        return np.arange(2) if same else np.arange(2)[::-1]
    single = base if base.classes is None else new
    place = LabelCoder(known, False).index(_positive(single))
    if place < 0:
        raise _differ(f'has the classes {", ".join(known)}: none is "{_positive(single)}"', name)
    return np.arange(2) if place == 1 else np.arange(2)[::-1]


def _positive(columns: Columns) -> str:
    """The class that a single score column is of, in its loosest spelling; 1 where labels tell."""
    positive = normal_spelling(columns.positive or "1")
    return "1" if positive in POSITIVES else positive


def _by_name(new: Sequence[str], base: Sequence[str], name: str, of: str) -> IndexArray:
    coder = LabelCoder(tuple(new), False)
    found = [coder.index(each) for each in base]
    if sorted(found) != list(range(len(new))):
        more = [each for each, place in zip(base, found, strict=True) if place < 0]
        fewer = [each for place, each in enumerate(new) if place not in found]
        parts = [f"{verb} {few(names, 10, '')}" for verb, names in (("has", more), ("lacks", fewer)) if names]
        raise _differ(f"has other classes than {of}: {' and '.join(parts)}", name)
    return np.array(found)


def _differ(message: str, name: str) -> ContentError:
    return ContentError("inputs_differ", message, where=Where(name))
