"""The index of ids against a dictionary of Python, with real and with forced hash collisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli.joining import id_index as module
from xentcli.joining.id_index import IdIndex, hashes, id_texts, is_id

TEXTS = st.lists(st.one_of(st.sampled_from(["", "a", "b", "01", "1", "é"]), st.text(max_size=40)), max_size=60)


def _ids(texts: Sequence[str]) -> pa.Array:
    return pa.array(list(texts), pa.large_string())


def _blocks(texts: Sequence[str], size: int) -> list[pa.Array]:
    return [_ids(texts[i : i + size]) for i in range(0, len(texts), size)]


def _check_against_dictionary(known: list[str], asked: list[str], size: int) -> None:
    index = IdIndex(_blocks(known, size))
    first: dict[str, int] = {}
    later = []
    for row, text in enumerate(known):
        if text and first.setdefault(text, row) != row:
            later.append(row)
    assert index.find(_ids(asked)).tolist() == [first.get(text, -1) for text in asked]
    assert index.duplicated.tolist() == later
    assert index.missing.tolist() == [row for row, text in enumerate(known) if not text]


@given(known=TEXTS, asked=TEXTS, size=st.integers(1, 20))
def test_find_is_the_first_row_of_the_very_text(known: list[str], asked: list[str], size: int) -> None:
    _check_against_dictionary(known, asked + known, size)


@pytest.mark.parametrize("different", [1, 3])
@given(known=TEXTS, asked=TEXTS)
def test_a_collision_never_joins_a_wrong_row(different: int, known: list[str], asked: list[str]) -> None:
    def collide(texts: pa.Array) -> np.ndarray[Any, np.dtype[np.uint64]]:
        return np.array([len(text) % different for text in texts.to_pylist()], np.uint64)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "hashes", collide)
        _check_against_dictionary(known, asked + known, 7)


@given(texts=TEXTS, start=st.integers(0, 10))
def test_a_hash_hangs_on_the_text_alone(texts: list[str], start: int) -> None:
    assert hashes(_ids(texts).slice(start)).tolist() == [int(hashes(_ids([text]))[0]) for text in texts[start:]]


def test_long_ids_that_differ_at_one_place_are_told_apart() -> None:
    long = ["x" * n + c + "y" * (400 - n) for n in range(0, 400, 7) for c in "ab"]
    index = IdIndex([_ids(long)])
    assert index.find(_ids(long)).tolist() == list(range(len(long)))
    assert len(set(hashes(_ids(long)).tolist())) == len(long)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([1, -2, None], pa.int64()), ["1", "-2", ""]),
        (pa.array([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (pa.array([1.0, -0.0, 0.5, None, float("nan"), 1e15]), ["1", "0", "0.5", "", "", "1000000000000000"]),
        (pa.array(["01", "", None, "1.0"]), ["01", "", "", "1.0"]),
        (pa.array(["b", "a", None, "b"]).dictionary_encode(), ["b", "a", "", "b"]),
        (pa.array([7, 7, 8]).dictionary_encode(), ["7", "7", "8"]),
    ],
    ids=["integers", "unsigned", "floats", "text", "dictionary", "dictionary of integers"],
)
def test_ids_of_any_type_are_text(column: pa.Array, texts: list[str]) -> None:
    assert is_id(column.type)
    assert id_texts(column).to_pylist() == texts


@pytest.mark.parametrize("kind", [pa.timestamp("ns"), pa.list_(pa.int64()), pa.bool_(), pa.binary(16)], ids=str)
def test_what_can_be_written_in_several_ways_is_no_id(kind: pa.DataType) -> None:
    assert not is_id(kind)
