"""How far a reliability curve strays by chance: pointwise bands by resampling (Dimitriadis et al. 2021).

For each draw the labels are drawn anew, and the isotonic fit is made anew. Of the n rows of one prediction
Binomial(n, p) are of class 1, by a uniform number that is a hash of the prediction and the draw: neither the order
of the rows nor how they were cut changes a bit.
"""

from __future__ import annotations

import numpy as np

from xentcli.core.curves.odds import OddsCounts
from xentcli.core.exact import FloatArray
from xentcli.core.kernel import address, call, floats

DRAWS = 999
MOST_PREDICTIONS = 4096  # that are drawn apart; `OddsCounts.pooled` makes more of them so many
_TAIL = 50  # of 999 curves so many, at each prediction, lie below the band or on its edge: 5 %
_REACH = 9  # standard deviations from the mean that a uniform number of 53 bits does not leave
_AT_ONCE = 8  # draws that the kernel fits to


def resampled_band(counts: OddsCounts, shares: FloatArray, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The 5 % and the 95 % quantile `(m,)` of the isotonic fit at each prediction if class 1 has `shares` `(m,)`.

    `rows` `(m,)` are the independent rows that each prediction counts for: whole numbers of at least 1.
    """
    curves = resampled_curves(counts, shares, rows)
    curves.partition((_TAIL - 1, DRAWS - _TAIL), axis=1)
    return curves[:, _TAIL - 1].copy(), curves[:, DRAWS - _TAIL].copy()


def resampled_curves(counts: OddsCounts, shares: FloatArray, rows: FloatArray) -> FloatArray:
    """The isotonic fit `(m, DRAWS)` at each prediction, for each draw of the labels (`native/band.h`)."""
    size = counts.keys.size
    reach = (_REACH * np.sqrt(np.maximum(rows * shares * (1 - shares), 0.0)) + 2 * _REACH).astype(np.int64)
    cumulated, scratch = np.empty(2 * int(reach.max()) + 1), np.empty((_AT_ONCE + 3) * size)
    ends, curves = np.empty(size, np.int64), np.empty((size, DRAWS))
    given = np.require(counts.keys, np.uint64, ("C", "A")), *map(floats, (rows, shares, counts.weight)), reach
    rooms = (each for array in (cumulated, scratch) for each in (address(array), array.size))
    call("resample", *map(address, given), size, DRAWS, *rooms, address(ends), address(curves))
    return curves
