"""Isotonic recalibration of two-class predictions, by pooling adjacent violators (`native/isotonic.h`).

Of all predictions that rise with the given one, the one that suits the labels best; for every proper score it is
the same (Ayer et al. 1955; CORP: Dimitriadis, Gneiting & Jordan 2021, PNAS 118, e2016191118).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from xentcli.core.exact import ExactSums, FloatArray, IntArray, ratio
from xentcli.core.kernel import address, alike, call


def pool_adjacent(positive: FloatArray, negative: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weight of class 1 and of class 0 in each block of the isotonic fit, `(b,)`, up to a common factor.

    `positive` and `negative` `(m,)` are these weights by rising log-odds, >= 0; keys without any are of no
    effect. The share of class 1 rises strictly from block to block.
    """
    up, down, _ = pool_with_ends(positive, negative)
    return up, down


def pool_with_ends(positive: FloatArray, negative: FloatArray) -> tuple[FloatArray, FloatArray, IntArray]:
    """The same, and for each block the number `(b,)` of the key after its last."""
    positive, negative = alike(positive, negative)
    up, down = np.empty_like(positive), np.empty_like(positive)
    ends, blocks = np.empty(positive.size, np.int64), np.empty(1, np.int64)
    outputs = (address(each) for each in (up, down, ends, blocks))
    call("pool_adjacent", address(positive), address(negative), positive.size, *outputs)
    count = int(blocks[0])
    return up[:count], down[:count], ends[:count]


def recalibrated_loss(blocks: tuple[FloatArray, FloatArray], smoothing: float = 0.0) -> float:
    """Mean loss in nats of predicting each block's own mix, 0 log 0 = 0.

    With label smoothing e the mix is (1 - e) share + e / 2, which rises with the share: the blocks stay the same.
    """
    up, down = alike(*blocks)
    losses, weights = np.empty_like(up), np.empty_like(up)
    call("mix_losses", address(up), address(down), up.size, smoothing, address(losses), address(weights))
    return ratio(ExactSums.of(losses).total(), ExactSums.of(weights).total()) + 0.0


def recalibrated_brier(blocks: tuple[FloatArray, FloatArray]) -> float:
    """Mean squared error of predicting each block's own share of class 1."""
    up, down = alike(*blocks)
    weights = up + down
    return ratio(ExactSums.of(up * (down / weights)).total(), ExactSums.of(weights).total()) + 0.0


def recalibrated_bound(
    positive: FloatArray,
    negative: FloatArray,
    loss: Callable[[tuple[FloatArray, FloatArray]], float] = recalibrated_loss,
) -> float:
    """By how much less the recalibrated loss could be if the rows inside a cell were told apart.

    Within a cell, a rising fit can only gain if its lower values go to class 0 and its higher ones to class 1, and
    it still rises. So no order of the rows inside allows a smaller loss than class 0 first, then class 1.
    """
    apart = np.zeros((2, 2 * positive.size))
    apart[1, ::2], apart[0, 1::2] = negative, positive
    least = loss(pool_adjacent(apart[0], apart[1]))
    return max(0.0, loss(pool_adjacent(positive, negative)) - least)
