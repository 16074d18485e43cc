"""`xent rank`: several models on the same rows, each scored, and every two of them compared."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.analysis.comparing.gating import gate_ranking
from xentcli.analysis.comparing.models import (
    Scoring,
    open_models,
    refuse_multilabel,
    run_models,
)
from xentcli.analysis.comparing.rank_request import ModelRequest, RankRequest
from xentcli.analysis.comparing.standings import ranking_result
from xentcli.analysis.inputs import column_names, open_sources
from xentcli.analysis.request import InputRequest, refuse_overwriting
from xentcli.analysis.saving import refuse_unwritable, save_state
from xentcli.analysis.unused import refuse_unused
from xentcli.columns.names import kind_by_name
from xentcli.columns.selection import select_where_clear
from xentcli.core.batch import InputKind
from xentcli.engine.comparing.ranks import RankComparer
from xentcli.engine.totals import Plan
from xentcli.errors import RequestError, Where
from xentcli.joining.id_columns import IdColumns, id_columns
from xentcli.results.rank import RankResult
from xentcli.sources.source import Source
from xentcli.states.comparison import Comparison
from xentcli.wording import did_you_mean, few

_OPTIONS = {InputKind.LOGIT: "logit", InputKind.LOG_PROBABILITY: "logprob"}


def rank_files(request: RankRequest) -> RankResult:
    """Models that scored the same rows, the best first: their ranks, and which may be best.

    Raises as `compare_files` does.
    """
    gating, names = request.gating, request.names
    refuse_multilabel([model.inputs for model in request.models])
    if gating.requirements:
        from xentcli.gates.check_ranking import refuse_unknown_models

        base = None if request.base_number is None else names[request.base_number]
        refuse_unknown_models(gating.requirements, names, base)
    refuse_unwritable(request.save_state)
    opened = _open(request)
    labels = request.models[0].inputs.labels
    refuse_overwriting(request.save_state, [each.name for sources in opened for each in sources], labels)
    inputs = [_input(model, sources, request.on) for model, sources in zip(request.models, opened, strict=True)]
    first, *others = zip(names, inputs, opened, strict=True)  # the first is streamed, and opened last
    order = (*others, first)
    *rest, streamed = open_models(
        [name for name, _, _ in order], [each for _, each, _ in order], [each for _, _, each in order],
        gating.slices, request.on,
    )  # fmt: skip
    models = [streamed, *rest]
    refuse_unused(inputs[0].given, models)
    areas = frozenset(names.index(each) for each in gating.areas) if request.anytime is None else frozenset()
    class_errors = gating.class_errors or request.save_state is not None
    plan = Plan(request.breakdown, class_errors=class_errors, log_odds=bool(areas))
    scoring = Scoring(request.policy, plan, request.engine.open(request.models[0].inputs.text))
    ids = [_ids(each, inputs[0]) for each in inputs[1:]]
    comparer = RankComparer(len(models), request.base_number, areas)
    found = run_models(models, ids, request.on, scoring, comparer, same_groups=True)
    comparison = Comparison(
        names=names,
        runs=found.runs,
        compared=found.compared,
        on=request.on,
        in_order=found.in_order and not request.together,
        notices=found.notices,
        anytime=request.anytime,
        base=request.base_number,
        level=request.level,
    )
    comparison = comparison.with_class_errors(gating.class_errors)
    result = ranking_result(comparison)
    if request.save_state is not None:
        save_state(comparison, request.save_state)
    return gate_ranking(result, gating, request.unit)


def _open(request: RankRequest) -> list[Sequence[Source]]:
    """The sources of each model: one object where they stand side by side."""
    if request.together:
        return [open_sources(request.models[0].inputs)] * len(request.models)
    return [open_sources(model.inputs) for model in request.models]


def _input(model: ModelRequest, sources: Sequence[Source], on: str | None) -> InputRequest:
    """What is read of a model, with the score columns that it names: of the kind that their names say."""
    inputs = replace(model.inputs, id=_id_column(model, sources[0], on))
    if model.columns is None:
        return inputs
    kind = kind_by_name(select_where_clear([model.columns], column_names(sources[0])))
    option = "prob" if kind is None else _OPTIONS.get(kind, "prob")
    return replace(inputs, spec=replace(inputs.spec, **{option: (model.columns,)}))


def _id_column(model: ModelRequest, source: Source, on: str | None) -> str | None:
    """The column of a model's ids: of LEFT=RIGHT, where the file of labels calls it otherwise, the left one."""
    names = column_names(source)
    if on is None or on in names:
        return on
    if model.inputs.labels is None:
        message = f'no column "{on}" for the id, which has one name in the files of all models'
        hint = f"{did_you_mean(on, names)}rename it where it has another; columns: {few(names, 40, '')}"
        raise RequestError("no_such_column", message, hint=hint, where=Where(source.name))
    return id_columns(on, names, ()).left if "=" in on else on


def _ids(other: InputRequest, first: InputRequest) -> IdColumns | None:
    return None if other.id is None or first.id is None else IdColumns(other.id, first.id)
