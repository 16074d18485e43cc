"""What a recalibration gained on rows whose class is known."""

from __future__ import annotations

import math
from typing import Self

import numpy as np
from msgspec import Struct, field

from xentcli.core.exact import ONE, ExactSums, ratio
from xentcli.core.exact import FloatArray as FloatArray

_LN10 = 2.302585092994046


class _Total(Struct, frozen=True, eq=False):
    """An exact sum of finite values, and how many were infinite, in excess of those of the other sign."""

    finite: ExactSums = field(default_factory=ExactSums.empty)
    infinite: int = 0

    @classmethod
    def of(cls, values: FloatArray) -> Self:
        finite = np.isfinite(values)
        return cls(ExactSums.of(values[finite]), int(np.sign(values[~finite]).sum()))

    def merge(self, other: Self) -> Self:
        return type(self)(self.finite.merge(other.finite), self.infinite + other.infinite)

    def over(self, rows: int) -> float:
        return math.copysign(math.inf, self.infinite) if self.infinite else ratio(self.finite.total(), rows * ONE)


class LossGains(Struct, frozen=True, eq=False):
    """Losses stated and calibrated, and their difference, unweighted.

    `merge` is commutative and associative with `LossGains()` as identity.
    """

    rows: int = 0
    stated: _Total = field(default_factory=_Total)
    calibrated: _Total = field(default_factory=_Total)
    gained: _Total = field(default_factory=_Total)

    @classmethod
    def of(cls, stated: FloatArray, calibrated: FloatArray) -> Self:
        """Of the losses `(n,)` of rows, nats; infinite in both is no difference."""
        with np.errstate(invalid="ignore"):
            gained = np.where(stated == calibrated, 0.0, stated - calibrated)
        return cls(stated.size, _Total.of(stated), _Total.of(calibrated), _Total.of(gained))

    def merge(self, other: Self) -> Self:
        """Of both."""
        return type(self)(
            self.rows + other.rows,
            self.stated.merge(other.stated),
            self.calibrated.merge(other.calibrated),
            self.gained.merge(other.gained),
        )

    @property
    def log_loss(self) -> float:
        """Mean loss of the stated predictions, nats; of at least one row."""
        return self.stated.over(self.rows)

    @property
    def log_loss_calibrated(self) -> float:
        """Mean loss of the calibrated predictions, nats."""
        return self.calibrated.over(self.rows)

    @property
    def log10_e(self) -> float:
        """log10 of e = exp(sum of stated - calibrated loss): how many times likelier the calibrated ones are."""
        return self.gained.over(1) / _LN10
