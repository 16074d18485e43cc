"""Standard errors and 95 % intervals of the log loss, the accuracy and the Brier score."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from xentcli.core.clusters import Clusters, clustered_errors
from xentcli.core.exact import ONE, PRODUCT_ONE, ratio, root_ratio
from xentcli.core.score_state import ScoreState
from xentcli.intervals import Z95, student_t_quantile, wilson
from xentcli.results.parts import Basis, Number

INFINITE = "rows of infinite loss"
_TOO_FEW = "needs at least two rows"
_MOST_ROWS = 1e300  # what an error of nearly 0 amounts to
_FEW_CLUSTERS = "needs at least two clusters"


def intervals(
    state: ScoreState, values: Mapping[str, Any], clusters: Clusters | None, missing: dict[str, str]
) -> dict[str, Number]:
    """`_se`, `_low` and `_high` of the means in `values`; `missing` gets the reason for each that is None.

    With clusters, rows depend on one another within each, and intervals are Student's with a degree of freedom
    less than there are clusters. The accuracy has Wilson's interval, for so many rows as give its standard error.
    """
    found = _by_row(state, values) if clusters is None else clustered_errors(clusters)
    z = Z95 if clusters is None else _t95(clusters.count)
    result: dict[str, Number] = {}
    for name in ("log_loss", "accuracy", "brier"):
        value, se = values[name], found.get(name)
        low = high = None
        if se is None or value == math.inf:
            reason = INFINITE if value == math.inf else _TOO_FEW if clusters is None else _FEW_CLUSTERS
            missing |= dict.fromkeys((f"{name}_se", f"{name}_low", f"{name}_high"), reason)
            se = None
        elif name == "accuracy":
            low, high = wilson(value, _rows_for(value, se, state, clusters), z)
        else:
            low, high = value - z * se, value + z * se
        result |= {f"{name}_se": se, f"{name}_low": low, f"{name}_high": high}
    return result


def basis_of(state: ScoreState, values: Mapping[str, Any], clusters: Clusters | None) -> Basis:
    """What an interval of `values` at another level takes, once `intervals` has added its standard errors."""
    count = None if clusters is None else clusters.count
    share, se = values["accuracy"], values["accuracy_se"]
    rows = 0.0 if share is None or se is None else _rows_for(share, se, state, clusters)
    return Basis(rows, expected_error(state), count)


def expected_error(state: ScoreState) -> Number:
    """sqrt(sum w^2 Var) / sum w, in nats: the error of the log loss if the forecasts are right; None for tokens.

    Of soft labels it is that of labels drawn from the forecasts, which is no smaller; likewise with smoothing.
    """
    if not state.classes.tops.rows.size or state.losses.counts.infinite:
        return None
    return root_ratio(state.classes.entropy_variance.total() * ONE**2, state.losses.weight**2 * PRODUCT_ONE)


def _by_row(state: ScoreState, values: Mapping[str, Any]) -> dict[str, Number]:
    """Standard errors of rows that do not depend on one another; weights are sampling weights."""
    found = {"log_loss": state.losses.loss.standard_error()}
    if values["accuracy"] is not None:
        found["brier"] = state.classes.brier.standard_error()
        effective = state.classes.brier.effective_rows()
        right, weight = state.classes.hits.weight.total(), state.losses.weight
        found["accuracy"] = math.sqrt(ratio(right * (weight - right), weight**2) / effective)
    return found


def _rows_for(share: float, se: float, state: ScoreState, clusters: Clusters | None) -> float:
    """The number of independent rows whose share would have this standard error; clusters where that is 0."""
    if clusters is None:
        return state.classes.brier.effective_rows()
    return min(share * (1 - share) / se / se, _MOST_ROWS) if se > 0 else clusters.count


def _t95(clusters: int) -> float:
    return student_t_quantile(0.975, clusters - 1) if clusters > 1 else math.inf
