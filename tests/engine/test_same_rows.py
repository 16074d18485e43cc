"""Files of two models, scored as one, raise a doubt; parts of one data set do not."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli import score
from xentcli.engine.same_rows import RowSums, SameRows
from xentcli.states.file import read_states
from xentcli.states.run import Run

_sums = st.builds(RowSums, *[st.integers(0, 2**64 - 1)] * 4)
states = st.builds(SameRows, st.dictionaries(st.integers(0, 3), _sums, max_size=3))

LABELS = [i % 3 % 2 for i in range(40)]
IDS = [f"r{i}" for i in range(40)]


def _file(path: Path, labels: Sequence[object], ids: Sequence[object] | None = None, seed: int = 0) -> Path:
    rng = random.Random(seed)
    names = IDS if ids is None else ids
    rows = (f"{name},{label},{rng.random():.3f}\n" for name, label in zip(names, labels, strict=False))
    path.write_text("id,label,p\n" + "".join(rows))
    return path


def _doubts(*paths: Path, **options: object) -> list[str]:
    notices = score(paths, **options).notices  # type: ignore[arg-type]
    return [str(notice) for notice in notices if notice.code == "same_rows" and notice.doubt]


@given(states, states, states)
def test_sums_merge_in_any_order(one: SameRows, two: SameRows, three: SameRows) -> None:
    assert one.merge(two) == two.merge(one)
    assert one.merge(two).merge(three) == one.merge(two.merge(three))
    assert one.merge(SameRows()) == one


@pytest.mark.parametrize("threads", [1, 2])
def test_the_same_labels_in_order_are_a_doubt(tmp_path: Path, threads: int) -> None:
    one = _file(tmp_path / "a.csv", LABELS, [f"x{i}" for i in range(40)])
    two = _file(tmp_path / "b c.csv", LABELS, [f"y{i}" for i in range(40)], 1)
    other = _file(tmp_path / "d.csv", LABELS[::-1], [f"z{i}" for i in range(40)], 2)
    [doubt] = _doubts(one, two, other, threads=threads)
    assert "the same labels in their 40 rows, which count twice" in doubt
    assert f"xent compare {one} '{two}'" in doubt


def test_the_same_ids_are_a_doubt_in_any_order(tmp_path: Path) -> None:
    order = np.random.default_rng(0).permutation(40).tolist()
    one = _file(tmp_path / "a.csv", LABELS)
    two = _file(tmp_path / "b.csv", [LABELS[i] for i in order], [IDS[i] for i in order], 1)
    [doubt] = _doubts(one, two)
    assert 'the same values of "id" in their 40 rows' in doubt
    short = [_file(tmp_path / f"{name}.csv", LABELS[:5], IDS[:5]) for name in "cd"]
    assert len(_doubts(*short)) == 1


def test_parts_of_a_data_set_are_none(tmp_path: Path) -> None:
    one = _file(tmp_path / "a.csv", LABELS)
    other_ids = [f"s{i}" for i in range(40)]
    assert not _doubts(one, _file(tmp_path / "b.csv", LABELS[::-1], other_ids))
    assert not _doubts(one, _file(tmp_path / "c.csv", LABELS[:39], other_ids))
    few = [_file(tmp_path / f"d{i}.csv", LABELS[:19], other_ids if i else IDS) for i in (0, 1)]
    assert not _doubts(*few)
    of_one = [_file(tmp_path / f"e{i}.csv", ["1"] * 40, other_ids if i else IDS) for i in (0, 1)]
    assert not _doubts(*of_one)
    counted = [_file(tmp_path / f"f{i}.csv", LABELS if i else LABELS[::-1], range(40)) for i in (0, 1)]
    assert not _doubts(*counted)


def test_the_id_that_is_watched_is_in_no_state(tmp_path: Path) -> None:
    paths = [_file(tmp_path / f"{name}.csv", LABELS, seed=i) for i, name in enumerate("ab")]
    score(paths, save_state=tmp_path / "s.json")
    [saved] = read_states([str(tmp_path / "s.json")])
    assert isinstance(saved.run, Run)
    assert saved.run.columns.keys.watched is None
