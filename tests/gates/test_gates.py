"""From a score and requirements to gates: which number, which bounds, which limit, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import cases, law
from xentcli import score
from xentcli.errors import AccessError, ContentError, RequestError, XentError
from xentcli.gates.baseline import read_baseline
from xentcli.gates.check_score import check_score
from xentcli.gates.requirement import parse_requirement
from xentcli.render.formats import render
from xentcli.render.page import Page
from xentcli.results.outcome import Gate, failure_lines, sort_worst_first, verdict_exit_code
from xentcli.results.score import ScoreResult
from xentcli.units import Unit

Z95 = scipy.stats.norm.ppf(0.95)
FRAME = pd.DataFrame(
    {
        "label": list("aabbabbabbab"),
        "p_a": [0.9, 0.75, 0.25, 0.125, 0.5, 0.375, 0.0625, 0.875, 0.75, 0.5, 0.625, 0.25],
        "site": ["DE", "DE", "DE", "FR", "FR", "FR", "FR", "DE", None, None, "DE", "FR"],
        "sex": list("fmfmfmfmfmff"),
        "age": [3, 15, 20, 40, 70, 66, 30, 17, 18, 64, 65, 0],
        "w": [1, 2, 1, 1, 3, 1, 1, 2, 1, 1, 1, 1],
    }
)
FRAME["p_b"] = 1 - FRAME.p_a


def scored(**options: Any) -> ScoreResult:
    return score(FRAME, **options)


def one(result: ScoreResult, text: str, **options: Any) -> Gate:
    [gate] = check_score(result, [parse_requirement(text)], **options)
    return gate


def refused(kind: type[XentError], result: ScoreResult, text: str, **options: Any) -> XentError:
    with pytest.raises(kind) as caught:
        check_score(result, [parse_requirement(text)], **options)
    return caught.value


@pytest.mark.parametrize(
    ("name", "part"),
    [("log_loss", "metrics"), ("accuracy", "metrics"), ("rows", "metrics"), ("miscalibration", "breakdown"),
     ("p_value", "breakdown"), ("error_bound", "breakdown"), ("temperature", "calibration")],
)  # fmt: skip
def test_the_number_is_the_result_s(name: str, part: str) -> None:
    result = scored()
    value = getattr(getattr(result, part), name)
    gate = one(result, f"{name} <= {value!r}")
    assert (gate.value, gate.limit, gate.margin, gate.verdict) == (value, value, 0.0, "pass")
    assert one(result, f"{name} < {value!r}").verdict == "fail"


def test_numbers_of_classes_and_slices() -> None:
    result = scored(by=["site", "site,sex"])
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
    gates = check_score(scored(by="site"), [parse_requirement("rows[site=*] >= 5")])
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
    result = scored(require=require)
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
    alone, with_gates = scored(by=["site", "site,sex"], bins=bins), None
    age = [each.by[0][1] for each in alone.slices if each.by[0][0] == "age"]
    names[-1] = f'rows[age="{age[0]}"] >= 1'
    with_gates = scored(by=["site", "site,sex"], bins=bins, require=names)
    assert with_gates.slices == alone.slices


# Bounds: the formulas of CONTRACT 5, written again.


@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize("confidence", [0.95, 0.6])
def test_bounds_of_all_rows(weight: str | None, confidence: float) -> None:
    result = scored(weight=weight)
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
    result = scored(by="site")
    predicted = FRAME.p_a.ge(0.5).map({True: "a", False: "b"})
    hit, own, top = predicted.eq(FRAME.label), FRAME.label.eq("a"), predicted.eq("a")
    german = FRAME.site.eq("DE")
    for text, of in (
        ("accuracy >= 0.1", slice(None)), ("recall[a] >= 0.1", own), ("precision[a] >= 0.1", top),
        ("accuracy[site=DE] >= 0.1", german),
    ):  # fmt: skip
        asked = scored(require=text, confidence=0.95, by="site").gates[0]
        assert (asked.low, asked.high) == pytest.approx(wilson(hit[of].sum(), len(hit[of]))), text
    assert one(result, "accuracy >= 0.1", confidence=0.95).verdict == "pass"


def test_every_row_right_still_has_a_bound() -> None:
    result = score([0, 1] * 10, probs=[0.25, 0.75] * 10)
    gate = one(result, "accuracy >= 0.9", confidence=0.95)
    assert gate.low == pytest.approx(wilson(20, 20)[0])
    assert gate.verdict == "undecided"


def test_weighted_shares_count_effective_rows() -> None:
    result = scored(weight="w", require=["accuracy >= 0", "recall[a] >= 0"], confidence=0.95)
    for gate, w in zip(result.gates, (FRAME.w, FRAME.w[FRAME.label.eq("a")]), strict=True):
        n, share = w.sum() ** 2 / (w**2).sum(), gate.value or 0.0
        root = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
        low = (share + Z95**2 / (2 * n) - root) / (1 + Z95**2 / n)
        assert gate.low == pytest.approx(low)


def test_clusters_take_students_t() -> None:
    result = scored(cluster="sex")
    gate = one(result, "brier <= 1", confidence=0.95)
    t = scipy.stats.t.ppf(0.95, 1)
    se = max(result.metrics.brier_se or 0, (result.metrics.overconfidence_se or 0) / 2)
    assert gate.high == pytest.approx(result.metrics.brier + t * se)


@pytest.mark.parametrize("unit", ["nats", "bits"])
def test_the_brier_score_of_many_classes_errs_by_no_more_than_the_loss(unit: str) -> None:
    # of the variance of the Brier score if the forecasts are right, 4 (sum q^3 - (sum q^2)^2), term by term
    random = np.random.default_rng(3)
    q = random.dirichlet(np.full(4, 0.2), 60)
    result = score(random.integers(0, 4, 60), probs=q, require="brier <= 2", confidence=0.95, unit=unit)
    bound = (result.metrics.overconfidence_se or 0) * (math.log(2) if unit == "bits" else 1)
    exact = np.sqrt(4 * np.sum((q**3).sum(axis=1) - (q**2).sum(axis=1) ** 2)) / 60
    assert exact <= bound
    assert result.gates[0].se == pytest.approx(max(bound, result.metrics.brier_se or 0))


def test_counts_are_compared_as_they_are() -> None:
    gate = one(scored(), "rows >= 12", confidence=0.99)
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


# What never passes.


@pytest.mark.parametrize("op", ["<=", "<", ">=", ">", "=="])
@pytest.mark.parametrize("confidence", [None, 0.95])
def test_infinite_and_missing_numbers_meet_nothing(op: str, confidence: float | None) -> None:
    result = score([0, 1, 1], probs=[0.25, 0.0, 0.75])
    texts = [f"{name} {op} 0" for name in ("log_loss", "total_log_loss", "perplexity", "log_loss[1]")]
    texts += [f"{name} {op} 0" for name in ("skill", "log_loss_se", "kl_divergence", "miscalibration", "loss_max")]
    if confidence is not None:
        texts = [] if op == "==" else texts[:4]
    for text in texts:
        gate = one(result, text, confidence=confidence)
        assert gate.verdict == "fail", text
        assert "which meets no limit" in gate.message
    assert one(result, "infinite_rows == 1").verdict == "pass"


def test_the_sentence_says_why_a_number_is_infinite_or_missing() -> None:
    result = score([0, 1, 1], probs=[0.25, 0.0, 0.75])
    message = one(result, "log_loss <= 1").message
    assert message == (
        "log_loss is infinite, which meets no limit: the true class of 1 row was given probability 0"
    )
    assert (
        one(result, "skill >= 0").message == "skill is not available, which meets no limit: rows of infinite loss"
    )
    assert "needs tokens" in one(result, "bits_per_byte <= 1").message


def test_a_class_without_rows_passes_nothing_of_its_rows() -> None:
    result = score([0, 1], probs=[[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]])
    for text in ("log_loss[2] <= 9", "recall[2] >= 0", "contribution[2] <= 9", "precision[2] >= 0"):
        assert one(result, text).verdict == "fail"
    assert one(result, "contribution[2] <= 9").message.endswith("no row has this class")
    assert one(result, "rows[2] == 0").verdict == "pass"


def test_skipped_rows_need_a_requirement() -> None:
    labels = [0, 1, None, 1]
    result = score(labels, probs=[0.25, 0.75, 0.5, 0.75], missing="skip")
    error = refused(RequestError, result, "log_loss <= 9")
    assert error.code == "skipped_rows"
    assert error.message.startswith("1 row left out by --missing skip")
    gates = check_score(result, [parse_requirement("log_loss <= 9"), parse_requirement("skipped_rows <= 1")])
    assert [gate.verdict for gate in gates] == ["pass", "pass"]
    assert check_score(result, [parse_requirement("skipped_rows == 0")])[0].verdict == "fail"
    assert check_score(result, []) == ()


# What is refused.


@pytest.mark.parametrize(
    ("text", "options", "code", "words"),
    [
        ("log_loss[c] <= 1", {}, "no_such_class", "classes: a, b"),
        ("log_loss[site=D] <= 1", {}, "no_such_slice", 'did you mean "site=DE"?'),
        ("log_loss[sex=f] <= 1", {}, "no_such_slice", ""),
        ("log_loss[sex=*] <= 1", {}, "no_such_slice", "--by sex"),
        ("log_loss <= baseline", {}, "no_baseline", "--baseline FILE"),
        ("ece <= 1", {"confidence": 0.95}, "no_interval", "log_loss, total_log_loss, perplexity, accuracy, brier"),
        ("share[a] <= 1", {"confidence": 0.95}, "no_interval", "log_loss, recall, precision"),
        ("log_loss == 1", {"confidence": 0.95}, "no_interval", "<= or >="),
        *(("log_loss <= 1", {"confidence": c}, "confidence", "") for c in (0.5, 1.0, 0.0, 95.0, math.nan, -1.0)),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(text: str, options: dict[str, Any], code: str, words: str) -> None:
    error = refused(RequestError, scored(by="site"), text, **options)
    assert error.code == code
    assert words in f"{error.message} {error.hint}"


def test_what_standard_errors_do_not_allow_for() -> None:
    clustered = scored(cluster="sex")
    soft = score(np.full((3, 2), 0.5), probs=np.full((3, 2), 0.5))
    weighted = scored(class_weight={"a": 2})
    assert "--cluster" in refused(RequestError, clustered, "recall[a] >= 0", confidence=0.9).message
    assert one(clustered, "recall[a] >= 0").verdict == "pass"
    assert "soft labels" in refused(RequestError, soft, "log_loss[0] <= 9", confidence=0.9).message
    assert "--class-weight" in refused(RequestError, weighted, "log_loss[a] <= 9", confidence=0.9).message


def test_a_breakdown_that_was_left_out() -> None:
    error = refused(RequestError, scored(breakdown=False), "miscalibration <= 1")
    assert "--no-breakdown" in error.message


def test_tokens_have_no_classes() -> None:
    result = score(pd.DataFrame({"lp": [-0.5, -0.25, -1.0]}), logprob="lp")
    assert "tokens" in refused(RequestError, result, "recall[a] >= 0").message
    assert one(result, "accuracy >= 0").verdict == "fail"
    assert one(result, "miscalibration <= 1").verdict == "fail"
    assert one(result, "log_loss <= 9", confidence=0.95).verdict == "pass"


# Units.


@pytest.mark.parametrize("unit", list(Unit))
def test_the_unit_of_the_output_changes_no_verdict_that_names_its_own(unit: Unit) -> None:
    halves = score([0, 1, 1, 0], probs=[0.5] * 4)
    for text, verdict in (
        ("log_loss <= 1 bits", "pass"),
        ("log_loss < 1 bits", "fail"),
        ("log_loss == 1 bits", "pass"),
    ):
        gate = one(halves, text, unit=unit)
        assert gate.verdict == verdict
        assert gate.value == halves.to_unit(unit).metrics.log_loss
        assert gate.limit == pytest.approx(unit.of(math.log(2)))


def test_a_limit_without_a_unit_is_in_the_unit_of_the_output() -> None:
    halves = score([0, 1], probs=[0.5, 0.5], unit="bits", require=["log_loss <= 0.9", "log_loss <= 1"])
    assert [(gate.limit, gate.verdict) for gate in halves.gates] == [(0.9, "fail"), (1.0, "pass")]
    assert halves.gates[0].message == "log_loss is 1 bits and must be at most 0.9"
    assert halves.to_unit("nats").gates[0].limit == pytest.approx(0.9 * math.log(2))


# Baselines.


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save(tmp_path / "main.json", scored(by="site"))


def save(path: Path, result: ScoreResult, **changes: Any) -> Path:
    path.write_text(json.dumps({**json.loads(render(result, "json", Page())), **changes}))
    return path


@pytest.mark.parametrize("there", list(Unit))
@pytest.mark.parametrize("here", list(Unit))
@pytest.mark.parametrize(
    "text",
    [
        "log_loss <= baseline",
        "log_loss[a] <= baseline",
        "log_loss[site=*] >= baseline",
        "log_loss == baseline * 1",
        "accuracy == baseline",
        "miscalibration <= baseline",
        "temperature <= baseline",
        "perplexity <= baseline + 0",
    ],
)
def test_a_model_is_as_good_as_itself_in_any_unit(text: str, here: Unit, there: Unit, tmp_path: Path) -> None:
    result = scored(by="site")
    baseline = read_baseline(save(tmp_path / "b.json", result.to_unit(there)))
    gates = check_score(result, [parse_requirement(text)], baseline=baseline, unit=here)
    assert {gate.verdict for gate in gates} == {"pass"}


def test_margins_and_factors(saved: Path) -> None:
    result, baseline = scored(), read_baseline(saved)
    loss = result.metrics.log_loss or 0.0
    for text, limit in (
        ("baseline + 0.25", loss + 0.25),
        ("baseline - 0.25", loss - 0.25),
        ("baseline * 0.5", loss / 2),
    ):
        gate = one(result, f"log_loss <= {text}", baseline=baseline)
        assert gate.limit == limit
        assert gate.verdict == ("pass" if limit >= loss else "fail")
    bits = one(result, "log_loss <= baseline + 0.25", baseline=baseline, unit=Unit.BITS)
    assert bits.limit == pytest.approx(loss / math.log(2) + 0.25)
    there = f"{loss / math.log(2):.4g}"
    assert f"log_loss is {there} bits, at most " in bits.message
    assert f"(baseline {there} + 0.25)" in bits.message


def test_the_sentence_about_a_baseline(saved: Path) -> None:
    message = one(scored(), "log_loss <= baseline + 0.01", baseline=read_baseline(saved)).message
    loss = scored().metrics.log_loss or 0.0
    assert message == (
        f"log_loss is {loss:.4g} nats, at most {loss + 0.01:.4g} (baseline {loss:.4g} + 0.01); the baseline's own "
        "noise is not in it, xent compare tests both models on the same rows"
    )


def test_a_baseline_of_another_signature_is_refused_with_what_differs(saved: Path) -> None:
    error = refused(ContentError, scored(clip=0.01), "log_loss <= baseline", baseline=read_baseline(saved))
    assert error.message == "its numbers were computed otherwise (clip: null there, 0.01 here)"
    other = score([0, 1], probs=[0.5, 0.5])
    error = refused(ContentError, other, "log_loss <= baseline", baseline=read_baseline(saved))
    assert "classes:" in error.message


def test_a_baseline_without_the_number_is_refused(saved: Path, tmp_path: Path) -> None:
    result = scored(by=["site", "sex"])
    for text in ("log_loss[sex=f] <= baseline", "bits_per_byte <= baseline"):
        error = refused(ContentError, result, text, baseline=read_baseline(saved))
        assert error.message.startswith("has no ")
    plain = read_baseline(save(tmp_path / "plain.json", scored(breakdown=False)))
    assert refused(ContentError, result, "miscalibration <= baseline", baseline=plain).code == "baseline"
    assert refused(ContentError, result, "log_loss[site=*] <= baseline", baseline=plain).code == "baseline"
    for odd in ("0.5", True, 10**400, [1]):
        broken = read_baseline(save(tmp_path / "odd.json", result, metrics={"log_loss": odd}))
        refused(ContentError, result, "log_loss <= baseline", baseline=broken)


def test_no_multiple_of_nothing_or_of_infinity(tmp_path: Path) -> None:
    perfect = score([0, 1], probs=[0.0, 1.0])
    zero = read_baseline(save(tmp_path / "zero.json", perfect))
    error = refused(RequestError, perfect, "log_loss <= baseline * 1.02", baseline=zero)
    assert "baseline + 0.01" in (error.hint or "")
    assert one(perfect, "log_loss <= baseline + 0.01", baseline=zero).verdict == "pass"
    lost = score([0, 1], probs=[0.0, 0.0])
    infinite = read_baseline(save(tmp_path / "infinite.json", lost))
    for limit in ("baseline", "baseline * 1.02", "baseline + 1"):
        error = refused(RequestError, perfect, f"log_loss <= {limit}", baseline=infinite)
        assert "write a number" in (error.hint or "")
    huge = read_baseline(save(tmp_path / "huge.json", perfect, metrics={"log_loss": 1e308}))
    refused(RequestError, perfect, "log_loss <= baseline * 10", baseline=huge)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("\xff", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is some other JSON"),
        ('{"format": "xent.worst"}', "holds xent.worst"),
        ('{"format": "xent.score", "format_version": 99}', "has format version 99"),
        ('{"format": "xent.score", "format_version": 1, "unit": "m"}', '"m" is no unit'),
    ],
)
def test_what_is_no_baseline(content: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ContentError) as caught:
        read_baseline(file)
    assert words in caught.value.message
    assert caught.value.where is not None


def test_a_baseline_without_a_signature_is_refused(tmp_path: Path) -> None:
    result = scored()
    error = refused(ContentError, result, "log_loss <= baseline",
                    baseline=read_baseline(save(tmp_path / "b.json", result, signature=None)))  # fmt: skip
    assert "no signature" in error.message


def test_a_baseline_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(AccessError):
            read_baseline(path)


# What becomes of all of them.


def test_the_worst_come_first_and_give_the_code() -> None:
    result = scored(by="site")
    names = ["rows >= 1", "log_loss <= 0.01", "log_loss <= 0.1", "accuracy >= 0.8"]
    gates = check_score(result, [parse_requirement(text) for text in names], confidence=0.95)
    assert [gate.verdict for gate in gates] == ["pass", "fail", "fail", "undecided"]
    assert [gate.require for gate in sort_worst_first(gates)] == [names[i] for i in (1, 2, 3, 0)]
    assert [line.partition(":")[0] for line in failure_lines(gates)] == ["failed", "failed", "undecided"]
    assert verdict_exit_code(gates) == 1
    assert verdict_exit_code([gate for gate in gates if gate.verdict != "fail"]) == 5
    assert verdict_exit_code([gate for gate in gates if gate.verdict == "pass"]) == 0
    assert verdict_exit_code([]) == 0


def test_a_log_has_the_worst_ten() -> None:
    lines = failure_lines(check_score(scored(), [parse_requirement("log_loss <= 0")] * 12))
    assert len(lines) == 11
    assert lines[-1] == "and 2 more"


# Laws.

NAMES = (
    "log_loss",
    "total_log_loss",
    "perplexity",
    "accuracy",
    "brier",
    "log_loss[1]",
    "recall[1]",
    "precision[0]",
)


@law
@given(cases(soft=False), st.sampled_from(NAMES), st.floats(0, 3), st.booleans(), st.randoms())
def test_the_verdict_does_not_depend_on_the_order_of_rows(
    case: Any, name: str, limit: float, tested: bool, random: Any
) -> None:
    order = list(range(case.rows))
    random.shuffle(order)
    options = {"require": f"{name} <= {limit!r}", "confidence": 0.9 if tested else None, "breakdown": False}
    assert case.score(**options).gates == case.take(order).score(**options).gates


def test_the_verdict_does_not_depend_on_threads(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    p = random.dirichlet(np.ones(3), 60_000)
    frame = pd.DataFrame(p, columns=["p_a", "p_b", "p_c"]).assign(label=random.choice(list("abc"), 60_000))
    frame.to_csv(tmp_path / "p.csv", index=False)
    names = [f"{name} <= 1" for name in ("log_loss", "log_loss[a]", "recall[b]", "precision[c]", "perplexity")]
    one_thread, four = (
        score(tmp_path / "p.csv", threads=threads, require=names, confidence=0.95, sum_tolerance=0.01)
        for threads in (1, 4)
    )
    assert one_thread.gates == four.gates
