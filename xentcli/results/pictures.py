"""What pictures draw: curves and bars as plain numbers. Fields marked "info" are amounts of information."""

from __future__ import annotations

import os
from typing import Literal

from msgspec import Struct

from xentcli.results.parts import Breakdown, Number
from xentcli.units import Unit

Points = tuple[tuple[float, float], ...]
BandKind = Literal["consistency", "confidence", "none"]
BANDS: tuple[BandKind, ...] = ("consistency", "confidence", "none")
Axis = Literal["prob", "logodds"]
AXES: tuple[Axis, ...] = ("prob", "logodds")

RANK = "rank"  # whose models are matched row by row
# Each kind of picture, and what it shows.
KINDS = {
    "reliability": "what happened against what was predicted, with a band of chance",
    "breakdown": "label entropy - discrimination + miscalibration = log loss, as steps",
    "mcb-dsc": "models by miscalibration and discrimination, with lines of equal log loss",
    "murphy": "mean cost of decisions by threshold; the area is the Brier score",
    "roc": "true against false positives, with the convex hull",
    "losses": "how many rows have which loss, and how much of the total they carry",
    "confusions": "which classes are taken for which, by the loss that carries",
    "slices": "log loss of each slice with its interval, beside that of all rows",
    RANK: "models best first, by their paired difference, with its interval",
    "calibrate": "what each recalibration saves, and reliability before and after",
}
# Those of one model, and the kind that draws several instead.
ONE_MODEL = {"confusions": "breakdown", "slices": RANK, "calibrate": "reliability"}


def file_in(folder: str, kind: str) -> str:
    """The file in a folder of pictures that holds this kind."""
    return os.path.join(folder, f"{kind}.svg")


TOP_CLASS = "the top class"  # the event that it is right
ANY_LABEL = "any label"  # the event that a label holds, where rows have several
_SHARES = {TOP_CLASS: "share whose top class is right", ANY_LABEL: "share of labels that hold"}


def share_words(event: str) -> str:
    """What a reliability curve of this event shows."""
    return _SHARES.get(event, f"share that is {event}")


def whole_words(*, weighted: bool) -> str:
    """What the shares of predictions and of losses are of."""
    return "the weight" if weighted else "the rows"


class Reliability(Struct, frozen=True):
    """The CORP reliability diagram of one event (Dimitriadis, Gneiting & Jordan 2021)."""

    name: str  # of the model, or of the class where there is a panel for each
    rows: int
    curve: Points  # prediction and recalibrated probability, 0 to 1, both rising
    band: tuple[tuple[float, float, float], ...]  # prediction, 5 % and 95 % quantile, 0 to 1; () without a band
    histogram: tuple[tuple[float, float, float], ...]  # predictions from and below which, share of the weight
    log_loss: Number  # info; None where it is not that of this event
    breakdown: Breakdown | None  # likewise


class ReliabilityPicture(Struct, frozen=True):
    """Two classes: models one above the other. More: the top class, and a panel for each class."""

    models: tuple[Reliability, ...]
    panels: tuple[Reliability, ...]  # of the classes; () for two
    event: str  # whose probability it is: a class, TOP_CLASS or ANY_LABEL
    band: BandKind
    axis: Axis
    unit: Unit
    class_count: int = 2
    least: float = 0.0005  # probability at the lower end of an axis of log-odds; at its upper end 1 - that
    cluster: str | None = None  # the column of clusters, which a band knows nothing of
    labels: int = 0  # that each row has, where there are several
    weighted: bool = False


class Decision(Struct, frozen=True):
    """What comes of predicting the event wherever its probability exceeds a threshold."""

    threshold: float  # 0 to 1
    predicted: float  # share of the weight that the event is predicted for
    precision: Number  # share of that which is the event; None where it is never predicted
    recall: float  # share of the event that is predicted: true positive rate
    false_positives: float  # share of the other class that the event is predicted for
    accuracy: float  # share of the weight that is predicted right


class ModelCurve(Struct, frozen=True):
    """A curve of one model, and that of the isotonic fit to the same rows."""

    name: str
    curve: Points
    recalibrated: Points  # of ROC curves the hull
    area: float
    recalibrated_area: float
    decisions: tuple[Decision, ...] = ()  # of ROC curves: by some thresholds, ascending


