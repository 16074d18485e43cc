"""`xent gate` as CI jobs run it: its output, its reports, its configuration, and what its exit code can mean."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tomllib
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tests.cli.in_process import BROKEN_PIPE, CLOSED, FULL_DISK
from tests.cli.runner import Forks, Run, process, shell, start, xent

# Log losses by hand: -(ln 0.75 + ln 0.625) / 2 = 0.3788; -(ln 0.25 + ln 0.625) / 2 = 0.9281.
GOOD = "label,p_a,p_b\na,0.75,0.25\nb,0.375,0.625\n"
POOR = "label,p_a,p_b\na,0.25,0.75\nb,0.375,0.625\n"
REQUIRE = 'require = ["log_loss <= 0.5", "rows == 2"]\n'
LIMIT = ("--require", "log_loss <= 0.5")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with two prediction files, of which one is good enough."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "poor.csv").write_text(POOR)
    return tmp_path


def configured(folder: Path, text: str = REQUIRE) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.xent.gate]\n{text}")
    return folder


# The verdict


def test_a_model_that_is_good_enough(folder: Path) -> None:
    run = xent("gate", "good.csv", cwd=configured(folder))
    assert (run.code, run.stderr) == (0, "")
    lines = run.stdout.splitlines()
    assert lines[0] == "Passed   2 of 2 requirements met"
    assert [line.split() for line in lines[2:6] if "<=" in line or "==" in line] == [
        ["pass", "rows", "==", "2", "2", "2", "0"],
        ["pass", "log_loss", "<=", "0.5", "0.3788", "0.5000", "0.1212"],
    ]
    assert "good.csv   2 rows, 2 classes, probabilities" in lines


def test_a_model_that_is_not(folder: Path) -> None:
    run = xent("gate", "poor.csv", cwd=configured(folder))
    assert (run.code, run.stderr) == (1, "")
    lines = run.stdout.splitlines()
    assert lines[0] == "Failed   1 of 2 requirements not met"
    assert lines[4].split() == ["FAIL", "log_loss", "<=", "0.5", "0.9281", "0.5000", "-0.4281"]
    assert "log_loss is 0.9281 nats and must be at most 0.5" in run.stdout


def test_too_few_rows_to_tell(folder: Path) -> None:
    run = xent("gate", "good.csv", "--require", "log_loss <= 0.5", "--confidence", "0.95", cwd=folder)
    assert (run.code, run.stderr) == (5, "")
    assert run.stdout.startswith("Undecided   1 of 1 requirement undecided\n")
    assert "95 % confidence" in run.stdout


def test_values_that_look_alike_are_told_apart(folder: Path) -> None:
    (folder / "close.csv").write_text("label,p_a,p_b\na,0.75,0.25\n")  # -ln 0.75 = 0.28768207
    run = xent("gate", "close.csv", "--require", "log_loss <= 0.287682", cwd=folder)
    assert run.code == 1
    assert run.stdout.splitlines()[4].split()[-3:] == ["0.2876821", "0.2876820", "-7.25e-08"]


def test_exit_zero_reports_without_failing(folder: Path) -> None:
    configured(folder)
    failed = xent("gate", "poor.csv", "--junit", "a.xml", cwd=folder)
    spared = xent("gate", "poor.csv", "--junit", "b.xml", "--exit-zero", cwd=folder)
    assert (failed.code, spared) == (1, failed._replace(code=0))
    assert (folder / "a.xml").read_text() == (folder / "b.xml").read_text()
    assert xent("gate", "none.csv", "--exit-zero", cwd=folder).code == 4
    (folder / "bad.csv").write_text(GOOD + "a,7,0\n")
    assert xent("gate", "bad.csv", "--exit-zero", cwd=folder).code == 3


@pytest.mark.parametrize("arguments", [(), ("--baseline", "main.json"), ("--exit-zero",)])
def test_nothing_required_is_no_pass(arguments: tuple[str, ...], folder: Path) -> None:
    run = xent("gate", "good.csv", *arguments, cwd=folder)
    assert run == (
        2,
        "",
        "xent: error: nothing is required: no [tool.xent.gate] or xent.toml here or above, and no --require\n"
        "  hint: --require 'log_loss <= 0.35', or xent gate FILE --init for a configuration to begin with\n",
    )
    configured(folder, "confidence = 0.9\n")
    run = xent("gate", "good.csv", *arguments, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "pyproject.toml has no require" in run.stderr


# JSON and CSV


def gate_json(run: Run) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def test_json_has_verdict_gates_and_the_score(folder: Path) -> None:
    configured(folder)
    document = gate_json(xent("gate", "poor.csv", "--format", "json", cwd=folder))
    assert list(document) == [
        "format", "format_version", "xent", "verdict", "unit", "gates", "baseline", "changes", "score",
    ]  # fmt: skip
    assert (document["format"], document["format_version"], document["verdict"]) == ("xent.gate", 1, "fail")
    assert [(each["require"], each["verdict"]) for each in document["gates"]] == [
        ("log_loss <= 0.5", "fail"),
        ("rows == 2", "pass"),
    ]
    alone = gate_json(xent("score", "poor.csv", "--format", "json", cwd=folder))
    assert {**document["score"], "gates": None} == {**alone, "gates": None}


def test_csv_has_the_gates(folder: Path) -> None:
    run = xent("gate", "poor.csv", "--format", "csv", cwd=configured(folder))
    assert run.code == 1
    lines = run.stdout.splitlines()
    assert lines[0] == "table,by,class,metric,value,unit"
    assert "gates,log_loss <= 0.5,,limit,0.5,nats" in lines


@pytest.mark.parametrize("file", ["good.csv", "poor.csv"])
def test_the_verdict_does_not_depend_on_format_unit_or_threads(file: str, folder: Path) -> None:
    configured(folder, 'require = "log_loss <= 0.5 nats"\n')
    expected = 0 if file == "good.csv" else 1
    for form, unit, threads in product(("table", "json", "csv", "markdown"), ("nats", "bits"), ("1", "2")):
        options = ("--format", form, "--unit", unit, "--threads", threads)
        assert xent("gate", file, *options, cwd=folder).code == expected


# The baseline


def test_the_change_against_a_baseline(folder: Path) -> None:
    saved = xent("score", "good.csv", "--format", "json", "-o", "main.json", cwd=folder)
    assert saved.code == 0
    configured(folder, 'baseline = "main.json"\nrequire = "log_loss <= baseline + 0.01"\n')
    assert xent("gate", "good.csv", cwd=folder).code == 0
    run = xent("gate", "poor.csv", "--unit", "bits", "--format", "json", cwd=folder)
    assert run.code == 1
    document = gate_json(run)
    assert document["baseline"] == "main.json"
    change = document["changes"][0]
    assert change["name"] == "log_loss"
    assert change["difference"] == pytest.approx((0.9281490 - 0.3788427) / 0.6931472, abs=1e-6)  # by hand, above
    table = xent("gate", "poor.csv", cwd=folder).stdout
    assert "Against the baseline" in table
    assert "+0.5493" in table


def test_a_verdict_of_the_gate_can_be_a_baseline_too(folder: Path) -> None:
    assert xent("gate", "good.csv", *LIMIT, "--format", "json", "-o", "main.json", cwd=folder).code == 0
    limit = ("--baseline", "main.json", "--require", "log_loss <= baseline")
    assert xent("gate", "good.csv", *limit, cwd=folder).code == 0
    assert xent("gate", "poor.csv", *limit, cwd=folder).code == 1


@pytest.mark.parametrize("value", ["1e999", "true", '"many"', "1" + "0" * 400, "null"])
def test_odd_numbers_of_a_baseline_are_not_compared(value: str, folder: Path) -> None:
    text = xent("score", "good.csv", "--format", "json", cwd=folder).stdout
    odd = json.dumps({**json.loads(text), "metrics": {"log_loss": "?"}}).replace('"?"', value)
    (folder / "main.json").write_text(odd)
    run = xent("gate", "good.csv", *LIMIT, "--baseline", "main.json", cwd=folder)
    assert run.code == 0
    run = xent("gate", "good.csv", "--baseline", "main.json", "--require", "log_loss <= baseline + 9", cwd=folder)
    assert (run.code in (2, 3), run.stdout) == (True, "")


@pytest.mark.parametrize(
    ("text", "code"), [("{", 3), ("[]", 3), ('{"format": "xent.worst"}', 3), (None, 4), ("\xff", 3)]
)
def test_a_bad_baseline_is_never_a_pass(text: str | None, code: int, folder: Path) -> None:
    if text is not None:
        (folder / "main.json").write_bytes(text.encode("latin-1"))
    configured(folder, 'baseline = "main.json"\nrequire = "log_loss <= baseline + 9"\n')
    run = xent("gate", "good.csv", cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert run.stderr.startswith("xent: error: main.json: ")


# The configuration


def test_the_command_line_wins(folder: Path) -> None:
    configured(folder, 'require = "log_loss <= 0.001"\nunit = "bits"\nfiles = "poor.csv"\n')
    assert xent("gate", cwd=folder).code == 1
    run = xent("gate", "good.csv", *LIMIT, "--unit", "nats", cwd=folder)
    assert run.code == 0
    assert run.stdout.startswith("Passed   1 of 1 requirement met\n")
    assert "\ngood.csv   2 rows" in run.stdout
    notice = "the requirements of the command line take the place of tool.xent.gate.require (pyproject.toml)"
    assert run.stderr == f"xent: notice: {notice}\n"


def test_every_kind_of_option_can_be_configured(folder: Path) -> None:
    (folder / "wide.csv").write_text("truth,risk,w,age,site\nyes,0.7,1,10,DE\nno,0.2,2,20,FR\nno,0.2,2,20,DE\n")
    options = """
        require = ["log_loss[site=*] <= 0.7", "rows == 3"]
        files = ["wide.csv"]
        label = "truth"
        prob = "risk"
        positive = "yes"
        weight = "w"
        by = ["site"]
        bins = ["age=0,18"]
        sum-tolerance = 0.02
        clip = 1e-6
        normalize = false
        missing = "skip"
        ignore-label = "maybe"
        breakdown = false
        class-weight = "yes=2"
        prior = "no=0.9,yes=0.1"
        unit = "bits"
        threads = 1
    """
    run = xent("gate", "--format", "json", cwd=configured(folder, options))
    notice = 'no row has the label "maybe": --ignore-label left none out'
    assert (run.code, run.stderr.splitlines()[1:]) == (0, [f"xent: notice: {notice}"])
    assert run.stderr.startswith('xent: notice: pyproject.toml sets label = "truth", prob = ["risk"], ')
    score = gate_json(run)["score"]
    signature = score["signature"]
    assert (score["unit"], score["breakdown"], score["columns"]["weight"]) == ("bits", None, "w")
    assert (signature["clip"], signature["missing"], signature["ignored"]) == (1e-6, "skip", ["maybe"])
    assert signature["class_weights"] == {"yes": 2.0}
    assert {tuple(each["by"]) for each in score["slices"]} == {("site",), ("age",)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("requires = 'x'", 'gate.requires: unknown key\n  hint: did you mean "require"?'),
        ("exit-zero = true", "gate.exit-zero: unknown key\n  hint: keys: files, "),
        ("clip = 'much'", 'gate.clip: expected a number, not "much"\n'),
        ("unit = 'nat'", "gate.unit: 'nat' is not one of 'nats', 'bits', 'bans'\n"),
        ("class-weight = 'a'", 'gate.class-weight: "a" is not CLASS=WEIGHT, once a class\n'),
        ("threads = 1.5", "gate.threads: 1.5 is not a whole number from 1 to 1,024\n"),
        ("confidence = nan", "--confidence nan"),
        ("require = 'log_los <= 1'", 'did you mean "log_loss"?'),
        ("require = ''", "xent: error: "),
        ("require = x", "pyproject.toml, line 2: is not TOML: "),
    ],
)  # fmt: skip
def test_a_broken_configuration_is_no_verdict(text: str, message: str, folder: Path) -> None:
    text = text if text.startswith("require") else REQUIRE + text
    run = xent("gate", "good.csv", cwd=configured(folder, text))
    assert (run.code, run.stdout) == (2, "")
    assert message in run.stderr
    assert not message.startswith("gate.") or run.stderr.startswith("xent: error: pyproject.toml: tool.xent.gate.")


def test_config_names_a_file(folder: Path) -> None:
    configured(folder, "broken")
    (folder / "ci").mkdir()
    (folder / "ci" / "strict.toml").write_text('require = "log_loss <= 0.1"\nfiles = "../good.csv"\n')
    run = xent("gate", "--config", "ci/strict.toml", cwd=folder)
    assert (run.code, run.stderr) == (1, "")
    assert "\nci/../good.csv   2 rows" in run.stdout
    run = xent("gate", "good.csv", "--config", "none.toml", cwd=folder)
    assert run == (4, "", "xent: error: none.toml: cannot be read: no such file or directory\n")


def test_help_does_not_need_a_configuration(folder: Path) -> None:
    run = xent("gate", "--help", cwd=configured(folder, "broken"))
    assert run.code == 0
    assert "Examples:" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80


# --init


@pytest.mark.parametrize("file", ["good.csv", "poor.csv"])
def test_init_prints_a_configuration_that_is_met(file: str, folder: Path) -> None:
    before = sorted(folder.iterdir())
    run = xent("gate", file, "--init", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert sorted(folder.iterdir()) == before
    (folder / "pyproject.toml").write_text(run.stdout)
    again = xent("gate", cwd=folder)
    assert (again.code, again.stderr) == (0, "")


def test_init_keeps_how_the_scores_were_made(folder: Path) -> None:
    header = 'truth,"risk, ""a""",age\nyes,0.7,5\nno,0,9\nno,,7\n'
    (folder / "odd.csv").write_text(header)
    options = (
        "--label", "truth", "--prob", '"risk, ""a"""', "--positive", "yes", "--missing", "skip", "--bins",
        "age=0,6.5", "--class-weight", "yes=2", "--prior", "yes=0.25,no=0.75", "--clip", "1e-9", "--normalize",
        "--no-breakdown",
    )  # fmt: skip
    run = xent("gate", "odd.csv", "--init", *options, cwd=folder)
    assert run.code == 0
    gate = tomllib.loads(run.stdout)["tool"]["xent"]["gate"]
    require = gate.pop("require")
    assert gate == {
        "files": ["odd.csv"], "label": "truth", "prob": ['"risk, ""a"""'], "positive": "yes", "missing": "skip",
        "bins": ["age=0.0,6.5"], "class-weight": "yes=2.0", "prior": "yes=0.25,no=0.75", "clip": 1e-9,
        "normalize": True, "breakdown": False,
    }  # fmt: skip
    assert "skipped_rows <= 1" in require
    (folder / "xent.toml").write_text(run.stdout)
    assert xent("gate", cwd=folder).code == 0


