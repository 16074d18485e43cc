"""What BASE and NEW say of a row beside their scores must be the same: its label, weight and bytes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from xentcli.columns.columns import Columns
from xentcli.columns.labels import normal_spelling
from xentcli.core.batch import Batch, IndexArray
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import categorical_texts
from xentcli.decoding.decode import DecodedBlock
from xentcli.decoding.groups import cell_text
from xentcli.decoding.tally import EXAMPLES, Example, Tally
from xentcli.errors import ContentError
from xentcli.sources.arrays import BoolArray
from xentcli.sources.source import Block
from xentcli.wording import first_of

CLOSE = 1e-6  # relative, of weights; absolute, of targets: so much may two files round a number differently


def keep_shared_rows(new: DecodedBlock, base: DecodedBlock) -> tuple[DecodedBlock, DecodedBlock]:
    """The rows that both could read; what either left out counts as left out of both."""
    if new.rows.size == base.rows.size and bool((new.rows == base.rows).all()):
        return new, base
    _, own, other = np.intersect1d(new.rows, base.rows, assume_unique=True, return_indices=True)
    return _only(new, own), _only(base, other)


def _only(decoded: DecodedBlock, keep: IndexArray) -> DecodedBlock:
    return replace(
        decoded,
        batch=decoded.batch.where(keep),
        rows=decoded.rows[keep],
        skipped=decoded.skipped + decoded.rows.size - keep.size,
        slices=tuple(each.where(keep) for each in decoded.slices),
        cluster=None if decoded.cluster is None else decoded.cluster.where(keep),
    )


class Agreement:
    """Compares what two inputs say of the same rows; class k of BASE is class `classes[k]` of NEW."""

    def __init__(self, base: Columns, classes: IndexArray) -> None:
        self._base, self._classes = base, classes

    def check(
        self, place: int, blocks: tuple[Block, Block], own: Columns, new: DecodedBlock, base: DecodedBlock
    ) -> Tally:
        """The rows of a block of NEW's input `place`, of columns `own`, that differ, by what they differ in.

        `new` and `base` hold the rows common to both.
        """
        tally = Tally()
        for code, rows, column, other in self._found(blocks, own, new, base):
            if rows.size:
                first = rows[:EXAMPLES].tolist()
                examples = [_example(place, blocks, row, column or "", other or "") for row in first]
                tally = tally.plus(f"{code}_differ", None, rows.size, examples)
        return tally

    def _found(
        self, blocks: tuple[Block, Block], own: Columns, new: DecodedBlock, base: DecodedBlock
    ) -> Iterator[tuple[str, IndexArray, str | None, str | None]]:
        other = self._base
        if own.label is not None and other.label is not None:
            rows = np.sort(
                np.concatenate(
                    [
                        new.rows[self._labels(new.batch, base.batch)],
                        _differing_texts(blocks, (own.label, other.label), new),
                    ]
                )
            )
            yield "labels", rows, own.label, other.label
        if own.targets is not None and other.targets is not None:
            yield (
                "targets",
                new.rows[self._targets(new.batch, base.batch)],
                own.targets.names[0],
                other.targets.names[0],
            )
        yield "weights", new.rows[_numbers_differ(new.batch.weights, base.batch.weights)], own.weight, other.weight
        yield "bytes", new.rows[_numbers_differ(new.batch.sizes, base.batch.sizes)], own.bytes, other.bytes

    def _labels(self, new: Batch, base: Batch) -> BoolArray:
        if new.labels is None or base.labels is None:
            return np.zeros(new.rows, np.bool_)
        differ: BoolArray = new.labels != self._classes[base.labels]
        return differ

    def _targets(self, new: Batch, base: Batch) -> BoolArray:
        if new.targets is None or base.targets is None:
            return np.zeros(new.rows, np.bool_)
        moved = np.empty_like(_of_both_classes(base.targets))
        moved[self._classes] = _of_both_classes(base.targets)
        differ: BoolArray = np.logical_or.reduce(np.abs(_of_both_classes(new.targets) - moved) > CLOSE, axis=0)
        return differ


def _differing_texts(blocks: tuple[Block, Block], labels: tuple[str, str], new: DecodedBlock) -> IndexArray:
    """Rows that were left out or could not be read, and whose labels are two different texts."""
    left = np.setdiff1d(np.arange(blocks[0].rows), new.rows, assume_unique=True)
    if not left.size:
        return left
    place: dict[str, int] = {}
    codes = []
    for block, label in zip(blocks, labels, strict=True):
        found = categorical_texts(block.columns[label])
        numbers = [
            -1 if text is None else place.setdefault(normal_spelling(text), len(place)) for text in found.values
        ]
        codes.append(np.array(numbers, np.intp)[found.codes[left]])
    own, other = codes
    differ: IndexArray = left[(own != other) & (own >= 0) & (other >= 0)]
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


def _example(place: int, blocks: tuple[Block, Block], row: int, column: str, other: str) -> Example:
    new, base = blocks
    return Example(
        (place, new.where(row)),
        column,
        f"is {_cell(new, column, row)}, but {_cell(base, other, row)} in {base.where(row)}",
    )


def _cell(block: Block, column: str, row: int) -> str:
    text = cell_text(block, column, row)
    return "missing" if text is None else f'"{text}"'


_WHAT = {"labels": "label", "targets": "target", "weights": "weight", "bytes": "number of bytes"}


def refuse_disagreement(tally: Tally, on: str | None) -> None:
    """Raise a `ContentError` for the first kind of disagreement, with its first rows and their number."""
    for code, what in _WHAT.items():
        for entry in tally.of(f"{code}_differ").values():
            first, *others = entry.examples
            also = first_of([_place(each) for each in others], entry.count - 1)
            raise ContentError(
                f"{code}_differ",
                f"the {what} {first.value} ("
                f"{entry.count:,} of {tally.rows:,} rows differ{': also ' if others else ''}{also})",
                hint=_hint(on),
                where=first.where[1],
                column=first.column or None,
            )


def _place(example: Example) -> str:
    where = example.where[1]
    return f"line {where.line}" if where.line is not None else f"row {where.row}"


def _hint(on: str | None) -> str:
    if on is None:
        return "are the rows in the same order? --on COL matches them by an id"
    return f'is "{on}" the id of the rows, and are both files of the same labels?'
