"""The tables of a result: classes, confusions, the chain rule, and confidence against accuracy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from msgspec import Struct

from xentcli.core.exact import ONE, IntArray, ratio
from xentcli.core.layout import BINS
from xentcli.core.numbers.top_class import PLAIN, f1_of
from xentcli.core.state import ScoreState
from xentcli.results.parts import ChainRule, ClassResult, Confusion, Number, ReliabilityBin


def class_results(
    state: ScoreState, classes: Sequence[str], soft: bool, missing: dict[str, str]
) -> Iterator[ClassResult]:
    """Each class, in order."""
    totals, weight = state.classes, state.losses.weight
    rows = [ratio(t, ONE) for t in totals.amount.totals()] if soft else totals.labels.rows.tolist()
    columns = zip(
        classes,
        rows,
        totals.labels.weight.totals(),
        totals.shares.totals(),
        totals.class_loss.totals(),
        totals.infinite.tolist(),
        totals.hits.weight.totals(),
        totals.tops.weight.totals(),
        strict=True,
    )
    for name, count, own, predicted, loss, infinite, hits, tops in columns:
        if not own:
            missing |= dict.fromkeys((f"log_loss[{name}]", f"recall[{name}]"), "no row has this class")
        if not tops:
            missing[f"precision[{name}]"] = "never the top class"
        if soft or not (own or tops):
            missing[f"f1[{name}]"] = PLAIN if soft else "no row has this class, or is predicted as it"
        yield ClassResult(
            name=name,
            rows=count,
            share=ratio(own, weight),
            predicted_share=ratio(predicted, weight),
            log_loss=(math.inf if infinite else ratio(loss, own)) if own else None,
            contribution=math.inf if infinite else ratio(loss, weight),
            recall=ratio(hits, own) if own else None,
            precision=ratio(hits, tops) if tops else None,
            f1=None if soft else f1_of(hits, own, tops),
        )


def confusions(state: ScoreState, classes: Sequence[str], log_loss: float) -> Iterator[Confusion]:
    """Pairs of true class and top class that differ, the costliest first."""
    pairs, weight, count = state.breakdown.pairs, state.losses.weight, len(classes)
    columns = zip(
        pairs.pairs.tolist(), pairs.rows.tolist(), pairs.infinite.tolist(), pairs.loss.totals(), strict=True
    )
    costs = [
        (math.inf if infinite else ratio(loss, weight), rows, *divmod(pair, count))
        for pair, rows, infinite, loss in columns
    ]
    for cost, rows, label, top in sorted(costs, key=lambda each: (-each[0], -each[1], each[2:])):
        share = cost / log_loss if 0 < log_loss < math.inf else None
        yield Confusion(classes[label], classes[top], rows, cost, share)


def chain(state: ScoreState, log_loss: float, missing: dict[str, str]) -> ChainRule:
    """The loss of "is the top class right?", and what is left of the log loss for "which class, if not?"."""
    if state.breakdown.top_infinite:
        missing["chain.rest"] = "rows whose top class was wrong though it had probability 1"
        return ChainRule(math.inf, None)
    top = ratio(state.breakdown.top_loss.total(), state.losses.weight)
    return ChainRule(top, max(0.0, log_loss - top))


def reliability(state: ScoreState) -> Iterator[ReliabilityBin]:
    """Equal bins of the probability of the top class."""
    totals = state.classes
    columns = zip(
        totals.bins.rows.tolist(), totals.bins.weight.totals(), totals.bin_confidence.totals(),
        totals.bin_hits.weight.totals(), strict=True,
    )  # fmt: skip
    for place, (rows, weight, confidence, hits) in enumerate(columns):
        mean: tuple[Number, Number] = (ratio(confidence, weight), ratio(hits, weight)) if weight else (None, None)
        yield ReliabilityBin(place / BINS, (place + 1) / BINS, rows, *mean)


_ENOUGH_ROWS = 10
_CLEARLY_RIGHT = 0.5  # of the rows, in the other order
_CLEARLY_WRONG = 1.5  # times fewer right as given
_AND_MORE = 0.2  # of the rows, that are right only in the other order


class Reordering(Struct, frozen=True):
    """`classes[k]` is the class that column k seems to be of; rows right as given, and if that were so."""

    classes: tuple[int, ...]
    rows: int
    right: int
    right_if: int


def better_order(confusions: IntArray, classes: int) -> Reordering | None:
    """Another order of the classes in which most predictions are right, if the given one is clearly wrong.

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
