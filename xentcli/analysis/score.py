"""`xent score`, `xent gate` and `xent merge`: from a request, or from saved states, to the result.

What only some of them need is imported there: a score of a small file should not wait for it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence

from msgspec.structs import asdict, replace

from xentcli import __version__
from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.notices import metric_notices
from xentcli.analysis.prior import prior_of
from xentcli.analysis.refusals import refuse_bad_sums, refuse_foreign_logits
from xentcli.analysis.request import ScoreRequest, refuse_no_path, refuse_overwriting
from xentcli.analysis.run import run_notices, score_inputs
from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ratio
from xentcli.core.standard_errors import class_basis
from xentcli.core.summary import summarize
from xentcli.engine.engine import Progress
from xentcli.engine.slices import MOST_SLICES, SliceState
from xentcli.engine.totals import Plan
from xentcli.errors import ContentError, RequestError
from xentcli.results.gate import GateResult
from xentcli.results.outcome import Gate, sort_worst_first
from xentcli.results.parts import SliceResult
from xentcli.results.score import ScoreResult
from xentcli.states.run import Run
from xentcli.units import Unit


def score_files(request: ScoreRequest) -> ScoreResult:
    """Score inputs as one, and judge what is required of the numbers.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    return gate_of(request).score


def gate_of(request: ScoreRequest) -> GateResult:
    """What became of the requirements, the worst first; the scores; what changed since the baseline.

    Raises as `score_files` does.
    """
    gating = request.gating
    baseline = gating.read_baseline()
    inputs = open_inputs(request.inputs, gating.slices)
    read = [source.name for source in inputs.sources]
    refuse_overwriting(request.save_state, read if inputs.label_file is None else [*read, inputs.label_file])
    plan = Plan(request.breakdown, class_errors=gating.class_errors, shard=request.shard)
    prior = prior_of(request.prior, request.inputs)
    run = score_inputs(inputs, request.policy, plan, request.engine.open(request.inputs.text), prior)
    result = result_of(run)
    _save(run, request.save_state)
    result = result.to_unit(request.unit)
    gates: tuple[Gate, ...] = ()
    if gating.requirements:
        from xentcli.gates.check_score import check_score

        confidence, unit = gating.confidence, request.unit
        gates = check_score(result, gating.requirements, confidence=confidence, baseline=baseline, unit=unit)
    score = replace(result, gates=gates)
    if baseline is None:
        return GateResult(tuple(sort_worst_first(gates)), score)
    from xentcli.gates.baseline import baseline_changes

    return GateResult(tuple(sort_worst_first(gates)), score, baseline.name, baseline_changes(score, baseline))


def merge_states(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    save_state: str | os.PathLike[str] | None = None,
    unit: Unit | str = Unit.NATS,
    progress: Progress | None = None,
) -> ScoreResult:
    """The result of scoring as one all that the states in these files were saved from.

    `save_state` is a file for the state of the whole; it may be one of those read. `progress` is told how far the
    merging has come.

    Raises as `score_files` does: `ContentError` for what is damaged, or no state, or was scored otherwise.
    """
    from xentcli.states.file import read_states
    from xentcli.states.merge import merge

    refuse_no_path("save_state", save_state)
    unit = Unit(unit)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    run = merge(read_states([os.fspath(path) for path in given], progress))
    try:
        result = result_of(run)
    except (ArithmeticError, LookupError, ValueError) as fault:  # each number may be sound, and all together not
        raise ContentError("state", "no rows can have the totals of these states") from fault
    _save(run, save_state)
    return result.to_unit(unit)


def _save(run: Run, path: str | os.PathLike[str] | None) -> None:
    """Write the state of a run, once its result is known to be one."""
    if path is not None:
        from xentcli.files import write_file
        from xentcli.states.file import state_text

        write_file(os.fspath(path), state_text(run))


def result_of(run: Run) -> ScoreResult:
    """The numbers, in nats."""
    columns, totals, classes, policy = run.columns, run.totals, run.classes, run.policy
    options = SummaryOptions(columns.label_kind, policy.smoothing, policy.clip, run.prior, run.plan.breakdown)
    clusters = None if columns.keys.cluster is None else totals.clusters
    summary = summarize(totals.state, classes, options, clusters)
    refuse_bad_sums(summary, policy, run.inputs[0].name)
    refuse_foreign_logits(summary, columns, run.inputs[0].name)
    return ScoreResult(
        version=__version__,
        signature=run.signature(),
        inputs=run.inputs,
        columns=run.columns_used(),
        rows=summary.metrics.rows,
        classes=classes,
        input_kind=columns.kind.value,
        unit=Unit.NATS,
        slices=tuple(_slices(run, options)),
        notices=(*run_notices(run), *metric_notices(summary, columns, policy)),
        class_basis=class_basis(totals.class_errors, totals.state, summary.per_class),
        **asdict(summary),
    )


def _slices(run: Run, options: SummaryOptions) -> Iterator[SliceResult]:
    """The slices of each set of columns, the costliest first; those without a row of positive weight are none.

    Raises `RequestError` for a set of columns with too many values.
    """
    slices, sets = run.totals.slices, run.columns.keys.by
    if slices.too_many:
        _refuse_many(sets[min(slices.too_many)])
    for number, columns in enumerate(sets):
        found = [
            _slice(tuple(zip(columns, values, strict=True)), state, run, options)
            for (of, values), state in slices.states.items()
            if of == number and state.score.losses.rows
        ]
        yield from sorted(found, key=lambda each: (-(each.contribution or 0.0), _sortable(each)))


def _slice(
    by: tuple[tuple[str, str | None], ...], state: SliceState, run: Run, options: SummaryOptions
) -> SliceResult:
    losses, whole = state.score.losses, run.totals
    clusters = state.clusters if whole.clusters.count else None
    summary = summarize(state.score, run.classes, options, clusters)
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
