"""State files taken apart and put together: what damage cannot do, but a program can."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

from xentcli.api import merge_states
from xentcli.errors import XentError
from xentcli.states.container import LENGTH, seal, unseal
from xentcli.states.stored import head_of


class Opened(NamedTuple):
    """A state file: its command, what JSON holds of it, and the bytes of its arrays."""

    command: str
    head: dict[str, Any]
    arrays: bytes

    def sealed(self) -> bytes:
        """The file, with a right checksum."""
        text = json.dumps(self.head, separators=(",", ":")).encode()
        return seal(b"".join([len(text).to_bytes(LENGTH, "little"), text, self.arrays]), self.command)


def opened(data: bytes) -> Opened:
    """What is in a state file."""
    command, content = unseal(data, "x")
    head, arrays = head_of(content)
    return Opened(command, head, bytes(arrays))


def put(head: dict[str, Any], place: tuple[Any, ...], value: Any) -> Any:
    """Put a value in a place of a JSON document, and give what stood there."""
    at: Any = head
    for key in place[:-1]:
        at = at[key]
    before = at.get(place[-1]) if isinstance(at, dict) else at[place[-1]]
    at[place[-1]] = value
    return before


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON document."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


_VALUES: tuple[Any, ...] = (None, -1, 10**9, 10**30, "x", [], [0], {}, True, 1e300, 0.5)
_BYTES = (0, 1, 0x7F, 0x80, 0xFF)


def forged(data: bytes, seed: int) -> Iterator[bytes]:
    """State files with a right checksum in which something is other than it was."""
    draw = random.Random(seed)
    state = opened(data)
    everywhere = [place for place in places(state.head) if place]
    for turn in range(40):
        head, arrays = deepcopy(state.head), bytearray(state.arrays)
        place = draw.choice(everywhere)
        before = put(head, place, None)
        number = type(before) is int and draw.random() < 0.5
        put(head, place, before + draw.choice([-1, 1]) if number else draw.choice(_VALUES))
        if turn % 2:
            put(head, place, before)
            for _ in range(draw.choice([1, 1, 4, 64])):
                arrays[draw.randrange(len(arrays))] = draw.choice((*_BYTES, draw.randrange(256)))
        yield Opened(state.command, head, bytes(arrays)).sealed()


def merged(data: bytes, path: Path) -> None:
    """Merge what is in a state file: an error of ours at most."""
    path.write_bytes(data)
    with contextlib.suppress(XentError):
        merge_states(path)
