"""Every file of a real tool scores right as it is or after following hints, or is refused for good reason.

A `case.toml` holds the metrics that are right, and what is typed; of what is refused, the code of the error.
Each hint of a refusal is followed: it must lead to the right numbers, or to another error that is nearer to them.
"""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct, convert, field

from tests.cli.runner import Run, error_of
from tests.field.hints import follow, run_as_json

FOLDER = Path(__file__).parent


class Line(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is typed after `xent`, and what comes of it."""

    command: str
    error: str | None = None  # the code of the refusal
    says: tuple[str, ...] = ()  # texts that stand in its message or hint
    notices: tuple[str, ...] = ()  # codes that a result has, among others
    right: Mapping[str, float] | None = None  # where it is not that of the case


class Case(Struct, forbid_unknown_fields=True):
    """A kind of file."""

    tool: str  # that writes such files
    run: tuple[Line, ...]
    right: Mapping[str, float] = field(default_factory=dict)  # metrics; none: it can only be refused
    reference: str = ""  # where they come from, unless computed from the formula with NumPy


def _cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*/case.toml")):
        case = convert(tomllib.loads(path.read_text()), Case)
        for line in case.run:
            yield pytest.param(path.parent, case, line, id=f"{path.parent.name}: {line.command}")


def _refuse_wrong(run: Run, right: Mapping[str, float], command: str) -> dict[str, Any]:
    """The result, whose numbers must be right."""
    result: dict[str, Any] = json.loads(run.stdout)
    assert right, f"scored, though nothing would be right: xent {command}"
    models = [each["metrics"] for each in result.get("models", [result])]
    for name, expected in right.items():
        found = [metrics[name] for metrics in models]
        found = [each["difference"] if isinstance(each, dict) else each for each in found]
        assert pytest.approx(expected, rel=1e-12, abs=1e-14) in found, f"{name} of xent {command}"
    return result


@pytest.mark.parametrize(("folder", "case", "line"), [*_cases()])
def test_file_of_a_tool(folder: Path, case: Case, line: Line) -> None:
    command = shlex.split(line.command)
    run = run_as_json(folder, command)
    right = case.right if line.right is None else line.right
    if line.error is None:
        assert run.code == 0, run.stderr
        result = _refuse_wrong(run, right, line.command)
        assert set(line.notices) <= {notice["code"] for notice in result["notices"]}
        return
    assert run.code != 0, run.stdout
    error = error_of(run)
    assert error["code"] == line.error, error
    for text in line.says:
        assert text in f"{error['message']} {error['hint']}", error
    follow(folder, command, error, lambda run, typed: _refuse_wrong(run, right, typed))
