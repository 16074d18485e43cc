"""The per-class table."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.losses import log_loss, total_log_loss
from tests.reference.means import of_class, share, weight_of
from tests.reference.numbers import Real, real
from tests.reference.rows import Row
from tests.reference.top_classes import f1_of


def class_metrics(rows: Sequence[Row], k: int, predicted_share: Real) -> dict[str, Real]:
    """The line of class k in the per-class table; what needs rows it does not have is None."""
    labelled = of_class(rows, k)
    forecast = [row for row in rows if row.top == k]
    hits = [row for row in labelled if row.correct]
    return {
        "rows": len(labelled),
        "share": share(labelled, rows),
        "predicted_share": predicted_share,
        "log_loss": log_loss(labelled) if labelled else None,
        "contribution": total_log_loss(labelled) / real(weight_of(rows)),
        "recall": share(hits, labelled) if labelled else None,
        "precision": share(hits, forecast) if forecast else None,
        "f1": f1_of(rows, k),
    }
