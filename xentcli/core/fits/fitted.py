"""A recalibration with its parameters, and the loss of rows that it is applied to."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.batch import over_classes
from xentcli.core.exact import FloatArray
from xentcli.core.fits.rows import FitRows
from xentcli.core.numbers.softmax import log_probabilities_of

_FLOOR = -1e300  # stands in for log 0


class Fitted(Struct, frozen=True, eq=False):
    """z_k = s_k log q_k + b_k, or of two classes log-odds that are interpolated between knots; q' = softmax(z)."""

    method: str
    slopes: FloatArray  # (K,), >= 0
    offsets: FloatArray  # (K,), the first 0
    parameters: int  # how many were free
    knots: FloatArray | None = None  # (2, j): log-odds, ascending, and calibrated ones, not falling
    instead_of: str | None = None  # the method that was asked for, which has no best parameters on these rows

    def named(self, classes: Sequence[str]) -> dict[str, Any]:
        """The parameters as `results.calibration_map` names them."""
        slopes, offsets, two = self.slopes.tolist(), self.offsets.tolist(), len(classes) == 2
        by_class = {name: dict(zip(classes, each, strict=True)) for name, each in (("s", slopes), ("b", offsets))}
        if self.knots is not None:
            return {"knots": tuple(map(tuple, self.knots.T.tolist()))}
        found: dict[str, dict[str, Any]] = {
            "none": {},
            "temperature": {"temperature": 1.0 / slopes[0] if slopes[0] else math.inf},
            "offset": {"offset": offsets[-1]} if two else {"offsets": by_class["b"]},
            "affine": {"slope": slopes[-1], "offset": offsets[-1]},
            "slope_offsets": {"slope": slopes[0], "offsets": by_class["b"]},
            "beta": {"a": slopes[-1], "b": slopes[0], "c": offsets[-1]},
            "vector": {"slopes": by_class["s"], "offsets": by_class["b"]},
            "prior": {"shift": by_class["b"]},
        }
        return found[self.method]

    def log_odds(self, rows: FitRows) -> FloatArray:
        """Recalibrated log-odds `(n,)` of class 1 of two; infinite ones stay as they are."""
        assert rows.log_odds is not None  # of two classes only
        x = rows.log_odds
        if self.method == "none":
            return x
        if self.knots is not None:
            z: FloatArray = np.interp(x, *self.knots)
            return z
        z = self.slopes[:, None] * np.maximum(rows.log_q, _FLOOR) + self.offsets[:, None]
        calibrated: FloatArray = np.where(np.isinf(x), x, z[1] - z[0])
        return calibrated

    def losses(self, rows: FitRows) -> FloatArray:
        """Loss `(n,)` of the recalibrated predictions of rows, in nats."""
        if self.method == "none":
            return rows.losses()
        if self.knots is not None:
            assert rows.log_odds is not None  # knots are of two classes
            z = np.interp(rows.log_odds, *self.knots)
            return 0.0 - log_probabilities_of(np.where(rows.labels == 1, z, -z))
        at = rows.labels, np.arange(rows.entries)
        # A class of probability 0 keeps it, at a slope of 0 too.
        scaled = self.slopes[:, None] * np.maximum(rows.log_q, _FLOOR)
        z = np.where(rows.log_q > -np.inf, scaled + self.offsets[:, None], _FLOOR)
        z -= z[at]
        m = np.maximum.reduce(z, axis=0)
        others = kernel.exp(z - m)
        others[at] = 0.0
        losses: FloatArray = m + kernel.log1p(over_classes(others) + kernel.expm1(-m))
        return losses


def unchanged(classes: int, instead_of: str | None = None) -> Fitted:
    """The predictions as they stand."""
    return Fitted("none", np.ones(classes), np.zeros(classes), 0, instead_of=instead_of)
