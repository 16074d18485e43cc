"""Soft labels that are given as logits, such as those of a teacher."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.batch import over_classes
from xentcli.core.exact import FloatArray
from xentcli.sources.arrays import BoolArray


def softmax(logits: FloatArray) -> FloatArray:
    """The distribution e^z / sum e^z of logits `(K, n)`; of `(1, n)`, the logit of class 1, its share `(1, n)`.

    Beside the highest logit, so that nothing overflows; what is no distribution becomes NaN.
    """
    with np.errstate(all="ignore"):
        if len(logits) == 1:
            return 1.0 / (1.0 + kernel.exp(-logits))
        shares = kernel.exp(logits - logits.max(axis=0))
        return shares / over_classes(shares)


def are_finite_logits(logits: FloatArray) -> BoolArray:
    """Rows `(n,)` that a softmax can be taken of: no NaN, no +inf, and several classes not all at -inf."""
    top = logits.max(axis=0)
    sound: BoolArray = (top < np.inf) & ((top > -np.inf) | (len(logits) == 1))  # a NaN is neither
    return sound
