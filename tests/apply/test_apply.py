"""What `xent apply` writes, says and refuses."""

from __future__ import annotations

import gzip
import math
import os
import signal
import subprocess
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.apply.applying import COOLED, T, apply, calibration, cooled
from tests.calibration.maps import MORE, TWO, by_formula
from tests.cli.runner import COMMAND, environment, process_after, xent
from xentcli.results.calibration_map import CalibrationMap, calibration_map
from xentcli.states.calibration import write_calibration

SAMPLE = Path("sample_data/breast_cancer.csv").resolve()
ISOTONIC = {
    "knots": [[-1.0, -2.0], [1.0, 0.5]],
    "p0": [[-0.5, 0.25], [1.0, 0.5]],
    "p1": [[0.0, 0.625], [2.0, 0.75]],
}


def write(folder: Path, map_: CalibrationMap) -> Path:
    write_calibration(map_, folder / "cal.json")
    return folder / "cal.json"


@pytest.mark.parametrize("kind", ["prob", "logit", "logprob"])
@pytest.mark.parametrize("form", ["yes", "no", "no,yes", "yes,no", "one"])
@pytest.mark.parametrize("method", TWO)
def test_two_classes_in_every_form(method: str, form: str, kind: str, tmp_path: Path) -> None:
    """Against the formula of cal.json, evaluated in Python."""
    map_ = calibration_map(("no", "yes"), method, TWO[method])
    rows = [0.001, 0.25, 0.5, 0.875]
    both = {"yes": rows, "no": [1 - p for p in rows], "one": rows}
    names = form.split(",")
    single = len(names) == 1
    stated = np.array([both[name] for name in names])
    columns = [name if form != "one" else "" for name in names]
    new = np.array([by_formula(map_, p) for p in rows])
    expected = np.array([1 - new if name == "no" else new for name in names])
    if kind != "prob":
        stated, expected = np.log(stated), np.log(expected)
        if kind == "logit" and single:
            stated, expected = stated - np.log1p(-np.exp(stated)), expected - np.log1p(-np.exp(expected))
    text = ",".join(f"{kind}_{name}" if name else "score" for name in columns) + "\n"
    text += "".join(",".join(map(repr, row)) + "\n" for row in stated.T.tolist())
    (tmp_path / "p.csv").write_text(text)
    options = [f"--{kind}", "score"] if form == "one" else []
    run = apply(tmp_path, write(tmp_path, map_), "p.csv", "-o", "out", *options)
    assert run.code == 0, run.stderr
    found = np.loadtxt(tmp_path / "out", delimiter=",", skiprows=1, ndmin=2).T
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["prob", "logit", "logprob"])
@pytest.mark.parametrize("method", MORE)
def test_more_classes_in_every_kind_and_any_order(method: str, kind: str, tmp_path: Path) -> None:
    map_ = calibration_map(("a", "b", "c"), method, MORE[method])
    rows = [[0.5, 0.25, 0.25], [0.001, 0.009, 0.99], [0.2, 0.3, 0.5]]
    order = [2, 0, 1]
    new = np.array([by_formula(map_, row) for row in rows])
    stated = np.array(rows) if kind == "prob" else np.log(rows)
    expected = new if kind == "prob" else np.log(new)
    text = ",".join(f"{kind}_{'abc'[k]}" for k in order) + "\n"
    text += "".join(",".join(map(repr, row)) + "\n" for row in stated[:, order].tolist())
    (tmp_path / "p.csv").write_text(text)
    run = apply(tmp_path, write(tmp_path, map_), "p.csv", "-o", "out")
    assert run.code == 0, run.stderr
    found = np.loadtxt(tmp_path / "out", delimiter=",", skiprows=1)[:, np.argsort(order)]
    if kind == "logit":
        found -= np.log(np.exp(found).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_line_tells_what_score_finds_in_both_files(tmp_path: Path) -> None:
    cal = write(tmp_path, calibration_map(("benign", "malignant"), "affine", TWO["affine"]))
    run = apply(tmp_path, cal, SAMPLE, "-o", "out.csv")
    losses = [losses_of(tmp_path, path) for path in (SAMPLE, "out.csv")]
    e = math.fsum(losses[0] - losses[1]) / math.log(10)
    assert run.stdout == ""
    assert run.stderr == (
        f"xent: log loss {losses[0].mean():.6g} -> {losses[1].mean():.6g} nats on 569 rows with labels, "
        f"log10 e = {e:.6g} (the labels are 10^{e:.3g} times as likely)\n"
    )
    assert apply(tmp_path, cal, SAMPLE, "-o", "out.csv", "-q").stderr == ""


def losses_of(folder: Path, path: str | Path) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Row losses of a file with `label` and `prob_malignant`, by nothing of the package."""
    lines = (folder / path).read_text().splitlines()
    place = lines[0].split(",").index("prob_malignant")
    rows = [line.split(",") for line in lines[1:]]
    return np.array(
        [-math.log(q if row[1] == "malignant" else 1 - q) for row in rows if (q := float(row[place])) + 1]
    )


def test_labels_are_not_needed_nor_those_that_mean_something_else(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    cases = {
        "label,p_yes\n,0.5\n,0.25\n": "",
        "label,p_yes\nyes,0.5\n,0.25\n": "on 1 row with labels",
        "label,p_yes\nyes,0.5\nperhaps,0.25\n": 'column "label" are of no class of the calibration',
        "target,label,p_yes\n3,4,0.5\n": "",
    }
    for text, said in cases.items():
        (tmp_path / "p.csv").write_text(text)
        run = apply(tmp_path, cal, "p.csv", "-o", "out.csv")
        assert (run.code, said in run.stderr, bool(run.stderr)) == (0, True, bool(said))
    run = apply(tmp_path, cal, "p.csv", "-o", "out.csv", "--label", "target")
    assert run.code == 3
    assert 'no score column is of class "3"' in run.stderr


def test_infinite_losses_are_told_as_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("label,p_yes\nyes,0\nno,0.5\n")
    run = apply(
        tmp_path, write(tmp_path, calibration_map(("no", "yes"), "isotonic", ISOTONIC)), "p.csv", "-o", "out"
    )
    assert "log loss inf -> 1.25" in run.stderr
    assert "log10 e = inf" in run.stderr


def test_logits_are_written_whatever_came_in(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("p_yes\n0.25\n")
    cal = calibration(tmp_path)
    assert apply(tmp_path, cal, "p.csv", "-o", "out", "--logits").code == 0
    [_, text] = (tmp_path / "out").read_text().split()
    assert float(text) == pytest.approx(math.log(0.25 / 0.75) / T, rel=1e-15)
    (tmp_path / "p.csv").write_text("p_yes\n0.25\n1\n")
    run = apply(tmp_path, cal, "p.csv", "-o", "out2", "--logits")
    assert (run.code, (tmp_path / "out2").exists()) == (3, False)
    assert "line 3" in run.stderr


def test_an_interval_has_the_steps_of_the_calibration(tmp_path: Path) -> None:
    cal = write(tmp_path, calibration_map(("no", "yes"), "isotonic", ISOTONIC))
    (tmp_path / "p.csv").write_text("p_yes\n0.5\n0.1\n")
    assert apply(tmp_path, cal, "p.csv", "-o", "out", "--interval").code == 0
    lines = [line.split(",") for line in (tmp_path / "out").read_text().split()]
    assert lines[0] == ["p_yes", "p_yes_p0", "p_yes_p1"]
    assert [line[1:] for line in lines[1:]] == [["0.25", "0.625"], ["0.0", "0.625"]]
    (tmp_path / "p.jsonl").write_text('{"p_no": 0.5}\n')
    assert apply(tmp_path, cal, "p.jsonl", "-o", "out", "--interval").code == 0
    assert (tmp_path / "out").read_text().endswith('"p_no_p0": 0.375, "p_no_p1": 0.75}\n')
    run = apply(tmp_path, calibration(tmp_path), "p.csv", "-o", "out", "--interval")
    assert run.code == 2
    assert "xent calibrate --method isotonic" in run.stderr


BAD = [
    ("p_yes\n0.5\nnan\n", (), 3, "line 3"),
    ("p_yes\n0.5\n1.5\n", (), 3, "1.5 is not a probability"),
    ("p_yes,p_no\n0.5,0.4\n", (), 3, "sum to 0.9"),
    ("p_yes\n\nx\n", (), 3, "is not a number"),
    ("p_yes,x\n,1\n", (), 3, "is missing"),
    ("p_yes,x\n,1\n0.5,1\n", (), 3, "--missing skip leaves such rows as they are"),
    ("p_perhaps\n0.5\n", (), 3, "perhaps, and the calibration is of no, yes"),
    ("p_a,p_b,p_c\n0.5,0.25,0.25\n", (), 3, "of a, b, c, and the calibration is of no, yes"),
    ("x,y\n1,2\n", (), 2, "no score columns"),
    ("p_yes\n", (), 3, "no rows"),
    ("p_yes\n0.5\n", ("--suffix", ""), 2, "--suffix is empty"),
    ("p_yes,p_yes_c\n0.5,1\n", ("--prob", "yes=p_yes", "--suffix", "_c"), 2, 'a column "p_yes_c" already'),
    ("yes:0.5 no:0.5\n", (), 2, "pairs of a class"),
    ("p_yes\n0.5\n", ("--logit", "p"), 2, "no column"),
]


@pytest.mark.parametrize(("text", "options", "code", "message"), BAD)
def test_what_cannot_be_recalibrated_leaves_the_output_as_it_was(
    text: str, options: tuple[str, ...], code: int, message: str, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text(text)
    (tmp_path / "out").write_text("before")
    run = apply(tmp_path, calibration(tmp_path), "p.csv", "-o", "out", *options)
    assert (run.code, run.stdout, message in run.stderr) == (code, "", True), run.stderr
    assert (tmp_path / "out").read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["cal.json", "out", "p.csv"]
    run = apply(tmp_path, tmp_path / "cal.json", "p.csv", "-o", "-", *options)
    assert (run.code, run.stdout) == (code, "")


def test_no_input_is_written_over(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    (tmp_path / "p.csv").write_text("p_yes\n0.5\n")
    os.link(tmp_path / "p.csv", tmp_path / "hard.csv")
    (tmp_path / "soft.csv").symlink_to("p.csv")
    for out in ("p.csv", "hard.csv", "soft.csv", ".", "cal.json"):
        run = apply(tmp_path, cal, "p.csv", "-o", out)
        assert (run.code, "overwrite" in run.stderr) == (2, True), out


def test_several_files_go_into_a_folder_under_their_names(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    for folder, name in (("a", "1.csv"), ("a", "2.csv"), ("b", "1.csv")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_text("label,p_yes\nyes,0.25\n")
    run = apply(tmp_path, cal, "a/*.csv", "-o", "new/out")
    assert (run.code, "on 2 rows" in run.stderr) == (0, True)
    for name in ("1.csv", "2.csv"):
        assert (tmp_path / "new/out" / name).read_text() == f"label,p_yes\nyes,{COOLED}\n"
    assert apply(tmp_path, cal, "a/1.csv", "b/1.csv", "-o", "out").code == 2
    assert apply(tmp_path, cal, "a/1.csv", "a/2.csv", "-o", "a").code == 2
    assert apply(tmp_path, cal, "a/1.csv", "a/2.csv", "-o", "-").code == 2
    assert apply(tmp_path, cal, "a/1.csv", "a/2.csv", "-o", "cal.json").code == 2
    assert not (tmp_path / "out").exists()


def test_standard_input_and_output(tmp_path: Path) -> None:
    run = apply(tmp_path, calibration(tmp_path), "-", "-o", "-", stdin=b"p_yes\n0.25\n")
    assert run == (0, f"p_yes\n{COOLED}\n", "")
    assert apply(tmp_path, tmp_path / "cal.json", "-", "-o", "new/", stdin=b"p_yes\n0.25\n").code == 2


def test_a_calibration_of_another_version_is_refused(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    cal.write_text(cal.read_text().replace('"format_version": 1', '"format_version": 2'))
    (tmp_path / "p.csv").write_text("p_yes\n0.5\n")
    run = apply(tmp_path, cal, "p.csv", "-o", "out")
    assert (run.code, "version 2" in run.stderr) == (3, True)


def test_a_configuration_says_what_its_options_say(tmp_path: Path) -> None:
    (tmp_path / "xent.toml").write_text('suffix = "_cal"\nlogit = "z"\npositive = "yes"\nrequire = "rows >= 1"\n')
    (tmp_path / "p.csv").write_text("z\n3.0\n")
    run = apply(tmp_path, calibration(tmp_path), "p.csv", "-o", "out")
    assert run.code == 0, run.stderr
    assert (tmp_path / "out").read_text() == "z,z_cal\n3.0,2.0\n"


def test_blocks_follow_one_another(tmp_path: Path) -> None:
    """So many rows as several blocks have, with quotes over lines at their ends."""
    rows = "".join(f'{i},"a\n""{i}""",{(i % 997 + 1) / 999!r}\n' for i in range(150_000))
    (tmp_path / "p.csv").write_text("id,text,p_yes\n" + rows)
    assert (tmp_path / "p.csv").stat().st_size > 3 << 20
    assert apply(tmp_path, calibration(tmp_path), "p.csv", "-o", "out").code == 0
    expected = "".join(f'{i},"a\n""{i}""",' for i in range(150_000))
    lines = (tmp_path / "out").read_text().split("\n")[1:-1]
    new = [line.rpartition(",") for line in lines[1::2]]
    assert "".join(f"{a}\n{b[0]}," for a, b in zip(lines[::2], new, strict=True)) == expected
    found = np.array([float(value) for *_, value in new])
    np.testing.assert_allclose(found[:997], [cooled((i + 1) / 999) for i in range(997)], rtol=1e-12)
    np.testing.assert_array_equal(found[997:1994], found[:997])


def test_an_end_in_between_leaves_nothing_behind(tmp_path: Path) -> None:
    cal = calibration(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "out").write_text("before")
    command = [*COMMAND, "apply", str(cal), "pipe", "-o", "out"]
    with (
        subprocess.Popen(command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE) as process,
        open(tmp_path / "pipe", "wb") as pipe,
    ):
        pipe.write(b"p_yes\n" + b"0.25\n" * 2_000_000)
        pipe.flush()
        deadline = time.monotonic() + 20
        while not [*tmp_path.glob(".xent-*")] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [*tmp_path.glob(".xent-*")]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 143
    assert (tmp_path / "out").read_text() == "before"
    assert sorted(os.listdir(tmp_path)) == ["cal.json", "out", "pipe"]


def test_it_is_what_calibrate_fitted(tmp_path: Path) -> None:
    """Applied to what it was fitted to, a fit gives its own loss in-sample."""
    assert xent("calibrate", SAMPLE, "--method", "affine", "-o", "cal.json", cwd=tmp_path).code == 0
    run = apply(tmp_path, tmp_path / "cal.json", SAMPLE, "-o", "out.csv")
    assert "log loss 0.139914 -> 0.10701 nats" in run.stderr


@pytest.mark.parametrize("name", ["p.csv", "p.parquet", "p.csv.gz"])
def test_a_full_disk_is_told_of_the_file_that_is_written(name: str, tmp_path: Path) -> None:
    table = pa.table({"p_yes": np.linspace(0.01, 0.99, 50_000)})
    text = "p_yes\n" + "".join(f"{p!r}\n" for p in table.column(0).to_pylist())
    (tmp_path / "p.csv").write_text(text)
    (tmp_path / "p.csv.gz").write_bytes(gzip.compress(text.encode()))
    pq.write_table(table, tmp_path / "p.parquet")
    # bytecode would be cut as well, and whoever imports it next would fail
    limit = "import resource, sys; sys.dont_write_bytecode = True; "
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))"
    run = process_after(limit, "apply", calibration(tmp_path), name, "-o", "out", cwd=tmp_path)
    assert (run.code, "out: cannot be written: file too large" in run.stderr) == (4, True), run.stderr
    assert sorted(os.listdir(tmp_path)) == ["cal.json", "p.csv", "p.csv.gz", "p.parquet"]
