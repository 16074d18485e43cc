"""Recalibrations against the packages of those who proposed them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from betacal import BetaCalibration
from venn_abers import VennAbers

from xentcli import apply, calibrate


@pytest.mark.parametrize("seed", range(3))
def test_beta_calibration_is_that_of_betacal(seed: int) -> None:
    """Kull, Silva Filho & Flach 2017; theirs has a small penalty, which thousands of rows outweigh."""
    rng = np.random.default_rng(seed)
    q = rng.beta(2, 3, 4000)
    y = (rng.uniform(size=q.size) < q**1.3 / (q**1.3 + (1 - q) ** 0.7)).astype(int)
    fit = calibrate(y, probs=q, method="beta")
    theirs = BetaCalibration("abm").fit(q[:, None], y)
    np.testing.assert_allclose(fit.apply(q), theirs.predict(q[:, None]), atol=2e-3)


@pytest.mark.parametrize("seed", range(3))
def test_intervals_are_those_of_venn_abers(seed: int, tmp_path: Path) -> None:
    """Vovk, Petej & Fedorova 2015."""
    rng = np.random.default_rng(seed)
    q = rng.integers(1, 40, 300) / 40  # ties too
    y = (rng.uniform(size=q.size) < q).astype(int)
    new = rng.uniform(0.01, 0.99, 50)
    calibrate(y, probs=q, method="isotonic", save=tmp_path / "cal.json")
    rows = tmp_path / "new.csv"
    rows.write_text("\n".join(["prob", *map(repr, new.tolist())]) + "\n")
    apply(tmp_path / "cal.json", rows, output=tmp_path / "out.csv", interval=True)
    found = np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1)[:, 1:]
    theirs = VennAbers()
    theirs.fit(np.column_stack([1 - q, q]), y)
    np.testing.assert_allclose(found, theirs.predict_proba(np.column_stack([1 - new, new]))[1], atol=1e-12)
