"""From counts to the reliability diagram of one event."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.core.curves.odds import OddsCounts
from xentcli.core.curves.reliability import (
    log_odds_end,
    prediction_histogram,
    reliability_band,
    reliability_curve,
)
from xentcli.core.curves.thinning import MOST_POINTS
from xentcli.results.parts import Breakdown, Number
from xentcli.results.pictures import ANY_LABEL, Axis, BandKind, Reliability
from xentcli.results.score import ScoreResult


def diagram(
    name: str,
    rows: int,
    counts: OddsCounts,
    band: BandKind,
    least: float | None,
    log_loss: Number = None,
    breakdown: Breakdown | None = None,
    points: int = MOST_POINTS,
) -> Reliability:
    """Of one event, with the log loss of its predictions and the breakdown of that.

    `least` is the probability at the end of an axis of log-odds, None on one of probabilities.
    """
    limits: tuple[tuple[float, float, float], ...] = ()
    if band != "none":
        x, low, high = reliability_band(counts, of_curve=band == "confidence", least=least, points=points)
        limits = tuple(zip(x.tolist(), low.tolist(), high.tolist(), strict=True))
    x, y = reliability_curve(counts, least, points)
    edges, shares = prediction_histogram(counts, least)
    return Reliability(
        name=name,
        rows=rows,
        curve=tuple(zip(x.tolist(), y.tolist(), strict=True)),
        band=limits,
        histogram=tuple(zip(edges[:-1].tolist(), edges[1:].tolist(), shares.tolist(), strict=True)),
        log_loss=log_loss,
        breakdown=breakdown,
    )


def axis_end(axis: Axis, counts: Sequence[OddsCounts]) -> float | None:
    """The probability at the end of an axis of log-odds for these predictions; None of one of probabilities."""
    return log_odds_end(counts) if axis == "logodds" else None


def event_named(result: ScoreResult) -> str:
    """What the probability of two classes is of, in words."""
    return result.classes[1] if result.labels is None else ANY_LABEL
