"""`xent compare` as a user runs it: code, output and errors."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.stats

from tests.cli.comparing import BASE_ROWS, NEW, NEW_ROWS, OLD, compare, probabilities, refused, result
from tests.cli.runner import xent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.csv").write_text(BASE_ROWS)
    (tmp_path / "new.csv").write_text(NEW_ROWS)
    return tmp_path


# numbers


# Expected: scipy.stats.ttest_rel on the row values, from the files themselves.
def test_it_is_scipys_paired_t_test_of_the_rows(tmp_path: Path) -> None:
    old, new = probabilities(OLD), probabilities(NEW)
    own, other = (np.array([model[name] for name in old]) for model in (new, old))
    found = result(OLD, NEW, cwd=tmp_path)
    values = {
        "log_loss": (-np.log(own), -np.log(other)),
        "accuracy": ((own > 0.5).astype(float), (other > 0.5).astype(float)),
        "brier": ((1 - own) ** 2, (1 - other) ** 2),
    }
    for name, (x, y) in values.items():
        test, metric = scipy.stats.ttest_rel(x, y), found["metrics"][name]
        interval = test.confidence_interval(0.95)
        expected = {
            "base": y.mean(),
            "new": x.mean(),
            "difference": (x - y).mean(),
            "se": scipy.stats.sem(x - y),
            "low": interval.low,
            "high": interval.high,
            "t": test.statistic,
            "p_value": test.pvalue,
        }
        assert metric == pytest.approx(expected, rel=1e-9)
    assert (found["wins"], found["losses"], found["ties"]) == (145, 424, 0)
    assert found["wins"] == int(np.sum(own > other))
    assert found["detectable_difference"] == pytest.approx(2.8016 * found["metrics"]["log_loss"]["se"])


def test_each_model_scores_what_xent_score_says(tmp_path: Path) -> None:
    found = result(OLD, NEW, "--weight", "weight", cwd=tmp_path)
    for side, path in (("base", OLD), ("new", NEW)):
        run = xent("score", path, "--weight", "weight", "--format", "json", cwd=tmp_path)
        score = json.loads(run.stdout)
        for name in ("log_loss", "accuracy", "brier"):
            assert found["metrics"][name][side] == score["metrics"][name]
        assert found["breakdown"][side] == score["breakdown"]
        assert score["inputs"][0] in found["inputs"]


def test_the_change_is_calibration_and_discrimination(tmp_path: Path) -> None:
    found = result(OLD, NEW, cwd=tmp_path)
    change = found["breakdown"]["change"]
    difference = found["metrics"]["log_loss"]["difference"]
    assert change["miscalibration"] - change["discrimination"] == pytest.approx(difference, rel=1e-12)


# Expected: by hand, the losses -log p of the label of rows a to d: base log 2, log 4/3, log 8, log 2;
# new log 4/3, log 2, log 8, log 4/3.
def test_by_hand(folder: Path) -> None:
    found = result("old.csv", "new.csv", "--by", "site", cwd=folder)
    step = math.log(1.5)
    assert (found["wins"], found["losses"], found["ties"]) == (2, 1, 1)
    assert found["metrics"]["log_loss"]["difference"] == pytest.approx(-step / 4, rel=1e-14)
    slices = {row["by"]["site"]: row for row in found["slices"]}
    assert list(slices) == ["FR", "DE"]  # what moves the difference most comes first
    assert slices["FR"]["metrics"]["log_loss"]["difference"] == pytest.approx(-step / 2, rel=1e-14)
    assert slices["DE"]["metrics"]["log_loss"]["difference"] == 0.0
    assert sum(row["contribution"] for row in found["slices"]) == pytest.approx(-step / 4, rel=1e-14)
    assert [(row["id"], row["line"], row["base_line"]) for row in found["most_different"]] == [
        ("d", 2, 5),
        ("a", 3, 2),
        ("b", 5, 3),
    ]
    assert found["most_different"][1] == {
        "file": "new.csv", "line": 3, "base_line": 2, "id": "a", "label": "yes",
        "base_probability": 0.5, "new_probability": 0.75, "base": math.log(2), "new": -math.log(0.75),
        "difference": pytest.approx(-step),
    }  # fmt: skip


def test_clusters_take_rows_of_a_cluster_together(folder: Path) -> None:
    """Sites DE and FR: sums of d are 0 and -log 1.5, mean -log 1.5 / 4, so residuals are +- log 1.5 / 2."""
    found = result("old.csv", "new.csv", "--cluster", "site", cwd=folder)
    step, metric = math.log(1.5), found["metrics"]["log_loss"]
    assert found["clusters"] == 2
    assert metric["se"] == pytest.approx(math.sqrt(2 * 2 * (step / 2) ** 2) / 4, rel=1e-12)
    assert metric["p_value"] == pytest.approx(2 * scipy.stats.t.sf(abs(metric["t"]), 1), rel=1e-10)


def test_a_file_against_itself_is_all_ties(tmp_path: Path) -> None:
    found = result(OLD, OLD, cwd=tmp_path)
    assert (found["wins"], found["losses"], found["ties"]) == (0, 0, 569)
    assert found["metrics"]["log_loss"]["difference"] == found["metrics"]["log_loss"]["se"] == 0
    assert found["metrics"]["log_loss"]["p_value"] is None
    assert found["unavailable"]["log_loss.p_value"] == "every row has the same difference"
    assert found["most_different"] == []
    run = compare(OLD, OLD, cwd=tmp_path)
    assert "no difference: every one of the 569 rows has the same loss under both models" in run.stdout
    assert "0.0 to 0.0 points" in run.stdout  # a zero has no sign


def test_units(tmp_path: Path) -> None:
    nats, bits = (result(OLD, NEW, "--by", "size", "--unit", unit, cwd=tmp_path) for unit in ("nats", "bits"))
    for name in ("base", "new", "difference", "se", "low", "high"):
        assert bits["metrics"]["log_loss"][name] == pytest.approx(nats["metrics"]["log_loss"][name] / math.log(2))
    assert bits["metrics"]["brier"] == nats["metrics"]["brier"]
    assert bits["metrics"]["log_loss"]["t"] == nats["metrics"]["log_loss"]["t"]
    for one, other in zip(bits["most_different"], nats["most_different"], strict=True):
        assert one["difference"] == pytest.approx(other["difference"] / math.log(2))


# which rows meet


def test_without_ids_rows_meet_in_order(folder: Path) -> None:
    (folder / "new.csv").write_text(BASE_ROWS.replace("0.125", "0.5"))
    run = compare("old.csv", "new.csv", "--format", "json", cwd=folder, by_id=False)
    found = json.loads(run.stdout)
    assert (run.code, found["wins"], found["ties"], found["on"]) == (0, 1, 3, None)
    notice = "4 rows matched in order, and their labels agree; --on COL matches them by an id"
    assert [each["message"] for each in found["notices"] if each["code"] == "in_order"] == [notice]
    assert f"xent: notice: {notice}\n" in run.stderr


def test_without_ids_rows_whose_ids_disagree_are_refused(folder: Path) -> None:
    run = compare("old.csv", "new.csv", cwd=folder, by_id=False)
    refused(run, 2, 'the columns "id" of old.csv and of new.csv hold the same values in another order', "--on id ")


def test_without_ids_other_labels_are_refused(folder: Path) -> None:
    for name, rows in (("old.csv", BASE_ROWS), ("new.csv", NEW_ROWS)):
        (folder / name).write_text("".join(line.partition(",")[2] for line in rows.splitlines(keepends=True)))
    run = compare("old.csv", "new.csv", cwd=folder, by_id=False)
    refused(
        run, 3,
        'new.csv, line 2, column "label": the label is "no", but "yes" in old.csv, line 2 '
        "(2 of 4 rows differ: also line 3)",
        "--on COL matches them by an id",
    )  # fmt: skip


def test_without_ids_another_number_of_rows_is_refused(folder: Path) -> None:
    (folder / "new.csv").write_text(BASE_ROWS + "e,no,0.5,1,DE\n")
    refused(compare("old.csv", "new.csv", cwd=folder, by_id=False), 3, "5 prediction rows, but 4 rows in old.csv")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (BASE_ROWS, NEW_ROWS.replace("b,no", "x,no"), '1 prediction whose id is not in old.csv ("x" line 5)'),
        (BASE_ROWS + "e,no,0.5,1,DE\n", NEW_ROWS, '1 row of old.csv whose id is not in new.csv ("e" line 6)'),
        (BASE_ROWS, NEW_ROWS + "a,yes,0.5,1,DE\n", "1 prediction with an id that an earlier prediction has"),
        (BASE_ROWS + "a,yes,0.5,1,DE\n", NEW_ROWS, "1 row of old.csv with an id that an earlier row has"),
        (BASE_ROWS.replace("a,yes", ",yes"), NEW_ROWS, "1 row of old.csv without an id"),
    ],
)
def test_ids_that_do_not_meet_are_refused(folder: Path, old: str, new: str, message: str) -> None:
    (folder / "old.csv").write_text(old)
    (folder / "new.csv").write_text(new)
    refused(compare("old.csv", "new.csv", cwd=folder), 3, message)


def test_no_such_id_column(folder: Path) -> None:
    run = compare("old.csv", "new.csv", "--on", "idd", cwd=folder, by_id=False)
    refused(run, 2, 'no column "idd" for the id', 'did you mean "id"?')


def test_the_id_may_be_the_label_but_no_score_of_base(folder: Path) -> None:
    (folder / "old.csv").write_text("y,prob_yes,s\nyes,0.75,0.5\nno,0.25,0.5\n")
    (folder / "new.csv").write_text("s,y,prob_yes\n0.5,yes,0.5\n0.5,no,0.5\n")
    run = compare("old.csv", "new.csv", "--on", "y", cwd=folder, by_id=False)
    assert run.code == 0
    assert run.stderr.startswith(
        "xent: notice: new.csv: in 2 rows several classes tie for the highest probability;"
    )
    run = compare("old.csv", "new.csv", "--on", "s", "--base-prob", "s", cwd=folder, by_id=False)
    refused(run, 2, 'old.csv, column "s": the id is text: it cannot be a number as well')


@pytest.mark.parametrize(
    ("changed", "options", "message"),
    [
        (NEW_ROWS.replace("c,yes", "c,no"), [],
         'line 4, column "label": the label is "no", but "yes" in old.csv, line 4'),
        (NEW_ROWS.replace("5,2,", "5,3,"), ["--weight", "w"],
         'line 5, column "w": the weight is "3", but "2" in old.csv, line 3 (1 of 4 rows differ)'),
        (NEW_ROWS.replace("5,2,", "5,0,"), ["--weight", "w"], 'the weight is "0", but "2" in old.csv, line 3'),
        (NEW_ROWS.replace("c,yes", "c,no"), ["--ignore-label", "yes"],
         'the label is "no", but "yes" in old.csv, line 4'),
    ],
)  # fmt: skip
def test_labels_and_weights_must_agree(folder: Path, changed: str, options: list[str], message: str) -> None:
    (folder / "new.csv").write_text(changed)
    refused(compare("old.csv", "new.csv", *options, cwd=folder), 3, message)


def test_weights_may_be_rounded_otherwise(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("5,2,", "5,2.0000001,"))
    found = result("old.csv", "new.csv", "--weight", "w", cwd=folder)
    assert found["weight"] == 5.0


def test_rows_that_either_lacks_are_left_out_of_both(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("c,yes,0.125", "c,yes,"))
    refused(
        compare("old.csv", "new.csv", cwd=folder), 3, 'old.csv, line 4, column "prob_yes": the score is missing'
    )
    found = result("old.csv", "new.csv", "--missing", "skip", cwd=folder)
    assert (found["rows"], found["wins"], found["losses"], found["ties"]) == (3, 2, 1, 0)
    [notice] = [each for each in found["notices"] if each["code"] == "skipped_rows"]
    assert notice["message"] == "1 row left out for a missing value"


def test_errors_in_base_are_told_where_they_stand(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("0.125", "1.5"))
    refused(
        compare("old.csv", "new.csv", cwd=folder),
        3,
        'old.csv, line 4, column "prob_yes": 1.5 is not a probability',
    )


def test_other_classes_are_refused(folder: Path) -> None:
    (folder / "old.csv").write_text("id,label,p_yes,p_no\na,yes,0.5,0.5\n")
    (folder / "new.csv").write_text("id,label,p_yes,p_maybe\na,yes,0.5,0.5\n")
    refused(
        compare("old.csv", "new.csv", cwd=folder),
        3,
        "old.csv: has other classes than new.csv: has no and lacks maybe",
    )


# forms of scores


def test_two_models_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "both.csv").write_text("y,old,new\n1,0.25,0.75\n0,0.25,0.75\n1,0.75,0.75\n")
    run = compare("both.csv", "both.csv", "--base-prob", "old", "--prob", "new", "--format", "json", cwd=tmp_path,
                  by_id=False)  # fmt: skip
    found = json.loads(run.stdout)
    assert (run.code, run.stderr) == (0, "")
    assert found["metrics"]["log_loss"]["difference"] == pytest.approx(0.0, abs=1e-15)
    assert (found["wins"], found["losses"], found["ties"]) == (1, 1, 1)
    assert [found["columns"][side]["scores"] for side in ("base", "new")] == [{"1": "old"}, {"1": "new"}]


def test_columns_that_name_no_class_are_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "both.csv").write_text("label,p_old,p_new\ncat,0.5,0.75\ndog,0.25,0.5\n")
    columns = ("both.csv", "both.csv", "--base-prob", "p_old", "--prob", "p_new")
    refused(compare(*columns, cwd=tmp_path, by_id=False), 2, 'no label is "new", the class of column "p_new"')
    run = compare(*columns, "--positive", "cat", cwd=tmp_path, by_id=False)
    assert run.code == 0


def test_logits_against_probabilities_of_the_same_model_and_classes_in_another_order(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    z = random.normal(0, 2, (60, 3))
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    labels = random.integers(0, 3, 60)
    names = np.array(["x", "y", "z"])
    base = {"id": np.arange(60), "label": names[labels], **{f"logit_{n}": z[:, k] for k, n in enumerate(names)}}
    order = [2, 0, 1]
    new = {"id": np.arange(60)[::-1], "label": names[labels][::-1],
           **{f"prob_{names[k]}": q[::-1, k] for k in order}}  # fmt: skip
    pq.write_table(pa.table(base), tmp_path / "old.parquet")
    pq.write_table(pa.table(new), tmp_path / "new.parquet")
    found = result("old.parquet", "new.parquet", cwd=tmp_path)
    assert found["input_kind"] == {"base": "logit", "new": "probability"}
    assert found["metrics"]["log_loss"]["difference"] == pytest.approx(0.0, abs=1e-14)
    assert found["metrics"]["accuracy"]["difference"] == 0


def test_one_column_against_two(folder: Path) -> None:
    rows = [line.split(",") for line in BASE_ROWS.splitlines()[1:]]
    lines = ["id,label,p_no,p_yes", *(f"{r[0]},{r[1]},{1 - float(r[2])},{r[2]}" for r in rows)]
    (folder / "two.csv").write_text("\n".join(lines) + "\n")
    for pair in (("old.csv", "two.csv"), ("two.csv", "old.csv")):
        found = result(*pair, cwd=folder)
        assert (found["ties"], found["metrics"]["brier"]["difference"]) == (4, 0.0)


def test_one_column_of_either_class(tmp_path: Path) -> None:
    (tmp_path / "yes.csv").write_text("id,label,p_1\na,1,0.75\nb,0,0.25\n")
    (tmp_path / "no.csv").write_text("id,label,p_0\na,1,0.25\nb,0,0.75\n")
    (tmp_path / "plain.csv").write_text("id,label,prob\na,1,0.75\nb,0,0.25\n")
    for pair in (
        ("yes.csv", "no.csv"),
        ("plain.csv", "no.csv"),
        ("no.csv", "plain.csv"),
        ("yes.csv", "plain.csv"),
    ):
        assert result(*pair, cwd=tmp_path)["ties"] == 2


def test_labels_in_a_file_of_their_own(folder: Path) -> None:
    for name in ("old", "new"):
        with (folder / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        lines = ["id,prob_yes", *(f"{row['id']},{row['prob_yes']}" for row in rows)]
        (folder / f"{name}_only.csv").write_text("\n".join(lines) + "\n")
    (folder / "labels.csv").write_text("label,id\nno,d\nno,b\nyes,a\nyes,c\nno,e\n")
    own = ("old_only.csv", "new_only.csv", "--labels", "labels.csv")
    refused(compare(*own, cwd=folder), 3, '1 row of labels.csv whose id is not in old_only.csv ("e" line 6)')
    found, expected = result(*own, "--allow-extra", cwd=folder), result("old.csv", "new.csv", cwd=folder)
    assert found["metrics"] == expected["metrics"]
    assert found["columns"]["base"]["label_file"] == "labels.csv"


def test_soft_labels(tmp_path: Path) -> None:
    """Expected: by hand, loss -sum t log q; the first row's target at the top class is 0.75 and 0.25."""
    (tmp_path / "old.csv").write_text("id,t_a,t_b,p_a,p_b\n1,0.75,0.25,0.5,0.5\n2,0.5,0.5,0.25,0.75\n")
    (tmp_path / "new.csv").write_text("id,t_b,t_a,p_b,p_a\n2,0.5,0.5,0.5,0.5\n1,0.25,0.75,0.75,0.25\n")
    found = result(
        "old.csv", "new.csv", "--target", "t_a,t_b", "--prob", "p_a,p_b", "--classes", "a,b", cwd=tmp_path
    )
    base = [math.log(2), -0.5 * math.log(0.25) - 0.5 * math.log(0.75)]
    new = [-0.75 * math.log(0.25) - 0.25 * math.log(0.75), math.log(2)]
    metric = found["metrics"]["log_loss"]
    assert (metric["base"], metric["new"]) == (pytest.approx(sum(base) / 2), pytest.approx(sum(new) / 2))
    assert found["metrics"]["accuracy"]["difference"] == pytest.approx(-0.25)
    (tmp_path / "new.csv").write_text("id,t_b,t_a,p_b,p_a\n2,0.5,0.5,0.5,0.5\n1,0.75,0.25,0.75,0.25\n")
    run = compare(
        "old.csv", "new.csv", "--target", "t_a,t_b", "--prob", "p_a,p_b", "--classes", "a,b", cwd=tmp_path
    )
    refused(run, 3, "the target is", "(1 of 2 rows differ)")


