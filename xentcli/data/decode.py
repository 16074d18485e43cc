"""From a block of columns to a batch: labels become class indices, scores float64, classes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from xentcli.core.exact import FloatArray
from xentcli.core.scores import Batch, Finding, IndexArray, Policy
from xentcli.data.columns import Columns, Layout, ScoreColumns
from xentcli.data.labels import LabelCoder, loose
from xentcli.data.source import Block

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_NEGATIVES = ("0", "-1", "false")  # what goes with a positive class "1" or "true" when nothing names it
_POSITIVES = ("1", "true")
_UNKNOWN, _MISSING, _IGNORED = -1, -2, -3


@dataclass(frozen=True, eq=False)
class Decoded:
    """A batch of the rows that can be read, which rows of the block those are, and what the others lack.

    `labels` gives, for two classes with one score column, each class index by the label texts seen.
    """

    batch: Batch
    rows: IndexArray  # (n,): row number in the block of each row of the batch
    findings: tuple[Finding, ...]  # in row numbers of the block
    unknown: dict[str, IndexArray]  # rows of each label that no class has
    labels: dict[str, int]
    skipped: int
    ignored: int


@dataclass
class _Rows:
    """What is known of the rows of a block while it is decoded."""

    findings: list[Finding] = field(default_factory=list)
    missing: list[BoolArray] = field(default_factory=list)  # rows that lack a label, target or score
    broken: list[BoolArray] = field(default_factory=list)  # rows that cannot be read for another reason

    def lacking(self, code: str, mask: BoolArray | None, score: int = -1) -> None:
        """Note rows that lack a value."""
        if mask is not None and mask.any():
            self.missing.append(mask)
            self.findings += _finding(code, mask, score)

    def unreadable(self, code: str, mask: BoolArray, values: FloatArray | None = None) -> None:
        """Note rows whose value cannot be used."""
        if mask.any():
            self.broken.append(mask)
            self.findings += _finding(code, mask, -1, values)


class Decoder:
    """Decodes the blocks of one input; remembers the label texts it has met."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self._columns = columns
        self._policy = policy
        self._known: dict[str, int] = {}
        self._ignored = frozenset(loose(text) for text in policy.ignored_labels)
        self._class_weights = {loose(name): weight for name, weight in policy.class_weights}
        coder = LabelCoder(columns.classes, columns.ordered) if columns.classes is not None else None
        self._index = coder.index if coder is not None else self._single_index

    def decode(self, block: Block) -> Decoded:
        """Turn the arrays of a block into numbers."""
        columns, noted = self._columns, _Rows()
        labels: IndexArray | None = None
        weights = _plain(block, columns.weight, "weight_missing", noted)
        unknown: dict[str, IndexArray] = {}
        ignored = np.zeros(block.rows, np.bool_)
        if columns.label is not None:
            labels, factors, unknown = self._labels(block.columns[columns.label], noted)
            ignored = labels == _IGNORED
            if self._class_weights:
                weights = factors if weights is None else weights * factors
        scores = _matrix(block, columns.scores, "score_missing", noted)
        targets = None
        if columns.targets is not None:
            targets = _matrix(block, columns.targets, "target_missing", noted)
        sizes = _plain(block, columns.bytes, "bytes_missing", noted)
        batch = Batch(columns.kind, scores, labels, weights, targets, sizes)
        return self._kept(batch, noted, ignored, unknown)

    def _kept(self, batch: Batch, noted: _Rows, ignored: BoolArray, unknown: dict[str, IndexArray]) -> Decoded:
        """Leave out what is ignored or, if the policy says so, missing; what is broken is left to its finding."""
        skipped = np.zeros(batch.rows, np.bool_)
        findings = [_without(each, ignored) for each in noted.findings]
        if self._policy.skip_missing:
            for mask in (*noted.missing, np.isnan(batch.scores).any(axis=0)):
                skipped |= mask
            skipped &= ~ignored
            findings = [
                each for each in findings if not each.code.endswith("_missing") or each.code in _NEVER_SKIPPED
            ]
        out = ignored | skipped
        for mask in (*noted.missing, *noted.broken):
            out |= mask
        if batch.labels is not None:
            out |= batch.labels < 0
        rows = np.arange(batch.rows)
        if out.any():
            batch, rows = batch.where(~out), rows[~out]
        return Decoded(
            batch,
            rows,
            tuple(each for each in findings if each.rows.size),
            unknown,
            dict(self._known),
            int(np.count_nonzero(skipped)),
            int(np.count_nonzero(ignored)),
        )

    def _labels(self, column: pa.Array, noted: _Rows) -> tuple[IndexArray, FloatArray, dict[str, IndexArray]]:
        """Class index (or what stands in its place) and class weight of each row, and the rows by unknown text."""
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        words = texts(column.dictionary)
        for word in words:
            if word is not None and word not in self._known:
                self._known[word] = _IGNORED if loose(word) in self._ignored else self._index(word)
        codes = stored(column.indices).astype(np.intp, copy=False)
        null = null_mask(column.indices)
        if null is not None:
            codes = np.where(null, len(words), codes)
        table = [_MISSING if word is None else self._known[word] for word in words]
        labels = np.array([*table, _MISSING], np.intp)[codes]
        noted.lacking("label_missing", labels == _MISSING)
        factors = np.ones(0)
        if self._class_weights:
            by_word = [self._class_weights.get(loose(word or ""), 1.0) for word in words]
            factors = np.array([*by_word, 1.0])[codes]
        unknown: dict[str, IndexArray] = {}
        if (labels == _UNKNOWN).any():
            present = np.unique(codes[labels == _UNKNOWN])
            unknown = {str(words[code]): np.flatnonzero(codes == code) for code in present[:1000].tolist()}
        self._known = {word: index for word, index in self._known.items() if index >= 0}
        return labels, factors, unknown

    def _single_index(self, text: str) -> int:
        """1 for the positive class of one score column, 0 for any other label."""
        positive = self._columns.positive
        if positive is not None:
            return int(text == positive or loose(text) == loose(positive))
        key = loose(text)
        return 1 if key in _POSITIVES else 0 if key in _NEGATIVES else _UNKNOWN


