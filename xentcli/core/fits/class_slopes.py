"""Mean loss of r = softmax(s_k log q_k + b_k), a slope for each class, and its derivatives.

Of two classes this is beta calibration (Kull, Silva Filho & Flach 2017): log-odds s_1 log q - s_0 log(1 - q) + c.
With u_k = s_k log q_k, z_k = u_k + b_k - (u_y + b_y) of the class y that happened and p_k = r_k - [k = y],

    loss = m + log1p(s + expm1(-m))      m = max z >= 0      s = sum over k != y of e^(z_k - m)
    s_k d/ds_k = p_k u_k      d/db_k = p_k      second derivatives from d^2/(du_j du_k) = r_j ([j = k] - r_k)

in the units of `recalibration_loss`.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.fits.rows import FitRows
from xentcli.core.numbers.recalibration_loss import Point

_FLOOR = -1e300  # stands in for log 0: exp of it is 0, and 0 times it is 0
_NO_SLOPE = 2.0**-60  # the largest |s log q| that no prediction shows


class ClassSlopesLoss(Struct, frozen=True, eq=False):
    """Rows made ready; at least one. The weights add up to 1."""

    rows: FitRows
    log_q: FloatArray  # (K, n), finite
    weights: FloatArray  # (n,)
    mix: FloatArray  # (K,)
    least_slope: float  # a positive slope that stands for 0
    plain: bool = True

    @classmethod
    def of(cls, rows: FitRows) -> Self:
        """Rows of at least one entry."""
        finite = np.isfinite(rows.log_q)
        largest = float(np.abs(rows.log_q).max(initial=0.0, where=finite))
        weights = rows.weights / rows.weights.sum()
        mix = np.bincount(rows.labels, weights, rows.classes).astype(np.float64)
        return cls(rows, np.maximum(rows.log_q, _FLOOR), weights, mix, _NO_SLOPE / (largest or 1.0))

    @property
    def classes(self) -> int:
        """K."""
        return len(self.log_q)

    def at(self, slopes: FloatArray, offsets: FloatArray) -> Point:
        """Loss and derivatives at slopes > 0 and offsets, both `(K,)`."""
        y, n, w = self.rows.labels, np.arange(self.weights.size), self.weights
        u = np.where(self.log_q > _FLOOR, slopes[:, None] * self.log_q, _FLOOR)
        z = u + offsets[:, None]
        z -= z[y, n]
        m = np.maximum.reduce(z, axis=0)
        e = kernel.exp(z - m)
        own = e[y, n]
        e[y, n] = 0.0
        s = np.add.reduce(e, axis=0)
        loss = m + kernel.log1p(s + kernel.expm1(-m))
        r = e / (s + own)
        p = r.copy()
        r[y, n], p[y, n] = own / (s + own), -s / (s + own)
        gradient = [(w * each).sum() for each in (*(p * u), *p)]
        largest = float(loss.max(initial=0.0))
        value = float((w * loss).sum())
        return Point(slopes, offsets, value, np.array(gradient), self._hessian(u, r, p), largest)

    def _hessian(self, u: FloatArray, r: FloatArray, p: FloatArray) -> FloatArray:
        """Second derivatives `(2K, 2K)`, by slopes, then offsets."""
        classes = self.classes
        hessian = np.empty((2 * classes, 2 * classes))
        for j in range(classes):
            wr = self.weights * r[j]
            for k in range(j, classes):
                # 1 - r, to full precision where it is the true class whose share is all but 1
                rest = np.where(self.rows.labels == j, -p[j], 1.0 - r[j]) if j == k else -r[k]
                curve = wr * rest
                by_slope = curve * u[j]
                hessian[j, k] = hessian[k, j] = (by_slope * u[k]).sum()
                hessian[classes + j, classes + k] = hessian[classes + k, classes + j] = curve.sum()
                hessian[j, classes + k] = hessian[classes + k, j] = by_slope.sum()
                hessian[k, classes + j] = hessian[classes + j, k] = (curve * u[k]).sum()
        return hessian