def test_init_of_odd_names_and_infinite_losses(folder: Path) -> None:
    name = '::error::\x7f\x1b"]]>\\'
    quoted = '"' + name.replace('"', '""') + '"'
    (folder / "odd.csv").write_text(f"label,{quoted.replace('::', 'p_::', 1)},p_b\n{quoted},0,1\nb,0.375,0.625\n")
    run = xent("gate", "odd.csv", "--init", cwd=folder)
    assert run.code == 0
    gate = tomllib.loads(run.stdout)["tool"]["xent"]["gate"]
    assert gate["require"] == ["accuracy >= 0.0945", "infinite_rows <= 1", "rows >= 2"]  # Wilson: 0.09453
    run = xent("gate", "odd.csv", "--init", "-o", "pyproject.toml", cwd=folder)
    assert (run.code, run.stdout, (folder / "pyproject.toml").exists()) == (2, "", False)


# Reports


def test_junit(folder: Path) -> None:
    run = xent("gate", "poor.csv", "--junit", "report.xml", cwd=configured(folder))
    assert run.code == 1
    suite = ElementTree.parse(folder / "report.xml").getroot()[0]
    assert [case.get("name") for case in suite.iter("testcase")] == ["log_loss <= 0.5", "rows == 2"]
    assert [failure.text for failure in suite.iter("failure")] == [
        "log_loss is 0.9281 nats and must be at most 0.5"
    ]
    run = xent("gate", "poor.csv", "--junit", "same", "-o", "./same", cwd=folder)
    assert (run.code, (folder / "same").exists()) == (2, False)


