"""Scores that requirements are checked on."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import scipy.stats

from xentcli import score
from xentcli.core.numbers.distributions import level
from xentcli.errors import XentError
from xentcli.gates.check_score import check_score
from xentcli.gates.requirement import parse_requirement
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import Gate

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


def score_frame(**options: Any) -> ScoreResult:
    return score(FRAME, **options)


def one(result: ScoreResult, text: str, confidence: float | None = None, **options: Any) -> Gate:
    [gate] = check_score(result, [parse_requirement(text)], level=level(confidence), **options)
    return gate


def refusal(
    kind: type[XentError], result: ScoreResult, text: str, confidence: float | None = None, **options: Any
) -> XentError:
    with pytest.raises(kind) as caught:
        check_score(result, [parse_requirement(text)], level=level(confidence), **options)
    return caught.value
