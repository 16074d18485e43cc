"""A table folded to long format scores, to the last bit, as the wide one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli import score

_NAMES = ("cat", "dog", "a,b", "2", "p q")


@st.composite
def _tables(draw: st.DrawFn) -> tuple[pa.Table, pa.Table, list[str]]:
    """The wide table, the long one, and the classes."""
    classes = draw(st.lists(st.sampled_from(_NAMES), min_size=2, max_size=5, unique=True))
    rows = draw(st.integers(1, 12))
    logits = draw(st.lists(st.lists(st.floats(-50, 50), min_size=len(classes), max_size=len(classes)),
                           min_size=rows, max_size=rows))  # fmt: skip
    labels = draw(st.lists(st.sampled_from(classes), min_size=rows, max_size=rows))
    weights = draw(st.lists(st.sampled_from([0.5, 1.0, 3.0]), min_size=rows, max_size=rows))
    wide: dict[str, Any] = {"label": labels, "w": weights, "site": [f"s{i % 3}" for i in range(rows)]}
    wide |= {f"logit_{name}": [z[k] for z in logits] for k, name in enumerate(classes)}
    order = [(i, k) for i in range(rows) for k in draw(st.permutations(range(len(classes))))]
    long = {
        "id": [f"i{i}" for i, _ in order],
        "name": [classes[k] for _, k in order],
        "z": [logits[i][k] for i, k in order],
        **{column: [wide[column][i] for i, _ in order] for column in ("label", "w", "site")},
    }
    return pa.table(wide), pa.table(long), classes


@given(_tables())
@law
def test_long_scores_as_wide(tables: tuple[pa.Table, pa.Table, list[str]]) -> None:
    wide, long, classes = tables
    options: dict[str, Any] = {"weight": "w", "by": "site", "cluster": "site", "classes": classes}
    expected = score(wide, logit="logit_*", **options)
    found = score(long, class_column="name", on="id", logit="z", **options)
    assert found.metrics == expected.metrics
    assert found.breakdown == expected.breakdown
    assert found.slices == expected.slices
