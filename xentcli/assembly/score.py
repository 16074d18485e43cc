"""The result of `xent score`."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli import __version__
from xentcli.assembly.notices import metric_notices
from xentcli.assembly.prior import Prior
from xentcli.assembly.reading import read
from xentcli.assembly.refusals import refuse_bad_sums, refuse_foreign_logits
from xentcli.assembly.slices import slice_results
from xentcli.core.scores import Policy
from xentcli.core.summary import summarize
from xentcli.core.terms import Terms
from xentcli.data.columns import ColumnSpec
from xentcli.data.source import Source
from xentcli.engine.running import Engine
from xentcli.engine.scoring import Plan
from xentcli.results import ScoreResult
from xentcli.units import Unit


def score_sources(
    sources: Sequence[Source],
    spec: ColumnSpec,
    policy: Policy,
    engine: Engine,
    *,
    breakdown: bool = True,
    prior: Prior | None = None,
) -> ScoreResult:
    """Score inputs as one, in nats; skill is measured against `prior`, or else the class mix of the rows."""
    found = read(sources, spec, policy, Plan(breakdown), engine)
    first, merged, classes = found.first, found.merged, found.classes
    mix = None if prior is None else prior.by_class(classes)
    terms = Terms(first.label_kind, policy.smoothing, policy.clip, mix, breakdown)
    clusters = None if first.keys.cluster is None else merged.clusters
    summary = summarize(merged.state, classes, terms, clusters)
    refuse_bad_sums(summary, policy, sources[0])
    refuse_foreign_logits(summary, first, sources[0])
    return ScoreResult(
        version=__version__,
        signature=found.signature(mix),
        inputs=found.inputs(),
        columns=found.columns_used(),
        rows=summary.metrics.rows,
        weight=summary.weight,
        classes=classes,
        input_kind=first.kind.value,
        unit=Unit.NATS,
        metrics=summary.metrics,
        per_class=summary.per_class,
        breakdown=summary.breakdown,
        calibration=summary.calibration,
        chain=summary.chain,
        confusions=summary.confusions,
        reliability=summary.reliability,
        slices=tuple(slice_results(merged, first.keys.by, classes, terms)),
        notices=(*found.notices(), *metric_notices(summary, first, policy)),
        unavailable=summary.unavailable,
    )
