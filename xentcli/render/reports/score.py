"""The report of `xent score`: the headline numbers, where the loss comes from, what to do, and the classes.

Everything else stands in the full report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.render.page import Page
from xentcli.render.reports.advice import advice
from xentcli.render.reports.breakdown import (
    CONFUSIONS,
    LABELS,
    MOST_CONFUSIONS,
    confusion_grid,
    reliability_grid,
    slice_columns,
    slice_grids,
    sum_grid,
    unlisted_slices,
)
from xentcli.render.reports.documents import MOST_DOCUMENTS, document_grid
from xentcli.render.reports.headline import headline
from xentcli.render.reports.metrics import metrics_grid
from xentcli.render.reports.report import (
    EXPLAIN,
    ColumnOf,
    Facts,
    Report,
    Section,
    Sentences,
    given_roles,
    grid_of,
    input_names,
    left_out,
    literal,
    numeric,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number
from xentcli.results.parts import ClassResult, LabelResult, SliceResult
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import sort_worst_first
from xentcli.wording import few, percent, plural

_MOST_NAMED = 30  # classes in a line
_MOST_IN_MATRIX = 20  # classes in a table of labels by predicted classes
_MOST_CLASSES_AT_FIRST = 8  # in the report that is to fit on a screen

_KINDS = {"probability": "probabilities", "logit": "logits", "log_probability": "log-probabilities"}


def report(result: ScoreResult, page: Page) -> Report:
    """Everything that a person is told."""
    rows = list(_class_rows(result, page))
    return Report(
        name=input_names(source.name for source in result.inputs),
        what=_what(result),
        roles=tuple(_roles(result)),
        sections=tuple(_sections(result, page, rows)),
        remarks=tuple(_remarks(result, page)),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        pointers=() if page.full else ("more numbers: --full", "rows: xent worst FILE", EXPLAIN),
        first=1 + 2 * bool(result.gates) + 2 * (result.breakdown is not None),
    )


def _sections(result: ScoreResult, page: Page, classes: list[ClassResult]) -> Iterator[Section]:
    yield Facts(tuple(headline(result)))
    if result.gates:
        gates = sort_worst_first(result.gates)
        yield gate_grid(gates)
        yield Sentences(tuple(requirement_remarks(gates)))
    if result.breakdown is not None:
        yield sum_grid(result, result.breakdown, page)
    if lines := tuple(advice(result)):
        yield Sentences(lines, "What to do", numbered=True)
    if classes:
        yield grid_of(classes, _class_columns(result, page), "Classes")
    if len(result.classes) > 2 and result.confusions:
        most = MOST_CONFUSIONS if page.full else 3
        yield grid_of(result.confusions[:most], CONFUSIONS, "Costliest confusions")
    if page.full and len(result.classes) <= _MOST_IN_MATRIX and (matrix := result.confusion_matrix):
        yield confusion_grid(result.classes, matrix)
    if result.labels is not None:
        yield grid_of(_costliest(result.labels, page), LABELS, "Labels")
    yield from slice_grids(_other_slices(result), slice_columns(result.unit), page.most_rows)
    if result.documents:
        yield document_grid(result.documents)
    if page.full:
        yield metrics_grid(result)
    yield from reliability_sections(result, page)


def reliability_sections(result: ScoreResult, page: Page) -> Iterator[Section]:
    """The reliability curve if it was asked for, and the bins of ECE."""
    if result.reliability_curve is not None:
        from xentcli.render.reports.curve import reliability_drawing  # which a plain score need not load

        yield reliability_drawing(result.reliability_curve, page)
    if (page.reliability or page.full) and result.reliability:
        yield reliability_grid(result.reliability, page)


def reliability_remarks(result: ScoreResult, page: Page) -> Iterator[str]:
    """Why there is no curve, or what its band leaves out."""
    if page.reliability and (reason := result.unavailable.get("reliability_curve")):
        yield f"there is no reliability curve: {reason}"
    if result.reliability_curve is not None and result.columns.cluster is not None:
        yield f'the band of the curve takes rows as independent, whatever their "{result.columns.cluster}"'


def _remarks(result: ScoreResult, page: Page) -> Iterator[str]:
    for what, found in (("classes", result.per_class), ("labels", result.labels or ())):
        yield from left_out(len(found) - _most(page), f"{what} of smaller contribution", full=page.full)
    breakdown = result.breakdown
    if breakdown is not None and breakdown.rows < result.rows - result.metrics.infinite_rows:
        yield f"recalibrations were fitted to {breakdown.rows:,} of the rows, chosen at random"
    if breakdown is not None and breakdown.error_bound:
        bound = f"{number(breakdown.error_bound)} {result.unit.value}"
        yield f"close predictions share a cell: miscalibration and discrimination may be higher by up to {bound}"
    if result.metrics.auc_error_bound:
        yield f"likewise, AUC may be off by up to {number(result.metrics.auc_error_bound)}"
    yield from reliability_remarks(result, page)
    yield from unlisted_slices(_other_slices(result), page.most_rows)
    yield from left_out(len(result.documents or ()) - MOST_DOCUMENTS, "documents of lower log loss")


def _roles(result: ScoreResult) -> Iterator[tuple[str, str]]:
    """Which column was used as what."""
    used = result.columns
    targets = None if used.targets is None else ", ".join(dict.fromkeys(used.targets.values()))
    weight = None if used.weight is None else f"{used.weight} (sum {result.weight:,.6g})"
    yield from given_roles({"label": used.label, "label file": used.label_file})
    yield from _classes(result)
    yield from given_roles({"targets": targets, "weight": weight, "cluster": used.cluster})


def _costliest(labels: Sequence[LabelResult], page: Page) -> list[LabelResult]:
    """Likewise the labels of rows that have several."""
    return sorted(labels, key=lambda each: -(each.contribution or 0.0))[: _most(page)]


def _other_slices(result: ScoreResult) -> list[SliceResult]:
    """The slices without those of labels, which have a table of their own."""
    found = {("label", each.name) for each in result.labels or ()}
    found |= {(f"{column}_name", name) for column, name in found}  # where the input has a column of that name
    return [each for each in result.slices if len(each.by) > 1 or each.by[0] not in found]


def _what(result: ScoreResult) -> str:
    if result.labels is not None:
        return f"{plural(result.rows, 'row')}, {len(result.labels)} labels each, {_KINDS[result.input_kind]}"
    classes = f"{len(result.classes)} classes, " if result.classes else "tokens, "
    soft = ", soft labels" if result.signature.labels == "soft" else ""
    ignored = result.metrics.ignored_rows
    left = f", {plural(ignored, 'row')} ignored" if ignored else ""
    return f"{plural(result.rows, 'row')}, {classes}{_KINDS[result.input_kind]}{soft}{left}"


def _most(page: Page) -> int:
    return page.most_rows if page.full else _MOST_CLASSES_AT_FIRST


def _class_rows(result: ScoreResult, page: Page) -> list[ClassResult]:
    """The costliest classes first: all that a screen has room for, or many."""
    return sorted(result.per_class, key=lambda row: -(row.contribution or 0.0))[: _most(page)]


def _class_columns(result: ScoreResult, page: Page) -> Iterator[ColumnOf[ClassResult]]:
    yield literal("class"), lambda row: row.name
    yield numeric("rows"), lambda row: number(row.rows)
    yield numeric("share", 3), lambda row: percent(row.share)
    yield numeric("mean pred.", 2), lambda row: percent(row.predicted_share)
    yield numeric("log loss"), lambda row: number(row.log_loss)
    yield numeric("of loss"), lambda row: percent(result.loss_share(row))
    yield numeric("recall", 1), lambda row: percent(row.recall)
    yield numeric("precision", 1), lambda row: percent(row.precision)
    if page.full:
        yield numeric("F1", 1), lambda row: number(row.f1)


def _classes(result: ScoreResult) -> list[tuple[str, str]]:
    """Which column is of which class: each by itself where they are few."""
    scores = list(result.columns.scores.items())
    if result.labels is not None:
        return [("scores", scores[0][1])]
    columns = {column for _, column in scores}
    if not result.classes:
        return [("log-probability of the token", column) for column in columns]
    if len(scores) > 1 and len(columns) == 1:
        return [("classes", f"{few(result.classes, _MOST_NAMED)} in {scores[0][1]}")]
    if result.columns.predicted is not None:
        return [("scores", f"{scores[0][1]}, of the class in {result.columns.predicted}")]
    if len(scores) == 1:
        [(name, column)] = scores
        rest = {"probability": f"1 - {column}", "logit": f"-{column}"}.get(result.input_kind, f"1 - exp({column})")
        return [(name, column), (next(other for other in result.classes if other != name), rest)]
    if len(scores) < 5:
        return scores
    return [("classes", few((f"{name}: {column}" for name, column in scores), 3, " and {left} more"))]
