"""What happens to delimited text on its way: cut, doubled, shifted, re-encoded, edited by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from tests.properties.generating.pools import NAMES, VALUES

INVALID = (b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\x80")
OTHER_DELIMITERS = (b";", b"\t", b"|", b" ", b",")

Bytes = Callable[[Random, bytes], bytes]
Lines = Callable[[Random, list[bytes], bytes], list[bytes]]


def mutate(rng: Random, data: bytes, delimiter: str) -> tuple[bytes, str]:
    """The text after one mutation, and the name of it."""
    name = rng.choice(CHOICES)
    if not data:
        return data, name
    if name in BYTES:
        return BYTES[name](rng, data), name
    return b"\n".join(LINES[name](rng, data.split(b"\n"), delimiter.encode())), name


# --- of bytes --------------------------------------------------------------------------------------------


def replaced(rng: Random, data: bytes, old: int, new: bytes) -> bytes:
    """With `new` in the place of `old` bytes somewhere."""
    at = rng.randrange(len(data))
    return data[:at] + new + data[at + old :]


def with_a_flipped_bit(rng: Random, data: bytes) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def re_encoded(rng: Random, data: bytes) -> bytes:
    try:
        return data.decode("utf-8").encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be")))
    except UnicodeDecodeError:
        return data


def with_bare_returns(rng: Random, data: bytes) -> bytes:
    return data.replace(b"\n", b"\r") if rng.random() < 0.5 else data.replace(b"\n", b"\r", 1)


BYTES: dict[str, Bytes] = {
    "another byte": lambda rng, data: replaced(rng, data, 1, bytes([rng.randrange(256)])),
    "a bit": with_a_flipped_bit,
    "a quote": lambda rng, data: replaced(rng, data, 0, b'"'),
    "a NUL": lambda rng, data: replaced(rng, data, 0, b"\0"),
    "a blank": lambda rng, data: replaced(rng, data, 0, b" "),
    "a no-break space": lambda rng, data: replaced(rng, data, 0, "\u00a0".encode()),
    "some bytes": lambda rng, data: replaced(rng, data, 0, rng.randbytes(rng.randrange(1, 5))),
    "invalid UTF-8": lambda rng, data: replaced(rng, data, 0, rng.choice(INVALID)),
    "an escape": lambda rng, data: replaced(rng, data, 0, rng.choice((b"\x1b[2J", b"\xc2\x9b1m", b"\x07"))),
    "a byte order mark": lambda rng, data: b"\xef\xbb\xbf" + data,
    "cut off": lambda rng, data: data[: rng.randrange(len(data))],
    "CRLF": lambda rng, data: data.replace(b"\n", b"\r\n"),
    "CR": with_bare_returns,
    "UTF-16": re_encoded,
}


# --- of lines and cells ----------------------------------------------------------------------------------


def with_cell(rng: Random, lines: list[bytes], delimiter: bytes, cells: Sequence[str], first: bool) -> list[bytes]:
    """With another cell in a row, the first one or any."""
    row = rng.randrange(1, len(lines)) if len(lines) > 1 else 0
    fields = lines[row].split(delimiter)
    fields[0 if first else rng.randrange(len(fields))] = rng.choice(cells).encode()
    lines[row] = delimiter.join(fields)
    return lines


def without_cell(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    row = rng.randrange(1, len(lines)) if len(lines) > 1 else 0
    fields = lines[row].split(delimiter)
    del fields[rng.randrange(len(fields))]
    lines[row] = delimiter.join(fields)
    return lines


def with_doubled_cell(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    row = rng.randrange(len(lines))
    fields = lines[row].split(delimiter)
    at = rng.randrange(len(fields))
    lines[row] = delimiter.join([*fields[:at], fields[at], *fields[at:]])
    return lines


def with_cut_line(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    row = rng.randrange(len(lines))
    lines[row] = lines[row][: rng.randrange(len(lines[row]) + 1)]
    return lines


def with_doubled_line(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    row = rng.randrange(len(lines))
    return [*lines[:row], lines[row], *lines[row:]]


def with_blank_lines(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    row = rng.randrange(len(lines) + 1)
    return [*lines[:row], *[b""] * rng.randrange(1, 4), *lines[row:]]


def with_longer_line(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    lines[rng.randrange(len(lines))] += delimiter
    return lines


def with_header(change: Callable[[Random, list[bytes]], None]) -> Lines:
    """A mutation of the fields of the header."""

    def changed(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
        fields = lines[0].split(delimiter)
        change(rng, fields)
        return [delimiter.join(fields), *lines[1:]]

    return changed


def name_twice(rng: Random, fields: list[bytes]) -> None:
    fields[rng.randrange(len(fields))] = rng.choice(fields)


def other_case(rng: Random, fields: list[bytes]) -> None:
    fields[:] = [name.swapcase() for name in fields]


def shuffled(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    rng.shuffle(lines)
    return lines


def with_other_delimiter(rng: Random, lines: list[bytes], delimiter: bytes) -> list[bytes]:
    other = rng.choice(OTHER_DELIMITERS)
    return [line.replace(delimiter, other) for line in lines]


LONG = tuple(c * size for c in "x01" for size in (1_000, 100_000))

LINES: dict[str, Lines] = {
    "another value": lambda rng, lines, mark: with_cell(rng, lines, mark, VALUES, first=False),
    "another first value": lambda rng, lines, mark: with_cell(rng, lines, mark, NAMES, first=True),
    "a long value": lambda rng, lines, mark: with_cell(rng, lines, mark, LONG, first=False),
    "an empty cell": lambda rng, lines, mark: with_cell(rng, lines, mark, [""], first=False),
    "a cell less": without_cell,
    "a cell twice": with_doubled_cell,
    "a line cut": with_cut_line,
    "a line twice": with_doubled_line,
    "blank lines": with_blank_lines,
    "a delimiter more": with_longer_line,
    "a name twice": with_header(name_twice),
    "names in another case": with_header(other_case),
    "names in another order": with_header(lambda rng, fields: rng.shuffle(fields)),
    "lines in another order": shuffled,
    "another delimiter": with_other_delimiter,
    "one row": lambda rng, lines, mark: lines[:2],
}
CHOICES = (*BYTES, *LINES, *["another value"] * 3, "another first value")
