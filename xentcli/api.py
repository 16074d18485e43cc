"""The public Python functions; the command line is a thin dress over them.

What only one of them needs is imported there: a score of a small file should not wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from xentcli.assembly.engines import engine_of, refuse_engine
from xentcli.assembly.prior import Prior
from xentcli.assembly.score import result_of, score_sources
from xentcli.assembly.scored import Scored
from xentcli.changes import changes
from xentcli.core.scores import Policy
from xentcli.data.arguments import (
    bin_edges,
    class_names,
    class_shares,
    classes_in_order,
    column_name,
    column_names,
    refuse_bad_numbers,
    refuse_beside_arrays,
    refuse_no_count,
    refuse_no_path,
    refuse_no_shard,
    refuse_overwriting,
    refuse_text,
    refuse_weights,
    text_options,
    texts,
)
from xentcli.data.columns import ColumnSpec, parse_list
from xentcli.data.join import joined_all
from xentcli.data.label_file import open_labels
from xentcli.data.shared_columns import apart
from xentcli.data.source import Source, TextOptions, open_paths
from xentcli.engine.running import Engine, Progress
from xentcli.errors import ContentError, RequestError, Where
from xentcli.gate_results import worst_first
from xentcli.gates import judge
from xentcli.gating import Gating, gating
from xentcli.results import ScoreResult
from xentcli.units import Unit
from xentcli.verdict_results import GateResult

__all__ = [
    "ColumnSpec",
    "CompareRequest",
    "Progress",
    "ScoreRequest",
    "TextOptions",
    "bin_edges",
    "columns_of",
    "compare_files",
    "gate_of",
    "gating",
    "gradients_of",
    "merge_states",
    "parse_list",
    "policy",
    "score",
    "score_files",
    "worst_of",
]

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from xentcli.column_results import ColumnsResult
    from xentcli.compare_results import CompareResult
    from xentcli.gradient_results import GradientsResult
    from xentcli.worst_results import WorstResult


@dataclass(frozen=True)
class ScoreRequest:
    """All that was asked for: parsing ends here and running begins."""

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
        refuse_no_count("threads", self.threads)
        refuse_no_path("labels", self.labels)
        refuse_no_path("save_state", self.save_state)
        refuse_no_shard(self.shard, saved=self.save_state is not None)
        refuse_engine(self.engine, self.scheduler, self.threads)
        if self.labels == "-" and "-" in self.paths:
            raise RequestError("stdin_twice", "standard input can be read once", hint='give "-" once')


@dataclass(frozen=True)
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


def score_files(request: ScoreRequest) -> ScoreResult:
    """Score files as one input, and judge what is required of the numbers.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    return _scored(open_paths(request.paths, request.text), request)


def merge_states(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    save_state: str | os.PathLike[str] | None = None,
    unit: Unit | str = Unit.NATS,
) -> ScoreResult:
    """The result of scoring as one all that the states in these files were saved from.

    `save_state` is a file for the state of the whole; it may be one of those read.

    Raises as `score_files` does: `ContentError` for what is damaged, or no state, or was scored otherwise.
    """
    from xentcli.assembly.merge import merge
    from xentcli.state_file import read_states

    refuse_no_path("save_state", save_state)
    unit = Unit(unit)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    merged = merge(read_states([os.fspath(path) for path in given]))
    return _saved(_believed(merged), merged, save_state, unit)


def gate_of(request: ScoreRequest) -> GateResult:
    """What became of the requirements on files, the worst first; the scores; what changed since the baseline.

    Raises as `score_files` does.
    """
    return _judged(open_paths(request.paths, request.text), request)


def worst_of(request: ScoreRequest, most: int = 20) -> WorstResult:
    """The `most` rows of the largest loss, with the id in column `request.on` and the columns in `spec.show`.

    Raises as `score_files` does.
    """
    from xentcli.assembly.worst import worst_of_sources

    refuse_no_count("most", most)
    request = replace(request, spec=replace(request.spec, id=request.on))
    if request.labels is None and not request.allow_extra:
        request = replace(request, on=None)  # there is nothing to join: it only names the id
    sources, spec = _joined(open_paths(request.paths, request.text), request)
    return worst_of_sources(sources, spec, request.policy, most, _engine(request)).to_unit(request.unit)