def test_tokens(tmp_path: Path) -> None:
    (tmp_path / "old.csv").write_text("lp\n-1\n-2\n-3\n")
    (tmp_path / "new.csv").write_text("lp\n-1\n-1\n-1\n")
    run = compare("old.csv", "new.csv", "--logprob", "lp", "--format", "json", cwd=tmp_path, by_id=False)
    found = json.loads(run.stdout)
    assert (run.code, list(found["metrics"])) == (0, ["log_loss"])
    assert found["metrics"]["log_loss"]["difference"] == -1.0
    assert "3 rows matched in order, and the row counts agree" in run.stderr
    assert compare("old.csv", "new.csv", "--logprob", "lp", cwd=tmp_path, by_id=False).code == 0


@pytest.mark.parametrize(
    ("old", "new", "difference", "verdict"),
    [
        ("0.5", "0", "Infinity", "NEW is worse without bound"),
        ("0", "0.5", None, "NEW is better without bound"),
        ("0", "0", pytest.approx(-math.log(1.5) / 4), "no difference shown by 4 rows"),
    ],
)
def test_infinite_losses(folder: Path, old: str, new: str, difference: object, verdict: str) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("0.125", old))
    (folder / "new.csv").write_text(NEW_ROWS.replace("0.125", new))
    found = result("old.csv", "new.csv", cwd=folder)["metrics"]["log_loss"]
    assert found["difference"] == difference
    assert (found["t"] is None) == (old != new)
    assert verdict in compare("old.csv", "new.csv", cwd=folder).stdout


