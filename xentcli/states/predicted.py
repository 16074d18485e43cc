"""Numbers that follow from others but for their last digits: stored as the difference, exactly and in fewer bytes.

A prediction uses the kernel's functions alone, so it has the same bits on every machine. What is read back is the
number that was stored, however poor the prediction.
"""

from __future__ import annotations

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.exact import ExactSums, FloatArray, IntArray
from xentcli.core.odds.totals import keys_of, log_odds_of

_SMALL = 1 << 24  # beyond this, most differences take no fewer bytes than the numbers
_FLOAT32 = 0  # in the place of a denominator
_DENOMINATORS = (_FLOAT32, 100, 10_000, 1_000_000)  # of probabilities as people write them


class StoredLosses(Struct, frozen=True):
    """The bits of losses: places `(n,)` in a table of predicted ones, or no place at all, and the difference."""

    at: IntArray
    rest: IntArray


def losses_at(keys: IntArray) -> IntArray:
    """The bits of 0 and of the losses, ascending, that rows of two classes with log-odds of these keys have."""
    odds = log_odds_of(keys)
    size = np.abs(odds[np.isfinite(odds)])
    near = kernel.log1p(kernel.exp(-size))
    return np.sort(np.concatenate([np.zeros(1), near, near + size]).view(np.int64))


def store_losses(losses: IntArray, table: IntArray) -> StoredLosses:
    """Losses by their bits, ascending, to be read with this table again."""
    none = StoredLosses(np.empty(0, np.int64), losses)
    if not table.size:
        return none
    after = np.minimum(np.searchsorted(table, losses), table.size - 1)
    before = np.maximum(after - 1, 0)
    at = np.where(losses - table[before] <= np.abs(table[after] - losses), before, after)
    rest = losses - table[at]
    return StoredLosses(at, rest) if _is_mostly_small(rest) else none


def load_losses(stored: StoredLosses, table: IntArray) -> IntArray:
    """The losses; raises a ValueError for places that the table has not."""
    at, rest = stored.at, stored.rest
    if not at.size:
        return rest
    if at.shape != rest.shape or at.min() < 0 or at.max() >= table.size:
        raise ValueError("has losses at places that are none")
    return table[at] + rest


class StoredKeys(Struct, frozen=True):
    """Keys of log-odds: fractions or bits of float32 that are the probabilities, or none, and the difference."""

    denominator: int
    numerators: IntArray
    rest: IntArray


def store_keys(keys: IntArray) -> StoredKeys:
    """Keys of log-odds, ascending."""
    odds = log_odds_of(keys)
    with np.errstate(over="ignore", invalid="ignore"):
        share = np.where(np.isnan(odds), 0.0, 1.0 / (1.0 + kernel.exp(-odds)))
    for denominator in _DENOMINATORS if keys.size else ():
        numerators = _numerators(share, denominator)
        rest = keys - _keys(numerators, denominator)
        if _is_mostly_small(rest):
            return StoredKeys(denominator, numerators, rest)
    return StoredKeys(_FLOAT32, np.empty(0, np.int64), keys)


def load_keys(stored: StoredKeys) -> IntArray:
    """The keys; raises a ValueError for probabilities that are none."""
    numerators, most = stored.numerators, stored.denominator or _bits(np.ones(1))[0]
    if not numerators.size:
        return stored.rest
    if stored.denominator not in _DENOMINATORS or numerators.shape != stored.rest.shape:
        raise ValueError("has other log-odds than there can be")
    if numerators.min() < 0 or numerators.max() > most:
        raise ValueError("has probabilities that are none")
    return _keys(numerators, stored.denominator) + stored.rest


def _bits(share: FloatArray) -> IntArray:
    return share.astype(np.float32).view(np.int32).astype(np.int64)


def _numerators(share: FloatArray, denominator: int) -> IntArray:
    """The nearest that there are to probabilities `(m,)`."""
    return np.rint(share * denominator).astype(np.int64) if denominator else _bits(share)


def _keys(numerators: IntArray, denominator: int) -> IntArray:
    """Those of the log-odds of these probabilities."""
    if denominator:
        share = numerators / denominator
    else:
        share = numerators.astype(np.int32).view(np.float32).astype(np.float64)
    return keys_of(kernel.log(share) - kernel.log1p(-share))


def _is_mostly_small(rest: IntArray) -> bool:
    small = (rest < _SMALL) & (rest > -_SMALL)
    return 2 * int(np.count_nonzero(small)) > rest.size


def brier_of_rows(weights: ExactSums, losses: ExactSums) -> ExactSums:
    """The Brier scores that losses of groups of weight 1 imply, as of one row of two classes; 0 for others."""
    with np.errstate(all="ignore"):  # what no row has is predicted as 0
        weight, left = weights.scaled(0)
        loss, _ = losses.scaled(0)
        miss = kernel.expm1(-loss)
        brier = np.where((weight == 1.0) & (left == 0.0) & (loss >= 0.0), miss * miss, 0.0)
    return ExactSums.of(brier, np.arange(brier.size), brier.size)
