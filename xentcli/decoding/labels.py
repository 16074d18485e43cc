"""A column of labels, of any type, as class indices."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.columns.labels import NEGATIVES, POSITIVES, label_coder, normal_spelling
from xentcli.core.batch import IndexArray, Policy
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import encode_texts
from xentcli.decoding.tally import SUBJECTS

UNKNOWN, MISSING, IGNORED = -1, -2, -3  # what stands in the place of a class index


class Labels(Struct, frozen=True, eq=False):
    """The labels of a block."""

    indices: IndexArray  # (n,): class index, or UNKNOWN, MISSING, IGNORED
    factors: FloatArray | None  # (n,): class weights, None if there are none
    known: dict[str, int]  # class index of each text that has one
    unknown: dict[str, IndexArray]  # rows by text, for the texts that `rows_by_text` keeps


class LabelReader:
    """Reads label columns by the classes and the policy of one input."""

    def __init__(self, columns: Columns, policy: Policy) -> None:
        self._class: Callable[[str], int] = _single(columns.positive)
        if columns.classes is not None:
            self._class = label_coder(columns.classes, columns.ordered).index
        self._ignored = frozenset((normal_spelling(text), self._class(text)) for text in policy.ignored_labels)
        self._exactly_ignored = frozenset(policy.ignored_labels)
        self._weight_of = _weight_of(columns, policy)

    def read(self, column: pa.Array) -> Labels:
        """The labels of a block; a text is looked up once, and only if a row has it."""
        codes, present, words = encode_texts(column)
        found = [self._index(word) for word in words]
        by_code = np.full(max(codes.max(initial=0), present.max(initial=0)) + 1, MISSING)
        by_code[present] = found
        indices = by_code[codes]
        known = {word: index for word, index in zip(words, found, strict=True) if word and index >= 0}
        unknown = {}
        if UNKNOWN in found:
            rows = np.flatnonzero(indices == UNKNOWN)
            unknown = rows_by_text(rows, codes[rows], dict(zip(present.tolist(), words, strict=True)))
        return Labels(indices, self._factors(codes, present, words, found), known, unknown)

    def _index(self, word: str | None) -> int:
        if word is None:
            return MISSING
        found = self._class(word)
        if self._ignored and (word in self._exactly_ignored or (normal_spelling(word), found) in self._ignored):
            return IGNORED  # in another spelling only where both are of one class: `True` and `true` may be two
        return found

    def _factors(
        self, codes: IndexArray, present: IndexArray, words: Sequence[str | None], found: Sequence[int]
    ) -> FloatArray | None:
        if self._weight_of is None:
            return None
        by_code = np.ones(codes.max(initial=0) + 1)
        by_code[present] = [self._weight_of(word or "", index) for word, index in zip(words, found, strict=True)]
        factors: FloatArray = by_code[codes]
        return factors


def rows_by_text(rows: IndexArray, codes: IndexArray, texts: Mapping[int, str | None]) -> dict[str, IndexArray]:
    """The rows `(n,)` of each text, `texts[codes[i]]` being that of `rows[i]`.

    Of many texts only the SUBJECTS that come first in the alphabet are told apart, as `Tally` keeps no others,
    and the text of the first row; the rows of the others are together under "".
    """
    words = {code: texts[code] or "" for code in np.unique(codes).tolist()}
    kept = ["", *{*heapq.nsmallest(SUBJECTS, set(words.values())), words[int(codes[0])]}]
    group = np.zeros(max(words) + 1, np.intp)
    place = {text: i for i, text in enumerate(kept)}
    group[list(words)] = [place.get(text, 0) for text in words.values()]
    groups = group[codes]
    order = np.argsort(groups, kind="stable")
    pieces = np.split(rows[order], np.searchsorted(groups[order], np.arange(1, len(kept))))
    return {text: piece for text, piece in zip(kept, pieces, strict=True) if piece.size}


def _weight_of(columns: Columns, policy: Policy) -> Callable[[str, int], float] | None:
    """The weight of a label's class, given its text and its class index; None if there are no class weights."""
    if not policy.class_weights:
        return None
    if columns.classes is None:  # the labels will name the two classes of one score column, as they are spelled
        by_name = {normal_spelling(name): weight for name, weight in policy.class_weights}
        return lambda word, index: by_name.get(normal_spelling(word), 1.0)
    named = label_coder(columns.classes, False)
    by_class = {named.index(name): weight for name, weight in policy.class_weights}
    return lambda word, index: by_class.get(index, 1.0) if index >= 0 else 1.0


def _single(positive: str | None) -> Callable[[str], int]:
    """1 for the positive class of one score column, 0 for any other label."""

    def is_positive(text: str) -> int:
        return int(text == positive or normal_spelling(text) == normal_spelling(positive or ""))

    def guess(text: str) -> int:
        key = normal_spelling(text)
        return 1 if key in POSITIVES else 0 if key in NEGATIVES else UNKNOWN

    return guess if positive is None else is_positive
