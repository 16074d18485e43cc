"""What `xent calibrate` says of a recalibration is what its predictions, written by `xent apply`, score."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.core.fits.test_folds import with_folds
from tests.transcript import ROOT
from xentcli import apply, calibrate, score
from xentcli.core.fits.methods import MORE_CLASSES, TWO_CLASSES

CANCER, DIGITS, WINE = (
    ROOT / "sample_data" / name for name in ("breast_cancer.csv", "digits.parquet", "wine.csv")
)
CASES = [
    *((CANCER, each) for each in TWO_CLASSES),
    *((file, each) for file in (DIGITS, WINE) for each in MORE_CLASSES),
]


def log_loss(path: Path, **columns: Any) -> float:
    found = score(path, **columns).metrics.log_loss
    assert found is not None
    return found


@pytest.mark.parametrize(("file", "method"), CASES)
def test_applied_to_the_rows_fitted_to_it_gives_the_loss_in_sample(
    file: Path, method: Any, tmp_path: Path
) -> None:
    out = tmp_path / f"out{file.suffix}"
    fit = calibrate(file, method=method, save=tmp_path / "cal.json")
    apply(tmp_path / "cal.json", file, output=out)
    assert log_loss(out) == pytest.approx(fit.methods[0].log_loss_in_sample, rel=1e-12)


@pytest.mark.parametrize("method", ["auto", "temperature", "isotonic"])
@pytest.mark.parametrize("folds", [{"fold_column": "fold"}, {"folds": 7}, {"cluster": "size"}])
def test_cross_fitted_rows_have_the_cross_fitted_loss(method: Any, folds: dict[str, Any], tmp_path: Path) -> None:
    file, out = with_folds(tmp_path / "in.csv"), tmp_path / "out.csv"
    fit = calibrate(file, method=method, cross_fit=out, **folds)
    expected = fit.log_loss if fit.chosen == "none" else fit.judged.log_loss_cross_fitted
    assert log_loss(out) == pytest.approx(expected, rel=1e-12)


def test_the_first_of_the_folds_in_time_stays_as_it_was(tmp_path: Path) -> None:
    file, out = with_folds(tmp_path / "in.csv"), tmp_path / "out.csv"
    fit = calibrate(file, method="offset", folds_forward="fold", cross_fit=out)
    stated, found = pd.read_csv(file), pd.read_csv(out)
    changed = stated["prob_malignant"] != found["prob_malignant"]
    assert sorted(found["fold"][changed].unique()) == [1, 2, 3, 4]
    assert score(out, where="fold!=0").metrics.log_loss == pytest.approx(fit.judged.log_loss_cross_fitted)
    pd.testing.assert_frame_equal(stated.drop(columns="prob_malignant"), found.drop(columns="prob_malignant"))


def test_several_files_keep_their_folds(tmp_path: Path) -> None:
    head, *lines = CANCER.read_text().splitlines(keepends=True)
    for name, part in (("a", lines[:300]), ("b", lines[300:])):
        (tmp_path / f"{name}.csv").write_text("".join([head, *part]))
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    fit = calibrate(files, method="affine", cross_fit=tmp_path / "out")
    found = score([tmp_path / "out" / "a.csv", tmp_path / "out" / "b.csv"]).metrics.log_loss
    assert found == pytest.approx(fit.judged.log_loss_cross_fitted, rel=1e-12)


def test_a_fit_in_python_is_applied_to_tables_and_arrays() -> None:
    table = pd.read_csv(CANCER)
    fit = calibrate(table)
    applied = fit.apply(table)
    assert score(applied).metrics.log_loss == pytest.approx(fit.methods[0].log_loss_in_sample, rel=1e-12)
    found = fit.apply(table["prob_malignant"].to_numpy())
    np.testing.assert_array_equal(found, applied["prob_malignant"])
