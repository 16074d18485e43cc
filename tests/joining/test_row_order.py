"""Rows that met by their places are refused where ids say that they do not belong together."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli import score
from xentcli.api import CompareRequest, InputRequest, compare_files
from xentcli.errors import RequestError
from xentcli.joining.id_columns import IdColumns, id_columns
from xentcli.joining.id_digest import IdDigest
from xentcli.joining.id_index import id_texts

Change = Callable[[list[str]], list[str]]


def _write(path: Path, columns: dict[str, Sequence[object]]) -> Path:
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    return path


def _digest(ids: Sequence[object], cuts: Sequence[int] = ()) -> IdDigest:
    digest = IdDigest()
    for begin, end in pairwise([0, *cuts, len(ids)]):
        digest.add(id_texts(pa.array([str(each) for each in ids[begin:end]], pa.string())))
    return digest


def _compare(tmp_path: Path, base: dict[str, Sequence[object]], new: dict[str, Sequence[object]]) -> Any:
    labels = [i % 2 for i in range(len(next(iter(base.values()))))]
    score_columns: dict[str, Sequence[object]] = {"label": labels, "p": [0.25] * len(labels)}
    paths = [_write(tmp_path / name, {**ids, **score_columns}) for name, ids in (("a.csv", base), ("b.csv", new))]
    base_request, new_request = (InputRequest((path,)) for path in paths)
    return compare_files(CompareRequest(base_request, new_request))


IDS = [f"u{i}" for i in range(50)]
SHUFFLED = random.Random(1).sample(IDS, len(IDS))


@given(st.lists(st.text(min_size=1), min_size=2, max_size=40, unique=True), st.data())
def test_digests_tell_whether_values_and_places_are_the_same(ids: list[str], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(ids)), max_size=3)))
    other = data.draw(st.permutations(ids))
    one, two = _digest(ids, cuts), _digest(other)
    assert one.values == two.values
    assert (one.placed == two.placed) == (ids == list(other))
    assert one.overlap(two) == (len(ids), sum(map(str.__eq__, ids, other)), len(ids))
    assert one.values != _digest([*ids[1:], ids[0] + "x"]).values
    assert (one.distinct, _digest([*ids, ids[0]]).distinct) == (True, False)


def test_the_sample_of_many_ids_is_that_of_the_same_ids() -> None:
    ids = list(range(5000))
    shared, in_place, seen = _digest(ids, [1000, 1001]).overlap(_digest(ids[2500:] + list(range(9000, 11500))))
    assert seen == 1024
    assert 0.4 < shared / seen < 0.6
    assert in_place == 0
    counted = ids, range(1, 5001), ids[::-1]
    assert [_digest(each, [7]).counts for each in counted] == [True, True, False]


@pytest.mark.parametrize(
    ("base", "new", "hint"),
    [
        ({"id": IDS}, {"id": SHUFFLED}, "--on id "),
        ({"x": IDS, "row_id": IDS}, {"id": SHUFFLED, "z": range(50)}, "--on row_id=id "),
        ({"user id": IDS}, {"user id": SHUFFLED}, "--on 'user id' "),
        ({"": range(7, 57), "v": range(50)}, {"": range(56, 6, -1), "v": range(50, 100)}, "--on '' "),
        ({"id": range(50)}, {"id": range(49, -1, -1)}, "--on id "),
        ({"index": range(50), "id": IDS}, {"index": range(50), "id": SHUFFLED}, "--on id "),
        ({"id": [*IDS[:-1], "zz"]}, {"id": SHUFFLED}, "--on id "),  # which will say what is not in both
        ({"row_id": [*IDS[:-1], "zz"]}, {"id": SHUFFLED}, "--on row_id=id "),
        ({"PassengerId": IDS}, {"passenger_id": [*SHUFFLED[:-1], SHUFFLED[0]]}, "--on PassengerId=passenger_id "),
        ({"id": IDS}, {"id": [*SHUFFLED[:-1], SHUFFLED[0]]}, "--on id "),
        ({"ID_code": [*IDS[:-1], "zz"]}, {"sample index": SHUFFLED}, "--on 'ID_code=sample index' "),
    ],
)
def test_ids_in_another_order_are_refused(
    tmp_path: Path, base: dict[str, Sequence[object]], new: dict[str, Sequence[object]], hint: str
) -> None:
    with pytest.raises(RequestError) as caught:
        _compare(tmp_path, base, new)
    assert (caught.value.code, caught.value.exit_code) == ("row_order", 2)
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("base", "new"),
    [
        ({"id": IDS}, {"id": IDS}),
        ({"id": IDS, "rank": range(50)}, {"id": IDS, "rank": range(49, -1, -1)}),
        ({"id": IDS, "other": range(50)}, {"id": IDS, "other": range(49, -1, -1)}),  # the id says that they meet
        ({"row_id": IDS}, {"id": IDS}),
        ({"row_id": IDS, "a_key": SHUFFLED}, {"id": IDS, "b_key": ["zz", *IDS[1:]]}),
        ({"user_id": range(1, 51)}, {"id": range(50)}),
        ({"user_id": range(7, 57)}, {"order_id": range(90, 40, -1)}),  # few in common, of two kinds
        ({"": range(50)}, {"": range(49, -1, -1)}),  # numbers of rows, written anew with one of the files
        ({"run": IDS}, {"run": [f"v{i}" for i in range(50)]}),
        ({"site": ["a", "b"] * 25}, {"site": ["b", "a"] * 25}),
    ],
)
def test_rows_that_may_belong_together_meet(
    tmp_path: Path, base: dict[str, Sequence[object]], new: dict[str, Sequence[object]]
) -> None:
    assert [notice.code for notice in _compare(tmp_path, base, new).notices] == ["in_order"]


def test_ids_without_a_common_value_are_a_doubt(tmp_path: Path) -> None:
    found = _compare(tmp_path, {"id": IDS}, {"id": [f"v{i}" for i in range(50)]}).notices
    assert [(notice.code, notice.doubt) for notice in found] == [("ids_differ", True), ("in_order", False)]


def test_a_column_of_labels_in_a_file_of_their_own_is_looked_at(tmp_path: Path) -> None:
    p = [0.25 + i / 100 for i in range(50)]
    truth = {each: i % 2 for i, each in enumerate(IDS)}
    preds = _write(tmp_path / "p.csv", {"row_id": IDS, "p": p})
    labels = _write(tmp_path / "l.csv", {"id": SHUFFLED, "label": [truth[each] for each in SHUFFLED]})
    with pytest.raises(RequestError) as caught:
        score(preds, labels=labels)
    assert caught.value.hint == 'on="row_id=id" matches rows by those columns'
    whole = _write(tmp_path / "w.csv", {"label": [*truth.values()], "p": p})
    assert score(preds, labels=labels, on="row_id=id").metrics == score(whole).metrics


@pytest.mark.parametrize(
    ("on", "left", "right", "found"),
    [
        ("id", ["id"], ["id"], ("id", "id")),
        ("a=b", ["a"], ["b"], ("a", "b")),
        ("a=b", ["a", "a=b"], ["b", "a=b"], ("a=b", "a=b")),
        ("a=b=c", ["a=b"], ["c"], ("a=b", "c")),
        ("a=b=c", ["a"], ["b=c"], ("a", "b=c")),
        ("x=y", ["a"], ["b"], ("x", "y")),
        ("=", ["="], ["="], ("=", "=")),
        ("", [""], [""], ("", "")),
    ],
)
def test_two_names_stand_around_a_sign(
    on: str, left: Sequence[str], right: Sequence[str], found: tuple[str, str]
) -> None:
    assert id_columns(on, left, right) == IdColumns(*found)
