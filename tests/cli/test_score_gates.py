"""`xent score --require`: exit codes, outputs, and that a failed verdict is 1 and nothing else is."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import BROKEN_PIPE, CLOSED, FULL_DISK
from tests.cli.runner import Run, shell, start, xent

# Losses: log(4/3), log(8/5), log(4/3), log(16/9); mean 0.405183 nats, 0.584555 bits; every row is right.
GOOD = "label,p_a,p_b,site\na,0.75,0.25,DE\nb,0.375,0.625,DE\nb,0.25,0.75,FR\na,0.5625,0.4375,FR\n"
MET, BROKEN = "log_loss <= 0.4052", "log_loss <= 0.4051"
UNSURE = ("--require", "log_loss <= 0.42", "--confidence", "0.95")
FORMATS = ("table", "json", "csv", "markdown")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "bad.csv").write_text("label,p_a,p_b\na,7,0\n")
    (tmp_path / "lost.csv").write_text("label,p_a,p_b\na,0,1\nb,0.5,0.5\n")
    (tmp_path / "gaps.csv").write_text(GOOD + "a,,0.5,FR\n")
    return tmp_path


def gates_of(run: Run) -> list[dict[str, Any]]:
    found = json.loads(run.stdout)["gates"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--require", MET), 0),
        (("--require", BROKEN), 1),
        (("--require", MET, "--require", BROKEN), 1),
        (UNSURE, 5),
        ((*UNSURE, "--require", "rows >= 5"), 1),
        ((*UNSURE, "--require", "rows >= 4"), 5),
        (("--require", BROKEN, "--exit-zero"), 0),
        ((*UNSURE, "--exit-zero"), 0),
        (("--require", BROKEN, "--quiet"), 1),
        (("--require", "log_loss <= 0.5845 bits"), 1),
        (("--require", "log_loss <= 0.5846 bits"), 0),
        (("--unit", "bits", "--require", "log_loss <= 0.5845"), 1),
        (("--unit", "bits", "--require", "log_loss <= 0.5846"), 0),
        (("--require", "log_loss[site=*] <= 0.5"), 0),
        (("--require", "log_loss[site=*] <= 0.4"), 1),
        (("--require", "accuracy[site=FR] >= 1"), 0),
        (("--require", "recall[a] == 1"), 0),
        (("--require", "log_loss == 0.35", "--no-breakdown"), 1),
    ],
)
def test_the_exit_code_is_the_verdict_in_every_format(
    arguments: tuple[str, ...], code: int, format: str, folder: Path
) -> None:
    run = xent("score", "good.csv", *arguments, "--format", format, cwd=folder)
    assert run.code == code
    assert run.stdout
    bad = (
        "xent: failed: log_loss" in run.stderr or "xent: failed:" in run.stderr or "xent: undecided:" in run.stderr
    )
    assert bad == (format != "table" and (code != 0 or "--exit-zero" in arguments))


@pytest.mark.parametrize(
    ("file", "arguments", "code", "words"),
    [
        ("good.csv", ("--require", ""), 2, "is empty"),
        ("good.csv", ("--require", "log_los <= 1"), 2, 'did you mean "log_loss"?'),
        ("good.csv", ("--require", "log_loss <= nan"), 2, "is not a number"),
        ("good.csv", ("--require", "log_loss <= inf"), 2, "is not a number"),
        ("good.csv", ("--require", "log_loss <= 1_000"), 2, "is not a number"),
        ("good.csv", ("--require", "log_loss <= abc"), 2, "is not a number"),
        ("good.csv", ("--require", "recall[c] >= 0"), 2, 'unknown class "c"'),
        ("good.csv", ("--require", "log_loss[site=ES] <= 9"), 2, "no row is of the slice [site=ES]"),
        ("good.csv", ("--require", "log_loss[size=*] <= 9"), 2, 'no column "size"'),
        ("good.csv", ("--require", "log_loss <= baseline"), 2, "needs --baseline FILE"),
        ("good.csv", ("--require", MET, "--baseline", "x"), 2, "no requirement names the baseline"),
        ("good.csv", ("--baseline", "x"), 2, "needs --require"),
        ("good.csv", ("--confidence", "0.95"), 2, "needs --require"),
        ("good.csv", ("--require", MET, "--confidence", "95"), 2, "did you mean 0.95?"),
        ("good.csv", ("--require", MET, "--confidence", "x"), 2, "is not a number"),
        ("good.csv", ("--require", "ece <= 1", "--confidence", "0.9"), 2, "has no interval"),
        ("good.csv", ("--require", "log_loss <= baseline", "--baseline", "none.json"), 4, "no such file"),
        ("good.csv", ("--require", "log_loss <= baseline", "--baseline", "bad.csv"), 3, "is not JSON"),
        (
            "gaps.csv",
            ("--require", MET, "--missing", "skip"),
            2,
            "--require 'skipped_rows <= 1' says",
        ),
        ("gaps.csv", ("--require", MET), 3, ""),
        ("bad.csv", ("--require", MET), 3, ""),
        ("bad.csv", ("--require", MET, "--exit-zero"), 3, ""),
        ("none.csv", ("--require", MET), 4, ""),
    ],
)
def test_what_is_no_verdict(file: str, arguments: tuple[str, ...], code: int, words: str, folder: Path) -> None:
    run = xent("score", file, *arguments, cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def test_skipped_rows_are_required_to_be_few(folder: Path) -> None:
    arguments = ("score", "gaps.csv", "--missing", "skip", "--require", MET, "--require")
    assert xent(*arguments, "skipped_rows <= 1", cwd=folder).code == 0
    assert xent(*arguments, "skipped_rows == 0", cwd=folder).code == 1


@pytest.mark.parametrize("limit", ["<= 1e308", ">= 0", "== 1"])
def test_an_infinite_loss_meets_nothing(limit: str, folder: Path) -> None:
    run = xent("score", "lost.csv", "--require", f"log_loss {limit}", "--format", "json", cwd=folder)
    assert run.code == 1
    [gate] = gates_of(run)
    assert (gate["value"], gate["margin"], gate["verdict"]) == ("Infinity", None, "fail")


def test_the_gates_of_json(folder: Path) -> None:
    names = ["recall[a] >= 0.9", "rows >= 4", "log_loss[site=DE] <= 0.1"]
    required = [word for name in names for word in ("--require", name)]
    run = xent("score", "good.csv", *required, "--confidence", "0.9", "--format", "json", cwd=folder)
    recall, rows, loss = gates_of(run)
    keys = ["require", "metric", "class", "by", "op", "value", "se", "low", "high", "limit", "margin"]
    keys += ["confidence", "verdict", "message"]
    assert [list(gate) for gate in (recall, rows, loss)] == [keys] * 3
    assert (recall["class"], recall["by"], recall["metric"], recall["op"]) == ("a", {}, "recall", ">=")
    assert (loss["class"], loss["by"], loss["verdict"]) == (None, {"site": "DE"}, "undecided")
    assert (rows["low"], rows["high"], rows["confidence"], rows["margin"]) == (None, None, None, 0)
    assert recall["confidence"] == loss["confidence"] == 0.9
    assert [gate["require"] for gate in (recall, rows, loss)] == names
    assert run.code == 5
    plain = json.loads(xent("score", "good.csv", "--format", "json", cwd=folder).stdout)
    assert plain["gates"] == []


def test_the_gates_of_csv(folder: Path) -> None:
    names = ["log_loss[site=*] <= 0.4", "recall[a] >= 0.9"]
    required = [word for name in names for word in ("--require", name)]
    run = xent("score", "good.csv", *required, "--unit", "bits", "--format", "csv", cwd=folder)
    rows = [row for row in csv.DictReader(io.StringIO(run.stdout)) if row["table"] == "gates"]
    passed = {(row["by"], row["class"]): row["value"] for row in rows if row["metric"] == "pass"}
    starred = "log_loss[site=*] <= 0.4"
    assert passed == {
        (f"{starred} [site=DE]", ""): "0",
        (f"{starred} [site=FR]", ""): "0",
        ("recall[a] >= 0.9", "a"): "1",
    }
    limits = {row["by"]: (row["value"], row["unit"]) for row in rows if row["metric"] == "limit"}
    assert limits[f"{starred} [site=DE]"] == ("0.4", "bits")
    assert limits["recall[a] >= 0.9"] == ("0.9", "")


def test_the_table_shows_the_worst_first_and_why(folder: Path) -> None:
    required = ("--require", "accuracy >= 0.5", "--require", BROKEN, "--require", "rows >= 4")
    run = xent("score", "good.csv", *required, cwd=folder)
    shown = run.stdout[run.stdout.index(" verdict") :].splitlines()
    assert [line.split()[0] for line in shown[2:5]] == ["FAIL", "pass", "pass"]
    assert shown[2].split()[4:] == ["0.4052", "0.4051", "-8.3e-05"]
    assert shown[6] == " log_loss is 0.4052 nats and must be at most 0.4051"


def test_markdown_has_the_gates(folder: Path) -> None:
    run = xent("score", "good.csv", "--require", BROKEN, "--format", "markdown", cwd=folder)
    assert "| verdict | requirement | value | limit | margin |" in run.stdout
    assert "| FAIL | log_loss <= 0.4051 |" in run.stdout
    assert run.stderr == "xent: failed: log_loss is 0.4052 nats and must be at most 0.4051\n"


def test_passing_gates_say_so(folder: Path) -> None:
    run = xent("score", "good.csv", "--require", MET, cwd=folder)
    assert "\n every requirement is met\n" in run.stdout
    assert run.stderr == ""


def test_a_baseline_from_end_to_end(folder: Path) -> None:
    assert xent("score", "good.csv", "--format", "json", "-o", "main.json", cwd=folder).code == 0
    for limit, code in (("baseline", 0), ("baseline - 0.01", 1), ("baseline * 1.02", 0), ("baseline * 0.99", 1)):
        required = ("--baseline", "main.json", "--require", f"log_loss <= {limit}")
        run = xent("score", "good.csv", *required, "-o", "out", cwd=folder)
        assert run.code == code
        assert ("xent compare" in run.stderr) == (code == 1)
    run = xent("score", "good.csv", "--clip", "0.01", *required, cwd=folder)
    assert (run.code, run.stdout) == (3, "")
    assert "clip: null there, 0.01 here" in run.stderr


# A failed verdict is 1 once it is written, and nothing else is.


def test_a_reader_that_leaves_once_all_is_written(folder: Path) -> None:
    script = '{ xent "$@"; echo $? >code; } | head -1'
    run = shell(script, "score", "good.csv", "--require", BROKEN, "--format", "json", cwd=folder)
    assert run.stdout == "{\n"
    assert (folder / "code").read_text() == "1\n"


@pytest.mark.parametrize("require", [MET, BROKEN])
@pytest.mark.parametrize(("stdout", "code"), [(BROKEN_PIPE, 141), (CLOSED, 4), (FULL_DISK, 4), (os.devnull, None)])
def test_where_standard_output_cannot_go_outranks_the_verdict(
    stdout: str, code: int | None, require: str, folder: Path
) -> None:
    if not os.path.exists(FULL_DISK) and stdout == FULL_DISK:
        pytest.skip("only Linux has a device that is always full")
    verdict = 1 if require == BROKEN else 0
    run = xent("score", "good.csv", "--require", require, cwd=folder, stdout=stdout)
    assert run.code == (verdict if code is None else code)


@pytest.mark.parametrize("require", [MET, BROKEN])
@pytest.mark.parametrize("output", ["none/out", ".", FULL_DISK])
def test_an_output_that_cannot_be_written_outranks_the_verdict(require: str, output: str, folder: Path) -> None:
    run = xent("score", "good.csv", "--require", require, "-o", output, cwd=folder)
    assert (run.code, run.stdout) == (4, "")


@pytest.mark.parametrize("redirection", ["2>&-", "<&-", ">&-"])
def test_closed_streams_and_the_verdict_of_a_process(redirection: str, folder: Path) -> None:
    run = shell(f'xent "$@" {redirection}', "score", "good.csv", "--require", BROKEN, cwd=folder)
    assert run.code == (4 if redirection == ">&-" else 1)


@pytest.mark.parametrize(("require", "code"), [(MET, 0), (BROKEN, 1)])
def test_a_full_error_stream_does_not_change_the_verdict(require: str, code: int, folder: Path) -> None:
    if not os.path.exists(FULL_DISK):
        pytest.skip("only Linux has a device that is always full")
    assert xent("score", "good.csv", "--require", require, cwd=folder, stderr=FULL_DISK).code == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_no_verdict(number: signal.Signals, code: int, folder: Path) -> None:
    process = start("score", "-", "--require", BROKEN, cwd=folder, stdin=-1)
    assert process.stdin is not None
    process.stdin.write(GOOD.encode())
    process.stdin.flush()
    ready = Path(f"/proc/{process.pid}/fd")
    while (
        ready.exists()
        and process.poll() is None
        and b"libxent" not in Path(f"/proc/{process.pid}/maps").read_bytes()
    ):
        pass
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, b"")


@pytest.mark.parametrize("times", [2, pytest.param(12, marks=pytest.mark.slow)])
def test_repeated_runs_from_standard_input_agree(times: int, folder: Path) -> None:
    script = 'for i in $(seq $2); do xent score - --require "$1" --format json <good.csv >/dev/null; echo $?; done'
    run = shell(script, BROKEN, str(times), cwd=folder, timeout=120)
    assert run.stdout == "1\n" * times


HOSTILE = [
    "a,b",
    'say "no"',
    "[/bold]",
    "::error::x",
    "<script>",
    "=cmd|x",
    "a]b",
    "a=b",
    "*",
    "\x1b[31m",
    "\u202e",
    " a",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_odd_names_are_met_and_shown(name: str, folder: Path) -> None:
    with (folder / "odd.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["label", "p", "site"])
        rows.writerows([[name, 0.75, name], ["other", 0.5, "x"]])
    said = json.dumps(name)
    options = ("score", "odd.csv", "--prob", "p", "--positive", name, "--require", f"recall[{said}] <= 0.5",
               "--require", f"log_loss[site={said}] <= 0")  # fmt: skip
    for format in FORMATS:
        run = xent(*options, "--format", format, cwd=folder)
        assert run.code == 1, run.stderr
        assert "\x1b" not in run.stdout + run.stderr
        assert not any(line.startswith("::") for line in (run.stdout + run.stderr).splitlines())
        if format == "json":
            recall, loss = gates_of(run)
            assert (recall["class"], loss["by"]) == (name, {"site": name})


@pytest.mark.parametrize(("asked", "code"), [(("--require", MET), 0), (("--require", BROKEN), 1), (UNSURE, 5)])
def test_a_quiet_report_shows_what_is_not_met(asked: tuple[str, ...], code: int, folder: Path) -> None:
    run = xent("score", "good.csv", *asked, "--quiet", cwd=folder)
    assert (run.code, asked[1] in run.stdout, run.stderr) == (code, code > 0, "")
