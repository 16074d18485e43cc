"""The numbers of a report beside those of the oracle."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from tests.properties.generating.cases import Case
from tests.reference.numbers import Real, mp, rounded
from tests.reference.requirements import UNITS
from tests.reference.results import Result

RELATIVE = 1e-9
NOISE = 1e-12  # of the largest amount of information, where larger numbers are subtracted
GRID = {"loss_p50": 1 / 512, "loss_p90": 1 / 512, "loss_p99": 1 / 512, "worst_1pct_share": 2 / 512}
INFORMATION = frozenset({
    "log_loss", "log_loss_se", "log_loss_low", "log_loss_high", "total_log_loss", "log_loss_finite",
    "macro_log_loss", "loss_p50", "loss_p90", "loss_p99", "loss_max", "target_entropy", "kl_divergence",
    "label_entropy", "predictive_entropy", "overconfidence", "overconfidence_se", "marginal_kl",
    "row_sum_effect", "prior_log_loss", "prior_gap", "contribution",
    "uncertainty", "discrimination", "miscalibration",
})  # fmt: skip
AMOUNTS = ("log_loss", "predictive_entropy", "label_entropy")
# Differences and square roots of sums that cancel, which are exact to a part of the loss only: by how much more.
CANCEL = {
    "log_loss_se": 1e3, "log_loss_low": 1e3, "overconfidence": 10, "overconfidence_se": 1e4,
    "overconfidence_z": 1e4, "skill": 10, "marginal_kl": 1e7, "prior_gap": 10, "kl_divergence": 10,
    "brier_se": 1e4, "brier_low": 1e4, "accuracy_se": 1e4, "accuracy_low": 1e4, "uncertainty": 10,
    "discrimination": 10, "miscalibration": 10,
}  # fmt: skip
MIX_IS_ROUNDED = 1e-5  # a label entropy below: the rare class has a share that float64 rounds
RATIOS = frozenset({"skill", "normalized_entropy"})


def differences(document: Mapping[str, Any], result: Result, case: Case) -> Iterator[str]:
    """What in the JSON of a report is not as the oracle has it."""
    layout, unit = case.question.layout, UNITS[case.question.options.unit]
    named = layout.classes_given or not layout.single
    if named and document["classes"] != list(result.classes):
        yield f"classes {document['classes']}, not {list(result.classes)}"
        return
    if document["rows"] != result.metrics["rows"]:
        yield f"{document['rows']} rows, not {result.metrics['rows']}"
    yield from wrong("", document["metrics"], result.metrics, unit, result.metrics)
    for k, (found, expected) in enumerate(zip(document["per_class"], result.per_class, strict=True)):
        if named:
            yield from wrong(f"class {k} ", found, expected, unit, result.metrics)
    if result.breakdown is not None and document["breakdown"] is not None:
        yield from wrong("breakdown ", document["breakdown"], result.breakdown, unit, result.metrics)
    slices = {value: each["metrics"] for each in document["slices"] for value in each["by"].values()}
    if set(slices) != set(result.slices):
        yield f"slices {sorted(map(repr, slices))}, not {sorted(map(repr, result.slices))}"
        return
    for value, expected in result.slices.items():
        yield from wrong(f"slice {value!r} ", slices[value], expected, unit, expected)


def wrong(
    where: str, found: Mapping[str, Any], expected: Mapping[str, Real], unit: Real, metrics: Mapping[str, Real]
) -> Iterator[str]:
    """The numbers of one table that are not close."""
    scale = size_of(metrics)
    rare = metrics["label_entropy"] < MIX_IS_ROUNDED
    for name, value in expected.items():
        if name not in found:
            yield f"{where}{name} is missing"
        elif not (rare and name in RATIOS):
            infinite = value is None or math.isinf(rounded(value) or 0.0)  # in nats, then in every unit
            want = rounded(value if infinite or name not in INFORMATION else value / unit)
            if not close(name, found[name], want, scale):
                yield f"{where}{name} is {found[name]}, not {want}"


def size_of(metrics: Mapping[str, Real]) -> float:
    """The largest finite amount of information, and at least 1."""
    amounts = [metrics[name] for name in AMOUNTS]
    return max([1.0, *(float(x) for x in amounts if x is not None and abs(x) < mp.inf)])


def close(name: str, found: Any, expected: float | None, scale: float) -> bool:
    """Whether a number of the JSON is the expected one, but for rounding."""
    if expected is None or found is None:
        return found is None and expected is None
    if isinstance(found, str):
        return found == "Infinity" and expected == math.inf
    if isinstance(expected, int) or math.isinf(expected):
        return bool(found == expected)
    relative = GRID.get(name, RELATIVE)
    if name == "perplexity":
        relative *= scale
    absolute = NOISE * scale * CANCEL.get(name, 0) + 1e-15
    return bool(abs(found - expected) <= relative * abs(expected) + absolute)