def github(folder: Path, *arguments: str, **more: str) -> Run:
    changes = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md"), **more}
    return xent("gate", *arguments, cwd=folder, env=changes)


def test_github_gets_annotations_and_a_summary(folder: Path) -> None:
    (folder / "summary.md").write_text("of another command\n")
    run = github(configured(folder), "poor.csv")
    assert run.code == 1
    assert run.stderr == (
        "::error title=xent%3A fail%3A log_loss <= 0.5::log_loss is 0.9281 nats and must be at most 0.5\n"
    )
    assert run.stdout.startswith("Failed")
    summary = (folder / "summary.md").read_text()
    assert summary.startswith("of another command\n### Failed\n\n1 of 2 requirements not met; scored: poor.csv.")
    assert "| = log loss | 0.9281 |" in summary
    assert github(folder, "poor.csv", "--no-github") == run._replace(stderr="")
    assert github(folder, "poor.csv", GITHUB_ACTIONS="") == run._replace(stderr="")
    assert github(folder, "poor.csv", "--github", GITHUB_ACTIONS="", GITHUB_STEP_SUMMARY="") == run
    assert (folder / "summary.md").read_text() == summary


@pytest.mark.parametrize("file", ["good.csv", "poor.csv"])
def test_a_summary_that_cannot_be_written_is_no_verdict(file: str, folder: Path) -> None:
    configured(folder)
    expected = 0 if file == "good.csv" else 1
    for place, reason in {"none/x": "no such file or directory", ".": "not a regular file"}.items():
        path = os.path.normpath(folder / place)
        run = github(folder, file, GITHUB_STEP_SUMMARY=path)
        assert run.code == expected
        assert run.stderr.startswith(f"xent: notice: cannot be appended to: {reason} ({path})\n::")


