"""Scores of whichever class was predicted, as scores of both of two classes."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.batch import IndexArray, InputKind
from xentcli.core.exact import FloatArray


def scores_of_both(kind: InputKind, scores: FloatArray, predicted: IndexArray) -> tuple[FloatArray, ...]:
    """The scores of class 0 and class 1 `(n,)` from those of the class `predicted` `(n,)`; one column of logits.

    The other class has 1 - p. What is out of range stays so in its own column, and is 0 or 1 in the other.
    """
    values = scores.astype(np.float64, copy=False)
    positive = predicted == 1
    if kind is InputKind.LOGIT:
        return (np.where(positive, values, -values),)
    if kind is InputKind.PROBABILITY:
        other = 1.0 - np.clip(values, 0.0, 1.0)
    else:
        with np.errstate(all="ignore"):
            other = kernel.log1p(-kernel.exp(np.minimum(values, 0.0)))
    return np.where(positive, other, values), np.where(positive, values, other)
