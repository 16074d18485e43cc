"""Blocks of rows on their way into a state: each row is scored once, by the kernel, which adds it up as it goes.

Formulas: `native/rows.h`, `native/soft.h`; totals: `native/totals.h`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from mmap import mmap
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xentcli.core import kernel
from xentcli.core.batch import Batch, IndexArray, InputKind, Policy, RowScores, clip_losses
from xentcli.core.cells import LossCells, PairLosses
from xentcli.core.checks import soft_labels
from xentcli.core.exact import ExactSums, IntArray
from xentcli.core.kept_room import KeptRoom, RoomsTogether
from xentcli.core.kept_rows import KeptRows, start_of_keys
from xentcli.core.kernel import CELLS, DIGIT, LOWEST, MOST_TERMS, PLACES, PRODUCT_GROUPS
from xentcli.core.layout import BINS, layout
from xentcli.core.odds.cells import OddsCells
from xentcli.core.odds.table import OddsTable
from xentcli.core.state import ScoreState, tells_pairs

KINDS = {
    InputKind.PROBABILITY: kernel.PROBABILITY,
    InputKind.LOGIT: kernel.LOGIT,
    InputKind.LOG_PROBABILITY: kernel.LOG_PROBABILITY,
}
_ONES, _ONE = divmod(-LOWEST, DIGIT)  # the digit that 1 falls into, and the bit of it
_LOW = (1 << (DIGIT - _ONE)) - 1  # what of a count fits into that digit
_UNSCALED = PRODUCT_GROUPS // 2  # of products, the group that is scaled by nothing
_MOST_ROWS = MOST_TERMS >> 1  # before digits are carried: a row may add twice to one


def score_rows(
    batch: Batch, policy: Policy, wanted: Sequence[str] = (), rows: IndexArray | None = None
) -> tuple[RowScores, int]:
    """The loss of each row, or of `rows` `(n,)`, and what is wanted of `RowScores`; the kernel's code."""
    return _score(batch, policy, wanted, rows)


class RowNumbers(NamedTuple):
    """Which rows those of a batch are: what decides whether the breakdown keeps them."""

    input: int  # its number
    rows: IntArray  # (n,): their numbers in it


