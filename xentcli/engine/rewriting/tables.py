"""Arrow tables with other scores: types, nulls, order and metadata of all columns stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.columns.columns import ScoreLayout
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.engine.rewriting.change import Change, Recalibrate, refuse_misplaced
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import RequestError, Where
from xentcli.sources.arrays import BoolArray, is_list, leaf_type, list_parts
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
        names = set(schema.names)
        if change.scores.layout is ScoreLayout.NAMED:
            self._refuse("lists that name the classes of their scores")
        if not names.issuperset(change.scores.names):
            self._refuse("values inside other columns")
        types = [schema.field(each).type for each in change.scores.names]
        for kind in types:
            if change.scores.layout is ScoreLayout.LIST and not (is_list(kind) and not is_list(kind.value_type)):
                self._refuse(f"scores of type {kind}")
        self.schema = schema
        for each, kind in zip(change.scores.names, map(_with_floats, types), strict=True):
            field = schema.field(each)
            if change.suffix is None:
                self.schema = self.schema.set(schema.get_field_index(each), field.with_type(kind))
            else:
                self.schema = self.schema.append(pa.field(f"{each}{change.suffix}", kind))
        for each in change.bounds:
            self.schema = self.schema.append(pa.field(each, pa.float64()))

    def _refuse(self, what: str) -> None:
        message = f"{what} cannot be written again"
        raise RequestError("layout", message, hint="write a column for each class", where=Where(self._name))

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
        columns = dict(zip(table.column_names, table.columns, strict=True))
        columns |= self._new_columns(table, new)
        result = pa.Table.from_arrays([columns[each] for each in self.schema.names], schema=self.schema)
        self._refuse_misplaced(blocks, new, result)
        self._first += table.num_rows
        return result

    def _new_columns(self, table: pa.Table, new: Sequence[NewScores]) -> dict[str, pa.ChunkedArray]:
        kept = np.concatenate([each.kept for each in new])
        values = np.concatenate([each.values for each in new], axis=1)
        change, found = self._change, {}
        plain = change.scores.layout is ScoreLayout.COLUMNS
        for i, (name, written) in enumerate(zip(change.scores.names, change.written.names, strict=True)):
            old = table.column(name).combine_chunks()
            old = old.combine_chunks() if isinstance(old, pa.ChunkedArray) else old
            kind = self.schema.field(written).type
            here = values[i] if plain else values
            found[written] = _column(old, kind, here, kept, blank=change.suffix is not None)
        for i, name in enumerate(change.bounds):
            bounds = [each.low if i == 0 else each.high for each in new]
            found[name] = pa.array(np.concatenate([b for b in bounds if b is not None]), mask=kept)
        return found

    def _refuse_misplaced(self, blocks: Sequence[Block], new: Sequence[NewScores], result: pa.Table) -> None:
        at = 0
        for before, each in zip(blocks, new, strict=True):
            part = TableRows(result.slice(at, before.rows), self._name, self._first + at)
            after = [*read_blocks(part, self._change.read_back)]
            refuse_misplaced(self._change, before, self._rounded(each), after[0] if len(after) == 1 else None)
            at += before.rows

    def _rounded(self, new: NewScores) -> NewScores:
        """The new scores as columns of narrower floats hold them."""
        kind = leaf_type(self.schema.field(self._change.written.names[0]).type)
        width = {pa.float32(): np.float32, pa.float16(): np.float16}.get(kind, np.float64)
        return replace(new, values=new.values.astype(width).astype(np.float64))


def _with_floats(kind: pa.DataType) -> pa.DataType:
    """The type of new scores: of floats as it is, of other numbers float64."""
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_with_floats(field.type)) for field in kind])
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(_with_floats(kind.value_type)), kind.list_size)
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_with_floats(kind.value_type)))
    if is_list(kind):
        return pa.list_(kind.value_field.with_type(_with_floats(kind.value_type)))
    return kind if pa.types.is_floating(kind) else pa.float64()


def _column(old: pa.Array, kind: pa.DataType, values: FloatArray, kept: BoolArray, *, blank: bool) -> pa.Array:
    """New scores `(n,)`, or `(S, n)` of lists or structs, but old ones in rows that are kept; null if `blank`."""
    if pa.types.is_struct(kind):
        null = np.asarray(old.is_null())
        children = [
            _column(child, field.type, values[i], kept, blank=blank)
            for i, (child, field) in enumerate(zip(old.flatten(), kind, strict=True))
        ]
        return pa.StructArray.from_arrays(
            children, fields=list(kind), mask=pa.array(null | kept if blank else null)
        )
    if is_list(kind):
        return _lists(old, kind, values, kept, blank=blank)
    mask = np.asarray(old.is_null()) & kept if not blank else kept
    if not blank and kept.any():
        stated = np.asarray(old.cast(pa.float64(), safe=False).fill_null(0.0))
        values = np.where(kept, stated, values)
    return pa.array(values, pa.float64(), mask=mask if mask.any() else None).cast(kind, safe=False)


def _lists(old: pa.Array, kind: pa.DataType, values: FloatArray, kept: BoolArray, *, blank: bool) -> pa.Array:
    offsets, items = list_parts(old)
    lengths = np.diff(offsets)
    null = np.asarray(old.is_null())
    if blank:
        null = null | kept
    inside = np.repeat(~kept, lengths)
    flat = np.asarray(items.cast(pa.float64(), safe=False).fill_null(np.nan)).copy()
    item_null = np.asarray(items.is_null())
    flat[inside] = values.T[~kept].reshape(-1)
    child = pa.array(flat, pa.float64(), mask=item_null if item_null.any() else None).cast(
        kind.value_type, safe=False
    )
    if pa.types.is_fixed_size_list(kind):
        return _fixed(child, kind, lengths, null)
    large = pa.types.is_large_list(kind)
    ends = pa.array(offsets, pa.int64() if large else pa.int32())
    make = pa.LargeListArray if large else pa.ListArray
    return make.from_arrays(ends, child, type=kind, mask=pa.array(null))


def _fixed(child: pa.Array, kind: pa.DataType, lengths: IndexArray, null: BoolArray) -> pa.Array:
    """Lists of a fixed size, of which `child` holds those that are not null in the input."""
    size = kind.list_size
    whole = np.cumsum(np.where(lengths == size, size, 0)) - size
    at = np.where(lengths == size, whole, 0)[:, None] + np.arange(size)
    valid = np.repeat(lengths == size, size)
    items = child.take(pa.array(at.reshape(-1), mask=~valid)) if len(child) else pa.nulls(at.size, child.type)
    return pa.FixedSizeListArray.from_arrays(items, type=kind, mask=pa.array(null))
