"""`xent compare`: two inputs side by side, scored in one pass and compared row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from xentcli.analysis.comparing.differences import comparison_result
from xentcli.analysis.inputs import column_names, join_labels, open_label_file, open_sources
from xentcli.analysis.refusals import refuse_policy
from xentcli.analysis.request import CompareRequest
from xentcli.analysis.run import refuse_broken_rows, run_of
from xentcli.analysis.score import result_of
from xentcli.analysis.unused import refuse_unused
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.columns.conditions import parse_condition
from xentcli.core.numbers.distributions import level
from xentcli.engine.comparing.pairs import Comparison, PairTotals, compare_chunk
from xentcli.engine.engine import Meter, Progress
from xentcli.engine.inputs import Inputs
from xentcli.engine.local import as_done, available_threads
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.gates.check_comparison import check_comparison
from xentcli.joining.disagreements import Agreement, refuse_disagreement
from xentcli.joining.id_columns import IdColumns, id_columns
from xentcli.joining.joined_source import JoinedSource
from xentcli.joining.pairing import Pairing, class_map
from xentcli.results.compare import (
    CompareResult,
)
from xentcli.results.score import ScoreResult
from xentcli.sources.source import Chunk, Source
from xentcli.states.run import Run


def compare_files(request: CompareRequest) -> CompareResult:
    """The paired difference, new - base, of two models that scored the same rows; `baseline` in what is required
    of the numbers is BASE.

    Raises as `score_files` does, and `ContentError` where the two do not have the same ids, labels and weights.
    """
    gating = request.gating
    if request.new.spec.multilabel or request.base.spec.multilabel:
        message = "--multilabel is for score, gate and worst: models are compared on one label at a time"
        raise RequestError("multilabel", message, hint="name the columns of that label and its score")
    opened, on = [open_sources(each) for each in (request.base, request.new)], request.on
    ids = None if on is None else id_columns(on, *(column_names(each[0]) for each in opened))
    of_base = replace(request.base, id=None if ids is None else ids.left)
    of_new = replace(request.new, id=None if ids is None else ids.right)
    labels = None if request.new.labels is None else open_label_file(request.new)  # once: it may be a pipe
    base_sources, base_spec = join_labels(of_base, opened[0], labels_of=labels)
    sources, spec = join_labels(of_new, opened[1], gating.slices, labels_of=labels)
    base_spec, spec = _filter_each(base_sources, base_spec, sources, spec)
    if len(base_sources) > 1:
        message = f"BASE names {len(base_sources)} files; rows are compared with those of one"
        raise RequestError("base", message, where=Where(str(request.base.paths[0])))
    new = Inputs(sources, resolve_all(sources, spec, request.on))
    base = Inputs(base_sources, resolve_all(base_sources, base_spec, request.on))
    refuse_unused(request.new.given, [new, base])
    plan = Plan(request.breakdown, class_errors=gating.class_errors)
    base_run, new_run, totals, odd = _runs(base, new, request, plan)
    base_score, new_score = result_of(base_run), result_of(new_run)
    met = _match_notices(base, new, request.on, totals)
    notices = (*odd, *met, *_score_notices(base_score, new_score))
    result = comparison_result(base_score, new_score, new_run, totals, request.on, notices)
    gates = check_comparison(result, gating.requirements, level(gating.confidence), request.unit)
    return replace(result.to_unit(request.unit), gates=gates)


def _filter_each(
    base: Sequence[Source], base_spec: ColumnSpec, new: Sequence[Source], new_spec: ColumnSpec
) -> tuple[ColumnSpec, ColumnSpec]:
    """Each with the conditions on columns that it has: a row that the filter of either leaves out is left out."""
    of_base = tuple(text for text in base_spec.where if parse_condition(text, column_names(base[0])) is not None)
    of_new = (text for text in new_spec.where if parse_condition(text, column_names(new[0])) is not None)
    nowhere = (text for text in new_spec.where if text not in of_base)  # NEW will say that it has none, if so
    where = tuple(dict.fromkeys([*of_new, *(text for text in nowhere)]))
    return replace(base_spec, where=of_base), replace(new_spec, where=where)


def _runs(
    base: Inputs, new: Inputs, request: CompareRequest, plan: Plan
) -> tuple[Run, Run, PairTotals, tuple[Notice, ...]]:
    """The runs of BASE and NEW, what the rows of both add to the comparison, and how oddly they met."""
    policy, on = request.policy, _ids(base, new, request)
    for each in (new, base):
        refuse_policy(each.first, policy)
    classes = class_map(new.first, base.first, base.name, new.name)
    pairing = Pairing.of(new.sources, base.sources[0], base.first, on, _used(base, new))
    agreement = Agreement(base.first, classes)
    comparison = Comparison(new.columns, pairing, agreement, policy, plan, None if on is None else on.right)
    totals = _totals(comparison, request.threads or available_threads(), request.progress)
    for each in (base, new):  # each joined with its labels, if they are in a file of their own
        each.finish()
    pairing.finish()
    rows = {0: sum(totals.new.rows.values())}
    of_base = replace(totals.base, rows=rows)
    refuse_broken_rows(new, policy, totals.new)
    refuse_broken_rows(base, policy, of_base)
    refuse_disagreement(totals.disagreements, rows[0], request.on)
    notices = tuple(pairing.matcher.notices())
    new_run = run_of(new, policy, plan, totals.new)
    return run_of(base, policy, plan, of_base), new_run, totals, notices


def _ids(base: Inputs, new: Inputs, request: CompareRequest) -> IdColumns | None:
    """The columns of ids in BASE and NEW."""
    if request.on is None:
        return None
    names = [column_names(each.sources[0]) for each in (base, new)]
    return id_columns(request.on, *names, same_labels=request.new.labels is not None)


def _used(base: Inputs, new: Inputs) -> set[str]:
    """Columns that are something else than an id: labels, and all that is no text."""
    all_columns = [columns for each in (base, new) for columns in each.columns]
    joined = (source for each in (base, new) for source in each.sources if isinstance(source, JoinedSource))
    labels = {name for source in joined for name in source.added}  # the same in both, however rows met
    numbers = {name for each in all_columns for name in (*each.projection.numbers, *each.projection.lists)}
    return labels | numbers | {each.label for each in all_columns if each.label is not None}


def _totals(comparison: Comparison, threads: int, progress: Progress | None) -> PairTotals:
    """What all rows add."""
    pairing, merged = comparison.pairing, comparison.empty
    meter = Meter(pairing.sources, progress)

    def jobs() -> Iterable[tuple[int, Chunk]]:
        for number, (source, used) in enumerate(zip(pairing.sources, comparison.new, strict=True)):
            yield from ((number, chunk) for chunk in source.chunks(pairing.projection(used, comparison.id)))

    def compare(job: tuple[int, Chunk]) -> tuple[int, Chunk, PairTotals]:
        number, chunk = job
        return number, chunk, compare_chunk(number, chunk, comparison, merged)

    for number, chunk, totals in as_done(compare, jobs(), threads):
        merged = merged.merge(totals)
        meter.add([(number, chunk)], totals.new)
    return merged


def _match_notices(base: Inputs, new: Inputs, on: str | None, totals: PairTotals) -> Iterator[Notice]:
    """How the rows met, if not by an id."""
    if on is None and base.name != new.name:
        rows = sum(totals.new.rows.values())
        same = "the row counts agree" if new.first.tokens else "their labels agree"
        yield Notice(
            "in_order", rows, f"{rows:,} rows matched in order, and {same}; --on COL matches them by an id"
        )


def _score_notices(base: ScoreResult, new: ScoreResult) -> Iterator[Notice]:
    """The notices of both; one that does not say where it is of names its file."""
    both = [notice for notice in new.notices if notice in base.notices]
    yield from both
    for result in (base, new):
        for notice in result.notices:
            if notice in both:
                continue
            name = result.inputs[0].name
            located = bool(notice.where) or notice.message.startswith(name)
            yield notice if located else replace(notice, message=f"{name}: {notice.message}")
