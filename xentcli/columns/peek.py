"""A look at the beginning of inputs, where names alone do not tell what a column is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct, field

from xentcli.columns.labels import as_dictionary, different_texts, normal_spelling, text_at, texts
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.core.kernel import exp
from xentcli.core.text import Words
from xentcli.errors import Where
from xentcli.sources.arrays import leaf_field, leaf_parts, to_arrow, to_floats
from xentcli.sources.source import Block, Column, Projection, Source

if TYPE_CHECKING:
    import pyarrow as pa

_ENOUGH_ROWS = 1 << 12  # to see the labels of
_ENOUGH_RANKS = 100  # rows, to see whether the names of ranks change
_NEAR_ONE = 0.01
_MISSING = ("", "nan", "na", "n/a", "null", "none", "?")  # what stands in columns of numbers where there is none
_FULL = 1.01  # what the probabilities of a row may sum to


class Peek(Struct, frozen=True):
    """A look at the first block of an input, and at the labels of all inputs: one may hold a single class."""

    source: Source
    sources: Sequence[Source]  # all
    seen: dict[str, set[str]]  # the labels found in all of them by column, which their peeks share
    looks: list[Projection] = field(default_factory=list)  # at this input alone: it may differ from others

    def know(self, column: str, labels: Sequence[str]) -> None:
        """Take these as the labels of a column, which then need not be there."""
        self.seen[column] = self.seen[_first(column)] = set(labels)

    def labels(self, column: str) -> set[str]:
        """The different values of a column in all inputs that have it, as text; each is looked at once."""
        if column not in self.seen:
            having = (s for s in self.sources if any(each.name == column for each in s.fields))
            self.seen[column] = {text for source in having for text in _first_labels(source, column)}
        return self.seen[column]

    def first_labels(self, column: str) -> set[str]:
        """The different values at the beginning of the first input that has a column, as text; looked at once."""
        key = _first(column)
        if key not in self.seen:
            having = (s for s in self.sources if any(each.name == column for each in s.fields))
            first = next(having, None)
            self.seen[key] = set() if first is None else set(_first_labels(first, column))
        return self.seen[key]

    def numeric(self, columns: Sequence[str]) -> list[str]:
        """Which columns hold nothing but numbers, and lists, in the first block; all where there is no row."""
        block = self._first(*columns)
        if block is None:
            return [*columns]
        return [name for name in columns if all(map(_is_numeric, different_texts(block.columns[name])))]

    def words(self, columns: Sequence[str]) -> list[str]:
        """Which columns hold no number in the first block, though they do hold something, of two rows or more."""
        block = self._first(*columns)
        if block is None or block.rows < 2:
            return []
        found = {name: different_texts(block.columns[name]) for name in columns}
        return [name for name, texts_ in found.items() if texts_ and not any(map(_is_numeric, texts_))]

    def add_up(self, columns: Sequence[str]) -> bool:
        """Whether columns could be the probabilities of all classes: each row of the first block sums to 1."""
        block = self._first(*columns)
        if block is None:
            return True
        values = [_numbers(block.columns[name]) for name in columns]
        total = sum(values, np.zeros(block.rows))
        return bool((abs(total - 1) <= _FULL - 1).all())

    def all_differ(self, column: str) -> bool:
        """Whether each row of the first block holds another value, as ids do."""
        block = self._first(column)
        return block is not None and len(different_texts(block.columns[column])) == block.rows

    def has_label(self, column: str, label: str) -> bool:
        """Whether a row of any input has this label, in any spelling: as a rule one of the first has."""
        spelling = normal_spelling(label)
        having = (s for s in self.sources if any(each.name == column for each in s.fields))
        return any(
            normal_spelling(text) == spelling for source in having for text in _first_labels(source, column)
        )

    def texts(self, column: str) -> Sequence[str]:
        """The different values of a column of this input, as text."""
        block = self._first(column)
        return [] if block is None else different_texts(block.columns[column])

    def first_list(self, column: str) -> tuple[int, Where | None]:
        """Length and place of the first list in a column, in whichever block; 0 and the first row without one."""
        start = None
        for block in self._blocks(Projection((), (), (column,))):
            start = start or block.where(0)
            lists = to_arrow(block.columns[column])
            if lists.null_count < len(lists):
                row = next(i for i, each in enumerate(lists) if each.is_valid)
                offsets, _ = leaf_parts(lists)
                return int(offsets[row + 1] - offsets[row]), block.where(row)
        return 0, start

    def class_names(self, column: str, pair: Sequence[str]) -> set[str]:
        """The names in the lists of the first rows; of structs the first of two fields, `pair`."""
        found: set[str] = set()
        for block in self._first_rows(column):
            found.update(different_texts(leaf_field(to_arrow(block.columns[column]), pair[0] if pair else None)))
        return found

    def names_change(self, scores: str, names: str, numbers: bool) -> bool:
        """Whether lists of names, as long as those of scores, are in another order in some of the first rows.

        Lists of `numbers` are names only where all of them hold the same whole ones, three or more (two could be
        a class and its opposite, one-hot), and the scores beside them fall.
        """
        seen = self.orders(scores, names, sorted_only=numbers)
        if seen is None:
            return False
        if any(len(set(row)) < len(row) for row in seen):
            return False
        if numbers and (len(set(map(frozenset, seen))) > 1 or not all(map(_are_indices, seen))):
            return False
        return len(seen) > 1

    def orders(self, scores: str, names: str, *, sorted_only: bool = False) -> set[tuple[object, ...]] | None:
        """The different lists of names of the first rows; None where some are not as long as those of scores.

        None also where scores do not fall, if `sorted_only`.
        """
        seen: set[tuple[object, ...]] = set()
        for block in self._first_rows(scores, names):
            sizes, values = leaf_parts(to_arrow(block.columns[scores]))
            ends, words = leaf_parts(to_arrow(block.columns[names]))
            if (np.diff(sizes) != np.diff(ends)).any() or (sorted_only and not _are_sorted(values, sizes)):
                return None
            texts_ = words.to_pylist()
            seen |= {tuple(texts_[a:b]) for a, b in pairwise(ends.tolist()) if a < b}
        return seen

    def lists_names(self, column: str) -> bool:
        """Whether the first text of a column is a list of names in quotes."""
        first = next(iter(self.texts(column)), "").lstrip()
        return first.startswith("[") and first[1:].lstrip()[:1] in ("'", '"')

    def are_distributions(self, column: str) -> bool:
        """Whether the lists of the first rows are log-probabilities of all classes: of one length, of sum 1."""
        lengths: set[int] = set()
        for block in self._first_rows(column):
            ends, flat = leaf_parts(to_arrow(block.columns[column]))
            values, null = to_floats(flat)
            sizes = np.diff(ends)
            lengths.update(sizes[sizes > 0].tolist())
            if null is not None or len(lengths) != 1 or min(lengths) < 2:
                return False
            sums = exp(values).reshape(-1, *lengths).sum(axis=1)
            if not (np.abs(sums - 1) < _NEAR_ONE).all():
                return False
        return bool(lengths)

    def is_empty(self) -> bool:
        """Whether there is no row."""
        return next(self._blocks(self.source.one_column), None) is None

    def is_one_row(self, column: str) -> bool:
        """Whether there is one row, which has a list in this column."""
        blocks = self._blocks(Projection((), (), (column,)))
        return sum(block.rows for block, _ in zip(blocks, range(2), strict=False)) == 1

    def have_room(self, scores: Sequence[str], others: Sequence[str]) -> list[str]:
        """Which of `others` could be probabilities of further classes: every row leaves room for them."""
        block = self._first(*scores, *others)
        if block is None:
            return []
        taken = sum((_numbers(block.columns[name]) for name in scores), np.zeros(block.rows))
        values = {name: _numbers(block.columns[name]) for name in others}
        return [name for name, q in values.items() if ((q >= 0) & (q <= 1) & (taken + q <= _FULL)).all()]

    def name_ranks(self, scores: Sequence[str], names: Sequence[str]) -> bool:
        """Whether scores fall from column to column, and `names` differ, in each of the first rows.

        These are not the same in all rows.
        """
        block = self._first(*scores, *names)
        if block is None:
            return False
        values = np.array([_numbers(block.columns[name]) for name in scores])
        if not (values[1:] <= values[:-1]).all():
            return False
        rows = range(min(block.rows, _ENOUGH_RANKS))
        texts_ = [tuple(text_at(block.columns[name], row) for name in names) for row in rows]
        return all(len(set(row)) == len(row) for row in texts_) and len(set(texts_)) > 1

    def _first(self, *columns: str) -> Block | None:
        return next(self._blocks(Projection(columns, ())), None)

    def _first_rows(self, *lists: str) -> Iterator[Block]:
        """The first block of some list columns, and more where blocks are short and can be read again."""
        rows = 0
        for block in self._blocks(Projection((), (), lists)):
            yield block
            rows += block.rows
            if rows >= _ENOUGH_ROWS or self.source.size is None:
                break

    def _blocks(self, projection: Projection) -> Iterator[Block]:
        self.looks.append(projection)
        return read_blocks(self.source, projection)


def _first(column: str) -> str:
    """What the labels of a column in the first input are kept under."""
    return f"{column}\0first"


def _first_labels(source: Source, column: str) -> Iterator[str]:
    """The labels of the first block, and of more where blocks are short and can be read again."""
    rows = 0
    for block in read_blocks(source, Projection((column,), ())):
        yield from different_texts(block.columns[column])
        rows += block.rows
        if rows >= _ENOUGH_ROWS or source.size is None:
            break


def read_blocks(source: Source, projection: Projection) -> Iterator[Block]:
    """All blocks of a source, in order."""
    return chain.from_iterable(chunk.blocks() for chunk in source.chunks(projection))


def _numbers(column: Column) -> FloatArray:
    """The values of a column as numbers; NaN where they are none."""
    if isinstance(column, Words):
        return np.array([*map(_number, column.words)])[column.codes]
    encoded = as_dictionary(column)
    by_code = np.array([*map(_number, texts(encoded.dictionary)), np.nan])
    numbers: FloatArray = by_code[encoded.indices.fill_null(len(by_code) - 1).to_numpy(zero_copy_only=False)]
    return numbers


def _is_numeric(text: str) -> bool:
    return text.lstrip().startswith("[") or not np.isnan(_number(text)) or text.strip().casefold() in _MISSING


def _number(text: str | None) -> float:
    try:
        return float((text or "").replace(",", "."))
    except ValueError:
        return np.nan


def _are_sorted(values: pa.Array, ends: IndexArray) -> bool:
    """Whether the numbers of no list rise; list i has those from `ends[i]` to before `ends[i + 1]`."""
    rises = np.append(np.diff(to_floats(values)[0]) > 0, False)
    rises[ends[1:][ends[1:] > 0] - 1] = False  # from one list to the next
    return not rises.any()


def _are_indices(row: tuple[object, ...]) -> bool:
    """Whether these are whole numbers, three or more."""
    return len(row) > 2 and all(isinstance(each, int | float) and float(each).is_integer() for each in row)
