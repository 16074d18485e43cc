"""How often what was predicted happened, of single events of many classes: for their reliability diagrams."""

from __future__ import annotations

from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.core import kernel
from xentcli.core.batch import BoolArray, RowScores
from xentcli.core.exact import FloatArray
from xentcli.core.odds.cells import OddsCells

_LIMIT = 1 << 14  # predictions of an event that are kept apart: there may be many events


class Events(Struct, frozen=True):
    """The weight of rows where an event happened and did not, by its predicted log-odds.

    The events are that the top class is the true one, and of some classes that the true one is it. `merge` is
    commutative and associative with `Events.empty()` as identity.
    """

    top: OddsCells
    classes: tuple[OddsCells, ...]  # of each class asked for; () of no rows

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        return cls(OddsCells.empty(_LIMIT), ())

    @classmethod
    def of(cls, rows: RowScores, classes: tuple[int, ...]) -> Self:
        """Rows of a block, of three classes or more; of soft labels, an event happened to a share."""
        shares, top = rows.known("shares"), rows.known("top")
        top_shares = shares[top, np.arange(top.size)]
        happened = (_happened(rows, number) for number in classes)
        pairs = zip((shares[number] for number in classes), happened, strict=True)
        return cls(
            _cells(rows, top_shares, _happened(rows, top)),
            tuple(_cells(rows, share, each) for share, each in pairs),
        )

    def merge(self, other: Self) -> Self:
        """The weights of both sets of rows."""
        if not (self.classes and other.classes):
            return other if other.classes else self
        pairs = zip(self.classes, other.classes, strict=True)
        return type(self)(self.top.merge(other.top), tuple(one.merge(two) for one, two in pairs))


def _happened(rows: RowScores, number: int | FloatArray) -> FloatArray | BoolArray:
    """Whether, or to which share, the true class `(n,)` is that of this number, or of each row's own."""
    if rows.targets is None:
        is_it: BoolArray = rows.known("labels") == number
        return is_it
    share: FloatArray = rows.targets[number, np.arange(rows.targets.shape[1])]
    return share


def _cells(rows: RowScores, share: FloatArray, happened: FloatArray | BoolArray) -> OddsCells:
    log_odds = kernel.log(share) - kernel.log1p(-np.minimum(share, 1.0))
    return OddsCells.of(log_odds, happened, rows.weights, _LIMIT)
