"""Delimited text: cut at record boundaries into blocks, each parsed by the kernel on its own.

Labels stay text: only an empty field is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.text import SKIPPED, Dialect, FieldPlaces, Layout, ParsedText, Words, parse
from xentcli.errors import ContentError, Where
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.delimited.errors import refuse_faults
from xentcli.sources.delimited.header import read_header
from xentcli.sources.delimited.pairs import Pairs
from xentcli.sources.delimited.records import cut_records
from xentcli.sources.source import Block, Chunk, Column, Field, Projection, TextOptions
from xentcli.sources.text import Records, TextSource
from xentcli.wording import brief

if TYPE_CHECKING:
    import pyarrow as pa


class CsvSource(TextSource, frozen=True, eq=False, kw_only=True):
    """A text of records."""

    dialect: Dialect
    remedy: str | None = None
    pairs: Pairs | None = None  # how lines are made records
    missing: tuple[str, ...] = ()  # texts that stand for what is missing
    format: str = "csv"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> CsvSource:
        """Read the header; `text` wins over what the header suggests."""
        return cls(content=content, missing=text.missing, **read_header(content, text)._asdict())

    def cut(self) -> Iterator[Records[memoryview]]:
        """All records, about a mebibyte at a time, in order."""
        with self.content.open(self.start) as stream:
            yield from cut_records(stream, self.name, self.line, self.dialect, len(self.fields))

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The records, each some of them read as one block."""
        reader = CsvReader.of(self, projection)
        for records in self.cut():
            yield self.chunk(records, partial(reader.blocks, records))

    def located(self, projection: Projection) -> Iterator[LocatedBlock]:
        """The records, each some of them with where the fields asked for are; not of lines of pairs."""
        reader = CsvReader.of(replace(self, pairs=None), projection)
        for records in self.cut():
            yield reader.locate(records)

    def reread(self, records: Records[memoryview], added: Sequence[str], projection: Projection) -> Block | None:
        """Records as they are with these columns behind those of the text; None where there is none."""
        fields = (*self.fields, *map(Field, added))
        reader = CsvReader.of(replace(self, fields=fields, pairs=None), projection)
        return next(reader.blocks(records), None)

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """The last field, if its line does not end as a line should."""
        return () if self.content.last_byte() in (b"\n", b"\r", b"") else [(self.name, self.fields[-1].name)]


class LocatedBlock(Struct, frozen=True, eq=False):
    """Some records, and where their fields are."""

    data: bytes | memoryview  # with a line end at its end
    ends_open: bool  # which the text lacks
    records: Records[Any]
    block: Block | None  # None: no record among blank lines and comments
    fields: Mapping[str, int]  # of each column its place in `places`
    places: FieldPlaces


class CsvReader(Struct, frozen=True, eq=False, dict=True):
    """Reads records of a file; made once for all of its chunks, as there may be many thousands of columns."""

    file: str
    dialect: Dialect
    fields: Sequence[Field]
    projection: Projection
    missing: tuple[str, ...]
    pairs: Pairs | None
    first: int  # line of the first record

    @classmethod
    def of(cls, source: CsvSource, projection: Projection) -> CsvReader:
        """Of the columns of a source."""
        return cls(
            source.name, source.dialect, source.fields, projection, source.missing, source.pairs, source.line
        )

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def _kinds(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The columns asked for as numbers, and those as texts: a list is read from its text."""
        wanted = self.projection
        texts = dict.fromkeys((*wanted.labels, *wanted.lists))
        numbers = dict.fromkeys(name for name in wanted.numbers if name not in wanted.lists)
        return tuple(numbers), tuple(name for name in texts if name not in numbers)

    @cached_property
    def _layout(self) -> Layout:
        numbers, texts = self._kinds
        at = {name: i for i, name in enumerate(self.header)}
        places = np.full(len(self.header), SKIPPED, np.int32)
        places[[at[name] for name in (*numbers, *texts)]] = np.arange(len(numbers) + len(texts))
        often = [name not in self.projection.lists for name in texts]
        return Layout(places, len(numbers), often, self.dialect, self.missing)

    def blocks(self, records: Records[memoryview]) -> Iterator[Block]:
        """The one block of these records."""
        _, parsed = self._parse(records)
        if parsed.lines.size:
            yield self._block(parsed)

    def locate(self, records: Records[memoryview]) -> LocatedBlock:
        """These records, with where their fields are."""
        data, parsed = self._parse(records, locate=True)
        assert parsed.places is not None
        block = self._block(parsed) if parsed.lines.size else None
        names = {name: i for i, name in enumerate(chain.from_iterable(self._kinds))}
        return LocatedBlock(data, len(data) > len(records.data), records, block, names, parsed.places)

    def _parse(
        self, records: Records[memoryview], *, locate: bool = False
    ) -> tuple[bytes | memoryview, ParsedText]:
        data: bytes | memoryview = records.data
        numbers, _ = self._kinds
        if self.pairs is not None:
            data = self.pairs.rewrite(bytes(data), self.file, records.line)
        if data[-1:] not in (b"\n", b"\r"):
            data = bytes(data) + b"\n"
        parsed = parse(data, records.line, records.lines + 1, self._layout, locate=locate)
        start = Where(self.file, line=records.line)
        refuse_faults(data, parsed, start, self.fields, numbers, self.dialect, self.first)
        return data, parsed

    def _block(self, parsed: ParsedText) -> Block:
        numbers, texts = self._kinds
        lines = parsed.lines

        def where(row: int) -> Where:
            return Where(self.file, line=int(lines[row]))

        found: Mapping[str, Column] = dict(zip((*numbers, *texts), (*parsed.numbers, *parsed.texts), strict=True))
        columns = {name: found[name] for name in self.projection.names}
        for name in self.projection.lists:
            cells = columns[name]
            assert isinstance(cells, Words)
            columns[name] = _parse_lists(name, cells, where)
        spelled = dict(zip(self.missing, parsed.missing, strict=True))
        return Block(lines.size, columns, where, lambda: lines, spelled)


def _parse_lists(name: str, cells: Words, where: Callable[[int], Where]) -> pa.Array:
    from xentcli.sources.arrays import to_arrow
    from xentcli.sources.json.arrow import list_hint, parse_lists, parse_names

    texts = to_arrow(cells, distinct=False)
    lists, bad = parse_lists(texts)
    if bad is None:
        return lists
    if (names := parse_names(texts)) is not None:
        return names
    cell = cells.text(bad) or ""
    message = f'"{brief(cell)}" is not a JSON array of numbers'
    raise ContentError("not_a_list", message, hint=list_hint(cell), where=where(bad), column=name)
