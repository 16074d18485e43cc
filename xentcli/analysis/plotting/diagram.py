"""From counts to the reliability diagram of one event."""

from __future__ import annotations

from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import (
    FINE,
    Detail,
    prediction_histogram,
    reliability_band,
    reliability_curve,
)
from xentcli.results.parts import Breakdown, Number
from xentcli.results.pictures import Axis, BandKind, Reliability


def diagram(
    name: str,
    rows: int,
    counts: OddsCounts,
    band: BandKind,
    axis: Axis,
    log_loss: Number = None,
    breakdown: Breakdown | None = None,
    detail: Detail = FINE,
) -> Reliability:
    """Of one event, with the log loss of its predictions and the breakdown of that."""
    log_odds = axis == "logodds"
    limits: tuple[tuple[float, float, float], ...] = ()
    if band != "none":
        x, low, high = reliability_band(counts, of_curve=band == "confidence", log_odds=log_odds, detail=detail)
        limits = tuple(zip(x.tolist(), low.tolist(), high.tolist(), strict=True))
    x, y = reliability_curve(counts, log_odds=log_odds, detail=detail)
    edges, shares = prediction_histogram(counts, log_odds=log_odds)
    return Reliability(
        name=name,
        rows=rows,
        curve=tuple(zip(x.tolist(), y.tolist(), strict=True)),
        band=limits,
        histogram=tuple(zip(edges[:-1].tolist(), edges[1:].tolist(), shares.tolist(), strict=True)),
        log_loss=log_loss,
        breakdown=breakdown,
    )
