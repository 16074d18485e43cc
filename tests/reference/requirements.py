"""Requirements: which exit codes they allow."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from statistics import NormalDist
from typing import Literal

from tests.reference.layout import Layout, Options, Requirement
from tests.reference.numbers import Real, mp

Verdict = Literal["pass", "fail", "undecided"]
ANY = frozenset({0, 1, 5})
UNITS = {"nats": mp.one, "bits": mp.log(2), "bans": mp.log(10)}
INFORMATION = frozenset({"log_loss"})
AT_THE_LIMIT = mp.mpf("1e-9")
COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq}


def exit_codes(metrics: Mapping[str, Real], layout: Layout, options: Options) -> frozenset[int]:
    """0, every one is met; 1, one is not; 5, one is undecided; 2, skipped rows that no requirement allows.

    All of 0, 1 and 5 where a number is so near its limit that rounding decides.
    """
    names = [each.name for each in options.requirements]
    if names and metrics["skipped_rows"] and "skipped_rows" not in names:
        return frozenset({2})
    found = [verdict(each, metrics, layout, options) for each in options.requirements]
    if "fail" in found:
        return frozenset({1})
    if None in found:
        return ANY
    return frozenset({5 if "undecided" in found else 0})


def verdict(
    required: Requirement, metrics: Mapping[str, Real], layout: Layout, options: Options
) -> Verdict | None:
    """The verdict on one requirement; None where rounding decides."""
    value = metrics[required.name]
    if value is None or value == mp.inf:
        return "fail"  # null and infinity meet nothing
    if required.name not in INFORMATION:
        return "pass" if COMPARE[required.operator](value, required.limit) else "fail"
    unit = UNITS[options.unit]
    if options.confidence is not None:
        return with_confidence(required, metrics, layout, options)
    if abs(value / unit - required.limit) < AT_THE_LIMIT * max(1, value / unit):
        return None
    return "pass" if COMPARE[required.operator](value / unit, required.limit) else "fail"


def with_confidence(
    required: Requirement, metrics: Mapping[str, Real], layout: Layout, options: Options
) -> Verdict | None:
    """Pass if the one-sided bound is within the limit, fail if the other one is beyond it."""
    assert options.confidence is not None
    if metrics["rows"] < 2:
        return "undecided"
    unit, value = UNITS[options.unit], metrics["log_loss"]
    spread, expected = metrics["log_loss_se"], metrics.get("overconfidence_se")
    if layout.cluster is not None or spread is None or expected is None or spread < value * AT_THE_LIMIT:
        return None
    if spread == expected == 0:
        return "undecided"  # all rows are alike, and the next may not be
    half = max(spread, expected) * mp.mpf(NormalDist().inv_cdf(options.confidence))
    low, high = (value - half) / unit, (value + half) / unit
    if min(abs(low - required.limit), abs(high - required.limit)) < AT_THE_LIMIT:
        return None
    if required.operator in ("<=", "<"):
        return "pass" if high <= required.limit else "fail" if low > required.limit else "undecided"
    return "pass" if low >= required.limit else "fail" if high < required.limit else "undecided"
