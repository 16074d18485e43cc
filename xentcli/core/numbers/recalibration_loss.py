"""Mean loss of recalibrated predictions r = softmax(a log q + b), and its derivatives by slope a and offsets b.

With y the class that happened (of soft targets, the likeliest) and d_k = log q_k - log q_y it is, for a row,

    m + log1p(s + expm1(-m)) - sum t_k z_k        z_k = a d_k + b_k - b_y

whose first terms and their derivatives are the kernel's (`native/fit.h`), with every digit of small losses. The
last term is 0 for plain labels and linear in a and b otherwise, so it is summed once. Derivatives by the slope are
in units of the slope, a d/da: products of d with what is left of r stay of moderate size where d itself is of any.
All slopes here are multiples of 2^-64.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol, Self

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.batch import IndexArray, over_classes
from xentcli.core.exact import FloatArray
from xentcli.core.kept_rows import Rows

ONE = 2.0**64  # the slope of the prediction itself: log q is held divided by it, so that no difference overflows
_BLOCK = 1 << 16  # values at a time: the few arrays of a block stay in the cache
_FLOOR = -1e300  # stands in for log 0, at a slope of 0 too: exp of it is 0, and 0 times it is 0
_NO_SLOPE = 2.0**-60  # the largest |a d| that no prediction shows
_NOTHING = 2.0**-1000  # a |d| / 2^64 that float64 hardly holds


class Curve(Struct, frozen=True, eq=False):
    """The loss along the slope: value, a d/da, and a^2 d^2/da^2."""

    slope: float
    loss: float
    first: float
    second: float


class Point(Struct, frozen=True, eq=False):
    """The loss with its derivatives by slopes (in units of each) and offsets, `(S + K,)` and `(S + K, S + K)`."""

    slopes: FloatArray  # (S,): one for all classes, or one for each
    offsets: FloatArray
    loss: float
    gradient: FloatArray
    hessian: FloatArray
    largest: float  # of the rows' losses, before the linear term of soft targets


class SoftmaxLoss(Struct, frozen=True, eq=False):
    """Rows made ready; at least one. The weights add up to 1."""

    d: FloatArray  # (K, n): d / 2^64; -inf where q is 0
    true_class: IndexArray  # (n,)
    weights: FloatArray  # (n,)
    mix: FloatArray  # (K,): pi, mean t
    tilt: FloatArray  # (K,): pi - share of rows by `true_class`; 0 for plain labels
    pull: float  # mean sum t_k d_k / 2^64; 0 for plain labels
    largest: float  # finite |d| / 2^64; 0 if nothing to speak of
    limit: float | None  # the loss without offsets as the slope goes to infinity, None where that is infinite

    @classmethod
    def of(cls, rows: Rows, smoothing: float = 0.0, *, spend: bool = False) -> Self:
        """Rows with targets (1 - e) t + e / K, where e is the smoothing; with e > 0 no prediction may be 0.

        If they may be spent, `rows.log_q` is overwritten: a copy could be most of the memory of the process.
        """
        classes = len(rows.log_q)
        true_class = rows.labels
        if true_class is None:
            assert rows.targets is not None  # one of both says what happened
            true_class = rows.targets.argmax(axis=0)
        weights = _shares(rows.weights, rows.count)
        share = np.bincount(true_class, weights, classes).astype(np.float64)
        mix: FloatArray = share
        if rows.targets is not None:
            mix = np.array([float((t * weights).sum()) for t in rows.targets])
        mix = (1 - smoothing) * mix + smoothing / classes
        tilt = mix - share if smoothing or rows.targets is not None else np.zeros(classes)
        all_d = np.ascontiguousarray(np.divide(rows.log_q, ONE, out=rows.log_q if spend else None))
        pull = largest = limit = 0.0
        for part in _parts(all_d):
            d, w = all_d[:, part], weights[part]
            d -= d[true_class[part], np.arange(w.size)]
            expected = _expect(d, None if rows.targets is None else rows.targets[:, part], smoothing)
            pull += float((w * expected).sum())
            top = d.max(axis=0)
            ties = np.count_nonzero(d == top, axis=0)
            limit += math.inf if (top > expected).any() else float((w * kernel.log(ties.astype(np.float64))).sum())
            largest = max(largest, float(np.abs(d).max(initial=0.0, where=d != -np.inf)))
        largest = largest if largest > _NOTHING else 0.0
        return cls(all_d, true_class, weights, mix, tilt, pull, largest, limit if limit < math.inf else None)

    @property
    def classes(self) -> int:
        """K."""
        return len(self.d)

    @property
    def plain(self) -> bool:
        """Whether a row's loss is that of one class."""
        return not self.pull and not self.tilt.any()

    @property
    def least_slope(self) -> float:
        """A positive slope that stands for 0: no prediction differs, except that classes of q = 0 stay out."""
        return _NO_SLOPE / self.largest if self.largest else _NO_SLOPE

    @property
    def mix_entropy(self) -> float:
        """H(pi): the loss of always predicting the class mix."""
        mix = self.mix[self.mix > 0]
        return max(0.0, float(-(mix * kernel.log(mix)).sum()))

    def without_absent(self) -> Self:
        """Without the classes that never happen, which are best never predicted."""
        present = self.mix > 0
        if present.all():
            return self
        number = np.cumsum(present) - 1
        return replace(
            self,
            d=self.d[present],
            true_class=number[self.true_class],
            mix=self.mix[present],
            tilt=self.tilt[present],
        )

    def along(self, slope: float) -> Curve:
        """Loss and derivatives at a slope > 0, without offsets."""
        found = kernel.fit(self.d, self.true_class, self.weights, slope)
        pull = slope * self.pull
        return Curve(slope, _less(found.loss, pull), found.first - pull, found.second)

    def at(self, slopes: FloatArray, offsets: FloatArray) -> Point:
        """Loss and derivatives at a slope > 0, `(1,)`, and offsets `(K,)`."""
        slope = float(slopes[0])
        found = kernel.fit(self.d, self.true_class, self.weights, slope, offsets)
        gradient, hessian = found.gradient, found.hessian
        assert gradient is not None
        assert hessian is not None  # both go with offsets
        hessian += hessian.T
        _balance(hessian[1:, 1:])
        hessian[0, 0] = found.second
        pull = slope * self.pull
        gradient[0] = found.first - pull
        gradient[1:] -= self.tilt
        value = _less(found.loss, pull) - float((self.tilt * offsets).sum())
        return Point(slopes, offsets, value, gradient, hessian, found.largest)


