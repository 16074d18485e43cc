"""The result of `xent score`, and of `xent merge`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli import __version__
from xentcli.analysis.notices import file_notices, metric_notices, order_notices
from xentcli.analysis.prior import Prior
from xentcli.analysis.reading import Reading, read
from xentcli.analysis.refusals import refuse_bad_sums, refuse_foreign_logits
from xentcli.analysis.row_errors import row_notices
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy, Terms
from xentcli.core.exact import ratio
from xentcli.core.standard_errors import class_basis
from xentcli.core.summary import summarize
from xentcli.engine.engine import Engine
from xentcli.engine.scoring import PartScore, Plan
from xentcli.engine.slices import MOST_SLICES, SliceState
from xentcli.errors import RequestError
from xentcli.joining.joined_source import label_file
from xentcli.results.parts import SliceResult
from xentcli.results.score import ScoreResult
from xentcli.sources.source import Source
from xentcli.states.scored import Scored, columns_used
from xentcli.units import Unit


def score_sources(
    sources: Sequence[Source],
    spec: ColumnSpec,
    policy: Policy,
    engine: Engine,
    *,
    breakdown: bool = True,
    prior: Prior | None = None,
    class_errors: bool = False,
    shard: int | None = None,
) -> Scored:
    """Score inputs as one; skill is measured against `prior`, or else the class mix of the rows.

    `class_errors` adds what bounds of the numbers of single classes rest on. `shard` is the number of the first
    input among all those that are scored apart and will be merged.
    """
    plan = Plan(breakdown, class_errors=class_errors, first_input=shard or 0)
    return scored(read(sources, spec, policy, plan, engine), breakdown=breakdown, prior=prior, shard=shard)


def scored(
    found: Reading, *, breakdown: bool = True, prior: Prior | None = None, shard: int | None = None
) -> Scored:
    """What has been read, as it is saved and merged."""
    sources, first = found.sources, shard or 0
    return Scored(
        inputs=found.inputs(),
        numbers=tuple(range(first, first + len(sources))),
        numbered=shard is not None,
        columns=found.first,
        label_file=label_file(sources[0]),
        policy=found.policy,
        prior=None if prior is None else prior.by_class(found.classes),
        breakdown=breakdown,
        merged=found.merged,
        notices=tuple(dict.fromkeys(file_notices(sources, found.columns))),  # one label file says the same to all
    )


def result_of(scored: Scored) -> ScoreResult:
    """The numbers, in nats."""
    columns, merged, classes, policy = scored.columns, scored.merged, scored.classes, scored.policy
    terms = Terms(columns.label_kind, policy.smoothing, policy.clip, scored.prior, scored.breakdown)
    clusters = None if columns.keys.cluster is None else merged.clusters
    summary = summarize(merged.state, classes, terms, clusters)
    refuse_bad_sums(summary, policy, scored.inputs[0].name)
    refuse_foreign_logits(summary, columns, scored.inputs[0].name)
    return ScoreResult(
        version=__version__,
        signature=scored.signature(),
        inputs=scored.inputs,
        columns=columns_used(columns, classes, scored.label_file),
        rows=summary.metrics.rows,
        weight=summary.weight,
        classes=classes,
        input_kind=columns.kind.value,
        unit=Unit.NATS,
        metrics=summary.metrics,
        per_class=summary.per_class,
        breakdown=summary.breakdown,
        calibration=summary.calibration,
        chain=summary.chain,
        confusions=summary.confusions,
        reliability=summary.reliability,
        slices=tuple(slice_results(merged, columns.keys.by, classes, terms)),
        notices=(
            *scored.notices,
            *row_notices(merged.tally, merged.state.losses.rows),
            *order_notices(merged, classes),
            *metric_notices(summary, columns, policy),
        ),
        unavailable=summary.unavailable,
        basis=summary.basis,
        class_basis=class_basis(merged.class_errors, merged.state, summary.per_class),
    )


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