def gradients_of(request: ScoreRequest) -> GradientsResult:
    """The gradient of cross-entropy beside that of squared error, by how wrong a row is.

    Raises as `score_files` does, and `RequestError` for soft labels and tokens.
    """
    from xentcli.assembly.gradients import gradients_of_sources

    sources, spec = _joined(open_paths(request.paths, request.text), request)
    return gradients_of_sources(sources, spec, request.policy, _engine(request))


def compare_files(request: CompareRequest) -> CompareResult:
    """The paired difference, new - base, of two models that scored the same rows; `baseline` in what is required
    of the numbers is BASE.

    Raises as `score_files` does, and `ContentError` where the two do not have the same ids, labels and weights.
    """
    from xentcli.assembly.compare import compare_sources
    from xentcli.compare_gates import judge_compared

    asked = request.new.gating
    new = replace(request.new, spec=replace(request.new.spec, sliced=asked.slices))
    base_sources, base_spec = _side(request.of_base)
    sources, spec = _side(new)
    if len(base_sources) > 1:
        message = f"BASE names {len(base_sources)} files; rows are compared with those of one"
        raise RequestError("base", message, where=Where(request.base))
    result = compare_sources(
        base_sources[0],
        sources,
        (base_spec, spec),
        new.policy,
        new.on,
        breakdown=new.breakdown,
        class_errors=asked.class_errors,
        threads=new.threads,
        progress=new.progress,
    )
    gates = judge_compared(result, asked.requirements, asked.confidence, new.unit)
    return replace(result.to_unit(new.unit), gates=gates)


def _side(request: ScoreRequest) -> tuple[list[Source], ColumnSpec]:
    """One side of a comparison, with its labels if they are in a file of their own."""
    joined = request if request.labels is not None else replace(request, on=None)
    return _joined(open_paths(request.paths, request.text), joined)


def columns_of(request: ScoreRequest) -> ColumnsResult:
    """Which column would be used as what; what is not clear is part of the result.

    Raises `ContentError` or `AccessError` where an input cannot be read at all.
    """
    from xentcli.assembly.columns import columns_of_sources

    sources, spec = _joined(open_paths(request.paths, request.text), request)
    return columns_of_sources(sources, spec)


