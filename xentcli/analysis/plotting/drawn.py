"""What pictures take of the JSON of results that are not read back as a whole."""

from __future__ import annotations

from msgspec import Struct

from xentcli.results.calibrate import CalibrateResult, GainVerdict
from xentcli.results.compare import CompareResult, Difference
from xentcli.results.parts import Breakdown, Metrics, Number
from xentcli.results.rank import ModelDifference, RankResult
from xentcli.units import Unit


class DrawnModel(Struct, frozen=True):
    """One model of a ranking."""

    name: str
    metrics: Metrics
    breakdown: Breakdown | None
    rank_low: int
    rank_high: int
    may_be_best: bool
    difference: ModelDifference | None


class DrawnRanking(Struct, frozen=True):
    """The best first."""

    unit: Unit
    rows: int
    level: float
    base: str | None
    models: tuple[DrawnModel, ...]


class DrawnBreakdowns(Struct, frozen=True):
    """Those of both models."""

    base: Breakdown | None
    new: Breakdown | None


class DrawnComparison(Struct, frozen=True):
    """Two models."""

    unit: Unit
    rows: int
    metrics: dict[str, Difference]
    breakdown: DrawnBreakdowns | None


class DrawnMethod(Struct, frozen=True):
    """One recalibration."""

    method: str
    gain: Number
    gain_low: Number
    verdict: GainVerdict


class DrawnCalibration(Struct, frozen=True):
    """What each recalibration saves."""

    unit: Unit
    infinite_rows: int
    chosen: str
    methods: tuple[DrawnMethod, ...]


# By the format of a result, what it has to hold; none of these lists may be empty.
DRAWN: dict[str, type[Struct]] = {
    RankResult.format: DrawnRanking,
    CompareResult.format: DrawnComparison,
    CalibrateResult.format: DrawnCalibration,
}
LISTS = ("models", "methods")
