"""What stands for a missing value, in addition to the empty field and null: texts, and numbers of any spelling."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from msgspec.structs import replace

from xentcli.columns.labels import normal_spelling
from xentcli.core.batch import IndexArray
from xentcli.core.exact import FloatArray
from xentcli.decoding.categorical import MISSING_TEXT, Categorical
from xentcli.sources.arrays import BoolArray

SPELLED = "missing_spelled"  # a finding that only counts the values that are missing by a spelling
_NUMBER = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|[+-]?(?:nan|inf|infinity)", re.I | re.A)


class MissingValues:
    """Finds such values in the columns of blocks, and counts those of each spelling until they are taken."""

    def __init__(self, spellings: Sequence[str]) -> None:
        self._spellings = {normal_spelling(spelling): spelling for spelling in spellings}
        self._numbers = {each: float(each) for each in spellings if _NUMBER.fullmatch(each)}
        self._found: Counter[str] = Counter()

    def take(self, spelled: Mapping[str, int]) -> Mapping[str, int]:
        """How many were found since the last time, with those that are `spelled` so where numbers stand."""
        found = self._found + Counter(spelled)
        self._found = Counter()
        return found

    def spelling(self, word: str | None) -> str | None:
        """The spelling that a text is, if it is one."""
        return None if word is None or not self._spellings else self._spellings.get(normal_spelling(word))

    def count(self, codes: IndexArray, spellings: Mapping[int, str]) -> None:
        """Count the rows whose codes stand for spellings."""
        for code, spelling in spellings.items():
            self._found[spelling] += int(np.count_nonzero(codes == code))

    def drop(self, column: Categorical[str | None]) -> Categorical[str | None]:
        """The column, of whose values the code 0 is None, with such texts as missing ones."""
        if not self._spellings:
            return column
        found = {code: s for code, word in enumerate(column.values) if (s := self.spelling(word)) is not None}
        if not found:
            return column
        self.count(column.codes, found)
        return replace(column, codes=np.where(np.isin(column.codes, [*found]), MISSING_TEXT, column.codes))

    def numbers(self, values: FloatArray, null: BoolArray | None) -> BoolArray | None:
        """Where a column of numbers is null or holds such a number; None if nowhere."""
        for spelling, number in self._numbers.items():
            there: BoolArray = np.isnan(values) if number != number else np.equal(values, number)
            there = there if null is None else there & ~null
            if there.any():
                self._found[spelling] += int(np.count_nonzero(there))
                null = there if null is None else null | there
        return null
