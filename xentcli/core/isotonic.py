"""Isotonic recalibration of two-class forecasts, by pooling adjacent violators.

Of all forecasts that rise with the given one, the one that suits the labels best; for every proper score it is the
same (Ayer et al. 1955; CORP: Dimitriadis, Gneiting & Jordan 2021, PNAS 118, e2016191118).
"""

from __future__ import annotations

import math

import numpy as np

from xentcli.core import kernel
from xentcli.core.exact import FloatArray

_PAYS = 0.9  # a round over all blocks that leaves more of them than this is the last


def pool_adjacent(positive: FloatArray, negative: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of class 1 and of class 0 in each block of the isotonic fit, `(b,)`, up to a common factor.

    `positive` and `negative` `(m,)` are these weights by rising log-odds, >= 0 and not both 0. The share of
    class 1 rises strictly from block to block.
    """
    blocks = np.stack([positive, negative])
    blocks = np.ldexp(blocks, -np.frexp(blocks.max())[1])  # so that no product of two overflows
    before = math.inf
    while blocks.shape[1] < _PAYS * before:  # whole runs at once, as long as there are many
        before = blocks.shape[1]
        starts = np.flatnonzero(np.append(True, _rises(blocks)))
        blocks = np.add.reduceat(blocks, starts, axis=1)
    return _one_by_one(blocks)


def _rises(blocks: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether the share of class 1 is higher in a block than in the one before."""
    positive, negative = blocks
    return np.asarray(positive[:-1] * negative[1:] < positive[1:] * negative[:-1])


def _one_by_one(blocks: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What is left to pool, with a stack: adversarial orders would take a round over all blocks for each."""
    if bool(_rises(blocks).all()):
        return blocks[0], blocks[1]
    up: list[float] = []
    down: list[float] = []
    for p, n in zip(*blocks.tolist(), strict=True):
        while up and up[-1] * n >= p * down[-1]:
            p += up.pop()
            n += down.pop()
        up.append(p)
        down.append(n)
    return np.array(up), np.array(down)


def recalibrated_loss(blocks: tuple[FloatArray, FloatArray], smoothing: float = 0.0) -> float:
    """Mean loss in nats of forecasting each block's own mix, 0 log 0 = 0.

    With label smoothing e the mix is (1 - e) share + e / 2, which rises with the share: the blocks stay the same.
    """
    positive, negative = blocks
    whole = positive + negative
    parts = [(1 - smoothing) * part + smoothing / 2 * whole for part in blocks]
    with np.errstate(divide="ignore", invalid="ignore"):
        options = [np.where(part > 0, -part * kernel.log(part / whole), 0.0) for part in parts]
    return math.fsum((options[0] + options[1]).tolist()) / math.fsum(whole.tolist()) + 0.0


def recalibrated_bound(positive: FloatArray, negative: FloatArray) -> float:
    """By how much less the recalibrated loss could be if the rows inside a cell were told apart, in nats.

    Within a cell, a rising fit can only gain if its lower values go to class 0 and its higher ones to class 1, and
    it still rises. So no order of the rows inside allows a smaller loss than class 0 first, then class 1.
    """
    apart = np.zeros((2, 2 * positive.size))
    apart[1, ::2], apart[0, 1::2] = negative, positive
    apart = apart[:, apart.any(axis=0)]
    least = recalibrated_loss(pool_adjacent(apart[0], apart[1]))
    return max(0.0, recalibrated_loss(pool_adjacent(positive, negative)) - least)
