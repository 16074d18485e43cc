"""Tables in long format are told from those whose rows stand by themselves, however alike they look."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest

from xentcli import score
from xentcli.errors import RequestError

IDS = [i for i in range(8) for _ in range(2)]
SUM = [0.3, 0.7, 0.9, 0.1, 0.6, 0.4, 0.2, 0.8] * 2  # of two rows each: 1
ANY = [0.3, 0.7, 0.9, 0.8, 0.6, 0.4, 0.2, 0.8] * 2
CLASS = ["no", "yes"] * 8
SAME = [y for y in ("no", "yes", "yes", "no") * 2 for _ in range(2)]  # one label an id


def _error(table: dict[str, Any], **options: Any) -> str:
    with pytest.raises(RequestError) as caught:
        score(pa.table(table), **options)
    assert caught.value.code == "long_form"
    return caught.value.hint or ""


def test_the_hint_is_all_there_is_to_type() -> None:
    table = {"id": IDS, "class": CLASS, "prob": SUM, "truth": SAME}
    assert _error(table, label="truth", positive="yes") == 'class_column="class", on="id"'
    assert _error(table, label="class", positive="yes") == 'class_column="class", on="id", label="truth"'
    odd = {"row id": IDS, "the name": pa.array(CLASS).dictionary_encode(), "prob": SUM, "truth": SAME}
    assert _error(odd, label="truth", positive="yes") == 'class_column="the name", on="row id"'


def test_scores_of_two_columns_do_not_matter() -> None:
    table = {"id": IDS, "class": CLASS, "prob_yes": SUM, "prob_no": [1 - p for p in SUM], "truth": SAME}
    assert score(pa.table(table), label="truth").rows == 16


@pytest.mark.parametrize(
    ("table", "options"),
    [
        # two visits of each patient, whose probabilities sum to nothing
        ({"id": IDS, "visit": [0, 1] * 8, "prob": ANY, "label": SAME}, {"positive": "yes"}),
        # two views of each image, with logits
        ({"image": IDS, "flipped": [0, 1] * 8, "logit": ANY, "label": [int(y == "yes") for y in SAME]}, {}),
        # an example with labels by turns
        ({"label": [0, 1] * 8, "prob": SUM}, {}),
        ({"n": list(range(16)), "label": [0, 1] * 8, "prob": SUM}, {}),
        # one side of a match wins
        ({"match": IDS, "side": ["home", "away"] * 8, "prob": SUM, "label": [0, 1, 1, 0] * 4}, {}),
        # few rows
        ({"id": [1, 1], "class": ["no", "yes"], "prob": [0.3, 0.7], "label": ["no", "no"]}, {"positive": "yes"}),
    ],
)
def test_rows_that_stand_by_themselves_are_scored(table: dict[str, Any], options: dict[str, Any]) -> None:
    assert score(pa.table(table), label="label", **options).rows == len(table["label"])


def test_of_many_columns_those_are_looked_at_that_are_called_so() -> None:
    table: dict[str, Any] = {f"x{i}": [i] * 16 for i in range(100)}
    table |= {"id": IDS, "class": CLASS, "prob": SUM, "truth": SAME}
    assert _error(table, label="truth", positive="yes") == 'class_column="class", on="id"'


def test_log_probabilities_without_a_label() -> None:
    table = {"id": IDS, "category": CLASS, "logprob": [math.log(p) for p in SUM]}
    hint = _error(table, logprob="logprob")
    assert hint == 'class_column="category", on="id", label="COL" or labels="FILE"'
