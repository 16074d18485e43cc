"""Files that look like models of the same rows: the commands that a notice or hint names work when typed."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.runner import error_of, xent

NAMED = re.compile(r"xent ((?:compare|rank) .+?)(?=, or xent|$)")
ROWS = 30
LABELS = ["no" if i % 3 else "yes" for i in range(ROWS)]


def write(folder: Path, models: int, header: str, row: str) -> list[str]:
    """A file a model, with the same rows, each in another order."""
    names = [f"model {number}.csv" for number in range(models)]
    for number, name in enumerate(names):
        p = [0.25 + 0.05 * number + 0.015625 * i for i in range(ROWS)]
        lines = [row.format(id=f"r{i}", label=LABELS[i], p=p[i], rest=1 - p[i]) for i in range(ROWS)]
        (folder / name).write_text("\n".join([header, *lines[number:], *lines[:number], ""]))
    return names


def follow(named: Sequence[str], folder: Path) -> list[str]:
    """Type each command; the name of each."""
    for command in named:
        run = xent(*shlex.split(command), "--format", "json", cwd=folder)
        assert run.code == 0, (command, run.stderr)
        assert json.loads(run.stdout)["rows"] == ROWS
    return [command.split()[0] for command in named]


@pytest.mark.parametrize(("models", "commands"), [(2, ["compare", "rank"]), (3, ["rank"])])
@pytest.mark.parametrize(
    ("header", "row", "options"),
    [
        ("id,label,p_yes", "{id},{label},{p}", ()),
        (
            "id;my truth;risk",
            "{id};{label};{p}",
            ("--label", "my truth", "--prob", "risk", "--positive", "yes", "--delimiter", ";"),
        ),
    ],
)
def test_the_same_ids(
    models: int, commands: list[str], header: str, row: str, options: tuple[str, ...], tmp_path: Path
) -> None:
    names = write(tmp_path, models, header, row)
    run = xent("score", *names, *options, "--format", "json", cwd=tmp_path)
    [notice] = [each for each in json.loads(run.stdout)["notices"] if each["code"] == "same_rows"]
    assert follow(NAMED.findall(notice["message"]), tmp_path) == commands


@pytest.mark.parametrize(("models", "command"), [(2, "compare"), (3, "rank")])
def test_a_label_file_for_several_models(models: int, command: str, tmp_path: Path) -> None:
    """Whose column of ids has a name of its own."""
    names = write(tmp_path, models, "id,p_yes,p_no", "{id},{p},{rest}")
    (tmp_path / "truth.csv").write_text("\n".join(["row,label", *(f"r{i},{LABELS[i]}" for i in range(ROWS)), ""]))
    run = xent("score", *names, "--labels", "truth.csv", "--on", "id=row", "--format", "json", cwd=tmp_path)
    assert follow(NAMED.findall(error_of(run)["hint"]), tmp_path) == [command]
