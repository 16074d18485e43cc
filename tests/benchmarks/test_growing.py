"""Large files come and go, and are not made where they do not fit."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.benchmarks.forms import BY_NAME
from tests.benchmarks.growing import peak

FORM = BY_NAME["Parquet, 10 logits"]
ROWS = 2000  # at 80 bytes of logits a row, compressed little


def test_only_what_was_made_here_is_deleted(tmp_path: Path) -> None:
    file = FORM.path(tmp_path, ROWS)
    assert peak(FORM, tmp_path, ROWS, keep=False)
    assert not file.exists()
    assert peak(FORM, tmp_path, ROWS, keep=True)
    assert file.exists()
    assert peak(FORM, tmp_path, ROWS, keep=False)
    assert file.exists()


def test_a_file_that_does_not_fit_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=ROWS * 80))
    assert peak(FORM, tmp_path, ROWS, keep=True) is None
    assert not FORM.path(tmp_path, ROWS).exists()
