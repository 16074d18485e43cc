"""Were the columns given in another order? Confusions tell."""

from __future__ import annotations

import numpy as np

from xentcli.core.exact import IntArray
from xentcli.frozen import frozen

_ENOUGH_ROWS = 10
_CLEARLY_RIGHT = 0.5  # of the rows, in the other order
_CLEARLY_WRONG = 1.5  # times fewer right as given
_AND_MORE = 0.2  # of the rows, that are right only in the other order


@frozen
class Reordering:
    """`classes[k]` is the class that column k seems to be of; rows right as given, and if that were so."""

    classes: tuple[int, ...]
    rows: int
    right: int
    right_if: int


def better_order(confusions: IntArray, classes: int) -> Reordering | None:
    """Another order of the classes in which most forecasts are right, if the given one is clearly wrong.

    `confusions` `(K K,)` counts rows by true class, then top class; None if it is empty, if the order given is
    not clearly worse, or if two classes are mostly taken for the same one.
    """
    if not confusions.size or confusions.sum() < _ENOUGH_ROWS:
        return None
    counts = confusions.reshape(classes, classes)
    seen = np.flatnonzero(counts.sum(axis=1))
    taken_for = counts.argmax(axis=1)[seen]
    if len(set(taken_for.tolist())) < seen.size or seen.size < 2:
        return None
    rows, right, right_if = int(counts.sum()), int(np.trace(counts)), int(counts[seen, taken_for].sum())
    if right_if < _CLEARLY_RIGHT * rows or right_if < max(_CLEARLY_WRONG * right, right + _AND_MORE * rows):
        return None
    order = dict(zip(taken_for.tolist(), seen.tolist(), strict=True))
    left = iter(sorted(set(range(classes)) - set(order.values())))
    return Reordering(tuple(order[k] if k in order else next(left) for k in range(classes)), rows, right, right_if)
