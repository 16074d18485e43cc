"""What an array without a name is called as a column."""

from __future__ import annotations

import os

_PLAIN = ("prob", "p", "proba", "probability", "score", "y_prob", "y_score", "logit")  # one number a row
_TELLING = (
    "label", "target", "y", "y_true", "truth", "actual", "class", "gold", "obs", *_PLAIN,
    "probs", "probabilities", "logits", "log_probs",
)  # fmt: skip


def array_name(file: str, *, lists: bool, floats: bool) -> str:
    """The name of the file if that says what it holds, else `probs`, `prob` or `label` by shape and type."""
    stem = os.path.basename(file).split(".")[0]
    if stem.casefold() in _TELLING and not (lists and stem.casefold() in _PLAIN):
        return stem
    if lists:
        return "logits" if stem.casefold() == "logit" else "probs"
    return "prob" if floats else "label"
