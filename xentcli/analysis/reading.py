"""From inputs to merged totals: columns settled, every part scored, and what cannot be scored refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.analysis.notices import file_notices, order_notices
from xentcli.analysis.refusals import refuse_empty, refuse_policy, refuse_unknown_weights, told_of_labels
from xentcli.analysis.row_errors import first_error, row_notices
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import Columns, ColumnSpec
from xentcli.core.batch import Policy
from xentcli.engine.engine import Engine, Work
from xentcli.engine.scoring import PartScore, Plan
from xentcli.errors import Notice
from xentcli.joining.joined_source import finish, label_file
from xentcli.results.result import ColumnsUsed, InputInfo, Signature
from xentcli.sources.source import Source
from xentcli.states.scored import class_names, columns_used, signature


class Reading(Struct, frozen=True):
    """Everything that was read, scored and merged; there is at least one row."""

    sources: Sequence[Source]
    columns: Sequence[Columns]  # of each input; the first stands for all
    policy: Policy
    merged: PartScore
    rows: Sequence[int]  # read of each input
    classes: tuple[str, ...]

    @property
    def first(self) -> Columns:
        """The columns of the first input."""
        return self.columns[0]

    def inputs(self) -> tuple[InputInfo, ...]:
        """The inputs as they were read."""
        pairs = zip(self.sources, self.rows, strict=True)
        return tuple(InputInfo(source.name, source.format, rows, source.size) for source, rows in pairs)

    def columns_used(self) -> ColumnsUsed:
        """Which column was used as what."""
        return columns_used(self.first, self.classes, label_file(self.sources[0]))

    def signature(self) -> Signature:
        """What changed the numbers."""
        return signature(self.first, self.policy, self.classes)

    def notices(self) -> Iterator[Notice]:
        """What is odd about the files, their rows and the order of their columns."""
        yield from dict.fromkeys(file_notices(self.sources, self.columns))  # one label file says the same to all
        yield from row_notices(self.merged.tally, self.merged.state.losses.rows)
        yield from order_notices(self.merged, self.classes)


def read(sources: Sequence[Source], spec: ColumnSpec, policy: Policy, plan: Plan, engine: Engine) -> Reading:
    """Read and score inputs as one."""
    columns = resolve_all(sources, spec)
    first = columns[0]
    refuse_policy(first, policy)
    total = engine.total(Work(sources, columns, policy, plan))
    merged = total.score
    finish(sources)
    error = first_error(merged.tally, first, first.classes or (), policy)
    if error is not None:
        raise told_of_labels(error, first, label_file(sources[0]))
    refuse_empty(merged, sources)
    classes = class_names(merged, first, sources[0].name)
    refuse_unknown_weights(classes, policy)
    return Reading(sources, columns, policy, merged, total.rows, classes)
