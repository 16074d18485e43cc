"""The report of `xent score`: what was scored, the metrics in groups, and the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.render.page import Page
from xentcli.render.reports.advice import advice
from xentcli.render.reports.breakdown import (
    MOST_SLICES,
    by_columns,
    confusion_grid,
    reliability_grid,
    slice_grids,
    sum_grid,
)
from xentcli.render.reports.gate_grid import gate_grid
from xentcli.render.reports.report import Column, Grid, Group, Report
from xentcli.render.text import number, percent
from xentcli.results.compare import AnySlice
from xentcli.results.metrics import BREAKDOWN, CALIBRATION, CHAIN, METRICS, PER_CLASS, Metric
from xentcli.results.outcome import Gate, sort_worst_first
from xentcli.results.parts import ChainRule, ClassResult, Number
from xentcli.results.result import Signature
from xentcli.results.score import ScoreResult
from xentcli.wording import few

MOST_CLASSES = 30  # classes in a table for people; the flat formats have all
EACH_LEVEL = "each requirement is tested at its own level; the chance that one of several errs is higher"
MOST_GATES = 50  # requirements, likewise: the worst

_KINDS = {"probability": "probabilities", "logit": "logits", "log_probability": "log-probabilities"}
_GROUPS = {
    "Scores": ("log_loss", "accuracy", "brier", "perplexity"),
    "Class mix": ("label_entropy", "skill", "marginal_kl", "macro_log_loss"),
    "Confidence": ("predictive_entropy", "overconfidence", "overconfidence_z", "ece"),
    "Row by row": ("loss_p50", "loss_p90", "loss_p99", "loss_max", "worst_1pct_share", "total_log_loss"),
}
_SHARES = ("accuracy", "worst_1pct_share", "skill")


def report(result: ScoreResult, page: Page) -> Report:
    """Everything that a person is told."""
    return Report(
        name=names_of([source.name for source in result.inputs]),
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
        yield confusion_grid(result)
    yield from slice_grids(result)
    if page.reliability and result.reliability:
        yield reliability_grid(result)
    if result.gates:
        yield gate_grid(sort_worst_first(result.gates)[:MOST_GATES])


def _remarks(result: ScoreResult) -> Iterator[str]:
    yield from left_out(len(result.per_class) - MOST_CLASSES, "classes of smaller contribution")
    breakdown = result.breakdown
    if breakdown is not None and breakdown.rows < result.rows - result.metrics.infinite_rows:
        yield f"recalibrations were fitted to {breakdown.rows:,} of the rows, chosen at random"
    if breakdown is not None and breakdown.error_bound:
        bound = f"{number(breakdown.error_bound)} {result.unit.value}"
        yield f"close forecasts share a cell: miscalibration and discrimination may be higher by up to {bound}"
    yield from slices_left_out(result.slices)
    yield from verdict_words(sort_worst_first(result.gates))


def verdict_words(gates: Sequence[Gate]) -> Iterator[str]:
    """Of the requirements, the worst first: what did not hold, and why."""
    yield from left_out(len(gates) - MOST_GATES, "requirements, none worse")
    yield from (gate.message for gate in gates[:MOST_GATES] if gate.verdict != "pass")
    if gates and all(gate.verdict == "pass" for gate in gates):
        yield "every requirement is met"
    if sum(gate.confidence is not None for gate in gates) > 1:
        yield EACH_LEVEL


def left_out(count: int, what: str, thousands: str = "") -> Iterator[str]:
    """How many a table leaves out, and where they are; nothing if it has them all."""
    if count > 0:
        yield f"and {count:{thousands}} more {what}: --format csv or json has them all"


def slices_left_out(slices: Sequence[AnySlice]) -> Iterator[str]:
    """What is not shown of the slices by each set of columns."""
    for names, found in by_columns(slices).items():
        yield from left_out(len(found) - MOST_SLICES, f"slices by {', '.join(names)}")


def names_of(inputs: list[str]) -> str:
    """One input by its name, several by their number and the first names."""
    if len(inputs) == 1:
        return inputs[0]
    return f"{len(inputs)} files: {few(inputs, 5)}"


def _roles(result: ScoreResult) -> list[tuple[str, str]]:
    """Which column was used as what."""
    pairs = []
    if result.columns.label is not None:
        pairs.append(("label", result.columns.label))
    if result.columns.label_file is not None:
        pairs.append(("label file", result.columns.label_file))
    pairs += _classes(result)
    if result.columns.targets is not None:
        pairs.append(("targets", ", ".join(dict.fromkeys(result.columns.targets.values()))))
    if result.columns.weight is not None:
        pairs.append(("weight", f"{result.columns.weight} (sum {result.weight:,.6g})"))
    return pairs


def _what(result: ScoreResult) -> str:
    classes = f"{len(result.classes)} classes, " if result.classes else "tokens, "
    soft = ", soft labels" if result.signature.labels == "soft" else ""
    return f"{result.rows:,} rows, {classes}{_KINDS[result.input_kind]}{soft}"


def signature_line(signature: Signature, classes: int) -> str:
    """How the numbers were computed, on one line."""
    parts = {
        "definitions": signature.definitions,
        "labels": signature.labels,
        "classes": classes,
        "weights": "yes" if signature.weighted else "no",
        "clip": "no" if signature.clip is None else repr(signature.clip),
        "normalize": "yes" if signature.normalize else "no",
        "sum-tolerance": repr(signature.sum_tolerance),
        "missing": signature.missing,
    }
    if signature.ignored:
        parts["ignored"] = ",".join(signature.ignored)
    if signature.smoothing:
        parts["smoothing"] = repr(signature.smoothing)
    if signature.class_weights:
        parts["class-weights"] = ",".join(f"{name}={weight:g}" for name, weight in signature.class_weights)
    return " ".join(f"{name}={value}" for name, value in parts.items())


def _metrics(result: ScoreResult) -> Grid:
    """The metrics, grouped under titles."""
    columns = (Column(), Column(result.unit.value, right=True), Column("interval", above=True), Column(dim=True))
    return Grid(columns, tuple(_groups(result)))


def _groups(result: ScoreResult) -> Iterator[Group]:
    for title, names in _GROUPS.items():
        shown = [name for name in _extended(result, title, names) if _has(result, name)]
        lines = [_line(result, name) for name in shown]
        if title == "Confidence":
            lines += _recalibrated(result)
        if lines:
            yield Group(tuple(lines), title)
        if title == "Confidence" and result.chain is not None:
            yield Group(tuple(_chain(result, result.chain)), "Chain rule")


def _recalibrated(result: ScoreResult) -> Iterator[tuple[str, ...]]:
    """The test of calibration, and what one temperature would do."""
    if result.breakdown is not None:
        yield _part_line(result, "breakdown", BREAKDOWN["p_value"], result.breakdown.p_value)
    if result.calibration is not None:
        for name, metric in CALIBRATION.items():
            yield _part_line(result, "calibration", metric, getattr(result.calibration, name))


def _chain(result: ScoreResult, chain: ChainRule) -> Iterator[tuple[str, ...]]:
    yield _part_line(result, "chain", CHAIN["top"], chain.top)
    yield _part_line(result, "chain", CHAIN["rest"], chain.rest)


def _part_line(result: ScoreResult, part: str, metric: Metric, value: Number) -> tuple[str, ...]:
    reason = result.unavailable.get(f"{part}.{metric.name}", metric.meaning)
    meaning = metric.meaning if value is not None else reason
    return metric.title, number(value), "", meaning


def _class_rows(result: ScoreResult) -> Grid:
    """The classes; of very many, the costliest."""
    rows = list(result.per_class)
    if len(rows) > MOST_CLASSES:
        rows.sort(key=lambda row: -(row.contribution or 0.0))
        rows = rows[:MOST_CLASSES]
    columns = (Column("class", raw=True), *(Column(metric.title, right=True) for metric in PER_CLASS.values()))
    cells = tuple((row.name, *(_class_cell(row, name) for name in PER_CLASS)) for row in rows)
    return Grid(columns, (Group(cells),))


def _classes(result: ScoreResult) -> list[tuple[str, str]]:
    """Which column is of which class: a line each where they are few."""
    scores = list(result.columns.scores.items())
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


def _has(result: ScoreResult, name: str) -> bool:
    """Tokens have no classes, so most metrics say nothing there: leave them out of the tables."""
    return bool(result.classes) or getattr(result.metrics, name) is not None


def _extended(result: ScoreResult, title: str, names: tuple[str, ...]) -> list[str]:
    """The metrics of a group; counts that are worth a word only when they are not 0 come along then."""
    metrics, extra = result.metrics, []
    if title == "Scores" and metrics.infinite_rows:
        extra = ["infinite_rows", "log_loss_finite"]
    if title == "Scores" and metrics.row_sum_effect:
        extra.append("row_sum_effect")
    if title == "Scores" and result.signature.labels == "soft":
        extra += ["target_entropy", "kl_divergence"]
    if title == "Scores" and metrics.bits_per_byte is not None:
        extra.append("bits_per_byte")
    if title == "Class mix" and metrics.prior_log_loss is not None:
        extra = ["prior_log_loss", "prior_gap"]
    if title == "Row by row":
        counted = ("skipped_rows", "ignored_rows", "zero_weight_rows", "ties")
        extra = [name for name in counted if getattr(metrics, name)]
    return [*names, *extra]


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
