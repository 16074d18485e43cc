"""A score of whichever class was predicted counts as the scores of both classes."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli.api import score
from xentcli.errors import ContentError, RequestError

P = st.floats(1e-300, 1.0, exclude_max=True)
ROWS = st.lists(st.tuples(st.booleans(), st.booleans(), P), min_size=1, max_size=9)


def table(rows: list[tuple[bool, bool, float]], names: tuple[str, str] = ("no", "yes")) -> pd.DataFrame:
    data = [(names[label], names[predicted], p) for label, predicted, p in rows]
    return pd.DataFrame(data, columns=["label", "pred", "s"])


def loss(rows: list[tuple[bool, bool, float]]) -> float:
    return math.fsum(-math.log(p) if a == b else -math.log(1 - p) for a, b, p in rows) / len(rows)


@given(ROWS)
def test_loss_of_probabilities(rows: list[tuple[bool, bool, float]]) -> None:
    found = score(table(rows), prob="s", predicted="pred", positive="yes").metrics
    assert found.log_loss == pytest.approx(loss(rows), rel=1e-12, abs=1e-15)


@given(ROWS)
def test_all_kinds_agree(rows: list[tuple[bool, bool, float]]) -> None:
    logs = [(a, b, math.log(p)) for a, b, p in rows]
    logits = [(a, b, math.log(p) - math.log1p(-p)) for a, b, p in rows]
    for kind, values in (("logprob", logs), ("logit", logits)):
        options: dict[str, Any] = {kind: "s"}
        found = score(table(values), predicted="pred", positive="yes", **options).metrics
        assert found.log_loss == pytest.approx(loss(rows), rel=1e-9, abs=1e-12)


def test_labels_that_tell_need_no_positive_class() -> None:
    rows = [(True, True, 0.75), (False, True, 0.625), (False, False, 0.875)]
    found = score(table(rows, ("0", "1")), prob="s", predicted="pred")
    assert found.metrics.log_loss == pytest.approx(loss(rows), rel=1e-15)
    assert (found.classes, found.columns.predicted) == (("0", "1"), "pred")


def frame(**changes: Any) -> pd.DataFrame:
    return table([(True, True, 0.75), (False, True, 0.625), (False, False, 0.875)]).assign(**changes)


@pytest.mark.parametrize(
    ("changes", "options", "error", "code"),
    [
        ({"pred": ["yes", None, "no"]}, {}, ContentError, "predicted_missing"),
        ({"pred": ["yes", "maybe", "no"]}, {}, ContentError, "predicted"),
        ({"s": [0.75, 1.5, 0.5]}, {}, ContentError, "probability_out_of_range"),
        ({}, {"prob": "yes=s"}, RequestError, "predicted"),
        ({}, {"predicted": "label", "label": "label"}, RequestError, "predicted"),
        ({}, {"predicted": "s"}, RequestError, "predicted"),
        ({}, {"predicted": "x"}, RequestError, "no_such_column"),
    ],
)
def test_refusals(changes: dict[str, Any], options: dict[str, Any], error: type[Exception], code: str) -> None:
    with pytest.raises(error) as caught:
        score(frame(**changes), **{"prob": "s", "predicted": "pred", "positive": "yes", **options})
    assert getattr(caught.value, "code", None) == code


def test_rows_without_a_predicted_class_may_be_skipped() -> None:
    found = score(frame(pred=["yes", None, "no"]), prob="s", predicted="pred", positive="yes", missing="skip")
    assert (found.metrics.rows, found.metrics.skipped_rows) == (2, 1)
