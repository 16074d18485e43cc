"""A JSON array as a file: of objects, of lists (one a row), or of labels or scores.

It is read as the lines of JSON Lines that hold its elements. A list, or a scalar, becomes an object of one key,
called as NumPy's arrays without a name are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.sources.array_names import array_name
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.json.lines import read_lines
from xentcli.sources.json.rows import JsonRows, infer_fields
from xentcli.sources.source import Block, Chunk, Field, FileSource, Projection, TextOptions
from xentcli.sources.text import BOM, refuse_non_utf8, refuse_other_encodings

_SPACE = " \t\r\n"
_BLOCK_ROWS = 1 << 13
_DECODER = json.JSONDecoder()


class Elements(NamedTuple):
    """Elements as lines of objects, the physical line of each, and where it is in the text."""

    lines: list[bytes]
    numbers: IndexArray
    text: str  # without a mark at its beginning
    spans: list[tuple[int, int]]

    def part(self, first: int, count: int) -> tuple[bytes, IndexArray]:
        """Some of the lines as one text."""
        return b"\n".join(self.lines[first : first + count]), self.numbers[first : first + count]


class JsonArraySource(FileSource, frozen=True, eq=False, kw_only=True):
    """An array, which is held in memory while it is read."""

    missing: tuple[str, ...] = ()  # texts that stand for what is missing
    format: str = "json"

    @classmethod
    def open(cls, content: ByteSource, text: TextOptions) -> JsonArraySource:
        """Read the keys of the first objects."""
        data, numbers = _read(content).part(0, _BLOCK_ROWS)
        return cls(
            content=content, missing=text.missing, fields=infer_fields(JsonRows(content.name, data, 1, numbers))
        )

    def read_chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The elements, 8,192 at a time."""
        elements = _read(self.content)
        for first in range(0, len(elements.lines), _BLOCK_ROWS):
            rows = JsonRows(self.name, *_with_line(elements.part(first, _BLOCK_ROWS)), missing=self.missing)
            yield Chunk(read_lines(rows, self.fields, projection), min(1.0, _BLOCK_ROWS / len(elements.lines)))

    def located(self) -> Elements:
        """All elements, with where they are."""
        return _read(self.content)

    def block(self, elements: Elements, added: Sequence[Field], projection: Projection) -> Block | None:
        """Elements as one block, with these columns beside those of the file."""
        if not elements.lines:
            return None
        rows = JsonRows(self.name, *_with_line(elements.part(0, len(elements.lines))), missing=self.missing)
        return next(read_lines(rows, (*self.fields, *added), projection)(), None)


def _with_line(part: tuple[bytes, IndexArray]) -> tuple[bytes, int, IndexArray]:
    data, numbers = part
    return data, int(numbers[0]), numbers


def _read(content: ByteSource) -> Elements:
    """All elements of the array."""
    pieces = []
    with content.open() as stream:
        while piece := stream.read(1 << 20):
            pieces.append(piece)
    data = b"".join(pieces).removeprefix(BOM)
    refuse_other_encodings(data[:4], content.name)
    refuse_non_utf8(data, content.name, 1)
    return elements_of(data.decode(), content)


def elements_of(text: str, content: ByteSource) -> Elements:
    """All elements of an array that is or could be in a file."""
    try:
        spans = _spans(text)
    except json.JSONDecodeError as error:
        message = f"is not a JSON array: {error.msg.lower()} at character {error.colno}"
        raise ContentError("parse", message, where=Where(content.name, line=error.lineno)) from None
    except RecursionError:
        raise ContentError("parse", "is nested too deeply", where=Where(content.name)) from None
    floats = any(isinstance(value, float) for _, _, value, _ in spans)
    key = json.dumps(array_name(content.name, lists=any(nested for *_, nested in spans), floats=floats))
    lines, numbers, line, at = [], [], 1, 0
    for begin, end, *_ in spans:
        line, at = line + text.count("\n", at, begin), begin
        element = text[begin:end].replace("\n", " ").replace("\r", " ")  # which no string holds as they are
        lines.append((element if element.startswith("{") else f"{{{key}: {element}}}").encode())
        numbers.append(line)
    return Elements(lines, np.array(numbers, np.int64), text, [(begin, end) for begin, end, *_ in spans])


def _spans(text: str) -> list[tuple[int, int, object, bool]]:
    """Where each element begins and ends, its value if it is a scalar, and whether it is none."""
    spans = list(_elements(text))
    after = _skip(text, _DECODER.raw_decode(text, _skip(text, 0))[1]) if spans else len(text)
    if after == len(text):
        return spans
    if text[after] != "[":
        raise json.JSONDecodeError("Extra data", text, after)
    spans, at = [], _skip(text, 0)
    while at < len(text):
        _, end = _DECODER.raw_decode(text, at)
        spans.append((at, end, None, True))
        at = _skip(text, end)
    return spans


def _elements(text: str) -> Iterator[tuple[int, int, object, bool]]:
    """The elements of the array that a text begins with."""
    at = _skip(text, 0)
    if text[at : at + 1] != "[":
        raise json.JSONDecodeError("Expecting '['", text, at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        value, end = _DECODER.raw_decode(text, at)
        nested = isinstance(value, list | dict)
        yield at, end, None if nested else value, nested
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
            if text[at : at + 1] == "]":
                raise json.JSONDecodeError("Expecting value", text, at)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("Expecting ',' delimiter", text, at)


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] in _SPACE and at < len(text):
        at += 1
    return at
