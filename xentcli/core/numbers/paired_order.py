"""The error of the difference of the AUCs of two models on the same rows, by their placements row by row.

DeLong, DeLong & Clarke-Pearson 1988: with V and V' the placements of a row under NEW and BASE, the difference of
the AUCs is the mean of V - V' over the rows of either class, and its error that of such a mean. How often two
placements meet is told by the pairs of log-odds. Where these are in cells, so are the placements: the averages.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from xentcli.core.exact import FloatArray, IntArray
from xentcli.core.numbers.ordering import Ordering, Placements, mean_product
from xentcli.core.odds.joint import JointOdds
from xentcli.core.odds.totals import starts_of
from xentcli.core.state import ScoreState


class AreaErrors(NamedTuple):
    """How sure the difference of two AUCs is."""

    se: float
    base_covariance: float  # of the difference and the AUC of BASE
    base_variance: float  # of the AUC of BASE


def area_errors(joint: JointOdds, new: ScoreState, base: ScoreState) -> AreaErrors:
    """The errors of NEW's AUC less BASE's, of rows of which two of each class at least."""
    joint = joint.compact()
    [totals] = joint.parts
    positive, negative, power = totals.squares()
    turned = _area(new) + _area(base) > 1  # as it is where the models change places
    of_new, of_base = (
        _placed(state, joint.shift, keys, turned) for state, keys in ((new, totals.new), (base, totals.base))
    )
    if joint.turned:
        of_base = of_base._replace(positive=of_base.negative, negative=of_base.positive)
    rows, weights = new.classes.labels.rows.tolist(), new.classes.labels.weight.totals()
    classes = (
        (negative, of_new.negative, of_base.negative, rows[0], weights[0]),
        (positive, of_new.positive, of_base.positive, rows[1], weights[1]),
    )
    variance = covariance = of_base_alone = 0.0
    for squares, own, other, n, weight in classes:
        y = other - of_base.area
        d = own - of_new.area - y
        variance += mean_product(squares, power, d, d, n, weight)
        covariance += mean_product(squares, power, d, y, n, weight)
        of_base_alone += mean_product(squares, power, y, y, n, weight)
    return AreaErrors(math.sqrt(variance), covariance, of_base_alone)


def _area(state: ScoreState) -> float:
    return Ordering.of(state.odds_keys.positive, state.odds_keys.negative).area


def _placed(state: ScoreState, shift: int, keys: IntArray, turned: bool) -> Placements:
    """The placements of the rows of each of these keys, which leave out `shift` bits."""
    places, own_shift = state.odds_places
    ordering = Ordering.of(state.odds_keys.positive, state.odds_keys.negative)
    if shift > own_shift:
        places = places >> np.int64(shift - own_shift)
        first = np.flatnonzero(starts_of(places))
        places = places[first]
        ordering = Ordering(np.add.reduceat(ordering.positive, first), np.add.reduceat(ordering.negative, first))
    placements = ordering.placements(turned=turned)
    at = np.searchsorted(places, keys)
    return Placements(placements.area, _at(placements.positive, at), _at(placements.negative, at))


def _at(values: FloatArray, at: IntArray) -> FloatArray:
    found: FloatArray = values[at]
    return found
