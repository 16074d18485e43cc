"""What becomes of a requirement, given its number and limit: verdict, margin and sentence."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli.gates.requirement import parse_requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome

INF = math.inf
ABOVE = math.nextafter(0.35, 1)  # 0.35000000000000003


# Expected: the definitions of CONTRACT 5, by hand.
@pytest.mark.parametrize(
    ("op", "value", "limit", "verdict", "margin"),
    [
        ("<=", 0.35, 0.35, "pass", 0.0),
        ("<=", ABOVE, 0.35, "fail", 0.35 - ABOVE),
        ("<", 0.35, 0.35, "fail", 0.0),
        ("<", 0.25, 0.5, "pass", 0.25),
        (">=", 0.5, 0.5, "pass", 0.0),
        (">=", 0.25, 0.5, "fail", -0.25),
        (">", 0.5, 0.5, "fail", 0.0),
        (">", 0.75, 0.5, "pass", 0.25),
        ("==", 0.5, 0.5, "pass", 0.0),
        ("==", 0.75, 0.5, "fail", -0.25),
        ("==", 0.25, 0.5, "fail", -0.25),
        *((op, value, 0.5, "fail", None) for op in ("<=", "<", ">=", ">", "==") for value in (None, INF, -INF)),
    ],
)
def test_a_number_and_its_limit(op: str, value: float | None, limit: float, verdict: str, margin: float) -> None:
    outcome = gate_outcome(
        parse_requirement(f"log_loss {op} {limit!r}"), Estimate(value, reason="why"), Threshold(limit, "nats")
    )
    assert (outcome.verdict, outcome.margin) == (verdict, margin)
    assert (outcome.value, outcome.limit, outcome.confidence) == (value, limit, None)


@pytest.mark.parametrize(
    ("op", "low", "high", "verdict"),
    [
        ("<=", 0.2, 0.5, "pass"),
        ("<=", 0.2, 0.500001, "undecided"),
        ("<=", 0.5, 0.6, "undecided"),
        ("<=", 0.500001, 0.6, "fail"),
        ("<", 0.2, 0.5, "undecided"),
        ("<", 0.5, 0.6, "fail"),
        (">=", 0.5, 0.6, "pass"),
        (">=", 0.4, 0.6, "undecided"),
        (">=", 0.4, 0.5, "undecided"),
        (">=", 0.4, 0.499, "fail"),
        (">", 0.5, 0.6, "undecided"),
        (">", 0.4, 0.5, "fail"),
    ],
)
def test_bounds_and_a_limit(op: str, low: float, high: float, verdict: str) -> None:
    found = Estimate((low + high) / 2, se=0.1, low=low, high=high)
    assert gate_outcome(parse_requirement(f"log_loss {op} 0.5"), found, Threshold(0.5), 0.95).verdict == verdict


@pytest.mark.parametrize(
    ("found", "threshold", "confidence", "message"),
    [
        (Estimate(0.21034), Threshold(0.35, "nats"), None, "log_loss is 0.2103 nats, at most 0.35"),
        (Estimate(0.36), Threshold(0.35, "nats"), None, "log_loss is 0.36 nats and must be at most 0.35"),
        (Estimate(0.350004), Threshold(0.35, "nats"), None, "log_loss is 0.350004 nats and must be at most 0.35"),
        (Estimate(ABOVE), Threshold(0.35), None, "log_loss is 0.35000000000000003 and must be at most 0.35"),
        (Estimate(0.35), Threshold(0.35), None, "log_loss is 0.35, at most 0.35"),
        (Estimate(123456.7), Threshold(1e5), None, "log_loss is 123457 and must be at most 100000"),
        (Estimate(2.5e-9), Threshold(0.0), None, "log_loss is 2.5e-09 and must be at most 0"),
        (
            Estimate(None, reason="no rows"),
            Threshold(1.0),
            None,
            "log_loss is not available, so the requirement fails: no rows",
        ),
        (Estimate(INF), Threshold(1.0, "nats"), None, "log_loss is infinite, so the requirement fails"),
        (
            Estimate(INF, reason="2 rows"),
            Threshold(1.0),
            None,
            "log_loss is infinite, so the requirement fails: 2 rows",
        ),
        (
            Estimate(0.3, by=(("site", "D E"),)),
            Threshold(0.35),
            None,
            'log_loss[site="D E"] is 0.3, at most 0.35',
        ),
        (
            Estimate(0.5),
            Threshold(0.36, "nats", 0.35, "+ 0.01", "; so it is"),
            None,
            "log_loss is 0.5 nats and must be at most 0.36 (baseline 0.35 + 0.01); so it is",
        ),
        (
            Estimate(0.3, se=0.01, low=0.28, high=0.32),
            Threshold(0.35, "nats"),
            0.95,
            "log_loss is 0.3 nats and, with 95 % confidence, at most 0.32, so at most 0.35",
        ),
        (
            Estimate(0.4, se=0.01, low=0.38, high=0.42),
            Threshold(0.35),
            0.99,
            "log_loss is 0.4 and, with 99 % confidence, at least 0.38, but must be at most 0.35",
        ),
        (
            Estimate(0.34, se=0.01, low=0.32, high=0.36),
            Threshold(0.35),
            0.95,
            "log_loss is 0.34, between 0.32 and 0.36 (each bound with 95 % confidence): "
            "too few rows to tell whether it is at most 0.35",
        ),
        (
            Estimate(0.34, reason="needs at least two rows"),
            Threshold(0.35),
            0.95,
            "log_loss is 0.34, which says nothing with 95 % confidence: needs at least two rows",
        ),
    ],
)
def test_the_sentence(found: Estimate, threshold: Threshold, confidence: float | None, message: str) -> None:
    assert gate_outcome(parse_requirement("log_loss <= 0.35"), found, threshold, confidence).message == message


def test_the_sentence_of_lower_limits() -> None:
    require = parse_requirement("recall[cat] >= 0.9")
    found = Estimate(0.95, "cat", se=0.02, low=0.91, high=0.98)
    sentence = gate_outcome(require, found, Threshold(0.9), 0.95).message
    assert sentence == "recall[cat] is 0.95 and, with 95 % confidence, at least 0.91, so at least 0.9"
    sentence = gate_outcome(
        require, Estimate(0.7, "cat", se=0.02, low=0.65, high=0.75), Threshold(0.9), 0.95
    ).message
    assert sentence == "recall[cat] is 0.7 and, with 95 % confidence, at most 0.75, but must be at least 0.9"


values = st.none() | st.floats(allow_nan=False)
finite = st.floats(allow_nan=False, allow_infinity=False)
RANK = {"fail": 0, "undecided": 1, "pass": 2}


@law
@given(values, finite, finite, st.floats(0, 10) | st.none(), st.sampled_from(["<=", "<", ">=", ">"]))
def test_tightening_a_limit_never_turns_fail_into_pass(
    value: float | None, one: float, other: float, half: float | None, op: str
) -> None:
    tight, loose = sorted((one, other), reverse=op in (">=", ">"))
    found = Estimate(value)
    confidence = None
    if half is not None and value is not None and math.isfinite(value):
        found, confidence = Estimate(value, se=half, low=value - half, high=value + half), 0.95
    require = parse_requirement(f"log_loss {op} 0")
    ranks = [RANK[gate_outcome(require, found, Threshold(limit), confidence).verdict] for limit in (tight, loose)]
    assert ranks == sorted(ranks)


@law
@given(finite, finite)
def test_unlike_numbers_never_look_alike(value: float, limit: float) -> None:
    message = gate_outcome(parse_requirement("log_loss <= 0"), Estimate(value), Threshold(limit)).message
    shown = message.removeprefix("log_loss is ").replace(" and must be", ",").split(", at most ")
    assert (shown[0] == shown[1]) == (value == limit)
