"""Several labels a row score as the mean of their log losses, each scored alone."""

from __future__ import annotations

import math
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli import score

_KINDS = {"prob": st.floats(0.001, 0.999), "logit": st.floats(-30, 30), "logprob": st.floats(-20, -1e-3)}


@st.composite
def _tables(draw: st.DrawFn) -> tuple[str, dict[str, Any], list[str]]:
    kind = draw(st.sampled_from([*_KINDS]))
    names = draw(st.lists(st.sampled_from(["a", "b b", "c_d", "1", "é"]), min_size=1, max_size=4, unique=True))
    rows = draw(st.integers(1, 10))
    table: dict[str, Any] = {}
    for name in names:
        table[f"is_{name}"] = draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows))
        table[f"z_{name}"] = draw(st.lists(_KINDS[kind], min_size=rows, max_size=rows))
    return kind, table, names


@given(_tables())
@law
def test_several_labels_are_the_mean_of_each(case: tuple[str, dict[str, Any], list[str]]) -> None:
    kind, columns, names = case
    table = pa.table(columns)
    options: dict[str, Any] = {kind: "z_*", "multilabel": True, "label": "is_*"}
    found = score(table, **options)
    each: list[dict[str, Any]] = [{kind: f"z_{name}", "label": f"is_{name}"} for name in names]
    pairs = [table.select([*asked.values()]) for asked in each]  # other columns could be predictions of it
    alone = [score(pair, positive="1", **asked).metrics.log_loss for pair, asked in zip(pairs, each, strict=True)]
    assert found.metrics.log_loss == pytest.approx(math.fsum(x or 0.0 for x in alone) / len(names), rel=1e-12)
    assert [label.log_loss for label in found.labels or ()] == alone
