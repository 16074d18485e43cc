"""The plan of the page on clusters follows from its figures."""

from __future__ import annotations

import re

import pytest

from tests.benchmarks.plan import FORMS, SPLIT_ROWS, STEPS, Figures, figures_table, needs, needs_table
from tests.transcript import ROOT

PAGE = (ROOT / "xentcli" / "docs" / "cluster.md").read_text(encoding="utf-8")


def figures() -> dict[str, Figures]:
    """Those of the page."""
    table = re.search(r"^\| form \| MB a split .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M)
    assert table is not None
    found = {}
    for line in table[1].splitlines():
        name, *cells = line.strip("| ").split(" | ")
        file_mb, seconds, *state_mb, merge_seconds = map(float, cells)
        found[name] = Figures(file_mb, seconds, tuple(state_mb), merge_seconds)
    return found


def test_the_plan_follows_from_the_figures() -> None:
    found = figures()
    assert list(found) == list(FORMS)
    assert all(len(each.state_mb) == STEPS + 1 for each in found.values())
    assert figures_table(found) in PAGE
    assert needs_table(found) in PAGE


def test_the_arithmetic() -> None:
    one = needs(Figures(10.0, 2.0, (8.0, 4.0, 2.0, 1.0), 0.5), rows=100 * SPLIT_ROWS, workers=10)
    # 100 splits are merged by 13, 2 and 1 tasks, and come in groups of 8, 56 and 36.
    assert (one.splits, one.merges, one.depth) == (100, 16, 3)
    assert one.read_gb == pytest.approx(1.0)
    assert one.moved_gb == pytest.approx((8 * 8 + 56 * 4 + 36 * 2 + 16 * 8) / 1000)
    assert one.core_minutes == pytest.approx(200 / 60)
    assert one.seconds == pytest.approx((1 + 6 + 4) * 2.0 + 3 * 0.5)
