"""Several models on the same rows: everything that `xent compare`, `rank` or `divergence` reports."""

from __future__ import annotations

from typing import Generic, Self, get_args

from msgspec import Struct
from msgspec.structs import replace

from xentcli.engine.comparing.models import Part
from xentcli.engine.comparing.moved import Moved
from xentcli.engine.comparing.pairs import ComparedPair
from xentcli.engine.comparing.ranks import ComparedModels
from xentcli.errors import Notice
from xentcli.states.run import NoRows, Run

PAIR = ("NEW", "BASE")  # what the models of a comparison of two are called, whatever their files


class Comparison(Struct, Generic[Part], frozen=True):
    """The run of each model, the streamed one first, and what the rows of all add to their comparison."""

    names: tuple[str, ...]  # of the models
    runs: tuple[Run, ...]
    compared: Part
    on: str | None  # what was asked for: the columns of ids; None: rows met in order
    in_order: bool  # whether rows of several files met in order
    notices: tuple[Notice, ...]  # how oddly they met
    anytime: int | None = None  # rows, or clusters, of the tightest interval valid at every look
    base: int | None = None  # the number of the model that the others are compared with; None: the best
    level: float = 0.95

    @property
    def command(self) -> str:
        """The command that reports it."""
        return next(name for name, kind in KINDS.items() if isinstance(self.compared, get_args(kind)))

    def compact(self) -> Self:
        """The same, with one part of each total."""
        compared = self.compared
        if not isinstance(compared, ComparedPair):
            return self
        return replace(self, compared=replace(compared, joint=compared.joint.compact()))

    @property
    def clustered(self) -> bool:
        """Whether rows depend on one another."""
        return self.runs[0].columns.clustered

    def with_class_errors(self, wanted: bool) -> Comparison[Part]:
        """With the errors of classes in the results of its models, or without."""
        return replace(self, runs=tuple(run.with_class_errors(wanted) for run in self.runs))

    @property
    def rows_read(self) -> int:
        """How many rows the streamed model has, with those that were left out."""
        return sum(self.runs[0].totals.rows.values())


KINDS = {
    "compare": Comparison[ComparedPair],
    "rank": Comparison[ComparedModels],
    "divergence": Comparison[Moved],
}  # by command

# Of `xent compare`, of `xent rank`, of `xent divergence`.
AnyComparison = Comparison[ComparedPair] | Comparison[ComparedModels] | Comparison[Moved]
AnyRun = Run | NoRows | AnyComparison  # what a state is of
