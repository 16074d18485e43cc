"""What is computed from row losses alone."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.means import classes, mean, of_class, standard_error, weight_of, with_interval
from tests.reference.numbers import Real, add, mp, real
from tests.reference.rows import Row


def loss_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Everything that is computed from row losses alone."""
    losses = [row.loss for row in rows]
    return {
        **with_interval("log_loss", log_loss(rows), standard_error(rows, losses)),
        "total_log_loss": total_log_loss(rows),
        "bits_per_byte": None,  # tokens only
        "log_loss_finite": log_loss_finite(rows),
        "infinite_rows": losses.count(mp.inf),
        "macro_log_loss": macro_log_loss(rows),
        "loss_p50": loss_quantile(rows, 50),
        "loss_p90": loss_quantile(rows, 90),
        "loss_p99": loss_quantile(rows, 99),
        "loss_max": max(losses),
        "worst_1pct_share": worst_1pct_share(rows),
        "perplexity": mp.exp(log_loss(rows)),
        "target_entropy": mp.zero,
        "kl_divergence": log_loss(rows),
    }


def log_loss(rows: Sequence[Row]) -> Real:
    """Cross-entropy: mean l."""
    return mean(rows, [row.loss for row in rows])


def total_log_loss(rows: Sequence[Row]) -> Real:
    """Total: sum w l."""
    return add(real(row.weight) * row.loss for row in rows)


def log_loss_finite(rows: Sequence[Row]) -> Real:
    """Mean l over the rows of finite loss; None without such rows."""
    finite = [row for row in rows if row.loss < mp.inf]
    return log_loss(finite) if finite else None


def macro_log_loss(rows: Sequence[Row]) -> Real:
    """Plain mean of the log losses of the classes that have rows."""
    parts = [part for part in (of_class(rows, k) for k in classes(rows)) if part]
    return sum(log_loss(part) for part in parts) / len(parts)


def loss_quantile(rows: Sequence[Row], percent: int) -> Real:
    """Smallest l such that the rows of loss <= l have at least this percentage of the weight."""
    reached, enough = Fraction(0), weight_of(rows) * percent / 100
    for row in sorted(rows, key=lambda row: row.loss):
        reached += row.weight
        if reached >= enough:
            return row.loss
    raise AssertionError("all rows have all of the weight")


def worst_1pct_share(rows: Sequence[Row]) -> Real:
    """Share of the total in the 1 % of the weight with the largest losses, the boundary row in part.

    None if the total is zero or infinite.
    """
    total = total_log_loss(rows)
    if total in (0, mp.inf):
        return None
    left, worst = weight_of(rows) / 100, mp.zero
    for row in sorted(rows, key=lambda row: row.loss, reverse=True):
        taken = min(row.weight, left)
        left -= taken
        worst += real(taken) * row.loss
    return worst / total
