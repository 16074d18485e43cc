"""`xent divergence`: how far the predictions of NEW are from those of BASE, row by row; no label is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli import __version__
from xentcli.analysis.comparing.gating import gate_divergence
from xentcli.analysis.comparing.models import Scoring, met_in_order, open_models, open_pair, run_models
from xentcli.analysis.inputs import column_names
from xentcli.analysis.request import (
    EngineRequest,
    InputRequest,
    Target,
    refuse_no_target,
    refuse_overwriting,
    refuse_two_stdins,
)
from xentcli.analysis.run import run_notices
from xentcli.analysis.saving import refuse_unwritable, save_state
from xentcli.analysis.unused import refuse_unused
from xentcli.core.batch import InputKind, Policy
from xentcli.core.divergence import Divergence
from xentcli.core.exact import ONE, ratio
from xentcli.core.numbers.divergence import divergence_numbers
from xentcli.engine.comparing.moved import DivergenceComparer, Moved, MovedPlace
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.gates.gating import Gating
from xentcli.joining.id_columns import id_columns
from xentcli.joining.pairing import class_map, refuse_unlike_columns
from xentcli.results.divergence import DivergenceMetrics, DivergenceResult, MovedRow, SliceDivergence
from xentcli.states.comparison import PAIR, Comparison
from xentcli.units import Unit
from xentcli.wording import plural, typed


class DivergenceRequest(Struct, frozen=True):
    """What `xent divergence` is asked; slices and clusters are those of NEW's columns."""

    base: InputRequest
    new: InputRequest
    on: str | None = None  # the column of ids in both; None: rows meet in order
    policy: Policy = field(default_factory=Policy)
    unit: Unit = Unit.NATS
    gating: Gating = field(default_factory=Gating)
    engine: EngineRequest = field(default_factory=EngineRequest)
    save_state: Target | None = None

    def __post_init__(self) -> None:
        refuse_no_target("save_state", self.save_state)
        refuse_two_stdins((*self.base.paths, *self.new.paths))


def diverge_files(request: DivergenceRequest) -> DivergenceResult:
    """How far NEW has moved from BASE, and what becomes of what is required of that.

    Raises as `score_files` does, and `ContentError` where the two do not have the same ids, classes and weights.
    """
    comparison = _compare(request)
    result = divergence_result(comparison)
    if request.save_state is not None:
        save_state(comparison, request.save_state)
    return gate_divergence(result, request.gating, request.unit)


def _compare(request: DivergenceRequest) -> Comparison[Moved]:
    """What all rows add up to."""
    refuse_unwritable(request.save_state)
    on = request.on
    sides = [replace(each, spec=replace(each.spec, unlabelled=True)) for each in (request.base, request.new)]
    opened = open_pair(sides[0], sides[1], on)
    refuse_overwriting(request.save_state, [each.name for sources in opened for each in sources], None)
    ids = None if on is None else id_columns(on, *(column_names(each[0]) for each in opened))
    of_base = replace(sides[0], id=None if ids is None else ids.left)
    of_new = replace(sides[1], id=None if ids is None else ids.right)
    base, new = open_models(("BASE", "NEW"), (of_base, of_new), opened, request.gating.slices, on)
    refuse_unused(request.new.given, [new, base])
    labelled = request.new.spec.label is not None
    if not labelled:
        for each in (base, new):
            _refuse_tokens(each)
        refuse_unlike_columns(new.first, base.first, base.name)
    order = np.argsort(class_map(new.first, base.first, base.name, new.name))
    comparer = DivergenceComparer(order, request.policy, labelled, None if ids is None else ids.right)
    scoring = Scoring(request.policy, Plan(breakdown=False), request.engine.open(request.new.text))
    found = run_models((new, base), [ids], on, scoring, comparer)
    return Comparison(PAIR, found.runs, found.compared, on, found.in_order, found.notices, base=1)


