"""What `xent columns` shows of the values: the first of each column, and what probabilities sum to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import xent


def columns(folder: Path, *arguments: str, stdin: str = "") -> dict[str, Any]:
    run = xent("columns", *arguments, "--format", "json", cwd=folder, stdin=stdin)
    assert (run.code, run.stderr) == (0, "")
    found: dict[str, Any] = json.loads(run.stdout)
    return found


ROWS = "id,label,p_a,p_b\n1,a,0.75,0.25\n2,b,0.5,0.25\n,a,1,0\n4,a,0.5,0.5\n"


def test_three_different_values_of_each_column(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(ROWS)
    found = columns(tmp_path, "p.csv")
    samples = {each["column"]: each["samples"] for each in found["columns"]}
    assert samples == {
        "id": ["1", "2", ""],
        "label": ["a", "b"],
        "p_a": ["0.75", "0.5", "1"],
        "p_b": ["0.25", "0", "0.5"],
    }
    assert found["row_sums"] == {"rows": 4, "low": 0.75, "high": 1.0}
    text = xent("columns", "p.csv", cwd=tmp_path).stdout
    assert "probabilities of a row: sum to 0.7500 to 1.0000 (first 4 rows): --normalize divides by the sum" in text
    assert "0.75, 0.5, 1" in text


def test_a_pipe_has_them_too(tmp_path: Path) -> None:
    found = columns(tmp_path, "-", stdin=ROWS)
    assert found["columns"][1]["samples"] == ["a", "b"]


@pytest.mark.parametrize("kind", ["probability", "log-probability", "logit", "list", "one"])
def test_what_sums_to_one(kind: str, tmp_path: Path) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "probability": {"p_a": [0.25, 1.0], "p_b": [0.75, 0.0]},
        "log-probability": {"logprob_a": [-0.6931471805599453, 0.0], "logprob_b": [-0.6931471805599453, -800.0]},
        "logit": {"logit_a": [1.0, 2.0], "logit_b": [0.5, 0.0]},
        "list": {"probs": [[0.25, 0.75], [1.0, 0.0]]},
        "one": {"p": [0.25, 1.0]},
    }
    pq.write_table(pa.table({"label": [0, 1], **kinds[kind]}), tmp_path / "p.parquet")
    options = ("--classes", "a,b") if kind in ("probability", "log-probability", "logit") else ()
    found = columns(tmp_path, "p.parquet", *options)
    if kind in ("logit", "one"):
        assert found["row_sums"] is None
        assert "sum to" not in xent("columns", "p.parquet", *options, cwd=tmp_path).stdout
    else:
        assert found["row_sums"] == {"rows": 2, "low": pytest.approx(1), "high": pytest.approx(1)}
        text = xent("columns", "p.parquet", *options, cwd=tmp_path).stdout
        assert "probabilities of a row: sum to 1 (first 2 rows)" in text


def test_content_that_cannot_be_read_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text('label,p_a,p_b\na,"0.5,0.5\n')
    run = xent("columns", "p.csv", cwd=tmp_path)
    assert run.code in (0, 3)
    assert "Traceback" not in run.stderr
