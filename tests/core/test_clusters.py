"""Errors robust to clusters, against fractions: every digit at every size, and exactly 0 if there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

from tests.properties.strategies import law
from xentcli import score
from xentcli.core.clusters import Clusters, clustered_errors

Row = tuple[str, float, float]  # cluster, value, weight

SIZES = [5e-324, 1e-300, 1e-154, 1e-3, 1.0, 1e154, 1e300, 1.7e308]
values = st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.1, 1e-16])


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Rows of a few clusters, whose values have one size and whose weights any that their product allows."""
    size = draw(st.sampled_from(SIZES))
    weights = st.sampled_from([1.0, 0.3, 1e-200] if size > 1 else [1.0, 0.3, 1e-200, 1e100])
    count = draw(st.integers(1, 8))
    return [
        (draw(st.sampled_from("abcde")), draw(values) * size, draw(weights) if draw(st.booleans()) else 1.0)
        for _ in range(count)
    ]


def clusters(rows: Sequence[Row]) -> Clusters:
    names = sorted({name for name, _, _ in rows})
    codes = np.array([names.index(name) for name, _, _ in rows], np.intp)
    x, w = (np.array([row[i] for row in rows], float) for i in (1, 2))
    return Clusters.of([x], None if (w == 1).all() else w, codes, names)


def slow_error(rows: Sequence[Row]) -> float | None:
    """sqrt(G/(G-1) sum over clusters (sum of w x - w mean)^2) / sum w, w x rounded once."""
    options = [(name, Fraction(x * w), Fraction(w)) for name, x, w in rows]
    total, weight = sum(t for _, t, _ in options), sum(w for _, _, w in options)
    groups = {name for name, _, _ in options}
    if len(groups) < 2:
        return None
    residuals = [
        sum((t * weight - w * total for own, t, w in options if own == name), Fraction(0)) / weight**2
        for name in groups
    ]
    square = sum((r * r for r in residuals), Fraction(0)) * Fraction(len(groups), len(groups) - 1)
    with mp.workdps(40):
        return float(mp.sqrt(mp.mpf(square.numerator) / square.denominator))


@law
@given(rows())
def test_the_error_is_the_definition_at_every_size(rows: list[Row]) -> None:
    found, expected = clustered_errors(clusters(rows)).get("log_loss"), slow_error(rows)
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-14, abs=1e-320))


@law
@given(rows(), st.data())
def test_merging_is_commutative_and_associative_with_identity(rows: list[Row], data: st.DataObject) -> None:
    order = data.draw(st.permutations(rows))
    merged = reduce(Clusters.merge, [clusters([row]) for row in order], Clusters())
    whole = clusters(rows)
    assert merged == whole == whole.merge(Clusters()) == Clusters().merge(whole)
    assert clustered_errors(merged) == clustered_errors(whole)


def test_rows_that_are_all_alike_have_no_error() -> None:
    alike = [(f"{i}", 0.1, 0.3) for i in range(7)]
    assert clustered_errors(clusters(alike)) == {"log_loss": 0.0}


def test_parts_are_few_so_that_merging_many_takes_no_square_of_the_time() -> None:
    merged = reduce(Clusters.merge, [clusters([(f"{i}", 1.0, 1.0)]) for i in range(300)])
    assert merged.count == 300
    assert len(merged.parts) <= 8 * math.log(300, 8)


def test_a_slice_has_the_error_of_its_own_clusters() -> None:
    # The closed form for two clusters of losses a and b, of equal weight: sqrt(2) |a - b| / 4 sqrt(2).
    table = {
        "label": [1] * 8,
        "prob": [0.9] * 4 + [0.5] * 2 + [0.25] * 2,
        "u": list("aabbccdd"),
        "s": list("xxxxyyyy"),
    }
    found = score(pa.table(table), cluster="u", by="s")
    errors = {part.by[0][1]: part.metrics.log_loss_se for part in found.slices}
    assert errors == {"x": 0.0, "y": pytest.approx(math.log(2) / 2, rel=1e-14)}
    assert [part.basis.clusters for part in found.slices] == [2, 2]
