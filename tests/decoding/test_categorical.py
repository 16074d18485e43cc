"""The texts of a column are the same whether blocks are read alone or one after the other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from xentcli.core.text import Numbers, Words
from xentcli.decoding.categorical import Categorical, KnownTexts, categorical_texts
from xentcli.sources.source import Column


def words(*texts: str | None) -> Words:
    present = list(dict.fromkeys(text for text in texts if text is not None))
    data = [text.encode() for text in present]
    codes = [0 if text is None else 1 + present.index(text) for text in texts]
    ends = np.cumsum([0, *map(len, data)])
    return Words(np.array(codes, np.int64), np.frombuffer(b"".join(data), np.uint8), ends)


SHARED = pa.array(["x", None, "y", ""]).dictionary_encode()
BLOCKS: dict[str, list[Column]] = {
    "words": [words("a", "b", "a"), words("b", None, "c"), words("ä", "a"), words()],
    "integers": [pa.array([3, 1, 3]), pa.array([1, 2]), pa.array([5, None])],
    "texts": [pa.array(["a", None, "b"]), pa.array(["b", "c", ""]), pa.array([], pa.string())],
    "one dictionary": [SHARED, SHARED.slice(1), SHARED],
    "a word twice": [pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, 0]), pa.array(["a", "b", "a"]))],
    "words of no row": [pa.DictionaryArray.from_arrays(pa.array([1]), pa.array(["a", "b", "c"]))],
    "kinds in turn": [words("1", "2"), pa.array([2, 1]), pa.array(["2", "3"]), words("3", "1"), pa.array([9, 2])],
    "numbers": [Numbers(np.array([1.0, 2.5]), None), pa.array([1.0, 2.5])],
}


def rows(found: Categorical[str | None]) -> list[str | None]:
    return [found.values[code] for code in found.codes.tolist()]


@pytest.mark.parametrize("name", BLOCKS)
def test_known_texts_are_those_of_each_block(name: str) -> None:
    known = KnownTexts()
    for block in BLOCKS[name]:
        found = known.encode(block)
        assert rows(found) == rows(categorical_texts(block))
        assert all((code == 0) == (found.values[code] is None) for code in found.codes.tolist())


def test_texts_keep_their_codes() -> None:
    known = KnownTexts()
    one, two = known.encode(words("a", "b")), known.encode(words("b", "c"))
    assert one.values is two.values
    assert one.codes[1] == two.codes[0]
