"""Sources with labels from a file of their own, as whoever reads them sees them; `join` makes them.

Apart from it, as most inputs hold their labels and need nothing of a join.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from xentcli.columns.peek import read_blocks
from xentcli.errors import Notice
from xentcli.sources.source import Block, Chunk, Projection, Source

if TYPE_CHECKING:
    from xentcli.core.batch import IndexArray
    from xentcli.joining.label_file import LabelFile


Attach = Callable[[Block, "Sequence[IndexArray]"], Block]  # to a block, the rows of each file, or `NO_ROW`


class BlockMatcher(Protocol):
    """Meets the blocks of a chunk, or of an input, one after the other."""

    def rows(self, block: Block, found: dict[int, Any], /) -> IndexArray:
        """The row `(n,)` of the file for each row of a block, or `NO_ROW`.

        `found` holds what matchers of the same ids have found of this very block.
        """

    def end(self, *, complete: bool) -> None:
        """After the last block, or where they are left before it."""


class Matcher(ABC):
    """Finds the row of `labels` of each row of `predictions`."""

    in_order = False  # whether blocks must be met one after the other

    def __init__(self, predictions: Sequence[Source], labels: LabelFile) -> None:
        self.predictions, self.labels = predictions, labels

    @abstractmethod
    def reading(self, number: int, projection: Projection) -> Projection:
        """What is to be read of input `number`, so that its rows can be matched: a reading of it begins."""

    @abstractmethod
    def begin(self, number: int) -> BlockMatcher:
        """Begin a chunk of it, or the input where they are met in order."""

    @abstractmethod
    def finish(self) -> None:
        """Once every chunk has been read: raise an error if the rows did not meet as they should."""

    def notices(self) -> Sequence[Notice]:
        """Then: what leaves it in doubt that they did."""
        return ()


def matched_chunks(
    matchers: Sequence[Matcher], number: int, projection: Projection, attach: Attach
) -> Iterator[Chunk]:
    """The chunks of input `number`, of its own columns and with what `attach` adds to its blocks.

    Where a matcher meets rows in order, blocks are read here, one a chunk.
    """
    source = matchers[0].predictions[number]
    for matcher in matchers:
        projection = matcher.reading(number, projection)
    if not matchers[0].in_order:
        for chunk in source.chunks(projection):
            begun = [matcher.begin(number) for matcher in matchers]
            yield Chunk(partial(_blocks, chunk.blocks, begun, attach), chunk.share)
        return
    whole = partial(read_blocks, source, projection)
    yield from map(Chunk.of, _blocks(whole, [matcher.begin(number) for matcher in matchers], attach))


def _blocks(
    blocks: Callable[[], Iterator[Block]], matchers: Sequence[BlockMatcher], attach: Attach
) -> Iterator[Block]:
    complete = False
    try:
        for block in blocks():
            found: dict[int, Any] = {}
            yield attach(block, [matcher.rows(block, found) for matcher in matchers])
        complete = True
    finally:
        for matcher in matchers:
            matcher.end(complete=complete)


class JoinedSource(Source):
    """One input of the predictions, with the columns of the label file."""

    def __init__(self, number: int, matcher: Matcher) -> None:
        self.matcher, self._number = matcher, number
        self._predictions, self._labels = matcher.predictions[number], matcher.labels
        self.name, self.size = self._predictions.name, self._predictions.size
        self.format, self.remedy = self._predictions.format, self._predictions.remedy
        added = [field for field in self._labels.source.fields if field.name not in (self._labels.on, "")]
        self.added = {field.name for field in added}
        self.fields = (*added, *self._predictions.fields)
        self.label_file = self._labels.source.name

    @property
    def formats(self) -> frozenset[str]:
        """Those of the predictions and of the label file."""
        return self._predictions.formats | self._labels.source.formats

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """Those of the predictions and of the label file."""
        return (*self._predictions.possibly_truncated(), *self._labels.source.possibly_truncated())

    def notices(self) -> Sequence[Notice]:
        """What is odd about the predictions, then about the label file, and about how they met."""
        return (*self._predictions.notices(), *self._labels.source.notices(), *self.matcher.notices())

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The chunks of the predictions, each row with its label."""
        added = projection.only(self.added)
        self._labels.load(added)

        def attach(block: Block, rows: Sequence[IndexArray]) -> Block:
            return replace(block, columns={**block.columns, **self._labels.take(added, rows[0])})

        own = projection.only({field.name for field in self._predictions.fields})
        yield from matched_chunks([self.matcher], self._number, own, attach)

    def finish(self) -> None:
        """Raise an error if labels and predictions disagree."""
        self.matcher.finish()