def test_a_summary_has_the_room_that_is_left(folder: Path) -> None:
    written = "x" * (1024 * 1024 - 600) + "\n"
    (folder / "summary.md").write_text(written)
    assert github(configured(folder), "poor.csv").code == 1
    summary = (folder / "summary.md").read_text()
    assert len(summary.encode()) <= 1024 * 1024
    assert "### Failed" in summary
    assert "too long for GitHub" in summary


HOSTILE = ("::error::x", "]]>", "\x1b[31mred", "<script>alert(1)</script>", "##[error]x", "a\u202eb")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_class_names_reach_no_report(name: str, folder: Path) -> None:
    (folder / "odd.csv").write_text(f"label,p_{name},p_b\n{name},0.25,0.75\nb,0.375,0.625\n")
    options = ("--require", f"recall[{json.dumps(name)}] >= 0.9", "--junit", "report.xml", "--github")
    for form in ("table", "markdown", "csv", "json"):
        run = xent("gate", "odd.csv", *options, "--format", form, cwd=folder)
        assert run.code == 1
        for line in (run.stdout + run.stderr).splitlines():
            assert "##[" not in line
            assert "\x1b" not in line
            assert not line.lstrip().startswith("::") or line.startswith("::error title=xent%3A fail%3A recall[")
            assert form == "json" or "\u202e" not in line
        assert run.stderr.count("\n") == 1
        if form == "json":
            assert gate_json(run)["gates"][0]["class"] == name
        if form == "markdown":
            assert "<script" not in run.stdout
    [case] = ElementTree.parse(folder / "report.xml").getroot().iter("testcase")
    assert case.get("name", "").startswith("recall[")


