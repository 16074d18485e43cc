"""Rows to fit recalibrations to, each of which may stand for several of one prediction and label."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.core.clusters import spread
from xentcli.core.exact import FloatArray
from xentcli.core.kept_rows import Rows
from xentcli.core.numbers.softmax import log_softmax


class FitRows(Struct, frozen=True, eq=False):
    """Rows of finite loss, or those of one log-odds and label as one; order decides the last bits of a fit.

    `log_q` `(K, n)` is log softmax, -inf only for classes that did not happen. `log_odds` `(n,)` of class 1 are
    there for two classes only. `weights`, `squares` and `counts` `(n,)` are sum w > 0, sum w^2 and the number of
    rows. Rows of one number in `clusters` `(n,)` depend on one another.
    """

    log_q: FloatArray
    labels: IndexArray
    weights: FloatArray
    squares: FloatArray
    counts: FloatArray
    log_odds: FloatArray | None = None
    clusters: IndexArray | None = None

    @classmethod
    def of(
        cls,
        scores: FloatArray,
        labels: IndexArray,
        weights: FloatArray | None = None,
        clusters: IndexArray | None = None,
    ) -> Self:
        """Single rows: log-odds of class 1 `(n,)` of two classes, or `(K, n)`, log q short of a constant a row."""
        two = scores.ndim == 1
        log_q = log_softmax(np.minimum(np.stack([-scores, scores]), 0.0) if two else scores)
        w = np.ones(labels.size) if weights is None else weights
        return cls(log_q, labels, w, w * w, np.ones(labels.size), scores if two else None, clusters)

    @classmethod
    def counted(cls, log_odds: FloatArray, weights: FloatArray, squares: FloatArray, counts: FloatArray) -> Self:
        """Two classes by distinct log-odds `(m,)` of class 1: totals `(2, m)` of rows of class 0 and of class 1.

        Totals where an infinite log-odds was wrong are left out, as those of no weight are.
        """
        x, label = np.tile(log_odds, 2), np.repeat(np.arange(2), log_odds.size)
        keep = np.flatnonzero((weights.ravel() > 0) & (np.where(label == 1, -x, x) < np.inf))
        rows = cls.of(x[keep], label[keep], weights.ravel()[keep])
        return cls(
            rows.log_q, rows.labels, rows.weights, squares.ravel()[keep], counts.ravel()[keep], rows.log_odds
        )

    @classmethod
    def join(cls, parts: Sequence[Self]) -> Self:
        """The rows of all parts, one part after the other."""
        arrays: dict[str, Any] = {}
        for name in cls.__struct_fields__:
            of_parts = [getattr(part, name) for part in parts]
            arrays[name] = None if of_parts[0] is None else np.concatenate(of_parts, axis=-1)
        return cls(**arrays)

    @property
    def classes(self) -> int:
        """K."""
        return len(self.log_q)

    @property
    def entries(self) -> int:
        """How many, n."""
        return int(self.labels.size)

    @property
    def present(self) -> bool:
        """Whether every class happened."""
        return bool(np.bincount(self.labels, minlength=self.classes).all())

    def kernel_rows(self) -> Rows:
        """As the fits of the breakdown take them; a copy."""
        return Rows(self.log_q.copy(), self.labels, None, self.weights)

    def losses(self) -> FloatArray:
        """Loss `(n,)` of the predictions as they stand, in nats."""
        return -self.log_q[self.labels, np.arange(self.entries)] + 0.0

    def mean(self, values: FloatArray) -> float:
        """Weighted mean of values `(n,)`."""
        return float((self.weights * values).sum() / self.weights.sum())

    def standard_error(self, values: FloatArray) -> float | None:
        """Of the weighted mean of values `(n,)`; weights are sampling weights. None for fewer than two rows.

        sqrt(n/(n-1) sum w^2 (x - mean)^2) / sum w; with G clusters sqrt(G/(G-1) sum (sum w (x - mean))^2) / sum w.
        """
        residuals, whole = values - self.mean(values), float(self.weights.sum())
        largest = float(np.abs(residuals).max()) or 1.0  # whose square may be beyond float64
        residuals /= largest
        if self.clusters is not None:
            present, number = np.unique(self.clusters, return_inverse=True)
            if present.size < 2:
                return None
            sums = np.bincount(number, self.weights * residuals).astype(np.float64) / whole
            return spread(sums) * largest if sums.any() else 0.0
        rows = float(self.counts.sum())
        if rows < 2:
            return None
        found = float(np.sqrt(rows / (rows - 1) * (self.squares * residuals * residuals).sum()) / whole) * largest
        return found if math.isfinite(found) else None  # squares of weights beyond float64
