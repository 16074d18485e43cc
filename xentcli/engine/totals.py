"""What the rows of an input add up to, and what is wanted of them beside the scores."""

from __future__ import annotations

from itertools import chain
from typing import Self, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.core.clusters import Clusters
from xentcli.core.curves.events import Events
from xentcli.core.fits.folds import FoldPlan, FoldTotals
from xentcli.core.gradients import Gradients
from xentcli.core.numbers.standard_errors import ClassErrors
from xentcli.core.row_means import RowMeans
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import Tally
from xentcli.engine.documents import Documents
from xentcli.engine.same_rows import SameRows
from xentcli.engine.slices import Slices
from xentcli.engine.worst import Worst

MOST_LABELS = 20  # label texts of a class that are kept
NO_ERRORS = ClassErrors.empty()  # of rows whose classes have none
_NO_GRADIENTS, _NO_MEANS = Gradients.empty(), RowMeans.empty()
_NO_EVENTS = Events.empty()


Part = TypeVar("Part", Gradients, ClassErrors, RowMeans, Events)


class Plan(Struct, frozen=True):
    """What is wanted beside the scores."""

    breakdown: bool = True
    worst: int = 0  # rows to list
    gradients: bool = False
    class_errors: bool = False  # of the numbers of each class, which gates test
    log_odds: bool = False  # of two classes, row by row
    same_rows: bool = False  # whether inputs hold the same rows
    folds: FoldPlan | None = None  # of cross-fitting
    events: tuple[int, ...] = ()  # classes of many whose predictions are held against what happened
    shard: int | None = None  # the number of the first input among many that are scored apart

    @property
    def first_input(self) -> int:
        """The number of the first input."""
        return self.shard or 0


class Totals(Struct, frozen=True):
    """What rows add to the result.

    `merge` is commutative and associative with `Totals.empty(K)` as identity. `labels` holds, by class index, the
    label texts seen where one score column leaves the names of its two classes open: the first few in alphabetical
    order, as two are all it takes, or a column of ids would fill the memory.
    """

    state: ScoreState
    rows: dict[int, int] = field(default_factory=dict)  # read of each input, by its number
    tally: Tally = field(default_factory=Tally)
    labels: frozenset[tuple[int, str]] = frozenset()
    slices: Slices = field(default_factory=Slices)
    clusters: Clusters = field(default_factory=Clusters)
    worst: Worst = field(default_factory=Worst)
    gradients: Gradients = _NO_GRADIENTS
    class_errors: ClassErrors = NO_ERRORS
    filtered: int = 0  # rows left out by a filter
    same_rows: SameRows = field(default_factory=SameRows)
    documents: Documents = field(default_factory=Documents)
    row_means: RowMeans = _NO_MEANS  # where several scores are of one row
    folds: FoldTotals = field(default_factory=FoldTotals)
    events: Events = _NO_EVENTS

    @classmethod
    def empty(cls, classes: int) -> Self:
        """The identity of `merge`."""
        return cls(ScoreState.empty(classes))

    def identity(self) -> Self:
        """The identity for rows that will be merged with these: merged with it, they keep no more than these do.

        So parts of a large whole are small from the start, and their sum is the same.
        """
        return type(self)(self.state.identity())

    def compact(self) -> Self:
        """The same, with the work done that would otherwise be done when it is merged."""
        return replace(self, state=self.state.compact())

    def merge(self, other: Self) -> Self:
        """What both add."""
        state = self.state.merge(other.state)
        return type(self)(
            state,
            _sums(self.rows, other.rows),
            self.tally.merge(other.tally),
            _few(self.labels | other.labels),
            self.slices.merge(other.slices).as_coarse_as(state),
            self.clusters.merge(other.clusters),
            self.worst.merge(other.worst),
            _merged(self.gradients, other.gradients, _NO_GRADIENTS),
            _merged(self.class_errors, other.class_errors, NO_ERRORS),
            self.filtered + other.filtered,
            self.same_rows.merge(other.same_rows),
            self.documents.merge(other.documents),
            _merged(self.row_means, other.row_means, _NO_MEANS),
            self.folds.merge(other.folds),
            _merged(self.events, other.events, _NO_EVENTS),
        )


def _merged(one: Part, other: Part, nothing: Part) -> Part:
    """The totals of both; nothing is added up where one has nothing, as most have of what was not asked for."""
    return one if other is nothing else other if one is nothing else one.merge(other)


def _sums(one: dict[int, int], other: dict[int, int]) -> dict[int, int]:
    fewer, more = sorted((one, other), key=len)
    return {**more, **{number: rows + more.get(number, 0) for number, rows in fewer.items()}}


def _few(labels: frozenset[tuple[int, str]]) -> frozenset[tuple[int, str]]:
    kept = (sorted(each for each in labels if each[0] == index)[:MOST_LABELS] for index in (0, 1))
    return frozenset(chain.from_iterable(kept)) if len(labels) > MOST_LABELS else labels