def test_infinite_both_ways_is_not_to_be_compared(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("0.125", "0"))
    (folder / "new.csv").write_text(NEW_ROWS.replace("a,yes,0.75", "a,yes,0"))
    found = result("old.csv", "new.csv", cwd=folder)
    assert found["metrics"]["log_loss"]["difference"] is None
    reason = "each model has rows of infinite loss that the other does not"
    assert found["unavailable"]["log_loss.difference"] == reason
    assert "not to be compared" in compare("old.csv", "new.csv", cwd=folder).stdout


def test_infinite_rows_that_are_among_those_of_base_leave_new_better(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("0.125", "0").replace("a,yes,0.5", "a,yes,0"))
    (folder / "new.csv").write_text(NEW_ROWS.replace("a,yes,0.75", "a,yes,0"))
    found = result("old.csv", "new.csv", cwd=folder)["metrics"]["log_loss"]
    assert (found["base"], found["new"], found["difference"]) == ("Infinity", "Infinity", None)
    assert "NEW is better without bound" in compare("old.csv", "new.csv", cwd=folder).stdout


# inputs and outputs


@pytest.mark.parametrize("side", [0, 1])
def test_either_file_may_come_from_a_pipe(folder: Path, side: int) -> None:
    names = ["old.csv", "new.csv"]
    given, names[side] = (folder / names[side]).read_bytes(), "-"
    run = xent("compare", *names, "--on", "id", "--format", "json", cwd=folder, stdin=given)
    assert run.code == 0, run.stderr
    assert json.loads(run.stdout)["metrics"] == result("old.csv", "new.csv", cwd=folder)["metrics"]


