"""The least loss over slopes and offsets, by Newton steps."""

from __future__ import annotations

import numpy as np

from xentcli.core import kernel
from xentcli.core.batch import BoolArray, IndexArray
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.recalibration_loss import Objective, Point
from xentcli.units import LN2

PRECISION = 1e-13  # of the loss: a Newton step that promises less is not taken
MOST_STEPS = 200
STRETCH = 8.0  # by which a step may change a slope, until some were too short
_RIDGE = 1e-12  # of the scaled curvature: where no direction is better, none is taken
_REACH = 16.0  # by which a step may change the offsets, likewise


def every_row_right(loss: Objective, here: Point) -> bool:
    """Whether each row's class has more than half: then a larger slope, offsets in step, brings the loss to 0."""
    return loss.plain and here.loss > 0 and here.largest < LN2


def least(loss: Objective, here: Point, *, slope_is_free: bool = True) -> Point:
    """The least loss, from a start, by Newton steps: damped where they reach far, and halved until they gain.

    Where most rows are told with near certainty there is little curvature, and a Newton step goes much too far.
    """
    reach = _REACH
    for _ in range(MOST_STEPS):
        step = newton_step(loss, here, slope_is_free=slope_is_free)
        if not -float((here.gradient * step).sum()) > PRECISION * here.loss:
            break
        if slope_is_free and every_row_right(loss, here):
            break
        if np.abs(step[_moving(loss, here)]).max() > reach:
            step = newton_step(loss, here, 1 / reach, slope_is_free=slope_is_free)
        after, length = _after(loss, here, step)
        if after is None:
            break
        here, reach = after, reach * (STRETCH if length == 1.0 else max(length, 1 / STRETCH))
    return here


def _moving(loss: Objective, here: Point) -> BoolArray:
    """Which parameters `(S + K,)` have a size to speak of: all but slopes that stand for 0."""
    return np.concatenate([here.slopes > loss.least_slope, np.ones(loss.classes, np.bool_)])


def newton_step(loss: Objective, here: Point, damping: float = 0.0, *, slope_is_free: bool = True) -> FloatArray:
    """The Newton step `(S + K,)`: relative change of the slopes, change of the offsets.

    A slope that is 0 stays so unless a larger one is better. The likeliest class keeps its offset. Damping adds to
    each curvature a part of the gradient: changes are at most about 1 / damping, and less so near the least loss.
    """
    slopes = here.slopes.size
    none = here.slopes <= loss.least_slope
    more = damping * np.abs(here.gradient)
    more[:slopes] *= ~none
    free = np.ones(here.gradient.size, np.bool_)
    free[slopes + loss.mix.argmax()] = False
    if not slope_is_free:
        free[:slopes] = False
        return _solve(here, np.flatnonzero(free), more)
    step = _solve(here, np.flatnonzero(free), more)
    stuck = none & ((here.gradient[:slopes] >= 0) | (step[:slopes] <= 0))
    if stuck.any():
        free[:slopes] &= ~stuck
        step = _solve(here, np.flatnonzero(free), more)
    return step


def last_step(loss: Objective, here: Point, *, slope_is_free: bool = True) -> FloatArray:
    """The Newton step `(S + K,)` from the least loss, which it leaves the same; slopes that stand for 0 stay so.

    They may not move: where offsets can do the same, a step would trade one for the other. No step is taken that
    costs something: with log-odds in millions the loss has corners, and is flat between them.
    """
    slopes = here.slopes.size
    free = np.ones(here.gradient.size, np.bool_)
    free[:slopes] = slope_is_free & (here.slopes > loss.least_slope)
    free[slopes + loss.mix.argmax()] = False
    step = _solve(here, np.flatnonzero(free), np.zeros(here.gradient.size))
    at = np.maximum(here.slopes * (1.0 + step[:slopes]), loss.least_slope)
    after = loss.at(at, here.offsets + step[slopes:])
    return step if after.loss <= here.loss * (1.0 + PRECISION) else np.zeros_like(step)


def _solve(here: Point, free: IndexArray, more: FloatArray) -> FloatArray:
    """The Newton step in the directions that are free, each in units of its curvature with what is added."""
    curvature = here.hessian[np.ix_(free, free)] + np.diag(more[free])
    unit = np.sqrt(np.diag(curvature))
    unit[unit == 0] = 1.0
    scaled = curvature / unit[:, None] / unit + _RIDGE * np.eye(free.size)
    step = np.zeros(here.gradient.size)
    with np.errstate(over="ignore"):
        step[free] = -kernel.solve(scaled, here.gradient[free] / unit) / unit
    return step


def _after(loss: Objective, here: Point, step: FloatArray) -> tuple[Point | None, float]:
    """The longest of the step, its half, its quarter and so on that gains what its length promises."""
    gain = -float((here.gradient * step).sum())
    of_slopes, of_offsets = step[: here.slopes.size], step[here.slopes.size :]
    down = float(of_slopes.min())
    length = min(1.0, -1.0 / down) if down < -1.0 else 1.0
    while length > PRECISION:
        slopes = here.slopes * (1.0 + length * of_slopes)
        slopes = np.where(slopes < 1e-9 * here.slopes, loss.least_slope, slopes)  # on the way to 0 or beyond
        point = loss.at(slopes, here.offsets + length * of_offsets)
        if point.loss <= here.loss - 1e-4 * length * gain:
            return point, length
        length /= 2
    return None, length
