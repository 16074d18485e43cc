"""`xent rank` as a user runs it: code, output and errors.

Four models: old and new are the sample data, old_T is old at its best temperature, mix always predicts the class
mix.
"""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.comparing import NEW, OLD, refused
from tests.cli.runner import Run, xent

TEMPERATURE = 1.4900383028023472
MODELS = ("old.csv", "new.csv", "old_T.csv", "mix.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    with OLD.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        p = float(row["prob_malignant"])
        row["old_T"] = repr(1 / (1 + math.exp(-(math.log(p) - math.log1p(-p)) / TEMPERATURE)))
        row["mix"] = repr(sum(each["label"] == "malignant" for each in rows) / len(rows))
    (folder / "old.csv").write_bytes(OLD.read_bytes())
    (folder / "new.csv").write_bytes(NEW.read_bytes())
    for name in ("old_T", "mix"):
        lines = (f"{row['id']},{row['label']},{row[name]},{row['size']}\n" for row in rows)
        (folder / f"{name}.csv").write_text("".join(["id,label,prob_malignant,size\n", *lines]))
    wide = ["id,label,size,p_old,p_old_T,p_mix\n"]
    wide += [
        ",".join(row[name] for name in ("id", "label", "size", "prob_malignant", "old_T", "mix")) + "\n"
        for row in rows
    ]
    (folder / "wide.csv").write_text("".join(wide))
    return folder


def rank(folder: Path, *arguments: str, files: tuple[str, ...] = MODELS, width: int = 80) -> Run:
    on = [] if {"--model", "--on"} & {*arguments} else ["--on", "id"]
    return xent("rank", *files, *on, *arguments, cwd=folder, env={"COLUMNS": str(width)})


def result(folder: Path, *arguments: str, files: tuple[str, ...] = MODELS) -> Any:
    run = rank(folder, "--format", "json", "--quiet", *arguments, files=files)
    assert (run.code, run.stderr) == (0, ""), run
    return json.loads(run.stdout)


# Expected: scipy.stats.ttest_rel of the row losses, and Holm's method by hand (the figures of the issue).
def test_the_numbers(folder: Path) -> None:
    found = result(folder)
    models = {each["name"]: each for each in found["models"]}
    assert [*models] == ["new", "old_T", "old", "mix"]
    losses = [each["metrics"]["log_loss"] for each in found["models"]]
    assert losses == pytest.approx([0.0897200811527, 0.12644892728021, 0.13991401495172, 0.66031634919523])
    assert [(each["rank_low"], each["rank_high"]) for each in models.values()] == [(1, 1), (2, 3), (2, 3), (4, 4)]
    assert [each["may_be_best"] for each in models.values()] == [True, False, False, False]
    assert models["new"]["difference"] is None
    assert {each["id"] for each in found["columns"].values()} == {"id"}
    old = models["old"]["difference"]
    assert (old["base"], old["value"]) == ("new", pytest.approx(0.05019393379902))
    assert (old["p_value"], models["old_T"]["difference"]["p_holm"]) == pytest.approx(
        (0.00381499135547, 0.00276710992666)
    )
    assert models["mix"]["difference"]["p_holm"] == pytest.approx(2.31045e-107, rel=1e-5)
    adjusted = {f"{pair['a']}-{pair['b']}": pair["p_holm"] for pair in found["pairs"]}
    named = [adjusted[name] for name in ("old_T-new", "old-new", "old-old_T")]
    assert named == pytest.approx([0.006225997334984833, 0.015259965421888153, 0.5595761231214138])
    assert (found["level"], found["base"], found["on"], found["rows"]) == (0.95, None, "id", 569)
    assert [each["name"] for each in found["inputs"]] == ["new.csv", "old_T.csv", "old.csv", "mix.csv"]


def test_the_screen(folder: Path) -> None:
    run = rank(folder)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.splitlines()[1] == "new may be best; 3 models are ruled out"
    assert "The best was chosen on these same rows: expect a smaller lead on new ones." in run.stdout
    assert " 2-3   old_T    0.1264  +0.0367  ± 0.0224    0.0028    95.4 %  ruled out\n" in run.stdout
    for width in (50, 60, 80, 120):
        assert max(map(len, rank(folder, width=width).stdout.splitlines())) <= width
    based = rank(folder, "--base", "old", "--by", "size").stdout
    assert "chosen on these same rows" not in based
    assert " Against old: 1 better, 1 worse, 1 not shown.\n" in based
    assert re.search(r"size +rows +least log loss +new +old_T +old +mix\n", based)


# Expected: the verdicts of the leaderboard above, read off; 0.0900 is the bound of the paired difference by SciPy.
@pytest.mark.parametrize(
    ("require", "options", "code"),
    [
        ("may_be_best[new]", [], 0),
        ("may_be_best[old] == 0", [], 0),
        ("may_be_best[old]", [], 1),
        ("rank_high[old_T] <= 3", [], 0),
        ("rank_high[old] <= 2", ["--exit-zero"], 0),
        ("rank_low[mix] == 4", ["--confidence", "0.95"], 0),
        ("log_loss[new] <= 0.1", [], 0),
        ("recall[old, malignant] >= 0.9", [], 1),
        ("recall[old, malignant] >= 0.9", ["--confidence", "0.95"], 5),
        ("log_loss[new, size=large] <= 0.05", [], 1),
        ("log_loss[new] <= baseline - 0.04", ["--base", "old"], 0),
        ("log_loss[new] <= baseline - 0.04", ["--base", "old", "--confidence", "0.95"], 5),
        ("log_loss[old_T, size=*] <= baseline", ["--base", "old"], 0),
        ("ece[new] <= baseline", ["--base", "old"], 0),
    ],
)
def test_requirements(folder: Path, require: str, options: list[str], code: int) -> None:
    run = rank(folder, "--require", require, *options, width=200)
    assert run.code == code, run
    assert require in run.stdout


def test_the_auc_is_held_against_the_base_as_compare_does(folder: Path) -> None:
    options = ("--confidence", "0.95", "--format", "json", "--on", "id", "-q")
    limit = "baseline - 0.01"
    requirements = [word for name in ("new", "mix") for word in ("--require", f"auc[{name}] >= {limit}")]
    ranked = json.loads(rank(folder, "--base", "old", *requirements, *options).stdout)["gates"]
    numbers = ("value", "se", "low", "high", "limit", "margin", "verdict")
    for name, found in zip(("new", "mix"), ranked, strict=True):
        run = xent("compare", "old.csv", f"{name}.csv", "--require", f"auc >= {limit}", *options, cwd=folder)
        [gate] = json.loads(run.stdout)["gates"]
        assert [found[each] for each in numbers] == [gate[each] for each in numbers]
        assert gate["se"] > 0
    assert [each["verdict"] for each in ranked] == ["pass", "fail"]


def test_a_failed_requirement_says_who_is_better(folder: Path) -> None:
    run = rank(folder, "--require", "may_be_best[old]", "--junit", "out.xml", "--github", "--format", "markdown")
    assert run.code == 1
    said = "old cannot be best: new rules it out, so the requirement fails"
    assert f"- {said}\n" in run.stdout
    assert f"::{said}" in run.stderr
    failure = ElementTree.parse(folder / "out.xml").find(".//failure")
    assert failure is not None
    assert failure.text == said
    [gate] = json.loads(rank(folder, "--require", "may_be_best[old]", "--json", "--exit-zero").stdout)["gates"]
    assert (gate["model"], gate["verdict"], gate["value"], gate["limit"]) == ("old", "fail", 0, 1.0)


def test_the_markdown_is_a_leaderboard(folder: Path) -> None:
    lines = rank(folder, "--format", "markdown").stdout.splitlines()
    assert lines[2] == "**new may be best; 3 models are ruled out**"
    table = [line for line in lines if line.startswith("|")][:6]
    assert table[0].startswith("| rank | model | log loss | ")
    assert table[0].endswith(" | verdict |")
    assert [line.split(" | ")[1] for line in table[2:]] == ["new", "old_T", "old", "mix"]
    assert len({line.count(" | ") for line in table}) == 1


def test_csv_has_one_value_a_line(folder: Path) -> None:
    rows = list(csv.reader(rank(folder, "--format", "csv", "--by", "size").stdout.splitlines()))
    assert rows[0] == ["table", "by", "class", "metric", "value", "unit"]
    found = {tuple(row[:4]): row[4:] for row in rows}
    assert found["models", "model=old_T", "", "rank_high"] == ["3", ""]
    assert found["models", "model=old", "", "difference.value"][1] == "nats"
    assert float(found["pairs", "a=old,b=new", "", "p_holm"][0]) == pytest.approx(0.015259965421888153)
    assert ("slices", "model=mix,size=large", "", "log_loss") in found


def test_bits_are_nats_over_log_2(folder: Path) -> None:
    nats, bits = result(folder, "--by", "size"), result(folder, "--by", "size", "--unit", "bits")
    for path in (
        ("models", 2, "metrics", "log_loss"),
        ("models", 2, "difference", "high"),
        ("pairs", 0, "difference"),
        ("pairs", 0, "se"),
        ("slices", 0, "models", 2, "low"),
    ):
        one, other = nats, bits
        for key in path:
            one, other = one[key], other[key]
        assert other == pytest.approx(one / math.log(2), rel=1e-12), path


def test_models_side_by_side_in_one_file(folder: Path) -> None:
    options = [f"--model={name}=p_{name}" for name in ("old", "old_T", "mix")]
    run = xent("rank", "wide.csv", *options, "--positive", "malignant", "--format", "json", cwd=folder)
    beside = json.loads(run.stdout)
    apart = result(folder, files=("old.csv", "old_T.csv", "mix.csv"))
    assert run.stderr == ""
    assert beside["pairs"] == apart["pairs"]
    assert [each["metrics"] for each in beside["models"]] == [each["metrics"] for each in apart["models"]]


def test_a_pipe_is_a_model_too(folder: Path) -> None:
    arguments = ("rank", "old.csv", "-", "--on", "id", "--require", "may_be_best[stdin]", "-q")
    run = xent(*arguments, cwd=folder, stdin=NEW.read_bytes(), env={"COLUMNS": "80"})
    assert run.code == 0
    assert " 1     stdin    0.0897" in run.stdout


def test_labels_in_a_file_of_their_own_may_call_the_id_otherwise(folder: Path) -> None:
    for name in ("old", "new"):
        rows = [line.split(",") for line in (folder / f"{name}.csv").read_text().splitlines()]
        (folder / f"bare_{name}.csv").write_text("".join(f"{row[0]},{row[2]}\n" for row in rows))
        (folder / "truth.csv").write_text("key,label\n" + "".join(f"{row[0]},{row[1]}\n" for row in rows[1:]))
    files = ("bare_old.csv", "bare_new.csv")
    found = result(folder, "--labels", "truth.csv", "--on", "id=key", files=files)
    assert (
        found["pairs"][0]["difference"] == result(folder, files=("old.csv", "new.csv"))["pairs"][0]["difference"]
    )


def test_names(folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "a" / "new.csv").write_bytes(OLD.read_bytes())
    files = ("new.csv", "a/new.csv")
    assert [each["name"] for each in result(folder, files=files)["models"]] == ["new.csv", "a/new.csv"]
    named = result(folder, "--name", "a/new.csv=my, old", "--base", "my, old", files=files)
    assert (named["base"], named["models"][1]["name"]) == ("my, old", "my, old")
    assert result(folder, "--base", "a/new.csv", "--name", "a/new.csv=old", files=files)["base"] == "old"


@pytest.mark.parametrize(
    ("files", "options", "code", "texts"),
    [
        (("*.csv",), [], 2, ["*.csv is one model", "without quotes"]),
        (("old.csv",), [], 2, ["there must be two or more", "--model NAME=COLS"]),
        (("old.csv", "./old.csv"), [], 2, ["is given twice"]),
        (("wide.csv",), ["--model", "a=p_old", "--model", "b=p_old"], 2, ['"a" and "b" have the same columns']),
        (("old.csv", "new.csv"), ["--base", "od"], 2, ['no model is called "od"', "old"]),
        (
            ("old.csv", "new.csv"),
            ["--require", "may_be_best[od]"],
            2,
            ['unknown model "od"', 'did you mean "old"?'],
        ),
        (
            ("old.csv", "new.csv"),
            ["--require", "log_loss[new] <= baseline"],
            2,
            ["needs --base NAME", "hint: --base old"],
        ),
        (
            ("old.csv", "new.csv"),
            ["--require", "log_loss[old] <= baseline", "--base", "old"],
            2,
            ["is the base itself"],
        ),
        (("old.csv", "new.csv"), ["--name", "none.csv=x"], 2, ["is none of the files"]),
        (("old.csv", "new.csv"), ["--model", "a=p", "--name", "old.csv=x"], 2, ["do not go together"]),
        (("old.csv", "new.csv"), ["--level", "95"], 2, ["not between 0.5 and 1", "did you mean 0.95?"]),
        (
            ("old.csv", "new.csv"),
            ["--on", "id=key"],
            2,
            ['no column "id=key"', "one name in the files", "rename it"],
        ),
        (
            ("ab.csv", "ac.csv"),
            [],
            3,
            ["has other classes than", "of which class, alike in all files"],
        ),
        (("old.csv", "short.csv"), [], 3, ["is not in short.csv"]),
        (("old.csv", "none.csv"), [], 4, ["no such file"]),
    ],
)
def test_what_is_refused(
    folder: Path, files: tuple[str, ...], options: list[str], code: int, texts: list[str]
) -> None:
    for name in "bc":
        (folder / f"a{name}.csv").write_text(f"id,label,p_a,p_{name}\n1,a,0.5,0.5\n")
    (folder / "short.csv").write_text("".join(NEW.read_text().splitlines(keepends=True)[:400]))
    refused(rank(folder, *options, files=files), code, *texts)


def test_skipped_rows_need_a_requirement_that_its_hint_names(folder: Path) -> None:
    text = NEW.read_text().splitlines(keepends=True)
    lacking = re.sub(r",0\.\d+,", ",,", text[1], count=1)
    (folder / "lacking.csv").write_text("".join([text[0], lacking, *text[2:]]))
    files, options = ("old.csv", "lacking.csv"), ("--missing", "skip", "--require", "may_be_best[lacking]")
    run = rank(folder, *options, files=files)
    assert run.code == 2
    hint = re.search(r"--require '([^']*)'", run.stderr)
    assert hint is not None
    assert rank(folder, *options, "--require", hint[1], files=files).code == 0


def test_models_of_infinite_loss_rank_last(folder: Path) -> None:
    text = NEW.read_text().splitlines(keepends=True)
    identifier, label, _, rest = text[1].split(",", 3)
    impossible = ",".join([identifier, label, "0" if label == "malignant" else "1", rest])
    (folder / "cut.csv").write_text("".join([text[0], impossible, *text[2:]]))
    run = rank(folder, files=("old.csv", "cut.csv", "new.csv"))
    assert run.code == 0
    assert " 3     cut         inf     +inf" in run.stdout
    assert "Infinite loss, as a true class had probability 0, and so in no test: cut." in run.stdout
    based = rank(folder, "--base", "cut", files=("old.csv", "cut.csv", "new.csv")).stdout
    assert " Against cut: 2 better.\n" in based
    assert re.search(r" new +0\.0897 +-inf ", based)


def test_two_models_of_infinite_loss_may_have_the_same_such_rows(folder: Path) -> None:
    header, first, *rest = NEW.read_text().splitlines(keepends=True)
    identifier, label, _, columns = first.split(",", 3)
    impossible = ",".join([identifier, label, "0" if label == "malignant" else "1", columns])
    for name in ("cut.csv", "cut2.csv"):
        (folder / name).write_text("".join([header, impossible, *rest]))
    run = rank(folder, "--base", "cut", "--json", files=("old.csv", "cut.csv", "cut2.csv"))
    reason = json.loads(run.stdout)["unavailable"]["difference.value[cut2]"]
    assert reason == "both models have rows of infinite loss"


def test_the_first_twenty_unless_full(folder: Path) -> None:
    lines = OLD.read_text().splitlines(keepends=True)[:60]
    header, rows = lines[0], [line.split(",") for line in lines[1:]]
    for k in range(24):
        moved = (",".join([i, label, repr(float(p) * (1 - k / 100)), *rest]) for i, label, p, *rest in rows)
        (folder / f"m{k:02}.csv").write_text("".join([header, *moved]))
    files = tuple(f"m{k:02}.csv" for k in range(24))
    short, full = (rank(folder, *options, files=files).stdout for options in ([], ["--full"]))
    assert "and 4 more models: --full shows more" in short
    assert (len(re.findall(r" m\d\d ", short)), "m23" in full) == (20, True)
    assert (
        "and 19 more models beside the slices: --full shows more"
        in rank(folder, "--by", "size", files=files).stdout
    )


@pytest.mark.parametrize(
    ("rows", "options", "why"),
    [
        (1, (), "needs at least two rows"),
        (99, ("--anytime", "500"), "needs at least 100 rows"),
    ],
)
def test_no_rank_is_decided_by_rows_that_allow_no_test(
    rows: int, options: tuple[str, ...], why: str, tmp_path: Path
) -> None:
    for name, p in (("good", 0.9), ("bad", 0.1)):
        lines = (f"{at},{p if at % 2 else 1 - p},{'yes' if at % 2 else 'no'}\n" for at in range(1, rows + 1))
        (tmp_path / f"{name}.csv").write_text("".join(["id,p_yes,label\n", *lines]))
    required = ("may_be_best[bad]", "rank_high[good] <= 1", "rank_low[bad] <= 1", "rank_high[bad] <= 2")
    asked = (word for each in required for word in ("--require", each))
    run = rank(tmp_path, *options, *asked, "--format", "json", files=("good.csv", "bad.csv"))
    found = {
        each["require"]: (each["verdict"], why in each["message"]) for each in json.loads(run.stdout)["gates"]
    }
    undecided = ("undecided", True)
    assert (run.code, found) == (5, dict.fromkeys(required[:3], undecided) | {required[3]: ("pass", False)})