_NEVER_SKIPPED = ("weight_missing", "bytes_missing")


def texts(values: pa.Array) -> Sequence[str | None]:
    """Labels of any type as text, the way a text file would hold them."""
    if pa.types.is_floating(values.type):
        return [_float_text(value) for value in values.to_pylist()]
    if not pa.types.is_string(values.type):
        values = values.cast(pa.string())
    words: list[str | None] = values.to_pylist()
    return [word or None for word in words]


def _float_text(value: float | None) -> str | None:
    if value is None or value != value:
        return None
    return f"{value:.0f}" if value.is_integer() else repr(value)


def _matrix(block: Block, columns: ScoreColumns, code: str, noted: _Rows) -> FloatArray:
    """Scores `(K, n)` of a block, however its columns hold them."""
    if columns.layout is Layout.LIST:
        return _listed(block.columns[columns.names[0]], columns, code, noted)
    arrays = [block.columns[columns.names[0]]] if columns.layout is Layout.STRUCT else []
    if columns.layout is Layout.STRUCT:
        whole = arrays[0]
        noted.lacking(code, null_mask(whole))
        arrays = [whole.field(name) for name in columns.order]
    else:
        arrays = [block.columns[name] for name in columns.names]
    values = np.empty((len(arrays), block.rows))
    for k, array in enumerate(arrays):
        values[k], null = numbers(array)
        noted.lacking(code, null, k)
    return values


def _listed(column: pa.Array, columns: ScoreColumns, code: str, noted: _Rows) -> FloatArray:
    """Scores `(K, n)` from one list a row; a list of another length, or with a null inside, is unreadable."""
    rows, size = len(column), columns.size
    null = null_mask(column)
    noted.lacking(code, null)
    if pa.types.is_fixed_size_list(column.type):
        flat = column.values.slice(column.offset * size, rows * size)
        starts = np.arange(rows, dtype=np.int64) * size
        lengths = np.full(rows, size)
    else:
        offsets = np.frombuffer(column.buffers()[1], column.offsets.type.to_pandas_dtype())
        offsets = offsets[column.offset : column.offset + rows + 1].astype(np.int64)
        flat = column.values.slice(int(offsets[0]), int(offsets[-1] - offsets[0]))
        starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
    values, inner_null = numbers(flat)
    wrong = lengths != size
    if null is not None:
        wrong &= ~null
    noted.unreadable("list_length", wrong, lengths.astype(np.float64))
    whole = ~wrong if null is None else ~(wrong | null)
    if whole.all() and rows and starts[-1] - starts[0] == (rows - 1) * size:
        block = values[starts[0] : starts[0] + rows * size].reshape(rows, size)
        holes = None if inner_null is None else inner_null[starts[0] : starts[0] + rows * size].reshape(rows, size)
    else:
        at = np.where(whole, starts, 0)[:, None] + np.arange(size)
        at = np.minimum(at, max(0, values.size - 1))
        block = values[at] if values.size else np.zeros((rows, size))
        holes = None if inner_null is None else inner_null[at]
    if holes is not None:
        noted.lacking(code, holes.any(axis=1) & whole)
    return np.ascontiguousarray(block.T, dtype=np.float64)


def _plain(block: Block, name: str | None, code: str, noted: _Rows) -> FloatArray | None:
    if name is None:
        return None
    values, null = numbers(block.columns[name])
    noted.lacking(code, null)
    return values


def numbers(column: pa.Array) -> tuple[FloatArray, BoolArray | None]:
    """Values as float64 before any arithmetic, and where they are null (None if nowhere)."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    values = column.cast(pa.float64(), safe=False) if column.type != pa.float64() else column
    return stored(values), null_mask(column)


def stored(column: pa.Array) -> np.ndarray[tuple[int], np.dtype[Any]]:
    """What a primitive column holds, whatever stands where it is null; no copy.

    Arrow's own `to_numpy` and `fill_null` would turn integers with nulls into floats, and load pandas.
    """
    values = np.frombuffer(column.buffers()[1] or b"", column.type.to_pandas_dtype())
    return values[column.offset : column.offset + len(column)]


def null_mask(column: pa.Array) -> BoolArray | None:
    """Where a column is null; None if nowhere."""
    if not column.null_count:
        return None
    if column.buffers()[0] is None:  # a column of type null
        return np.ones(len(column), np.bool_)
    valid = np.unpackbits(np.frombuffer(column.buffers()[0], np.uint8), bitorder="little")
    mask: BoolArray = valid[column.offset : column.offset + len(column)] == 0
    return mask


def _without(finding: Finding, ignored: BoolArray) -> Finding:
    keep = ~ignored[finding.rows]
    return Finding(finding.code, finding.rows[keep], finding.scores[keep], finding.values[keep])


def _finding(code: str, mask: BoolArray, score: int, values: FloatArray | None = None) -> Iterator[Finding]:
    rows = np.flatnonzero(mask)
    found = np.full(rows.size, np.nan) if values is None else values[rows]
    yield Finding(code, rows, np.full(rows.size, score), found)