def score(
    data: Any,
    *,
    probs: ArrayLike | None = None,
    logits: ArrayLike | None = None,
    log_probs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    classes: Sequence[str] | None = None,
    positive: str | None = None,
    label: str | None = None,
    prob: str | Sequence[str] = (),
    logit: str | Sequence[str] = (),
    logprob: str | Sequence[str] = (),
    target: str | Sequence[str] = (),
    weight: str | None = None,
    bytes: str | None = None,
    by: str | Sequence[str] = (),
    bins: Mapping[str, Sequence[float]] | None = None,
    cluster: str | None = None,
    prior: Mapping[str, float] | str | os.PathLike[str] | None = None,
    clip: float | None = None,
    normalize: bool = False,
    sum_tolerance: float = 0.01,
    missing: str = "error",
    ignore_label: str | Sequence[str] = (),
    class_weight: Mapping[str, float] | None = None,
    label_smoothing: float = 0.0,
    delimiter: str | None = None,
    decimal: str = ".",
    header: bool = True,
    input_format: str | None = None,
    labels: str | os.PathLike[str] | None = None,
    on: str | None = None,
    allow_extra: bool = False,
    breakdown: bool = True,
    threads: int | None = None,
    unit: Unit | str = Unit.NATS,
    engine: str = "local",
    scheduler: str | None = None,
    require: str | Sequence[str] = (),
    baseline: str | os.PathLike[str] | None = None,
    confidence: float | None = None,
    save_state: str | os.PathLike[str] | None = None,
    shard: int | None = None,
) -> ScoreResult:
    """How good are the probabilities in `data`?

    `data` is one of

    - a path, or several paths, of files: CSV, JSON Lines, Parquet, Arrow IPC or .npy, plain or compressed; also
      patterns and folders;
    - a table: a pandas or polars DataFrame, or an Arrow table;
    - labels `(n,)`, or soft labels `(n, K)`, with one of `probs`, `logits` or `log_probs`: `(n,)` for the positive
      class of two, or `(n, K)` in the order of `classes` (without them, of labels 0..K-1). The columns of a
      DataFrame that have names go by these. `weights` `(n,)` are at least 0. What is None, NA or masked is
      missing; text is not taken for numbers.

    The other arguments are the options of `xent score` of the same names.

    - With a file or table, `label`, `prob`, `logit`, `logprob`, `target`, `weight` and `bytes` name columns; what
      is not named is found by its name. `labels` is a file with the labels that `data` lacks, joined by the ids
      in column `on` (None: row by row), of which it may have more if `allow_extra`.
    - With a file or table, `by` names columns to slice by ("a,b" crosses two), `bins` the ascending edges of such
      a column of numbers, and `cluster` a column whose values mark rows that depend on one another.
    - With a file, in `data` or `labels`, `delimiter`, `decimal`, `header` and `input_format` say how to read it.
    - With all, `classes` gives the order of the scores and `positive` the class of a single score. `clip`
      (between 0 and 0.5), `normalize`, `sum_tolerance`, `missing` ("error" or "skip"), `ignore_label`,
      `class_weight` (the weight of each class; of others 1) and `label_smoothing` (0 to below 1) change what is
      scored, and the result's signature has them. `prior` gives the class mix that skill is measured against, by
      class or as a file to count; without it that is the mix of the rows. `breakdown` (if False) leaves out the
      breakdown of the log loss. `threads` (None: the cores of the process) changes no number.

    With files that all workers can read, `engine` "dask" scores on the workers of the Dask cluster at `scheduler`,
    or of one that is started on this machine; the numbers are the same in every bit.

    Amounts of information come in `unit`: "nats", "bits" or "bans".

    `require` lists requirements such as "log_loss <= 0.35" or "recall[cat] >= 0.9": the result's `gates` say what
    became of each, and nothing is raised for one that is not met. `baseline` is a saved JSON of `xent score` for
    limits such as "baseline + 0.01"; `confidence` (between 0.5 and 1) makes each limit two one-sided tests.

    `save_state` is a file for the state, from which `xentcli.api.merge_states` makes the result of a whole that is
    scored part by part; `shard` is the number of this part, from 0.

    Raises `RequestError` for arguments that are wrong, unclear or without effect beside the others, `ContentError`
    for content that cannot be scored, and `AccessError` for files that cannot be read (see `xentcli.errors`).
    Their fields tell where and what to do; they call arguments as the command line does.

    >>> score([1, 0, 1], probs=[0.9, 0.2, 0.6]).metrics.accuracy
    1.0
    """
    spec = ColumnSpec(
        label=column_name("label", label),
        prob=column_names("prob", prob),
        logit=column_names("logit", logit),
        logprob=column_names("logprob", logprob),
        target=column_names("target", target),
        classes=classes_in_order(classes),
        positive=None if positive is None else str(positive),
        weight=column_name("weight", weight),
        bytes=column_name("bytes", bytes),
        by=column_names("by", by),
        bins=bin_edges(bins or {}),
        cluster=column_name("cluster", cluster),
    )
    ignored = class_names("ignore_label", ignore_label)
    allowed = policy(clip, normalize, sum_tolerance, missing, ignored, class_weight or {}, label_smoothing)
    text = text_options(delimiter, decimal, header, input_format)
    on = column_name("on", on)
    mix = class_shares(prior)
    request = ScoreRequest(
        paths=(),
        spec=spec,
        policy=allowed,
        text=text,
        labels=labels,
        on=on,
        allow_extra=allow_extra,
        prior=mix,
        breakdown=breakdown,
        threads=threads,
        unit=Unit(unit),
        engine=engine,
        scheduler=scheduler,
        gating=gating(texts("require", require), confidence, baseline),
        save_state=save_state,
        shard=shard,
    )
    arrays = {"prob": probs, "logit": logits, "logprob": log_probs}
    given = {kind: values for kind, values in arrays.items() if values is not None}
    return _scored(*_opened(data, given, weights, request))


