"""What a block of rows holds before and after it is scored, and the questions every block is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from xentcli.core.exact import FloatArray
from xentcli.core.kernel import log1p_of, log_of

IndexArray = NDArray[np.intp]


class InputKind(StrEnum):
    """What the score columns hold."""

    PROBABILITY = "probability"
    LOGIT = "logit"
    LOG_PROBABILITY = "log_probability"


class Policy(Struct, frozen=True):
    """What the user allows to be done to the predictions; part of every result's signature."""

    clip: float | None = None  # row losses from min(max(q, clip), 1 - clip)
    normalize: bool = False  # row losses from q / sum q
    sum_tolerance: float = 0.01  # how far sum q may miss 1
    smoothing: float = 0.0  # row losses against (1 - smoothing) t + smoothing / K
    skip_missing: bool = False  # rows with a missing label, target or score are left out and counted
    ignored_labels: tuple[str, ...] = ()  # rows with these labels are left out and counted
    class_weights: tuple[tuple[str, float], ...] = ()  # a row weighs as its class; 1 where none is given
    ordinal: bool = False  # the classes are in an order, and so ranked probability scores are wanted


def clip_losses(clip: float) -> tuple[float, float]:
    """The smallest and the largest loss that `--clip` allows."""
    return -log1p_of(-clip), -log_of(clip)


class Batch(Struct, frozen=True, eq=False):
    """A block of rows, ready for arithmetic.

    `scores` are K columns `(n,)` of float64 or float32, or one for two classes: the score of class 1 alone; or
    they stand row by row in one array `(n, K)`. What happened stands in `labels` `(n,)`, class indices 0..K-1, or
    in `targets` `(K, n)` or `(1, n)`, distributions over the classes; with neither, the one column holds the
    log-probabilities of what happened (`tokens`). `weights` `(n,)` is None for ones, `sizes` `(n,)` are the bytes
    of tokens.
    """

    kind: InputKind
    scores: tuple[FloatArray, ...] | FloatArray
    labels: IndexArray | None
    weights: FloatArray | None = None
    targets: FloatArray | None = None
    sizes: FloatArray | None = None

    @property
    def rows(self) -> int:
        """Number of rows, n."""
        return len(self.scores if isinstance(self.scores, np.ndarray) else self.scores[0])

    @property
    def columns(self) -> int:
        """Scores a row: K, or 1."""
        return self.scores.shape[1] if isinstance(self.scores, np.ndarray) else len(self.scores)

    @property
    def matrix(self) -> FloatArray:
        """The scores as `(K, n)` or `(1, n)`, float64; a copy."""
        return by_class(self.scores)

    @property
    def tokens(self) -> bool:
        """Whether the scores are of what happened, without classes."""
        return self.labels is None and self.targets is None

    @property
    def classes(self) -> int:
        """K; 2 where one row of scores stands for both classes, 0 for tokens."""
        return 0 if self.tokens else max(2, self.columns)

    def where(self, keep: NDArray[np.bool_] | IndexArray) -> Batch:
        """The rows that `keep` `(n,)` marks, or whose numbers it holds."""
        arrays = {name: getattr(self, name) for name in ("labels", "weights", "targets", "sizes")}
        given = self.scores
        scores = given[keep] if isinstance(given, np.ndarray) else tuple(each[keep] for each in given)
        return replace(self, scores=scores, **{name: a[..., keep] for name, a in arrays.items() if a is not None})


def by_class(scores: tuple[FloatArray, ...] | FloatArray) -> FloatArray:
    """Columns `(n,)`, or one array `(n, K)`, as `(K, n)` of float64."""
    whole = scores.T if isinstance(scores, np.ndarray) else np.stack(scores)
    return np.ascontiguousarray(whole, np.float64)


class Finding(Struct, frozen=True, eq=False):
    """Rows of one block that break or stretch a rule, by the rule's code.

    `rows` `(m,)` are row numbers within the block, ascending; `scores` `(m,)` the score row meant, or -1;
    `values` `(m,)` what was found there.
    """

    code: str
    rows: IndexArray
    scores: IndexArray
    values: FloatArray