class Accumulator:
    """Totals of the rows of K classes that are being scored. All have weights, or none has.

    They keep no more for the breakdown than `whole`, of which they will be a part.
    """

    def __init__(
        self,
        policy: Policy,
        whole: ScoreState,
        *,
        breakdown: bool = True,
        rooms: RoomsTogether | None = None,
        counts: bool = True,
    ) -> None:
        self._classes, self._policy, self._breakdown = whole.class_count, policy, breakdown
        self._like = whole.odds.exact, whole.odds.limit, whole.kept.level, whole.kept.budget
        self._rooms, self._counts = rooms, counts  # rooms of others whose rows are of the same whole
        self._totals: kernel.TotalsArrays | None = None

    def _begin(self, batch: Batch) -> kernel.TotalsArrays:
        """Totals of nothing; what is never touched takes no memory."""
        classes, places = self._classes, layout(self._classes)
        pairs = classes**2 if tells_pairs(classes) else 0
        self._weighted, self._soft = batch.weights is not None, batch.targets is not None
        self._one_probability = batch.columns == 1 and batch.kind is InputKind.PROBABILITY
        self._added = 0  # rows since digits were carried
        self._cells = LossCells.empty()  # of weighted rows
        self._odds = self._kept = None
        exact, limit, level, budget = self._like
        if self._breakdown and classes == 2:
            self._odds = OddsTable(weighted=self._weighted or self._soft, exact=exact, limit=limit)
        elif self._breakdown and classes:
            self._kept = KeptRoom(
                classes, soft=self._soft, level=level, budget=budget, together=self._rooms, counts=self._counts
            )
        return kernel.TotalsArrays(
            classes,
            self._breakdown,
            digits=np.zeros((PLACES, places.group_count), np.int64),
            counts=np.zeros(places.number_count, np.int64),
            pair_digits=np.zeros((PLACES, pairs), np.int64) if pairs else None,
            pair_infinite=np.zeros(pairs, np.int64) if pairs else None,
            cell_rows=_untouched(np.int64),
            cell_largest=_untouched(np.float64),
            cell_span=np.array([CELLS, -1]),
            odds=None if self._odds is None else self._odds.address,
            kept=None if self._kept is None else self._kept.address,
        )

    def add(
        self,
        batch: Batch,
        wanted: Sequence[str] = (),
        rows: IndexArray | None = None,
        keys: RowNumbers | None = None,
    ) -> tuple[RowScores, int]:
        """Score a batch, or `rows` `(n,)` of it, and add it up; as `score_rows`.

        Of three classes or more, the breakdown takes `keys`. After BROKEN the state is worthless.
        """
        if self._totals is None:
            self._totals = self._begin(batch)
        count = batch.rows if rows is None else rows.size
        if self._added + count > _MOST_ROWS:
            self._carry()
        self._added += count
        large = self._odds or self._kept
        make_room = None if large is None else large.make_room
        scored, code = _score(batch, self._policy, wanted, rows, self._totals, keys, make_room)
        if self._kept is not None:
            self._kept.tell()
        if self._weighted and not code & kernel.BROKEN:
            finite, w = np.isfinite(scored.loss), scored.known("weights")
            self._cells = self._cells.merge(LossCells.of(scored.loss[finite], w[finite]))
        return scored, code

    def state(self) -> ScoreState:
        """What all rows since the last state add up to."""
        totals, classes = self._totals, self._classes
        if totals is None:
            return ScoreState.empty(classes)
        self._carry()
        pairs = PairLosses.empty()
        if totals.pair_digits is not None and totals.pair_infinite is not None and not self._soft:
            self._tell_classes(totals.pair_digits, totals.pair_infinite)
            pairs = _wrong_pairs(totals.pair_digits, totals.pair_infinite, self._numbers("confusions"), classes)
        if not self._weighted:
            self._count_weights()
        if self._one_probability:  # class 0 has what class 1 leaves
            rest, one = self._groups("shares").T[:, :, None]
            rest[:] = self._groups("weight") + self._groups("infinite") - one
        odds, kept = self._odds, self._kept
        self._totals = self._odds = self._kept = None
        return ScoreState(
            classes,
            totals.counts,
            ExactSums.of_kernel_digits(totals.digits),
            self._cells if self._weighted else _loss_cells(totals),
            OddsCells.empty() if odds is None else OddsCells.of_table(odds),
            KeptRows.empty(classes) if kept is None else kept.kept(),
            pairs if self._breakdown else PairLosses.empty(),
        )

    def _carry(self) -> None:
        assert self._totals is not None
        for digits in (self._totals.digits, self._totals.pair_digits):
            if digits is not None:
                kernel.carry(digits)
        self._added = 0

    def _groups(self, name: str) -> IntArray:
        assert self._totals is not None
        return self._totals.digits[:, layout(self._classes).groups[name]]

    def _numbers(self, name: str) -> IntArray:
        assert self._totals is not None
        return self._totals.counts[layout(self._classes).numbers[name]]

    def _tell_classes(self, digits: IntArray, infinite: IntArray) -> None:
        """What the tables of true and top classes tell of each class."""
        table = self._numbers("confusions").reshape(self._classes, -1)
        self._numbers("labels")[:] = table.sum(axis=1)
        self._numbers("infinite_labels")[:] = infinite.reshape(table.shape).sum(axis=1)
        self._numbers("tops")[:] = table.sum(axis=0)
        self._numbers("hits")[:] = table.diagonal()
        self._groups("class_loss")[:] = digits.reshape(PLACES, *table.shape).sum(axis=2)

    def _count_weights(self) -> None:
        """Of rows without weights, sums of weights are counts, and sums of (w l) w are those of l."""
        finite, infinite = self._numbers("rows"), self._numbers("infinite")
        moments = {"loss": finite, "brier": finite + infinite}
        if self._policy.ordinal:
            moments["rps"] = finite + infinite
        for name, rows in moments.items():
            self._groups(f"{name}_cross")[:, _UNSCALED] += self._groups(name)[:, 0]
            self._add_counts(f"{name}_weights", rows, _UNSCALED)
        bins = self._numbers("bins").reshape(BINS, 2)
        counted = {"weight": finite, "infinite": infinite, "tops": self._numbers("tops")}
        if not self._soft:
            counted |= {name: self._numbers(name) for name in ("labels", "hits", "places")}
            counted |= {"bin_weight": bins.sum(axis=1), "bin_hits": bins[:, 1]}
        for name, rows in counted.items():
            self._add_counts(name, rows)

    def _add_counts(self, name: str, rows: IntArray, first: int = 0) -> None:
        """Add whole numbers to groups from the `first` of these on, in two digits: rows may be 2^32 and more."""
        groups = self._groups(name)[:, first : first + rows.size]
        groups[_ONES] += (rows & _LOW) << _ONE
        groups[_ONES + 1] += rows >> (DIGIT - _ONE)


