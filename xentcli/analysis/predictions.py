"""A column of predicted classes beside a score: looked for only where the score's values raise the question."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from msgspec import Struct

from xentcli.columns.advice import looks_predicted
from xentcli.columns.column_types import is_label
from xentcli.columns.labels import TELLING, SpellingCoder, different_texts, normal_spelling
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import IndexArray, InputKind
from xentcli.decoding.categorical import by_code, encode_texts
from xentcli.decoding.filter import RowFilter
from xentcli.engine.inputs import Inputs
from xentcli.errors import XentError
from xentcli.sources.arrays import to_floats
from xentcli.sources.source import Block, Projection, Source

_ENOUGH_ROWS = 1 << 16  # to see whether predictions are at another threshold
_MOST = 200  # columns that are looked at
_MISSING, _OTHER = -2, -1  # in the place of a class


class PredictedColumn(Struct, frozen=True):
    """A column that holds classes: in how many rows the first of two, and how often what the label says."""

    name: str
    negatives: int
    agree: int


def find_predicted(
    inputs: Inputs, classes: tuple[str, ...], *, never_below_half: bool = False
) -> PredictedColumn | None:
    """The column of all rows' predicted classes, if there is one that says the first class anywhere.

    `classes` are two. Columns of 0 and 1 hold many things: one counts if it is called as predictions are, or if it
    agrees with the label in more rows than the second class alone does. With `never_below_half` there is none
    unless the score is never below that.
    """
    try:
        names = _candidates(inputs, classes)
        counts = _count(inputs, names, classes, never_below_half) if names else None
    except XentError as error:
        if error.code == "stdin_twice" and not never_below_half:
            return _by_name(inputs)
        counts = None  # a column does not read as labels
    if counts is None:
        return None
    found = [each for each in counts.columns if each.negatives and _is_of_classes(each, counts.positives, classes)]
    return max(found, key=lambda each: (looks_predicted(each.name), each.agree), default=None)


def find_other_threshold(
    inputs: Inputs, names: Collection[str], classes: tuple[str, ...]
) -> tuple[str, int, int] | None:
    """The first of some columns that holds classes, in how many rows it is not the likelier, and of how many.

    Only the first rows are looked at. None if no column not in use holds classes, or there is no such row; a score
    of one half goes with either class.
    """
    if any(source.size is None for source in inputs.sources):
        return None
    try:
        name = next((name for name in _candidates(inputs, classes) if name in names), None)
        differ, rows = (0, 0) if name is None else _count_differing(inputs, name, classes)
    except XentError:
        return None  # a column does not read as labels
    return None if name is None or not differ else (name, differ, rows)


def _count_differing(inputs: Inputs, name: str, classes: tuple[str, ...]) -> tuple[int, int]:
    """Of the first rows, those whose predicted class in a column is not that of the score; and all of them."""
    columns, differ, rows = inputs.first, 0, 0
    score, half = columns.scores.names[0], 0.5 if columns.kind is InputKind.PROBABILITY else 0.0
    names = tuple(dict.fromkeys((name, *(each.column for each in columns.keys.where))))
    for block in map(RowFilter(columns.keys.where).select, _blocks(inputs.sources, Projection(names, (score,)))):
        predicted, values = _classes_of(block, name, classes), to_floats(block.columns[score])[0]
        differ += int((((predicted == 1) & (values < half)) | ((predicted == 0) & (values > half))).sum())
        rows += block.rows
        if rows >= _ENOUGH_ROWS:
            break
    return differ, rows


def _by_name(inputs: Inputs) -> PredictedColumn | None:
    """The first column that is called as predictions are, of a stream that is too long to be read again."""
    names = (name for name in _unused(inputs) if looks_predicted(name))
    return next((PredictedColumn(name, 0, 0) for name in names), None)


def _unused(inputs: Inputs) -> list[str]:
    """The columns not in use that could hold labels."""
    used = set(inputs.first.projection.names)
    free = (field for field in inputs.sources[0].fields if field.name and field.name not in used)
    return [field.name for field in free if field.type is None or is_label(field.type)][:_MOST]


def _is_of_classes(each: PredictedColumn, positives: int, classes: tuple[str, ...]) -> bool:
    words = TELLING.isdisjoint(map(normal_spelling, classes))
    return words or looks_predicted(each.name) or each.agree > positives


def _candidates(inputs: Inputs, classes: tuple[str, ...]) -> list[str]:
    """The columns not in use whose first values are all classes."""
    free = _unused(inputs)
    block = next(read_blocks(inputs.sources[0], Projection(tuple(free), ())), None) if free else None
    if block is None:
        return []
    coder = SpellingCoder(classes)
    return [
        name
        for name in free
        if (texts := different_texts(block.columns[name])) and all(coder.index(text) >= 0 for text in texts)
    ]


class _Counted(Struct):
    columns: Sequence[PredictedColumn]
    positives: int  # rows whose label is the second class


def _count(
    inputs: Inputs, names: Sequence[str], classes: tuple[str, ...], never_below_half: bool
) -> _Counted | None:
    """The columns of which all rows hold classes; None if the score is below one half where it must not be."""
    found = {name: PredictedColumn(name, 0, 0) for name in names}
    positives = 0
    label, score = inputs.first.label or "", inputs.first.scores.names[0]
    where = inputs.first.keys.where
    labels = tuple(dict.fromkeys((label, *names, *(each.column for each in where))))
    projection = Projection(labels, (score,) if never_below_half else ())
    for block in map(RowFilter(where).select, _blocks(inputs.sources, projection)):
        if never_below_half and bool((to_floats(block.columns[score])[0] < 0.5).any()):
            return None
        truth = _classes_of(block, label, classes)
        positives += int((truth == 1).sum())
        for name in [*found]:
            predicted = _classes_of(block, name, classes)
            if (predicted == _OTHER).any():
                del found[name]
                continue
            negatives, agree = int((predicted == 0).sum()), int((predicted == truth).sum())
            before = found[name]
            found[name] = PredictedColumn(name, before.negatives + negatives, before.agree + agree)
    return _Counted([*found.values()], positives)


def _blocks(sources: Collection[Source], projection: Projection) -> Iterator[Block]:
    for source in sources:
        yield from read_blocks(source, projection)


def _classes_of(block: Block, name: str, classes: tuple[str, ...]) -> IndexArray:
    """The class `(n,)` of each row of a column."""
    codes, words = encode_texts(block.columns[name])
    coder = SpellingCoder(classes)
    found = {code: _MISSING if word is None else coder.index(word) for code, word in words.items()}
    return np.asarray(by_code(codes, found, _MISSING)).astype(np.intp)
