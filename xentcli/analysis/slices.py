"""The slices of a result, each judged against its own class mix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli.core.exact import ratio
from xentcli.core.summary import summarize
from xentcli.core.terms import Terms
from xentcli.engine.scoring import PartScore
from xentcli.engine.slices import MOST_SLICES, SliceState
from xentcli.errors import RequestError
from xentcli.results.parts import SliceResult


def slice_results(
    merged: PartScore, sets: Sequence[Sequence[str]], classes: Sequence[str], terms: Terms
) -> Iterator[SliceResult]:
    """The slices of each set of columns, the costliest first; those without a row of positive weight are none.

    Raises `RequestError` for a set of columns with too many values.
    """
    if merged.slices.too_many:
        _refuse_many(sets[min(merged.slices.too_many)])
    for number, columns in enumerate(sets):
        found = [
            _slice(tuple(zip(columns, values, strict=True)), part, merged, classes, terms)
            for (of, values), part in merged.slices.states.items()
            if of == number and part.score.losses.rows
        ]
        yield from sorted(found, key=lambda each: (-(each.contribution or 0.0), _sortable(each)))


def _slice(
    by: tuple[tuple[str, str | None], ...],
    part: SliceState,
    whole: PartScore,
    classes: Sequence[str],
    terms: Terms,
) -> SliceResult:
    losses = part.score.losses
    summary = summarize(part.score, classes, terms, part.clusters if whole.clusters.count else None)
    loss = math.inf if losses.counts.infinite else ratio(losses.loss.total.total(), whole.state.losses.weight)
    return SliceResult(
        by, summary.metrics.rows, summary.weight, loss, summary.metrics, summary.breakdown, summary.basis
    )


def _sortable(each: SliceResult) -> list[tuple[bool, str]]:
    return [(value is None, value or "") for _, value in each.by]


def _refuse_many(columns: Sequence[str]) -> None:
    names = ", ".join(columns)
    raise RequestError(
        "too_many_slices",
        f"--by {names} has more than {MOST_SLICES:,} different values",
        hint="--bins COL=0,18,65 slices a column of numbers by ranges",
        column=columns[0] if len(columns) == 1 else None,
    )
