"""Rows that meet in order, a part of them at a time: where a reader knows which rows each part holds.

Whoever brings parts together tells what was seen of columns that may be ids; so all of them are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.decoding.filter import take_rows
from xentcli.joining.id_digest import IdDigest
from xentcli.joining.join import OrderMatcher
from xentcli.joining.label_file import LabelFile
from xentcli.joining.pairing import Pairing
from xentcli.joining.row_order import RowOrder, WatchedNames
from xentcli.sources.source import Block, Chunk, Projection, Source, SourceWrapper

Digests = tuple[dict[str, IdDigest], dict[str, IdDigest]]  # of the streamed input, and of another


class RowRange(SourceWrapper):
    """The rows of an input from `begin` on, before `end`; it must know how many rows its splits hold."""

    def __init__(self, source: Source, begin: int, end: int) -> None:
        super().__init__(source)
        self._begin, self._end = begin, end

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The chunks of its splits that hold any of these rows, cut to them."""
        first = 0
        for split in self.source.splits(1, 1):
            if first < self._end and first + split.rows > self._begin:
                blocks = partial(self._blocks, self.source.select(split), projection, first)
                yield Chunk(blocks, split.share, split.rows)
            first += split.rows

    def _blocks(self, source: Source, projection: Projection, first: int) -> Iterator[Block]:
        for chunk in source.chunks(projection):
            for block in chunk.blocks():
                begin, end = max(self._begin - first, 0), min(self._end - first, block.rows)
                if (begin, end) == (0, block.rows):
                    yield block
                elif begin < end:
                    yield take_rows(block, np.arange(begin, end))
                first += block.rows


class OtherPart(Struct, frozen=True):
    """The columns of another model, and what to watch of the streamed input and of it."""

    columns: Columns
    watched: WatchedNames


def pair_part(source: Source, first: int, rows: int, others: Sequence[tuple[Source, OtherPart]]) -> Pairing:
    """A part of the streamed input, whose `rows` rows are those of the other inputs from row `first` on."""
    matchers = []
    for other, part in others:
        file = LabelFile(RowRange(other, first, first + rows), None, numbered=True, first=first)
        order = RowOrder([source], file.source, models=True, watched=part.watched)
        matchers.append(OrderMatcher([source], file, order, first))
    return Pairing.of_matchers([source], matchers, [part.columns for _, part in others])


def digests_of(pairing: Pairing) -> tuple[Digests, ...]:
    """Of each other input, once a part has been read."""
    return tuple(
        (each.digests, each.labels.digests) for each in pairing.matchers if isinstance(each, OrderMatcher)
    )


def merge_digests(one: Sequence[Digests], two: Sequence[Digests]) -> tuple[Digests, ...]:
    """Of the rows of both parts."""
    return tuple(
        (_merge(mine[0], theirs[0]), _merge(mine[1], theirs[1])) for mine, theirs in zip(one, two, strict=True)
    )


def _merge(one: dict[str, IdDigest], two: dict[str, IdDigest]) -> dict[str, IdDigest]:
    return {name: digest.merge(two[name]) for name, digest in one.items()}
