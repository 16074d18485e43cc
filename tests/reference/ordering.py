"""How two-class predictions order the rows: AUC with DeLong's error, average precision; row by row."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from tests.reference.breakdown import log_odds
from tests.reference.means import Z_95, classes, of_class, weight_of
from tests.reference.numbers import Real, add, mp, real
from tests.reference.rows import Row

SPAN = 1 << 64  # of weights, which the program takes to whole numbers of 60 bits in sum
NAMES = ("auc", "auc_se", "auc_low", "auc_high", "auc_error_bound", "average_precision")


def order_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """All of them; None but for two classes that both have rows.

    Nothing is expected where the weights of a class span more than its sum is told apart to: see `core/numbers`.
    """
    none = dict.fromkeys(NAMES)
    if len(classes(rows)) != 2 or not all(of_class(rows, k) for k in (0, 1)):
        return none
    zeros, ones = of_class(rows, 0), of_class(rows, 1)
    if any(max(row.weight for row in each) > SPAN * min(row.weight for row in each) for each in (zeros, ones)):
        return {}
    shares = [placements(ones, zeros), placements(zeros, ones)]
    auc = sum(row.weight * v for row, v in zip(ones, shares[0], strict=True)) / weight_of(ones)
    found = none | {"auc": auc, "auc_error_bound": 0, "average_precision": average_precision(rows)}
    if auc in (0, 1) or min(len(zeros), len(ones)) < 2:
        return found
    above = [1 - v for v in shares[1]]
    se = mp.sqrt(real(spread(ones, shares[0], auc) + spread(zeros, above, auc)))
    rest = real(1 - auc)
    h, odds = Z_95 * se / (real(auc) * rest), mp.log(real(auc) / rest)
    low, high = (1 / (1 + mp.exp(-(odds + sign * h))) for sign in (-1, 1))
    return found | {"auc_se": se, "auc_low": low, "auc_high": high}


def placements(rows: Sequence[Row], others: Sequence[Row]) -> list[Fraction]:
    """For each row, the share of the others' weight with lower log-odds, ties counted half."""
    keys = sorted({log_odds(row) for row in (*rows, *others)})
    own = dict.fromkeys(keys, Fraction(0))
    for other in others:
        own[log_odds(other)] += other.weight
    below, found = Fraction(0), {}
    for key in keys:
        found[key] = (below + own[key] / 2) / weight_of(others)
        below += own[key]
    return [found[log_odds(row)] for row in rows]


def spread(rows: Sequence[Row], values: Sequence[Fraction], centre: Fraction) -> Fraction:
    """n/(n-1) sum w^2 (v - centre)^2 / (sum w)^2."""
    total = sum(((row.weight * (v - centre)) ** 2 for row, v in zip(rows, values, strict=True)), Fraction(0))
    return total * len(rows) / (len(rows) - 1) / weight_of(rows) ** 2


def average_precision(rows: Sequence[Row]) -> Real:
    """Sum over falling thresholds of the recall gained times the precision."""
    groups: dict[Real, list[Row]] = {}
    for row in rows:
        groups.setdefault(log_odds(row), []).append(row)
    right, taken, terms = Fraction(0), Fraction(0), []
    for _, tied in sorted(groups.items(), reverse=True):
        gained = weight_of(of_class(tied, 1))
        right, taken = right + gained, taken + weight_of(tied)
        terms.append(real(gained * right / taken))
    return add(terms) / real(right)
