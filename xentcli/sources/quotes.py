"""Quotes in delimited text: where they open and close a field, and which of them are wrong.

Quotes open a field only at its very beginning; inside, a doubled quote is a quote. Text between a closing quote
and the next delimiter is stray: the quoting is not what it seems.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xentcli.core.batch import IndexArray
from xentcli.errors import ContentError, Where
from xentcli.sources.text import count_lines
from xentcli.wording import brief, plural

_LF, _CR, _QUOTE = b'\n\r"'


def split_fields(record: str, delimiter: str) -> list[str]:
    """The fields of one record, as Python's csv module reads them, however long they are."""
    mark = re.escape(delimiter)
    found = re.findall(rf'{mark}(?:"((?:[^"]++|"")*+)"?)?+([^{mark}]*+)', delimiter + record.rstrip("\r\n"))
    return [quoted.replace('""', '"') + plain for quoted, plain in found]


def find_quotes(data: bytes, delimiter: str) -> tuple[IndexArray, IndexArray]:
    """Offsets at which quoting begins and ends, in turn, and those of its ends that are stray.

    `data` begins with a record. A doubled quote counts as one that closes and one that opens.
    """
    quotes = np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE)
    if _are_at_edges(quotes, data, delimiter):
        return quotes, quotes[:0]  # they alternate, and none is stray
    plain = rb'(?:[^"]++|%b)*+("?)' % quoted_field(delimiter)  # group 1: a quote that is a character
    characters = [found.start(1) for found in re.finditer(plain, data) if found[1]]
    quotes = np.delete(quotes, np.searchsorted(quotes, characters))
    after = quotes[1::2] + 1
    ends = _edges(delimiter)[np.frombuffer(data + b"\n", np.uint8)[after]]
    return quotes, after[~ends] - 1


def quoted_field(delimiter: str) -> bytes:
    """The pattern of a quoted field; where it has no last quote, all of the data that is left."""
    return rb'(?<![^%b\r\n])"(?:[^"]++|"")*+"?+' % re.escape(delimiter.encode())


def has_quotes_at_edges(data: bytes, delimiter: str) -> bool:
    """Whether every quote of `data`, which begins with a record, is at an edge of a field or doubled in one."""
    return _are_at_edges(np.flatnonzero(np.frombuffer(data, np.uint8) == _QUOTE), data, delimiter)


def _are_at_edges(quotes: IndexArray, data: bytes, delimiter: str) -> bool:
    raw = np.frombuffer(data, np.uint8)
    edge = _edges(delimiter)
    before, after = quotes[::2] - 1, quotes[1::2] + 1
    before, after = before[before >= 0], after[after < raw.size]
    return bool(edge[raw[before]].all() and edge[raw[after]].all())


def _edges(delimiter: str) -> NDArray[np.bool_]:
    """By byte, whether it may stand before a quote that opens and after one that closes."""
    edges = np.zeros(256, np.bool_)
    edges[[ord(delimiter), _LF, _CR, _QUOTE]] = True
    return edges


def _opening(quotes: IndexArray) -> IndexArray:
    """Those of the quotes found that open a field: the second of a doubled quote does not."""
    opens: IndexArray = quotes[::2][np.append(-1, quotes[1::2] + 1)[: quotes[::2].size] != quotes[::2]]
    return opens


def refuse_open_quote(data: bytes, path: str, line: int, delimiter: str) -> None:
    """Refuse `data`, which begins with a record, if it ends inside quotes."""
    quotes, _ = find_quotes(data, delimiter)
    if quotes.size % 2:
        line += count_lines(data, int(_opening(quotes)[-1]))
        message = "a quote that opens here is never closed"
        raise ContentError("unclosed_quote", message, where=Where(path, line=line))


def refuse_stray_quotes(
    data: bytes, starts: ArrayLike, path: str, line: int, delimiter: str, names: Sequence[str] = ()
) -> None:
    """Refuse records that begin at `starts` if text follows the closing quote of a field; `names` are the columns.

    Readers differ on what such a field holds: Python's csv module and Arrow leave the quotes out, and glue.
    """
    quotes, closes = find_quotes(data, delimiter)
    if not closes.size:
        return
    opening, starts = _opening(quotes), np.asarray(starts)
    opens = opening[np.searchsorted(opening, closes) - 1]
    rows = np.searchsorted(starts, opens, "right") - 1
    begin, close = int(opens[0]), int(closes[0]) + 1
    column = len(split_fields(data[starts[rows[0]] : begin].decode("utf-8"), delimiter)) - 1
    quoted = data[begin:close].decode("utf-8")
    end = rb"[%b\r\n]" % re.escape(delimiter.encode())
    text = re.split(end, data[close:], maxsplit=1)[0].decode("utf-8")
    more = count_more(len(np.unique(rows)) - 1, line + count_lines(data, int(opens[-1])))
    shown = quoted if len(quoted) <= 40 else f"...{quoted[-37:]}"  # cut, but not around the closing quote
    shown += brief(text, 20).rstrip()
    raise ContentError(
        "stray_quote",
        f"{shown} has {'text' if text.strip() else 'spaces'} after its closing quote{more}",
        hint=_hint(quoted, text),
        where=Where(path, line=line + count_lines(data, begin)),
        column=names[column] if column < len(names) else None,
    )


def _hint(quoted: str, text: str) -> str:
    if not text.strip():
        return "the delimiter must follow the closing quote at once"
    if text[0] in ",;|\t:":
        return f"if \"{text[0]}\" is the delimiter, --delimiter '{text[0]}' says so"
    if len(quoted.splitlines()) > 1:
        return "is the quote on this line meant to open a field? a quote inside a quoted field is doubled"
    return 'a quote inside a quoted field is doubled: "5"" pipe"'


def count_more(lines: int, last: int) -> str:
    """How many more lines have the fault, for its message."""
    return f" (and on {plural(lines, 'more line', '')} up to line {last})" if lines else ""
