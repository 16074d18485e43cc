"""Everything that a score is computed from: what is saved, sent and merged."""

from __future__ import annotations

from xentcli.columns.columns import Columns
from xentcli.core.scores import Policy
from xentcli.engine.scoring import PartScore
from xentcli.errors import Notice
from xentcli.frozen import frozen
from xentcli.results.score import InputInfo, Signature
from xentcli.states.origins import class_names, signature


@frozen
class Shard:
    """What tells a part of a merged whole from others, so that none counts twice."""

    name: str  # of its first input
    digest: str  # of its totals


@frozen
class Scored:
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