def test_stdin_is_one_file(folder: Path) -> None:
    refused(compare("-", "-", cwd=folder), 2, "standard input can be read once")


def test_base_is_one_file(folder: Path) -> None:
    (folder / "parts").mkdir()
    for name in ("1.csv", "2.csv"):
        (folder / "parts" / name).write_text(BASE_ROWS)
    refused(compare("parts", "new.csv", cwd=folder), 2, "BASE names 2 files; rows are compared with those of one")


def test_new_may_be_several_files(folder: Path) -> None:
    (folder / "parts").mkdir()
    header, *lines = NEW_ROWS.splitlines()
    for k in (0, 1):
        (folder / "parts" / f"{k}.csv").write_text("\n".join([header, *lines[k::2]]) + "\n")
    found = result("old.csv", "parts", cwd=folder)
    assert found["metrics"] == result("old.csv", "new.csv", cwd=folder)["metrics"]
    assert [each["rows"] for each in found["inputs"]] == [4, 2, 2]


def test_csv_has_the_numbers_of_json(tmp_path: Path) -> None:
    arguments = (OLD, NEW, "--by", "size", "--require", "log_loss <= baseline")
    run, found = compare(*arguments, "--format", "csv", cwd=tmp_path), result(*arguments, cwd=tmp_path)
    rows = list(csv.reader(io.StringIO(run.stdout)))
    assert rows[0] == ["table", "by", "class", "metric", "value", "unit"]
    flat = {(row[0], row[1], row[3]): row[4] for row in rows[1:]}
    for metric, numbers in found["metrics"].items():
        for name, value in numbers.items():
            assert float(flat["metrics", "", f"{metric}.{name}"]) == value
    for part in found["slices"]:
        by = f"size={part['by']['size']}"
        assert (
            float(flat["slices.metrics", by, "log_loss.difference"]) == part["metrics"]["log_loss"]["difference"]
        )
    assert float(flat["gates", "log_loss <= baseline", "pass"]) == 1


