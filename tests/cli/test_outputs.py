"""Files that are written: whole or not at all, and neither an input nor another output."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from tests.cli.inputs import LOG_LOSS
from tests.cli.runner import error_of, shell, xent

TEXT = "label,prob\n1,0.9\n0,0.2\n"
PLAIN = ("--require", "rows >= 1")


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(TEXT.replace("0.9", "0.8") if name == "b" else TEXT)
        assert xent("score", f"{name}.csv", "--save-state", f"{name}.json", cwd=tmp_path).code == 0
    return tmp_path


def test_output_file_is_what_a_pipe_gets(folder: Path) -> None:
    for format in ("table", "json", "csv", "markdown"):
        printed = xent("score", "good.csv", "--format", format, cwd=folder)
        written = xent("score", "good.csv", "--format", format, "--output", "out", cwd=folder)
        assert written == (0, "", "")
        assert (folder / "out").read_text() == printed.stdout


@pytest.mark.parametrize(
    ("options", "name", "format"),
    [
        ((), "out.json", "json"), ((), "OUT.JSON", "json"), ((), "out.csv", "csv"), ((), "out.md", "markdown"),
        ((), "out.markdown", "markdown"), ((), "out.txt", "table"), ((), "out.json.txt", "table"),
        ((), "json", "table"), ((), ".json", "table"), (("--format", "csv"), "out.json", "csv"),
        (("--format", "table"), "out.md", "table"), (("--json",), "out.md", "json"),
        (("--json", "--format", "json"), "out", "json"),
    ],
)  # fmt: skip
def test_the_suffix_decides_where_no_format_is_given(
    options: tuple[str, ...], name: str, format: str, folder: Path
) -> None:
    assert xent("score", "good.csv", *options, "-o", name, cwd=folder) == (0, "", "")
    assert (folder / name).read_text() == xent("score", "good.csv", "--format", format, cwd=folder).stdout


@pytest.mark.parametrize("command", [["worst"], ["columns"], ["gradients"], ["gate", "--require", "rows >= 1"]])
def test_every_command_has_short_forms_of_json(command: list[str], folder: Path) -> None:
    long = xent(*command, "good.csv", "--format", "json", cwd=folder)
    assert long.code == 0
    assert json.loads(long.stdout)
    assert xent(*command, "good.csv", "--json", cwd=folder) == long
    assert xent(*command, "good.csv", "--json", "-o", "-", cwd=folder) == long
    assert xent(*command, "good.csv", "-o", "x.json", cwd=folder) == long._replace(stdout="")
    assert (folder / "x.json").read_text() == long.stdout


def test_a_dash_is_standard_output(folder: Path) -> None:
    before = sorted(folder.iterdir())
    plain = xent("score", "good.csv", cwd=folder)
    assert xent("score", "good.csv", "-o", "-", cwd=folder) == plain
    text = (folder / "good.csv").read_text()
    assert xent("score", "-", "-o", "-", cwd=folder, stdin=text).code == 0
    assert sorted(folder.iterdir()) == before


def test_short_form_of_json_beside_another_format(folder: Path) -> None:
    run = xent("score", "good.csv", "--format", "csv", "--json", cwd=folder)
    assert (run.code, error_of(run)["message"]) == (2, "--json and --format csv contradict each other")
    assert error_of(xent("score", "bad.csv", "--json", cwd=folder))["exit_code"] == 3
    assert xent("score", "bad.csv", "-o", "x.json", cwd=folder).stderr.startswith("xent: error: bad.csv")


def test_output_file_has_no_colors(folder: Path) -> None:
    assert xent("score", "good.csv", "-o", "out", cwd=folder, env={"FORCE_COLOR": "1"}).code == 0
    assert "\x1b" not in (folder / "out").read_text()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("score", "bad.csv"), 3), (("score", "none.csv"), 4), (("score", "good.csv", "--x"), 2)],
)
def test_output_file_is_untouched_by_an_error(arguments: tuple[str, ...], code: int, folder: Path) -> None:
    (folder / "out").write_text("as it was")
    before = sorted(folder.iterdir())
    run = xent(*arguments, "--output", "out", cwd=folder)
    assert (run.code, run.stdout) == (code, "")
    assert (folder / "out").read_text() == "as it was"
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_output_file_keeps_its_mode(mode: int, folder: Path) -> None:
    (folder / "out").write_text("as it was")
    (folder / "out").chmod(mode)
    assert xent("score", "good.csv", "-o", "out", cwd=folder) == (0, "", "")
    assert stat.S_IMODE((folder / "out").stat().st_mode) == mode
    assert LOG_LOSS in (folder / "out").read_text()


def test_output_file_is_as_readable_as_any_other(folder: Path) -> None:
    before = os.umask(0o027)
    try:
        assert xent("score", "good.csv", "-o", "out", cwd=folder) == (0, "", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((folder / "out").stat().st_mode) == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["bad.csv", "good.csv", "noted.csv", "out"]


def test_output_through_a_link(folder: Path) -> None:
    (folder / "real").write_text("as it was")
    (folder / "link").symlink_to("real")
    assert xent("score", "good.csv", "-o", "link", cwd=folder) == (0, "", "")
    assert (folder / "link").is_symlink()
    assert LOG_LOSS in (folder / "real").read_text()


@pytest.mark.parametrize("place", ["none/out", ".", "good.csv/out", "/dev/full"])
def test_output_that_cannot_be_written(place: str, folder: Path) -> None:
    if place == "/dev/full" and not os.path.exists(place):
        pytest.skip("only Linux has a device that is always full")
    before = sorted(folder.iterdir())
    run = xent("score", "noted.csv", "-o", place, cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert run.stderr.startswith(f"xent: error: {place}: cannot be written: ")
    assert run.stderr.count("\n") == 1
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("command", ["score", "worst", "gate"])
@pytest.mark.parametrize(
    ("option", "place", "code"),
    [("--save-state", "none/a.state", 4), ("--save-state", "https://h/a.state", 2), ("-o", "none/out", 4)],
)
def test_a_target_is_looked_at_before_the_first_row(
    command: str, option: str, place: str, code: int, folder: Path
) -> None:
    if command == "gate" and option == "--save-state":
        option = "--junit"
    require = ("--require", "log_loss <= 9") if command == "gate" else ()
    run = xent(command, "bad.csv", *require, option, place, cwd=folder)
    assert (run.code, run.stdout) == (code, ""), run
    assert run.stderr.startswith(f"xent: error: {place}: ")


def test_output_larger_than_the_disk_leaves_the_old_file(folder: Path) -> None:
    (folder / "out").write_text("as it was")
    before = sorted(folder.iterdir())
    script = 'ulimit -f 1; export PYTHONDONTWRITEBYTECODE=1; xent "$@"'  # which the limit would cut
    run = shell(script, "score", "good.csv", "--format", "json", "-o", "out", cwd=folder)
    assert (run.code, run.stdout) == (4, "")
    assert error_of(run)["file"] == "out"
    assert (folder / "out").read_text() == "as it was"
    assert sorted(folder.iterdir()) == before


def test_output_to_a_pipe_with_a_name(folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    received: list[str] = []
    reader = threading.Thread(target=lambda: received.append((folder / "fifo").read_text()), daemon=True)
    reader.start()
    assert xent("score", "good.csv", "-o", "fifo", "--format", "json", cwd=folder) == (0, "", "")
    reader.join(10)
    assert json.loads(received[0])["rows"] == 2
    assert stat.S_ISFIFO((folder / "fifo").stat().st_mode)


# Inputs and other outputs


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("score a.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("score ./a.csv --output a.csv", "./a.csv: --output would overwrite this input"),
        ("worst a.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("score a.csv --labels b.csv --prob prob --output b.csv", "b.csv: --output would overwrite this input"),
        ("compare a.csv b.csv --output a.csv", "a.csv: --output would overwrite this input"),
        ("merge a.json b.json --output b.json", "b.json: --output would overwrite this input"),
        (
            "score a.csv --save-state o.json --output o.json",
            "o.json: --output and --save-state both write this file",
        ),
        ("merge a.json b.json --save-state o --output o", "o: --output and --save-state both write this file"),
        ("gate a.csv --require rows>=1 --junit a.csv", "a.csv: --junit would overwrite this input"),
        ("gate a.csv --require rows>=1 --junit o --output o", "o: --output and --junit both write this file"),
    ],
)
def test_is_refused_and_nothing_is_touched(command: str, message: str, pair: Path) -> None:
    before = {path.name: path.read_bytes() for path in pair.iterdir()}
    assert xent(*command.split(), cwd=pair) == (2, "", f"xent: error: {message}\n")
    assert {path.name: path.read_bytes() for path in pair.iterdir()} == before


def test_a_total_may_take_the_place_of_a_part(pair: Path) -> None:
    assert xent("merge", "a.json", "b.json", "--save-state", "a.json", cwd=pair).code == 0


def test_a_device_takes_everything(pair: Path) -> None:
    options = ("--junit", "/dev/null", "--output", "/dev/null")
    assert xent("gate", "a.csv", *PLAIN, *options, cwd=pair) == (0, "", "")


def test_a_report_is_not_lost_under_standard_output(pair: Path) -> None:
    run = shell("xent gate a.csv --require 'rows >= 1' --junit /dev/stdout --format json > o", cwd=pair)
    assert run.code == 4
    assert "is where standard output goes" in run.stderr
    assert (pair / "o").read_text() == ""


def test_a_folder_that_is_not_there_is_no_file(pair: Path) -> None:
    run = xent("gate", "a.csv", *PLAIN, "--junit", "dd/", cwd=pair)
    assert (run.code, run.stdout) == (4, "")
    assert not (pair / "dd").exists()


def test_an_input_in_two_states_is_told(pair: Path) -> None:
    assert xent("score", "a.csv", "b.csv", "--save-state", "ab.json", cwd=pair).code == 0
    run = xent("merge", "ab.json", "a.json", cwd=pair)
    assert run.code == 0
    assert '"a.csv", 2 rows and 23 bytes, is in ab.json and in a.json: if it is the same file' in run.stderr


def test_a_comparison_is_reported_as_a_gate_is(pair: Path) -> None:
    options = ("--require", "log_loss <= baseline - 0.5", "--junit", "o.xml", "--github")
    run = xent("compare", "a.csv", "b.csv", *options, cwd=pair, env={"GITHUB_STEP_SUMMARY": "o.md"})
    assert run.code == 1
    assert run.stderr.splitlines()[-1].startswith(
        "::error title=xent%3A fail%3A log_loss <= baseline - 0.5::log_loss"
    )
    assert '<failure type="failed"' in (pair / "o.xml").read_text()
    assert "log_loss &lt;= baseline - 0.5" in (pair / "o.xml").read_text()
    assert (pair / "o.md").read_text().startswith("### b.csv against a.csv\n")


def test_a_report_on_nothing_is_refused(pair: Path) -> None:
    run = xent("compare", "a.csv", "b.csv", "--github", cwd=pair)
    assert run == (2, "", "xent: error: --github needs --require\n  hint: it reports verdicts\n")
