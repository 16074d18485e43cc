"""Laws of comparisons: bit-identical however rows are cut, ordered and shared out; symmetric in the two models."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.merging import write_csv
from tests.properties.strategies import KINDS, Case, cases, law, random_case
from tests.values import replace
from xentcli.api import ColumnSpec, CompareRequest, EngineRequest, InputRequest, compare_files
from xentcli.results.compare import CompareResult


def with_ids(case: Case, path: Path, order: Any) -> Path:
    """A file of the rows of a case in an order; its column `id` numbers them, `c` is a cluster, `s` a slice."""
    write_csv(case, path)
    header, *lines = path.read_text().splitlines()
    rows = [f"r{k},c{k % 3},s{k % 2},{lines[k]}" for k in order]  # nothing that could be a predicted label
    path.write_text("\n".join([f"id,c,s,{header}", *rows]) + "\n")
    return path


def request(
    base: Path, new: Path, old: Case, case: Case, *, clustered: bool = False, **options: Any
) -> CompareRequest:
    """A comparison of files of two cases, by their ids."""
    count = case.scores.shape[1]
    names = tuple(f"c{k}" for k in range(count))
    spec = ColumnSpec(
        label=None if case.soft else "y",
        target=tuple(f"t{k}" for k in range(count)) if case.soft else (),
        weight=None if case.weights is None else "w",
        classes=tuple(str(k) for k in range(count)) if count > 1 else None,
        by=("s",),
        cluster="c" if clustered else None,
    )
    old_spec = replace(spec, by=(), cluster=None, **{KINDS[old.kind]: names})
    spec = replace(spec, **{KINDS[case.kind]: names})
    return CompareRequest(InputRequest((base,), old_spec), InputRequest((new,), spec), "id", **options)


def numbers(result: CompareResult) -> dict[str, Any]:
    """All that does not say where a row stands."""
    found = result.to_dict()
    for name in ("inputs", "most_different", "notices"):
        del found[name]
    return found


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Case, Case]:
    """Two models of the same rows, of any kinds of score."""
    new = draw(cases())
    old = random_case(
        draw(st.sampled_from(sorted(KINDS))), new.scores.shape[1], rows=new.rows, seed=draw(st.integers(0, 9))
    )
    return Case(old.kind, new.labels, old.scores, new.weights), new


@law
@given(pairs(), st.randoms(use_true_random=False), st.integers(1, 200), st.integers(1, 4), st.booleans())
def test_order_blocks_and_threads_change_no_number(
    pair: tuple[Case, Case], random: Any, block_bytes: int, threads: int, clustered: bool
) -> None:
    old, new = pair
    order = list(range(new.rows))
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        base, own = (
            with_ids(case, Path(folder, name), order) for name, case in (("old.csv", old), ("new.csv", new))
        )
        one, engine = EngineRequest(threads=1), EngineRequest(threads=threads)
        whole = numbers(compare_files(request(base, own, old, new, clustered=clustered, engine=one)))
        random.shuffle(order)
        with_ids(new, own, order)
        patch.setattr("xentcli.sources.delimited.records.BLOCK_BYTES", block_bytes)
        other = compare_files(request(base, own, old, new, clustered=clustered, engine=engine))
        assert numbers(other) == whole


@law
@given(pairs())
def test_swapping_the_models_negates_every_difference(pair: tuple[Case, Case]) -> None:
    old, new = pair
    with tempfile.TemporaryDirectory() as folder:
        order = range(new.rows)
        base, own = (
            with_ids(case, Path(folder, name), order) for name, case in (("old.csv", old), ("new.csv", new))
        )
        one, other = compare_files(request(base, own, old, new)), compare_files(request(own, base, new, old))
    assert (one.wins, one.losses, one.ties) == (other.losses, other.wins, other.ties)
    for name, metric in one.metrics.items():
        back = other.metrics[name]
        assert (metric.base, metric.new, metric.se) == (back.new, back.base, back.se)
        if metric.difference is not None and np.isfinite(metric.difference):
            assert back.difference == -metric.difference
            assert metric.p_value == back.p_value


@law
@given(cases())
def test_a_model_against_itself_is_all_ties(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = with_ids(case, Path(folder, "p.csv"), range(case.rows))
        found = compare_files(request(path, path, case, case))
    assert (found.wins, found.losses, found.ties) == (0, 0, found.rows)
    differences = {name: metric.difference for name, metric in found.metrics.items()}
    assert differences.pop("auc", 0) in (0, None)  # of one class
    assert {*differences.values()} == {0}
    assert found.change is None or found.change.discrimination == 0


@law
@given(pairs())
def test_slices_add_up_to_the_difference(pair: tuple[Case, Case]) -> None:
    old, new = pair
    with tempfile.TemporaryDirectory() as folder:
        order = range(new.rows)
        base, own = (
            with_ids(case, Path(folder, name), order) for name, case in (("old.csv", old), ("new.csv", new))
        )
        found = compare_files(request(base, own, old, new))
    assert sum(each.wins for each in found.slices) == found.wins
    assert sum(each.rows for each in found.slices) == found.rows
    parts = [each.contribution for each in found.slices]
    whole = found.metrics["log_loss"].difference
    if whole is not None and np.isfinite(whole):
        assert sum(part or 0.0 for part in parts) == pytest.approx(whole, rel=1e-12, abs=1e-12)
