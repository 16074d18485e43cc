"""The result of `xent compare`: two inputs side by side, scored in one pass and compared row by row."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from xentcli import __version__
from xentcli.analysis.pair_reading import PairReading, read_pair
from xentcli.analysis.score import result_of, scored
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.clusters import QUANTITIES
from xentcli.core.exact import ONE, ratio
from xentcli.core.paired import POWER, Found, Paired, difference, means
from xentcli.engine.engine import Progress
from xentcli.engine.most_different import DifferentRow
from xentcli.engine.scoring import Plan
from xentcli.errors import Notice
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
from xentcli.sources.source import Source


def compare_sources(
    base: Source,
    new: Sequence[Source],
    specs: tuple[ColumnSpec, ColumnSpec],
    policy: Policy,
    on: str | None,
    *,
    breakdown: bool = True,
    class_errors: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> CompareResult:
    """The paired difference of two models, in nats; `specs` are BASE's and NEW's."""
    plan = Plan(breakdown, class_errors=class_errors)
    found = read_pair(base, new, specs, policy, on, plan, threads, progress)
    base_score = result_of(scored(found.base, breakdown=breakdown))
    new_score = result_of(scored(found.new, breakdown=breakdown))
    state, clustered = found.merged.paired, found.new.first.keys.cluster is not None
    missing: dict[str, str] = {}
    metrics = _metrics(state, clustered, missing)
    se = metrics["log_loss"].se
    if se is None:
        missing["detectable_difference"] = missing["log_loss.se"]
    return CompareResult(
        version=__version__,
        base=base_score,
        new=new_score,
        on=on,
        clusters=state.clusters.count if clustered else None,
        metrics=metrics,
        change=_change(base_score, new_score, missing),
        wins=state.wins,
        losses=state.losses,
        ties=state.ties,
        detectable_difference=None if se is None else POWER * se,
        slices=tuple(_slices(found, clustered)),
        most_different=tuple(_row(row, new_score.classes) for row in found.merged.different.rows),
        notices=tuple(_notices(found, base_score, new_score)),
        unavailable=missing,
    )


def _metrics(state: Paired, clustered: bool, missing: dict[str, str]) -> dict[str, Difference]:
    """The metrics that the rows have; `missing` gets the reason for each number that is None."""
    metrics: dict[str, Difference] = {}
    for name in QUANTITIES:
        found = difference(state, name, clustered=clustered)
        if found is None:
            continue
        low, high = found.interval(0.95) or (None, None)
        t, p = found.test()
        base, new = means(state, name)
        se = None if found.errors is None else found.errors.se
        metrics[name] = Difference(base, new, found.difference, se, low, high, t, p, _basis(found))
        values = metrics[name].to_dict()
        missing |= {f"{name}.{part}": found.reason or "" for part, value in values.items() if value is None}
    return metrics


def _basis(found: Found) -> PairBasis | None:
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


def _slices(found: PairReading, clustered: bool) -> Iterator[SliceDifference]:
    """The slices of each set of columns, those that move the difference most first."""
    whole = found.merged.paired
    states = found.merged.slices.states
    for number, columns in enumerate(found.new.first.keys.by):
        each_of = [
            _slice(tuple(zip(columns, values, strict=True)), state, whole, clustered)
            for (of, values), state in states.items()
            if of == number
        ]
        yield from sorted(each_of, key=_order)


def _slice(
    by: tuple[tuple[str, str | None], ...], state: Paired, whole: Paired, clustered: bool
) -> SliceDifference:
    metrics = _metrics(state, clustered, {})
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


def _notices(found: PairReading, base: ScoreResult, new: ScoreResult) -> Iterator[Notice]:
    """How rows met, and the notices of both; one that does not say where it is of names its file."""
    yield from found.notices()
    both = [notice for notice in new.notices if notice in base.notices]
    yield from both
    for result in (base, new):
        for notice in result.notices:
            if notice in both:
                continue
            name = result.inputs[0].name
            told = bool(notice.where) or notice.message.startswith(name)
            yield notice if told else replace(notice, message=f"{name}: {notice.message}")
