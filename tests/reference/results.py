"""The numbers of rows that can be scored: of all, of each class, of each slice; and the verdict on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tests.reference import breakdown
from tests.reference.decisions import on_an_edge
from tests.reference.entropies import forecast_shares
from tests.reference.layout import Layout, Options
from tests.reference.numbers import Real, mp
from tests.reference.ordering import NAMES as ORDER_NAMES
from tests.reference.requirements import Numbers, exit_codes
from tests.reference.rows import Row, Terms
from tests.reference.scoring import metrics_of, per_class, with_clusters, with_prior, with_smoothing

CLOSE_ODDS, CLOSE_WEIGHTS = 1e-9, 10**25
UNHELD, LIGHT, SMALL, CANCELLED = 1e-290, 1e-200, 1e-150, 1e-6
NO_SHARE = 1e-15  # a total that may as well be 0: the loss of one row whose probabilities are rounded
GRID_END = 2**48  # losses above share the last cell of the grid that quantiles are taken from


@dataclass(frozen=True)
class Kept:
    """A row, and the value that it is sliced by."""

    row: Row
    by: str | None


@dataclass(frozen=True)
class Result:
    """Numbers in nats, of 60 digits; `exit_codes` are those that the requirements allow."""

    classes: tuple[str, ...]
    metrics: Mapping[str, Real]
    per_class: Sequence[Mapping[str, Real]]
    breakdown: Mapping[str, Real] | None
    slices: Mapping[str | None, Mapping[str, Real]]
    exit_codes: frozenset[int]


def result_of(kept: Sequence[Kept], layout: Layout, options: Options, skipped: int, ignored: int) -> Result:
    """All numbers of rows of which one at least has a positive weight."""
    rows = [each.row for each in kept]
    counts = {"skipped_rows": skipped, "ignored_rows": ignored, "filtered_rows": 0}
    metrics = numbers_of(rows, layout, options) | counts
    weighing = [row for row in rows if row.weight > 0]
    by_class, by_slice = per_class(weighing), slices(kept, layout, options)
    numbers = Numbers(metrics, dict(zip(layout.classes, by_class, strict=True)), by_slice)
    codes = exit_codes(numbers, layout, options)
    return Result(layout.classes, metrics, by_class, parts(weighing, options), by_slice, codes)


def numbers_of(rows: Sequence[Row], layout: Layout, options: Options) -> dict[str, Real]:
    """The metrics of some rows."""
    terms = Terms(options.clip, options.normalize, options.smoothing)
    metrics = with_smoothing(metrics_of(rows), rows, terms)
    if layout.cluster is not None:
        metrics = with_clusters(metrics, rows)
    if options.prior is not None:
        metrics = with_prior(metrics, rows, [options.prior[name] for name in layout.classes], terms)
    if not options.breakdown:
        metrics = metrics | dict.fromkeys(ORDER_NAMES)
    elif hangs_on_last_bits([row for row in rows if row.weight > 0]):
        metrics = {name: value for name, value in metrics.items() if name not in ORDER_NAMES}
    return within_float64(metrics, rows)


def hangs_on_last_bits(rows: Sequence[Row]) -> bool:
    """Whether the log-odds of two rows are so close that they may be one in float64, or in another order."""
    if len(rows[0].log_q) != 2:
        return False
    odds = sorted({breakdown.log_odds(row) for row in rows})
    finite = [x for x in odds if abs(x) < math.inf]
    return any(b - a <= CLOSE_ODDS * max(1, abs(a), abs(b)) for a, b in pairwise(finite))


def within_float64(metrics: dict[str, Real], rows: Sequence[Row]) -> dict[str, Real]:
    """Without ratios of numbers so small that float64 holds none of their digits, and quantiles off the grid."""
    lightest = min(row.weight for row in rows if row.weight > 0)
    rarest = min(forecast_shares([row for row in rows if row.weight > 0]))
    off_the_grid = any(GRID_END < row.loss < mp.inf for row in rows)
    spread, total = metrics.get("overconfidence_se"), metrics["total_log_loss"]
    unheld = {
        "marginal_kl": lightest < LIGHT or rarest < UNHELD,
        "overconfidence_z": spread is not None and spread < max(SMALL, CANCELLED * metrics["predictive_entropy"]),
        "ece": on_an_edge([row for row in rows if row.weight > 0]),
        "worst_1pct_share": total < NO_SHARE or off_the_grid,
        **dict.fromkeys(("loss_p50", "loss_p90", "loss_p99"), off_the_grid),
    }
    return {name: value for name, value in metrics.items() if not unheld.get(name, False)}


def slices(kept: Sequence[Kept], layout: Layout, options: Options) -> dict[str | None, dict[str, Real]]:
    """The metrics of each value that has rows of positive weight; None is the missing value.

    Rows of weight 0 are counted over the whole only.
    """
    if layout.by is None:
        return {}
    groups: dict[str | None, list[Row]] = {}
    for each in kept:
        groups.setdefault(each.by, []).append(each.row)
    found = {
        value: numbers_of(rows, layout, options)
        for value, rows in groups.items()
        if any(row.weight > 0 for row in rows)
    }
    for metrics in found.values():
        del metrics["zero_weight_rows"]
    return found


def parts(rows: Sequence[Row], options: Options) -> dict[str, Real] | None:
    """The breakdown of two classes; None where it is not asked for, or hangs on the last bits of log-odds."""
    if len(rows[0].log_q) != 2 or not options.breakdown or options.smoothing or hangs_on_last_bits(rows):
        return None
    weights = [row.weight for row in rows]
    return None if max(weights) > CLOSE_WEIGHTS * min(weights) else breakdown.parts(rows)
