"""Hashes of 64 bits, of whole arrays at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

HashArray = NDArray[np.uint64]

_SHIFT, _FACTOR = np.uint64(29), np.uint64(0xBF58476D1CE4E5B9)  # of SplitMix64


def mix(values: HashArray) -> HashArray:
    """Another 64 bits of each, which look random; different ones stay different."""
    values = (values ^ (values >> _SHIFT)) * _FACTOR
    return values ^ (values >> _SHIFT)
