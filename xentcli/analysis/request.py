"""What may be asked of files, frozen: parsing ends with a request, and running begins with one."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from xentcli.api.arguments import refuse_bad_numbers, refuse_no_count, refuse_no_path, refuse_no_shard
from xentcli.columns.columns import ColumnSpec
from xentcli.core.scores import Policy
from xentcli.counts import MOST_THREADS
from xentcli.engine.choose import refuse_engine
from xentcli.engine.engine import Progress
from xentcli.errors import RequestError
from xentcli.frozen import frozen
from xentcli.gates.spec import Gating
from xentcli.sources.source import TextOptions
from xentcli.units import Unit


@frozen
class ScoreRequest:
    """All that is asked of inputs that are scored as one."""

    paths: tuple[str, ...]
    spec: ColumnSpec = field(default_factory=ColumnSpec)
    policy: Policy = field(default_factory=Policy)
    text: TextOptions = field(default_factory=TextOptions)
    labels: str | os.PathLike[str] | None = None  # a file that holds the labels
    on: str | None = None  # the column of ids that joins it; None: row by row
    allow_extra: bool = False  # the label file may hold more ids
    prior: tuple[tuple[str, float], ...] | str | None = None  # shares by class, or a file to take them from
    breakdown: bool = True
    threads: int | None = None  # None: the cores given to the process
    unit: Unit = Unit.NATS
    engine: str = "local"  # or "dask"
    scheduler: str | None = None  # tcp://HOST:PORT of a Dask cluster; None: one is started here
    gating: Gating = field(default_factory=Gating)  # what is required of the numbers
    save_state: str | os.PathLike[str] | None = None  # a file to write, for `merge_states`
    shard: int | None = None  # number of the first of `paths` among all that will be merged
    progress: Progress | None = field(default=None, compare=False)  # told how far the reading has come

    def __post_init__(self) -> None:
        refuse_no_count("threads", self.threads, MOST_THREADS)
        refuse_no_path("labels", self.labels)
        refuse_no_path("save_state", self.save_state)
        refuse_no_shard(self.shard, saved=self.save_state is not None)
        refuse_engine(self.engine, self.scheduler, self.threads)
        if self.labels == "-" and "-" in self.paths:
            raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')


@frozen
class CompareRequest:
    """What `xent compare` was asked for: `new` says it of NEW, and of BASE but for its path and score columns.

    Without any `base_...` columns, those of BASE are asked for or found as NEW's are. `new.on` is the column of
    ids in both; without, rows meet in order.
    """

    base: str
    new: ScoreRequest
    base_prob: tuple[str, ...] = ()
    base_logit: tuple[str, ...] = ()
    base_logprob: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.base == "-" and "-" in (*self.new.paths, self.new.labels):
            raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')

    @property
    def of_base(self) -> ScoreRequest:
        """The same of BASE; slices and clusters are told by NEW's columns alone."""
        spec = replace(self.new.spec, by=(), bins=(), sliced=(), cluster=None)
        asked = self.base_prob, self.base_logit, self.base_logprob
        if any(asked):
            spec = replace(spec, prob=asked[0], logit=asked[1], logprob=asked[2])
        return replace(self.new, paths=(self.base,), spec=spec)


def policy(
    clip: float | None,
    normalize: bool,
    sum_tolerance: float,
    missing: str,
    ignore_label: Sequence[str],
    class_weight: Mapping[str, float],
    label_smoothing: float,
) -> Policy:
    """The policy that these options ask for, or a `RequestError` for numbers that make no sense."""
    refuse_bad_numbers(clip, sum_tolerance, label_smoothing, class_weight)
    if missing not in ("error", "skip"):
        raise RequestError("missing", f'--missing is "error" or "skip", not "{missing}"')
    return Policy(
        clip=clip,
        normalize=normalize,
        sum_tolerance=sum_tolerance,
        smoothing=label_smoothing,
        skip_missing=missing == "skip",
        ignored_labels=tuple(ignore_label),
        class_weights=tuple((str(name), float(weight)) for name, weight in class_weight.items()),
    )
