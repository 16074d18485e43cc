"""What the breakdown of the log loss is computed from: totals by log-odds, or rows kept for a fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Self

import numpy as np

from xentcli.core.exact import ExactSums, FloatArray
from xentcli.core.kept_rows import KeptRows
from xentcli.core.merging import Merging
from xentcli.core.odds_cells import OddsCells
from xentcli.core.pair_losses import PairLosses
from xentcli.core.row_scores import RowScores
from xentcli.core.score_test import ScoreTest
from xentcli.frozen import frozen

MOST_CONFUSIONS = 100  # classes up to which confusions are told apart


@frozen
class BreakdownState(Merging):
    """Of two classes `odds` and `test`, of more `kept` and `top_loss`; of plain labels `pairs`."""

    odds: OddsCells
    test: ScoreTest
    kept: KeptRows
    top_loss: ExactSums  # sum w of the loss of "is the top class right?", over rows where that is finite
    top_infinite: int  # rows where it is not
    pairs: PairLosses

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`, for K classes."""
        one = ExactSums.empty()
        return cls(OddsCells.empty(), ScoreTest.empty(), KeptRows.empty(classes), one, 0, PairLosses.empty())

    def beside(self, whole: Self) -> Self:
        """The state of a part of `whole`, without what that no longer tells apart: their merge is the same."""
        odds = self.odds if whole.odds.exact else self.odds.crowded()
        return replace(self, odds=odds, kept=self.kept.at_level(whole.kept.level))

    def tidied(self) -> Self:
        """The same state, with the work done that can be done before it is merged."""
        return replace(self, odds=self.odds.tidied())

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """The state of one block of rows, all of positive weight."""
        w, classes = rows.weights, rows.classes
        plain = rows.targets is None
        odds, test = OddsCells.empty(), ScoreTest.empty()
        if rows.log_odds is not None:
            happened = rows.labels == 1 if rows.targets is None else rows.targets[1]
            odds = OddsCells.of(rows.log_odds, happened, w)
            test = ScoreTest.of(rows.log_odds, rows.labels == 1, w) if plain else test
        top, top_infinite = _top(rows.top_loss, w)
        pairs = PairLosses.empty()
        if plain and classes <= MOST_CONFUSIONS:
            pairs = PairLosses.of(rows.labels, rows.top, _times(rows.loss, w), classes)
        return cls(odds, test, _kept(rows), top, top_infinite, pairs)


def _kept(rows: RowScores) -> KeptRows:
    """The rows of finite loss, of three classes or more."""
    finite = np.isfinite(rows.loss)
    rows = rows if finite.all() else rows.where(finite)
    if rows.log_forecast is None or rows.keys is None:
        return KeptRows.empty(rows.classes)
    labels = rows.labels if rows.targets is None else None
    return KeptRows.of(rows.log_forecast, labels, rows.targets, rows.weights, rows.keys)


def _top(loss: FloatArray | None, weights: FloatArray | None) -> tuple[ExactSums, int]:
    if loss is None:
        return ExactSums.empty(), 0
    finite = np.isfinite(loss)
    weighted = _times(loss, weights)
    return ExactSums.of(weighted[finite]), int(np.count_nonzero(~finite))


def _times(x: FloatArray, weights: FloatArray | None) -> FloatArray:
    return x if weights is None else x * weights
