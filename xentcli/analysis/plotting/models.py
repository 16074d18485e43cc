"""The models of a picture: predictions scored, states and saved results read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.plotting.saved import refuse_damaged
from xentcli.analysis.request import ScoreRequest
from xentcli.analysis.run import run_of_request
from xentcli.analysis.score import result_of
from xentcli.core.state import ScoreState
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.results.parts import Number
from xentcli.results.saved import object_in, objects_in, saved_number
from xentcli.results.score import ScoreResult
from xentcli.states.run import Run
from xentcli.units import Unit

NEEDS_ROWS = "give predictions, or the state that xent score FILE --save-state STATE writes"


class Model(Struct, frozen=True):
    """A model as it was read: of a saved result only its `document` is there."""

    name: str
    file: str
    document: dict[str, Any]
    run: Run | None = None
    result: ScoreResult | None = None
    notices: tuple[Notice, ...] = ()  # what is odd about it

    def scored(self, kind: str) -> tuple[Run, ScoreResult]:
        """The rows as they were scored. Raises `RequestError` where only a result was saved."""
        if self.run is None or self.result is None:
            message = f"holds {self.document.get('format')}, which does not say what {kind} draws"
            raise RequestError("saved", message, hint=NEEDS_ROWS, where=Where(self.file))
        return self.run, self.result

    def broken_down(self, kind: str) -> tuple[ScoreState, ScoreResult]:
        """The same, of rows that were scored with the breakdown."""
        run, result = self.scored(kind)
        if not run.plan.breakdown:
            message = f"was saved with --no-breakdown, and so without what {kind} draws"
            hint = "score again without --no-breakdown"
            raise RequestError("saved", message, hint=hint, where=Where(self.file))
        return run.totals.state, result


PlanOf = Callable[[Inputs, ScoreRequest], Plan]


def breakdown_plan(inputs: Inputs, request: ScoreRequest) -> Plan:
    """With the breakdown."""
    return Plan()


def loss_plan(inputs: Inputs, request: ScoreRequest) -> Plan:
    """Of losses alone."""
    return Plan(breakdown=False)


def read_model(model: ModelRequest, request: PlotRequest, plan: PlanOf = breakdown_plan) -> Model:
    """One model; predictions are scored with what `plan` says.

    Raises as `score_files` does.
    """
    if model.document is not None:
        return saved_model(model, model.document)
    if model.state is not None:
        return _of_run(model, model.state, request)
    asked = ScoreRequest(model.inputs, request.policy, request.engine)
    inputs = open_inputs(model.inputs)
    planned = plan(inputs, asked)
    return _of_run(model, run_of_request(asked, inputs, planned), request)


def saved_model(model: ModelRequest, document: dict[str, Any]) -> Model:
    """The model of a saved result, with the doubts that were saved; a `ContentError` for a damaged one."""
    refuse_damaged(document, model.file)
    return Model(model.name, model.file, document, notices=tuple(_saved_doubts(document)))


def _of_run(model: ModelRequest, run: Run, request: PlotRequest) -> Model:
    result = result_of(run).to_unit(request.unit)
    return Model(model.name, model.file, result.to_dict(), run, result, result.notices)


def notices_of(models: Sequence[Model]) -> tuple[Notice, ...]:
    """What is odd about each, by name where there are several, and that these are not of the same rows."""
    if len(models) == 1:
        return models[0].notices
    named = (replace(each, message=f"{model.name}: {each.message}") for model in models for each in model.notices)
    return (*_other_rows(models), *named)


def _other_rows(models: Sequence[Model]) -> Iterator[Notice]:
    """A doubt about each model that has not the rows, or the labels, of the first."""
    rows, entropy = _rows(models[0]) if models else (None, None)
    for model in models[1:]:
        own, own_entropy = _rows(model)
        if own != rows or not _alike(entropy, own_entropy):
            labels = f"{own:,.0f} rows, not {rows:,.0f}" if own != rows and own and rows else "other labels"
            message = f"{model.name} is not of the rows of {models[0].name}: {labels}"
            yield Notice("other_rows", 1, message, doubt=True)


def _rows(model: Model) -> tuple[Number, Number]:
    """How many, and the entropy of their labels in nats."""
    document = model.document
    entropy = saved_number(object_in(document, "metrics"), "label_entropy")
    unit = Unit(str(document.get("unit"))) if entropy is not None else Unit.NATS
    return saved_number(document, "rows"), None if entropy is None else entropy * unit.nats


def _alike(one: Number, other: Number) -> bool:
    """Up to the order in which rows were read."""
    if one is None or other is None:
        return one is other
    return abs(one - other) <= 1e-9 * max(one, other)


def _saved_doubts(document: Mapping[str, Any]) -> Iterator[Notice]:
    """What puts the numbers of a saved result in doubt."""
    for each in objects_in(document, "notices"):
        if each.get("doubt") is True:
            count = int(saved_number(each, "count") or 1)
            yield Notice(str(each.get("code")), count, str(each.get("message")), doubt=True)
