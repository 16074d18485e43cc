"""`xent gate`: requirements on predictions, on the states of a score, or on a saved result."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.analysis.gating.scores import gate_of
from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.plotting.saved import look_into
from xentcli.analysis.reporting.saved import refuse_state_of_models, saved_model
from xentcli.analysis.request import InputRequest, ScoreRequest
from xentcli.results.gate import GateResult


def gate_files(request: ScoreRequest) -> GateResult:
    """What becomes of the requirements on these inputs, which count as one: content decides what they are.

    Raises as `score_files` does, and `RequestError` for options about predictions where there are none.
    """
    model = look_into(ModelRequest("the result", request.inputs))
    saved = saved_model(request, model, {})
    return gate_of(replace(request, inputs=model.inputs)) if saved is None else saved.gate


def refuse_states_of_models(inputs: InputRequest, require: Sequence[str]) -> None:
    """Raise a `ContentError` for states of several models, whatever is required of them."""
    refuse_state_of_models(look_into(ModelRequest("the result", inputs)), require)