class MurphyPicture(Struct, frozen=True):
    """Mean cost of decisions by the threshold they are taken at (Ehm et al. 2016); its area is the Brier score."""

    models: tuple[ModelCurve, ...]
    event: str


class RocPicture(Struct, frozen=True):
    """Share of true positives against that of false ones, by falling threshold."""

    models: tuple[ModelCurve, ...]
    event: str


class ModelParts(Struct, frozen=True):
    """The breakdown of one model."""

    name: str
    log_loss: float  # info
    breakdown: Breakdown  # info


class BreakdownPicture(Struct, frozen=True):
    """Label entropy - discrimination + miscalibration = log loss, as steps."""

    models: tuple[ModelParts, ...]
    unit: Unit


class McbDscPicture(Struct, frozen=True):
    """Models by miscalibration and discrimination, with lines of equal log loss. All have one label entropy."""

    models: tuple[ModelParts, ...]
    unit: Unit


class LossBin(Struct, frozen=True):
    """Rows whose loss is from `low` to `high`."""

    low: float  # info, above 0 but for the first bin
    high: float  # info
    rows: float  # their share of the weight, 0 to 1
    loss: float  # their share of the total loss, 0 to 1


class ModelLosses(Struct, frozen=True):
    """The row losses of one model, on bins that all models share."""

    name: str
    bins: tuple[LossBin, ...]
    log_loss: float  # info; infinite with infinite rows
    infinite_rows: int


class LossesPicture(Struct, frozen=True):
    """Histogram of the row losses on a logarithmic scale."""

    models: tuple[ModelLosses, ...]
    unit: Unit
    weighted: bool = False


class ConfusionCell(Struct, frozen=True):
    """Rows of one class, by what was predicted."""

    label: str
    forecast: str
    rows: int
    contribution: Number  # info: their part of the log loss; None beside rows of infinite loss


class ConfusionsPicture(Struct, frozen=True):
    """Which confusions carry the loss; `classes` are its rows and columns, the costliest of too many."""

    name: str
    classes: tuple[str, ...]
    class_count: int
    cells: tuple[ConfusionCell, ...]
    log_loss: float  # info
    unit: Unit


class SlicePoint(Struct, frozen=True):
    """The log loss of a slice with its 95 % interval."""

    name: str
    rows: int
    log_loss: float  # info
    low: Number  # info
    high: Number  # info


class SlicesPicture(Struct, frozen=True):
    """A forest plot of slices beside the log loss of all rows."""

    name: str
    slices: tuple[SlicePoint, ...]
    left_out: int  # slices that are not drawn
    overall: float  # info
    unit: Unit


class RankedPoint(Struct, frozen=True):
    """A model's difference to the best, or to the base."""

    name: str
    rank_low: int
    rank_high: int
    log_loss: float  # info
    difference: Number  # info; 0 for the base itself; None where both have rows of infinite loss
    low: Number  # info
    high: Number  # info
    may_be_best: bool


class RankPicture(Struct, frozen=True):
    """Models best first, by their paired difference to `base`."""

    models: tuple[RankedPoint, ...]
    base: str
    level: float
    rows: int
    unit: Unit
    best_is_base: bool = False  # none was named, so the best was chosen on these rows


class MethodPoint(Struct, frozen=True):
    """What one recalibration saves on rows that its fit has not seen, and the bounds that its verdict rests on."""

    name: str
    gain: Number  # info
    low: Number  # info: 95 % bound from below
    high: Number  # info: 95 % bound from above
    verdict: str  # helps, hurts or not shown
    chosen: bool


class CalibratePicture(Struct, frozen=True):
    """Reliability before and after the chosen recalibration, and what each method saves."""

    before_and_after: ReliabilityPicture | None  # two classes
    methods: tuple[MethodPoint, ...]
    unit: Unit
    chosen: str = ""  # a method, or none
    infinite_rows: int = 0  # left out of the fits


Picture = (
    ReliabilityPicture
    | MurphyPicture
    | RocPicture
    | BreakdownPicture
    | McbDscPicture
    | LossesPicture
    | ConfusionsPicture
    | SlicesPicture
    | RankPicture
    | CalibratePicture
)
