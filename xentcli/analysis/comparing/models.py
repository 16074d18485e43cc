"""Several models on the same rows: opened, brought together, and each scored on the rows of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.inputs import column_names, join_labels, open_label_file, open_sources
from xentcli.analysis.refusals import refuse_policy
from xentcli.analysis.request import InputRequest
from xentcli.analysis.run import refuse_broken_rows, run_of
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.columns.conditions import parse_condition
from xentcli.core.batch import Policy
from xentcli.engine.comparing.models import Comparable, Comparer, ComparingEngine, Models
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.joining.disagreements import Agreement, refuse_disagreement
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.joined_source import JoinedSource
from xentcli.joining.pairing import OtherModel, Pairing, class_map
from xentcli.results.score import ScoreResult
from xentcli.sources.source import Source
from xentcli.states.comparison import AnyComparison
from xentcli.states.run import Run
from xentcli.wording import plural

Part = TypeVar("Part", bound=Comparable)


class ModelRuns(Struct, Generic[Part], frozen=True):
    """The run of each model, the streamed one first, and what the rows of all add to their comparison."""

    runs: tuple[Run, ...]
    compared: Part
    in_order: bool  # whether rows of several files met in order
    notices: tuple[Notice, ...]  # how oddly the rows met


class Scoring(Struct, frozen=True):
    """How rows are scored, and where."""

    policy: Policy
    plan: Plan
    engine: ComparingEngine


def refuse_multilabel(requests: Sequence[InputRequest]) -> None:
    """Raise a `RequestError` where a row has several labels."""
    if any(request.spec.multilabel for request in requests):
        message = "--multilabel is for score, gate and worst: models are compared on one label at a time"
        raise RequestError("multilabel", message, hint="name the columns of that label and its score")


def open_pair(base: InputRequest, new: InputRequest, on: str | None) -> list[Sequence[Source]]:
    """The sources of both: one object where the models stand side by side in one input, and meet by no ids."""
    own = open_sources(base)
    of_both = [(each.paths, tuple(map(id, each.tables)), each.text) for each in (base, new)]
    together = on is None and base.labels is None and new.labels is None and of_both[0] == of_both[1]
    return [own, own if together else open_sources(new)]


def open_models(
    names: Sequence[str],
    requests: Sequence[InputRequest],
    opened: Sequence[Sequence[Source]],
    slices: tuple[tuple[str, ...], ...],
    on: str | None,
) -> list[Inputs]:
    """The inputs of each model, with the labels of one label file; the last is sliced for requirements too.

    Models that were `opened` as one object stand side by side in one input. A row that the filter of any leaves
    out is left out: each has the conditions on columns that it has.
    """
    last, together = requests[-1], all(each is opened[-1] for each in opened)
    labels = None if last.labels is None else open_label_file(last)  # once: it may be a pipe
    joined = [
        join_labels(request, sources, slices if request is last else (), labels_of=labels)
        for request, sources in zip(requests, opened, strict=True)
    ]
    for name, request, (sources, _) in list(zip(names, requests, joined, strict=True))[:-1]:
        if len(sources) > 1 and not together:
            message = f"{name} names {len(sources)} files; rows are compared with those of one"
            raise RequestError("base", message, where=Where(str(request.paths[0])))
    found = [(joined[-1][0] if together else sources, spec) for sources, spec in joined]
    held = [_conditions(spec, sources) for sources, spec in found]
    nowhere = [text for text in found[-1][1].where if not any(text in each for each in held[:-1])]
    held[-1] = tuple(dict.fromkeys([*held[-1], *nowhere]))  # which will say that it has none, if so
    last_first = [
        Inputs(sources, resolve_all(sources, replace(spec, where=where), on))
        for (sources, spec), where in reversed(list(zip(found, held, strict=True)))
    ]
    return last_first[::-1]


def _conditions(spec: ColumnSpec, sources: Sequence[Source]) -> tuple[str, ...]:
    return tuple(text for text in spec.where if parse_condition(text, column_names(sources[0])) is not None)


def run_models(
    models: Sequence[Inputs],
    ids: Sequence[IdColumns | None],
    on: str | None,
    scoring: Scoring,
    comparer: Comparer[Part],
    *,
    same_groups: bool = False,
) -> ModelRuns[Part]:
    """Score models on the same rows; the first is streamed, the others have ids in these columns (theirs, its).

    Models whose sources are one object have none. `on` is what was asked for. With `same_groups` all are sliced as
    the first is.
    """
    first, *others = models
    for each in models:
        refuse_policy(each.first, scoring.policy)
    classes = [class_map(first.first, each.first, each.name, first.name, several=same_groups) for each in others]
    pairing = Pairing(first.sources)
    agreements: tuple[Agreement, ...] = ()
    if any(each.sources is not first.sources for each in others):
        met = [_other(each, first, on) for each, on in zip(others, ids, strict=True)]
        pairing = Pairing.of(first.sources, met)
        agreements = tuple(Agreement(each.first, of) for each, of in zip(others, classes, strict=True))
    id = next((on.right for on in ids if on is not None), None)
    columns = tuple(each.columns for each in models)
    plan, policy = scoring.plan, scoring.policy
    together = Models(columns, pairing, agreements, policy, plan, comparer, id, same_groups)
    totals = scoring.engine.compare(together)
    for each in (*others, first):  # each joined with its labels, if they are in a file of their own
        each.finish()
    pairing.finish()
    for each, added in zip(models, totals.models, strict=True):
        refuse_broken_rows(each, policy, added)
    for tally in totals.disagreements:
        refuse_disagreement(tally, totals.rows, on)
    grouped = [_grouped_as(first, each) if same_groups else each for each in models]
    runs = tuple(
        _with_id(run_of(each, policy, plan, added), name)
        for each, added, name in zip(grouped, totals.models, (id, *(on and on.left for on in ids)), strict=True)
    )
    in_order = on is None and len({each.name for each in models}) > 1
    return ModelRuns(runs, totals.compared, in_order, tuple(pairing.notices()))


def _with_id(run: Run, name: str | None) -> Run:
    """With the column of the ids by which rows met."""
    columns = run.columns
    return run if name is None else replace(run, columns=replace(columns, keys=replace(columns.keys, id=name)))


def _grouped_as(first: Inputs, other: Inputs) -> Inputs:
    """With the slices and clusters of the first."""
    keys = first.first.keys
    columns = [
        replace(each, keys=replace(each.keys, by=keys.by, bins=keys.bins, cluster=keys.cluster))
        for each in other.columns
    ]
    return replace(other, columns=columns)


def _other(other: Inputs, first: Inputs, on: IdColumns | None) -> OtherModel:
    return OtherModel(other.sources[0], other.first, on, _used(other, first))


def _used(*models: Inputs) -> set[str]:
    """Columns that are something else than an id: labels, and all that is no text."""
    all_columns = [columns for each in models for columns in each.columns]
    joined = (source for each in models for source in each.sources if isinstance(source, JoinedSource))
    labels = {name for source in joined for name in source.added}  # the same in all, however rows met
    numbers = {name for each in all_columns for name in (*each.projection.numbers, *each.projection.lists)}
    return labels | numbers | {each.label for each in all_columns if each.label is not None}


def met_in_order(comparison: AnyComparison) -> Iterator[Notice]:
    """That rows met in order, if not by an id."""
    if comparison.in_order:
        rows, columns = comparison.rows_read, comparison.runs[0].columns
        same = "the row counts agree" if columns.tokens or columns.unlabelled else "their labels agree"
        yield Notice(
            "in_order", rows, f"{plural(rows, 'row')} matched in order, and {same}; --on COL matches them by an id"
        )


def notices_of(scores: Sequence[tuple[str, ScoreResult]]) -> Iterator[Notice]:
    """The notices of all models, each with its name; one that does not say where it is of names its model."""
    of_all = [notice for notice in scores[-1][1].notices if all(notice in score.notices for _, score in scores)]
    yield from of_all
    for name, score in scores:
        for notice in score.notices:
            if notice in of_all:
                continue
            located = bool(notice.where) or notice.message.startswith(name)
            yield notice if located else replace(notice, message=f"{name}: {notice.message}")