def _opened(
    data: Any, given: Mapping[str, Any], weights: Any, request: ScoreRequest
) -> tuple[list[Source], ScoreRequest]:
    """The inputs that `score` is given, in whatever form, and the request with their columns."""
    if given:
        from xentcli.data.frames import of_arrays

        join = [name for name in ("labels", "on", "allow_extra") if getattr(request, name)]
        refuse_beside_arrays(list(given), request.spec, request.text, join)
        source, spec = of_arrays(data, given, weights, request.spec)
        return [source], replace(request, spec=spec)
    refuse_weights(weights)
    if isinstance(data, str | os.PathLike):
        return open_paths([data], request.text), request
    if _are_paths(data):
        return open_paths(data, request.text), request
    from xentcli.data.frames import of_table

    if request.labels is None:
        refuse_text(request.text)
    return [of_table(data)], request


def _scored(sources: list[Source], request: ScoreRequest) -> ScoreResult:
    return _judged(sources, request).score


def _judged(sources: list[Source], request: ScoreRequest) -> GateResult:
    asked = request.gating
    request = replace(request, spec=replace(request.spec, sliced=asked.slices))
    baseline = asked.read_baseline()
    sources, spec = _joined(sources, request)
    read = [source.name for source in sources] + ([] if request.labels is None else [os.fspath(request.labels)])
    refuse_overwriting(request.save_state, read)
    scored = score_sources(
        sources,
        spec,
        request.policy,
        _engine(request),
        breakdown=request.breakdown,
        prior=_prior(request),
        class_errors=asked.class_errors,
        shard=request.shard,
    )
    result = _saved(result_of(scored), scored, request.save_state, request.unit)
    gates = judge(result, asked.requirements, confidence=asked.confidence, baseline=baseline, unit=request.unit)
    score = replace(result, gates=gates)
    if baseline is None:
        return GateResult(tuple(worst_first(gates)), score)
    return GateResult(tuple(worst_first(gates)), score, baseline.name, changes(score, baseline))


def _believed(scored: Scored) -> ScoreResult:
    """The result of states that were read: each number in them may be sound, and all together not."""
    try:
        return result_of(scored)
    except (ArithmeticError, LookupError, ValueError) as fault:
        raise ContentError("state", "no rows can have the totals of these states") from fault


def _saved(
    result: ScoreResult, scored: Scored, save_state: str | os.PathLike[str] | None, unit: Unit
) -> ScoreResult:
    """The result in a unit, once the state is saved that it was computed from."""
    if save_state is not None:
        from xentcli.state_file import state_text
        from xentcli.writing import write_file

        write_file(os.fspath(save_state), state_text(scored))
    return result.to_unit(unit)


def _engine(request: ScoreRequest) -> Engine:
    return engine_of(request.engine, request.scheduler, request.threads, request.text, request.progress)


def _prior(request: ScoreRequest) -> Prior | None:
    if not isinstance(request.prior, str):
        return None if request.prior is None else Prior(request.prior)
    from xentcli.data.class_mix import class_mix

    return Prior(tuple(class_mix(request.prior, request.text, request.spec.label).items()), counted=True)


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


def _joined(sources: list[Source], request: ScoreRequest) -> tuple[list[Source], ColumnSpec]:
    """The sources with the columns of the label file, if one is given, and what to look for among them."""
    on, spec = request.on, request.spec
    if request.labels is None:
        if on is not None or request.allow_extra:
            raise RequestError("labels", "--on and --allow-extra need --labels FILE, the file to join")
        return sources, spec
    path = os.fspath(request.labels)
    found = open_labels(path, request.text, {spec.label, on})
    if len(found) > 1:
        raise RequestError("labels", f"--labels names {len(found)} files", where=Where(path))
    labels, spec = apart(sources, found[0], on, spec)
    return joined_all(sources, labels, on, allow_extra=request.allow_extra), spec


def _are_paths(data: object) -> bool:
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(x, str | os.PathLike) for x in data)