class Objective(Protocol):
    """A loss to make least over slopes and offsets."""

    @property
    def classes(self) -> int:
        """K."""
        ...

    @property
    def least_slope(self) -> float:
        """A positive slope that stands for 0."""
        ...

    @property
    def mix(self) -> FloatArray:
        """How often each class happens, `(K,)`."""
        ...

    @property
    def plain(self) -> bool:
        """Whether a row's loss is that of one class."""
        ...

    def at(self, slopes: FloatArray, offsets: FloatArray) -> Point:
        """Loss and derivatives there."""
        ...


def _less(loss: float, pull: float) -> float:
    """Their difference; infinite where both are beyond float64, as no fit should end there."""
    return math.inf if loss == math.inf else loss - pull


def _parts(array: FloatArray) -> Iterator[slice]:
    """The rows of `(K, n)`, some at a time."""
    classes, rows = array.shape
    size = max(1, _BLOCK // classes)
    return (slice(start, min(start + size, rows)) for start in range(0, rows, size))


def _shares(weights: FloatArray | None, rows: int) -> FloatArray:
    """Weights that add up to 1, of any size before."""
    if weights is None:
        return np.full(rows, 1.0 / rows)
    scaled: FloatArray = weights / weights.max()
    scaled /= scaled.sum()
    return scaled


def _expect(d: FloatArray, targets: FloatArray | None, smoothing: float) -> FloatArray | float:
    """Sum of t_k d_k by row; 0 where the target is the class whose d is 0."""
    finite = np.fmax(d, _FLOOR)
    plain = 0.0 if targets is None else over_classes(targets * finite)
    if not smoothing:
        return plain
    even: FloatArray = np.add.reduce(finite, axis=0) / len(d)
    return (1 - smoothing) * plain + smoothing * even


def _balance(second: FloatArray) -> None:
    """Set the diagonal so that rows add up to 0: sum r (1 - r), to full precision where r is all but 1."""
    np.fill_diagonal(second, 0.0)
    np.fill_diagonal(second, -second.sum(axis=1))
