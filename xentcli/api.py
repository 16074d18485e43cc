"""The public Python functions; the command line is a thin dress over them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from xentcli.assembly import columns_of_sources, score_sources
from xentcli.column_results import ColumnsResult
from xentcli.core.scores import Policy
from xentcli.data.columns import ColumnSpec, parse_list
from xentcli.data.join import joined_all
from xentcli.data.label_file import open_labels
from xentcli.data.shared_columns import apart
from xentcli.data.source import Source, TextOptions, open_paths
from xentcli.errors import RequestError, Where
from xentcli.results import ScoreResult
from xentcli.units import Unit

__all__ = [
    "ColumnSpec",
    "ScoreRequest",
    "TextOptions",
    "columns_of",
    "parse_list",
    "policy",
    "score",
    "score_files",
]

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


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
    threads: int | None = None  # None: the cores given to the process
    unit: Unit = Unit.NATS


def score_files(request: ScoreRequest) -> ScoreResult:
    """Score files as one input.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    sources, spec = _joined(open_paths(request.paths, request.text), request)
    return score_sources(sources, spec, request.policy, request.threads).to_unit(request.unit)


def columns_of(request: ScoreRequest) -> ColumnsResult:
    """Which column would be used as what; what is not clear is part of the result.

    Raises `ContentError` or `AccessError` where an input cannot be read at all.
    """
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
    threads: int | None = None,
    unit: Unit | str = Unit.NATS,
) -> ScoreResult:
    """How good are the probabilities in `data`?

    `data` is a path or several paths of files (CSV, JSON Lines, Parquet, Arrow IPC, .npy), a table (a pandas or
    polars DataFrame or an Arrow table), or an array of labels `(n,)` or soft labels `(n, K)` with one of `probs`,
    `logits` or `log_probs`: `(n,)` for the positive class of two, or `(n, K)` in the order of `classes` (without
    them, labels 0..K-1).

    The other arguments are the options of `xent score` of the same names. Amounts of information come in
    `unit`. Raises `RequestError`, `ContentError` or `AccessError`, whose fields tell where and what to do.

    >>> score([1, 0, 1], probs=[0.9, 0.2, 0.6]).metrics.accuracy
    1.0
    """
    spec = ColumnSpec(
        label=label,
        prob=_names(prob),
        logit=_names(logit),
        logprob=_names(logprob),
        target=_names(target),
        classes=None if classes is None else tuple(str(name) for name in classes),
        positive=positive,
        weight=weight,
        bytes=bytes,
    )
    allowed = policy(
        clip, normalize, sum_tolerance, missing, _names(ignore_label), class_weight or {}, label_smoothing
    )
    text = TextOptions(delimiter, decimal, header, input_format)
    arrays = {"prob": probs, "logit": logits, "logprob": log_probs}
    given = {kind: values for kind, values in arrays.items() if values is not None}
    if given:
        from xentcli.data.frames import of_arrays

        source, spec = of_arrays(data, given, weights, spec)
        sources: list[Source] = [source]
    elif isinstance(data, str | os.PathLike) or _are_paths(data):
        paths = [data] if isinstance(data, str | os.PathLike) else list(data)
        sources = open_paths(paths, text)
    else:
        from xentcli.data.frames import of_table

        sources = [of_table(data)]
    request = ScoreRequest((), spec, allowed, text, labels, on, allow_extra)
    sources, spec = _joined(sources, request)
    return score_sources(sources, spec, allowed, threads).to_unit(unit)


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
    if clip is not None and not 0 < clip < 0.5:
        raise RequestError("clip", f"--clip {clip} is not between 0 and 0.5")
    if not 0 <= sum_tolerance < 1:
        raise RequestError("sum_tolerance", f"--sum-tolerance {sum_tolerance} is not between 0 and 1")
    if missing not in ("error", "skip"):
        raise RequestError("missing", f'--missing is "error" or "skip", not "{missing}"')
    if not 0 <= label_smoothing < 1:
        raise RequestError("label_smoothing", f"--label-smoothing {label_smoothing} is not within 0 and 1")
    for name, weight in class_weight.items():
        if not 0 <= weight < float("inf"):
            raise RequestError("class_weight", f'--class-weight: "{name}" cannot weigh {weight}')
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


def _names(given: str | Sequence[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _are_paths(data: object) -> bool:
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(x, str | os.PathLike) for x in data)
