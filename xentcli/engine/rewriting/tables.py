"""Arrow tables with other scores: types, nulls, order and metadata of all columns stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.columns.columns import ScoreLayout
from xentcli.columns.peek import read_blocks
from xentcli.decoding.named_scores import classes_of_items
from xentcli.engine.rewriting.arrays import Replacing, with_floats
from xentcli.engine.rewriting.change import Change, Recalibrate, refuse_misplaced
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import RequestError, Where
from xentcli.sources.arrays import is_list, leaf_type, to_arrow
from xentcli.sources.batches import block_of, block_rows, count_values, fields_of
from xentcli.sources.nested import NestedSource
from xentcli.sources.source import Block, Chunk, Projection, Source


class TableRows(Source):
    """A stretch of a table of some input, from its row `first` on."""

    format, size = "arrow", None

    def __init__(self, table: pa.Table, name: str, first: int) -> None:
        self.name, self._table, self._first = name, table, first
        self.fields = fields_of(table.schema, name)

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """Batches whose columns are in one piece."""
        table = self._table.select(list(projection.names)).combine_chunks()
        step = block_rows(sum(map(count_values, table.columns)), table.num_rows)
        for start in range(0, table.num_rows, step):
            part = table.slice(start, step)
            arrays = [column.combine_chunks() for column in part.columns]
            batch = pa.RecordBatch.from_arrays(arrays, part.column_names)
            block = block_of(batch, part.column_names, self.name, self._first + start)
            yield Chunk(partial(iter, (block,)))


def rows_of(table: pa.Table, name: str, first: int) -> Source:
    """Rows of an input as they are read, with what is inside other columns."""
    source: Source = TableRows(table, name, first)
    nested = any(field.type is not None and field.type.num_fields for field in source.fields)
    return NestedSource(source) if nested else source


class TableWriter:
    """Changes the tables that an input consists of, one after the other."""

    def __init__(self, name: str, schema: pa.Schema, change: Change, recalibrate: Recalibrate) -> None:
        self._name, self._change, self._recalibrate = name, change, recalibrate
        self._first = 0
        self.schema = schema
        kinds = [with_floats(kind, change.scores) for kind in self._types(schema)]
        for each, kind in zip(change.scores.names, kinds, strict=True):
            if change.suffix is not None:
                self.schema = self.schema.append(pa.field(f"{each}{change.suffix}", kind))
            elif not change.nothing:
                at = schema.get_field_index(each)
                self.schema = self.schema.set(at, schema.field(at).with_type(kind))
        for each in change.bounds:
            self.schema = self.schema.append(pa.field(each, pa.float64()))

    def _types(self, schema: pa.Schema) -> Iterator[pa.DataType]:
        """The types of the scores as they are read. Raises a `RequestError` where they cannot be written so."""
        change = self._change
        read = {field.name: field.type for field in rows_of(schema.empty_table(), self._name, 0).fields}
        for name in change.scores.names:
            kind, at = read[name], schema.get_field_index(name)
            inside = at < 0 or schema.field(at).type != kind
            if inside and change.suffix is None and not change.nothing:
                self._refuse("values inside other columns", "--suffix _cal adds columns instead")
            of_lists = change.scores.layout in (ScoreLayout.LIST, ScoreLayout.NAMED)
            if kind is not None and of_lists and is_list(kind.value_type) and not change.nothing:
                self._refuse(f"scores of type {kind}", "write a column for each class")
            yield kind

    def _refuse(self, what: str, hint: str) -> None:
        message = f"{what} cannot be written again"
        raise RequestError("layout", message, hint=hint, where=Where(self._name))

    def changed(self, table: pa.Table) -> pa.Table:
        """The table with its new scores."""
        if not table.num_rows:
            return self.schema.empty_table()
        source = rows_of(table, self._name, self._first)
        blocks = [*read_blocks(source, self._change.columns.projection)]
        new = [self._recalibrate(block) for block in blocks]
        if self._change.nothing:
            self._first += table.num_rows
            return table
        if any(each.broken for each in new):
            return self.schema.empty_table()
        columns = dict(zip(table.column_names, table.columns, strict=True))
        columns |= self._new_columns(blocks, new)
        result = pa.Table.from_arrays([columns[each] for each in self.schema.names], schema=self.schema)
        self._refuse_misplaced(blocks, new, result)
        self._first += table.num_rows
        return result

    def _new_columns(self, blocks: Sequence[Block], new: Sequence[NewScores]) -> dict[str, pa.Array]:
        kept = np.concatenate([each.kept for each in new])
        values = np.concatenate([each.values for each in new], axis=1)
        change, found = self._change, {}
        replacing = Replacing(change.scores, values, kept, blank=change.suffix is not None)
        if change.scores.layout is ScoreLayout.NAMED:
            classes = [classes_of_items(block, change.scores)[1] for block in blocks]
            replacing = replace(replacing, classes=np.concatenate(classes))
        for name, written in zip(change.scores.names, change.written.names, strict=True):
            old = pa.concat_arrays([to_arrow(block.columns[name]) for block in blocks])
            found[written] = replacing.column(old, self.schema.field(written).type, name)
        bounds = np.concatenate([np.reshape(each.bounds, (each.kept.size, -1)) for each in new])
        found |= {name: pa.array(bounds[:, i], mask=kept) for i, name in enumerate(change.bounds)}
        return found

    def _refuse_misplaced(self, blocks: Sequence[Block], new: Sequence[NewScores], result: pa.Table) -> None:
        at = 0
        for before, each in zip(blocks, new, strict=True):
            part = rows_of(result.slice(at, before.rows), self._name, self._first + at)
            after = [*read_blocks(part, self._change.read_back)]
            refuse_misplaced(self._change, before, self._rounded(each), after[0] if len(after) == 1 else None)
            at += before.rows

    def _rounded(self, new: NewScores) -> NewScores:
        """The new scores as columns of narrower floats hold them."""
        types = [self.schema.field(name).type for name in self._change.written.names]
        if self._change.scores.layout is ScoreLayout.STRUCT:
            types = [types[0].field(name).type for name in self._change.scores.order]
        leaves = [leaf_type(kind) for kind in types]
        if self._change.scores.pair:
            leaves = [leaves[0].field(self._change.scores.pair[1]).type]
        widths = [_WIDTHS.get(kind, np.float64) for kind in leaves]
        rows = zip(new.values, widths * (len(new.values) // len(widths)), strict=True)
        return replace(new, values=np.stack([row.astype(width).astype(np.float64) for row, width in rows]))


_WIDTHS = {pa.float32(): np.float32, pa.float16(): np.float16}
