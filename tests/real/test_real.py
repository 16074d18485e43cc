"""Files as real tools write them, scored and compared with the tools' own figures.

`make.py` made the files in `samples/` and the figures in `figures.json`; it says with which versions. A case is
the command line that a user of the tool would type.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.runner import xent

FOLDER = Path(__file__).parent
SAMPLES = FOLDER / "samples"
FIGURES: dict[str, dict[str, Any]] = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))

FLOAT64 = 1e-12  # relative: the same formula in another order of operations
# A tool that computes in float32 is off by up to 2^-24 (6e-8) of the logarithm and, absolutely, by as much again
# of a forecast near 1, in each row; the mean losses here are between 0.2 and 4.
FLOAT32 = 1e-6


class Case(NamedTuple):
    """A run, and how close it comes to the figures of that name."""

    name: str
    command: str
    rel: float = FLOAT64
    notices: tuple[str, ...] = ()


IRISES = "setosa,versicolor,virginica"
CASES = [
    Case("pandas-csv", "pandas/proba.csv"),
    Case("pandas-index", "pandas/index.csv"),
    Case("pandas-tsv", "pandas/proba.tsv"),
    Case("pandas-comma", "pandas/comma.csv --decimal ,"),
    Case("pandas-gz", "pandas/proba.csv.gz"),
    Case("pandas-zst", "pandas/proba.csv.zst"),
    Case("pandas-bz2", "pandas/proba.csv.bz2"),
    Case("pandas-xz", "pandas/proba.csv.xz"),
    Case("pandas-parquet", "pandas/proba.parquet"),
    Case("pandas-feather", "pandas/proba.feather"),
    Case("pandas-weight", "pandas/weight.csv --weight weight"),
    Case("pandas-decision-function", f"pandas/decision_function.csv --label species --logit {IRISES}"),
    Case("pandas-predict-log-proba", "pandas/predict_log_proba.csv"),
    Case("pandas-lists", f"pandas/lists.csv --classes {IRISES}"),
    Case("pandas-json-lines", "pandas/records.jsonl"),
    Case("pandas-numbered", "pandas/numbered.csv"),
    Case("pandas-numbered-parquet", "pandas/numbered.parquet"),
    Case("pandas-bool", "pandas/bool.csv"),
    Case("pandas-binary", "pandas/binary.csv"),
    Case("pandas-binary-logit", "pandas/binary_logit.parquet"),
    Case("polars-csv", "polars/proba.csv"),
    Case("polars-parquet", "polars/proba.parquet"),
    Case("polars-ipc", "polars/proba.arrow"),
    Case("polars-ipc-stream", "polars/proba.arrows"),
    Case("polars-lists", f"polars/lists.parquet --classes {IRISES}"),
    Case("polars-arrays", f"polars/arrays.parquet --classes {IRISES}"),
    Case("polars-lists-ndjson", f"polars/lists.ndjson --classes {IRISES}"),
    Case("polars-ndjson", "polars/proba.ndjson"),
    Case("numpy-npy", f"numpy/probs.npy --labels numpy/y_true.npy --classes {IRISES}"),
    Case("numpy-npz", f"numpy/arrays.npz --classes {IRISES}"),
    Case("numpy-npz-packed", "numpy/packed.npz"),
    Case("numpy-binary", "numpy/y_score.npy --labels numpy/y.npy"),
    Case("pyarrow-hive", "pyarrow/by_fold"),
    Case("pyarrow-hive-label", "pyarrow/by_label"),
    Case("pyarrow-structs", "pyarrow/structs.parquet"),
    Case("torch", "torch/logits.parquet"),
    Case("torch-float32", "torch/logits.parquet", FLOAT32),
    Case("torch-weight", "torch/logits.parquet --class-weight 0=1,1=2,2=0.5"),
    Case("torch-smoothing", "torch/logits.parquet --label-smoothing 0.1"),
    Case("torch-half", "torch/half/logits.npy --labels torch/half/label.npy"),
    Case("torch-ignore", "torch/masked.parquet --ignore-label -100", notices=("ignored_rows",)),
    Case(
        "torch-ignore-smoothing",
        "torch/masked.parquet --ignore-label -100 --label-smoothing 0.1",
        notices=("ignored_rows",),
    ),
    Case(
        "torch-ignore-weight",
        "torch/masked.parquet --ignore-label -100 --class-weight 1=2,2=0.5",
        notices=("ignored_rows",),
    ),
    Case("torch-soft", "torch/soft.parquet --target 'target_*'"),
    Case("torch-distilled", "torch/distilled.parquet --logprob logprobs --target teacher", FLOAT32),
    Case("torch-binary", "torch/binary.csv"),
    Case("torch-tokens", "torch/tokens.parquet --logprob token_logprob --bytes bytes", FLOAT32),
    Case("torch-tokens-jsonl", "torch/tokens.jsonl --logprob logprob --bytes bytes", FLOAT32),
    Case("datasets", "datasets/logits.parquet"),
    Case("datasets-json-lines", "datasets/logits.jsonl"),
    Case("datasets-saved", "datasets/saved"),
    Case("datasets-structs", "datasets/structs.parquet"),
    Case("libsvm-binary", "libsvm/binary.out --no-header --labels libsvm/binary.labels"),
    Case("libsvm-three", "libsvm/three.out --no-header --labels libsvm/three.labels"),
    Case("lightgbm-multi", "lightgbm/multi.txt --no-header --labels lightgbm/multi_y.txt"),
    Case("lightgbm-binary", "lightgbm/binary.txt --no-header --labels lightgbm/binary_y.txt"),
    Case(
        "xgboost-softprob",
        "xgboost/softprob.txt --no-header --delimiter ' ' --labels xgboost/softprob_y.txt",
        FLOAT32,
    ),
    Case("xgboost-logistic", "xgboost/logistic.txt --no-header --labels xgboost/logistic_y.txt", FLOAT32),
    Case("catboost", "catboost/proba.csv"),
    Case("kaggle", "kaggle/submission.csv --labels kaggle/solution.csv --on id --label species"),
    Case(
        "kaggle-binary",
        "kaggle/binary_submission.csv --prob target --labels kaggle/binary_solution.csv --on id --label target",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_score_is_the_figure_of_the_tool(case: Case) -> None:
    run = xent("score", *shlex.split(case.command), "--format", "json", cwd=SAMPLES)
    assert run.code == 0, run.stderr
    result = json.loads(run.stdout)
    figures = {name: value for name, value in FIGURES[case.name].items() if name != "by"}
    assert {name: result["metrics"][name] for name in figures} == pytest.approx(figures, rel=case.rel, abs=0)
    assert tuple(notice["code"] for notice in result["notices"]) == case.notices


def test_each_figure_has_a_case_and_each_case_a_figure() -> None:
    assert [case.name for case in CASES] == list(FIGURES)


def test_each_sample_is_tiny_and_scored() -> None:
    named = {SAMPLES / word for case in CASES for word in shlex.split(case.command)}
    files = [path for path in SAMPLES.rglob("*") if path.is_file()]
    assert [file for file in files if not named & {file, *file.parents}] == []
    sizes = [file.stat().st_size for file in files]
    assert max(sizes) < 20_000
    assert sum(sizes) < 300_000
