"""`xent divergence` as a user runs it: numbers, which rows meet, gates, and what is refused."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.special
import scipy.stats

from tests.cli.comparing import NEW, OLD, probabilities, refused
from tests.cli.runner import Run, xent
from xentcli import divergence

P_ROWS = "id,p_a,p_b,w,site\n1,0.5,0.5,1,x\n2,0.75,0.25,2,x\n3,0.25,0.75,1,y\n4,1,0,1,y\n"
Q_ROWS = "id,p_b,p_a,w,site\n4,0.25,0.75,1,y\n3,0.75,0.25,1,y\n2,0.5,0.5,2,x\n1,0.75,0.25,1,x\n"
ONE, TWO = math.log(4 / 3) / 2, 0.75 * math.log(1.5) - 0.25 * math.log(2)  # KL of rows 1 and 2, by hand
FOUR = math.log(4 / 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "p.csv").write_text(P_ROWS)
    (tmp_path / "q.csv").write_text(Q_ROWS)
    return tmp_path


def diverge(*arguments: str | Path, cwd: Path, by_id: bool = True) -> Run:
    return xent("divergence", *arguments, *(["--on", "id"] if by_id else []), cwd=cwd)


def result(*arguments: str | Path, cwd: Path, by_id: bool = True) -> Any:
    run = diverge(*arguments, "--format", "json", "--quiet", cwd=cwd, by_id=by_id)
    assert (run.code, run.stderr) == (0, ""), run
    return json.loads(run.stdout)


# numbers


def test_the_figures_of_the_sample_are_scipys(tmp_path: Path) -> None:
    """scipy.special.rel_entr, scipy.stats.sem and NumPy on the probabilities in the files."""
    old, new = probabilities(OLD), probabilities(NEW)
    own = np.array([[1 - old[name], old[name]] for name in old])
    other = np.array([[1 - new[name], new[name]] for name in old])
    kl, middle = scipy.special.rel_entr(own, other).sum(axis=1), (own + other) / 2
    js = (scipy.special.rel_entr(own, middle) + scipy.special.rel_entr(other, middle)).sum(axis=1) / 2
    found = result(OLD, NEW, cwd=tmp_path)
    expected = {
        "kl": kl.mean(),
        "kl_se": scipy.stats.sem(kl),
        "kl_max": kl.max(),
        "kl_reverse": scipy.special.rel_entr(other, own).sum(axis=1).mean(),
        "js": js.mean(),
        "tv": np.abs(own - other).sum(axis=1).mean() / 2,
        "max_dp": np.abs(own - other).max(),
        "entropy_change": (scipy.stats.entropy(other, axis=1) - scipy.stats.entropy(own, axis=1)).mean(),
        "same_top": np.mean((own[:, 1] > 0.5) == (other[:, 1] > 0.5)),
    }
    metrics = found["metrics"]
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert found["signature"]["labels"] == "none"
    assert "dp" not in metrics


# Expected: figures computed once from the sample files in 50 digits.
def test_with_labels_there_is_what_became_of_the_true_class(tmp_path: Path) -> None:
    found = result(OLD, NEW, "--label", "label", cwd=tmp_path)
    expected = {
        "kl": 0.06660706379014938, "kl_se": 0.011199033493130289, "kl_max": 4.044103768210098,
        "kl_reverse": 0.07776298997832917, "js": 0.014136460742676257, "tv": 0.04920631630108777,
        "same_top": 550 / 569, "max_dp": 0.7885178476373468, "dp": 0.0034028789112828303,
        "dp_rms": 0.130924277685537,
    }  # fmt: skip
    metrics = found["metrics"]
    assert {name: metrics[name] for name in expected} == pytest.approx(expected, rel=1e-13)
    compared = json.loads(xent("compare", OLD, NEW, "--on", "id", "--json", cwd=tmp_path).stdout)
    loss = compared["metrics"]["log_loss"]
    for name in ("difference", "se", "low", "high"):
        of = "log_loss_difference" if name == "difference" else f"log_loss_difference_{name}"
        assert metrics[of] == loss[name]
    assert metrics["perplexity_ratio_high"] == pytest.approx(math.exp(loss["high"]), rel=1e-14)
    assert metrics["perplexity_ratio"] == pytest.approx(metrics["perplexity_new"] / metrics["perplexity_base"])


def test_it_is_the_divergence_of_a_score_against_soft_labels(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    p, q = (scipy.special.softmax(random.normal(0, 2, (300, 5)), axis=1) for _ in range(2))
    names = [*"abcde"]
    columns = {
        **{f"t_{n}": p[:, k] for k, n in enumerate(names)},
        **{f"p_{n}": q[:, k] for k, n in enumerate(names)},
    }
    pq.write_table(pa.table(columns), tmp_path / "both.parquet")
    run = xent("score", "both.parquet", "--target", "t_*", "--prob", "p_*", "--json", cwd=tmp_path)
    found = result(
        "both.parquet", "both.parquet", "--base-prob", "t_*", "--prob", "p_*", cwd=tmp_path, by_id=False
    )
    score = json.loads(run.stdout)["metrics"]["kl_divergence"]
    assert found["metrics"]["kl"] == pytest.approx(score, rel=1e-12)


def test_by_hand_classes_meet_by_name_and_slices_add_up(folder: Path) -> None:
    found = result("p.csv", "q.csv", "--by", "site", cwd=folder)
    assert found["metrics"]["kl"] == pytest.approx((ONE + TWO + 0 + FOUR) / 4, rel=1e-14)
    assert found["metrics"]["kl_reverse"] == "Infinity"
    assert found["metrics"]["same_top"] == 0.75
    slices = {each["by"]["site"]: each for each in found["slices"]}
    assert slices["x"]["metrics"]["kl"] == pytest.approx((ONE + TWO) / 2, rel=1e-14)
    assert sum(each["contribution"] for each in slices.values()) == pytest.approx(
        found["metrics"]["kl"], rel=1e-14
    )
    first = found["rows_most_different"][0]
    assert (first["id"], first["line"], first["base_line"]) == ("4", 2, 5)
    assert (first["base_class"], first["base_probability"], first["new_probability"]) == ("a", 1.0, 0.75)
    weighted = result("p.csv", "q.csv", "--weight", "w", cwd=folder)["metrics"]
    assert weighted["kl"] == pytest.approx((ONE + 2 * TWO + FOUR) / 5, rel=1e-14)


def test_probability_0_where_base_gives_some_is_counted_with_its_places(folder: Path) -> None:
    found = diverge("q.csv", "p.csv", "--json", cwd=folder)
    metrics = json.loads(found.stdout)["metrics"]
    assert (metrics["kl"], metrics["kl_max"], metrics["infinite_rows"]) == ("Infinity", "Infinity", 1)
    assert metrics["kl_se"] is None
    assert metrics["kl_finite"] == pytest.approx(
        (0.25 * math.log(0.5) + 0.75 * math.log(1.5) + 0.5 * math.log(4 / 3)) / 3
    )
    assert "p.csv, line 5" in found.stderr
    assert "NEW gives probability 0" in found.stderr


@pytest.mark.parametrize("kind", ["prob", "logit", "logprob"])
def test_lists_of_any_kind_say_what_columns_say(kind: str, tmp_path: Path) -> None:
    random = np.random.default_rng(2)
    z, w = random.normal(0, 2, (2, 50, 4))
    q = scipy.special.softmax(w, axis=1)
    held = {"prob": q, "logit": w, "logprob": np.log(q)}[kind]
    for name, values in (("p", z), ("q", held)):
        pq.write_table(pa.table({"scores": [*values]}), tmp_path / f"{name}.parquet")
    found = result(
        "p.parquet", "q.parquet", "--base-logit", "scores", f"--{kind}", "scores", cwd=tmp_path, by_id=False
    )
    expected = scipy.special.rel_entr(scipy.special.softmax(z, axis=1), q).sum(axis=1)
    assert found["metrics"]["kl"] == pytest.approx(expected.mean(), rel=1e-12)
    assert found["classes"] == ["0", "1", "2", "3"]


def test_one_column_of_either_class(tmp_path: Path) -> None:
    (tmp_path / "yes.csv").write_text("id,p_yes\n1,0.75\n2,0.25\n")
    (tmp_path / "pair.csv").write_text("id,p_no,p_yes\n1,0.25,0.75\n2,0.5,0.5\n")
    for pair in (("yes.csv", "pair.csv"), ("pair.csv", "yes.csv")):
        found = result(*pair, cwd=tmp_path)["metrics"]
        assert found["max_dp"] == pytest.approx(0.25, rel=1e-15)


@pytest.mark.parametrize(
    ("columns", "code", "text"),
    [
        (["--base-prob", "p_old", "--prob", "p_new"], 2, "--prob CLASS=p_new and --base-prob CLASS=p_old"),
        (["--base-prob", "1=p_old", "--prob", "1=p_new"], 0, ""),
        (["--base-prob", "0=p_old", "--prob", "1=p_new"], 0, ""),
        (["--base-prob", "old", "--prob", "p_new"], 2, "are of the same class"),
        (["--base-prob", "old", "--prob", "new"], 0, ""),
    ],
)
def test_single_columns_must_be_known_to_be_of_one_class(
    columns: list[str], code: int, text: str, tmp_path: Path
) -> None:
    (tmp_path / "both.csv").write_text("p_old,p_new,old,new\n0.25,0.25,0.25,0.25\n")
    run = diverge("both.csv", "both.csv", *columns, "--json", cwd=tmp_path, by_id=False)
    assert (run.code, text in run.stderr) == (code, True), run
    if not code:
        expected = math.log(3) / 2 if "0=p_old" in columns else 0.0  # 0.75 log 3 - 0.25 log 3
        assert json.loads(run.stdout)["metrics"]["kl"] == pytest.approx(expected, abs=1e-15)


def test_threads_and_the_order_of_rows_change_no_bit(tmp_path: Path) -> None:
    random, n = np.random.default_rng(3), 3000
    z = random.normal(0, 2, (n, 3))
    w, order = z + random.normal(0, 0.1, (n, 3)), random.permutation(n)
    for name, values, at in (("p", z, order), ("q", w, np.arange(n)), ("r", w, order)):
        columns = {f"logit_{k}": values[at, k] for k in range(3)}
        table = pa.table({"id": at, "doc": at % 17, **columns})
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=700)
    every = [
        result("p.parquet", new, "--cluster", "doc", "--threads", threads, cwd=tmp_path)["metrics"]
        for new in ("q.parquet", "r.parquet") for threads in ("1", "3")
    ]  # fmt: skip
    assert all(each == every[0] for each in every)


def test_units_and_csv_have_the_numbers_of_json(tmp_path: Path) -> None:
    nats, bits = (result(OLD, NEW, "--by", "size", "--unit", unit, cwd=tmp_path) for unit in ("nats", "bits"))
    assert bits["metrics"]["kl"] == pytest.approx(nats["metrics"]["kl"] / math.log(2), rel=1e-15)
    assert bits["metrics"]["tv"] == nats["metrics"]["tv"]
    assert bits["rows_most_different"][0]["kl"] == pytest.approx(nats["metrics"]["kl_max"] / math.log(2))
    run = diverge(OLD, NEW, "--by", "size", "--require", "kl <= 0.1", "--format", "csv", cwd=tmp_path)
    flat = {(row[0], row[1], row[3]): row[4] for row in csv.reader(io.StringIO(run.stdout))}
    for name, value in nats["metrics"].items():
        assert float(flat["metrics", "", name]) == value
    assert float(flat["gates", "kl <= 0.1", "pass"]) == 1


def test_rows_are_left_out_of_both(folder: Path) -> None:
    whole = result("p.csv", "q.csv", "--where", "site=x", cwd=folder)["metrics"]
    assert (whole["rows"], whole["filtered_rows"]) == (2, 2)
    assert whole["kl"] == pytest.approx((ONE + TWO) / 2, rel=1e-14)
    (folder / "p.csv").write_text(P_ROWS.replace("2,0.75,", "2,,"))
    refused(diverge("p.csv", "q.csv", cwd=folder), 3, 'p.csv, line 3, column "p_a": the score is missing')
    found = result("p.csv", "q.csv", "--missing", "skip", cwd=folder)
    assert (found["metrics"]["rows"], found["metrics"]["skipped_rows"]) == (3, 1)
    run = diverge("p.csv", "q.csv", "--missing", "skip", "--require", "kl <= 9", cwd=folder)
    refused(run, 2, "skipped rows can hide failures", "'skipped_rows <= 1'")


# what is refused


@pytest.mark.parametrize(
    ("changed", "code", "texts"),
    [
        ("", 3, ["q.csv"]),
        ("id,p_b,p_a\n", 3, ["4 rows of p.csv whose id is not in q.csv"]),
        (Q_ROWS.replace("0.25,0.75,1,y", "nan,0.75,1,y"), 3, ["q.csv, line 2", "NaN"]),
        (Q_ROWS.replace("0.25,0.75,1,y", "0.5,0.75,1,y"), 3, ["q.csv, line 2", "sum to 1.25", "--normalize"]),
        (Q_ROWS.replace("0.25,0.75,1,y", "-1,2,1,y"), 3, ["q.csv, line 2", "is not a probability"]),
        (Q_ROWS.replace("p_a", "p_c"), 3, ["has a and lacks c", "--prob CLASS=COL"]),
        (Q_ROWS.replace("\n3,", "\n9,"), 3, ['1 prediction whose id is not in p.csv ("9" line 3)', "leave out"]),
        (Q_ROWS.replace("\n3,", "\n4,"), 3, ["an id that an earlier prediction has"]),
        (Q_ROWS.replace("id,", "key,"), 2, ['no column "id" for the id', "--on LEFT=RIGHT"]),
        ("id,text\n1,a\n", 2, ["no score columns"]),
    ],
)  # fmt: skip
def test_odd_inputs_are_refused_with_a_hint(folder: Path, changed: str, code: int, texts: list[str]) -> None:
    (folder / "q.csv").write_text(changed)
    refused(diverge("p.csv", "q.csv", cwd=folder), code, *texts)


def test_without_ids_rows_whose_ids_disagree_are_refused(folder: Path) -> None:
    refused(diverge("p.csv", "q.csv", cwd=folder, by_id=False), 2, "the same values in another order", "--on id ")


def test_weights_must_agree(folder: Path) -> None:
    (folder / "q.csv").write_text(Q_ROWS.replace("0.5,0.5,2,", "0.5,0.5,3,"))
    refused(diverge("p.csv", "q.csv", "--weight", "w", cwd=folder), 3, 'the weight is "3", but "2" in p.csv')


def test_log_probabilities_of_true_tokens_are_no_distribution(tmp_path: Path) -> None:
    for name in ("p", "q"):
        (tmp_path / f"{name}.csv").write_text("lp\n-1\n-2\n")
    files = ("p.csv", "q.csv", "--logprob", "lp")
    refused(
        diverge(*files, cwd=tmp_path, by_id=False), 2, "those of true tokens say too little", "--positive CLASS"
    )
    assert result(*files, "--positive", "spam", cwd=tmp_path, by_id=False)["metrics"]["kl"] == 0


def test_no_such_label(folder: Path) -> None:
    refused(diverge("p.csv", "q.csv", "--label", "outcome", cwd=folder), 2, 'no column "outcome"')


def test_labels_that_differ_are_refused(folder: Path) -> None:
    rows = P_ROWS.replace(",x\n", ",a\n").replace(",y\n", ",b\n")
    (folder / "p.csv").write_text(rows)
    (folder / "q.csv").write_text(Q_ROWS.replace(",x\n", ",a\n").replace("3,0.75,0.25,1,y", "3,0.75,0.25,1,a"))
    refused(diverge("p.csv", "q.csv", "--label", "site", "--where", "id=3", cwd=folder), 3, "the label is")


# gates


TWO_TESTED = ["--require", "kl <= 0.1", "--require", "same_top >= 0.97"]


@pytest.mark.parametrize(
    ("options", "code", "verdicts"),
    [
        (["--require", "kl <= 0.01"], 1, ["fail"]),
        (["--require", "kl <= 0.1", "--require", "same_top >= 0.9"], 0, ["pass", "pass"]),
        (["--require", "kl_p999 <= 0.5"], 1, ["fail"]),
        (["--require", "kl <= 0.1 bits", "--unit", "nats"], 0, ["pass"]),
        (["--require", "kl <= 0.09 bits"], 1, ["fail"]),
        ([*TWO_TESTED, "--confidence", "0.9"], 5, ["undecided", "pass"]),
        (["--require", "kl[size=*] <= 0.1", "--by", "size"], 1, ["fail", "pass", "pass"]),
        (["--require", "same_top[size=small] >= 0.97", "--require", "infinite_rows == 0"], 0, ["pass", "pass"]),
        (["--require", "kl <= 0.01", "--exit-zero"], 0, ["fail"]),
    ],
)  # fmt: skip
def test_gates(options: list[str], code: int, verdicts: list[str], tmp_path: Path) -> None:
    run = diverge(OLD, NEW, *options, "--json", cwd=tmp_path)
    assert run.code == code, run.stderr
    assert sorted(gate["verdict"] for gate in json.loads(run.stdout)["gates"]) == sorted(verdicts)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (["--require", "kl_p99 <= 0.5", "--confidence", "0.9"], "kl_p99 has no interval"),
        (["--require", "kl == 0", "--confidence", "0.9"], "rows cannot show"),
        (["--require", "log_loss <= 0.5"], '"log_loss" is no number of a divergence'),
        (["--require", "kll <= 0.5"], "did you mean"),
        (["--require", "kl <= baseline"], "a limit is a number"),
        (["--require", "kl[malignant] <= 0.5"], "kl is not known by class"),
        (["--require", "same_top >= 98"], "0.98"),
        (["--require", "kl >= -1"], "every number meets it"),
        (["--require", "same_top >= 0.9 nats"], "not in nats"),
        (["--require", "kl[shape=*] <= 1"], 'no column "shape"'),
        (["--confidence", "0.9"], "--confidence needs --require"),
    ],
)
def test_requirements_that_cannot_be_checked(options: list[str], text: str, tmp_path: Path) -> None:
    refused(diverge(OLD, NEW, *options, cwd=tmp_path), 2, text)


def test_tested_bounds_are_those_of_the_standard_error_and_wilsons(tmp_path: Path) -> None:
    found = result(OLD, NEW, "--require", "kl <= 0.1", "--require", "same_top >= 0.9", "--confidence", "0.9",
                   cwd=tmp_path)  # fmt: skip
    kl, top = sorted(found["gates"], key=lambda gate: gate["metric"])
    z, metrics = scipy.stats.norm.ppf(0.9), found["metrics"]
    assert kl["high"] == pytest.approx(metrics["kl"] + z * metrics["kl_se"], rel=1e-12)
    expected = scipy.stats.binomtest(550, 569).proportion_ci(0.8, "wilson")
    assert (top["low"], top["high"]) == pytest.approx((expected.low, expected.high), rel=1e-9)


# in Python


def test_tables_and_arrays_in_memory(folder: Path) -> None:
    import pandas as pd
    import polars as pl

    p, q = pd.read_csv(folder / "p.csv"), pd.read_csv(folder / "q.csv")
    found = divergence(p, q, on="id", by="site", require="kl <= 1")
    assert found.metrics.kl == result("p.csv", "q.csv", cwd=folder)["metrics"]["kl"]
    assert divergence(pl.from_pandas(p), pl.from_pandas(q), on="id").metrics == found.metrics
    arrays = divergence(p[["p_a", "p_b"]].to_numpy(), q.sort_values("id")[["p_a", "p_b"]].to_numpy())
    assert arrays.metrics == found.metrics
    assert divergence([0.3, 0.4], [-1.0, 0.5], base_kind="probability", kind="logit").rows == 2
    with pytest.raises(Exception, match="kind= is one of"):
        divergence([0.3], [0.4], kind="odds")  # type: ignore[arg-type]  # what a user may type
    with pytest.raises(Exception, match="an array has none"):
        divergence([0.3], [0.4], weight="w")


def test_the_same_predictions_pass_at_any_confidence(tmp_path: Path) -> None:
    (tmp_path / "again.csv").write_bytes(OLD.read_bytes())
    asked = ("--require", "kl <= 0", "--require", "kl[size=*] <= 0", "--require", "same_top >= 1")
    run = diverge(OLD, "again.csv", "--by", "size", "--confidence", "0.95", *asked, cwd=tmp_path)
    assert run.code == 0


def test_the_class_that_a_hint_leaves_open_is_no_class(tmp_path: Path) -> None:
    (tmp_path / "y.csv").write_text("id,p_yes\n1,0.25\n2,0.5\n")
    (tmp_path / "n.csv").write_text("id,p_no\n1,0.75\n2,0.5\n")
    assert "--prob CLASS=p_no and --base-prob CLASS=p_yes" in diverge("y.csv", "n.csv", cwd=tmp_path).stderr
    run = diverge("y.csv", "n.csv", "--prob", "CLASS=p_no", "--base-prob", "CLASS=p_yes", cwd=tmp_path)
    assert (run.code, '"CLASS" stands for the name of a class' in run.stderr) == (2, True)
    options = ("--prob", "no=p_no", "--base-prob", "yes=p_yes")
    assert result("y.csv", "n.csv", *options, cwd=tmp_path)["metrics"]["kl"] == pytest.approx(0, abs=1e-30)
