"""The benchmarks run: what they print, not how long it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.reading import BROKEN_DOWN, FLAT, FORMS, TABLES


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_tiny_files(name: str, tmp_path: Path) -> None:
    header, *lines = TABLES[name](tmp_path, 0.0004, 1)
    lengths = {"speed": len(FORMS), "memory": len(FLAT), "join": 2, "breakdown": len(BROKEN_DOWN)}
    assert lengths[name] == len(lines)
    assert all(len(line) == len(header) for line in lines)
