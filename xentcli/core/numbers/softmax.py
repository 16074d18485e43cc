"""From log-odds and scores to probabilities and their logs, by the kernel's exp: the same bits anywhere."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.batch import over_classes
from xentcli.core.exact import FloatArray


def probabilities_of(z: FloatArray) -> FloatArray:
    """1 / (1 + e^-z), with all digits where it is small."""
    small = kernel.exp(-np.abs(z))
    return np.where(z < 0, small, 1.0) / (1.0 + small)


def log_probabilities_of(z: FloatArray) -> FloatArray:
    """Log of 1 / (1 + e^-z): min(z, 0) - log(1 + e^-|z|)."""
    return np.minimum(z, 0.0) - kernel.log1p(kernel.exp(-np.abs(z)))


def log_softmax(scores: FloatArray) -> FloatArray:
    """Log softmax over the classes of scores `(K, n)`, one of each row finite; else NaN.

    With m the maximal score, (z - m) - log1p(sum over the others of e^(z - m)): small losses keep their digits.
    """
    with np.errstate(invalid="ignore"):  # a row of -inf alone
        apart = scores - scores.max(axis=0)
    terms = kernel.exp(apart)
    terms[apart.argmax(axis=0), np.arange(apart.shape[1])] = 0.0
    result: FloatArray = apart - kernel.log1p(over_classes(terms))
    return result
