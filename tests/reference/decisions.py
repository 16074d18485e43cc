"""Accuracy, Brier score, and calibration of the top class."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.means import Z_95, effective_rows, mean, share, standard_error, weight_of, with_interval
from tests.reference.numbers import Real, add, mp, one_minus_exp, real
from tests.reference.rows import Row

ECE_BINS = 15
EDGE = 1e-9  # so near to the edge of a bin rounding decides


def accuracy_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Mean [top class = label], sqrt(p(1-p)/n_eff), and the Wilson interval with n_eff."""
    p, n_eff = share([row for row in rows if row.correct], rows), effective_rows(rows)
    low, high = wilson(p, n_eff)
    se = mp.sqrt(real(p * (1 - p) / n_eff))
    return {"accuracy": p, "accuracy_se": se, "accuracy_low": low, "accuracy_high": high}


def wilson(p: Fraction, n: Fraction | Real, z: Real = Z_95) -> tuple[Real, Real]:
    """The solutions x of (p - x)^2 = z^2 x(1-x)/n."""
    share, size = real(p), real(n)
    centre = share + z**2 / (2 * size)
    half = z * mp.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    scale = 1 + z**2 / size
    return add([centre, -half]) / scale, (centre + half) / scale


def brier_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Mean sum_k (t - q)^2, halved for K = 2."""
    values = brier_scores(rows)
    return with_interval("brier", mean(rows, values), standard_error(rows, values))


def brier_scores(rows: Sequence[Row]) -> list[Real]:
    """The Brier score of each row."""
    return [brier(row) for row in rows]


def brier(row: Row) -> Real:
    """sum_k (t_k - q_k)^2 of the forecast that is scored, halved for K = 2."""
    misses = [one_minus_exp(x) if k == row.label else mp.exp(x) for k, x in enumerate(row.log_scored)]
    return sum(miss**2 for miss in misses) / (2 if len(misses) == 2 else 1)


def on_an_edge(rows: Sequence[Row]) -> bool:
    """Whether the bin of a row hangs on the last digits of its confidence, which may be rounded."""
    places = (ECE_BINS * mp.exp(row.log_r[row.top]) for row in rows)
    return any(abs(place - mp.nint(place)) < EDGE and place < ECE_BINS for place in places)


def ece(rows: Sequence[Row]) -> Real:
    """Sum over bins of |sum w (correct - confidence)| / W, confidence = max q / sum q."""
    bins: list[list[Real]] = [[] for _ in range(ECE_BINS)]
    for row in rows:
        bins[confidence_bin(row)].append(real(row.weight) * confidence_gap(row))
    return sum(abs(add(gaps)) for gaps in bins) / real(weight_of(rows))


def confidence_bin(row: Row) -> int:
    """The b of b/15 <= confidence < (b+1)/15, the last bin closed; both sides of a comparison are float64."""
    confidence = float(mp.exp(row.log_r[row.top]))
    return max(b for b in range(ECE_BINS) if b / ECE_BINS <= confidence)


def confidence_gap(row: Row) -> Real:
    """[top class = label] - confidence."""
    return one_minus_exp(row.log_r[row.top]) if row.correct else -mp.exp(row.log_r[row.top])
