"""A pandas frame, and scikit-learn's metrics."""

from __future__ import annotations

import json
import sys
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy.special import entr, softmax
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss, precision_recall_fscore_support

from tests.benchmarks.peers import CLASSES, LOGITS, THREADS


def main(form: str, work: str, path: str) -> None:
    """Print the numbers of the file."""
    pa.set_cpu_count(THREADS)
    frame = pd.read_csv(path, engine="pyarrow") if path.endswith("csv") else pd.read_parquet(path)
    if work == "two_class":
        names = ["no", "yes"]
        y = (frame["label"] == "yes").to_numpy(dtype=int)  # faster than labels that are text
        p = np.column_stack([1 - frame["prob_yes"], frame["prob_yes"]])
    else:
        names = list(map(str, CLASSES))
        y = frame["label"].to_numpy()
        p = softmax(frame[LOGITS].to_numpy(), axis=1)
    top = p.argmax(axis=1)
    found = {"log_loss": log_loss(y, p, labels=range(len(names))), "accuracy": accuracy_score(y, top)}
    print(json.dumps(found if form == "bare" else found | more(y, p, top, names)))


def more(y: Any, p: Any, top: Any, names: list[str]) -> dict[str, Any]:
    """What xent says besides, from the row losses where scikit-learn has no function for it."""
    classes = range(len(names))
    losses = -np.log(p[np.arange(len(y)), y])
    by_class = pd.Series(losses).groupby(y).mean()
    precision, recall, _, rows = precision_recall_fscore_support(y, top, labels=classes, zero_division=np.nan)
    return {
        "log_loss_se": losses.std(ddof=1) / np.sqrt(len(y)),
        "predictive_entropy": entr(p).sum(axis=1).mean(),
        "brier": brier_score_loss(y, p, labels=classes),
        "per_class": [
            {
                "class": name,
                "rows": int(rows[k]),
                "log_loss": by_class[k],
                "recall": recall[k],
                "precision": precision[k],
            }
            for k, name in enumerate(names)
        ],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
