"""Requirements: which exit codes they allow."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from tests.reference.layout import Layout, Options, Requirement
from tests.reference.numbers import Real, mp, real

Table = Mapping[str, Real]
Verdict = Literal["pass", "fail", "undecided"]
ANY = frozenset({0, 1, 5})
UNITS = {"nats": mp.one, "bits": mp.log(2), "bans": mp.log(10)}
INFORMATION = frozenset({"log_loss"})
AT_THE_LIMIT = mp.mpf("1e-9")
COMPARE = {"<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt, "==": operator.eq}


@dataclass(frozen=True)
class Numbers:
    """What requirements may be about."""

    of_all: Table
    of_class: Mapping[str, Table]
    of_slice: Mapping[str | None, Table]

    def of(self, required: Requirement) -> Table | None:
        """The table that a requirement is about; None if there is none."""
        if required.of_class is not None:
            return self.of_class.get(required.of_class)
        return self.of_all if required.of_slice is None else self.of_slice.get(required.of_slice[1])


def exit_codes(numbers: Numbers, layout: Layout, options: Options) -> frozenset[int]:
    """0, every one is met; 1, one is not; 5, one is undecided; 2, skipped rows that no requirement allows.

    All of 0, 1 and 5 where a number is so near its limit that rounding decides. 2 for what there is no number of.
    """
    names = [each.name for each in options.requirements]
    if names and numbers.of_all["skipped_rows"] and "skipped_rows" not in names:
        return frozenset({2})
    if any(numbers.of(each) is None for each in options.requirements):
        return frozenset({2})
    of_class = any(each.of_class is not None for each in options.requirements)
    if options.confidence is not None and of_class and (layout.cluster is not None or options.class_weights):
        return ANY | {2}  # the contract does not say whether there is such an interval
    found = [verdict(each, numbers, layout, options) for each in options.requirements]
    if "fail" in found:
        return frozenset({1})
    if None in found:
        return ANY
    return frozenset({5 if "undecided" in found else 0})


def verdict(required: Requirement, numbers: Numbers, layout: Layout, options: Options) -> Verdict | None:
    """The verdict on one requirement; None where rounding decides."""
    metrics = numbers.of(required)
    assert metrics is not None
    value = metrics[required.name]
    if value is None or value == mp.inf:
        return "fail"  # null and infinity meet nothing
    if options.confidence is not None and required.name in INFORMATION:
        whole = required.of_class is None and required.of_slice is None
        return with_confidence(required, metrics, layout, options) if whole else None
    if isinstance(value, int):
        return "pass" if COMPARE[required.operator](value, required.limit) else "fail"
    value = real(value) / (UNITS[options.unit] if required.name in INFORMATION else 1)
    if abs(value - required.limit) < AT_THE_LIMIT * max(1, value):
        return None
    return "pass" if COMPARE[required.operator](value, required.limit) else "fail"


def with_confidence(
    required: Requirement, metrics: Mapping[str, Real], layout: Layout, options: Options
) -> Verdict | None:
    """Pass if the one-sided bound is within the limit, fail if the other one is beyond it."""
    assert options.confidence is not None
    if metrics["rows"] < 2:
        return "undecided"
    unit, value = UNITS[options.unit], metrics["log_loss"]
    spread, expected = metrics.get("log_loss_se"), metrics.get("overconfidence_se")
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
