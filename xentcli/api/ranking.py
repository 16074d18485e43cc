"""The function that ranks models: files, tables and arrays by name in, a result out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any, Unpack

from msgspec.structs import replace

from xentcli.analysis.comparing.rank import rank_files
from xentcli.analysis.comparing.rank_request import ModelRequest, RankRequest, models_of_columns, models_of_files
from xentcli.analysis.request import InputRequest, name_text, number_of
from xentcli.api.arguments import column_name, refuse_beside_arrays, refuse_text, refuse_weights, texts
from xentcli.api.asking import (
    are_paths,
    engine_of,
    joined_by,
    policy_of,
    scores_of,
    with_arrays,
    with_data,
    without_data,
)
from xentcli.api.calling import takes, values_of
from xentcli.api.parameters import RankArguments
from xentcli.columns.columns import ColumnSpec
from xentcli.errors import RequestError
from xentcli.gates.gating import parse_gating
from xentcli.results.rank import RankResult
from xentcli.units import Unit

_BY_NAME = 'rank({"old": "old.csv", "new": "new.csv"}, on="id"), or rank(y, probs={"old": P, "new": Q})'
_BY_COLUMNS = 'rank(data, models={"old": "p_old", "new": "p_new"}) names the columns of each'


@takes(RankArguments)
def rank(data: Any, **arguments: Unpack[RankArguments]) -> RankResult:
    """Which of several models may be best, on the same rows?

    `data` is one of

    - a dict of paths or tables by the name of their model;
    - a list of paths, each of which is a model called as its file;
    - a path or a table with all models, whose columns models= names;
    - labels (n,), with one of probs=, logits= or log_probs= as a dict of scores by the name of their model.

    Rows match by the ids in column on=, otherwise in order. The result has the `models`, the best first, `pairs`
    and `may_be_best`. Raises as `score` does, and `ContentError` where rows, labels or weights differ.

    >>> rank([1, 0, 1, 0], probs={"a": [0.8, 0.3, 0.6, 0.4], "b": [0.9, 0.2, 0.7, 0.1]}).models[0].name
    'b'
    """
    asked = values_of(RankArguments, arguments)
    request = RankRequest(
        models=_models_of(data, asked),
        on=column_name("on", asked.on),
        base=None if asked.base is None else name_text("base", asked.base),
        level=number_of("level", asked.level),
        anytime=asked.anytime,
        policy=policy_of(asked),
        breakdown=asked.breakdown,
        unit=Unit(asked.unit),
        gating=parse_gating(texts("require", asked.require), asked.confidence, paired=True, ranked=True),
        engine=engine_of(asked),
        save_state=asked.save_state,
    )
    return rank_files(request)


def _models_of(data: Any, asked: SimpleNamespace) -> tuple[ModelRequest, ...]:
    """The models that `data` and the arguments about it name."""
    request = without_data(asked)
    given = scores_of(asked)
    if given:
        for kind in given:  # of one model or another
            refuse_beside_arrays([kind], request.spec, request.text, joined_by(request))
        return tuple(models_of_arrays(request, data, given, asked.weights))
    refuse_weights(asked.weights)
    request = request if request.labels is not None else replace(request, on=None)
    if asked.models is not None:
        if not isinstance(asked.models, Mapping):
            raise RequestError("models", "models= has the columns of each model by its name", hint=_BY_COLUMNS)
        inputs = with_data(request, data)
        if inputs.tables and request.labels is None:
            refuse_text(request.text)
        return models_of_columns(inputs, asked.models)
    if isinstance(data, Mapping):
        return tuple(_of_names(request, data))
    if are_paths(data):
        return models_of_files(replace(request, paths=tuple(data)))
    if isinstance(data, str | os.PathLike) or hasattr(data, "columns") or hasattr(data, "column_names"):
        raise RequestError("models", "models that stand in one input need names", hint=_BY_COLUMNS)
    raise RequestError("models", f"models come by their names, not as a {type(data).__name__}", hint=_BY_NAME)


def _of_names(request: InputRequest, data: Mapping[Any, Any]) -> Iterator[ModelRequest]:
    """Models in files or tables by name; slices are those of the first."""
    for place, (key, value) in enumerate(data.items()):
        name = name_text("data", key)
        spec = request.spec if not place else _without_slices(request.spec)
        try:
            yield ModelRequest(name, with_data(replace(request, spec=spec), value, name))
        except RequestError as error:
            if error.code == "data":
                error.hint = _BY_NAME
            raise


def models_of_arrays(
    request: InputRequest, labels: Any, given: Mapping[str, Any], weights: Any
) -> Iterator[ModelRequest]:
    """Models whose scores are in memory."""
    own = ColumnSpec(classes=request.spec.classes, positive=request.spec.positive, na=request.spec.na)
    plain = InputRequest((), own, request.text, given=request.given)
    for kind, scores in given.items():
        if not isinstance(scores, Mapping):
            raise RequestError("models", "scores in memory come by the names of their models", hint=_BY_NAME)
        for name, values in scores.items():
            yield ModelRequest(name_text("data", name), with_arrays(plain, labels, {kind: values}, weights))


def _without_slices(spec: ColumnSpec) -> ColumnSpec:
    return replace(spec, by=(), bins=(), cluster=None)
