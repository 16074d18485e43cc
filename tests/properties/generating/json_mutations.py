"""What happens to JSON Lines on their way."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from tests.properties.generating.mutations import with_a_flipped_bit

NUMBER = re.compile(rb"(?<=: )-?[0-9.e+-]+(?=[,}\]])")
TEXT = re.compile(rb'(?<=: )"[^"\\]*"(?=[,}])')
CONSTANTS = (b"NaN", b"Infinity", b"-Infinity", b"nan")
NUMBERS = (
    b"1" + b"0" * 400, b"1" + b"0" * 5000, b"18446744073709551616", b"9007199254740993", b"1e400", b"-0", b"01",
    b"1.", b".5", b"+1", b"0x1", b"1e-400", b"1e308", b"2", b"-0.25",
)  # fmt: skip
DEPTHS = (3, 100, 2000)
SURROGATES = (b'"\\ud800"', b'"\\udc80x"', b'"\\ud83d"')


def mutate_json(rng: Random, data: bytes) -> tuple[bytes, str]:
    """The text after one mutation, and the name of it."""
    name = rng.choice(list(MUTATIONS))
    return (MUTATIONS[name](rng, data) if data else data), name


def instead(rng: Random, data: bytes, pattern: re.Pattern[bytes], new: bytes) -> bytes:
    """With something else in the place of one of the matches."""
    found = list(pattern.finditer(data))
    if not found:
        return data
    match = rng.choice(found)
    return data[: match.start()] + new + data[match.end() :]


def with_another_byte(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


def nested(rng: Random, data: bytes) -> bytes:
    depth = rng.choice(DEPTHS)
    return instead(rng, data, NUMBER, b"[" * depth + b"]" * depth)


MUTATIONS: dict[str, Callable[[Random, bytes], bytes]] = {
    "another byte": with_another_byte,
    "a bit": with_a_flipped_bit,
    "a constant": lambda rng, data: instead(rng, data, NUMBER, rng.choice(CONSTANTS)),
    "another number": lambda rng, data: instead(rng, data, NUMBER, rng.choice(NUMBERS)),
    "another number again": lambda rng, data: instead(rng, data, NUMBER, rng.choice(NUMBERS)),
    "text for a number": lambda rng, data: instead(rng, data, NUMBER, b'"0.5"'),
    "null": lambda rng, data: instead(rng, data, NUMBER, b"null"),
    "true": lambda rng, data: instead(rng, data, NUMBER, b"true"),
    "lists": nested,
    "half a character": lambda rng, data: instead(rng, data, TEXT, rng.choice(SURROGATES)),
    "half a character for a number": lambda rng, data: instead(rng, data, NUMBER, rng.choice(SURROGATES)),
    "a blank line": lambda rng, data: data.replace(b"\n", b"\n\n", 1),
    "cut off": lambda rng, data: data[: rng.randrange(len(data))],
    "CRLF": lambda rng, data: data.replace(b"\n", b"\r\n"),
    "a byte order mark": lambda rng, data: b"\xef\xbb\xbf" + data,
    "an array": lambda rng, data: b"[" + data.strip().replace(b"\n", b",") + b"]",
    "a comma more": lambda rng, data: data.replace(b"}", b",}", 1),
    "a comment": lambda rng, data: b"// x\n" + data,
    "an escape": lambda rng, data: data.replace(b"a", b"\\u0061"),
    "blanks": lambda rng, data: data.replace(b"{", b" \t{ "),
    "a key less": lambda rng, data: re.sub(rb'"[^"]*": [0-9.]+, ', b"", data, count=1),
    "a key twice": lambda rng, data: data.replace(b"{", b'{"label": "a", ', 1),
}
