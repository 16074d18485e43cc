"""From inputs to a result: columns settled, parts scored and merged, numbers and notices put together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from xentcli import __version__
from xentcli.column_results import ColumnRole, ColumnsResult, Problem
from xentcli.core.column_order import better_order
from xentcli.core.scores import InputKind, Policy
from xentcli.core.summary import Summary, summarize
from xentcli.data.agreement import columns_by_class, resolve_all, targets_by_class, two_classes
from xentcli.data.columns import Columns, ColumnSpec, Layout, nearest
from xentcli.data.complaints import first_error, row_notices
from xentcli.data.join import finish, label_file
from xentcli.data.labels import loose
from xentcli.data.roles import roles
from xentcli.data.source import Part, Source
from xentcli.engine.local import available_threads, in_order
from xentcli.engine.scoring import PartScore, score_part
from xentcli.errors import AccessError, ContentError, Notice, RequestError, Where, XentError
from xentcli.results import ColumnsUsed, InputInfo, ScoreResult, Signature
from xentcli.units import Unit

_EFFECT_NOTICE = 1e-6  # nats: a row sum effect worth a word
_EFFECT_LIMIT = 1e-4  # nats: the score would be better than the model; honest rounding stays below 5e-5


def score_sources(sources: Sequence[Source], spec: ColumnSpec, policy: Policy, threads: int | None) -> ScoreResult:
    """Score inputs as one, in nats."""
    columns = resolve_all(sources, spec)
    first = columns[0]
    _refuse_policy(first, policy)
    merged = PartScore.empty(first.class_count)
    rows = [0] * len(sources)
    for number, part in _run(sources, columns, policy, threads or available_threads()):
        merged = merged.merge(part)
        rows[number] += part.tally.rows
    finish(sources)
    error = first_error(merged.tally, first, first.classes or (), policy)
    if error is not None:
        raise _told_of_labels(error, first, label_file(sources[0]))
    _refuse_empty(merged, sources)
    classes = _class_names(merged, first, sources[0])
    _refuse_unknown_weights(classes, policy)
    summary = summarize(merged.state, classes, first.label_kind, smoothing=policy.smoothing)
    _refuse_bad_sums(summary, policy, sources[0])
    _refuse_foreign_logits(summary, first, sources[0])
    return ScoreResult(
        version=__version__,
        signature=_signature(classes, first, policy),
        inputs=tuple(InputInfo(s.name, s.format, n, s.bytes) for s, n in zip(sources, rows, strict=True)),
        columns=_columns_used(first, classes, label_file(sources[0])),
        rows=summary.metrics.rows,
        weight=summary.weight,
        classes=classes,
        input_kind=first.kind.value,
        unit=Unit.NATS,
        metrics=summary.metrics,
        per_class=summary.per_class,
        notices=(
            *dict.fromkeys(_file_notices(sources, columns)),  # sources of one label file say the same of it
            *row_notices(merged.tally, summary.metrics.rows),
            *_notices(summary, first, policy),
            *_order_notices(merged, classes),
        ),
        unavailable=summary.unavailable,
    )


def columns_of_sources(sources: Sequence[Source], spec: ColumnSpec) -> ColumnsResult:
    """Which column of each input would be used as what."""
    used: Columns | None = None
    problem: Problem | None = None
    try:
        used = resolve_all(sources, spec)[0]
    except AccessError:
        raise
    except XentError as error:
        problem = Problem.of(error)
    found = roles(sources[0].fields, spec, used)
    return ColumnsResult(
        version=__version__,
        inputs=tuple((source.name, source.format) for source in sources),
        columns=tuple(ColumnRole(r.column, r.type, r.role, r.classes, r.why) for r in found),
        input_kind=used.kind.value if used else None,
        label_kind=used.label_kind if used else None,
        classes=used.classes if used else None,
        positive=used.positive if used else None,
        problem=problem,
    )


def _class_names(merged: PartScore, columns: Columns, source: Source) -> tuple[str, ...]:
    if columns.tokens:
        return ()
    return columns.classes if columns.classes is not None else two_classes(merged.labels, columns, source)


def _signature(classes: tuple[str, ...], columns: Columns, policy: Policy) -> Signature:
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
    )


def _told_of_labels(error: XentError, columns: Columns, file: str | None) -> XentError:
    """The error at the row of a prediction whose label is wrong names the file that the label is of."""
    if file is None or error.column is None or error.column != columns.label:
        return error
    hint = f"the label is of {file}" + (f"; {error.hint}" if error.hint else "")
    return type(error)(error.code, error.message, hint=hint, where=error.where, column=error.column)


def _columns_used(columns: Columns, classes: tuple[str, ...], labels: str | None) -> ColumnsUsed:
    return ColumnsUsed(
        label=columns.label,
        label_file=labels,
        scores=columns_by_class(columns, classes),
        weight=columns.weight,
        targets=targets_by_class(columns, classes),
        bytes=columns.bytes,
    )


def _run(
    sources: Sequence[Source], columns: Sequence[Columns], policy: Policy, threads: int
) -> Iterator[tuple[int, PartScore]]:
    """(number of the input, what the part adds) for every part of every input."""

    def jobs() -> Iterable[tuple[int, Part]]:
        for number, (source, used) in enumerate(zip(sources, columns, strict=True)):
            yield from ((number, part) for part in source.parts(used.wanted))

    def work(job: tuple[int, Part]) -> tuple[int, PartScore]:
        number, part = job
        return number, score_part(number, part, columns[number], policy)

    return in_order(work, jobs(), threads)


def _refuse_policy(columns: Columns, policy: Policy) -> None:
    """Options that say nothing about labels of this kind."""
    for option, given in (("--class-weight", policy.class_weights), ("--label-smoothing", policy.smoothing)):
        if given and columns.label_kind != "hard":
            raise RequestError("label_kind", f"{option} needs plain labels, not {columns.label_kind} ones")
    if policy.class_weights and policy.smoothing:
        message = "--class-weight and --label-smoothing exclude each other: frameworks combine them differently"
        raise RequestError("label_kind", message)
    if policy.ignored_labels and columns.label is None:
        raise RequestError("label_kind", "--ignore-label needs a label column")


def _refuse_unknown_weights(classes: tuple[str, ...], policy: Policy) -> None:
    known = {loose(name) for name in classes}
    for name, _ in policy.class_weights:
        if loose(name) not in known:
            close = nearest(name, classes)
            hint = (f'did you mean "{close}"? ' if close else "") + f"classes: {', '.join(classes[:20])}"
            raise RequestError("class_weight", f'--class-weight names "{name}", which is no class', hint=hint)


def _refuse_empty(merged: PartScore, sources: Sequence[Source]) -> None:
    where = Where(sources[0].name) if len(sources) == 1 else None
    if not merged.tally.rows:
        raise ContentError("no_rows", "no rows", where=where)
    if not merged.state.losses.rows:
        counts = merged.state.losses.counts
        if counts.zero_weight:
            raise ContentError("no_weight", "all weights are 0", where=where)
        message = f"no rows left: {counts.skipped} skipped, {counts.ignored} ignored"
        raise ContentError("no_rows", message, where=where)


def _refuse_bad_sums(summary: Summary, policy: Policy, source: Source) -> None:
    effect = summary.metrics.row_sum_effect or 0.0
    if effect > _EFFECT_LIMIT and not policy.normalize:
        raise ContentError(
            "row_sum_effect",
            f"the probabilities of rows sum to more than 1: the log loss would be too good by {effect:.3g} nats",
            hint="--normalize divides each row by its sum",
            where=Where(source.name),
        )


def _refuse_foreign_logits(summary: Summary, columns: Columns, source: Source) -> None:
    """A logit column found by its name must be of a class that occurs: `logit_scale` is none."""
    empty = [row.name for row in summary.per_class if not row.rows]
    apart = columns.scores.layout is Layout.COLUMNS and not columns.single
    if columns.detected and columns.kind is InputKind.LOGIT and apart and empty:
        by_class = columns_by_class(columns, tuple(row.name for row in summary.per_class))
        raise RequestError(
            "class_without_rows",
            f'no row is of class "{empty[0]}": is that a class, and "{by_class[empty[0]]}" its logit?',
            hint="if so, say it with --logit or --classes",
            where=Where(source.name),
            column=by_class[empty[0]],
        )


def _file_notices(sources: Sequence[Source], columns: Sequence[Columns]) -> Iterator[Notice]:
    seen: dict[tuple[int, int], str] = {}
    for source, used in zip(sources, columns, strict=True):
        yield from source.notices()
        if os.path.isfile(source.name):
            status = os.stat(source.name)
            key = (status.st_dev, status.st_ino)
            if key in seen:
                message = f"{source.name} is the same file as {seen[key]}: its rows count twice"
                yield Notice("same_file", 1, message)
            seen.setdefault(key, source.name)
        for file, column in source.unfinished():
            if column in used.wanted.names:
                message = f'the last line has no end: its last field ("{column}") could have been cut'
                yield Notice("no_final_newline", 1, message, (Where(file),))


def _notices(summary: Summary, columns: Columns, policy: Policy) -> Iterator[Notice]:
    metrics = summary.metrics
    effect = metrics.row_sum_effect or 0.0
    if abs(effect) > _EFFECT_NOTICE:
        verb = "adds" if policy.normalize else "would add"
        message = f"the probabilities of the rows do not sum to 1: --normalize {verb} {effect:.3g} nats"
        yield Notice("row_sum_effect", metrics.rows, message)
    for name, why in (("skipped", "for a missing value"), ("ignored", "by their label")):
        if count := getattr(metrics, f"{name}_rows"):
            yield Notice(f"{name}_rows", count, f"{_counted(count, 'row')} left out {why}")
    if metrics.ties:
        shared = f"in {_counted(metrics.ties, 'row')} the top class is shared"
        yield Notice("ties", metrics.ties, f"{shared}; the first class counts as the forecast")
    empty = [row.name for row in summary.per_class if not row.rows]
    if empty and (columns.positive in empty if columns.single else columns.detected):
        shown = ", ".join(f'"{name}"' for name in empty[:10])
        more = f" and {len(empty) - 10:,} more" if len(empty) > 10 else ""
        yield Notice("class_without_rows", len(empty), f"no row is of class {shown}{more}")
    folded = [row.name.casefold() for row in summary.per_class]
    if len(set(folded)) < len(folded):
        yield Notice(
            "similar_classes",
            len(folded) - len(set(folded)),
            "some classes differ in upper and lower case only",
        )


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _order_notices(merged: PartScore, classes: tuple[str, ...]) -> Iterator[Notice]:
    """A word if the forecasts would be right with their columns in another order: the likeliest mistake of all."""
    order = better_order(merged.state.classes.confusions, len(classes))
    if order is None:
        return
    right, other, rows = order.right, order.right_if, order.rows
    shown = ", ".join(classes[k] for k in order.classes[:10]) + (", ..." if len(classes) > 10 else "")
    yield Notice(
        "column_order",
        rows - right,
        f"{right / rows:.0%} of the rows are right as given, {other / rows:.0%} if the columns were of "
        f"{shown}: check the order of the columns, or how labels are numbered",
    )
