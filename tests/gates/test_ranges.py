"""Limits that the range of a number decides by itself are slips, and refused with what was probably meant."""

from __future__ import annotations

import pytest

from xentcli.errors import RequestError
from xentcli.gates.gating import parse_gating
from xentcli.gates.requirement import WHOLE
from xentcli.results.metrics import PER_CLASS


def _refusal(text: str) -> RequestError | None:
    try:
        parse_gating([text], baseline="b.json" if "baseline" in text else None)
    except RequestError as error:
        return error
    return None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("accuracy >= 95", "accuracy >= 0.95"),
        ("accuracy>=95", "accuracy>=0.95"),
        ("recall[x] > 90.5", "recall[x] > 0.905"),
        ("recall[x] > 1", None),
        ('precision["a >= 5"] >= 5', 'precision["a >= 5"] >= 0.05'),
        ("accuracy <= 95", "accuracy <= 0.95"),
        ("ece <= 5", "ece <= 0.05"),
        ("accuracy[site=*] >= 1e2", "accuracy[site=*] >= 1"),
        ("accuracy_low >= 80", "accuracy_low >= 0.8"),
        ("accuracy >= baseline - 1", "accuracy >= baseline - 0.01"),
        ("accuracy >= baseline + 2", "accuracy >= baseline + 0.02"),
        ("accuracy > baseline + 1", "accuracy > baseline + 0.01"),
        ("accuracy >= -1", None),
        ("brier <= -1", None),
        ("brier >= 3", None),
        ("log_loss <= -0.1", None),
        ("log_loss < 0", None),
        ("log_loss > -1 bits", None),
        ("log_loss == -1", None),
        ("perplexity < 1", None),
        ("skill > 1", None),
        ("mcc > 1", None),
        ("mcc >= 90", None),
        ("cohen_kappa < -1", None),
        ("brier_skill > 1", None),
        ("balanced_accuracy >= 95", "balanced_accuracy >= 0.95"),
        ("f1[x] >= 95", "f1[x] >= 0.95"),
        ("rows <= -1", None),
        ("rows == 60.5", None),
        ("skipped_rows == baseline + 0.5", None),
        ("infinite_rows < 0", None),
        ("accuracy < baseline * -1", None),
    ],
)
def test_limits_beyond_the_range_are_refused(text: str, meant: str | None) -> None:
    error = _refusal(text)
    assert error is not None
    assert (error.code, error.exit_code) == ("requirement_range", 2)
    assert f'requirement "{text}"' in error.message
    assert error.hint == (None if meant is None else f"did you mean --require '{meant}'?")
    if meant is not None and not meant.endswith(">= 0.05"):
        assert _refusal(meant) is None


@pytest.mark.parametrize(
    "text",
    [
        "accuracy >= 0", "accuracy >= 1", "accuracy <= 1", "recall[x] > 0.99", "brier <= 2", "log_loss <= 0",
        "log_loss >= 0", "rows >= 0", "rows >= 1", "rows == 60", "rows >= 60.5", "skill >= -3",
        "overconfidence >= -5", "log_loss <= 1e308", "accuracy >= baseline",
        "accuracy >= baseline - 0.01", "log_loss <= baseline * 1.1", "skill >= 1", "mcc >= -0.5",
        "log_loss <= baseline + 5", "rows >= baseline * 0.9", "log_loss_low >= -1", "perplexity <= 1",
        "miscalibration <= 0", "row_sum_effect >= -1",
    ],
)  # fmt: skip
def test_limits_within_the_range_are_not(text: str) -> None:
    assert _refusal(text) is None


def test_every_number_has_a_range_that_holds_its_usual_limits() -> None:
    for name in WHOLE:
        assert _refusal(f"{name} <= 1") is None
        assert _refusal(f"{name} >= 1") is None or name.endswith("_se")
    for name in PER_CLASS:
        assert _refusal(f"{name}[a] <= 1") is None
