"""Every odd input ends as its case says: the exit code, the numbers, and the words, looked at together."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.cli import argument_cases, form_cases, label_cases, score_cases, table_cases
from tests.cli.cases import INF, Case
from tests.cli.label_cases import HOSTILE, hostile, quoted
from tests.cli.runner import Run, error_of, plain, process, xent
from tests.field.hints import follow

CASES = [
    *label_cases.CASES,
    *score_cases.CASES,
    *table_cases.CASES,
    *form_cases.CASES,
    *argument_cases.CASES,
]
RESULTS = [case for case in CASES if case.code == 0]
ERRORS = [case for case in CASES if case.code != 0]
KEYS = [
    "format",
    "format_version",
    "xent",
    "signature",
    "inputs",
    "columns",
    "rows",
    "weight",
    "classes",
    "input_kind",
    "unit",
    "metrics",
    "breakdown",
    "calibration",
    "chain",
    "per_class",
    "confusions",
    "reliability",
    "slices",
    "notices",
    "unavailable",
]


def run(case: Case, folder: Path, *arguments: str) -> Run:
    for name, content in {case.file: case.content, **case.files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    return xent("score", case.file, *case.arguments, *arguments, cwd=folder)


def read(text: str) -> dict[str, Any]:
    """JSON as strict readers take it."""

    def refuse(constant: str) -> NoReturn:
        raise AssertionError(f"{constant} is no JSON")

    document = json.loads(text, parse_constant=refuse)
    assert isinstance(document, dict)
    return document


def numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, float):
        yield value


def test_names_are_names() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", RESULTS, ids=lambda case: case.name)
def test_result(case: Case, tmp_path: Path) -> None:
    code, stdout, stderr = run(case, tmp_path, "--format", "json")
    assert (code, "" if case.notices else stderr) == (0, "")
    result = read(stdout)
    assert set(KEYS) <= set(result)
    metrics = result["metrics"]
    for name, expected in case.metrics.items():
        assert metrics[name] == _near(expected), name
    assert all(not (number == 0 and math.copysign(1, number) < 0) for number in numbers(result))
    if case.rows is not None:
        assert {row["class"]: row["rows"] for row in result["per_class"]} == case.rows
        assert result["classes"] == list(case.rows)
    assert sorted(notice["code"] for notice in result["notices"]) == sorted(case.notices)
    assert stderr.count("xent: notice: ") == len(stderr.splitlines()) == len(case.notices)
    assert all(text in stderr for text in case.says), stderr
    missing = {name for name, value in metrics.items() if value is None}
    assert missing <= set(result["unavailable"])


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case.name)
def test_no_hint_leads_back(case: Case, tmp_path: Path) -> None:
    refused = run(case, tmp_path, *(() if "--format" in case.arguments else ("--format", "json")))
    if refused.stderr.startswith("{"):
        follow(tmp_path, ["score", case.file, *case.arguments], error_of(refused), lambda result, typed: None)


@pytest.mark.parametrize("case", ERRORS, ids=lambda case: case.name)
def test_error(case: Case, tmp_path: Path) -> None:
    code, stdout, stderr = run(case, tmp_path)
    assert (code, stdout) == (case.code, ""), stderr
    assert "Traceback" not in stderr
    column = f'column "{case.column}"' if case.column else ""
    where = ", ".join(part for part in (case.place and f"{case.file}, {case.place}", column) if part)
    if column and not case.place:
        where = f"{case.file}, {column}"
    assert f"xent: error: {where}" in stderr
    for text in case.says:
        assert text in stderr
    assert stderr.isprintable() or set(stderr) - {"\n"} == {c for c in stderr if c.isprintable()}


@pytest.fixture(scope="module")
def hostile_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All hostile names as classes of one file, the label column too, under a hostile file name."""
    folder = tmp_path_factory.mktemp("hostile")
    share = 1 / 32
    names = list(HOSTILE.values())
    lines = [",".join(["\x1b]8;;x\x07[/bold]", *(quoted(f"prob_{name}") for name in names)])]
    for k, name in enumerate(names):
        scores = [share if j != k else 1 - share * (len(names) - 1) for j in range(len(names))]
        lines.append(",".join([quoted(name), *map(repr, scores)]))
    path = folder / "\x1b[31m<b>|`\u202e.csv"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize("format", ["table", "csv", "markdown"])
def test_hostile_names_reach_people_escaped(format: str, hostile_file: Path) -> None:
    label = "\x1b]8;;x\x07[/bold]"
    code, stdout, stderr = xent(
        "score", hostile_file.name, "--label", label, "--format", format, "--full", cwd=hostile_file.parent
    )
    assert code == 0
    assert [line.split(": ")[1] for line in stderr.splitlines()] == ["notice"]  # the top class is always right
    assert not {c for c in stdout if not c.isprintable()} - {"\n", "\u00a0"}
    for escape in ("\\n", "\\r", "\\x1b[31m", "\\x07", "\\u202e", "\\u200b", "\\u2028", "\\x00", "é", "😀"):
        assert escape in stdout.replace("\\\\", "\\")


def test_hostile_names_in_markdown(hostile_file: Path) -> None:
    label = "\x1b]8;;x\x07[/bold]"
    run = xent("score", hostile_file.name, "--label", label, "--format", "markdown", cwd=hostile_file.parent)
    assert run.code == 0
    assert not re.search(r"<script|<b>|\]\(|(?<!\\)`c", run.stdout)
    rows = [line for line in run.stdout.splitlines() if line.startswith("|")]
    assert {row.count("|") - row.count("\\|") for row in rows} == {5, 6, 10}  # no column more, no column less


def test_hostile_names_in_colors(hostile_file: Path) -> None:
    arguments = ("score", hostile_file.name, "--label", "\x1b]8;;x\x07[/bold]")
    colored = xent(*arguments, cwd=hostile_file.parent, env={"FORCE_COLOR": "1"})
    drab = xent(*arguments, cwd=hostile_file.parent)
    assert [line.rstrip() for line in plain(colored.stdout).splitlines()] == drab.stdout.splitlines()


def test_a_workflow_command_never_begins_a_line(tmp_path: Path) -> None:
    (tmp_path / "::error::x.csv").write_text(hostile("::error::a"))
    for format in ("table", "csv", "markdown", "json"):
        run = xent("score", "::error::x.csv", "--format", format, cwd=tmp_path)
        assert run.code == 0
        assert not re.search(r"^\s*::", run.stdout + run.stderr, re.MULTILINE), format


def test_a_run_in_this_process_is_a_run(tmp_path: Path) -> None:
    (tmp_path / "preds.csv").write_text(hostile("a"))
    for arguments in (("--format", "json"), ("--prob", "nope"), (), ("--clip", "abc")):
        assert xent("score", "preds.csv", *arguments, cwd=tmp_path) == process(
            "score", "preds.csv", *arguments, cwd=tmp_path
        )


def test_hostile_names_in_an_error(tmp_path: Path) -> None:
    (tmp_path / "\x1b[31m\u202e.csv").write_text(hostile("\x1b[31m"), encoding="utf-8")
    code, stdout, stderr = xent("score", "\x1b[31m\u202e.csv", "--label", "\x9b2J::error::", cwd=tmp_path)
    assert (code, stdout) == (2, "")
    assert stderr.startswith('xent: error: \\x1b[31m\\u202e.csv: no column "\\x9b2J::error::"')
    assert "\x1b" not in stderr


def _near(expected: Any) -> Any:
    if isinstance(expected, float) and expected != 0:
        return pytest.approx(expected, rel=1e-13, abs=0)
    return INF if expected == math.inf else expected
