"""Several models on the same rows: exact totals of what each loses, and of the products of every two of them.

With x_k the row loss of model k and a_k = w x_k, the sums of a_i a_j, a_k w and w^2 give the mean of x_i - x_j and
its standard error for every two models, and all that `paired` says of two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from typing import Self

import numpy as np

from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.clusters import Clusters, ClusterTotals, residuals, spread
from xentcli.core.exact import UNIT_EXPONENT, ExactSums, FloatArray, IntArray, Merging, ratio, root_ratio
from xentcli.core.pair_products import PairProducts, pair_of
from xentcli.core.paired import Paired, PairMoments, finite_losses, quantities_of

_OTHERS = ("accuracy", "brier")  # what is compared with the base alone


class JointMoments(Merging, frozen=True):
    """Sufficient statistics of (w_i, x_i1, ..., x_iK), each a_k = w x_k rounded once; without weights w = 1.

    `merge` is commutative and associative with `JointMoments.empty(K)` as identity.
    """

    rows: int
    sums: ExactSums  # (K + 1,): sum a_k, then sum w
    products: PairProducts  # sums of the products of every two of these

    @classmethod
    def empty(cls, count: int) -> Self:
        """The identity of `merge`, for so many models."""
        return cls(0, ExactSums.empty(count + 1), PairProducts.empty(count + 1))

    @classmethod
    def of(cls, values: FloatArray, weights: FloatArray | None) -> Self:
        """Moments of values `(K, n)`, finite, with weights `(n,)` > 0 or None for ones."""
        w = np.ones(values.shape[1]) if weights is None else weights
        terms = np.concatenate([values if weights is None else values * w, w[None]])
        return cls(w.size, ExactSums.of_rows(terms), PairProducts.of(terms))

    def pair(self, new: int, base: int, differing: int) -> PairMoments:
        """The moments of two of the models; `differing` is in how many rows they differ."""
        w = self.sums.groups - 1
        weight, own, other = (self.sums.between(slice(k, k + 1)) for k in (w, new, base))
        pairs = ((new, new), (base, base), (new, base), (new, w), (base, w), (w, w))
        products = [self.products.of_pair(*each) for each in pairs]
        return PairMoments(self.rows, differing, weight, own, other, *products)


class Joint(Merging, frozen=True):
    """Sufficient statistics of K models on the same rows; an infinite loss counts 0 among the moments.

    `merge` is commutative and associative with `Joint.empty(K)` as identity.
    """

    losses: JointMoments
    accuracy: tuple[PairMoments, ...]  # of each model against the base; nothing without a base
    brier: tuple[PairMoments, ...]  # likewise
    clusters: Clusters  # totals of w, of the losses of each model and, with a base, of its hits and Brier scores
    lower: IntArray  # (K, K): rows where model i loses less than model j
    infinite: IntArray  # (K,): rows of infinite loss

    @classmethod
    def empty(cls, count: int, *, based: bool = False) -> Self:
        """The identity of `merge`, for so many models."""
        others = (PairMoments.empty(),) * count if based else ()
        lower, infinite = np.zeros((count, count), np.int64), np.zeros(count, np.int64)
        return cls(JointMoments.empty(count), others, others, Clusters(), lower, infinite)

    @classmethod
    def of(
        cls,
        models: Sequence[RowScores],
        base: int | None,
        codes: IndexArray | None = None,
        names: Sequence[str | None] = (),
    ) -> Self:
        """The state of rows that all models scored, of positive weight; the weights are those of the first.

        With clusters, row i is of cluster `names[codes[i]]`. Model `base` is what the others are compared with.
        """
        weights, loss = models[0].weights, np.stack([each.loss for each in models])
        finite, others = finite_losses(loss), [list(quantities_of(each)) for each in models if base is not None]
        clusters, values = Clusters(), [*finite, *chain.from_iterable(others)]
        if codes is not None:
            clusters = Clusters.of(values, weights, codes, names)
        accuracy = brier = (PairMoments.empty(),) * len(others)
        if base is not None and others[0]:
            accuracy, brier = (
                tuple(PairMoments.of(each[at], others[base][at], weights) for each in others) for at in (0, 1)
            )
        lower = np.array([[np.count_nonzero(one < two) for two in loss] for one in loss], np.int64)
        infinite = np.count_nonzero(np.isinf(loss), axis=1).astype(np.int64)
        return cls(JointMoments.of(finite, weights), accuracy, brier, clusters, lower, infinite)

    @property
    def count(self) -> int:
        """K."""
        return len(self.infinite)

    @property
    def rows(self) -> int:
        """How many."""
        return self.losses.rows

    def differing(self, one: int, two: int) -> int:
        """Rows where two models lose other amounts."""
        return int(self.lower[one, two] + self.lower[two, one])

    def against(self, new: int, base: int) -> Paired:
        """The state of two of the models. Rows that are infinite for both count as such for each.

        Of accuracy and Brier score only against the base of this state.
        """
        moments = {name: getattr(self, name)[new] for name in _OTHERS if getattr(self, name)}
        empty = dict.fromkeys(_OTHERS, PairMoments.empty())
        wins, losses = int(self.lower[new, base]), int(self.lower[base, new])
        return Paired(
            log_loss=self.losses.pair(new, base, wins + losses),
            **{**empty, **moments},
            clusters=self._clusters(new, base),
            wins=wins,
            losses=losses,
            ties=self.rows - wins - losses,
            new_infinite=int(self.infinite[new]),
            base_infinite=int(self.infinite[base]),
            both_infinite=0,
        )

    def _clusters(self, new: int, base: int) -> Clusters:
        """The totals of two models, as `Paired` has them."""
        whole = self.clusters.whole
        if whole is None:
            return Clusters()
        weights, *sums = whole.sums
        each = (len(sums) - self.count) // self.count  # quantities of a model beside its loss
        places = [new, base]
        for quantity in range(each):
            places += [self.count + each * model + quantity for model in (new, base)]
        return Clusters((ClusterTotals(whole.keys, (weights, *(sums[place] for place in places))),))


class PairErrors:
    """The mean difference of the losses of two models of a state, and its error, for every two in turn."""

    def __init__(self, state: Joint, *, clustered: bool) -> None:
        self._state, self._clustered = state, clustered
        self.n = state.clusters.count if clustered else state.rows  # rows, or clusters

    def difference(self, new: int, base: int) -> float:
        """Mean of the loss of one less that of the other, rounded once."""
        sums, weight = self._totals[0], self._totals[0][-1]
        return ratio(sums[new] - sums[base], weight)

    def error(self, new: int, base: int) -> float | None:
        """Its standard error, as `compare` has it; None for fewer than two rows, or clusters."""
        if self.n < 2:
            return None
        return self._of_clusters(new, base) if self._clustered else self._of_rows(new, base)

    def differing(self, new: int, base: int) -> int:
        """In how many rows, or clusters, the two differ."""
        if not self._clustered:
            return self._state.differing(new, base)
        return len(self._difference(new, base).carried().used_groups())

    @cached_property
    def _totals(self) -> tuple[list[int], list[int]]:
        """Sums in some unit, products of every two in its square: the largest that leaves them whole numbers."""
        moments = self._state.losses
        sums, products = moments.sums.totals(), moments.products.totals()
        extra = -3 * UNIT_EXPONENT  # products come in 2^(5 UNIT_EXPONENT)
        unit = min(_zeros(sums), (_zeros(products) - extra) // 2)
        return [_shifted(x, unit) for x in sums], [_shifted(x, 2 * unit + extra) for x in products]

    def _of_rows(self, new: int, base: int) -> float:
        """n/(n-1) sum w^2 (d - mean d)^2 / (sum w)^2: see `PairMoments.errors`."""
        sums, products = self._totals
        w, d = len(sums) - 1, sums[new] - sums[base]
        whole = sums[w]
        squares = products[pair_of(new, new)] - 2 * products[pair_of(new, base)] + products[pair_of(base, base)]
        cross = products[pair_of(w, new)] - products[pair_of(w, base)]
        spread = squares * whole**2 - 2 * cross * d * whole + products[pair_of(w, w)] * d**2
        return root_ratio(self.n * spread, (self.n - 1) * whole**4)

    def _of_clusters(self, new: int, base: int) -> float:
        assert self._state.clusters.whole is not None
        return spread(residuals(self._difference(new, base), self._state.clusters.whole.sums[0]))

    def _difference(self, new: int, base: int) -> ExactSums:
        """Totals of w (x - y) of each cluster."""
        assert self._state.clusters.whole is not None
        _, *sums = self._state.clusters.whole.sums
        return sums[new].merge(sums[base].negated())


def _zeros(totals: Sequence[int]) -> int:
    """How many binary digits at the end are 0 in all of them."""
    return min(((x & -x).bit_length() - 1 for x in totals if x), default=0)


def _shifted(x: int, places: int) -> int:
    return x >> places if places >= 0 else x << -places


def pairs(models: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Every two of them, in their order."""
    return ((one, two) for at, one in enumerate(models) for two in models[at + 1 :])
