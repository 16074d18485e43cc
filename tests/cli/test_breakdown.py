"""Slices, the costliest rows, gradients, priors and explanations, as a user runs them: code, output and errors."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli import score
from xentcli.render.text import visible
from xentcli.results.explain import explain
from xentcli.results.metrics import TABLES

CANCER = ROOT / "sample_data" / "breast_cancer.csv"
ROWS = """id,label,prob_yes,site,age,user,w
a,yes,0.75,DE,17,u1,1
b,no,0.25,DE,18,u1,2
c,yes,0.125,FR,64.5,u2,1
d,no,0.5,,65,u2,1
e,yes,0.9375,FR,,u3,0
f,no,0.75,"a,b = c",-1,u3,1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.csv").write_text(ROWS)
    return tmp_path


def result(*arguments: str | Path, cwd: Path) -> Any:
    run = xent(*arguments, "--format", "json", "--quiet", cwd=cwd)
    assert (run.code, run.stderr) == (0, ""), run
    return json.loads(run.stdout)


def losses(*p: float) -> float:
    return -math.fsum(map(math.log, p))


# slices


def test_slices_are_the_files_of_their_rows(tmp_path: Path) -> None:
    lines = CANCER.read_text().splitlines()
    found = result("score", CANCER, "--by", "size", cwd=tmp_path)
    assert [row["by"]["size"] for row in found["slices"]] == ["large", "medium", "small"]
    for row in found["slices"]:
        size = row["by"]["size"]
        kept = [lines[0], *(line for line in lines[1:] if line.split(",")[4] == size)]
        (tmp_path / "part.csv").write_text("\n".join(kept) + "\n")
        alone = result("score", "part.csv", cwd=tmp_path)
        assert (row["metrics"], row["breakdown"]) == (alone["metrics"], alone["breakdown"])
        assert (row["rows"], row["weight"]) == (alone["rows"], alone["weight"])


def test_slices_add_up_to_the_whole(folder: Path) -> None:
    for by in (["site"], ["site,user"], ["user"]):
        found = result("score", "p.csv", *(f"--by={each}" for each in by), "--weight", "w", cwd=folder)
        assert sum(row["rows"] for row in found["slices"]) == found["rows"] == 5
        assert math.fsum(row["weight"] for row in found["slices"]) == found["weight"]
        total = math.fsum(row["contribution"] for row in found["slices"])
        assert total == pytest.approx(found["metrics"]["log_loss"], rel=1e-15)
        assert [row["contribution"] for row in found["slices"]] == sorted(
            (row["contribution"] for row in found["slices"]), reverse=True
        )


def test_a_missing_value_is_a_slice_and_names_are_exact(folder: Path) -> None:
    found = {row["by"]["site"]: row for row in result("score", "p.csv", "--by", "site", cwd=folder)["slices"]}
    assert set(found) == {"DE", "FR", None, "a,b = c"}
    assert found["DE"]["metrics"]["log_loss"] == pytest.approx(losses(0.75, 0.75) / 2, rel=1e-15)
    assert found[None]["metrics"]["log_loss"] == pytest.approx(math.log(2), rel=1e-15)
    table = xent("score", "p.csv", "--by", "site", cwd=folder)
    assert "(missing)" in table.stdout
    flat = csv.reader(io.StringIO(xent("score", "p.csv", "--by", "site", "--format", "csv", cwd=folder).stdout))
    assert {row[1] for row in flat if row[0] == "slices"} == {"site=DE", "site=FR", "site=", 'site="a,b = c"'}


