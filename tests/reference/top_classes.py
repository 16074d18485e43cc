"""Numbers of label and predicted class, from their table of weights, as scikit-learn defines them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.decisions import brier_scores
from tests.reference.means import classes, mean, of_class, share, standard_error, weight_of
from tests.reference.numbers import Real, add, mp, one_minus_exp, real
from tests.reference.rows import Row


def top_class_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """All of them; None where a denominator is 0."""
    parts = [(of_class(rows, k), [row for row in rows if row.top == k]) for k in classes(rows)]
    recalls = [share([row for row in own if row.correct], own) for own, _ in parts if own]
    f1s = [f1 for k in classes(rows) if (f1 := f1_of(rows, k)) is not None]
    agreement = share([row for row in rows if row.correct], rows)
    chance = sum((share(own, rows) * share(top, rows) for own, top in parts), Fraction(0))
    return {
        "balanced_accuracy": sum(recalls) / len(recalls),
        "macro_f1": sum(f1s) / len(f1s),
        "mcc": correlation(rows),
        "cohen_kappa": None if chance == 1 else (agreement - chance) / (1 - chance),
        "brier_skill": brier_skill(rows),
        **{f"top_{k}_accuracy": top_k_accuracy(rows, k) for k in (2, 3, 5)},
    }


def top_k_accuracy(rows: Sequence[Row], k: int) -> Fraction | None:
    """Share of rows whose label is among the k classes of the highest scores, the first in a tie; None up to k."""
    within = [row for row in rows if row.label in sorted(classes(rows), key=lambda c: (-row.scores[c], c))[:k]]
    return share(within, rows) if len(classes(rows)) > k else None


def ranked_probability(rows: Sequence[Row]) -> dict[str, Real]:
    """Mean sum over k < K of (Q_k - T_k)^2 / (K - 1), of q / sum q, and its standard error."""
    values = []
    for row in rows:
        misses = [one_minus_exp(x) if k == row.label else -mp.exp(x) for k, x in enumerate(row.log_r)]
        cumulated = [add(misses[: k + 1]) for k in range(len(misses) - 1)]
        values.append(sum(miss**2 for miss in cumulated) / len(cumulated))
    return {"rps": mean(rows, values), "rps_se": standard_error(rows, values)}


def f1_of(rows: Sequence[Row], k: int) -> Fraction | None:
    """2 hits / (rows of the class + rows predicted as it), by weight; None without either."""
    own, top = of_class(rows, k), [row for row in rows if row.top == k]
    both = weight_of(own) + weight_of(top)
    return 2 * weight_of([row for row in own if row.correct]) / both if both else None


def correlation(rows: Sequence[Row]) -> Real:
    """Covariance of the indicators of label and top class over the root of their variances, summed by class."""

    def covariance(a: Sequence[int], b: Sequence[int]) -> Fraction:
        total = Fraction(0)
        for k in classes(rows):
            x, y = ([Fraction(each == k) for each in given] for given in (a, b))
            total += average([i * j for i, j in zip(x, y, strict=True)]) - average(x) * average(y)
        return total

    def average(values: Sequence[Fraction]) -> Fraction:
        return sum((row.weight * x for row, x in zip(rows, values, strict=True)), Fraction(0)) / weight_of(rows)

    labels, tops = [row.label for row in rows], [row.top for row in rows]
    variances = covariance(labels, labels) * covariance(tops, tops)
    return real(covariance(labels, tops)) / mp.sqrt(real(variances)) if variances else None


def brier_skill(rows: Sequence[Row]) -> Real:
    """1 - Brier score / that of the class mix, both halved for two classes; None for one class."""
    mix = [share(of_class(rows, k), rows) for k in classes(rows)]
    of_mix = sum(((i == k) - pi) ** 2 * mix[i] for i in classes(rows) for k, pi in enumerate(mix))
    if not of_mix:
        return None
    return add([mp.one, -mean(rows, brier_scores(rows)) / real(of_mix / (2 if len(mix) == 2 else 1))])
