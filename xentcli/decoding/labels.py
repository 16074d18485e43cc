"""A column of labels, of any type, as class indices."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.columns.labels import NEGATIVES, NO_CLASS, POSITIVES, SpellingCoder, label_coder, normal_spelling
from xentcli.core.batch import IndexArray, Policy
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import by_code, encode_texts
from xentcli.decoding.missing_values import MissingValues
from xentcli.decoding.tally import SUBJECTS
from xentcli.sources.source import Column

MISSING, IGNORED = -2, -3  # what stands in the place of a class index, as `NO_CLASS` does


class Labels(Struct, frozen=True, eq=False):
    """The labels of a block."""

    indices: IndexArray  # (n,): class index, or NO_CLASS, MISSING, IGNORED
    factors: FloatArray | None  # (n,): class weights, None if there are none
    known: dict[str, int]  # class index of each text that has one
    unknown: dict[str | None, IndexArray]  # rows by text; of further texts under None
    ignored: dict[str, int]  # how many rows have each label that the policy ignores, as it spells it


class LabelReader:
    """Reads label columns by the classes and the policy of one input."""

    def __init__(
        self, columns: Columns, policy: Policy, spelled: MissingValues, *, any_spelling: bool = False
    ) -> None:
        self._spelled = spelled
        if columns.classes is None:
            self._class: Callable[[str], int] = partial(_class_of_one_score, columns.positive)
        elif any_spelling:
            self._class = SpellingCoder(columns.classes).index
        else:
            self._class = label_coder(columns.classes, columns.ordered).index
        self._ignored = frozenset((normal_spelling(text), self._class(text)) for text in policy.ignored_labels)
        self._exactly_ignored = frozenset(policy.ignored_labels)
        self._weight_of = _weight_of(columns, policy)

    def read(self, column: Column) -> Labels:
        """The labels of a block; a text is looked up once, and only if a row has it."""
        codes, words = encode_texts(column)
        words = self._without_spellings(codes, words)
        found = {code: MISSING if word is None else self._class_or_ignored(word) for code, word in words.items()}
        indices = by_code(codes, found, MISSING)
        factors = None
        if self._weight_of is not None:
            weights = {code: self._weight_of(words[code] or "", index) for code, index in found.items()}
            factors = by_code(codes, weights, 1.0)
        known = {word: found[code] for code, word in words.items() if word is not None and found[code] >= 0}
        unknown = {}
        if NO_CLASS in found.values():
            rows = np.flatnonzero(indices == NO_CLASS)
            unknown = _rows_by_text(rows, codes[rows], words)
        return Labels(indices, factors, known, unknown, self._count_ignored(codes, words, found))

    def _count_ignored(
        self, codes: IndexArray, words: Mapping[int, str | None], found: Mapping[int, float]
    ) -> dict[str, int]:
        rows: dict[str, int] = {}
        for code in (code for code, index in found.items() if index == IGNORED):
            word = words[code] or ""
            meant = (normal_spelling(word), self._class(word))
            for text in self._exactly_ignored:
                if text == word or (normal_spelling(text), self._class(text)) == meant:
                    rows[text] = rows.get(text, 0) + int(np.count_nonzero(codes == code))
        return rows

    def _without_spellings(self, codes: IndexArray, words: dict[int, str | None]) -> dict[int, str | None]:
        """The words with None for those that stand for a missing label, unless they are labels to be ignored."""
        spelled = {code: s for code, word in words.items() if (s := self._spelled.spelling(word)) is not None}
        spelled = {code: s for code, s in spelled.items() if self._class_or_ignored(words[code] or "") != IGNORED}
        self._spelled.count(codes, spelled)
        return {**words, **dict.fromkeys(spelled)} if spelled else words

    def _class_or_ignored(self, word: str) -> int:
        found = self._class(word)
        if self._ignored and (word in self._exactly_ignored or (normal_spelling(word), found) in self._ignored):
            return IGNORED  # in another spelling only where both are of one class: `True` and `true` may be two
        return found


def _rows_by_text(
    rows: IndexArray, codes: IndexArray, words: Mapping[int, str | None]
) -> dict[str | None, IndexArray]:
    """The rows `(n,)` of each text, `words[codes[i]]` being that of `rows[i]`.

    Of many texts only the SUBJECTS that come first in the alphabet are told apart, as `Tally` keeps no others,
    and the text of the first row; the rows of the others are together under None.
    """
    texts = {code: words[code] or "" for code in np.unique(codes).tolist()}
    kept = [None, *{*heapq.nsmallest(SUBJECTS, set(texts.values())), texts[int(codes[0])]}]
    place = {text: i for i, text in enumerate(kept)}
    groups = by_code(codes, {code: place.get(text, 0) for code, text in texts.items()}, 0)
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


def _class_of_one_score(positive: str | None, text: str) -> int:
    """1 for the positive class of one score column, 0 for others; where none is named, 0/1 and the like say."""
    spelling = normal_spelling(text)
    if positive is not None:
        return int(spelling == normal_spelling(positive))
    return 1 if spelling in POSITIVES else 0 if spelling in NEGATIVES else NO_CLASS
