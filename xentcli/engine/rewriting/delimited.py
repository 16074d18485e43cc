"""Delimited text with other scores: the bytes of their fields are replaced, and all others are as they were."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import numpy as np

from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.core.batch import IndexArray
from xentcli.core.text import Dialect
from xentcli.engine.rewriting.change import Change, Recalibrate, Write, refuse_misplaced, values_in_rows
from xentcli.engine.rewriting.recalibrating import NewScores
from xentcli.errors import RequestError, Where
from xentcli.sources.delimited.source import CsvSource, LocatedBlock
from xentcli.sources.text import Records, count_lines

_ITEM = re.compile(rb"[^\[\],\s]++")  # of a list of numbers
_BLANKS = (ord(" "), ord("\t"))
_SVM_PREDICT = re.compile(rb"labels [^\r\n]*+[\r\n]*+")

Edit = tuple[int, int, bytes]  # from where to where, and what to put there


def write_delimited(source: CsvSource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the text again."""
    if source.pairs is not None:
        message = "holds pairs of a class and its probability, not columns"
        raise RequestError(
            "format", message, hint="apply it to a CSV of the same predictions", where=Where(source.name)
        )
    write(_head(source, change))
    for located in source.located(change.columns.projection):
        if located.block is None:
            write(bytes(located.records.data))
            continue
        new = recalibrate(located.block)
        if change.nothing or new.broken:
            write(bytes(located.records.data))
            continue
        data = _replace(located.data, _edits(located, change, new, source.dialect))
        records = Records(memoryview(data), located.records.line, count_lines(data))
        back = source.reread(records, change.added, change.read_back)
        refuse_misplaced(change, located.block, new, back)
        write(data[:-1] if located.ends_open else data)


def _head(source: CsvSource, change: Change) -> bytes:
    """What stands before the first record, with the names of added columns in the header."""
    with source.content.open() as stream:
        head = stream.read(source.start)
    if not change.added or source.fields[0].unnamed:
        return head
    lines = head.splitlines(keepends=True)
    if source.dialect.delimiter == " " and _SVM_PREDICT.fullmatch(lines[-1]):
        message = "the first line names classes, not columns: no column can be added to it"
        raise RequestError(
            "suffix", message, hint="without --suffix the scores are replaced", where=Where(source.name)
        )
    end = len(head) - len(lines[-1]) + len(lines[-1].rstrip(b"\r\n"))
    names = (_quoted(name.encode(), source.dialect) for name in change.added)
    return head[:end] + b"".join(_delimiter(source.dialect) + name for name in names) + head[end:]


def _edits(located: LocatedBlock, change: Change, new: NewScores, dialect: Dialect) -> Iterator[Edit]:
    """All edits of some records, in order; rows that are to stay get empty fields only."""
    data, replaced = bytes(located.data), []
    if change.suffix is None and change.scores.layout is ScoreLayout.COLUMNS:
        for name, values in zip(change.scores.names, new.values, strict=True):
            texts = [_number(value, dialect) for value in values.tolist()]
            replaced.append(_of_column(located, data, name, texts, dialect))
        replaced.sort(key=lambda column: column[0])  # the order of the columns in the text
    elif change.suffix is None:
        replaced.append(_of_lists(located, data, change.scores, new, dialect))
    added = _of_ends(located, change, new, dialect) if change.added else []
    for row, (kept, edits) in enumerate(
        zip(new.kept.tolist(), zip(*replaced, strict=True) if replaced else repeat(()), strict=False)
    ):
        if not kept:
            yield from edits
        if added:
            yield added[row]


def _of_column(
    located: LocatedBlock, data: bytes, name: str, texts: Sequence[bytes], dialect: Dialect
) -> list[Edit]:
    """A number for each row in the place of the one there, within its quotes and blanks."""
    place = located.fields[name]
    begins, ends = _within_blanks(data, located.places.begins[place], located.places.ends[place])
    at = begins.tolist()
    if dialect.delimiter.encode() in b"".join(texts):
        texts = [
            text if data[i - 1 : i] == b'"' else _quoted(text, dialect) for text, i in zip(texts, at, strict=True)
        ]
    return list(zip(at, ends.tolist(), texts, strict=True))


