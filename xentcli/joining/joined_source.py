"""Sources with labels from a file of their own, as whoever reads them sees them; `join` makes them.

Apart from it, as most inputs hold their labels and need nothing of a join.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.sources.source import Block, Chunk, Projection, Source

if TYPE_CHECKING:
    from xentcli.core.batch import IndexArray
    from xentcli.joining.label_file import LabelFile


Attach = Callable[[Block, "IndexArray"], Block]  # to a block, the rows `(n,)` of the label file, or `NO_ROW`


class Matcher(ABC):
    """Finds the row of `labels` of each row of `predictions`."""

    def __init__(self, predictions: Sequence[Source], labels: LabelFile) -> None:
        self.predictions, self.labels = predictions, labels

    @abstractmethod
    def chunks(self, number: int, projection: Projection, attach: Attach) -> Iterator[Chunk]:
        """The chunks of input `number`, of its own columns and with what `attach` adds to its blocks."""

    @abstractmethod
    def finish(self) -> None:
        """Once every chunk has been read: raise an error if the rows did not meet as they should."""

    def notices(self) -> Sequence[Notice]:
        """Then: what leaves it in doubt that they did."""
        return ()


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

        def attach(block: Block, rows: IndexArray) -> Block:
            return replace(block, columns={**block.columns, **self._labels.take(added, rows)})

        own = projection.only({field.name for field in self._predictions.fields})
        yield from self.matcher.chunks(self._number, own, attach)

    def finish(self) -> None:
        """Raise an error if labels and predictions disagree."""
        self.matcher.finish()