def _refuse_tokens(inputs: Inputs) -> None:
    """Raise a `RequestError` for one column of log-probabilities that nothing says the class of."""
    columns, [name, *_] = inputs.first, inputs.first.scores.names
    if columns.single and columns.kind is InputKind.LOG_PROBABILITY and columns.positive is None:
        message = f'"{name}" is the log-probability of no class that is known: those of true tokens say too little'
        hint = f"lists of all log-probabilities; {typed('--positive', 'CLASS')} if it is of one of two classes"
        raise RequestError("positive", message, hint=hint, where=Where(inputs.name), column=name)


def divergence_result(found: Comparison[Moved]) -> DivergenceResult:
    """The numbers, in nats."""
    (new, base), state = found.runs, found.compared.divergence
    clustered, missing = new.columns.clustered, dict[str, str]()
    metrics, basis = divergence_numbers(state, missing, clustered=clustered)
    totals = new.totals
    counts = totals.state.losses.counts
    metrics = replace(
        metrics,
        skipped_rows=counts.skipped,
        filtered_rows=totals.filtered,
        zero_weight_rows=counts.zero_weight,
    )
    return DivergenceResult(
        version=__version__,
        signature=new.signature(),
        inputs=(*base.inputs, *new.inputs),
        columns={"base": base.columns_used(), "new": new.columns_used()},
        on=found.on,
        rows=metrics.rows,
        weight=ratio(state.same_top.weight.total(), ONE),
        clusters=basis.clusters,
        classes=new.classes,
        input_kind={"base": base.columns.kind.value, "new": new.columns.kind.value},
        unit=Unit.NATS,
        metrics=metrics,
        slices=tuple(_slices(found.compared, new.columns.keys.by, clustered)),
        rows_most_different=tuple(_row(row, new.classes) for row in found.compared.most.rows),
        notices=(*found.notices, *met_in_order(found), *_notices(found, metrics)),
        unavailable=missing,
        basis=basis,
        base_inputs=len(base.inputs),
    )


def _slices(moved: Moved, sets: Sequence[Sequence[str]], clustered: bool) -> Iterator[SliceDivergence]:
    """The slices of each set of columns, those of the largest part of the KL divergence first."""
    weight = moved.divergence.same_top.weight.total()
    for number, columns in enumerate(sets):
        found = [
            _slice(tuple(zip(columns, values, strict=True)), state, weight, clustered)
            for (of, values), state in moved.slices.states.items()
            if of == number
        ]
        yield from sorted(found, key=_order)


def _slice(
    by: tuple[tuple[str, str | None], ...], state: Divergence, weight: int, clustered: bool
) -> SliceDivergence:
    metrics, basis = divergence_numbers(state, {}, clustered=clustered)
    contribution = metrics.kl if state.infinite else ratio(state.kl.total.total(), weight)
    own = ratio(state.same_top.weight.total(), ONE)
    return SliceDivergence(by, state.rows, own, contribution, metrics, basis)


def _order(each: SliceDivergence) -> tuple[Any, ...]:
    return -(each.contribution or 0.0), [(value is None, value or "") for _, value in each.by]


def _row(row: MovedPlace, classes: Sequence[str]) -> MovedRow:
    where, base = row.place[1], row.base_place[1]
    return MovedRow(
        file=where.file,
        line=where.line,
        row=where.row,
        base_line=base.line,
        base_row=base.row,
        id=row.id,
        label=None if row.label is None else classes[row.label],
        kl=row.kl,
        base_class=classes[row.base_top],
        base_probability=row.base_probability,
        new_class=classes[row.new_top],
        new_probability=row.new_probability,
    )


def _notices(found: Comparison[Moved], metrics: DivergenceMetrics) -> Iterator[Notice]:
    """What is odd about the files and their rows, and rows of infinite divergence with their places."""
    if metrics.infinite_rows:
        first = [row.place[1] for row in found.compared.most.rows if row.kl == np.inf]
        message = "NEW gives probability 0 to a class that BASE does not: the KL divergence is infinite"
        yield Notice("infinite_rows", metrics.infinite_rows, message, tuple(first[:5]))
    if metrics.skipped_rows:
        message = f"{plural(metrics.skipped_rows, 'row')} left out for a missing value"
        yield Notice("skipped_rows", metrics.skipped_rows, message, doubt=True)
    of_new, of_base = (tuple(run_notices(run)) for run in found.runs)
    yield from dict.fromkeys((*of_base, *of_new))
