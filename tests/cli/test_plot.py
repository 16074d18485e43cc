"""`xent plot`, as a user runs it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.in_process import FULL_DISK
from tests.cli.runner import on_terminal, xent
from tests.transcript import ROOT
from xentcli.results.pictures import KINDS

OLD, NEW = (ROOT / "sample_data" / f"breast_cancer{end}.csv" for end in ("", "_new"))
WINE, DIGITS = ROOT / "sample_data" / "wine.csv", ROOT / "sample_data" / "digits.parquet"
TOKENS = ("--logprob", "logprob")
SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    """What stands in a picture."""
    return [text for each in ElementTree.fromstring(svg).iter(f"{SVG}text") if (text := "".join(each.itertext()))]


def plot(*arguments: str | Path, cwd: Path, stdin: str | bytes = "") -> str:
    """The picture that is printed, with nothing said about it."""
    run = xent("plot", *arguments, cwd=cwd, stdin=stdin)
    assert (run.code, run.stderr) == (0, "")
    return run.stdout


SAMPLES: dict[str, tuple[str | Path, ...]] = {
    "reliability": (OLD, NEW),
    "breakdown": (OLD, NEW),
    "mcb-dsc": (OLD, NEW),
    "murphy": (OLD, NEW),
    "roc": (OLD, NEW),
    "losses": (DIGITS,),
    "confusions": (DIGITS,),
    "slices": (OLD, "--by", "size,texture"),
    "rank": (OLD, NEW, "--on", "id"),
    "calibrate": (OLD,),
}


def test_every_kind_is_drawn_here() -> None:
    assert SAMPLES.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_picture_is_written_to_a_file_or_a_pipe(kind: str, tmp_path: Path) -> None:
    printed = plot(kind, *SAMPLES[kind], cwd=tmp_path)
    assert xent("plot", kind, *SAMPLES[kind], "-o", "out.svg", cwd=tmp_path) == (0, "", "")
    assert (tmp_path / "out.svg").read_text() == printed
    assert ElementTree.fromstring(printed).tag == f"{SVG}svg"
    assert len(printed) < 100_000


def test_more_classes_have_a_panel_each_twelve_at_most(tmp_path: Path) -> None:
    assert {"alpha"} < {*texts(plot("reliability", *_classes(3, tmp_path), cwd=tmp_path))}
    many = texts(plot("reliability", *_classes(14, tmp_path), cwd=tmp_path))
    assert ("alpha" in many, "beta" in many) == (False, False)  # the two that fewest rows are of
    assert {f"c{k}" for k in range(2, 14)} < {*many}
    piped = plot("reliability", "-", cwd=tmp_path, stdin=(tmp_path / "14.csv").read_text())
    assert texts(piped) == many


def _classes(count: int, folder: Path) -> tuple[str]:
    """Rows of so many classes, of each one more than of the one before."""
    names = ["alpha", "beta", *(f"c{k}" for k in range(2, count))]
    lines = [",".join(["label", *(f"p_{name}" for name in names)])]
    for k, name in enumerate(names):
        for row in range(k + 1):
            top = (k + (row == 3)) % count
            lines.append(",".join([name, *(repr(0.9 if j == top else 0.1 / (count - 1)) for j in range(count))]))
    (folder / f"{count}.csv").write_text("\n".join([*lines, ""]))
    return (f"{count}.csv",)


@pytest.mark.parametrize("kind", ["reliability", "murphy", "roc", "losses", "breakdown", "mcb-dsc", "confusions"])
def test_a_state_gives_the_same_picture(kind: str, tmp_path: Path) -> None:
    assert xent("score", OLD, "--weight", "weight", "--save-state", "breast_cancer.json", cwd=tmp_path).code == 0
    assert plot(kind, "breast_cancer.json", cwd=tmp_path) == plot(kind, OLD, "--weight", "weight", cwd=tmp_path)


def test_a_state_through_a_pipe_gives_the_same_picture(tmp_path: Path) -> None:
    assert xent("score", OLD, "--save-state", "model.json", cwd=tmp_path).code == 0
    state = (tmp_path / "model.json").read_bytes()
    piped = plot("breakdown", "-", "--name", "-=model", cwd=tmp_path, stdin=state)
    assert piped == plot("breakdown", "model.json", cwd=tmp_path)
    assert piped == plot("breakdown", (tmp_path / "model.json").as_uri(), cwd=tmp_path)


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("breakdown", ["score", OLD]),
        ("breakdown", ["gate", OLD, "--require", "rows > 1"]),
        ("mcb-dsc", ["score", WINE]),
        ("confusions", ["score", WINE]),
        ("slices", ["score", OLD, "--by", "size"]),
    ],
)
def test_a_saved_result_gives_the_same_picture(kind: str, command: list[str | Path], tmp_path: Path) -> None:
    result = xent(*command, "--json", "--unit", "bits", cwd=tmp_path).stdout
    name = Path(command[1]).stem
    (tmp_path / f"{name}.json").write_text(result)
    options = ["--by", "size"] if kind == "slices" else []
    predictions = plot(kind, command[1], *options, cwd=tmp_path)
    # Through bits and back to nats a coordinate may change by the last of its digits, a hundredth of a pixel.
    for found in (plot(kind, f"{name}.json", cwd=tmp_path), _piped(kind, name, result, tmp_path)):
        assert texts(found) == texts(predictions)
        assert len(found) == pytest.approx(len(predictions), rel=0.01)


def _piped(kind: str, name: str, result: str, folder: Path) -> str:
    return plot(kind, "-", "--name", f"-={name}", cwd=folder, stdin=result)


def test_the_two_models_of_a_comparison(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(xent("compare", OLD, NEW, "--on", "id", "--json", cwd=tmp_path).stdout)
    assert {"c: base", "c: new"} < {*texts(plot("mcb-dsc", "c.json", cwd=tmp_path))}


def test_the_state_of_a_ranking(tmp_path: Path) -> None:
    assert xent("rank", OLD, NEW, "--on", "id", "--save-state", "r.json", cwd=tmp_path).code == 0
    assert plot("rank", "r.json", cwd=tmp_path) == plot("rank", OLD, NEW, "--on", "id", cwd=tmp_path)
    assert {OLD.stem, NEW.stem} < {*texts(plot("breakdown", "r.json", cwd=tmp_path))}


def test_the_gains_of_a_saved_calibration(tmp_path: Path) -> None:
    (tmp_path / "c.json").write_text(xent("calibrate", OLD, "--json", cwd=tmp_path).stdout)
    found = {*texts(plot("calibrate", "c.json", cwd=tmp_path))}
    assert found < {*texts(plot("calibrate", OLD, cwd=tmp_path))}
    assert "offset (chosen)" in found


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["roc", WINE], "roc is of two classes, and these are 3 classes", "xent plot reliability"),
        (["murphy", "tokens.csv", *TOKENS], "tokens, which have no classes", "xent plot losses"),
        (["reliability", "tokens.csv", *TOKENS], "tokens have no classes", "xent plot losses"),
        (["breakdown", "tokens.csv", *TOKENS], "tokens.csv: has no breakdown of the log loss", "xent plot losses"),
        (["confusions", "tokens.csv", *TOKENS], "tokens have no classes to take for one", "xent plot losses"),
        (["roc", "one.csv"], "all rows are of one class", "xent plot reliability"),
        (["confusions", OLD, NEW], "confusions draws one model, and these are 2", "xent plot breakdown"),
        (["slices", OLD], "there are no slices", "xent plot slices FILE --by COL"),
        (["murphy", "score.json"], "holds xent.score, which does not say what murphy draws", "--save-state"),
        (["confusions", "compare.json"], "holds xent.compare", "xent score --format json"),
        (["calibrate", "state.json"], "state.json: a state does not hold the rows", "xent plot calibrate"),
        (["calibrate", "score.json"], "score.json: holds xent.score", "xent calibrate"),
        (["reliability", "wine.json"], "does not say which predictions came true", "the predictions"),
        (["roc", "plain.json"], "was saved with --no-breakdown", "score again"),
        (["mcb-dsc", OLD, "one.csv"], "are of other rows", "xent plot breakdown"),
        (["murphy", OLD, "one.csv"], "is about the classes", None),
        (["murphy", OLD, OLD], "two models are called the same", "--name"),
        (["murphy", OLD, "--name", "x.csv=x"], '"x.csv" is none of the files', "files: "),
        (["rank", OLD], "breast_cancer.csv: is one model", "xent rank A B ... --json"),
        (["rank", "score.json"], "does not say what rank draws", "xent rank A B ... --json"),
        (["rank", OLD, "score.json"], "score.json: holds xent.score: models are ranked by their", "predictions"),
        (["rank", "state.json", OLD], "state.json: holds a state: models are ranked by their rows", "predictions"),
        (["murphy", OLD, "--base", "x"], "--base has no effect on murphy", "leave it out"),
        (["murphy", OLD, NEW, "--name", f"{OLD}=breast_cancer_new"], "two models are called the same", "--name"),
        (["murphy", OLD, "--band", "none"], "--band has no effect on murphy", "leave it out"),
        (["calibrate", OLD, "--clip", "0.01"], "--clip has no effect on calibrate", "leave it out"),
        (["murphy", OLD, "--by", "size"], "--by has no effect on murphy", "leave it out"),
        (["roc", OLD, "--unit", "bits"], "--unit has no effect on roc", "leave it out"),
        (["murphy", OLD, "--cluster", "size"], "--cluster has no effect on murphy", "leave it out"),
        (["losses", OLD, "--cluster", "size"], "--cluster has no effect on losses", "leave it out"),
        (["murphy", OLD, "-o", "x.pdf"], "pictures are written as .svg or .png", "-o x.svg"),
        (["losses", "all_wrong.csv"], "an infinite loss: the picture losses has nothing", "xent plot confusions"),
        (["losses", "perfect.csv"], "every row has a loss of 0", "xent plot reliability"),
        (["calibrate", "many.csv"], "101 classes are too many", "xent plot reliability"),
    ],
)  # fmt: skip
def test_what_a_picture_cannot_show(
    arguments: list[str | Path], message: str, hint: str | None, odd: Path, tmp_path: Path
) -> None:
    run = xent("plot", *(odd / each if (odd / each).exists() else each for each in arguments), cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert message in run.stderr
    assert hint is None or hint in run.stderr.partition("hint: ")[2]
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Inputs that hold less than some pictures need."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "tokens.csv").write_text("logprob\n-0.5\n-1.5\n")
    (folder / "one.csv").write_text("label,p_no,p_yes\nyes,0.2,0.8\nyes,0.5,0.5\n")
    (folder / "all_wrong.csv").write_text("label,p_no,p_yes\nyes,1,0\nno,0,1\n")
    (folder / "perfect.csv").write_text("label,p_no,p_yes\nyes,0,1\nno,1,0\n")
    header, row = ["label", *(f"p_{k}" for k in range(101))], ["7", *["0.01"] * 100, "0"]
    (folder / "many.csv").write_text("\n".join(map(",".join, (header, row))))
    (folder / "score.json").write_text(xent("score", OLD, "--json", cwd=folder).stdout)
    (folder / "compare.json").write_text(xent("compare", OLD, NEW, "--on", "id", "--json", cwd=folder).stdout)
    for file, state, options in ((OLD, "state", []), (WINE, "wine", []), (OLD, "plain", ["--no-breakdown"])):
        assert xent("score", file, *options, "--save-state", f"{state}.json", cwd=folder).code == 0
    return folder


def test_odd_rows_are_drawn(odd: Path, tmp_path: Path) -> None:
    for kind in ("reliability", "breakdown", "confusions", "murphy"):
        for file in ("one.csv", "all_wrong.csv"):
            run = xent("plot", kind, odd / file, "-q", cwd=tmp_path)
            assert (run.code, run.stderr, "nan" in run.stdout) == (0, "", False)
            ElementTree.fromstring(run.stdout)


def test_models_are_called_as_their_files(tmp_path: Path) -> None:
    for name in ("a/p.csv", "b/p.csv", "c/model.v2.csv.gz"):
        (tmp_path / name).parent.mkdir()
        data = OLD.read_bytes()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    found = plot("roc", "a/p.csv", "b/p.csv", "c/model.v2.csv.gz", "--name", "b/p.csv=two", cwd=tmp_path)
    assert {"a/p.csv", "two", "c/model.v2.csv.gz"} < {*texts(found)}


def test_of_many_slices_the_costliest_are_drawn(tmp_path: Path) -> None:
    rows = [f"yes,{0.9 - k / 101},site {k} & co" for k in range(60)]
    (tmp_path / "many.csv").write_text("\n".join(["label,prob_yes,site", *rows, "no,0.4,site 0 & co", ""]))
    printed = plot("slices", "many.csv", "--by", "site", cwd=tmp_path)
    found = texts(printed)
    assert any("The 50 costliest; 10 more are not drawn." in text for text in found)
    assert ('site="site 59 & co"' in found, 'site="site 3 & co"' in found) == (True, False)
    assert len(printed) < 100_000
    two = texts(plot("slices", "many.csv", "--by", "site", "--by", "label", cwd=tmp_path))
    assert ("label=yes" in two, 'site="site 59 & co"' in two) == (True, True)


def test_what_fails_leaves_the_file_as_it_was(odd: Path, tmp_path: Path) -> None:
    (tmp_path / "out.svg").write_text("before")
    assert xent("plot", "roc", WINE, "-o", "out.svg", cwd=tmp_path).code == 2
    assert xent("plot", "roc", tmp_path / "none.csv", "-o", "out.svg", cwd=tmp_path).code == 4
    assert (tmp_path / "out.svg").read_text() == "before"
    assert xent("plot", "roc", OLD, cwd=tmp_path, stdout=FULL_DISK).code == 4
    copy = tmp_path / "preds.svg"
    copy.write_bytes(OLD.read_bytes())
    run = xent("plot", "roc", "preds.svg", "-o", "preds.svg", cwd=tmp_path)
    assert (run.code, "--output would overwrite this input" in run.stderr) == (2, True)


def test_a_terminal_gets_no_picture(tmp_path: Path) -> None:
    run = on_terminal("plot", "roc", OLD, cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "-o out.svg" in run.stderr


def test_a_png_has_text(tmp_path: Path) -> None:
    assert xent("plot", "roc", OLD, "-o", "out.png", cwd=tmp_path) == (0, "", "")
    data = (tmp_path / "out.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    width, height = (int.from_bytes(data[at : at + 4]) for at in (16, 20))
    assert (width, height > width) == (1120, True)


def test_a_png_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    run = xent("plot", "roc", OLD, "-o", "out.png", cwd=tmp_path)
    assert (run.code, list(tmp_path.iterdir())) == (2, [])
    assert "pip install 'xentcli[png]'" in run.stderr


def test_defaults_of_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "xent.toml").write_text('band = "none"\nunit = "bits"\n')
    run = xent("plot", "reliability", OLD, cwd=tmp_path)
    assert run.code == 0
    assert "bits" in run.stdout
    assert 'class="fill band"' not in run.stdout
    assert xent("plot", "murphy", OLD, cwd=tmp_path).code == 0  # which has no band


def test_notices_name_their_model(tmp_path: Path) -> None:
    (tmp_path / "inf.csv").write_text("label,p_no,p_yes\nyes,1,0\nno,0.5,0.5\n")
    (tmp_path / "fine.csv").write_text("label,p_no,p_yes\nyes,0.5,0.5\nno,0.5,0.5\n")
    run = xent("plot", "murphy", "inf.csv", "fine.csv", cwd=tmp_path)
    assert run.code == 0
    assert "xent: notice: inf: " in run.stderr or "inf: " in run.stderr
    assert xent("plot", "murphy", "inf.csv", "fine.csv", "--quiet", cwd=tmp_path) == (0, run.stdout, "")


@pytest.mark.parametrize("command", [("rank", OLD, NEW, "--on", "id"), ("calibrate", OLD)])
def test_the_doubts_of_a_saved_result_stand_below_its_picture(command: tuple[str, ...], tmp_path: Path) -> None:
    saved = json.loads(xent(*command, "--json", cwd=tmp_path).stdout)
    saved["notices"] += [{"code": "odd", "count": 1, "where": [], "message": "odd rows", "doubt": True}]
    (tmp_path / "saved.json").write_text(json.dumps(saved))
    run = xent("plot", command[0], "saved.json", cwd=tmp_path)
    assert (run.code, run.stderr) == (0, "xent: notice: odd rows\n")
    assert "Check this first: odd rows" in " ".join(texts(run.stdout))


def test_models_of_other_rows_are_drawn_with_a_doubt(tmp_path: Path) -> None:
    run = xent("plot", "losses", WINE, DIGITS, cwd=tmp_path)
    doubt = "digits is not of the rows of wine: 1,797 rows, not 178"
    assert (run.code, run.stderr) == (0, f"xent: notice: {doubt}\n")
    assert f"Check this first: {doubt}" in " ".join(texts(run.stdout))
    root = ElementTree.fromstring(run.stdout)
    assert max(float(each.get("y", 0)) for each in root.iter(f"{SVG}text")) < float(root.get("height", 0))
    (tmp_path / "turned.csv").write_text(OLD.read_text().replace(",malignant,", ",benign,", 9))
    run = xent("plot", "roc", OLD, "turned.csv", "-q", cwd=tmp_path)
    assert "turned is not of the rows of breast_cancer: other labels" in run.stdout


def test_the_order_of_rows_threads_and_shards_change_no_byte(tmp_path: Path) -> None:
    header, *lines = OLD.read_text().splitlines(keepends=True)
    (tmp_path / "breast_cancer.csv").write_text(header + "".join(reversed(lines)))
    for name, part in ("a", lines[:100]), ("b", lines[100:]):
        (tmp_path / f"{name}.csv").write_text(header + "".join(part))
        saved = xent("score", f"{name}.csv", "--weight", "weight", "--save-state", f"{name}.json", cwd=tmp_path)
        assert saved.code == 0
    merged = xent("merge", "a.json", "b.json", "--save-state", "breast_cancer.json", cwd=tmp_path)
    assert merged.code == 0
    for kind in ("reliability", "murphy", "roc", "losses"):
        whole = plot(kind, OLD, "--weight", "weight", "--threads", "1", cwd=tmp_path)
        assert plot(kind, "breast_cancer.csv", "--weight", "weight", "--threads", "4", cwd=tmp_path) == whole
        assert plot(kind, "breast_cancer.json", cwd=tmp_path) == whole


def test_the_numbers_of_python_are_those_drawn(tmp_path: Path) -> None:
    saved = json.loads(xent("score", OLD, "--json", cwd=tmp_path).stdout)
    shown = " ".join(texts(plot("murphy", OLD, cwd=tmp_path)))
    assert f"{saved['metrics']['brier']:.4f}" in shown


@pytest.mark.parametrize(
    ("kind", "options"),
    [("breakdown", ("--where", "size=large")), ("losses", ("--clip", "0.01")), ("reliability", ("--weight", "w"))],
)
def test_what_has_no_effect_on_what_was_saved_is_refused(
    kind: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    xent("score", OLD, "--save-state", "saved", cwd=tmp_path)
    run = xent("plot", kind, "saved", *options, cwd=tmp_path)
    assert (run.code, f"{options[0]} has no effect" in run.stderr) == (2, True)


def test_a_pattern_is_one_model_of_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "part-1.csv").write_bytes(OLD.read_bytes())
    assert "569 rows" in plot("reliability", "part-*.csv", cwd=tmp_path)


def test_rows_of_infinite_loss_leave_no_shares_of_confusions(tmp_path: Path) -> None:
    rows = ["label,p_0,p_1", "0,0,1", "1,0.5,0.5", "0,0.9,0.1", "1,0.2,0.8"]
    (tmp_path / "rows.csv").write_text("\n".join(rows) + "\n")
    run = xent("plot", "confusions", "rows.csv", cwd=tmp_path)
    assert run.code == 0
    assert not any("%" in text for text in texts(run.stdout))
    assert "inf" in texts(run.stdout)


@pytest.mark.parametrize(("kind", "fits"), [("roc", "breakdown"), ("murphy", "breakdown")])
def test_curves_are_not_of_soft_labels(kind: str, fits: str, tmp_path: Path) -> None:
    (tmp_path / "soft.csv").write_text("t_0,t_1,p_0,p_1\n0.3,0.7,0.4,0.6\n0.6,0.4,0.5,0.5\n")
    options = ("--target", "t_*", "--prob", "p_*")
    run = xent("plot", kind, "soft.csv", *options, cwd=tmp_path)
    assert (run.code, f"xent plot {fits} draws these" in run.stderr) == (2, True)
    assert xent("report", "soft.csv", *options, "-o", "page.html", cwd=tmp_path).code == 0
