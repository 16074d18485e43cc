"""Sources with labels from a file of their own, as whoever reads them sees them; `join` makes them.

Apart from it, as most inputs hold their labels and need nothing of a join.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xentcli.errors import Notice
from xentcli.sources.source import Field, Source, SourceDefaults

if TYPE_CHECKING:
    from xentcli.joining.label_file import LabelFile


class JoinedSource(SourceDefaults):
    """What the kinds of joined sources have in common: they are the predictions, with more columns."""

    def __init__(self, predictions: Source, labels: LabelFile) -> None:
        self.predictions, self.labels = predictions, labels
        self.name, self.format, self.size = predictions.name, predictions.format, predictions.size
        added = [field for field in labels.source.fields if field.name in labels.names]
        self.fields: Sequence[Field] = (*added, *predictions.fields)

    def possibly_truncated(self) -> Sequence[tuple[str, str]]:
        """Those of the predictions and of the label file."""
        return (*self.predictions.possibly_truncated(), *self.labels.source.possibly_truncated())

    def notices(self) -> Sequence[Notice]:
        """What is odd about the predictions, then about the label file."""
        return (*self.predictions.notices(), *self.labels.source.notices())

    def finish(self) -> None:
        """Raise what is wrong with the whole."""
        raise NotImplementedError


def finish(sources: Sequence[Source]) -> None:
    """Once every chunk of joined sources has been read: raise a `ContentError` if labels and predictions disagree.

    Other sources have nothing to say at their end.
    """
    if sources and isinstance(sources[-1], JoinedSource):
        sources[-1].finish()


def label_file(source: Source) -> str | None:
    """The name of the file that a joined source has its labels from."""
    return source.labels.source.name if isinstance(source, JoinedSource) else None
