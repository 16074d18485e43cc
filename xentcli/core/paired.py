"""Two models on the same rows: exact totals of what each scores, and of their products.

With x the row value of the new model, y that of the base (row loss, hit, Brier score), the mean of d = x - c y and
its standard error follow for any c, as sums of w^2 x^2, w^2 x y and w^2 y^2 are kept exactly. c = 1 is the paired
difference; another c is what a limit `baseline * c` compares.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from xentcli.core.exact import ONE, PRODUCT_ONE, ExactProducts, ExactSums, FloatArray, ratio, root_ratio
from xentcli.core.merging import Merging
from xentcli.core.row_scores import RowScores, TokenScores
from xentcli.core.scores import IndexArray

QUANTITIES = ("log_loss", "accuracy", "brier")
Totals = tuple[int, ...]  # sum w, then sum w x and sum w y of each quantity, in units of 2^-1074
Scored = RowScores | TokenScores


@dataclass(frozen=True)
class PairMoments(Merging):
    """Sufficient statistics of (w_i, x_i, y_i); a_i = w_i x_i and b_i = w_i y_i, rounded once.

    `merge` is commutative and associative with `PairMoments.empty()` as identity. Without weights w_i = 1.
    """

    rows: int
    weight: ExactSums  # sum w
    new: ExactSums  # sum a
    base: ExactSums  # sum b
    new_squares: ExactProducts  # sum a^2
    base_squares: ExactProducts  # sum b^2
    product: ExactProducts  # sum a b
    new_cross: ExactProducts  # sum a w
    base_cross: ExactProducts  # sum b w
    weight_squares: ExactProducts  # sum w^2

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one, products = ExactSums.empty(), ExactProducts.empty()
        return cls(0, one, one, one, *[products] * 6)

    @classmethod
    def of(cls, new: FloatArray, base: FloatArray, weights: FloatArray | None) -> Self:
        """Moments of two values `(n,)` a row, finite, with weights `(n,)` > 0 or None for ones."""
        a, b = (new, base) if weights is None else (weights * new, weights * base)
        whole, a_sum, b_sum = _count_or_sum(weights, new.size), ExactSums.of(a), ExactSums.of(b)
        squares = ExactProducts.of(a, a), ExactProducts.of(b, b), ExactProducts.of(a, b)
        crosses = (
            [ExactProducts.of_sums(each) for each in (a_sum, b_sum, whole)]
            if weights is None
            else [ExactProducts.of(each, weights) for each in (a, b, weights)]
        )
        return cls(new.size, whole, a_sum, b_sum, *squares, *crosses)

    def means(self) -> tuple[float, float]:
        """(base, new): the mean of each model's values. There is at least one row."""
        weight = self.weight.total()
        return ratio(self.base.total(), weight), ratio(self.new.total(), weight)

    def difference(self, c: float = 1.0) -> float:
        """Mean of x - c y, rounded once. There is at least one row."""
        p, q = c.as_integer_ratio()
        return ratio(q * self.new.total() - p * self.base.total(), q * self.weight.total())

    def standard_error(self, c: float = 1.0) -> float | None:
        """sqrt(n/(n-1) sum w^2 (d - mean d)^2) / sum w of d = x - c y; None for n < 2."""
        if self.rows < 2:
            return None
        p, q = c.as_integer_ratio()
        weight, total = self.weight.total(), q * self.new.total() - p * self.base.total()
        squares = (
            q * q * self.new_squares.total() - 2 * p * q * self.product.total() + p * p * self.base_squares.total()
        )
        cross = q * self.new_cross.total() - p * self.base_cross.total()
        # q^2 sum (a - c b - mean w)^2, times (sum w)^2 so that it stays an integer: it cannot come out negative.
        spread = squares * weight**2 - 2 * cross * total * weight + self.weight_squares.total() * total**2
        return root_ratio(self.rows * spread * ONE**2, (self.rows - 1) * PRODUCT_ONE * weight**4 * q * q)