def _score(
    batch: Batch,
    policy: Policy,
    wanted: Sequence[str],
    rows: IndexArray | None,
    totals: kernel.TotalsArrays | None = None,
    keys: RowNumbers | None = None,
    make_room: Callable[[], None] | None = None,
) -> tuple[RowScores, int]:
    least, most = (0.0, np.inf) if policy.clip is None else clip_losses(policy.clip)
    how = kernel.Scores(
        KINDS[batch.kind], policy.normalize, least, most, policy.smoothing, policy.sum_tolerance, policy.ordinal
    )
    known = [name for name in dict.fromkeys(("loss", *wanted)) if _is_known(name, batch, policy)]
    numbers, start = (None, 0) if keys is None else (keys.rows, start_of_keys(keys.input))
    found, code = kernel.score_block(
        how, batch.scores, batch.labels, batch.targets, batch.weights, batch.sizes, rows, numbers, start, known,
        totals, make_room,
    )  # fmt: skip
    at = slice(None) if rows is None else rows
    labels = None if batch.labels is None else batch.labels[at]
    w, sizes = (None if given is None else given[at] for given in (batch.weights, batch.sizes))
    targets = None if batch.targets is None else soft_labels(batch.targets, policy)[:, at]
    return RowScores(batch.classes, labels=labels, weights=w, sizes=sizes, targets=targets, **found), code


def _untouched(kind: type[Any]) -> NDArray[Any]:
    """CELLS zeros of which only those that are written to take memory: of what the heap gives all would."""
    return np.frombuffer(mmap(-1, CELLS * 8), kind)


def _is_known(name: str, batch: Batch, policy: Policy) -> bool:
    """Whether rows like these have such a quantity."""
    soft, classes = batch.targets is not None, batch.classes
    return {
        "loss": True,
        "log_odds": classes == 2,
        "log_q": classes > 2,
        "top_loss": classes > 2 and not soft and not policy.smoothing,
        "target_entropy": classes > 0 and (soft or policy.smoothing > 0),
        "label_share": classes > 0 and not soft,
        "class_loss": soft,
    }.get(name, classes > 0)


def _wrong_pairs(digits: IntArray, infinite: IntArray, confusions: IntArray, classes: int) -> PairLosses:
    """The pairs of true class and another top class that rows have."""
    wrong = confusions.copy()
    wrong[:: classes + 1] = 0
    pairs = np.flatnonzero(wrong)
    return PairLosses(pairs, wrong[pairs], infinite[pairs], ExactSums.of_kernel_digits(digits[:, pairs]))


def _loss_cells(totals: kernel.TotalsArrays) -> LossCells:
    first, last = totals.cell_span.tolist()
    if last < 0:
        return LossCells.empty()
    rows, largest = totals.cell_rows[first : last + 1], totals.cell_largest[first : last + 1]
    return LossCells(first, ExactSums.of_counts(rows), np.where(rows > 0, largest, -1.0))
