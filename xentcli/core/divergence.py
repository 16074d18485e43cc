"""Two models' predictions of the same rows: how far they are apart, without labels, and exact totals of that.

Formulas: `native/diverge.h`. With labels, also what became of the probability of the true class.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.accumulator import KINDS
from xentcli.core.batch import Batch, BoolArray, IndexArray, Policy, RowScores
from xentcli.core.cells import LossCells
from xentcli.core.clusters import Clusters
from xentcli.core.exact import ExactSums, FloatArray, Merging, count_or_sum
from xentcli.core.moments import Moments
from xentcli.core.paired import Paired

SUMS = ("kl_reverse", "js", "tv", "entropy_change")  # means over all rows; an infinite one counts 0


class RowDivergence(Struct, frozen=True, eq=False):
    """How far Q, the prediction of NEW for a row, is from P, that of BASE; all `(n,)`, information in nats."""

    kl: FloatArray  # KL(P || Q) >= 0; infinite where Q gives a class probability 0 that P does not
    kl_reverse: FloatArray  # KL(Q || P), likewise
    js: FloatArray  # Jensen-Shannon, 0 to log 2
    tv: FloatArray  # total variation, 0 to 1
    max_dp: FloatArray  # the largest |Q_k - P_k|
    entropy_change: FloatArray  # H(Q) - H(P)
    same_top: FloatArray  # 1 where both have the same top class, else 0
    weights: FloatArray | None = None  # None: ones

    def where(self, rows: BoolArray | IndexArray) -> Self:
        """Some of the rows."""
        arrays = {name: getattr(self, name) for name in self.__struct_fields__}
        return replace(self, **{name: a[rows] for name, a in arrays.items() if a is not None})


def diverge_rows(base: Batch, new: Batch, order: IndexArray, policy: Policy) -> RowDivergence:
    """How far the rows of two batches are apart; their scores are sound.

    Class k of `new` is class `order[k]` of `base`; the weights are those of `new`.
    """
    base_scores, new_scores = (
        (kernel.Scores(KINDS[each.kind], policy.normalize, tolerance=policy.sum_tolerance), each.scores)
        for each in (base, new)
    )
    found, _ = kernel.diverge(base_scores, new_scores, order)
    return RowDivergence(**dict(zip(kernel.DIVERGENCES, found, strict=True)), weights=new.weights)


class Largest(Struct, frozen=True):
    """The largest values of any row. `merge` is commutative and associative with `Largest()` as identity."""

    kl: float = 0.0  # of the finite ones
    max_dp: float = 0.0

    def merge(self, other: Self) -> Self:
        """The largest of both sets of rows."""
        return type(self)(max(self.kl, other.kl), max(self.max_dp, other.max_dp))


class TrueClassChange(Merging, frozen=True):
    """Of rows with labels: dp = Q_y - P_y of the true class y, and the paired losses."""

    dp: Moments
    squares: ExactSums  # sum w dp^2
    paired: Paired

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        return cls(Moments.empty(), ExactSums.empty(), Paired.empty())

    @classmethod
    def of(cls, base: RowScores, new: RowScores, codes: IndexArray | None, names: Sequence[str | None]) -> Self:
        """Of rows that both models scored against plain labels; clusters as `Paired.of` has them."""
        dp, w = _probability_change(base, new), new.weights
        squares = dp * dp if w is None else w * dp * dp
        return cls(Moments.of_values(dp, w), ExactSums.of(squares), Paired.of(new, base, codes, names))


def _probability_change(base: RowScores, new: RowScores) -> FloatArray:
    change: FloatArray = new.known("label_share") - base.known("label_share")
    return change


class Divergence(Merging, frozen=True):
    """Sufficient statistics of how far two models are apart.

    `merge` is commutative and associative with `Divergence.empty()` as identity.
    """

    kl: Moments  # over the rows of finite KL divergence
    same_top: Moments  # over all rows
    sums: ExactSums  # (4,): sum w x of the SUMS
    infinite: int  # rows of infinite KL divergence
    infinite_weight: ExactSums
    reverse_infinite: int
    cells: LossCells  # of the finite KL divergences
    largest: Largest
    clusters: Clusters  # totals of kl, same_top and, with labels, dp
    true_class: TrueClassChange  # empty without labels

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        one, none = Moments.empty(), ExactSums.empty()
        sums, cells = ExactSums.empty(len(SUMS)), LossCells.empty()
        return cls(one, one, sums, 0, none, 0, cells, Largest(), Clusters(), TrueClassChange.empty())

    @classmethod
    def of(
        cls,
        rows: RowDivergence,
        scores: tuple[RowScores, RowScores] | None = None,
        codes: IndexArray | None = None,
        names: Sequence[str | None] = (),
    ) -> Self:
        """The state of rows, all of positive weight; `scores` are BASE's and NEW's, where rows have labels.

        With clusters, row i is of cluster `names[codes[i]]`.
        """
        w, finite = rows.weights, np.isfinite(rows.kl)
        infinite = int(np.count_nonzero(~finite))
        kl, w_finite = (rows.kl, w) if not infinite else (rows.kl[finite], None if w is None else w[finite])
        values = np.stack([_finite(getattr(rows, name)) for name in SUMS])
        clusters = Clusters()
        if codes is not None:
            more = [] if scores is None else [_probability_change(*scores)]
            clusters = Clusters.of([_finite(rows.kl), rows.same_top, *more], w, codes, names)
        return cls(
            kl=Moments.of_values(kl, w_finite),
            same_top=Moments.of_values(rows.same_top, w),
            sums=ExactSums.of_rows(values if w is None else values * w),
            infinite=infinite,
            infinite_weight=count_or_sum(None if w is None else w[~finite], infinite),
            reverse_infinite=int(np.count_nonzero(np.isinf(rows.kl_reverse))),
            cells=LossCells.of(kl, w_finite),
            largest=Largest(float(kl.max(initial=0.0)), float(rows.max_dp.max(initial=0.0))),
            clusters=clusters,
            true_class=TrueClassChange.empty() if scores is None else TrueClassChange.of(*scores, codes, names),
        )

    @property
    def rows(self) -> int:
        """Number of rows of positive weight."""
        return self.same_top.rows

    @property
    def labelled(self) -> bool:
        """Whether the rows have labels."""
        return self.true_class.dp.rows > 0


def _finite(x: FloatArray) -> FloatArray:
    finite: FloatArray = np.where(np.isfinite(x), x, 0.0)
    return finite
