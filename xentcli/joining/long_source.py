"""A table in long format (a row for each class of an id) as the wide one that all else reads: a row for each id.

Rows of one id stand together, so the table is streamed: what is held are the rows of the last id of a block, and a
hash of each id, to find one that comes back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote
from typing import NoReturn

import numpy as np
import pyarrow as pa

from xentcli.columns.labels import LabelCoder, text_at
from xentcli.columns.names import class_in
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import IndexArray
from xentcli.core.mixing import HashArray
from xentcli.decoding.categorical import categorical_texts
from xentcli.errors import ContentError, Where
from xentcli.joining.id_index import hashes, id_texts, is_missing
from xentcli.sources.arrays import BoolArray, as_arrow, raw_values, to_arrow, to_floats
from xentcli.sources.source import Block, Chunk, Column, Field, Projection, Source, SourceWrapper
from xentcli.wording import brief, few


class LongSource(SourceWrapper):
    """`source` with one row an id: columns in `pivoted` become structs, with a field for each class.

    The classes are those of `classes`, or of the first id; `p_cat` and `p_dog` are `cat` and `dog`, as of columns
    of these names. Other columns must say the same in all rows of an id.
    """

    one_machine = "--class-column"

    def __init__(
        self, source: Source, class_column: str, on: str, pivoted: Sequence[str], classes: Sequence[str] | None
    ) -> None:
        super().__init__(source)
        self._class, self._on, self._pivoted = class_column, on, tuple(pivoted)
        first = self._first_classes()
        inside = [class_in(name) for name in first]
        self._inside = None not in inside and set(first) != set(classes or ())  # as of columns that were `p_cat`
        found = [name for name in inside if name is not None] if self._inside else first
        self.classes = tuple(classes or found)
        self._coder = LabelCoder(self.classes, False)
        kept = (each for each in source.fields if each.name != class_column)
        self.fields = [self._struct(each) if each.name in self._pivoted else each for each in kept]

    def _struct(self, field: Field) -> Field:
        kind = pa.float64() if field.type is None else field.type
        return Field(field.name, pa.struct([(name, kind) for name in self.classes]))

    def _first_classes(self) -> Sequence[str]:
        """The classes of the first id."""
        import pyarrow.compute as pc  # slow to load, and most scores need no ids

        found: list[str | None] = []
        first = None
        for block in read_blocks(self.source, Projection((self._class, self._on), ())):
            ids = id_texts(block.columns[self._on])
            first = ids[0] if first is None else first
            rows = np.flatnonzero(~_true(pc.equal(ids, first)))
            end = int(rows[0]) if rows.size else block.rows
            classes = categorical_texts(block.columns[self._class])
            found += [classes.values[code] for code in classes.codes[:end].tolist()]
            if None in found:
                raise self._error("class_missing", "the class is missing", block, found.index(None), self._class)
            if len(set(found)) < len(found):
                twice = next(i for i, name in enumerate(found) if name in found[:i])
                message = f'id "{brief(str(first))}" has class "{found[twice]}" twice'
                raise self._error("class_twice", message, block, min(twice, block.rows - 1), self._class)
            if rows.size:
                break
        if not found:
            raise ContentError("no_rows", "no rows", where=Where(self.name))
        if len(found) == 1:
            message = f'the first id, "{brief(str(first))}", has one row: rows of one id must stand together'
            raise self._error("ids_apart", message, block, 0, self._on, self._how_to_sort())
        return [name for name in found if name is not None]

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """A chunk for each block, read here: where an id begins is known once the block before has been read."""
        pivoted = [name for name in projection.names if name in self._pivoted]
        numbers = (*(name for name in projection.numbers if name not in pivoted), *pivoted)
        texts = [name for name in projection.labels if name not in pivoted]
        lists = tuple(name for name in projection.lists if name not in pivoted)
        added = (self._on, self._class) if pivoted else (self._on,)
        inner = Projection(tuple(dict.fromkeys((*texts, *added))), numbers, lists)
        same = [name for name in projection.names if name not in (*pivoted, self._on)]
        seen = []
        for share, block, ids in self._groups(inner):
            starts = _starts(ids)
            first = as_arrow(starts)
            seen.append(hashes(ids.take(first)))
            columns = self._pivot(block, ids, starts, pivoted) if pivoted else {}
            for name in same:
                self._refuse_changes(block, ids, starts, name, number=name in numbers)
            columns |= {name: to_arrow(block.columns[name]).take(first) for name in (*same, self._on)}
            yield Chunk.of(_at(block, starts, {name: columns[name] for name in projection.names}), share)
        self._refuse_returning(seen)

    def _groups(self, inner: Projection) -> Iterator[tuple[float | None, Block, pa.Array]]:
        """Blocks of whole ids, each with the share of the input that it is and its ids."""
        carry: Block | None = None
        for chunk in self.source.chunks(inner):
            share = chunk.share
            for block in chunk.blocks():
                carry, whole = _cut(carry, block, self._on)
                for each in whole:
                    yield share, each, self._ids(each)
                    share = None if share is None else 0.0
        if carry is not None:
            yield 0.0, carry, self._ids(carry)

    def _ids(self, block: Block) -> pa.Array:
        ids = id_texts(block.columns[self._on])
        if (missing := np.flatnonzero(is_missing(ids))).size:
            raise self._error("id_missing", "the id is missing", block, int(missing[0]), self._on)
        return ids

    def _pivot(self, block: Block, ids: pa.Array, starts: IndexArray, pivoted: Sequence[str]) -> dict[str, Column]:
        """The columns by class: row i of each has the numbers of the id that begins at row `starts[i]`."""
        found, size = self._classes_of(block), len(self.classes)
        group = np.repeat(np.arange(starts.size), np.diff(starts, append=block.rows))
        place = group * size + found
        rows = np.full(starts.size * size, -1)
        rows[place] = np.arange(block.rows)
        if block.rows != rows.size or (rows < 0).any():
            self._refuse_incomplete(block, ids, starts, place, rows)
        by_class = as_arrow(np.ascontiguousarray(rows.reshape(-1, size).T).ravel())
        columns: dict[str, Column] = {}
        for name in pivoted:
            values = to_arrow(block.columns[name]).take(by_class)
            parts = [values.slice(k * starts.size, starts.size) for k in range(size)]
            columns[name] = pa.StructArray.from_arrays(parts, list(self.classes))
        return columns

    def _classes_of(self, block: Block) -> IndexArray:
        """The class of each row, by number."""
        found = categorical_texts(block.columns[self._class])
        number = np.array([-1 if text is None else self._number(text) for text in found.values], np.intp)
        classes = number[found.codes]
        if (bad := np.flatnonzero(classes < 0)).size:
            row = int(bad[0])
            text = found.values[int(found.codes[row])]
            message = "the class is missing"
            if text is not None:
                message = f'class "{brief(text)}" is none of {few(self.classes, 10)}'
            hint = "the first id has no such class: --classes names them all" if text is not None else None
            raise self._error("class_unknown" if text else "class_missing", message, block, row, self._class, hint)
        return classes

    def _number(self, text: str) -> int:
        return self._coder.index(class_in(text) or text if self._inside else text)

    def _refuse_incomplete(
        self, block: Block, ids: pa.Array, starts: IndexArray, place: IndexArray, rows: IndexArray
    ) -> NoReturn:
        """Raise the error for the first id that lacks a class or has one twice."""
        size = len(self.classes)
        again = np.flatnonzero(rows[place] != np.arange(block.rows))  # another row of the id has the class
        lacking = np.flatnonzero(rows < 0)
        first = min(int(at.min()) // size for at in (place[again], lacking) if at.size)
        begin = int(starts[first])
        text = brief(ids[begin].as_py())
        found = place[begin : begin + np.count_nonzero(place // size == first)].tolist()
        for i, at in enumerate(found):
            if at in found[:i]:
                message = f'id "{text}" has class "{self.classes[at % size]}" twice'
                raise self._error("class_twice", message, block, begin + i, self._class)
        message = f'id "{text}" has no row of class "{self.classes[int(lacking[0]) % size]}"'
        hint = f"if it stands elsewhere: {self._how_to_sort()}"
        raise self._error("class_lacking", message, block, begin, self._class, hint)

    def _refuse_changes(self, block: Block, ids: pa.Array, starts: IndexArray, name: str, *, number: bool) -> None:
        """Raise the error for a column that is not the same in all rows of an id."""
        column = block.columns[name]
        changed = _changes(column, number=number)
        changed[starts] = False
        if (rows := np.flatnonzero(changed)).size:
            row = int(rows[0])
            before, now = (text_at(column, each) for each in (row - 1, row))
            shown = " and ".join("nothing" if text is None else f'"{brief(text)}"' for text in (before, now))
            message = f'id "{brief(ids[row].as_py())}" has {shown}, but all its rows must say the same'
            raise self._error("rows_differ", message, block, row, name)

    def _refuse_returning(self, blocks: Sequence[HashArray]) -> None:
        """Raise the error for the first id that comes back after others; ids of one hash are told apart."""
        found = np.concatenate([np.empty(0, np.uint64), *blocks])
        order = np.argsort(found, kind="stable")
        same = found[order[1:]] == found[order[:-1]]
        if not same.any():
            return
        suspects = set(order[1:][same].tolist()) | set(order[:-1][same].tolist())
        places: dict[str, Where] = {}
        at = 0
        for _, block, ids in self._groups(Projection((self._on,), ())):
            starts = _starts(ids)
            for i, row in enumerate(starts.tolist(), at):
                if i not in suspects:
                    continue
                text = ids[row].as_py()
                if text in places:
                    message = f'id "{brief(text)}" comes back: it stands at {places[text].in_file} too'
                    raise self._error("ids_apart", message, block, row, self._on, self._how_to_sort())
                places[text] = block.where(row)
            at += starts.size

    def _how_to_sort(self) -> str:
        """What to do with a text whose rows of one id stand apart."""
        names = [each.name for each in self.source.fields]
        at, file = names.index(self._on) + 1, quote(self.name)
        dialect = getattr(self.source, "dialect", None)
        if dialect is None or self.name == "-":
            return "sort the rows by the id when the file is written"
        by = f"LC_ALL=C sort -s -t{quote(dialect.delimiter)} -k{at},{at}"
        return f"sort the rows by the id: (head -n 1 {file}; tail -n +2 {file} | {by}) > sorted.csv"

    def _error(
        self, code: str, message: str, block: Block, row: int, column: str, hint: str | None = None
    ) -> ContentError:
        return ContentError(code, message, hint=hint, where=block.where(row), column=column)


def _starts(ids: pa.Array) -> IndexArray:
    """Where an id begins `(G,)`."""
    import pyarrow.compute as pc  # slow to load, and most scores need no ids

    differ = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1))
    return np.append(0, 1 + np.flatnonzero(_true(differ)))


def _true(values: pa.Array) -> BoolArray:
    mask: BoolArray = raw_values(values.cast(pa.uint8())) == 1
    return mask


def _changes(column: Column, *, number: bool) -> BoolArray:
    """Where a row holds another value than the one before it."""
    changed = np.zeros(len(column), np.bool_)
    if number:
        values, null = to_floats(column)
        missing = np.isnan(values) if null is None else np.isnan(values) | null
        differ = (values[1:] != values[:-1]) & ~(missing[1:] & missing[:-1])
        changed[1:] = differ
    else:
        codes = categorical_texts(column).codes
        changed[1:] = codes[1:] != codes[:-1]
    return changed


def _cut(carry: Block | None, block: Block, on: str) -> tuple[Block, list[Block]]:
    """The rows of the last id, which may go on in the next block, and blocks of all the rows before them.

    `carry` are those of the last id of the block before.
    """
    starts = _starts(id_texts(block.columns[on]))
    last = int(starts[-1])
    if carry is None:
        return _rows(block, last, block.rows), [_rows(block, 0, last)] if last else []
    begin = 0
    if id_texts(carry.columns[on])[0] == id_texts(block.columns[on])[0]:
        if not last:
            return _join(carry, block), []
        begin = int(starts[1])
        carry = _join(carry, _rows(block, 0, begin))
    whole = [carry, *([_rows(block, begin, last)] if begin < last else [])]
    return _rows(block, last, block.rows), whole


def _rows(block: Block, begin: int, end: int) -> Block:
    """Some consecutive rows."""
    columns = {name: to_arrow(column).slice(begin, end - begin) for name, column in block.columns.items()}
    return _at(block, np.arange(begin, end), columns)


def _at(block: Block, rows: IndexArray, columns: Mapping[str, Column]) -> Block:
    """Columns that hold these rows, at their places."""
    return Block(rows.size, columns, lambda row: block.where(int(rows[row])), lambda: block.numbers()[rows])


def _join(one: Block, two: Block) -> Block:
    """The rows of both."""
    columns = {name: pa.concat_arrays([_plain(b.columns[name]) for b in (one, two)]) for name in one.columns}
    return Block(
        one.rows + two.rows,
        columns,
        lambda row: one.where(row) if row < one.rows else two.where(row - one.rows),
        lambda: np.concatenate([one.numbers(), two.numbers()]),
    )


def _plain(column: Column) -> pa.Array:
    """An Arrow array without a dictionary, as those of two blocks differ."""
    column = to_arrow(column)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
