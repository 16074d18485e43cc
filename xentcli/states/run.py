"""A run: everything that a result is computed from, and what is saved and merged."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from xentcli.columns.agreement import columns_by_class, targets_by_class, two_classes
from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import Notice
from xentcli.results.result import ColumnsUsed, InputInfo, Signature


def class_names(totals: Totals, columns: Columns, source: str) -> tuple[str, ...]:
    """The classes, which one score column of two leaves to the labels; `source` names the input in errors."""
    if columns.tokens:
        return ()
    return columns.classes if columns.classes is not None else two_classes(totals.labels, columns, source)


def _label_kind(columns: Columns) -> str:
    """How a row says its class, as a signature has it."""
    if columns.unlabelled:
        return "none"
    return columns.label_kind if columns.multilabel is None else "multilabel"


class Shard(Struct, frozen=True):
    """What tells a part of a merged whole from others, so that none counts twice."""

    name: str  # of its first input; "" of a table in memory that has none
    digest: str  # of its totals


class Run(Struct, frozen=True):
    """Rows that were scored as one, of one input or many: how, and what they add up to. There is at least one row.

    Of a part, it may be that no row was scored: all have weight 0, or were left out.

    `numbers` are those of the inputs among all that are to be merged, if the plan says of which shard this is:
    otherwise they count the inputs here, and are others once this is merged.
    """

    inputs: tuple[InputInfo, ...]
    numbers: tuple[int, ...]
    columns: Columns  # of the first input
    label_file: str | None
    policy: Policy
    prior: tuple[float, ...] | None  # by class
    plan: Plan
    totals: Totals
    notices: tuple[Notice, ...]  # about the inputs, not about their rows
    shards: tuple[Shard, ...] = ()  # of which this was merged; nothing if it was not
    empty_parts: int = 0  # of those that were merged, how many had no row to score

    @property
    def command(self) -> str:
        """The command that reports it."""
        return "worst" if self.plan.worst else "score"

    @property
    def is_scored(self) -> bool:
        """Whether any row was scored."""
        return self.totals.state.losses.rows > 0

    @property
    def numbered(self) -> bool:
        """Whether the numbers were given."""
        return self.plan.shard is not None

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes by name."""
        return class_names(self.totals, self.columns, self.inputs[0].name)

    def with_class_errors(self, wanted: bool) -> Run:
        """The run with the errors of its classes in its result, or without: a saved state has them either way."""
        return replace(self, plan=replace(self.plan, class_errors=wanted))

    def columns_used(self) -> ColumnsUsed:
        """Which column was used as what."""
        columns, classes = self.columns, self.classes
        return ColumnsUsed(
            label=columns.label,
            label_file=self.label_file,
            predicted=columns.predicted,
            scores=columns_by_class(columns, classes),
            weight=columns.weight,
            targets=targets_by_class(columns, classes),
            bytes=columns.bytes,
            by=tuple(dict.fromkeys(name for names in columns.keys.by for name in names)),
            cluster=columns.keys.cluster or columns.keys.doc,
            id=columns.keys.id,
        )

    def signature(self) -> Signature:
        """What changed the numbers."""
        columns, policy, classes = self.columns, self.policy, self.classes
        return Signature(
            classes=classes,
            clip=policy.clip,
            normalize=policy.normalize,
            sum_tolerance=policy.sum_tolerance,
            weighted=columns.weight is not None,
            labels=_label_kind(columns),
            missing="skip" if policy.skip_missing else "error",
            ignored=policy.ignored_labels,
            na=columns.missing,
            smoothing=policy.smoothing,
            class_weights=policy.class_weights,
            where=tuple(sorted({str(each) for each in columns.keys.where})),
            prior=() if self.prior is None else tuple(zip(classes, self.prior, strict=True)),
        )


class NoRows(Struct, frozen=True):
    """Parts of a whole that have no row at all: the identity of merging, but for the inputs that are listed.

    Nothing is asked of their columns: a table without rows has often lost their types, or has no columns.
    """

    inputs: tuple[InputInfo, ...] = ()
    numbers: tuple[int, ...] = ()  # as of a `Run`
    numbered: bool = False
    empty_parts: int = 0
    shards: ClassVar[tuple[Shard, ...]] = ()  # no rows that could count twice

    @property
    def command(self) -> str:
        """The command that says of it that there is no row."""
        return "score"

    def like(self, run: Run) -> Run:
        """The same as a run that was scored as another."""
        rows = dict.fromkeys(self.numbers, 0)
        return replace(
            run,
            inputs=self.inputs,
            numbers=self.numbers,
            plan=replace(run.plan, shard=min(self.numbers, default=0) if self.numbered else None),
            totals=replace(run.totals.identity(), rows=rows),
            notices=(),
            shards=(),
            empty_parts=self.empty_parts,
        )
