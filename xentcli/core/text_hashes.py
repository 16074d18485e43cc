"""Hashes of texts that lie one after the other, all at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from xentcli.core.batch import IndexArray
from xentcli.core.mixing import HashArray, mix

_WORD = 8
_LONG = 256  # bytes: a longer text is hashed on its own, the others word by word and all at once
_MASKS = np.array([(1 << 8 * n) - 1 for n in range(_WORD + 1)], np.uint64)  # the first n bytes of a word


def text_hashes(utf8: NDArray[np.uint8], offsets: NDArray[np.int64]) -> HashArray:
    """A 64-bit hash `(n,)` of each text `utf8[offsets[i]:offsets[i + 1]]`; the same for equal ones, everywhere."""
    lengths, starts = np.diff(offsets), offsets[:-1] - offsets[0]
    result = mix(lengths.astype(np.uint64))
    text = utf8[offsets[0] : offsets[-1]]
    words = _words(text)
    short = np.minimum(lengths, _LONG)
    for at in range(0, int(short.max(initial=0)), _WORD):
        left = short - at
        rows: IndexArray | slice = slice(None) if left.min() > 0 else np.flatnonzero(left > 0)
        word = words[starts[rows] + at] & _MASKS[np.minimum(left[rows], _WORD)]
        result[rows] = mix(result[rows] ^ word)
    for row in np.flatnonzero(lengths > _LONG).tolist():
        from hashlib import blake2b

        long = text[starts[row] : starts[row] + lengths[row]]
        result[row] = int.from_bytes(blake2b(long.tobytes(), digest_size=_WORD).digest(), "little")
    return result


def _words(text: NDArray[np.uint8]) -> HashArray:
    """The eight bytes from each byte of the text on, as one little-endian number."""
    padded = np.zeros(text.size + _WORD, np.uint8)
    padded[: text.size] = text
    return np.ndarray((text.size + 1,), np.dtype("<u8"), padded, strides=(1,))
