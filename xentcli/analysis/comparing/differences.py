"""From the totals of a comparison to its result: paired differences of all rows and of slices."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from xentcli import __version__
from xentcli.analysis.comparing.models import met_in_order, notices_of
from xentcli.analysis.score import result_of
from xentcli.core.clusters import QUANTITIES
from xentcli.core.exact import ONE, ratio
from xentcli.core.kernel import erfc_of
from xentcli.core.numbers.anytime import LEVEL
from xentcli.core.numbers.paired_order import area_errors
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import ALIKE, NO_POWER, POWER, MeanDifference, Paired, difference, means
from xentcli.engine.comparing.most_different import DifferentRow
from xentcli.engine.comparing.pairs import ComparedPair
from xentcli.intervals import Z95
from xentcli.results.compare import (
    BreakdownChange,
    CompareResult,
    Difference,
    PairBasis,
    RowDifference,
    SliceDifference,
)
from xentcli.results.parts import Number
from xentcli.results.score import ScoreResult
from xentcli.states.comparison import Comparison
from xentcli.states.run import Run

NOT_AT_EVERY_LOOK = "its error has no interval that holds at every look"


def comparison_result(comparison: Comparison[ComparedPair]) -> CompareResult:
    """The paired difference of NEW and BASE, in nats."""
    totals, clustered, anytime = comparison.compared, comparison.clustered, comparison.anytime
    state, (run, base_run) = totals.paired, comparison.runs
    base, new = result_of(base_run), result_of(run)
    of_files = notices_of([(score.inputs[0].name, score) for score in (base, new)])
    missing: dict[str, str] = {}
    metrics = paired_metrics(state, clustered, anytime, missing)
    if len(new.classes) == 2 and new.signature.labels == "hard":
        metrics["auc"] = of_auc = auc_difference((base, base_run), (new, run), totals.joint, anytime)
        missing |= {f"auc.{name}": of_auc.reason for name, value in of_auc.to_dict().items() if value is None}
    se = metrics["log_loss"].se
    if se is None or anytime is not None:
        missing["detectable_difference"] = missing.get("log_loss.se", NO_POWER)
    return CompareResult(
        version=__version__,
        base=base,
        new=new,
        on=comparison.on,
        clusters=state.clusters.count if clustered else None,
        metrics=metrics,
        change=_change(base, new, missing),
        wins=state.wins,
        losses=state.losses,
        ties=state.ties,
        detectable_difference=None if se is None or anytime is not None else POWER * se,
        slices=tuple(_slices(totals, run.columns.keys.by, clustered, anytime)),
        most_different=tuple(_row(row, new.classes) for row in totals.different.rows),
        notices=(*comparison.notices, *met_in_order(comparison), *of_files),
        unavailable=missing,
        anytime=anytime,
    )


def paired_metrics(
    state: Paired, clustered: bool, anytime: int | None, missing: dict[str, str]
) -> dict[str, Difference]:
    """The metrics that the rows have; `missing` gets the reason for each number that is None."""
    metrics: dict[str, Difference] = {}
    for name in QUANTITIES:
        found = difference(state, name, clustered=clustered, anytime=anytime)
        if found is None:
            continue
        low, high = found.interval(LEVEL) or (None, None)
        t, p = found.test()
        base, new = means(state, name)
        se, reason = None if found.errors is None else found.errors.se, found.reason or ""
        metrics[name] = Difference(base, new, found.difference, se, low, high, t, p, _basis(found), reason)
        values = metrics[name].to_dict()
        missing |= {f"{name}.{part}": reason for part, value in values.items() if value is None}
    return metrics


def auc_difference(
    of_base: tuple[ScoreResult, Run], of_new: tuple[ScoreResult, Run], joint: JointOdds, anytime: int | None
) -> Difference:
    """The difference of the AUCs; its error as they have it (DeLong), so none where one of these has none."""
    (base, base_run), (new, run) = of_base, of_new
    old, now = base.metrics.auc, new.metrics.auc
    reason = next((each.unavailable["auc_se"] for each in (new, base) if each.metrics.auc_se is None), "")
    if anytime is not None:
        reason = reason or NOT_AT_EVERY_LOOK
    change = _less(now, old)
    if reason or change is None:
        return Difference(old, now, change, None, None, None, None, None, reason=reason)
    errors = area_errors(joint, run.totals.state, base_run.totals.state)
    half, z = Z95 * errors.se, change / errors.se if errors.se else None
    p = None if z is None else erfc_of(abs(z) / math.sqrt(2))
    basis = PairBasis(None, errors.base_covariance, errors.base_variance)
    known = "" if errors.se else ALIKE
    return Difference(old, now, change, errors.se, change - half, change + half, z, p, basis, known)


def _basis(found: MeanDifference) -> PairBasis | None:
    if found.errors is None:
        return None
    return PairBasis(found.errors.df, found.errors.base_covariance, found.errors.base_variance)


def _change(base: ScoreResult, new: ScoreResult, missing: dict[str, str]) -> BreakdownChange | None:
    """How much of the change is calibration, and how much discrimination."""
    if base.breakdown is None or new.breakdown is None:
        return None
    parts = [
        _less(getattr(new.breakdown, name), getattr(base.breakdown, name))
        for name in ("discrimination", "miscalibration")
    ]
    if parts[1] is None:
        missing["breakdown.change.miscalibration"] = "rows of infinite loss"
    return BreakdownChange(*parts)


def _less(new: Number, base: Number) -> Number:
    """New - base; None where base is infinite, as there is no number below all others."""
    if new is None or base is None or base == math.inf:
        return None
    return new - base


def _slices(
    totals: ComparedPair, sets: Sequence[Sequence[str]], clustered: bool, anytime: int | None
) -> Iterator[SliceDifference]:
    """The slices of each set of columns, those that move the difference most first."""
    for number, columns in enumerate(sets):
        found = [
            slice_difference(tuple(zip(columns, values, strict=True)), state, totals.paired, clustered, anytime)
            for (of, values), state in totals.slices.states.items()
            if of == number
        ]
        yield from sorted(found, key=_order)


def slice_difference(
    by: tuple[tuple[str, str | None], ...], state: Paired, whole: Paired, clustered: bool, anytime: int | None
) -> SliceDifference:
    """The difference on the rows of a slice, in nats, and what it contributes to that of the `whole`."""
    metrics = paired_metrics(state, clustered, anytime, {})
    moments = state.log_loss
    part = ratio(moments.new.total() - moments.base.total(), whole.log_loss.weight.total())
    own = metrics["log_loss"].difference
    contribution = own if own is None or math.isinf(own) else part
    weight = ratio(moments.weight.total(), ONE)
    return SliceDifference(by, state.rows, weight, contribution, metrics, state.wins, state.losses, state.ties)


def _order(each: SliceDifference) -> tuple[float, list[tuple[bool, str]]]:
    size = math.inf if each.contribution is None else abs(each.contribution)
    return -size, [(value is None, value or "") for _, value in each.by]


def _row(row: DifferentRow, classes: Sequence[str]) -> RowDifference:
    where, base = row.place[1], row.base_place[1]
    return RowDifference(
        file=where.file,
        line=where.line,
        row=where.row,
        base_line=base.line,
        base_row=base.row,
        id=row.id,
        label=None if row.label is None else classes[row.label],
        base_probability=row.base_probability,
        new_probability=row.new_probability,
        base=row.base_loss,
        new=row.new_loss,
        difference=None if row.difference == -math.inf else row.difference,
    )