@dataclass(frozen=True)
class PairClusters:
    """Exact totals by cluster. `merge` is commutative and associative with `PairClusters()` as identity."""

    totals: dict[str, Totals] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        values: Sequence[tuple[FloatArray, FloatArray]],
        weights: FloatArray | None,
        codes: IndexArray,
        names: Sequence[str | None],
    ) -> Self:
        """Totals of values (new, base) `(n,)` of each quantity; row i is of cluster `names[codes[i]]`."""
        counts = np.bincount(codes, minlength=len(names)).astype(np.int64)
        sums = [ExactSums.of_counts(counts) if weights is None else ExactSums.of(weights, codes, len(names))]
        for value in itertools.chain.from_iterable(values):
            sums += [ExactSums.of(value if weights is None else weights * value, codes, len(names))]
        by_name = zip(names, zip(*(each.totals() for each in sums), strict=True), strict=True)
        return cls({name: totals for name, totals in by_name if name is not None and totals[0]})

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        fewer, more = sorted((self.totals, other.totals), key=len)
        merged = dict(more)
        for name, totals in fewer.items():
            before = merged.get(name)
            merged[name] = totals if before is None else tuple(map(sum, zip(before, totals, strict=True)))
        return type(self)(merged)

    def standard_error(self, place: int, c: float = 1.0) -> float | None:
        """sqrt(G/(G-1) sum over clusters (sum of w (d - mean d))^2) / sum w; None for fewer than two clusters."""
        groups = list(self.totals.values())
        if len(groups) < 2:
            return None
        p, q = c.as_integer_ratio()
        weight = sum(totals[0] for totals in groups)
        own = [q * totals[2 * place + 1] - p * totals[2 * place + 2] for totals in groups]
        whole = sum(own)
        pairs = zip(own, groups, strict=True)
        # sum of w (d - mean d) over a cluster, as a fraction of sum w, rounded once
        spread = [ratio(d * weight - totals[0] * whole, q * weight * weight) for d, totals in pairs]
        return math.sqrt(len(groups) / (len(groups) - 1) * math.fsum(s * s for s in spread))


@dataclass(frozen=True)
class Paired(Merging):
    """Sufficient statistics of a comparison.

    `merge` is commutative and associative with `Paired.empty()` as identity. An infinite loss counts 0 among the
    moments, so a row that is infinite for both models is a tie; how many there are is counted.
    """

    log_loss: PairMoments
    accuracy: PairMoments  # empty for tokens
    brier: PairMoments  # likewise
    clusters: PairClusters
    wins: int  # rows where the new model loses less
    losses: int
    ties: int
    new_infinite: int  # rows of infinite loss for the new model only
    base_infinite: int
    both_infinite: int

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one = PairMoments.empty()
        return cls(one, one, one, PairClusters(), *[0] * 6)

    @classmethod
    def of(
        cls, new: Scored, base: Scored, codes: IndexArray | None = None, names: Sequence[str | None] = ()
    ) -> Self:
        """The state of rows that both models scored, all of positive weight; the weights are those of `new`.

        With clusters, row i is of cluster `names[codes[i]]`.
        """
        values = list(_values(new, base))
        weights = new.weights
        moments = dict.fromkeys(QUANTITIES, PairMoments.empty())
        moments |= {name: PairMoments.of(x, y, weights) for name, (x, y) in zip(QUANTITIES, values, strict=False)}
        clusters = PairClusters() if codes is None else PairClusters.of(values, weights, codes, names)
        new_infinite, base_infinite = np.isinf(new.loss), np.isinf(base.loss)
        return cls(
            **moments,
            clusters=clusters,
            wins=_count(new.loss < base.loss),
            losses=_count(new.loss > base.loss),
            ties=_count(new.loss == base.loss),
            new_infinite=_count(new_infinite & ~base_infinite),
            base_infinite=_count(base_infinite & ~new_infinite),
            both_infinite=_count(new_infinite & base_infinite),
        )

    @property
    def rows(self) -> int:
        """Number of rows."""
        return self.log_loss.rows

    def moments(self, name: str) -> PairMoments:
        """The moments of one of QUANTITIES."""
        found: PairMoments = getattr(self, name)
        return found


def _values(new: Scored, base: Scored) -> Iterator[tuple[FloatArray, FloatArray]]:
    """The row values (new, base) of each quantity that there is."""
    yield _finite(new.loss), _finite(base.loss)
    if isinstance(new, RowScores) and isinstance(base, RowScores):
        yield _hits(new), _hits(base)
        yield new.brier, base.brier


def _finite(loss: FloatArray) -> FloatArray:
    finite: FloatArray = np.where(np.isfinite(loss), loss, 0.0)
    return finite


def _hits(rows: RowScores) -> FloatArray:
    """1 where the top class is right; with soft labels the target of the top class."""
    hits: FloatArray
    if rows.targets is None:
        hits = (rows.top == rows.labels).astype(np.float64)
    else:
        hits = rows.targets[rows.top, np.arange(rows.top.size)]
    return hits


def _count_or_sum(weights: FloatArray | None, rows: int) -> ExactSums:
    return ExactSums.of_counts(np.array([rows])) if weights is None else ExactSums.of(weights)


def _count(mask: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int:
    return int(np.count_nonzero(mask))
