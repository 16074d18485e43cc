"""Standard errors where rows of one cluster (a user, a document) depend on one another.

sqrt(G/(G-1) sum over clusters (sum over its rows w (x - mean))^2) / sum w, for G clusters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Self

import numpy as np

from xentcli.core.exact import ExactSums, FloatArray, IntArray, ratio
from xentcli.core.row_scores import RowScores, TokenScores
from xentcli.core.scores import IndexArray
from xentcli.frozen import frozen

QUANTITIES = ("log_loss", "accuracy", "brier")
Totals = tuple[int, ...]  # sum w, then sum w x of each quantity, in units of 2^-1074


@frozen
class Clusters:
    """Exact totals by cluster. `merge` is commutative and associative with `Clusters()` as identity."""

    totals: dict[str, Totals] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: RowScores | TokenScores, codes: IndexArray, names: Sequence[str | None]) -> Self:
        """Totals of a block of rows; row i is of cluster `names[codes[i]]`.

        An infinite loss counts 0: with one there is no standard error of the log loss, but of the others.
        """
        values = [np.where(np.isfinite(rows.loss), rows.loss, 0.0)]
        if isinstance(rows, RowScores) and rows.targets is None:
            values += [(rows.top == rows.labels).astype(float), rows.brier]
        sums = [_by_cluster(None, rows.weights, codes, len(names))]
        sums += [_by_cluster(value, rows.weights, codes, len(names)) for value in values]
        by_name = zip(names, zip(*sums, strict=True), strict=True)
        return cls({name: totals for name, totals in by_name if name is not None and totals[0]})

    def merge(self, other: Self) -> Self:
        """The totals of both sets of rows."""
        return type(self)(added(self.totals, other.totals))

    def standard_errors(self) -> dict[str, float]:
        """The standard error of each quantity; nothing for fewer than two clusters."""
        groups = list(self.totals.values())
        if len(groups) < 2:
            return {}
        weight = sum(totals[0] for totals in groups)
        found = {}
        for place, name in enumerate(QUANTITIES[: len(groups[0]) - 1], 1):
            whole = sum(totals[place] for totals in groups)
            # w (x - mean) summed over a cluster, times sum w; a fraction of sum w, rounded once
            spread = [ratio(t[place] * weight - t[0] * whole, weight * weight) for t in groups]
            found[name] = math.sqrt(len(groups) / (len(groups) - 1) * math.fsum(s * s for s in spread))
        return found


def _by_cluster(x: FloatArray | None, weights: FloatArray | None, codes: IndexArray, clusters: int) -> list[int]:
    """Sum w x of each cluster; of the weights if x is None."""
    if x is None:
        if weights is None:
            return ExactSums.of_counts(_counts(codes, clusters)).totals()
        return ExactSums.of(weights, codes, clusters).totals()
    return ExactSums.of(x if weights is None else x * weights, codes, clusters).totals()


def _counts(codes: IndexArray, clusters: int) -> IntArray:
    return np.bincount(codes, minlength=clusters).astype(np.int64)


def added(one: Mapping[str, Totals], other: Mapping[str, Totals]) -> dict[str, Totals]:
    """The totals by cluster of both sets of rows."""
    fewer, more = sorted((one, other), key=len)
    merged = dict(more)
    for name, totals in fewer.items():
        before = merged.get(name)
        merged[name] = totals if before is None else tuple(map(sum, zip(before, totals, strict=True)))
    return merged
