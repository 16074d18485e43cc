"""What is known of each row once it has been scored, shared by all states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xentcli.core.exact import FloatArray
from xentcli.core.scores import IndexArray
from xentcli.frozen import frozen

BoolArray = NDArray[np.bool_]
KeyArray = NDArray[np.uint64]


@frozen(eq=False)
class RowScores:
    """A block of rows after the arithmetic; all `(n,)` unless said."""

    classes: int
    labels: IndexArray  # all 0 where there are targets
    weights: FloatArray | None  # None: ones
    loss: FloatArray  # nats, >= 0, infinite where the true class had probability 0
    top: IndexArray  # the first class of maximal score
    tied: BoolArray  # whether the maximal score is shared
    confidence: FloatArray  # q_top
    entropy: FloatArray  # nats
    entropy_variance: FloatArray  # nats^2
    brier: FloatArray
    shares: FloatArray  # (K, n): q / sum q; (1, n) for class 1 of a two-class column
    log_sum: FloatArray | None  # log sum q as stored; None where it is 0 by construction
    targets: FloatArray | None = None  # (K, n): soft labels
    class_loss: FloatArray | None = None  # (K, n): -t_k log q_k, where there are targets
    target_entropy: FloatArray | None = None  # nats; None: 0
    log_odds: FloatArray | None = None  # log q_1 / q_0 of two classes; may be infinite
    top_loss: FloatArray | None = None  # nats: "is the top class right?"; three classes or more, plain labels
    log_forecast: FloatArray | None = None  # (K, n): log q + a constant of the row; three classes or more
    keys: KeyArray | None = None  # goes with it: which rows are kept if not all can be

    def where(self, rows: BoolArray | IndexArray | slice) -> RowScores:
        """Some of the rows."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "classes"}
        return replace(self, **{name: a[..., rows] for name, a in arrays.items() if a is not None})


@frozen(eq=False)
class TokenScores:
    """Rows of which only the probability of what happened is known; all `(n,)`."""

    weights: FloatArray | None  # None: ones
    loss: FloatArray  # nats, >= 0
    sizes: FloatArray | None  # bytes

    def where(self, rows: BoolArray | IndexArray | slice) -> TokenScores:
        """Some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return TokenScores(weights, self.loss[rows], None if self.sizes is None else self.sizes[rows])


def joined(pieces: Sequence[RowScores | TokenScores]) -> RowScores | TokenScores:
    """The rows of all pieces, one after the other."""
    first = pieces[0]
    if len(pieces) == 1:
        return first
    names = [f.name for f in fields(first) if isinstance(getattr(first, f.name), np.ndarray)]
    arrays: dict[str, Any] = {n: np.concatenate([getattr(p, n) for p in pieces], axis=-1) for n in names}
    return replace(first, **arrays)
