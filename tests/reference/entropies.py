"""Entropies of label and prediction, and what compares the loss with them."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.losses import log_loss
from tests.reference.means import classes, mean, of_class, share, weight_of
from tests.reference.numbers import Real, add, log, mp, real
from tests.reference.rows import Row


def entropy_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Entropies of label and forecast, and what compares the loss with them."""
    se = overconfidence_se(rows)
    excess = add([log_loss(rows), -predictive_entropy(rows)])
    return {
        "label_entropy": label_entropy(rows),
        "predictive_entropy": predictive_entropy(rows),
        "overconfidence": excess,
        "overconfidence_se": se,
        "overconfidence_z": excess / se if se else None,
        "marginal_kl": marginal_kl(rows),
        "skill": skill(rows),
        "normalized_entropy": normalized_entropy(rows),
    }


def label_shares(rows: Sequence[Row]) -> list[Fraction]:
    """Class mix: pi = mean t."""
    return [share(of_class(rows, k), rows) for k in classes(rows)]


def forecast_shares(rows: Sequence[Row]) -> list[Real]:
    """Mean forecast: mean q / sum q."""
    return [mean(rows, [mp.exp(row.log_r[k]) for row in rows]) for k in classes(rows)]


def label_entropy(rows: Sequence[Row]) -> Real:
    """H(pi) = -sum pi log pi, 0 log 0 = 0."""
    return -sum(real(pi) * log(pi) for pi in label_shares(rows) if pi > 0)


def entropy(row: Row) -> Real:
    """H(q / sum q)."""
    return -sum(mp.exp(x) * x for x in row.log_r if x > -mp.inf)


def predictive_entropy(rows: Sequence[Row]) -> Real:
    """Mean H(q / sum q)."""
    return mean(rows, [entropy(row) for row in rows])


def surprise_variance(row: Row) -> Real:
    """Var = sum q log^2 q - H(q)^2 = sum over pairs j < k of q_j q_k (log q_j - log q_k)^2.

    The second form (Lagrange's identity) is exactly 0 for a uniform forecast.
    """
    x = [value for value in row.log_r if value > -mp.inf]
    q = [mp.exp(value) for value in x]
    return sum((q[j] * q[k] * (x[j] - x[k]) ** 2 for k in range(len(x)) for j in range(k)), mp.zero)


def overconfidence_se(rows: Sequence[Row]) -> Real:
    """sqrt(sum w^2 Var) / W; None with infinite rows."""
    if log_loss(rows) == mp.inf:
        return None
    total = sum(real(row.weight) ** 2 * surprise_variance(row) for row in rows)
    return mp.sqrt(total) / real(weight_of(rows))


def marginal_kl(rows: Sequence[Row]) -> Real:
    """KL(pi || mean q) = sum pi log pi - sum pi log mean q; infinite if a class seen is never forecast."""
    pairs = zip(label_shares(rows), forecast_shares(rows), strict=True)
    return add(real(pi) * x for pi, q in pairs if pi > 0 for x in (log(pi), -mp.log(q)))


def normalized_entropy(rows: Sequence[Row]) -> Real:
    """log_loss / label_entropy; None if all labels are of one class."""
    return log_loss(rows) / label_entropy(rows) if label_entropy(rows) else None


def skill(rows: Sequence[Row]) -> Real:
    """1 - log_loss / label_entropy; None if all labels are of one class, or with infinite rows."""
    ratio = normalized_entropy(rows)
    return None if ratio in (None, mp.inf) else add([mp.one, -ratio])
