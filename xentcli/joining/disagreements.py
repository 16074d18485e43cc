"""What BASE and NEW say of a row beside their scores must be the same: its label, weight and bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce

import numpy as np
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.columns.labels import normal_spelling
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import categorical_texts
from xentcli.decoding.decode import DecodedBlock
from xentcli.decoding.filter import RowFilter
from xentcli.decoding.groups import cell_text
from xentcli.decoding.tally import EXAMPLES, Example, Tally
from xentcli.errors import ContentError
from xentcli.sources.arrays import BoolArray
from xentcli.sources.source import Block
from xentcli.wording import first_of

_NO_LABEL = 0  # the number of a missing text
CLOSE = 1e-6  # relative, of weights; absolute, of targets: so much may two files round a number differently


def keep_shared_rows(models: Sequence[DecodedBlock]) -> list[DecodedBlock]:
    """The rows that all models could read; what one left out counts as left out of all."""
    first = models[0].rows
    if all(each.rows.size == first.size and bool((each.rows == first).all()) for each in models[1:]):
        return list(models)
    if any(each.rows.size > np.unique(each.rows).size for each in models):
        raise ContentError(
            "token_counts", "the documents of the two models have different numbers of tokens",
            hint="tokens are compared one by one: both models need the same tokenizer",
        )  # fmt: skip
    shared = reduce(np.intersect1d, (each.rows for each in models))
    return [_keep(each, np.flatnonzero(np.isin(each.rows, shared))) for each in models]


def _keep(decoded: DecodedBlock, keep: IndexArray) -> DecodedBlock:
    return replace(decoded.where(keep), skipped=decoded.skipped + decoded.rows.size - keep.size)


class Agreement:
    """Compares what two inputs say of the same rows; class k of BASE is class `classes[k]` of NEW."""

    def __init__(self, base: Columns, classes: IndexArray) -> None:
        self._base, self._classes = base, classes

    def check(
        self, number: int, blocks: tuple[Block, Block], own: Columns, new: DecodedBlock, base: DecodedBlock
    ) -> Tally:
        """The rows of a block of NEW's input `number`, of columns `own`, that differ, by what they differ in.

        `new` and `base` hold the rows common to both.
        """
        tally = Tally()
        for code, rows, column, other in self._differences(blocks, own, new, base):
            if rows.size:
                first = rows[:EXAMPLES].tolist()
                examples = [_example(number, blocks, row, column or "", other or "") for row in first]
                tally = tally.plus(f"{code}_differ", None, rows.size, examples)
        return tally

    def check_filters(
        self, number: int, blocks: tuple[Block, Block], filters: tuple[RowFilter, RowFilter]
    ) -> Tally:
        """The rows that one input keeps and the other leaves out, by conditions on columns that both have."""
        tally = Tally()
        if not all(each.conditions for each in filters) or {*filters[0].conditions} != {*filters[1].conditions}:
            return tally
        new, base = (each.mask(block) for each, block in zip(filters, blocks, strict=True))
        rows = np.flatnonzero(new != base)
        if rows.size:
            places = [(row, blocks[1].where(row)) for row in rows[:EXAMPLES].tolist()]
            verbs = ("is left out by --where", "is kept by --where")
            examples = [
                Example((number, blocks[0].where(row)), "", f"{verbs[int(new[row])]}, unlike in {place}")
                for row, place in places
            ]
            tally = tally.plus("filters_differ", None, rows.size, examples)
        return tally

    def _differences(
        self, blocks: tuple[Block, Block], own: Columns, new: DecodedBlock, base: DecodedBlock
    ) -> Iterator[tuple[str, IndexArray, str | None, str | None]]:
        """What differs, in which rows of the block, and the columns of NEW and BASE."""
        other, (mine, theirs) = self._base, (new.batch, base.batch)
        if own.label is not None and other.label is not None:
            read: IndexArray = new.rows[:0]
            if mine.labels is not None and theirs.labels is not None:
                read = new.rows[mine.labels != self._classes[theirs.labels]]
            unread = _differing_texts(blocks, (own.label, other.label), new)
            yield "labels", np.sort(np.concatenate([read, unread])), own.label, other.label
        if mine.targets is not None and theirs.targets is not None and own.targets and other.targets:
            targets = _of_both_classes(theirs.targets)
            moved = np.empty_like(targets)
            moved[self._classes] = targets
            far = (np.abs(_of_both_classes(mine.targets) - moved) > CLOSE).any(axis=0)
            yield "targets", new.rows[far], own.targets.names[0], other.targets.names[0]
        yield "weights", new.rows[_numbers_differ(mine.weights, theirs.weights)], own.weight, other.weight
        yield "bytes", new.rows[_numbers_differ(mine.sizes, theirs.sizes)], own.bytes, other.bytes


def _differing_texts(blocks: tuple[Block, Block], labels: tuple[str, str], new: DecodedBlock) -> IndexArray:
    """Rows that were left out or could not be read, and whose labels are two different texts."""
    left = np.setdiff1d(np.arange(blocks[0].rows), new.rows, assume_unique=True)
    if not left.size:
        return left
    number: dict[str | None, int] = {None: _NO_LABEL}
    codes = []
    for block, label in zip(blocks, labels, strict=True):
        found = categorical_texts(block.columns[label])
        spelled = [None if text is None else normal_spelling(text) for text in found.values]
        by_code = np.array([number.setdefault(text, len(number)) for text in spelled], np.intp)
        codes.append(by_code[found.codes[left]])
    own, other = codes
    differ: IndexArray = left[(own != other) & (own != _NO_LABEL) & (other != _NO_LABEL)]
    return differ


def _of_both_classes(targets: FloatArray) -> FloatArray:
    return targets if len(targets) > 1 else np.stack([1.0 - targets[0], targets[0]])


def _numbers_differ(own: FloatArray | None, other: FloatArray | None) -> BoolArray | slice:
    """Where two numbers of the same row are not the same but for rounding; 0 is only 0."""
    if own is None or other is None:
        return slice(0)
    far = np.abs(own - other) > CLOSE * np.maximum(np.abs(own), np.abs(other))
    differ: BoolArray = far | ((own == 0) != (other == 0))
    return differ


def _example(number: int, blocks: tuple[Block, Block], row: int, column: str, other: str) -> Example:
    new, base = blocks
    words = f"is {_cell(new, column, row)}, but {_cell(base, other, row)} in {base.where(row)}"
    return Example((number, new.where(row)), column, words)


def _cell(block: Block, column: str, row: int) -> str:
    text = cell_text(block, column, row)
    return "missing" if text is None else f'"{text}"'


_WHAT = {"filters": "row", "labels": "label", "targets": "target", "weights": "weight", "bytes": "number of bytes"}


def refuse_disagreement(tally: Tally, rows: int, on: str | None) -> None:
    """Raise a `ContentError` for the first kind of disagreement, with its first places among so many rows."""
    for code, what in _WHAT.items():
        for entry in tally.of(f"{code}_differ").values():
            first, *others = entry.examples
            also = first_of([each.where[1].in_file for each in others], entry.count - 1)
            hint = "are the rows in the same order? --on COL matches them by an id"
            if on is not None:
                hint = f'is "{on}" the id of the rows, and are both files of the same labels?'
            raise ContentError(
                f"{code}_differ",
                f"the {what} {first.value} ("
                f"{entry.count:,} of {rows:,} rows differ{': also ' if others else ''}{also})",
                hint=hint,
                where=first.where[1],
                column=first.column or None,
            )
