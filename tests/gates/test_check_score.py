"""From a score and requirements to gates: what is refused, what never passes, and in which unit."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gates.cases import one, refusal, score_frame
from tests.properties.strategies import cases, law
from xentcli import score
from xentcli.core.numbers.distributions import level
from xentcli.errors import RequestError
from xentcli.gates.check_score import check_score
from xentcli.gates.requirement import parse_requirement
from xentcli.results.verdicts import failure_lines, sort_worst_first, verdict_exit_code
from xentcli.units import Unit

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
        assert "so the requirement fails" in gate.message
    assert one(result, "infinite_rows == 1").verdict == "pass"


def test_the_sentence_says_why_a_number_is_infinite_or_missing() -> None:
    result = score([0, 1, 1], probs=[0.25, 0.0, 0.75])
    message = one(result, "log_loss <= 1").message
    assert message == (
        "log_loss is infinite, so the requirement fails: the true class of 1 row was given probability 0"
    )
    assert (
        one(result, "skill >= 0").message
        == "skill is not available, so the requirement fails: rows of infinite loss"
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
    error = refusal(RequestError, result, "log_loss <= 9")
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
        ("ece <= 1", {"confidence": 0.95}, "no_interval", "perplexity, accuracy, top_2_accuracy"),
        ("share[a] <= 1", {"confidence": 0.95}, "no_interval", "log_loss, recall, precision"),
        ("log_loss == 1", {"confidence": 0.95}, "no_interval", "<= or >="),
        *(("log_loss <= 1", {"confidence": c}, "confidence", "") for c in (0.5, 1.0, 0.0, 95.0, math.nan, -1.0)),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(text: str, options: dict[str, Any], code: str, words: str) -> None:
    error = refusal(RequestError, score_frame(by="site"), text, **options)
    assert error.code == code
    assert words in f"{error.message} {error.hint}"


def test_what_standard_errors_do_not_allow_for() -> None:
    clustered = score_frame(cluster="sex")
    soft = score(np.full((3, 2), 0.5), probs=np.full((3, 2), 0.5))
    weighted = score_frame(class_weight={"a": 2})
    assert "--cluster" in refusal(RequestError, clustered, "recall[a] >= 0", confidence=0.9).message
    assert one(clustered, "recall[a] >= 0").verdict == "pass"
    assert "soft labels" in refusal(RequestError, soft, "log_loss[0] <= 9", confidence=0.9).message
    assert "--class-weight" in refusal(RequestError, weighted, "log_loss[a] <= 9", confidence=0.9).message


def test_a_breakdown_that_was_left_out() -> None:
    error = refusal(RequestError, score_frame(breakdown=False), "miscalibration <= 1")
    assert "--no-breakdown" in error.message


def test_tokens_have_no_classes() -> None:
    result = score(pd.DataFrame({"lp": [-0.5, -0.25, -1.0]}), logprob="lp")
    assert "tokens" in refusal(RequestError, result, "recall[a] >= 0").message
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


# What becomes of all of them.


def test_the_worst_come_first_and_give_the_code() -> None:
    result = score_frame(by="site")
    names = ["rows >= 1", "log_loss <= 0.01", "log_loss <= 0.1", "accuracy >= 0.8"]
    gates = check_score(result, [parse_requirement(text) for text in names], level=level(0.95))
    assert [gate.verdict for gate in gates] == ["pass", "fail", "fail", "undecided"]
    assert [gate.require for gate in sort_worst_first(gates)] == [names[i] for i in (1, 2, 3, 0)]
    assert [line.partition(":")[0] for line in failure_lines(gates)] == ["failed", "failed", "undecided"]
    assert verdict_exit_code(gates) == 1
    assert verdict_exit_code([gate for gate in gates if gate.verdict != "fail"]) == 5
    assert verdict_exit_code([gate for gate in gates if gate.verdict == "pass"]) == 0
    assert verdict_exit_code([]) == 0


def test_a_log_has_the_worst_ten() -> None:
    lines = failure_lines(check_score(score_frame(), [parse_requirement("log_loss <= 0")] * 12))
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
@given(cases(soft=False), st.sampled_from(NAMES), st.floats(0, 1), st.booleans(), st.randoms())
def test_the_verdict_does_not_depend_on_the_order_of_rows(
    case: Any, name: str, limit: float, tested: bool, random: Any
) -> None:
    order = list(range(case.rows))
    random.shuffle(order)
    limit += name == "perplexity"  # which is never below 1
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
