"""Scores: from a request to a run, and from a run, which may also come of saved states, to the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import asdict, replace

from xentcli import __version__
from xentcli.analysis.documents import document_notices, document_results
from xentcli.analysis.inputs import join_labels
from xentcli.analysis.merging.parts import saved_part, scored_part
from xentcli.analysis.notices import metric_notices
from xentcli.analysis.prior import prior_of
from xentcli.analysis.refusals import refuse_bad_sums, refuse_foreign_logits
from xentcli.analysis.request import ScoreRequest, refuse_overwriting
from xentcli.analysis.run import run_notices, score_inputs
from xentcli.analysis.saving import save_state
from xentcli.analysis.slices import label_results, of_rows, slice_results
from xentcli.analysis.typed_again import reading_options
from xentcli.analysis.unused import refuse_unused
from xentcli.columns.agreement import in_order, refuse_no_order, resolve_all
from xentcli.core.batch import SummaryOptions
from xentcli.core.numbers.standard_errors import class_basis
from xentcli.core.numbers.summary import summarize
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import NO_ERRORS, Plan
from xentcli.results.reliability import Counts
from xentcli.results.score import ScoreResult
from xentcli.sources.source import Source
from xentcli.states.run import NoRows, Run
from xentcli.units import Unit

PlanOf = Callable[[Inputs, Plan], Plan]  # what is gathered beside the scores, of inputs that are about to be read


def score_sources(
    request: ScoreRequest, sources: Sequence[Source], plan_of: PlanOf | None = None, id: str | None = None
) -> tuple[Run, ScoreResult]:
    """The run of sources that were opened as asked, and its result; column `id` names rows.

    Raises as `score_files` does.
    """
    refuse_overwriting(request.save_state, [source.name for source in sources], request.inputs.labels)
    if request.save_state is None:
        run, _ = _run_of(request, sources, plan_of, id, part=False)
    else:
        run = saved_part(part_of(request, sources, plan_of, id), request.save_state)
    run = run.with_class_errors(request.gating.class_errors)
    result = result_of(run)
    if request.reliability:
        from xentcli.analysis.plotting.curve import with_curve

        result = with_curve(result, run)
    if request.save_state is not None:
        save_state(run, request.save_state)
    return run, result.to_unit(request.unit)


def part_of(
    request: ScoreRequest, sources: Sequence[Source], plan_of: PlanOf | None = None, id: str | None = None
) -> Run | NoRows:
    """What sources add to a whole, if only to the number of its inputs; raises as `score_files` does."""
    part = scored_part(lambda: _run_of(request, sources, plan_of, id, part=True), sources, request.shard)
    return part if isinstance(part, NoRows) else part.with_class_errors(request.gating.class_errors)


def _run_of(
    request: ScoreRequest, sources: Sequence[Source], plan_of: PlanOf | None, id: str | None, *, part: bool
) -> tuple[Run, Inputs]:
    """All rows scored, of a `part` perhaps none; and the sources with their labels."""
    gating = request.gating
    sources, spec = join_labels(request.inputs, sources, gating.slices, id)
    merged = request.is_part or request.save_state is not None  # and the whole may be gated
    plan = Plan(request.breakdown, class_errors=gating.class_errors or merged, shard=request.shard)
    prior = prior_of(request.prior, request.inputs)
    columns = resolve_all(sources, spec, request.inputs.on or id)
    if request.policy.ordinal:
        columns = in_order(columns, given=spec.classes is not None, name=sources[0].name)
    inputs = Inputs(sources, columns, reading_options(request.inputs))
    refuse_unused(request.inputs.given, [inputs])
    if request.reliability:
        from xentcli.analysis.plotting.curve import curve_plan

        plan = curve_plan(inputs, plan)
    if plan_of is not None:
        plan = plan_of(inputs, plan)
    run = score_inputs(inputs, request.policy, plan, request.engine.open(request.inputs.text), prior, part=part)
    if request.policy.ordinal and spec.classes is None:
        refuse_no_order(run.classes, inputs.name)  # which one score column leaves to the labels
    return run, inputs


def result_of(run: Run) -> ScoreResult:
    """The numbers, in nats."""
    columns, totals, classes, policy = run.columns, run.totals, run.classes, run.policy
    errors = totals.class_errors if run.plan.class_errors else NO_ERRORS
    options = SummaryOptions(
        columns.label_kind, policy.smoothing, policy.clip, run.prior, run.plan.breakdown, policy.ordinal
    )
    by_row = None if columns.multilabel is None else totals.row_means
    clusters = totals.clusters if columns.clustered else by_row
    summary = of_rows(summarize(totals.state, classes, options, clusters), by_row)
    summary = replace(summary, metrics=replace(summary.metrics, filtered_rows=totals.filtered))
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
        labels=label_results(run, options),
        slices=tuple(slice_results(run, options)),
        documents=document_results(run),
        notices=(*run_notices(run), *metric_notices(summary, columns, policy), *document_notices(run)),
        class_basis=class_basis(errors, totals.state, summary.per_class),
        counts=_counts(run),
        **asdict(summary),
    )


def _counts(run: Run) -> Counts:
    """What a diagram of two classes takes."""
    two = len(run.classes) == 2 and run.plan.breakdown
    return Counts(run.totals.state.breakdown.odds if two else None)
