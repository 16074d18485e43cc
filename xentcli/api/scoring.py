"""`score`: paths, tables and arrays in, a result out."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from xentcli.analysis.request import EngineRequest, InputRequest, ScoreRequest, name_text, policy
from xentcli.analysis.score import score_files
from xentcli.api.arguments import (
    base_of_logarithms,
    bin_edges,
    class_names,
    class_shares,
    classes_in_order,
    column_name,
    column_names,
    given_options,
    refuse_beside_arrays,
    refuse_text,
    refuse_weights,
    text_options,
    texts,
)
from xentcli.columns.columns import ColumnSpec
from xentcli.gates.gating import parse_gating
from xentcli.results.score import ScoreResult
from xentcli.units import Unit

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def score(
    data: Any,
    *,
    probs: ArrayLike | None = None,
    logits: ArrayLike | None = None,
    log_probs: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    classes: Sequence[str] | None = None,
    classes_in: str | None = None,
    positive: str | None = None,
    predicted: str | None = None,
    label: str | None = None,
    prob: str | Sequence[str] = (),
    logit: str | Sequence[str] = (),
    logprob: str | Sequence[str] = (),
    target: str | Sequence[str] = (),
    target_logit: str | Sequence[str] = (),
    weight: str | None = None,
    class_column: str | None = None,
    multilabel: bool = False,
    bytes: str | None = None,
    where: str | Sequence[str] = (),
    doc: str | None = None,
    log_base: str | float | None = None,
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
    comment: str | None = None,
    skip_lines: int = 0,
    na: str | Sequence[str] = (),
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

    - With a file or table, `label`, `prob`, `logit`, `logprob`, `predicted`, `target`, `target_logit` (soft labels
      by softmax), `weight` and `bytes` name columns; what is not named is found by its name. `labels` is a file
      with the labels that `data` lacks, joined by the ids in column `on` ("left=right" where its own are in column
      `right`; None: row by row), of which it may have more if `allow_extra`. `class_column` is of a table in
      long format, where each id in column `on` has a row for each class. With `multilabel`, rows have several
      labels, each 0 or 1, in the columns that `label` matches ("y_*"), and their scores where `prob`, `logit` or
      `logprob` does ("p_*").
    - With a file or table, `classes_in` names a list column with the classes of each row's list of scores, `doc`
      one with the document of each token, and `log_base` ("e", 2 or 10) is that of `logprob` columns. A path
      (`a.b`) reaches into structs.
    - With a file or table, `by` names columns to slice by ("a,b" crosses two), `bins` the ascending edges of such
      a column of numbers, and `cluster` a column whose values mark rows that depend on one another.
    - With a file or table, `where` lists conditions "column=value" or "column!=value" on the rows that are read.
    - With a file, in `data` or `labels`, `delimiter`, `decimal`, `header`, `comment`, `skip_lines` and
      `input_format` say how to read it.
    - With all, `classes` gives the order of the scores and `positive` the class of a single score; with a
      file or table, `classes_in` names the list column of the classes of each row's scores. `clip`
      (between 0 and 0.5), `normalize`, `sum_tolerance`, `missing` ("error" or "skip"), `na` (texts or numbers that
      stand for what is missing), `ignore_label`,
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
        target_logit=column_names("target_logit", target_logit),
        classes=classes_in_order(classes),
        classes_in=column_name("classes_in", classes_in),
        positive=None if positive is None else name_text("positive", positive),
        predicted=column_name("predicted", predicted),
        weight=column_name("weight", weight),
        class_column=column_name("class_column", class_column),
        multilabel=multilabel,
        bytes=column_name("bytes", bytes),
        where=texts("where", where),
        doc=column_name("doc", doc),
        log_base=base_of_logarithms(log_base),
        by=column_names("by", by),
        bins=bin_edges(bins or {}),
        cluster=column_name("cluster", cluster),
        na=class_names("na", na),
    )
    ignored = class_names("ignore_label", ignore_label)
    allowed = policy(clip, normalize, sum_tolerance, missing, ignored, class_weight or {}, label_smoothing)
    asked = {
        "--delimiter": delimiter is not None, "--decimal": decimal != ".", "--no-header": not header,
        "--comment": comment is not None, "--skip-lines": skip_lines != 0, "--normalize": normalize,
        "--positive": positive is not None, "--classes": classes is not None,
    }  # fmt: skip
    text = text_options(delimiter, decimal, header, input_format, comment, skip_lines, spec.na)
    inputs = InputRequest((), spec, text, labels, column_name("on", on), allow_extra, given=given_options(asked))
    arrays = {"prob": probs, "logit": logits, "logprob": log_probs}
    given = {kind: values for kind, values in arrays.items() if values is not None}
    request = ScoreRequest(
        inputs=_with_arrays(inputs, data, given, weights) if given else _with_data(inputs, data, weights),
        policy=allowed,
        engine=EngineRequest(engine, scheduler, threads),
        prior=class_shares(prior),
        breakdown=breakdown,
        unit=Unit(unit),
        gating=parse_gating(texts("require", require), confidence, baseline),
        save_state=save_state,
        shard=shard,
    )
    return score_files(request)


def _with_arrays(inputs: InputRequest, labels: Any, given: Mapping[str, Any], weights: Any) -> InputRequest:
    """With the labels, scores and weights of arrays."""
    from xentcli.api.frames import of_arrays

    join = [name for name in ("labels", "on", "allow_extra") if getattr(inputs, name)]
    refuse_beside_arrays(list(given), inputs.spec, inputs.text, join)
    source, spec = of_arrays(labels, given, weights, inputs.spec)
    return replace(inputs, spec=spec, tables=(source,))


def _with_data(inputs: InputRequest, data: Any, weights: Any) -> InputRequest:
    """With the paths that are given, or the table."""
    refuse_weights(weights)
    if isinstance(data, str | os.PathLike):
        return replace(inputs, paths=(data,))
    if _are_paths(data):
        return replace(inputs, paths=tuple(data))
    from xentcli.api.frames import of_table

    if inputs.labels is None:
        refuse_text(inputs.text)
    return replace(inputs, tables=(of_table(data),))


def _are_paths(data: object) -> bool:
    return isinstance(data, list | tuple) and bool(data) and all(isinstance(x, str | os.PathLike) for x in data)
