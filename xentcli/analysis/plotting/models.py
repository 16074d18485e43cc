"""The models of a picture: predictions scored, states and saved results read."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.inputs import open_inputs
from xentcli.analysis.plotting.request import ModelRequest, PlotRequest
from xentcli.analysis.plotting.saved import is_state
from xentcli.analysis.request import ScoreRequest
from xentcli.analysis.run import run_of_request
from xentcli.analysis.score import result_of
from xentcli.core.state import ScoreState
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.errors import Notice, RequestError, Where
from xentcli.results.score import ScoreResult
from xentcli.states.run import Run

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
    file = os.fspath(model.inputs.paths[0]) if model.inputs.paths else model.name
    if model.document is not None:
        return Model(model.name, file, model.document)
    if is_state(model):
        return _of_run(model.name, file, _saved_run(file), request)
    asked = ScoreRequest(model.inputs, request.policy, request.engine)
    inputs = open_inputs(model.inputs)
    planned = plan(inputs, asked)
    return _of_run(model.name, file, run_of_request(asked, inputs, planned), request)


def _saved_run(path: str) -> Run:
    from xentcli.states.file import read_states
    from xentcli.states.merge import merge

    return merge(read_states([path]))


def _of_run(name: str, file: str, run: Run, request: PlotRequest) -> Model:
    result = result_of(run).to_unit(request.unit)
    return Model(name, file, result.to_dict(), run, result, result.notices)


def notices_of(models: list[Model]) -> tuple[Notice, ...]:
    """What is odd about each, by name where there are several."""
    if len(models) == 1:
        return models[0].notices
    named = (replace(each, message=f"{model.name}: {each.message}") for model in models for each in model.notices)
    return tuple(named)
