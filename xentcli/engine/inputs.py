"""Inputs that count as one: opened, joined with their labels, and with every column's role settled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from xentcli.columns.columns import Columns
from xentcli.results.result import InputInfo
from xentcli.sources.source import Source


class Inputs(Struct, frozen=True):
    """Sources, and the columns of each; the first stands for all."""

    sources: Sequence[Source]
    columns: Sequence[Columns]
    options: tuple[str, ...] = ()  # that another command on these files needs, as a shell takes them

    @property
    def first(self) -> Columns:
        """The columns of the first input."""
        return self.columns[0]

    @property
    def name(self) -> str:
        """Of the first input."""
        return self.sources[0].name

    @property
    def label_file(self) -> str | None:
        """The file that the labels are in, if it is another."""
        return self.sources[0].label_file

    def infos(self, rows: Mapping[int, int], first: int) -> tuple[InputInfo, ...]:
        """The inputs as they were read: `rows` of each, by numbers from `first`."""
        return tuple(
            InputInfo(source.name, source.format, rows.get(number, 0), source.size)
            for number, source in enumerate(self.sources, first)
        )

    def finish(self) -> None:
        """Once all has been read: raise a `ContentError` if labels and predictions did not meet as they should."""
        self.sources[-1].finish()
