"""`xent score --save-state` and `xent merge`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.in_process import CLOSED
from tests.cli.runner import Run, xent
from tests.transcript import ROOT

SAMPLE = ROOT / "sample_data" / "breast_cancer.csv"
FORMATS = ["table", "json", "csv", "markdown"]


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """A folder with the sample cut into a.csv, b.csv and c.csv."""
    header, *lines = SAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in (("a", lines[:100]), ("b", lines[100:350]), ("c", lines[350:])):
        (tmp_path / f"{name}.csv").write_text(header + "".join(part))
    return tmp_path


def save(name: str, *options: str, cwd: Path) -> Run:
    run = xent("score", f"{name}.csv", *options, "--save-state", f"{name}.json", cwd=cwd)
    assert run.code == 0, run.stderr
    return run


@pytest.mark.parametrize("format", FORMATS)
def test_merge_prints_what_scoring_the_whole_prints(format: str, shards: Path) -> None:
    options = ("--by", "size", "--cluster", "id", "--weight", "weight")
    for name in "abc":
        save(name, *options, cwd=shards)
    shown = ("--format", format, "--unit", "bits", "--reliability")
    merged = xent("merge", "a.json", "b.json", "c.json", *shown, cwd=shards)
    whole = xent("score", "a.csv", "b.csv", "c.csv", *options, *shown, cwd=shards)
    assert merged == whole
    assert merged.code == 0


@pytest.mark.parametrize("command", ["compare", "rank"])
def test_merge_prints_what_comparing_the_whole_prints(command: str, tmp_path: Path) -> None:
    """Each half is a folder of its own, so that models are called alike."""
    options = ("--on", "id", "--by", "size")
    for suffix, name in (("", "old"), ("_new", "new")):
        header, *lines = SAMPLE.with_stem(f"breast_cancer{suffix}").read_text().splitlines(keepends=True)
        for at, half in enumerate(("early", "late")):
            own = [line for line in lines if int(line[1:4]) % 2 == at]
            (tmp_path / half).mkdir(exist_ok=True)
            (tmp_path / half / f"{name}.csv").write_text(header + "".join(own))
        (tmp_path / f"{name}.csv").write_text(header + "".join(lines))
    for half in ("early", "late"):
        files = (f"{half}/old.csv", f"{half}/new.csv")
        assert xent(command, *files, *options, "--save-state", f"{half}.json", cwd=tmp_path).code == 0
    shown = ("--format", "csv", "--unit", "bits")
    merged = xent("merge", "late.json", "early.json", *shown, cwd=tmp_path)
    whole = xent(command, "old.csv", "new.csv", *options, *shown, cwd=tmp_path)
    assert _without_places(merged.stdout) == _without_places(whole.stdout) != []
    both = xent("merge", "late.json", "early.json", "--save-state", "both.json", cwd=tmp_path)
    assert xent("merge", "both.json", cwd=tmp_path).stdout == both.stdout


@pytest.mark.parametrize("command", ["compare", "divergence"])
def test_the_heading_names_the_files_of_each_model(command: str, tmp_path: Path) -> None:
    for part in "01":
        for model in "on":
            (tmp_path / f"{model}{part}.csv").write_text(f"label,prob\n1,0.{ord(model) % 10}\n0,0.{part}2\n")
        files = (f"o{part}.csv", f"n{part}.csv")
        assert xent(command, *files, "--save-state", f"{part}.state", cwd=tmp_path).code == 0
    merged = xent("merge", "0.state", "1.state", cwd=tmp_path)
    assert "2 files: n0.csv, n1.csv against 2 files: o0.csv, o1.csv" in merged.stdout


def _without_places(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("notices")]


def test_saving_changes_nothing_of_the_result(shards: Path) -> None:
    assert save("a", cwd=shards) == xent("score", "a.csv", cwd=shards)


def test_a_total_grows_night_by_night_and_no_night_counts_twice(shards: Path) -> None:
    for name in "abc":
        save(name, cwd=shards)
    (shards / "total.json").write_bytes((shards / "a.json").read_bytes())
    for name in "bc":
        run = xent("merge", "total.json", f"{name}.json", "--save-state", "total.json", cwd=shards)
        assert run.code == 0, run.stderr
    assert xent("merge", "total.json", cwd=shards) == xent("score", "a.csv", "b.csv", "c.csv", cwd=shards)
    before = (shards / "total.json").read_bytes()
    again = xent("merge", "total.json", "c.json", "--save-state", "total.json", cwd=shards)
    assert again == (
        3,
        "",
        'xent: error: c.json: the rows of "c.csv" are in total.json already: they would count twice\n'
        "  hint: give each state once\n",
    )
    assert (shards / "total.json").read_bytes() == before


def test_the_same_totals_under_another_name_are_told(shards: Path) -> None:
    save("a", cwd=shards)
    (shards / "copy.csv").write_bytes((shards / "a.csv").read_bytes())
    save("copy", cwd=shards)
    run = xent("merge", "a.json", "copy.json", cwd=shards)
    assert run.code == 0
    same = '"copy.csv" in copy.json has the very totals of "a.csv" in a.json'
    assert f"xent: notice: {same}: if its rows are the same, they count twice\n" in run.stderr


@pytest.mark.parametrize(
    ("one", "two", "says"),
    [
        ((), ("--clip", "0.01"), "clip is 0.01, not none"),
        ((), ("--weight", "weight"), "weighted is yes, not no"),
        (("--missing", "skip"), (), "missing is error, not skip"),
        ((), ("--no-breakdown",), "breakdown is no, not yes"),
        (("--by", "size"), ("--by", "size,texture"), "by is size,texture, not size"),
        (("--cluster", "id"), (), "cluster is none, not id"),
        ((), ("--prior", "benign=0.9,malignant=0.1"), "prior is 0.9, 0.1, not none"),
        ((), ("--shard", "1"), "numbered by --shard is yes, not no"),
        (("--class-weight", "benign=2"), (), "class_weights is none, not benign=2"),
        (("--clip", "0.01"), ("--normalize",), "clip is none, not 0.01; normalize is yes, not no"),
    ],
)
def test_what_was_scored_otherwise_is_refused(
    one: tuple[str, ...], two: tuple[str, ...], says: str, shards: Path
) -> None:
    save("a", *one, cwd=shards)
    save("b", *two, cwd=shards)
    assert xent("merge", "a.json", "b.json", cwd=shards) == (
        3,
        "",
        f"xent: error: b.json: was not scored as a.json was: {says}\n"
        "  hint: score all parts with the same options\n",
    )


def test_other_classes_are_refused_and_another_order_has_its_option(tmp_path: Path) -> None:
    for name, columns in (("a", "x,y"), ("b", "y,x"), ("c", "x,z")):
        first, second = columns.split(",")
        (tmp_path / f"{name}.csv").write_text(f"label,p_{first},p_{second}\n{first},0.75,0.25\n")
        save(name, cwd=tmp_path)
    order = xent("merge", "a.json", "b.json", cwd=tmp_path)
    assert (order.code, order.stdout) == (3, "")
    assert "classes is y, x, not x, y" in order.stderr
    assert "--classes A,B,... gives the order of the classes" in order.stderr
    other = xent("merge", "a.json", "c.json", "--format", "json", cwd=tmp_path)
    error = json.loads(other.stderr)["error"]
    assert (other.code, error["code"], error["file"]) == (3, "states_differ", "c.json")
    assert "--classes" not in error["hint"]


def test_sites_may_store_their_forecasts_in_other_forms(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,p_x,p_y\nx,0.5,0.5\ny,0.5,0.5\n")
    (tmp_path / "b.csv").write_text("label,logit_x,logit_y\nx,0,0\ny,2,2\n")
    for name in "ab":
        save(name, cwd=tmp_path)
    run = xent("merge", "a.json", "b.json", "--format", "json", cwd=tmp_path)
    assert (run.code, json.loads(run.stdout)["metrics"]["log_loss"]) == (0, np.log(2))
    assert "xent: notice: b.json was scored by logit columns, the first by probability columns\n" in run.stderr


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_a_part_may_lack_the_other_class(order: str, tmp_path: Path) -> None:
    """One score column leaves the name of its other class to the labels, and some parts have none."""
    for name, label in (("a", "yes"), ("b", "no"), ("c", "yes")):
        (tmp_path / f"{name}.csv").write_text(f"label,prob_yes\n{label},0.{ord(name) % 7 + 2}\n")
        save(name, cwd=tmp_path)
    merged = xent("merge", *(f"{name}.json" for name in order), cwd=tmp_path)
    assert merged == xent("score", *(f"{name}.csv" for name in order), cwd=tmp_path)
    assert merged.code == 0


def test_the_lines_of_infinite_rows_are_named_in_order(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_text("label,prob\n" + "1,0\n0,0.5\n1,0.25\n" * 3)
        save(name, cwd=tmp_path)
    merged = xent("merge", "c.json", "a.json", "b.json", "--format", "json", cwd=tmp_path)
    whole = xent("score", "c.csv", "a.csv", "b.csv", "--format", "json", cwd=tmp_path)
    places = [
        next(notice["where"] for notice in json.loads(run.stdout)["notices"] if notice["code"] == "infinite_loss")
        for run in (merged, whole)
    ]
    assert places[0] == places[1]
    assert [place["file"] for place in places[0]] == ["c.csv"] * 3 + ["a.csv"] * 2


def test_a_shard_beyond_the_budget_is_the_whole_by_its_number(tmp_path: Path) -> None:
    """1,000 classes: 4,194 rows fill 4 million values."""
    random = np.random.default_rng(0)
    for number, rows in enumerate((4500, 100)):
        logits = pa.FixedSizeListArray.from_arrays(pa.array(random.normal(size=rows * 1000), pa.float32()), 1000)
        table = pa.table({"label": random.integers(0, 1000, rows), "logits": logits})
        pq.write_table(table, tmp_path / f"{number}.parquet")
        state = ("--save-state", f"{number}.json", "--shard", str(number))
        assert xent("score", f"{number}.parquet", *state, cwd=tmp_path).code == 0
    merged = xent("merge", "1.json", "0.json", "--format", "json", cwd=tmp_path)
    assert merged == xent("score", "0.parquet", "1.parquet", "--format", "json", cwd=tmp_path)
    assert json.loads(merged.stdout)["breakdown"]["rows"] < 3000
    state = ("--save-state", "1.json", "--shard", "0")
    assert xent("score", "1.parquet", *state, cwd=tmp_path).code == 0
    assert xent("merge", "0.json", "1.json", cwd=tmp_path) == (
        3,
        "",
        "xent: error: 1.json: has shard number 0, as 0.json has\n"
        "  hint: --shard N, when scoring, is another number for each input\n",
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("score", "a.csv", "--shard", "1"), "--shard is the number of a state that is saved"),
        (
            ("score", "a.csv", "--save-state", "s", "--shard", "-1"),
            "'-1' is not a whole number from 0 to 1,",
        ),
        (("score", "a.csv", "--save-state", "a.csv"), "--save-state would overwrite this input"),
        (("merge",), "Missing argument 'STATE...'"),
        (("merge", "-", "-"), "standard input can be read once"),
    ],
)
def test_requests_that_make_no_sense(arguments: tuple[str, ...], says: str, shards: Path) -> None:
    before = sorted(shards.iterdir())
    run = xent(*arguments, cwd=shards)
    assert (run.code, run.stdout) == (2, "")
    assert says in run.stderr
    assert sorted(shards.iterdir()) == before


def test_states_come_by_pattern_folder_and_pipe(shards: Path) -> None:
    (shards / "states").mkdir()
    for name in "abc":
        xent("score", f"{name}.csv", "--save-state", f"states/{name}.json", cwd=shards)
    whole = xent("score", "a.csv", "b.csv", "c.csv", cwd=shards)
    assert xent("merge", "states/*.json", cwd=shards) == whole
    assert xent("merge", "states", cwd=shards) == whole
    given = (shards / "states" / "c.json").read_bytes()
    assert xent("merge", "states/a.json", "states/b.json", "-", cwd=shards, stdin=given) == whole


def test_damage_is_refused(shards: Path) -> None:
    save("a", cwd=shards)
    data = (shards / "a.json").read_bytes()
    (shards / "cut.json").write_bytes(data[:-20])
    (shards / "flipped.json").write_bytes(data[:-20] + bytes(20))
    sizes = f"{len(data) - 20:,} of {len(data):,} bytes"
    cut = f"has no end: it was cut to {sizes}\n  hint: copy it again, or score again\n"
    assert xent("merge", "cut.json", cwd=shards) == (3, "", f"xent: error: cut.json: {cut}")
    flipped = "is damaged: its checksum is not that of its content\n  hint: copy it again, or score again\n"
    assert xent("merge", "flipped.json", cwd=shards) == (3, "", f"xent: error: flipped.json: {flipped}")
    csv = "is not a state of xent\n  hint: xent score FILE --save-state STATE writes one\n"
    assert xent("merge", "a.csv", cwd=shards) == (3, "", f"xent: error: a.csv: {csv}")
    none = "no such file or directory\n"
    assert xent("merge", "none.json", cwd=shards) == (4, "", f"xent: error: none.json: {none}")


def test_a_file_that_is_not_there_is_told_before_any_is_read(shards: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("{}")
    missing = "xent: error: nowhere.json: no such file or directory\n"
    assert xent("merge", tmp_path / "bad.json", "nowhere.json", cwd=shards) == (4, "", missing)


def test_the_state_is_written_before_the_result(shards: Path) -> None:
    run = xent("score", "a.csv", "--save-state", "a.json", cwd=shards, stdout=CLOSED)
    assert (run.code, run.stdout) == (4, "")
    assert xent("merge", "a.json", cwd=shards) == xent("score", "a.csv", cwd=shards)


@pytest.mark.parametrize("command", ["merge", "gate", "score"])
def test_a_folder_of_states_says_how_to_merge_them(command: str, shards: Path) -> None:
    save("a", cwd=shards)
    whole = xent("merge", "a.json", cwd=shards)
    for place, pattern in (("nights [1]", "nights [[]1]/*.state"), ("nights [1]/late", "nights [[]1]/**/*.state")):
        (shards / place).mkdir()
        (shards / "a.json").rename(shards / place / "a.state")
        run = xent(command, "nights [1]", *(["--require", "rows > 0"] if command == "gate" else []), cwd=shards)
        says = "xent: error: nights [1]: is a folder without data files\n"
        assert run == (4, "", f"{says}  hint: xent merge '{pattern}' merges the states in it\n")
        assert xent("merge", pattern, cwd=shards) == whole
        (shards / place / "a.state").rename(shards / "a.json")


def test_no_result_without_its_state(shards: Path) -> None:
    run = xent("score", "a.csv", "--save-state", "none/a.json", cwd=shards)
    assert run == (4, "", "xent: error: none/a.json: cannot be written: no such file or directory\n")


def test_a_refused_score_leaves_no_state(shards: Path) -> None:
    (shards / "a.json").write_text("before")
    (shards / "a.csv").write_text("label,prob\n1,2\n")
    assert xent("score", "a.csv", "--save-state", "a.json", cwd=shards).code == 3
    assert (shards / "a.json").read_text() == "before"
    assert {path.name for path in shards.iterdir()} == {"a.csv", "a.json", "b.csv", "c.csv"}


EMPTY = {"rows": "label,prob,w\n", "weights": "label,prob,w\n1,0.5,0\n", "labels": "label,prob,w\n,0.5,1\n"}


@pytest.mark.parametrize("lacks", EMPTY)
def test_a_part_without_rows_to_score_is_saved_and_exits_3(lacks: str, tmp_path: Path) -> None:
    """Merged it adds nothing, whichever comes first, and alone it is refused again."""
    options = ("--weight", "w", "--missing", "skip")
    (tmp_path / "a.csv").write_text("label,prob,w\n1,0.75,1\n0,0.25,2\n")
    (tmp_path / "empty.csv").write_text(EMPTY[lacks])
    save("a", *options, cwd=tmp_path)
    run = xent("score", "empty.csv", *options, "--save-state", "empty.json", cwd=tmp_path)
    assert (run.code, run.stdout) == (3, "")
    assert "hint: empty.json was written" in run.stderr
    whole = xent("score", "a.csv", *options, "--format", "json", cwd=tmp_path)
    for states in (("a.json", "empty.json"), ("empty.json", "a.json")):
        merged = xent("merge", *states, "--format", "json", cwd=tmp_path)
        assert merged.code == 0
        assert "1 part had no row to score" in merged.stderr
        assert json.loads(merged.stdout)["metrics"]["log_loss"] == json.loads(whole.stdout)["metrics"]["log_loss"]
    assert xent("merge", "empty.json", "--save-state", "total.json", cwd=tmp_path).code == 3
    assert xent("merge", "total.json", "a.json", "--save-state", "total.json", cwd=tmp_path).code == 0


def test_parts_without_rows_of_one_number_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("label,prob\n")
    for name in ("one", "two"):
        options = ("--shard", "3", "--save-state", f"{name}.state")
        assert xent("score", "empty.csv", *options, cwd=tmp_path).code == 3
    run = xent("merge", "one.state", "two.state", "--save-state", "total.state", cwd=tmp_path)
    assert (run.code, (tmp_path / "total.state").exists()) == (3, False)
    assert "two.state: has shard number 3, as one.state has" in run.stderr


def test_a_part_that_is_wrong_is_not_saved(tmp_path: Path) -> None:
    for name, content in (("cut", ""), ("broken", "label,prob\n1,x\n"), ("named", "label,other\n1,0.5\n")):
        (tmp_path / f"{name}.csv").write_text(content)
        run = xent("score", f"{name}.csv", "--save-state", "state", cwd=tmp_path)
        assert run.code in (2, 3)
        assert not (tmp_path / "state").exists()
