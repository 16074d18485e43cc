"""`xentcli.apply`: what comes in comes out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.apply.applying import T, calibration, cooled
from xentcli import apply, calibrate
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.results.calibration_map import calibration_map
from xentcli.states.calibration import read_calibration

P = np.array([0.25, 0.9, 0.5])
NEW = np.array([*map(cooled, P.tolist())])
BOTH, NEW_BOTH = np.stack([1 - P, P], axis=1), np.stack([1 - NEW, NEW], axis=1)


@pytest.mark.parametrize("values", [P, P.tolist(), P.astype(np.float32), pd.Series(P), pa.array(P), BOTH])
def test_an_array_comes_back_in_its_shape(values: Any, tmp_path: Path) -> None:
    found = apply(calibration(tmp_path), values)
    expected = NEW_BOTH if values is BOTH else NEW
    assert (type(found), found.dtype, found.shape) == (np.ndarray, np.float64, expected.shape)
    np.testing.assert_allclose(
        found, expected, rtol=1e-6 if getattr(values, "dtype", None) == np.float32 else 1e-14
    )


def test_kinds_of_scores_and_which_class_they_are_of(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    logits = np.log(P / (1 - P))
    np.testing.assert_allclose(apply(cal, logits, kind="logit"), logits / T, rtol=1e-14)
    np.testing.assert_allclose(apply(cal, P, logits=True), logits / T, rtol=1e-13)
    np.testing.assert_allclose(apply(cal, np.log(P), kind="log_probability"), np.log(NEW), rtol=1e-13)
    np.testing.assert_allclose(apply(cal, BOTH[:, ::-1], classes=["yes", "no"]), NEW_BOTH[:, ::-1], rtol=1e-14)
    shifted = calibration(tmp_path, "offset")
    np.testing.assert_allclose(apply(shifted, 1 - P, positive="no"), 1 - apply(shifted, P), rtol=1e-14)


def test_tables_come_back_as_they_were_but_for_the_scores(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    frame = pd.DataFrame({"p_yes": P.astype(np.float32), "x": ["a", None, "c"], 3: [1, 2, 3]}, index=[7, 8, 9])
    found = apply(cal, frame)
    pd.testing.assert_frame_equal(found.drop(columns="p_yes"), frame.drop(columns="p_yes"))
    np.testing.assert_array_equal(found["p_yes"], apply(cal, frame["p_yes"].to_numpy()).astype(np.float32))
    pd.testing.assert_frame_equal(apply(cal, frame, suffix="_cal")[[*frame]], frame)
    table = pa.table({"id": [1, 2, 3], "probs": BOTH.tolist()}).replace_schema_metadata({"a": "b"})
    found = apply(cal, table, classes=["no", "yes"])
    assert found.schema.equals(table.schema, check_metadata=True)
    np.testing.assert_allclose(found.column("probs").to_pylist(), NEW_BOTH, rtol=1e-14)


def test_an_interval_stands_beside_lists_and_columns(tmp_path: Path) -> None:
    steps = {"knots": [[-1.0, -1.0], [1.0, 1.0]], "p0": [[-0.5, 0.25]], "p1": [[0.0, 0.625], [2.0, 0.75]]}
    isotonic = calibration_map(("no", "yes"), "isotonic", steps)
    bounds = {"p0": [0.25, 0.25, None], "p1": [0.625, 1.0, None]}
    rows = [[0.5, 0.5], [0.1, 0.9], None]
    given: dict[str, Any] = {"missing": "skip", "interval": True}
    found = apply(isotonic, pa.table({"probs": rows}), classes=["no", "yes"], **given)
    assert found.select(["probs_p0", "probs_p1"]).to_pydict() == {f"probs_{k}": v for k, v in bounds.items()}
    columns = {name: [row and row[i] for row in rows] for i, name in enumerate(["p_no", "p_yes"])}
    found = apply(isotonic, pa.table(columns), suffix="_c", **given)
    assert found.column_names == ["p_no", "p_yes", "p_no_c", "p_yes_c", "p_yes_p0", "p_yes_p1"]
    assert found.select(["p_yes_p0", "p_yes_p1"]).to_pydict() == {f"p_yes_{k}": v for k, v in bounds.items()}


def test_files_are_written(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,p_yes\nyes,0.25\n")
    done = apply(calibration(tmp_path), tmp_path / "p.csv", output=tmp_path / "out.csv")
    assert (done.rows, done.rows_left, done.files) == (1, 0, (str(tmp_path / "out.csv"),))
    assert done.gain.log_loss == pytest.approx(-np.log(0.25), rel=1e-15)
    assert done.gain.log_loss_calibrated == pytest.approx(-np.log(NEW[0]), rel=1e-15)


def test_a_result_of_calibrate_applies_itself() -> None:
    fit = calibrate([1, 0, 1, 0] * 50, probs=[0.6, 0.4, 0.7, 0.6] * 50, method="temperature")
    np.testing.assert_array_equal(fit.apply(P), apply(fit, P))
    assert fit.apply(P)[1] > 0.9


BAD: list[tuple[dict[str, Any], type[XentError], str]] = [
    ({"data": P, "output": "x"}, RequestError, "goes with files"),
    ({"data": P, "suffix": "_c"}, RequestError, "an array has none"),
    ({"data": P, "kind": "odds"}, RequestError, "kind="),
    ({"data": "p.csv"}, RequestError, "output="),
    ({"data": P, "calibration": 3}, RequestError, "a calibration is"),
    ({"data": np.ones((3, 3)) / 3}, RequestError, "2 classes for 3 scores"),
    ({"data": [0.5, 2.0]}, ContentError, "2.0 is not a probability"),
    ({"data": [0.5, None]}, ContentError, "is missing"),
    ({"data": [[0.5, 0.5], [0.5, 0.4]]}, ContentError, "sum to 0.9"),
    ({"data": np.array(["a"])}, ContentError, "not numbers"),
    ({"data": []}, ContentError, "no rows"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD)
def test_what_cannot_be_is_refused(
    arguments: dict[str, Any], error: type[XentError], message: str, tmp_path: Path
) -> None:
    given = {"calibration": read_calibration(calibration(tmp_path)), **arguments}
    with pytest.raises(error, match=message):
        apply(**given)


def test_a_missing_score_stays_missing(tmp_path: Path) -> None:
    found = apply(calibration(tmp_path), [0.5, None, 0.25], missing="skip")
    np.testing.assert_allclose(found, [0.5, np.nan, NEW[0]], rtol=1e-14)
