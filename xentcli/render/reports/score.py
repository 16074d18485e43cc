"""The report of `xent score`: what was scored, the metrics in groups, and the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from xentcli.render.page import Page
from xentcli.render.reports.advice import advice
from xentcli.render.reports.breakdown import (
    CONFUSIONS,
    LABELS,
    MOST_CONFUSIONS,
    RELIABILITY,
    SLICES,
    slice_grids,
    sum_grid,
    unlisted_slices,
)
from xentcli.render.reports.documents import MOST_DOCUMENTS, document_grid
from xentcli.render.reports.report import (
    Column,
    ColumnOf,
    Grid,
    Group,
    Report,
    given_roles,
    grid_of,
    input_names,
    left_out,
    literal,
    numeric,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number, percent
from xentcli.results.metrics import BREAKDOWN, METRICS, PER_CLASS, TABLES
from xentcli.results.parts import ClassResult, LabelResult, SliceResult
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import sort_worst_first
from xentcli.wording import few

MOST_CLASSES = 30  # classes in a table for people; the flat formats have all

_KINDS = {"probability": "probabilities", "logit": "logits", "log_probability": "log-probabilities"}
_GROUPS = {
    "Scores": (
        "log_loss", "accuracy", "brier", "perplexity", "infinite_rows", "log_loss_finite", "row_sum_effect",
        "target_entropy", "kl_divergence", "bits_per_byte",
    ),
    "Class mix": ("label_entropy", "skill", "marginal_kl", "macro_log_loss", "prior_log_loss", "prior_gap"),
    "Confidence": ("predictive_entropy", "overconfidence", "overconfidence_z", "ece"),
    "Row by row": (
        "loss_p50", "loss_p90", "loss_p99", "loss_max", "worst_1pct_share", "total_log_loss",
        "skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows", "ties",
    ),
}  # fmt: skip
_UNLESS_0 = (
    "infinite_rows", "row_sum_effect", "skipped_rows", "ignored_rows", "filtered_rows", "zero_weight_rows", "ties",
)  # fmt: skip
_SHARES = ("accuracy", "worst_1pct_share", "skill")


def report(result: ScoreResult, page: Page) -> Report:
    """Everything that a person is told."""
    return Report(
        name=input_names(source.name for source in result.inputs),
        what=_what(result),
        roles=tuple(_roles(result)),
        small_print=signature_line(result.signature, len(result.classes)),
        grids=tuple(_grids(result, page)),
        words=tuple(advice(result)),
        remarks=tuple(_remarks(result)),
    )


def _grids(result: ScoreResult, page: Page) -> Iterator[Grid]:
    if result.breakdown is not None:
        yield sum_grid(result, result.breakdown)
    yield _metrics(result)
    if result.classes:
        yield _class_rows(result)
    if len(result.classes) > 2 and result.confusions:
        yield grid_of(result.confusions[:MOST_CONFUSIONS], CONFUSIONS)
    if result.labels is not None:
        yield grid_of(_costliest(result.labels), LABELS)
    yield from slice_grids(_other_slices(result), SLICES)
    if result.documents:
        yield document_grid(result.documents)
    if page.reliability and result.reliability:
        yield grid_of((each for each in result.reliability if each.rows), RELIABILITY)
    if result.gates:
        yield gate_grid(sort_worst_first(result.gates))


def _remarks(result: ScoreResult) -> Iterator[str]:
    yield from left_out(len(result.per_class) - MOST_CLASSES, "classes of smaller contribution")
    yield from left_out(len(result.labels or ()) - MOST_CLASSES, "labels of smaller contribution")
    breakdown = result.breakdown
    if breakdown is not None and breakdown.rows < result.rows - result.metrics.infinite_rows:
        yield f"recalibrations were fitted to {breakdown.rows:,} of the rows, chosen at random"
    if breakdown is not None and breakdown.error_bound:
        bound = f"{number(breakdown.error_bound)} {result.unit.value}"
        yield f"close forecasts share a cell: miscalibration and discrimination may be higher by up to {bound}"
    yield from unlisted_slices(_other_slices(result))
    yield from left_out(len(result.documents or ()) - MOST_DOCUMENTS, "documents of lower log loss")
    yield from requirement_remarks(sort_worst_first(result.gates))


def _roles(result: ScoreResult) -> Iterator[tuple[str, str]]:
    """Which column was used as what."""
    used = result.columns
    targets = None if used.targets is None else ", ".join(dict.fromkeys(used.targets.values()))
    weight = None if used.weight is None else f"{used.weight} (sum {result.weight:,.6g})"
    yield from given_roles({"label": used.label, "label file": used.label_file})
    yield from _classes(result)
    yield from given_roles({"targets": targets, "weight": weight})


def _costliest(labels: Sequence[LabelResult]) -> list[LabelResult]:
    """The labels of the largest contribution."""
    return sorted(labels, key=lambda each: -(each.contribution or 0.0))[:MOST_CLASSES]


def _other_slices(result: ScoreResult) -> list[SliceResult]:
    """The slices without those of labels, which have a table of their own."""
    found = {("label", each.name) for each in result.labels or ()}
    found |= {(f"{column}_name", name) for column, name in found}  # where the input has a column of that name
    return [each for each in result.slices if len(each.by) > 1 or each.by[0] not in found]


def _what(result: ScoreResult) -> str:
    if result.labels is not None:
        return f"{result.rows:,} rows, {len(result.labels)} labels each, {_KINDS[result.input_kind]}"
    classes = f"{len(result.classes)} classes, " if result.classes else "tokens, "
    soft = ", soft labels" if result.signature.labels == "soft" else ""
    return f"{result.rows:,} rows, {classes}{_KINDS[result.input_kind]}{soft}"


def _metrics(result: ScoreResult) -> Grid:
    """The metrics, grouped under titles."""
    columns = (Column(), numeric(result.unit.value), Column("interval", above=True), Column(dim=True))
    return Grid(columns, tuple(_groups(result)))


def _groups(result: ScoreResult) -> Iterator[Group]:
    for title, names in _GROUPS.items():
        lines = [_line(result, name) for name in names if _is_shown(result, name)]
        if title == "Confidence":
            lines += _part_lines(result, "breakdown", "calibration")
        if lines:
            yield Group(tuple(lines), title)
        if title == "Confidence" and result.chain is not None:
            yield Group(tuple(_part_lines(result, "chain")), "Chain rule")


def _part_lines(result: ScoreResult, *tables: str) -> Iterator[tuple[str, ...]]:
    """The test of calibration, what one temperature would do, or the chain rule, as far as the result has them."""
    for table in tables:
        part = getattr(result, table)
        metrics = {"p_value": BREAKDOWN["p_value"]} if table == "breakdown" else TABLES[table]
        for name, metric in metrics.items() if part is not None else ():
            value = getattr(part, name)
            reason = result.unavailable.get(f"{table}.{name}", metric.meaning)
            yield metric.title, number(value), "", metric.meaning if value is not None else reason


def _class_rows(result: ScoreResult) -> Grid:
    """The classes; of very many, the costliest."""
    rows = list(result.per_class)
    if len(rows) > MOST_CLASSES:
        rows.sort(key=lambda row: -(row.contribution or 0.0))
    columns: list[ColumnOf[ClassResult]] = [(literal("class"), lambda row: row.name)]
    columns += [(numeric(metric.title), partial(_class_cell, name=name)) for name, metric in PER_CLASS.items()]
    return grid_of(rows[:MOST_CLASSES], columns)


def _classes(result: ScoreResult) -> list[tuple[str, str]]:
    """Which column is of which class: a line each where they are few."""
    scores = list(result.columns.scores.items())
    if result.labels is not None:
        return [("scores", scores[0][1])]
    columns = {column for _, column in scores}
    if not result.classes:
        return [("of what happened", column) for column in columns]
    if len(scores) > 1 and len(columns) == 1:
        return [("classes", f"{few(result.classes, MOST_CLASSES)} in {scores[0][1]}")]
    if len(scores) == 1:
        [(name, column)] = scores
        return [(name, column), (next(other for other in result.classes if other != name), f"1 - {column}")]
    if len(scores) < 5:
        return scores
    return [("classes", few((f"{name}: {column}" for name, column in scores), MOST_CLASSES, " and {left} more"))]


def _is_shown(result: ScoreResult, name: str) -> bool:
    """Whether a metric is worth a line: tokens have no classes, so most say nothing there."""
    metrics = result.metrics
    value = getattr(metrics, name)
    if (name in _UNLESS_0 and not value) or (name == "log_loss_finite" and not metrics.infinite_rows):
        return False
    if name in ("target_entropy", "kl_divergence") and result.signature.labels != "soft":
        return False
    if name in ("prior_log_loss", "prior_gap") and metrics.prior_log_loss is None:
        return False
    return value is not None or (bool(result.classes) and name != "bits_per_byte")


def _line(result: ScoreResult, name: str) -> tuple[str, ...]:
    metrics, metric = result.metrics, METRICS[name]
    value = getattr(metrics, name)
    low, high = getattr(metrics, f"{name}_low", None), getattr(metrics, f"{name}_high", None)
    show = percent if name in _SHARES else number
    meaning = metric.meaning if value is not None else result.unavailable.get(name, metric.meaning)
    if name == "skill" and result.signature.prior and value is not None:
        meaning = "share of the loss of the prior saved"
    interval = f"{show(low)} to {show(high)} (95 %)" if low is not None and high is not None else ""
    return metric.title, show(value), interval, meaning


def _class_cell(row: ClassResult, name: str) -> str:
    value = getattr(row, name)
    return percent(value) if name in ("share", "predicted_share", "recall", "precision") else number(value)
