"""Rows by fold as a run collects them: the same bits however they are read, and the rows that they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.core.fits.test_methods import sample
from tests.transcript import ROOT
from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.request import InputRequest
from xentcli.analysis.run import score_inputs
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.core.fits.cross_fitting import cross_fit
from xentcli.core.fits.folds import FoldCounts, FoldPlan, FoldTotals, for_fitting
from xentcli.core.fits.methods import fit, methods_for
from xentcli.core.fits.rows import FitRows
from xentcli.core.odds.cells import OddsCells
from xentcli.engine.local import LocalEngine
from xentcli.engine.totals import Plan
from xentcli.errors import ContentError

SAMPLES = ROOT / "sample_data"


def totals(path: Path, threads: int = 1, **columns: Any) -> FoldTotals:
    """Those of a file."""
    inputs = open_inputs(InputRequest((path,), ColumnSpec(**columns)))
    plan = Plan(breakdown=False, folds=FoldPlan())
    return score_inputs(inputs, Policy(), plan, LocalEngine(threads)).totals.folds


def bits(found: dict[str, FitRows]) -> list[bytes]:
    """All that the rows of folds hold."""
    return [
        getattr(found[name], array).tobytes()
        for name in sorted(found)
        for array in FitRows.__struct_fields__
        if getattr(found[name], array) is not None
    ]


def with_folds(path: Path) -> Path:
    """The sample with a column of row number mod 5."""
    head, *lines = (SAMPLES / "breast_cancer.csv").read_text().splitlines()
    rows = [f"{head},fold", *(f"{line},{number % 5}" for number, line in enumerate(lines))]
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_fold_column_gives_the_reference_figures(tmp_path: Path) -> None:
    found = totals(with_folds(tmp_path / "folds.csv"), fold="fold").folds(clustered=False)
    assert sorted(found) == ["0", "1", "2", "3", "4"]
    [affine] = cross_fit([found[name] for name in sorted(found)], ["affine"], choose=False).gains
    assert affine.cross_fitted == pytest.approx(0.1101639084, abs=1e-10)
    assert affine.se == pytest.approx(0.0113185297, abs=1e-10)


def test_weights_have_their_squares_and_rows() -> None:
    found = FitRows.join([*totals(SAMPLES / "breast_cancer.csv", weight="weight").folds(clustered=False).values()])
    w = sample()[2]
    sums = found.weights.sum(), found.squares.sum(), found.counts.sum()
    assert sums == pytest.approx((w.sum(), (w * w).sum(), w.size))


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("breast_cancer.csv", {}),
        ("breast_cancer.csv", {"weight": "weight"}),
        ("breast_cancer.csv", {"cluster": "size", "weight": "weight"}),
        ("digits.parquet", {}),
    ],
)
def test_threads_and_blocks_change_no_bit(file: str, columns: dict[str, Any]) -> None:
    clustered = "cluster" in columns
    one, two = (totals(SAMPLES / file, threads, **columns).folds(clustered=clustered) for threads in (1, 2))
    assert bits(one) == bits(two)


@pytest.mark.parametrize("weighted", [False, True])
def test_merged_parts_are_the_whole(tmp_path: Path, weighted: bool) -> None:
    """Rows of one key are of one fold in whatever order, so two halves of a file hold what the file holds."""
    columns: dict[str, Any] = {"weight": "weight"} if weighted else {}
    path = with_folds(tmp_path / "folds.csv")
    head, *lines = path.read_text().splitlines()
    parts = []
    for number, some in enumerate((lines[:200], lines[200:])):
        part = tmp_path / f"{number}.csv"
        part.write_text("\n".join([head, *some]) + "\n")
        parts.append(totals(part, fold="fold", **columns))
    whole = totals(path, fold="fold", **columns).folds(clustered=False)
    one, two = parts
    for merged in (one.merge(two), two.merge(one), FoldTotals().merge(one).merge(two)):
        assert bits(merged.folds(clustered=False)) == bits(whole)


def test_rows_of_a_cluster_share_a_fold(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    rows = [f"{number % 2},{0.1 + number % 7 / 10},u{number % 40}" for number in range(400)]
    path.write_text("\n".join(["label,prob,user", *rows]) + "\n")
    found = totals(path, cluster="user").folds(clustered=True)
    seen = [set(fold.clusters.tolist()) for fold in found.values() if fold.clusters is not None]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 40
    assert len(found) == 5


def test_rows_of_infinite_loss_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "certain.csv"
    path.write_text("label,prob\n1,0\n0,0\n1,1\n0,.5\n")
    found = FitRows.join([*totals(path).folds(clustered=False).values()])
    assert found.counts.sum() == 3
    assert np.isfinite(found.losses()).all()


def test_a_missing_fold_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "missing.csv"
    path.write_text("label,prob,fold\n1,.4,a\n0,.3,\n")
    with pytest.raises(ContentError, match="the fold is missing"):
        totals(path, fold="fold")


def test_log_odds_beyond_the_limit_share_cells() -> None:
    """What a fit to cells saves is nearly what one to the rows saves."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=1 << 16) * 2
    y = (rng.logistic(size=x.size) < x / 2).astype(np.intp)
    cells = FoldCounts(OddsCells.of(x, y == 1, None, limit=1 << 10))
    assert not cells.weights.exact
    few, every = cells.rows(exact=False), FitRows.of(x, y)
    assert few.entries < 20_000
    saved = [
        [rows.mean(rows.losses() - fit(method, rows).losses(rows)) for method in methods_for(2)]
        for rows in (few, every)
    ]
    assert saved[0] == pytest.approx(saved[1], abs=2e-4)


def test_many_log_odds_are_fitted_to_in_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=4000) * 3
    folds = [FitRows.of(part, (rng.logistic(size=part.size) < part).astype(int)) for part in np.split(x, 4)]
    exact = fit("affine", FitRows.join(for_fitting(folds)))
    monkeypatch.setattr("xentcli.core.fits.folds.LIMIT", 100)
    cells = for_fitting(folds)
    assert sum(each.entries for each in cells) < 4000
    found = fit("affine", FitRows.join(cells))
    assert [*found.slopes, *found.offsets] == pytest.approx([*exact.slopes, *exact.offsets], abs=1e-4)