def _within_blanks(data: bytes, begins: IndexArray, ends: IndexArray) -> tuple[IndexArray, IndexArray]:
    raw, begins, ends = np.frombuffer(data, np.uint8), begins.copy(), ends.copy()
    while (blank := (begins < ends) & np.isin(raw[begins], _BLANKS)).any():
        begins += blank
    while (blank := (begins < ends) & np.isin(raw[ends - 1], _BLANKS)).any():
        ends -= blank
    return begins, ends


def _of_lists(
    located: LocatedBlock, data: bytes, scores: ScoreColumns, new: NewScores, dialect: Dialect
) -> list[Edit]:
    """The numbers of a list for each row, each in the place of the one there."""
    place = located.fields[scores.names[0]]
    assert located.block is not None
    spans = zip(located.places.begins[place].tolist(), located.places.ends[place].tolist(), strict=True)
    plain, found = Dialect(dialect.delimiter), []
    for (begin, end), values, kept in zip(
        spans, values_in_rows(located.block, scores, new), new.kept.tolist(), strict=True
    ):
        cell = data[begin:end]
        items = [] if kept else _ITEM.findall(cell)
        if len(items) != len(values) and not kept:
            raise RuntimeError(f"a list of {len(items)} scores was read as one of {len(values)}")
        texts = iter([_number(value, plain) for value in values])
        text = cell if kept else _ITEM.sub(lambda _, texts=texts: next(texts), cell)  # type: ignore[misc]
        found.append((begin, end, text))
    return found


def _of_ends(located: LocatedBlock, change: Change, new: NewScores, dialect: Dialect) -> list[Edit]:
    """The added fields of each row, empty where it stays as it is."""
    columns = []
    if change.suffix is not None and change.scores.layout is not ScoreLayout.COLUMNS:
        assert located.block is not None
        plain, lists = Dialect(dialect.delimiter), values_in_rows(located.block, change.scores, new)
        columns.append([b"[%b]" % b", ".join(_number(v, plain) for v in each) for each in lists])
    columns += [[_number(value, dialect) for value in values.tolist()] for values in change.new_columns(new)]
    mark, empty = _delimiter(dialect), b'""' if dialect.delimiter == " " else b""
    found = []
    rows = zip(located.places.record_ends.tolist(), zip(*columns, strict=True), new.kept.tolist(), strict=True)
    for at, texts, kept in rows:
        fields = (empty if kept else _quoted(text, dialect) for text in texts)
        found.append((at, at, b"".join(chain.from_iterable((mark, field) for field in fields))))
    return found


def _replace(data: bytes | memoryview, edits: Iterator[Edit]) -> bytes:
    """The data after edits, which are in order."""
    pieces: list[bytes | memoryview] = []
    at = 0
    for begin, end, text in edits:
        if begin < at:
            raise RuntimeError("two fields of a record overlap")
        pieces += (data[at:begin], text)
        at = end
    return b"".join((*pieces, data[at:]))


def _number(value: float, dialect: Dialect) -> bytes:
    """The shortest text that is this number."""
    text = repr(value)
    return (text if dialect.decimal == "." else text.replace(".", dialect.decimal)).encode()


def _delimiter(dialect: Dialect) -> bytes:
    return dialect.delimiter.encode()


def _quoted(text: bytes, dialect: Dialect) -> bytes:
    """A field, in quotes where it needs them."""
    marks = {dialect.delimiter.encode(), b'"', b"\r", b"\n", *([b"\t"] if dialect.delimiter == " " else [])}
    edge_blanks = dialect.trims and text.strip() != text
    return b'"%b"' % text.replace(b'"', b'""') if edge_blanks or any(mark in text for mark in marks) else text
