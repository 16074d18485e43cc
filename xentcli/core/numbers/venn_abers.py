"""Venn-Abers probabilities of two classes: isotonic regression with the row itself among the others, once as class
0 and once as class 1 (Vovk, Petej & Fedorova 2015, "Large-scale probabilistic predictors with and without
guarantees of validity").

As steps: p0 changes only at log-odds that rows have and holds up to the next of them; p1 holds from one of them,
without it, up to the next, with it. Below the least p0 is 0, above the largest p1 is 1.
"""

from __future__ import annotations

import numpy as np

from xentcli.core.exact import FloatArray

Steps = list[list[float | None]]
_Point = tuple[float, float]  # weight, and weight of class 1, both cumulated


def venn_abers_steps(x: FloatArray, positive: FloatArray, negative: FloatArray) -> dict[str, Steps]:
    """`p0` and `p1` as cal.json has them, of rows by distinct rising log-odds x `(m,)`, perhaps infinite.

    `positive` and `negative` `(m,)` are the weights of class 1 and 0 there, some positive at each key, scaled to a
    mean of 1 a row: a new row weighs 1.
    """
    keys, up, down = x.tolist(), positive.tolist(), negative.tolist()
    upper = [rise / run for run, rise in _with_one_more(up, down)]
    # Class 0 for class 1, from above: p0 is what is left of the p1 there.
    lower = [(run - rise) / run for run, rise in _with_one_more(down[::-1], up[::-1])][::-1]
    p0 = [pair for i, pair in enumerate(zip(keys, lower, strict=True)) if i == 0 or pair[1] != lower[i - 1]]
    last = len(keys) - 1
    p1 = [pair for i, pair in enumerate(zip(keys, upper, strict=True)) if i == last or pair[1] != upper[i + 1]]
    return {"p0": [_step(*pair) for pair in p0], "p1": [_step(*pair) for pair in p1]}


def step_values(pairs: tuple[FloatArray, FloatArray], x: FloatArray, *, upper: bool) -> FloatArray:
    """The values at log-odds x `(n,)` of p0, or of p1 if `upper`, from the steps of each."""
    at, values = pairs
    if upper:
        padded = np.append(values, 1.0)
        return np.asarray(padded[np.searchsorted(at, x, side="left")])
    return np.asarray(np.append(0.0, values)[np.searchsorted(at, x, side="right")])


def _with_one_more(up: list[float], down: list[float]) -> list[_Point]:
    """(weight, weight of class 1) of the block that a new row of class 1 falls into at each key, in turn.

    Algorithms 1 and 2 of the paper: corners of the lower convex hull of the cumulated weights, with the step
    (1, 1) of the new row first, and then one key later each time. As p1 rises, no corner that is left behind comes
    back.
    """
    moves = [(one + zero, one) for one, zero in zip(up, down, strict=True)]
    at: list[_Point] = [(-1.0, -1.0), (0.0, 0.0)]
    for run, rise in moves:
        at.append((at[-1][0] + run, at[-1][1] + rise))
    corners: list[_Point] = []  # the leftmost is the last
    for point in reversed(at):
        _add_corner(corners, point)
    found, before = [], at[0]
    for run, rise in moves:
        first, second = corners[-1], corners[-2]
        found.append((second[0] - first[0], second[1] - first[1]))
        before = before[0] + run, before[1] + rise
        if _turn(first, before, second) > 0:  # below the hull
            corners.pop()
            _add_corner(corners, before)
    return found


def _add_corner(corners: list[_Point], point: _Point) -> None:
    """Add a point left of all corners, and drop those that are none any more."""
    while len(corners) > 1 and _turn(point, corners[-1], corners[-2]) <= 0:
        corners.pop()
    corners.append(point)


def _turn(a: _Point, b: _Point, c: _Point) -> float:
    """Positive if the way from a by b to c turns left."""
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _step(x: float, value: float) -> list[float | None]:
    """Minus infinity as JSON has it."""
    return [None if x == -np.inf else x, value]
