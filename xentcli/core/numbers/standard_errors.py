"""Standard errors of the numbers of each class, for gates; nobody else pays for them.

Of class k, with log loss m: the sampling error of m over its rows, and its error if the predictions are right.
For the latter any row, whatever its label, is of class k with probability q and then loses l = -log q, so

    sqrt(sum over all rows of w^2 q (1 - q) (l - m)^2) / sum of w over the rows of class k

to first order in the ratio that m is. A class seldom met, and each time predicted with confidence, has its costly
rows among those whose prediction is of another class: the sample of its own rows does not know them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.batch import IndexArray, RowScores
from xentcli.core.clusters import Clusters, clustered_errors
from xentcli.core.exact import ONE, PRODUCT_ONE, ExactSums, FloatArray, Merging, ratio, root_ratio
from xentcli.core.numbers.distributions import student_t_quantile
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.intervals import Z95, wilson
from xentcli.results.parts import Basis, ClassBasis, ClassResult, Number

_SMALLEST, _LARGEST = 2.0**-480, 2.0**480  # whose products are exact


class ClassErrors(Merging, frozen=True):
    """Totals by class `(K,)`; `merge` is commutative and associative with `ClassErrors.empty(K)` as identity."""

    squares: ExactSums  # sum (w l)^2 over the rows of finite loss of the class
    cross: ExactSums  # sum w (w l)
    weight_squares: ExactSums  # sum w^2
    top_weight_squares: ExactSums  # the same over the rows whose top class it is
    spread_0: ExactSums  # sum w^2 q (1 - q) over all rows
    spread_1: ExactSums  # sum w^2 q (1 - q) l
    spread_2: ExactSums  # sum w^2 q (1 - q) l^2
    beyond: int = 0  # rows of weights or losses too large, or weights too small, for any of this

    @classmethod
    def empty(cls, classes: int = 0) -> Self:
        """The identity of `merge`, for K classes; with 0, as where they are not known, it equals no other."""
        none = ExactSums.empty(classes)
        return cls(none, none, none, none, none, none, none)

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """Totals of a block of rows with plain labels, all of positive weight."""
        w = np.ones(rows.loss.size) if rows.weights is None else rows.weights
        finite = np.isfinite(rows.loss)
        weighted = w * np.where(finite, rows.loss, 0.0)
        beyond = (weighted > _LARGEST) | (w < _SMALLEST) | (w > _LARGEST)
        if beyond.any():
            return replace(cls.of(rows.where(~beyond)), beyond=int(np.count_nonzero(beyond)))
        lost = np.where(weighted < _SMALLEST, 0.0, weighted)[finite]
        labels, classes = rows.known("labels"), rows.classes
        own = labels[finite]
        return cls(
            _products(lost, lost, own, classes),
            _products(lost, w[finite], own, classes),
            _products(w, w, labels, classes),
            _products(w, w, rows.known("top"), classes),
            *_spread(rows.known("shares"), w),
        )


def _products(a: FloatArray, b: FloatArray, group: IndexArray, groups: int) -> ExactSums:
    """Exact totals of a b by group, of factors that are 0 or within 2^-480 and 2^480."""
    product, error = kernel.products(a, b)
    return ExactSums.of(product, group, groups).merge(ExactSums.of(error, group, groups))


def _spread(q: FloatArray, w: FloatArray) -> tuple[ExactSums, ExactSums, ExactSums]:
    """Totals of w^2 q (1 - q) l^j for j = 0, 1, 2."""
    with np.errstate(divide="ignore"):
        loss = np.where(q > 0, -kernel.log(q), 0.0)
    term = w * w * q * (1.0 - q)
    once = term * loss
    return ExactSums.of_rows(term), ExactSums.of_rows(once), ExactSums.of_rows(once * loss)


def class_basis(errors: ClassErrors, state: ScoreState, per_class: Sequence[ClassResult]) -> dict[str, ClassBasis]:
    """What the bounds of each class rest on, in nats; nothing where that cannot be computed."""
    if errors.beyond or not per_class:
        return {}
    names = [row.name for row in per_class]
    labels, tops = state.classes.labels, state.classes.tops
    columns = zip(
        per_class,
        labels.rows.tolist(),
        labels.weight.totals(),
        tops.weight.totals(),
        state.classes.class_loss.totals(),
        *(_pad(getattr(errors, name), len(names)) for name in _TOTALS),
        strict=True,
    )
    found = {}
    for row, rows, weight, top_weight, loss, squares, cross, own, top, *spread in columns:
        found[row.name] = ClassBasis(
            log_loss_se=_sampling(rows, weight, loss, squares, cross, own),
            overconfidence_se=_expect(row.log_loss, weight, spread),
            recall_rows=_effective(weight, own),
            precision_rows=_effective(top_weight, top),
        )
    return found


_TOTALS = ("squares", "cross", "weight_squares", "top_weight_squares", "spread_0", "spread_1", "spread_2")


def _pad(sums: ExactSums, groups: int) -> list[int]:
    """The totals; sums of nothing may not know how many groups they have."""
    totals = sums.totals()
    return totals + [0] * (groups - len(totals))


def _sampling(rows: int, weight: int, loss: int, squares: int, cross: int, own: int) -> Number:
    """sqrt(n/(n-1) sum w^2 (l - m)^2) / sum w; None for n < 2."""
    if rows < 2:
        return None
    spread = squares * weight**2 - 2 * cross * loss * weight + own * loss**2
    return root_ratio(max(0, rows * spread * ONE), (rows - 1) * weight**4)


def _expect(mean: Number, weight: int, spread: Sequence[int]) -> Number:
    """The error of the mean if the predictions are right; None without rows or with an infinite mean."""
    if mean is None or math.isinf(mean):
        return None
    none, one, two = (ratio(each, ONE) for each in spread)
    return math.sqrt(max(0.0, two - 2 * mean * one + mean * mean * none)) / ratio(weight, ONE)


def _effective(weight: int, squares: int) -> float:
    """(sum w)^2 / sum w^2; 0 without rows."""
    return ratio(weight**2, squares * ONE) if squares else 0.0


Dependence = Clusters | RowMeans  # scores that are not independent of one another: of a cluster, or of a row
INFINITE = "rows of infinite loss"
TOO_FEW = "needs at least two rows"
_MOST_ROWS = 1e300  # what an error of nearly 0 amounts to
_FEW_CLUSTERS = "needs at least two clusters"


def intervals(
    state: ScoreState, values: Mapping[str, Any], clusters: Dependence | None, missing: dict[str, str]
) -> dict[str, Number]:
    """`_se`, `_low` and `_high` of the means in `values`; `missing` gets the reason for each that is None.

    With clusters, rows depend on one another within each, and intervals are Student's with a degree of freedom
    less than there are clusters. The accuracy has Wilson's interval, for so many rows as give its standard error.
    """
    found = _errors(state, values, clusters)
    z = Z95 if clusters is None else _t95(clusters.count)
    result: dict[str, Number] = {}
    for name in ("log_loss", "accuracy", "brier"):
        value, se = values[name], found.get(name)
        low = high = None
        if se is None or value == math.inf:
            reason = INFINITE if value == math.inf else TOO_FEW if clusters is None else _FEW_CLUSTERS
            missing |= dict.fromkeys((f"{name}_se", f"{name}_low", f"{name}_high"), reason)
            se = None
        elif name == "accuracy":
            low, high = wilson(value, _rows_for(value, se, state, clusters), z)
        else:
            low, high = value - z * se, value + z * se
        result |= {f"{name}_se": se, f"{name}_low": low, f"{name}_high": high}
    return result


def _errors(state: ScoreState, values: Mapping[str, Any], clusters: Dependence | None) -> Mapping[str, Number]:
    if isinstance(clusters, RowMeans):
        return clusters.errors()
    return _by_row(state, values) if clusters is None else clustered_errors(clusters)


def basis_of(state: ScoreState, values: Mapping[str, Any], clusters: Dependence | None) -> Basis:
    """What an interval of `values` at another level takes, once `intervals` has added its standard errors."""
    count = None if clusters is None else clusters.count
    share, se = values["accuracy"], values["accuracy_se"]
    rows = 0.0 if share is None or se is None else _rows_for(share, se, state, clusters)
    return Basis(rows, expected_error(state), count)


def expected_error(state: ScoreState) -> Number:
    """sqrt(sum w^2 Var) / sum w, in nats: the error of the log loss if the predictions are right; None for tokens.

    Of soft labels it is that of labels drawn from the predictions, which is no smaller; likewise with smoothing.
    """
    if not state.classes.tops.rows.size or state.losses.counts.infinite:
        return None
    return root_ratio(state.classes.entropy_variance.total() * ONE**2, state.losses.weight**2 * PRODUCT_ONE)


def _by_row(state: ScoreState, values: Mapping[str, Any]) -> dict[str, Number]:
    """Standard errors of rows that do not depend on one another; weights are sampling weights."""
    found = {"log_loss": state.losses.loss.standard_error()}
    if values["accuracy"] is not None:
        found["brier"] = state.classes.brier.standard_error()
        effective = state.classes.brier.effective_rows()
        right, weight = state.classes.hits.weight.total(), state.losses.weight
        found["accuracy"] = math.sqrt(ratio(right * (weight - right), weight**2) / effective)
    return found


def _rows_for(share: float, se: float, state: ScoreState, clusters: Dependence | None) -> float:
    """The number of independent rows whose share would have this standard error; clusters where that is 0."""
    if clusters is None:
        return state.classes.brier.effective_rows()
    return min(share * (1 - share) / se / se, _MOST_ROWS) if se > 0 else clusters.count


def _t95(clusters: int) -> float:
    return student_t_quantile(0.975, clusters - 1) if clusters > 1 else math.inf
