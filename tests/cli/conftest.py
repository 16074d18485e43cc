"""What the tests of the command line share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.inputs import BAD, GOOD, NOTED
from tests.cli.runner import Forks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a good file, a bad one, and one that is worth a notice."""
    for name, text in (("good", GOOD), ("noted", NOTED), ("bad", BAD)):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file of 2,000 classes, whose JSON no pipe holds, and whose loss is infinite."""
    folder = tmp_path_factory.mktemp("wide")
    header = ",".join(["label", *(f"p_c{k}" for k in range(2000))])
    (folder / "wide.csv").write_text(f"{header}\nc0,0,1{',0' * 1998}\n")
    return folder


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Processes that need nothing imported again."""
    server = Forks()
    yield server
    server.close()