def test_hostile_names_are_shown_escaped(folder: Path) -> None:
    (folder / "old.csv").write_text(BASE_ROWS.replace("yes", "[/bold]\x1b[31m"))
    (folder / "new.csv").write_text(NEW_ROWS.replace("yes", "[/bold]\x1b[31m"))
    for form in ("table", "markdown", "csv"):
        run = compare("old.csv", "new.csv", "--by", "label", "--format", form, cwd=folder)
        assert run.code == 0, run.stderr
        assert "\x1b" not in run.stdout
    found = result("old.csv", "new.csv", "--by", "label", cwd=folder)
    assert {row["by"]["label"] for row in found["slices"]} == {"[/bold]\x1b[31m", "no"}


def test_hostile_column_names_are_shown_escaped(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("i\x1bd,label,prob_yes,[b]\x1b[1m|s\na,yes,0.5,x\nb,no,0.25,y\n")
    shown = {"table": r" [b]\x1b[1m|s ", "markdown": r"| [b]\\x1b[1m\|s |", "csv": r"[b]\u001b[1m|s"}
    for form, name in shown.items():
        arguments = ("p.csv", "p.csv", "--on", "i\x1bd", "--by", "[b]\x1b[1m|s", "--format", form)
        run = compare(*arguments, cwd=tmp_path, by_id=False)
        assert run.code == 0, run.stderr
        assert "\x1b" not in run.stdout
        assert name in run.stdout
