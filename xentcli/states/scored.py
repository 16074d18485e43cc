"""Everything that a score is computed from: what is saved, sent and merged."""

from __future__ import annotations

from msgspec import Struct

from xentcli.columns.agreement import columns_by_class, targets_by_class, two_classes
from xentcli.columns.columns import Columns
from xentcli.core.batch import Policy
from xentcli.engine.scoring import PartScore
from xentcli.errors import Notice
from xentcli.results.result import ColumnsUsed, InputInfo, Signature


def class_names(merged: PartScore, columns: Columns, source: str) -> tuple[str, ...]:
    """The classes, which one score column of two leaves to the labels; `source` names the input in errors."""
    if columns.tokens:
        return ()
    return columns.classes if columns.classes is not None else two_classes(merged.labels, columns, source)


def columns_used(columns: Columns, classes: tuple[str, ...], label_file: str | None) -> ColumnsUsed:
    """Which column was used as what."""
    return ColumnsUsed(
        label=columns.label,
        label_file=label_file,
        scores=columns_by_class(columns, classes),
        weight=columns.weight,
        targets=targets_by_class(columns, classes),
        bytes=columns.bytes,
        by=tuple(dict.fromkeys(name for names in columns.keys.by for name in names)),
        cluster=columns.keys.cluster,
        id=columns.keys.id,
    )


def signature(
    columns: Columns, policy: Policy, classes: tuple[str, ...], prior: tuple[float, ...] | None = None
) -> Signature:
    """What changed the numbers; the prior is that of each class."""
    return Signature(
        classes=classes,
        clip=policy.clip,
        normalize=policy.normalize,
        sum_tolerance=policy.sum_tolerance,
        weighted=columns.weight is not None,
        labels=columns.label_kind,
        missing="skip" if policy.skip_missing else "error",
        ignored=policy.ignored_labels,
        smoothing=policy.smoothing,
        class_weights=policy.class_weights,
        prior=() if prior is None else tuple(zip(classes, prior, strict=True)),
    )


class Shard(Struct, frozen=True):
    """What tells a part of a merged whole from others, so that none counts twice."""

    name: str  # of its first input
    digest: str  # of its totals


class Scored(Struct, frozen=True):
    """Rows that were scored, of one input or many. There is at least one row.

    `numbers` are those of the inputs among all that are to be merged. `numbered` tells whether they were given:
    otherwise they count the inputs here, and are others once this is merged.
    """

    inputs: tuple[InputInfo, ...]
    numbers: tuple[int, ...]
    numbered: bool
    columns: Columns  # of the first input
    label_file: str | None
    policy: Policy
    prior: tuple[float, ...] | None  # by class
    breakdown: bool
    merged: PartScore
    notices: tuple[Notice, ...]  # about the inputs, not about their rows
    shards: tuple[Shard, ...] = ()  # of which this was merged; nothing if it was not

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes by name."""
        return class_names(self.merged, self.columns, self.inputs[0].name)

    def signature(self) -> Signature:
        """What changed the numbers."""
        return signature(self.columns, self.policy, self.classes, self.prior)
