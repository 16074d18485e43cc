"""The rows that recalibrations were fitted to, each through a fit that has not seen it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.core.fits.folds import FoldPlan, RowPlaces, rows_by_fold
from xentcli.decoding.groups import GroupReader
from xentcli.decoding.missing_values import MissingValues
from xentcli.engine.rewriting.gains import LossGains
from xentcli.engine.rewriting.recalibrating import NewScores, Recalibration, Recalibrator
from xentcli.engine.scoring import coded
from xentcli.engine.totals import Totals
from xentcli.results.calibration_map import CalibrationMap
from xentcli.sources.source import Block


class FoldMaps(Struct, frozen=True):
    """What the rows of each fold, by its name, are recalibrated by; those of any other stay as they are."""

    plan: FoldPlan
    maps: Mapping[str, CalibrationMap]


class CrossFitted:
    """Recalibrates the blocks of input `number` fold by fold, and adds up what was found in them."""

    def __init__(
        self, number: int, columns: Columns, policy: Policy, folds: FoldMaps, plain: CalibrationMap
    ) -> None:
        self._number, self._plan, self._maps = number, folds.plan, folds.maps
        self._groups = GroupReader(columns.keys, MissingValues(columns.missing))

        def recalibrator(by: CalibrationMap) -> Recalibrator:
            return Recalibrator(number, columns, policy, Recalibration(by))

        self._plain = recalibrator(plain)  # which finds what is broken
        self._of = {id(each): recalibrator(each) for each in folds.maps.values()}
        self.gains = LossGains()  # those of the table

    def __call__(self, block: Block) -> NewScores:
        """The new scores of a block. Rows that are broken are tallied, and their values worthless."""
        result = self._plain(block)
        fold, cluster = (coded(each) for each in (self._groups.fold(block), self._groups.cluster(block)))
        places = RowPlaces(self._number, block.numbers(), fold, cluster)
        new = {key: each(block).values for key, each in self._of.items()}
        for name, rows in rows_by_fold(self._plan, places):
            if name in self._maps:
                result.values[:, rows] = new[id(self._maps[name])][:, rows]
        return result

    @property
    def totals(self) -> Totals:
        """What was found in all rows."""
        return self._plain.totals

    @property
    def rows(self) -> int:
        """How many were read."""
        return self._plain.rows

    @property
    def kept(self) -> int:
        """How many stay as they are, as they lack a score."""
        return self._plain.kept

    @property
    def other_labels(self) -> int:
        """No label is looked at."""
        return 0
