"""JSON documents that users bring (baselines, saved results, states), read so that nothing is passed over.

Python's parser takes more than JSON, and keeps the last of several values under one key. Taken here is what any
reader takes, with one meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from xentcli.wording import brief

_DEEPEST = 100  # what xent writes is far below, and what it does with a document recurs
_DIGITS = 400  # of a whole number beyond float64, which Python may refuse to read


class NotJson(ValueError):
    """What is wrong with a text that should be JSON, as the end of a sentence about it."""


def parse_json(data: bytes) -> Any:
    """The document in `data`; whole numbers beyond float64 are infinite. Raises `NotJson`."""
    try:
        document = _DECODER.decode(data.decode(json.detect_encoding(data)))
    except NotJson:
        raise
    except UnicodeDecodeError as error:
        raise NotJson(f"byte {error.start + 1:,} is not {error.encoding.upper()} text") from None
    except json.JSONDecodeError as error:
        raise NotJson(f"{error.msg.lower()} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    _refuse_deep(document)
    return document


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotJson(f'an object has the key "{brief(twice)}" twice')
    return found


def _whole(text: str) -> int | float:
    return int(text) if len(text) <= _DIGITS else float(text)


def _constant(text: str) -> NoReturn:
    raise NotJson(f"{text} is no number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=_whole, parse_constant=_constant)


def _refuse_deep(document: Any) -> None:
    level = [document]
    for _ in range(_DEEPEST):
        level = [item for each in level for item in _items(each)]
        if not level:
            return
    raise NotJson("it is nested too deeply")


def _items(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