def over_classes(rows: FloatArray) -> FloatArray:
    """Sum `(n,)` of `rows` `(K, n)`, class after class.

    NumPy adds rows that lie one after the other in this order, but the values of a single one pairwise, and a
    result may not depend on where the blocks end.
    """
    total: FloatArray
    if rows.shape[1] == 1:
        total = np.add.accumulate(rows[:, 0])[-1:]
    else:
        total = np.add.reduce(np.ascontiguousarray(rows), axis=0)
    return total


def by_row(code: str, mask: NDArray[np.bool_], values: FloatArray) -> Iterator[Finding]:
    """A finding about whole rows, if there are any."""
    rows = np.flatnonzero(mask)
    if rows.size:
        yield Finding(code, rows, np.full(rows.size, -1), values[rows])


class SummaryOptions(Struct, frozen=True):
    """How a state is to be read."""

    labels: str = "hard"  # "hard", "soft" or "token"
    smoothing: float = 0.0  # label smoothing, of the class mix too
    clip: float | None = None
    prior: tuple[float, ...] | None = None  # by class: what skill is measured against; None: the class mix
    breakdown: bool = True
    ordinal: bool = False  # with the ranked probability score
    calibration: bool = True  # with what simple recalibrations could do

    @property
    def plain(self) -> bool:
        """Whether the loss is that of labels, as tests of calibration have it."""
        return self.labels == "hard" and not self.smoothing


BoolArray = NDArray[np.bool_]
KeyArray = NDArray[np.uint64]


class RowScores(Struct, frozen=True, eq=False):
    """What is known of rows that were scored, where it is asked for; all `(n,)` unless said."""

    classes: int  # 0 for tokens, of which only the loss is known
    loss: FloatArray  # nats, >= 0, infinite where the true class had probability 0
    labels: IndexArray | None = None
    weights: FloatArray | None = None  # None: ones
    sizes: FloatArray | None = None  # bytes of tokens
    targets: FloatArray | None = None  # (K, n): soft labels
    top: IndexArray | None = None  # the first class of maximal score
    tied: BoolArray | None = None  # whether the maximal score is shared
    confidence: FloatArray | None = None  # q_top
    entropy: FloatArray | None = None  # nats
    variance: FloatArray | None = None  # of -log q_Y for Y ~ q, nats^2
    brier: FloatArray | None = None
    label_share: FloatArray | None = None  # q_y / sum q
    shares: FloatArray | None = None  # (K, n): q / sum q
    log_sum: FloatArray | None = None  # log sum q as stored
    log_odds: FloatArray | None = None  # log q_1 / q_0 of two classes; may be infinite
    top_loss: FloatArray | None = None  # nats: "is the top class right?"; three classes or more, plain labels
    log_q: FloatArray | None = None  # (K, n): log q + a constant of the row; three classes or more
    class_loss: FloatArray | None = None  # (K, n): -t_k log q_k, where there are targets
    target_entropy: FloatArray | None = None  # nats, of soft or smoothed labels

    def known(self, name: str) -> NDArray[Any]:
        """What was asked for."""
        found = getattr(self, name)
        assert found is not None, name
        return np.asarray(found)

    def where(self, rows: BoolArray | IndexArray) -> RowScores:
        """Some of the rows."""
        arrays = {name: getattr(self, name) for name in self.__struct_fields__ if name != "classes"}
        return replace(self, **{name: a[..., rows] for name, a in arrays.items() if a is not None})


def join_rows(parts: Sequence[RowScores], order: IndexArray) -> RowScores:
    """The rows of all parts, row i of them together being number `order[i]` of the whole."""
    place = np.empty_like(order)
    place[order] = np.arange(order.size)
    first = parts[0]
    names = [name for name in first.__struct_fields__ if isinstance(getattr(first, name), np.ndarray)]
    joined = {name: np.concatenate([getattr(part, name) for part in parts], axis=-1)[..., place] for name in names}
    return replace(first, **joined)
