"""Pictures of every kind, small, with names as long as they come and values that have no place on an axis."""

from __future__ import annotations

from math import inf

from xentcli.results.parts import Breakdown
from xentcli.results.pictures import (
    TOP_CLASS,
    BreakdownPicture,
    CalibratePicture,
    ConfusionCell,
    ConfusionsPicture,
    LossBin,
    LossesPicture,
    McbDscPicture,
    MethodPoint,
    ModelCurve,
    ModelLosses,
    ModelParts,
    MurphyPicture,
    Picture,
    RankedPoint,
    RankPicture,
    Reliability,
    ReliabilityPicture,
    RocPicture,
    SlicePoint,
    SlicesPicture,
)
from xentcli.units import Unit

LONG = "a model of a very long name that goes on and on, WMWMWMWM, and does not fit anywhere"
_CURVE = ((0.0, 0.0), (0.2, 0.1), (0.7, 0.9), (1.0, 1.0))
_BARS = ((0.0, 0.25, 0.5), (0.25, 0.5, 0.0), (0.5, 0.75, 0.2), (0.75, 1.0, 0.3))
_BAND = tuple((p, max(0.0, p - 0.1), min(1.0, p + 0.1)) for p, _ in _CURVE)


def breakdown(discrimination: float, miscalibration: float) -> Breakdown:
    """Of labels of an entropy of 0.69."""
    return Breakdown(
        method="isotonic", uncertainty=0.69, discrimination=discrimination, refinement=0.69 - discrimination,
        miscalibration=miscalibration, p_value=1e-9, rows=100, error_bound=0.0,
    )  # fmt: skip


def pictures(names: tuple[str, str, str] = ("old", "new", LONG)) -> dict[str, Picture]:
    """By what they show: three models, slices or classes of these names."""
    parts = (
        ModelParts(names[0], 0.31, breakdown(0.4, 0.02)),
        ModelParts(names[1], 0.311, breakdown(0.4, 0.021)),
        ModelParts(names[2], inf, breakdown(0.3, inf)),
    )
    models = tuple(
        Reliability(each.name, 100, _CURVE, _BAND, _BARS, each.log_loss, each.breakdown) for each in parts
    )
    curves = tuple(ModelCurve(name, _CURVE, _CURVE, 0.9, 0.95) for name in names)
    bins = (LossBin(0.0, 1e-6, 0.9, 0.0), LossBin(1e-6, 1e-3, 0.05, 0.1), LossBin(1e-3, 8.0, 0.05, 0.9))
    slices = tuple(
        SlicePoint(name, 12, loss, low, high)
        for name, loss, low, high in zip(names, (0.3, 0.9, inf), (0.2, 0.7, None), (0.4, 1.1, None), strict=True)
    )
    cells = tuple(ConfusionCell(one, two, 123_456, 0.1) for one in names for two in names)
    ranked = (
        RankedPoint(names[0], 1, 2, 0.1, 0.0, None, None, True),
        RankedPoint(names[1], 1, 2, 0.11, 0.01, -0.01, 0.03, True),
        RankedPoint(names[2], 3, 3, inf, inf, None, None, False),
    )
    reliability = ReliabilityPicture(models[:2], (), names[0], "consistency", "prob", Unit.NATS)
    methods = (
        MethodPoint(names[0], 0.1, 0.08, 0.12, "helps", True),
        MethodPoint(names[1], -0.2, -0.3, 0.1, "not shown", False),
        MethodPoint(names[2], -inf, None, None, "hurts", False),
    )
    return {
        "reliability": reliability,
        "panels": ReliabilityPicture(models[:1], models, TOP_CLASS, "none", "logodds", Unit.BITS, 50),
        "murphy": MurphyPicture(curves, names[0]),
        "roc": RocPicture(curves, names[0]),
        "breakdown": BreakdownPicture(parts, Unit.NATS),
        "mcb-dsc": McbDscPicture(parts, Unit.NATS),
        "losses": LossesPicture(
            (ModelLosses(names[0], bins, 0.3, 0), ModelLosses(names[2], bins, inf, 2)), Unit.NATS
        ),
        "confusions": ConfusionsPicture(names[0], names, 1000, cells, 0.9, Unit.NATS),
        "slices": SlicesPicture(names[2], slices, 950, 0.4, Unit.NATS),
        "rank": RankPicture(ranked, names[0], 0.95, 100, Unit.NATS, True),
        "calibrate": CalibratePicture(reliability, methods, Unit.NATS, names[0]),
        "gains": CalibratePicture(None, methods, Unit.NATS, "none", 3),
    }
