"""All numbers of rows: metrics, the per-class table, what a class mix of reference changes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import scipy.special

from tests.reference.class_table import class_metrics
from tests.reference.decisions import accuracy_metrics, brier_metrics, brier_scores, ece, wilson
from tests.reference.entropies import entropy_metrics, forecast_shares, label_shares
from tests.reference.losses import loss_metrics
from tests.reference.means import classes, clustered_error, mean
from tests.reference.numbers import Number, Real, add, all_rounded, log, mp, real
from tests.reference.ordering import order_metrics
from tests.reference.rows import Row, Terms, read_rows
from tests.reference.top_classes import ranked_probability, top_class_metrics

UNEVEN = 10**30  # weights that differ by more: of the 60 digits too few are left once errors cancel


def score(
    labels: Sequence[int],
    scores: Sequence[Sequence[Number]],
    *,
    kind: str = "probability",
    weights: Sequence[float] | None = None,
    clip: float | None = None,
    normalize: bool = False,
    ordinal: bool = False,
) -> dict[str, object]:
    """All metrics and the per-class table: {"metrics": {name: value}, "per_class": [{...} per class]}."""
    everything = read_rows(labels, scores, kind, weights, Terms(clip, normalize))
    metrics = metrics_of(everything)
    if ordinal:
        metrics |= ranked_probability([row for row in everything if row.weight > 0])
    return {
        "metrics": all_rounded(metrics),
        "per_class": [all_rounded(line) for line in per_class([row for row in everything if row.weight > 0])],
    }


def per_class(rows: Sequence[Row]) -> list[dict[str, Real]]:
    """The line of each class, of rows of positive weight."""
    return [class_metrics(rows, k, q) for k, q in enumerate(forecast_shares(rows))]


def metrics_of(everything: Sequence[Row]) -> dict[str, Real]:
    """All metrics, of rows of which one at least has a positive weight."""
    rows = [row for row in everything if row.weight > 0]
    return {
        **loss_metrics(rows),
        **entropy_metrics(rows),
        **accuracy_metrics(rows),
        **brier_metrics(rows),
        **top_class_metrics(rows),
        **order_metrics(rows),
        "ece": ece(rows),
        "row_sum_effect": mean(rows, [row.log_sum for row in rows]),
        "rows": len(rows),
        "zero_weight_rows": len(everything) - len(rows),
        "ties": sum(row.tied for row in rows),
    }


def with_clusters(metrics: dict[str, Real], everything: Sequence[Row]) -> dict[str, Real]:
    """Intervals where rows of one cluster depend on one another: Student t with G - 1 degrees of freedom.

    The accuracy has Wilson's interval, for so many rows as give its standard error; for G where that is 0.
    """
    rows = [row for row in everything if row.weight > 0]
    weights = [row.weight for row in rows]
    if max(weights) > UNEVEN * min(weights):
        unsure = {f"{name}_{part}" for name in ("log_loss", "accuracy", "brier") for part in ("se", "low", "high")}
        return {name: value for name, value in metrics.items() if name not in unsure}
    size = len({row.cluster for row in rows})
    t = mp.mpf(float(scipy.special.stdtrit(size - 1, 0.975))) if size > 1 else mp.inf
    found = dict(metrics)
    hits = [mp.mpf(row.correct) for row in rows]
    values = {"log_loss": [row.loss for row in rows], "accuracy": hits, "brier": brier_scores(rows)}
    for name, each in values.items():
        value, se = metrics[name], clustered_error(rows, each)
        low = high = None
        if se is not None and name == "accuracy":
            low, high = wilson(value, real(value * (1 - value)) / se**2 if se else Fraction(size), t)
        elif se is not None:
            low, high = value - t * se, value + t * se
        found |= {f"{name}_se": se, f"{name}_low": low, f"{name}_high": high}
    return found | dict.fromkeys(("auc_se", "auc_low", "auc_high"))


def with_smoothing(metrics: dict[str, Real], everything: Sequence[Row], terms: Terms) -> dict[str, Real]:
    """Entropies of the targets (1 - e) [label] + e / K and of their mix, and what is taken against them.

    What compares the labels themselves with the predictions is left out: the loss is not theirs.
    """
    if not terms.smoothing:
        return metrics
    rows, e = [row for row in everything if row.weight > 0], Fraction(terms.smoothing)
    size = len(classes(rows))
    target = entropy([(1 - e) * (k == 0) + e / size for k in classes(rows)])
    mix = entropy([(1 - e) * pi + e / size for pi in label_shares(rows)])
    loss = metrics["log_loss"]
    ratio = loss / mix
    known = {name: value for name, value in metrics.items() if name not in ("marginal_kl", "overconfidence_se")}
    return known | {
        "target_entropy": target,
        "kl_divergence": add([loss, -target]),
        "label_entropy": mix,
        "normalized_entropy": ratio,
        "skill": None if ratio == mp.inf else add([mp.one, -ratio]),
        "overconfidence_se": None,
        "overconfidence_z": None,
    }


def with_prior(
    metrics: dict[str, Real], everything: Sequence[Row], prior: Sequence[float], terms: Terms
) -> dict[str, Real]:
    """Skill against always predicting the prior, whose loss is -sum pi log prior."""
    rows, e = [row for row in everything if row.weight > 0], Fraction(terms.smoothing)
    mix = [(1 - e) * pi + e / len(prior) for pi in label_shares(rows)]
    loss = add(-real(pi) * log(Fraction(q)) for pi, q in zip(mix, prior, strict=True) if pi > 0)
    known = mp.inf not in (loss, metrics["log_loss"]) and loss != 0
    return metrics | {
        "prior_log_loss": loss,
        "prior_gap": add([loss, -metrics["label_entropy"]]),
        "skill": add([mp.one, -metrics["log_loss"] / loss]) if known else None,
    }


def entropy(shares: Sequence[Fraction]) -> Real:
    """H(p) = -sum p log p, 0 log 0 = 0."""
    return -add(real(p) * log(p) for p in shares if p > 0)