def test_bins_are_closed_below_and_open_above(folder: Path) -> None:
    found = result("score", "p.csv", "--bins", "age=0,18,65", cwd=folder)
    assert {row["by"]["age"]: row["rows"] for row in found["slices"]} == {
        "< 0": 1, "[0, 18)": 1, "[18, 65)": 2, ">= 65": 1, None: 1,
    }  # fmt: skip
    crossed = result("score", "p.csv", "--by", "site,age", "--bins", "age=18", cwd=folder)
    assert {(row["by"]["site"], row["by"]["age"]) for row in crossed["slices"]} == {
        ("DE", "< 18"), ("DE", ">= 18"), ("FR", ">= 18"), (None, ">= 18"), ("FR", None), ("a,b = c", "< 18"),
    }  # fmt: skip
    assert crossed["columns"]["by"] == ["site", "age"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--by", "sites"], 2, ['no column "sites" for the slices', 'did you mean "site"']),
        (["--by", "id", "--by", "id"], 2, ['"id" is given twice']),
        (["--by", "site,site"], 2, ["crossed with itself"]),
        (["--bins", "age"], 2, ["is not COL=EDGE"]),
        (["--bins", "age=1,x"], 2, ["is not a number"]),
        (["--bins", "age=2,1"], 2, ["each above the one before"]),
        (["--bins", "age=nan"], 2, ["edges are finite numbers"]),
        (["--bins", "site=1"], 3, ["site"]),
        (["--cluster", "site"], 3, ["the cluster is missing", "line 5"]),
        (["--cluster", "users"], 2, ['no column "users" for the cluster']),
        (["--prior", "yes=0.5"], 2, ['no share for class "no"']),
        (["--prior", "yes=0.5,no=0.6"], 2, ["sum to 1.1, not to 1"]),
        (["--prior", "yes=0.5,nein=0.5"], 2, ['unknown class, "nein"']),
        (["--prior", "yes=2,no=-1"], 2, ["is not CLASS=SHARE"]),
        (["--prior", "none.csv"], 4, ["none.csv"]),
    ],
)
def test_what_is_refused(arguments: Sequence[str], code: int, says: Sequence[str], folder: Path) -> None:
    run = xent("score", "p.csv", *arguments, cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    for words in says:
        assert words in run.stderr


def test_more_than_a_thousand_slices_are_refused(tmp_path: Path) -> None:
    lines = [f"{i % 2},0.5,{i}" for i in range(1001)]
    (tmp_path / "p.csv").write_text("\n".join(["label,prob,id", *lines]) + "\n")
    run = xent("score", "p.csv", "--by", "id", cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "more than 1,000 different values" in run.stderr
    (tmp_path / "p.csv").write_text("\n".join(["label,prob,id", *lines[:1000]]) + "\n")
    assert len(result("score", "p.csv", "--by", "id", cwd=tmp_path)["slices"]) == 1000


@pytest.mark.parametrize("threads", ["1", "2"])
def test_slices_of_many_row_groups_are_those_of_one(threads: str, tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    z = random.normal(0, 2, (3000, 3))
    y = (z + random.gumbel(size=z.shape)).argmax(axis=1)
    columns = {f"logit_{k}": z[:, k] for k in range(3)}
    table = pa.table({"label": y, "g": random.integers(0, 4, 3000), "u": random.integers(0, 50, 3000), **columns})
    pq.write_table(table, tmp_path / "one.parquet")
    pq.write_table(table.take(random.permutation(3000)), tmp_path / "many.parquet", row_group_size=71)
    arguments = ("--by", "g", "--cluster", "u", "--threads", threads)
    one, many = (result("score", f"{name}.parquet", *arguments, cwd=tmp_path) for name in ("one", "many"))
    del one["inputs"], many["inputs"]
    assert one == many


# the rows of the largest loss


def test_worst_lists_rows_by_their_loss(folder: Path) -> None:
    found = result("worst", "p.csv", "-n", "3", "--on", "id", "--show", "site", "--show", "prob_yes", cwd=folder)
    rows = found["rows"]
    assert [row["line"] for row in rows] == [4, 7, 5]
    assert [row["id"] for row in rows] == ["c", "f", "d"]
    assert [row["loss"] for row in rows] == pytest.approx([losses(0.125), losses(0.25), losses(0.5)], rel=1e-15)
    assert [(row["label"], row["forecast"]) for row in rows] == [("yes", "no"), ("no", "yes"), ("no", "no")]
    assert [row["label_probability"] for row in rows] == [0.125, 0.25, 0.5]
    assert [row["columns"]["site"] for row in rows] == ["FR", "a,b = c", None]
    assert [row["columns"]["prob_yes"] for row in rows] == ["0.125", "0.75", "0.5"]
    assert math.fsum(row["share"] for row in result("worst", "p.csv", cwd=folder)["rows"]) == pytest.approx(1)


def test_worst_shows_a_column_as_often_as_it_is_asked_for(folder: Path) -> None:
    shown = ("--show", "site", "--show", "site")
    run = xent("worst", "p.csv", "-n", "1", *shown, "--format", "csv", cwd=folder)
    header, row = run.stdout.splitlines()
    assert header.endswith(",site,site")
    assert row.endswith(",FR,FR")


def test_worst_in_every_format(folder: Path) -> None:
    for format in ("table", "csv", "markdown"):
        run = xent("worst", "p.csv", "-n", "2", "--on", "id", "--show", "site", "--format", format, cwd=folder)
        assert (run.code, run.stderr) == (0, "")
        assert "2.0794" in run.stdout
        assert "a,b" in run.stdout.replace("\\", "")


def test_rows_of_equal_loss_come_in_the_order_of_the_input_whatever_the_threads(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,prob\n" + "1,0.5\n" * 300_000)
    for threads in ("1", "2"):
        rows = result("worst", "p.csv", "-n", "4", "--threads", threads, cwd=tmp_path)["rows"]
        assert [row["line"] for row in rows] == [2, 3, 4, 5]


def test_infinite_rows_come_first_and_rows_without_weight_never(folder: Path) -> None:
    (folder / "q.csv").write_text("label,p_a,p_b,w\na,0,1,1\nb,1,0,0\nb,0.5,0.5,2\n")
    rows = result("worst", "q.csv", "--weight", "w", cwd=folder)["rows"]
    assert [(row["line"], row["loss"], row["share"]) for row in rows] == [
        (2, "Infinity", None), (4, pytest.approx(math.log(2)), None),
    ]  # fmt: skip


def test_worst_of_several_files_and_of_tokens(folder: Path) -> None:
    (folder / "q.csv").write_text(ROWS.replace("0.125", "0.0625"))
    rows = result("worst", "p.csv", "q.csv", "-n", "2", cwd=folder)["rows"]
    assert [(row["file"], row["line"]) for row in rows] == [("q.csv", 4), ("p.csv", 4)]
    (folder / "t.jsonl").write_text('{"token_logprob": -0.5, "t": "a"}\n{"token_logprob": -2.5, "t": "b"}\n')
    rows = result("worst", "t.jsonl", "--logprob", "token_logprob", "--show", "t", cwd=folder)["rows"]
    assert [(row["loss"], row["label"], row["columns"]) for row in rows] == [
        (2.5, None, {"t": "b"}),
        (0.5, None, {"t": "a"}),
    ]


def test_worst_refuses_what_it_cannot_show(folder: Path) -> None:
    run = xent("worst", "p.csv", "--show", "sight", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert 'no column "sight" for the rows shown' in run.stderr
    (folder / "l.csv").write_text('label,probs\n0,"[0.25,0.75]"\n1,"[0.5,0.5]"\n')
    for arguments in (["worst", "l.csv", "--show", "probs"], ["score", "l.csv", "--by", "probs"]):
        run = xent(*arguments, cwd=folder)
        assert (run.code, run.stdout) == (2, "")
        assert 'column "probs" holds the scores as a list' in run.stderr
    run = xent("worst", "p.csv", "-n", "0", cwd=folder)
    assert (run.code, run.stdout) == (2, "")


def test_hostile_names_and_values_are_made_visible(tmp_path: Path) -> None:
    evil = "\x1b[31m[/bold]<script>::error::"
    (tmp_path / "p.csv").write_text(f"label,prob_{evil},prob_b,g\n{evil},0.25,0.75,{evil}\nb,0.5,0.5,x\n")
    for command in (["score", "p.csv", "--by", "g"], ["worst", "p.csv", "--show", "g"]):
        for format in ("table", "markdown", "csv"):
            run = xent(*command, "--format", format, cwd=tmp_path)
            assert run.code == 0
            assert "\x1b" not in run.stdout
            assert "<script>" not in run.stdout or format != "markdown"
        assert visible(evil) in xent(*command, cwd=tmp_path).stdout
        assert evil in json.dumps(result(*command, cwd=tmp_path), ensure_ascii=False).replace("\\u001b", "\x1b")


def test_worst_with_labels_in_another_file(folder: Path) -> None:
    (folder / "q.csv").write_text("id,prob_yes\n1,0.75\n2,0.25\n3,0.125\n")
    (folder / "l.csv").write_text("id,label,g\n2,no,x\n1,yes,y\n3,yes,\n")
    arguments = ("worst", "q.csv", "--labels", "l.csv", "--on", "id", "--show", "g", "-n", "2")
    rows = result(*arguments, cwd=folder)["rows"]
    assert [(row["id"], row["label"], row["columns"]) for row in rows] == [
        ("3", "yes", {"g": None}), ("1", "yes", {"g": "y"}),
    ]  # fmt: skip


# gradients


def test_gradients_of_a_file(folder: Path) -> None:
    found = result("gradients", "p.csv", cwd=folder)
    rows = {(each["low"], each["high"]): each for each in found["bins"] if each["rows"]}
    assert {key: each["rows"] for key, each in rows.items()} == {(0.1, 0.5): 2, (0.5, 0.9): 3, (0.9, 0.99): 1}
    assert rows[0.1, 0.5]["cross_entropy"] == pytest.approx((0.875 + 0.75) / 2, rel=1e-15)
    expected = (2 * 0.875**2 * 0.125 + 2 * 0.75**2 * 0.25) / 2
    assert rows[0.1, 0.5]["squared_error"] == pytest.approx(expected, rel=1e-15)
    assert (found["saturated_rows"], found["wrong_share"]) == (0, pytest.approx(2 / 6))


def test_gradients_need_plain_labels(folder: Path) -> None:
    (folder / "t.csv").write_text("share_a,share_b,p_a,p_b\n0.5,0.5,0.5,0.5\n")
    run = xent("gradients", "t.csv", "--target", "share_*", "--classes", "a,b", "--prob", "p_a,p_b", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "plain labels" in run.stderr


# priors


def test_the_prior_of_a_file_is_its_labels_counted(folder: Path) -> None:
    (folder / "train.csv").write_text("label\n" + "yes\n" * 3 + "no\n")
    counted = result("score", "p.csv", "--prior", "train.csv", cwd=folder)
    given = result("score", "p.csv", "--prior", "no=0.25,yes=0.75", cwd=folder)
    assert counted["signature"]["prior"] == {"no": 0.25, "yes": 0.75}
    assert counted == given
    (folder / "saved.json").write_text(xent("score", "p.csv", "--format", "json", cwd=folder).stdout)
    saved = result("score", "p.csv", "--prior", "saved.json", cwd=folder)
    assert saved["signature"]["prior"] == {"no": 0.5, "yes": 0.5}
    assert saved["metrics"]["prior_gap"] == 0
    assert "gap to the prior" in xent("score", "p.csv", "--prior", "saved.json", "--full", cwd=folder).stdout


# explanations


def test_every_number_is_explained() -> None:
    names = {f"{table}.{name}" for table, metrics in TABLES.items() for name in metrics}
    numbers = explain().numbers
    assert {f"{each.table}.{each.name}" for each in numbers} == names
    for words in numbers:
        assert all(text and text.isascii() for text in (words.text, words.range, words.caveats, words.source))
        for other in words.see:
            explain(other)


def test_every_key_of_a_result_is_explained() -> None:
    found = score(CANCER, by="size").to_dict()
    for table in ("metrics", "breakdown", "calibration"):
        assert set(found[table]) - {"method"} == set(TABLES[table])
    for table, own in (("per_class", {"class"}), ("confusions", {"label", "forecast"}), ("reliability", set())):
        assert set(found[table][0]) - own == set(TABLES[table])


@pytest.mark.parametrize("name", ["log_loss", "Log-Loss", "cross entropy", "NLL", "metrics.log_loss"])
def test_names_in_any_spelling(name: str, tmp_path: Path) -> None:
    found = json.loads(xent("explain", name, "--format", "json", cwd=tmp_path).stdout)
    assert ("metrics", "log_loss") in [(each["table"], each["name"]) for each in found["numbers"]]


def test_explain_in_every_format_and_width(tmp_path: Path) -> None:
    for format in ("table", "csv", "markdown", "json"):
        run = xent("explain", "miscalibration", "--format", format, cwd=tmp_path)
        assert (run.code, run.stderr) == (0, "")
        assert "temperature" in run.stdout
    run = xent("explain", "nothing at all", cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "xent explain lists all" in run.stderr
