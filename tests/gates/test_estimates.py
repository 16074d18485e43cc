"""From a score and a requirement to a number and its bounds."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
import scipy.stats

from tests.gates.cases import FRAME, Z95, one, score_frame
from xentcli import score
from xentcli.gates.check_score import check_score
from xentcli.gates.requirement import parse_requirement
from xentcli.results.verdicts import verdict_exit_code


@pytest.mark.parametrize(
    ("name", "part"),
    [("log_loss", "metrics"), ("accuracy", "metrics"), ("rows", "metrics"), ("miscalibration", "breakdown"),
     ("p_value", "breakdown"), ("error_bound", "breakdown"), ("temperature", "calibration")],
)  # fmt: skip
def test_the_number_is_the_result_s(name: str, part: str) -> None:
    result = score_frame()
    value = getattr(getattr(result, part), name)
    gate = one(result, f"{name} <= {value!r}")
    assert (gate.value, gate.limit, gate.margin, gate.verdict) == (value, value, 0.0, "pass")
    assert one(result, f"{name} < {value!r}").verdict == "fail"


def test_numbers_of_classes_and_slices() -> None:
    result = score_frame(by=["site", "site,sex"])
    assert one(result, "recall[a] >= 0").value == result.per_class[0].recall
    assert one(result, "recall[a] >= 0").class_name == "a"
    german = next(each for each in result.slices if each.by == (("site", "DE"),))
    assert one(result, "log_loss[site=DE] <= 9").value == german.metrics.log_loss
    assert one(result, "discrimination[site=DE] <= 9").value == german.breakdown.discrimination  # type: ignore[union-attr]
    women = next(each for each in result.slices if dict(each.by) == {"site": "DE", "sex": "f"})
    for text in ("log_loss[site=DE,sex=f] <= 9", "log_loss[sex=f,site=DE] <= 9"):
        gate = one(result, text)
        assert (gate.value, gate.by) == (women.metrics.log_loss, (("site", "DE"), ("sex", "f")))
    missing = one(result, "rows[site=] == 2")
    assert (missing.verdict, missing.by) == ("pass", (("site", None),))


def test_a_star_stands_for_each_slice() -> None:
    gates = check_score(score_frame(by="site"), [parse_requirement("rows[site=*] >= 5")])
    assert {gate.by[0][1]: gate.verdict for gate in gates} == {"DE": "pass", "FR": "pass", None: "fail"}
    assert {gate.require for gate in gates} == {"rows[site=*] >= 5"}
    message = next(gate.message for gate in gates if gate.verdict == "fail")
    assert message == "rows[site=] is 2 and must be at least 5"


@pytest.mark.parametrize(
    ("require", "by"),
    [
        ("log_loss[site=DE] <= 9", ("site",)),
        ("log_loss[site=*] <= 9", ("site",)),
        ("log_loss[site=DE,sex=f] <= 9", ("site", "sex")),
    ],
)
def test_slices_that_a_requirement_names_are_computed(require: str, by: tuple[str, ...]) -> None:
    result = score_frame(require=require)
    assert {tuple(column for column, _ in each.by) for each in result.slices} == {by}
    assert verdict_exit_code(result.gates) == 0


def test_slices_that_are_asked_for_anyway_are_computed_once() -> None:
    names = [
        "log_loss[site=DE] <= 9",
        "log_loss[site=FR] <= 9",
        "log_loss[sex=f,site=DE] <= 9",
        "rows[age=0..18] > 1",
    ]
    bins = {"age": [0, 18, 65]}
    alone, with_gates = score_frame(by=["site", "site,sex"], bins=bins), None
    age = [each.by[0][1] for each in alone.slices if each.by[0][0] == "age"]
    names[-1] = f'rows[age="{age[0]}"] >= 1'
    with_gates = score_frame(by=["site", "site,sex"], bins=bins, require=names)
    assert with_gates.slices == alone.slices


# Bounds: the formulas of CONTRACT 5, written again.


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("confidence", [0.95, 0.6])
def test_bounds_of_all_rows(weight: str | None, confidence: float) -> None:
    result = score_frame(weight=weight)
    metrics, z = result.metrics, scipy.stats.norm.ppf(confidence)
    assert metrics.log_loss is not None
    se = max(metrics.log_loss_se or 0, metrics.overconfidence_se or 0)
    gate = one(result, "log_loss <= 9", confidence=confidence)
    assert (gate.se, gate.confidence) == (se, confidence)
    assert (gate.low, gate.high) == pytest.approx((metrics.log_loss - z * se, metrics.log_loss + z * se))
    total = one(result, "total_log_loss <= 99", confidence=confidence)
    assert total.low == pytest.approx((gate.low or 0) * result.weight)
    perplexity = one(result, "perplexity <= 9", confidence=confidence)
    assert perplexity.high == pytest.approx(math.exp(gate.high or 0))
    brier = one(result, "brier <= 1", confidence=confidence)
    se = max(metrics.brier_se or 0, (metrics.overconfidence_se or 0) / 2)  # two classes
    assert brier.high == pytest.approx((metrics.brier or 0) + z * se)


def wilson(hits: float, n: float) -> tuple[float, float]:
    interval = scipy.stats.binomtest(round(hits), round(n)).proportion_ci(0.9, method="wilson")
    return interval.low, interval.high


def test_shares_have_wilsons_bounds() -> None:
    result = score_frame(by="site")
    predicted = FRAME.p_a.ge(0.5).map({True: "a", False: "b"})
    hit, own, top = predicted.eq(FRAME.label), FRAME.label.eq("a"), predicted.eq("a")
    german = FRAME.site.eq("DE")
    for text, of in (
        ("accuracy >= 0.1", slice(None)), ("recall[a] >= 0.1", own), ("precision[a] >= 0.1", top),
        ("accuracy[site=DE] >= 0.1", german),
    ):  # fmt: skip
        asked = score_frame(require=text, confidence=0.95, by="site").gates[0]
        assert (asked.low, asked.high) == pytest.approx(wilson(hit[of].sum(), len(hit[of]))), text
    assert one(result, "accuracy >= 0.1", confidence=0.95).verdict == "pass"


def test_every_row_right_still_has_a_bound() -> None:
    result = score([0, 1] * 10, probs=[0.25, 0.75] * 10)
    gate = one(result, "accuracy >= 0.9", confidence=0.95)
    assert gate.low == pytest.approx(wilson(20, 20)[0])
    assert gate.verdict == "undecided"


def test_weighted_shares_count_effective_rows() -> None:
    result = score_frame(weight="w", require=["accuracy >= 0", "recall[a] >= 0"], confidence=0.95)
    for gate, w in zip(result.gates, (FRAME.w, FRAME.w[FRAME.label.eq("a")]), strict=True):
        n, share = w.sum() ** 2 / (w**2).sum(), gate.value or 0.0
        root = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
        low = (share + Z95**2 / (2 * n) - root) / (1 + Z95**2 / n)
        assert gate.low == pytest.approx(low)


def test_clusters_take_students_t() -> None:
    result = score_frame(cluster="sex")
    gate = one(result, "brier <= 1", confidence=0.95)
    t = scipy.stats.t.ppf(0.95, 1)
    se = max(result.metrics.brier_se or 0, (result.metrics.overconfidence_se or 0) / 2)
    assert gate.high == pytest.approx(result.metrics.brier + t * se)


@pytest.mark.parametrize("unit", ["nats", "bits"])
def test_the_brier_score_of_many_classes_errs_by_no_more_than_the_loss(unit: Literal["nats", "bits"]) -> None:
    # of the variance of the Brier score if the forecasts are right, 4 (sum q^3 - (sum q^2)^2), term by term
    random = np.random.default_rng(3)
    q = random.dirichlet(np.full(4, 0.2), 60)
    result = score(random.integers(0, 4, 60), probs=q, require="brier <= 2", confidence=0.95, unit=unit)
    bound = (result.metrics.overconfidence_se or 0) * (math.log(2) if unit == "bits" else 1)
    exact = np.sqrt(4 * np.sum((q**3).sum(axis=1) - (q**2).sum(axis=1) ** 2)) / 60
    assert exact <= bound
    assert result.gates[0].se == pytest.approx(max(bound, result.metrics.brier_se or 0))


def test_counts_are_compared_as_they_are() -> None:
    gate = one(score_frame(), "rows >= 12", confidence=0.99)
    assert (gate.verdict, gate.confidence, gate.low, gate.high) == ("pass", None, None, None)


@pytest.mark.parametrize("text", ["log_loss <= 9", "accuracy >= 0", "brier <= 1", "perplexity <= 99"])
def test_one_row_decides_nothing(text: str) -> None:
    gate = one(score([1], probs=[0.75]), text, confidence=0.95)
    assert (gate.verdict, gate.low, gate.high) == ("undecided", None, None)
    assert gate.message.endswith("which says nothing with 95 % confidence: needs at least two rows")


def test_one_row_of_a_class_decides_nothing() -> None:
    names = ["log_loss[1] <= 9", "recall[1] >= 0.5", "precision[1] >= 0.5"]
    result = score([0, 0, 1], probs=[0.25, 0.25, 0.75], require=names, confidence=0.95)
    assert [gate.verdict for gate in result.gates] == ["undecided"] * 3
    assert verdict_exit_code(result.gates) == 5
