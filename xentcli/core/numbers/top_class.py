"""Numbers of the label and the likeliest classes, as scikit-learn defines them, and of classes in an order.

Class k has rows of weight t_k, is predicted for rows of weight p_k, and rightly for h_k; W is the weight of all.
The confusion matrix is needed for none of them, so there may be any number of classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from xentcli.core.exact import ExactSums, mean, ratio, root_ratio
from xentcli.core.layout import FROM_TOP
from xentcli.core.numbers.standard_errors import TOO_FEW
from xentcli.core.state import ClassTotals
from xentcli.results.parts import ClassResult, Number

PLAIN = "needs plain labels"
_NAMES = ("balanced_accuracy", "macro_f1", "mcc", "cohen_kappa", "brier_skill")
_CERTAIN = "the labels, or the predicted classes, are all of one class"
_ONE_CLASS = "all rows are of one class"
_DEPENDENT = "its error is not known where rows depend on one another"


def top_class_numbers(
    totals: ClassTotals, per_class: Sequence[ClassResult], *, soft: bool, missing: dict[str, str]
) -> dict[str, Number]:
    """Those numbers, and the Brier score against that of always predicting the class mix.

    `missing` gets the reason for each number that is None.
    """
    if soft:
        missing |= dict.fromkeys((*_NAMES, *map(_top_k, FROM_TOP)), PLAIN)
        return {}
    sums = (totals.labels.weight, totals.tops.weight, totals.hits.weight, totals.places.weight)
    labels, tops, right, places = _in_one_unit(sums)
    weight, hits = sum(labels), sum(right)
    by_chance = sum(own * top for own, top in zip(labels, tops, strict=True))
    labels_vary = weight**2 - sum(own * own for own in labels)
    tops_vary = weight**2 - sum(top * top for top in tops)
    found = {
        "balanced_accuracy": mean([row.recall for row in per_class if row.recall is not None]),
        "macro_f1": mean([row.f1 for row in per_class if row.f1 is not None]),
        "mcc": _correlation(hits * weight - by_chance, labels_vary * tops_vary),
        "cohen_kappa": _share(hits * weight - by_chance, weight**2 - by_chance),
        "brier_skill": _brier_skill(totals, labels_vary, weight),
    }
    reasons = {"mcc": _CERTAIN, "cohen_kappa": _ONE_CLASS, "brier_skill": _ONE_CLASS}
    missing |= {name: reason for name, reason in reasons.items() if found[name] is None}
    return found | _top_k_accuracies(places, len(labels), weight, missing)


def _in_one_unit(sums: Sequence[ExactSums]) -> list[list[int]]:
    """The totals of each in one unit, as large as they allow: of many classes, long integers are slow."""
    found = [each.small_totals() for each in sums]
    least = min(power for _, power in found)
    return [[total << (power - least) for total in totals] for totals, power in found]


def _top_k(k: int) -> str:
    return f"top_{k}_accuracy"


def _top_k_accuracies(
    places: Sequence[int], classes: int, weight: int, missing: dict[str, str]
) -> dict[str, Number]:
    """The share of rows whose label is among the k likeliest classes; None where that is all classes."""
    missing |= {_top_k(k): f"needs more than {k} classes" for k in FROM_TOP if classes <= k}
    within = zip(FROM_TOP, accumulate(places), strict=True)
    return {_top_k(k): ratio(rows, weight) for k, rows in within if classes > k}


def ranked_probability(
    totals: ClassTotals, *, ordinal: bool, dependent: bool, missing: dict[str, str]
) -> dict[str, Number]:
    """The ranked probability score of ordered classes, and its standard error unless rows are `dependent`."""
    if not ordinal:
        missing |= dict.fromkeys(("rps", "rps_se"), "needs --ordinal")
        return {}
    se = None if dependent else totals.rps.standard_error()
    if se is None:
        missing["rps_se"] = _DEPENDENT if dependent else TOO_FEW
    return {"rps": totals.rps.mean(), "rps_se": se}


def f1_of(hits: int, own: int, top: int) -> Number:
    """2 h / (t + p) of one class, from 0 to 1; None for a class without rows that is never predicted."""
    return _share(2 * hits, own + top)


def _share(part: int, whole: int) -> Number:
    return ratio(part, whole) if whole else None


def _correlation(covariance: int, variances: int) -> Number:
    """C / sqrt(v) from -1 to 1, of the product v of two variances; None where one of these is 0."""
    if not variances:
        return None
    size = root_ratio(covariance**2, variances)
    return -size if covariance < 0 else size


def _brier_skill(totals: ClassTotals, labels_vary: int, weight: int) -> Number:
    """1 - Brier score / sum pi (1 - pi), which is halved for two classes as the score is; None for one class."""
    brier = totals.brier.mean()
    if not labels_vary or brier is None:
        return None
    classes = totals.labels.rows.size
    return 1.0 - brier / ratio(labels_vary, (2 if classes == 2 else 1) * weight**2)
