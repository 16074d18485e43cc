"""Class frequencies estimated from predictions without labels: `xent calibrate --prior-to estimate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.cli.runner import xent
from xentcli.core.exact import FloatArray


def drawn(classes: int, rows: int = 2000) -> FloatArray:
    """Probabilities `(K, n)`."""
    z = np.random.default_rng(classes).normal(size=(classes, rows)) * 2
    q: FloatArray = np.exp(z) / np.exp(z).sum(axis=0)
    return q


def em(q: FloatArray, before: FloatArray) -> FloatArray:
    """Saerens' EM as the paper writes it."""
    shares = before
    for _ in range(5000):
        posterior = q * (shares / before)[:, None]
        shares = (posterior / posterior.sum(axis=0)).mean(axis=1)
    return shares


def estimated(folder: Path, before: str, *options: str) -> dict[str, Any]:
    run = xent("calibrate", "p.csv", "--prior-from", before, "--prior-to", "estimate", "-o", "cal.json", *options,
               cwd=folder)  # fmt: skip
    assert run.code == 0, run.stderr
    saved: dict[str, Any] = json.loads((folder / "cal.json").read_text())
    return saved


def test_two_classes(tmp_path: Path) -> None:
    q = drawn(2)
    (tmp_path / "p.csv").write_text("\n".join(["prob_yes", *map(repr, q[1].tolist())]) + "\n")
    saved = estimated(tmp_path, "no=0.7,yes=0.3")
    before = np.array([0.7, 0.3])
    expected = np.log(em(q, before) / before)
    shift = saved["parameters"]["shift"]
    assert shift["yes"] - shift["no"] == pytest.approx(expected[1] - expected[0], abs=1e-9)
    assert (saved["fit"]["rows"], saved["fit"]["log_loss"]) == (2000, None)


@pytest.mark.parametrize("lists", [False, True])
def test_more_classes(lists: bool, tmp_path: Path) -> None:
    q, before = drawn(3), np.array([0.5, 0.3, 0.2])
    if lists:
        text = "".join(json.dumps({"probs": row}) + "\n" for row in q.T.tolist())
    else:
        text = "\n".join(["prob_a,prob_b,prob_c", *(",".join(map(repr, row)) for row in q.T.tolist())]) + "\n"
    (tmp_path / "p.csv").write_text(text)
    options = ["--prob", "probs", "--classes", "a,b,c"] if lists else []
    shift = [*estimated(tmp_path, "a=0.5,b=0.3,c=0.2", *options)["parameters"]["shift"].values()]
    expected = np.log(em(q, before) / before)
    assert shift == pytest.approx(expected - expected[0], abs=1e-9)


def test_one_column_says_which_class_it_is_of(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("prob\n0.2\n0.9\n0.6\n")
    options = ["--prior-from", "no=0.5,yes=0.5", "--prior-to", "estimate"]
    run = xent("calibrate", "p.csv", *options, cwd=tmp_path)
    assert run.code == 2
    assert "--positive CLASS" in run.stderr
    options += ["--positive", "yes"]
    run = xent("calibrate", "p.csv", *options, cwd=tmp_path)
    assert run.code == 0
    assert "3 rows, 2 classes, no labels" in run.stdout
    assert xent("calibrate", "p.csv", *options, "--require", "gain >= 0", cwd=tmp_path).code == 1


def test_predictions_that_tell_too_little_do_not_settle(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("prob_yes\n" + "0.5001\n0.4998\n" * 50)
    run = xent("calibrate", "p.csv", "--prior-from", "no=0.5,yes=0.5", "--prior-to", "estimate", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "not settled after 10,000 steps" in run.stderr


def test_bad_predictions_are_refused_as_by_score(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("prob_yes\n0.5\n1.5\n")
    run = xent("calibrate", "p.csv", "--prior-from", "no=0.5,yes=0.5", "--prior-to", "estimate", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "p.csv, line 3" in run.stderr
