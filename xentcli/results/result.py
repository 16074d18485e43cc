"""What the results of all commands have in common."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.metrics import UNITS
from xentcli.results.parts import ResultPart
from xentcli.results.selectors import selector
from xentcli.results.verdicts import NUMBERS, Gate
from xentcli.units import Unit
from xentcli.wording import plural

if TYPE_CHECKING:
    import pandas as pd

DEFINITIONS = 1  # version of the definitions of the numbers; part of the signature
FORMAT_VERSION = 1  # of the JSON. 1: first version

FlatRow = tuple[str, str, str, str, float | None, str]  # table, by, class, metric, value, unit


class Result(ResultPart, frozen=True):
    """What every command's result offers to the renderers."""

    format: ClassVar[str]  # of its JSON
    keys: ClassVar[tuple[str, ...]] = ()  # what its JSON holds, in order, if not its fields
    renamed: ClassVar[dict[str, str]] = {"version": "xent"}

    if TYPE_CHECKING:

        @property
        def flat_columns(self) -> tuple[str, ...]:
            """The columns of its CSV."""

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `--format json`: infinity as "Infinity", not available as None."""
        found = self._json(self.keys) if self.keys else super().to_dict()
        return {"format": self.format, "format_version": FORMAT_VERSION, **found}

    def to_json(self) -> str:
        """The text of `--format json`."""
        return _present(self, "json")

    def to_markdown(self, pictures: str | os.PathLike[str] | None = None) -> str:
        """The text of `--format markdown`, for a pull request; it refers to the pictures that this writes there.

        pictures: a folder, which is made if it is not there. Raises `AccessError`.
        """
        if pictures is None:
            return _present(self, "markdown")
        from xentcli import markdown_with_pictures

        return markdown_with_pictures(self, pictures)

    def to_rows(self) -> Sequence[tuple[str | float | None, ...]]:
        """The rows of the CSV."""
        raise NotImplementedError

    def to_frame(self) -> pd.DataFrame:
        """The same rows and columns as `--format csv`."""
        import pandas as pd

        return pd.DataFrame(self.to_rows(), columns=list(self.flat_columns))

    def __str__(self) -> str:
        return _present(self, "table")

    def __repr__(self) -> str:
        doubts = f", {plural(len(self.doubts), 'doubt')}" if self.doubts else ""
        return f"<{type(self).__name__}: {', '.join(self.headline())}{doubts}>"

    def _repr_html_(self) -> str:
        return _present(self, "notebook")

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        raise NotImplementedError

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """The notices that put its numbers in doubt; a kind of result without numbers of rows has none."""
        notices: Sequence[Notice] = getattr(self, "notices", ())
        return tuple(notice for notice in notices if notice.doubt)


class InfoResult(Result, frozen=True):
    """A result with amounts of information, all in one unit."""

    if TYPE_CHECKING:

        @property
        def unit(self) -> Unit:
            """Of every amount of information."""

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        return replace(self.in_unit(unit.of(self.unit.nats)), unit=unit)

    def flat_doubts(self) -> Iterator[FlatRow]:
        """What puts the numbers in doubt, to stand before them: its words in place of what tells rows apart."""
        yield from (("notices", str(each), "", each.code, each.count, "count") for each in self.doubts)

    def flat_part(
        self, table: str, part: ResultPart, by: str = "", of: str = "", names: Iterable[str] = ()
    ) -> Iterator[FlatRow]:
        """The numbers of a part, all or those named."""
        for name in names or part.__struct_fields__:
            if name in UNITS:
                yield table, by, of, name, getattr(part, name), self.unit_of(name)

    def flat_gate(self, gate: Gate) -> Iterator[FlatRow]:
        """The numbers of a gate; `pass` is 1, 0, or nothing where it is undecided."""
        by = f"{gate.require} [{selector(gate.by)}]" if gate.by else gate.require
        passed = {"pass": 1, "fail": 0}.get(gate.verdict)
        yield "gates", by, gate.class_name or "", "pass", passed, ""
        yield "gates", by, gate.class_name or "", "confidence", gate.confidence, ""
        unit = self.unit_of(gate.metric)
        for name in NUMBERS:
            yield "gates", by, gate.class_name or "", name, getattr(gate, name), unit

    def unit_of(self, name: str) -> str:
        """Unit of a number by its name: this result's unit, "count", or "" for plain numbers."""
        kind = UNITS[name]
        return self.unit.value if kind == "info" else kind


def amount(name: str, value: float | None, unit: Unit) -> str:
    """An amount of information with few digits."""
    return f"{name} {'not available' if value is None else f'{value:.4g} {unit.value}'}"


def _present(result: Result, format: Literal["table", "markdown", "json", "notebook"]) -> str:
    """A result as text: what renders builds on this room, so the package, which has both, is asked."""
    from xentcli import present

    return present(result, format)


class Signature(ResultPart, frozen=True):
    """All that changes the numbers of a file: results of unlike signatures must not be compared."""

    classes: tuple[str, ...]
    clip: float | None
    normalize: bool
    sum_tolerance: float
    weighted: bool
    labels: str = "hard"  # "hard", "soft", "token", "multilabel" or, where none are used, "none"
    missing: str = "error"  # or "skip"
    ignored: tuple[str, ...] = ()  # labels whose rows are left out
    na: tuple[str, ...] = ()  # what stands for a missing value, in addition to the empty field
    smoothing: float = 0.0
    class_weights: tuple[tuple[str, float], ...] = ()
    prior: tuple[tuple[str, float], ...] = ()  # class mix that skill is measured against; else the file's own
    where: tuple[str, ...] = ()  # conditions on the rows that are read
    definitions: int = DEFINITIONS

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return super().to_dict() | {"class_weights": dict(self.class_weights), "prior": dict(self.prior) or None}


_UNNAMED = (("dataframe", "dataframe"), ("table", "arrow"), ("arrays", "arrays"))  # name and format


class InputInfo(ResultPart, frozen=True):
    """One input as it was read."""

    name: str
    format: str  # "csv", "parquet", "dataframe", "arrays"
    rows: int
    bytes: int | None  # None where there is no file

    @property
    def is_unnamed(self) -> bool:
        """Whether it is a table or arrays in memory that were given no name."""
        return self.bytes is None and (self.name, self.format) in _UNNAMED


class ColumnsUsed(ResultPart, frozen=True):
    """Which column was used as what; `scores` maps a class to its column."""

    label: str | None
    scores: dict[str, str]
    weight: str | None = None
    targets: dict[str, str] | None = None
    bytes: str | None = None
    by: tuple[str, ...] = ()
    cluster: str | None = None
    id: str | None = None
    label_file: str | None = None  # where the label is, if not beside the scores
    predicted: str | None = None  # the class that the one score is the probability of, row by row
