"""`xent columns`: what would be used as what, for every kind of column, and what is said where it is not clear."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import xent


def columns(folder: Path, *arguments: str) -> dict[str, Any]:
    run = xent("columns", *arguments, "--format", "json", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    result: dict[str, Any] = json.loads(run.stdout)
    assert (result["format"], result["format_version"]) == ("xent.columns", 1)
    return result


def used(result: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """Role and classes of the columns that have a role."""
    return {c["column"]: (c["role"], c["classes"]) for c in result["columns"] if c["role"] is not None}


def test_roles_in_the_order_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text("id,p_b,y,p_a,w\n1,0.5,a,0.5,2\n")
    result = columns(tmp_path, "preds.csv", "--weight", "w")
    assert [c["column"] for c in result["columns"]] == ["id", "p_b", "y", "p_a", "w"]
    assert used(result) == {
        "p_b": ("score", ["b"]),
        "y": ("label", []),
        "p_a": ("score", ["a"]),
        "w": ("weight", []),
    }
    assert result["classes"] == ["b", "a"]
    assert (result["input_kind"], result["label_kind"], result["problem"]) == ("probability", "hard", None)
    assert {c["type"] for c in result["columns"]} == {"text"}


def test_what_it_shows_is_what_score_uses(tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text("id,dog,y,cat\n1,0.5,cat,0.5\n2,0.25,dog,0.75\n")
    shown = columns(tmp_path, "preds.csv")
    scored = json.loads(xent("score", "preds.csv", "--format", "json", cwd=tmp_path).stdout)
    assert scored["columns"]["label"] == "y"
    assert {c["classes"][0]: c["column"] for c in shown["columns"] if c["role"] == "score"} == scored["columns"][
        "scores"
    ]
    assert shown["classes"] == scored["classes"]
    assert [c["why"] for c in shown["columns"] if c["role"] == "score"] == ["named like a label"] * 2


@pytest.mark.parametrize(
    ("header", "rows", "arguments", "classes", "positive"),
    [
        ("y,prob_cat", "cat,0.5", (), None, "cat"),
        ("y,prob", "1,0.5", (), None, None),
        ("y,score", "yes,0.5", ("--positive", "yes", "--classes", "no,yes"), ["no", "yes"], "yes"),
    ],
)
def test_one_column(
    header: str,
    rows: str,
    arguments: tuple[str, ...],
    classes: list[str] | None,
    positive: str | None,
    tmp_path: Path,
) -> None:
    (tmp_path / "preds.csv").write_text(f"{header}\n{rows}\n")
    result = columns(tmp_path, "preds.csv", *arguments)
    assert (result["classes"], result["positive"]) == (classes, positive)


def test_lists_structs_targets_and_tokens(tmp_path: Path) -> None:
    q = [[0.5, 0.25, 0.25]]
    pq.write_table(pa.table({"label": [1], "logits": q}), tmp_path / "list.parquet")
    pq.write_table(pa.table({"label": ["a"], "p": [{"a": 0.5, "b": 0.5}]}), tmp_path / "struct.parquet")
    (tmp_path / "soft.csv").write_text("t_a,t_b,p_a,p_b\n0.5,0.5,0.25,0.75\n")
    (tmp_path / "tokens.jsonl").write_text('{"token_logprob": -0.5, "n": 3}\n')
    lists = columns(tmp_path, "list.parquet")
    assert used(lists) == {"label": ("label", []), "logits": ("score", ["0", "1", "2"])}
    assert (lists["input_kind"], lists["columns"][1]["type"]) == ("logit", "list<element: double>")
    assert used(columns(tmp_path, "struct.parquet", "--prob", "p"))["p"] == ("score", ["a", "b"])
    soft = columns(tmp_path, "soft.csv", "--target", "t_*")
    assert used(soft)["t_b"] == ("target", ["b"])
    assert soft["label_kind"] == "soft"
    tokens = columns(tmp_path, "tokens.jsonl", "--logprob", "token_logprob", "--bytes", "n")
    assert used(tokens) == {"token_logprob": ("score", []), "n": ("bytes", [])}
    assert (tokens["label_kind"], tokens["classes"]) == ("token", None)


@pytest.mark.parametrize(
    ("header", "code", "hint", "could_be"),
    [
        ("y,label,p_a,p_b", "two_labels", "--label", {"y": "--label", "label": "--label", "p_a": "--prob"}),
        ("y,p_a,p_b,logit_a,logit_b", "two_families", "--logit", {"p_a": "--prob", "logit_b": "--logit"}),
        ("lable,p_a,p_b", "no_label", "--label lable", {"p_a": 'probability of "a"'}),
        ("y,first,second", "no_scores", "--prob", {}),
    ],
)
def test_what_is_not_clear(header: str, code: str, hint: str, could_be: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text(f"{header}\n{','.join('0' * (header.count(',') + 1))}\n")
    result = columns(tmp_path, "preds.csv")
    assert result["problem"]["code"] == code
    assert hint in result["problem"]["hint"]
    why = {c["column"]: c["why"] for c in result["columns"]}
    for column, words in could_be.items():
        assert words in why[column]
    score = xent("score", "preds.csv", cwd=tmp_path)
    assert score.code == result["problem"]["exit_code"] == 2
    assert result["problem"]["message"] in score.stderr


def test_only_the_beginning_is_read(tmp_path: Path) -> None:
    rows = "a,0.5,0.5\n" * 1_000_000
    (tmp_path / "preds.csv").write_text(f"y,p_a,p_b\n{rows}broken\n")
    assert columns(tmp_path, "preds.csv")["problem"] is None
    assert xent("score", "preds.csv", cwd=tmp_path).code == 3


def test_files_that_disagree(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text("y,p_a,p_b\na,0.5,0.5\n")
    (tmp_path / "2.csv").write_text("y,p_a,p_c\na,0.5,0.5\n")
    problem = columns(tmp_path, "1.csv", "2.csv")["problem"]
    assert (problem["code"], problem["exit_code"]) == ("inputs_differ", 3)


def test_the_columns_of_a_label_file(tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text("id,p_a,p_b\n1,0.5,0.5\n")
    (tmp_path / "truth.csv").write_text("id,label\n1,a\n")
    result = columns(tmp_path, "preds.csv", "--labels", "truth.csv", "--on", "id")
    assert used(result)["label"] == ("label", [])


def test_as_many_columns_as_there_are(tmp_path: Path) -> None:
    names = [f"p_{i}" for i in range(10_000)]
    table = pa.table({"y": ["7"], **dict(zip(names, np.full((10_000, 1), 1e-4), strict=True))})
    pq.write_table(table, tmp_path / "wide.parquet")
    result = columns(tmp_path, "wide.parquet")
    assert len(result["classes"]) == 10_000
    run = xent("columns", "wide.parquet", cwd=tmp_path)
    assert run.code == 0
    assert "and 9,901 more columns" in run.stdout


def test_odd_names_are_made_visible(tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text('label,"p_\x1b[31m[/bold]",p_b,"<script>|"\nb,0.5,0.5,1\n')
    for format, shown in (("table", "\\x1b[31m[/bold]"), ("markdown", "&lt;script>\\|"), ("csv", "\\x1b[31m")):
        run = xent("columns", "preds.csv", "--format", format, cwd=tmp_path)
        assert (run.code, run.stderr) == (0, "")
        assert "\x1b" not in run.stdout
        assert shown in run.stdout
    assert columns(tmp_path, "preds.csv")["classes"] == ["\x1b[31m[/bold]", "b"]


def test_what_cannot_be_read_at_all(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    assert xent("columns", "none.csv", cwd=tmp_path).code == 4
    run = xent("columns", "empty.csv", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