# What exit code 1 can mean


CODES = {GOOD: 0, POOR: 1, GOOD[:-5]: 3, "": 3}


@pytest.mark.parametrize("text", CODES)
def test_a_verdict_on_standard_input(text: str, folder: Path) -> None:
    run = xent("gate", "-", "--format", "json", cwd=configured(folder), stdin=text)
    assert run.code == CODES[text]


@pytest.mark.slow
def test_500_runs_from_standard_input_give_500_right_verdicts(forks: Forks, folder: Path) -> None:
    """Each a process of its own with a pipe; forked from one that has imported the program, for time."""
    configured(folder)
    texts = list(CODES) * 125
    found = [forks.xent("gate", "-", "--format", "json", cwd=folder, stdin=text) for text in texts]
    assert [run.code for run in found] == [CODES[text] for text in texts]
    for run in found:
        verdict = gate_json(run)["verdict"] if run.stdout else None
        assert verdict == {0: "pass", 1: "fail", 3: None}[run.code]


def test_a_failed_verdict_that_could_not_be_written_is_not_1(folder: Path) -> None:
    """It is 4 or 141: the text of the verdict is nowhere. Never 0 either."""
    configured(folder)
    assert xent("gate", "poor.csv", cwd=folder, stdout=CLOSED).code == 4
    assert xent("gate", "poor.csv", cwd=folder, stdout=BROKEN_PIPE) == (141, "", "")
    if os.path.exists(FULL_DISK):
        assert xent("gate", "poor.csv", cwd=folder, stdout=FULL_DISK).code == 4
        run = xent("gate", "poor.csv", "--junit", "/dev/full", cwd=folder)
        assert run == (4, "", "xent: error: /dev/full: cannot be written: no space left on device\n")
    run = xent("gate", "poor.csv", "--junit", "none/report.xml", cwd=folder)
    assert run == (4, "", "xent: error: none/report.xml: cannot be written: no such file or directory\n")
    run = xent("gate", "poor.csv", "--output", "none/x", "--junit", "report.xml", cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert [path.name for path in folder.iterdir() if path.name.startswith(".xent")] == []


def test_a_failed_verdict_survives_a_closed_standard_error(folder: Path) -> None:
    run = shell('xent "$@" 2>&-', "gate", "poor.csv", "--github", cwd=configured(folder))
    assert (run.code, run.stdout[:6]) == (1, "Failed")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_no_verdict(number: signal.Signals, code: int, folder: Path) -> None:
    """It comes while standard input is still open: nothing has been judged."""
    process = start("gate", "-", "--junit", "report.xml", cwd=configured(folder), stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(b"label,p_a,p_b\n" + b"a,0.25,0.75\n" * 500_000)  # read, or the pipe would be full
    process.send_signal(number)
    stdout, _ = process.communicate()
    assert (process.returncode, stdout) == (code, b"")
    assert sorted(path.name for path in folder.iterdir() if not path.name.endswith(".csv")) == [
        ".git", "pyproject.toml",
    ]  # fmt: skip


def test_the_recipe_of_a_shell(folder: Path) -> None:
    """`set -e`, as CI systems run their steps."""
    configured(folder)
    command = ("sh", "-ec", '"$0" -m xentcli gate "$1" >out; echo deployed', sys.executable)
    for file, expected in (("good.csv", (0, "deployed\n")), ("poor.csv", (1, ""))):
        assert process(file, cwd=folder, command=command)[:2] == expected


# The same reports of `xent score`


def test_score_writes_the_same_reports(folder: Path) -> None:
    options = ("poor.csv", *LIMIT, "--github", "--junit")
    gate = xent("gate", *options, "a.xml", cwd=folder)
    score = xent("score", *options, "b.xml", cwd=folder)
    assert (score.code, score.stderr) == (gate.code, gate.stderr)
    assert score.stderr.startswith("::error ")
    assert (folder / "a.xml").read_bytes() == (folder / "b.xml").read_bytes()


@pytest.mark.parametrize("options", [("--junit", "a.xml"), ("--github",)])
def test_a_report_of_no_verdict_is_refused(options: tuple[str, ...], folder: Path) -> None:
    run = xent("score", "good.csv", *options, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert f"xent: error: {options[0]} needs --require\n" in run.stderr
    assert not (folder / "a.xml").exists()


def test_score_says_nothing_to_github_unless_asked(folder: Path) -> None:
    run = xent("score", "poor.csv", *LIMIT, cwd=folder, env={"GITHUB_ACTIONS": "true"})
    assert (run.code, run.stderr) == (1, "")


def test_an_output_for_programs_leaves_the_reason_in_the_log(folder: Path) -> None:
    run = xent("gate", "poor.csv", *LIMIT, "--format", "json", cwd=folder)
    assert run.stderr == "xent: failed: log_loss is 0.9281 nats and must be at most 0.5\n"
    run = xent("gate", "poor.csv", *LIMIT, "-o", "x", cwd=folder)
    assert run == (1, "", "xent: failed: log_loss is 0.9281 nats and must be at most 0.5\n")


def test_no_file_anywhere(folder: Path) -> None:
    run = xent("gate", cwd=configured(folder))
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.splitlines()[1] == "xent: error: Missing argument 'FILE...'."
    configured(folder, f"{REQUIRE}files = []\n")
    assert xent("gate", cwd=folder) == run
