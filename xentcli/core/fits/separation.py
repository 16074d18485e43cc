"""Whether parameters are best, or the loss of rows that can be told apart falls without end."""

from __future__ import annotations

import numpy as np

from xentcli.core.exact import FloatArray
from xentcli.core.fits.rows import FitRows

_NOTHING = 1e-6  # of the largest change: where there is a best, some row loses 1e-4 of it; else 1e-7 at most


def offsets_settle(rows: FitRows) -> bool:
    """Whether offsets `(K,)` of least loss are finite.

    Each row asks that its class rise against every other that its prediction leaves possible. Offsets rise without
    end where some classes are asked to rise against the rest, and the rest never against them.
    """
    possible = np.isfinite(rows.log_q)
    below = np.stack([(possible & (rows.labels == label)).any(axis=1) for label in range(rows.classes)], axis=1)
    reached = below.copy()
    for by in range(rows.classes):  # Warshall 1962
        reached |= reached[:, by, None] & reached[by]
    return rows.present and not (below & ~reached.T).any()


def falls_along(rows: FitRows, slopes: FloatArray, offsets: FloatArray) -> bool:
    """Whether a change of slopes and offsets, both `(K,)`, costs no row anything, however far it goes.

    Where the loss falls without end, the steps of a fit end in such a direction.
    """
    possible = np.isfinite(rows.log_q)
    change = np.where(possible, np.maximum(slopes, 0.0)[:, None] * np.where(possible, rows.log_q, 0.0), np.nan)
    change += offsets[:, None]
    gain = change[rows.labels, np.arange(rows.entries)] - change
    largest = float(np.nanmax(gain))
    return largest > 0 and float(np.nanmin(gain)) > -_NOTHING * largest
