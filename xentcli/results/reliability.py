"""The reliability curve of one event: what happened against what was predicted, as plain numbers."""

from __future__ import annotations

from itertools import pairwise

from xentcli.results.parts import ResultPart


class CurvePoint(ResultPart, frozen=True):
    """A corner of the curve; between two of them lie straight lines."""

    prediction: float  # 0 to 1, rising
    share: float  # 0 to 1, rising: the recalibrated probability


class BandPoint(ResultPart, frozen=True):
    """Where 90 % of such curves lie at a prediction if the predictions are right."""

    prediction: float  # 0 to 1, rising
    low: float  # 0 to 1: the 5 % quantile
    high: float  # 0 to 1: the 95 % quantile


class PredictionBin(ResultPart, frozen=True):
    """How much of the weight has a prediction in [low, high); the last bin is closed."""

    low: float  # 0 to 1
    high: float  # 0 to 1
    share: float  # 0 to 1


class ReliabilityCurve(ResultPart, frozen=True):
    """The CORP reliability diagram of one event (Dimitriadis, Gneiting & Jordan 2021)."""

    event: str  # of two classes the second; of more, that the top class is right
    curve: tuple[CurvePoint, ...]
    band: tuple[BandPoint, ...]
    histogram: tuple[PredictionBin, ...]

    @property
    def can_be_drawn(self) -> bool:
        """Whether there are points that rise, all within 0 and 1, as xent writes them: a JSON may be edited."""
        parts = (*self.curve, *self.band, *self.histogram)
        numbers = (getattr(part, name) for part in parts for name in part.__struct_fields__)
        rising = all(
            one.prediction <= other.prediction and one.share <= other.share for one, other in pairwise(self.curve)
        )
        return bool(self.curve and self.histogram) and rising and all(0 <= number <= 1 for number in numbers)


class Counts:
    """What pictures of a result are drawn from: part of no output and no comparison, and not pickled."""

    __slots__ = ("odds",)

    def __init__(self, odds: object = None) -> None:
        self.odds = odds  # `core.odds.cells.OddsCells` of two classes; None: nothing is held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Counts)

    def __hash__(self) -> int:
        return hash(Counts)

    def __reduce__(self) -> tuple[type[Counts], tuple[()]]:
        return Counts, ()
