"""The breakdown of the Brier score of two classes, by the isotonic fit of that of the log loss (CORP).

With the isotonic recalibration of Brier score S (Dimitriadis, Gneiting & Jordan 2021):

    Brier score = uncertainty - discrimination + miscalibration
    uncertainty = pi (1 - pi)      discrimination = uncertainty - S      miscalibration = Brier score - S

S is taken no larger than the score of either prediction that the fit could have chosen, so no part is negative.
"""

from __future__ import annotations

from xentcli.core.batch import SummaryOptions
from xentcli.core.exact import ratio
from xentcli.core.numbers.isotonic import pool_adjacent, recalibrated_bound, recalibrated_brier
from xentcli.core.numbers.ordering import TWO_CLASSES
from xentcli.core.numbers.top_class import PLAIN
from xentcli.core.state import ScoreState
from xentcli.results.parts import BrierBreakdown, Metrics


def brier_breakdown_of(
    state: ScoreState, metrics: Metrics, options: SummaryOptions, missing: dict[str, str]
) -> BrierBreakdown | None:
    """The parts of a state's Brier score; `missing` gets the reason where there are none."""
    reason = PLAIN if options.labels != "hard" else TWO_CLASSES if state.class_count != 2 else None
    if reason is not None:
        missing["brier_breakdown"] = reason
        return None
    brier = metrics.brier
    assert brier is not None  # there are rows and classes
    zeros, ones = state.classes.labels.weight.totals()
    uncertainty = ratio(zeros * ones, (zeros + ones) ** 2)
    _, positive, negative, exact = state.odds_keys
    refinement = min(recalibrated_brier(pool_adjacent(positive, negative)), uncertainty, brier)
    return BrierBreakdown(
        uncertainty=uncertainty,
        discrimination=uncertainty - refinement,
        refinement=refinement,
        miscalibration=brier - refinement,
        error_bound=0.0 if exact else recalibrated_bound(positive, negative, recalibrated_brier),
    )
