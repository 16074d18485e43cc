"""The counts that every curve starts from: predictions of two classes, and how often each class happened."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core.exact import ONE, ExactSums, FloatArray, ratio
from xentcli.core.mixing import HashArray
from xentcli.core.numbers.isotonic import pool_with_ends
from xentcli.core.numbers.softmax import probabilities_of
from xentcli.core.odds.cells import OddsCells

_SIGN = np.uint64(1 << 63)


class OddsCounts(Struct, frozen=True, eq=False):
    """What happened at each of m predictions, by rising prediction; weights up to a common factor."""

    keys: HashArray  # (m,): the bits of the log-odds in their order, ascending and all different
    predictions: FloatArray  # (m,): predicted probability of class 1, 0 to 1
    positive: FloatArray  # (m,): weight of class 1
    negative: FloatArray  # (m,): weight of class 0
    squares: FloatArray  # (m,): sum of the squared weights of the rows

    @classmethod
    def of(cls, odds: OddsCells, squares: OddsCells | None = None) -> Self:
        """Those of a state; where log-odds are in cells, in the middle of each.

        `squares` has the squared weights in place of weights where `odds` was made from sums of several rows.
        """
        log_odds, positive, negative, _ = odds.keys()
        found = odds.squares()
        of_rows: FloatArray = np.zeros(log_odds.size)
        np.add.at(of_rows, found.key, found.positive + found.negative)
        positive, negative = (np.ldexp(each, -found.power) for each in (positive, negative))
        if squares is not None:
            _, one, other, _ = squares.keys()
            of_rows = np.ldexp(one + other, -2 * found.power)
        bits = log_odds.view(np.uint64)
        keys = np.where(bits & _SIGN, ~bits, bits | _SIGN)
        return cls(keys, probabilities_of(log_odds), positive, negative, of_rows)

    @property
    def weight(self) -> FloatArray:
        """Of both classes `(m,)`."""
        return self.positive + self.negative

    def independent_rows(self) -> FloatArray:
        """How many rows of equal weight each prediction `(m,)` counts for (Kish 1965): whole numbers, at least 1.

        Those are (sum w)^2 / sum w^2; 1 where squares are too small for float64.
        """
        squares = np.where(self.squares > 0, self.squares, np.inf)
        rows: FloatArray = np.maximum(np.rint(self.weight * (self.weight / squares)), 1.0)
        return rows

    def recalibrated(self) -> FloatArray:
        """The share of class 1 `(m,)`, 0 to 1, that the isotonic fit gives each prediction."""
        return isotonic_shares(self.positive, self.negative)

    def pooled(self, most: int) -> Self:
        """At most so many predictions: those of the same leading bits become their mean."""
        shift, groups = np.uint64(0), self.keys
        while (first := _starts(groups)).size > most:
            shift += np.uint64(1)
            groups = self.keys >> shift
        if not shift:
            return self
        group = np.repeat(np.arange(first.size), np.diff(first, append=groups.size))
        sums = [
            ExactSums.of(each, group, first.size).totals()
            for each in (self.predictions * self.weight, self.positive, self.negative, self.squares)
        ]
        means = [ratio(q, p + n) for q, p, n in zip(*sums[:3], strict=True)]
        totals = (np.array([ratio(each, ONE) for each in of_groups]) for of_groups in sums[1:])
        return type(self)(groups[first], np.array(means), *totals)


def isotonic_shares(positive: FloatArray, negative: FloatArray) -> FloatArray:
    """The share of class 1 `(m,)` in the isotonic fit to these weights `(m,)`, each of some weight."""
    up, down, ends = pool_with_ends(positive, negative)
    shares: FloatArray = np.repeat(up / (up + down), np.diff(ends, prepend=0))
    return shares


def _starts(keys: HashArray) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Where a key differs from the one before."""
    return np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
