"""Pages of what was saved: a state, which lacks single rows, or the JSON of a score, which has only numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from shlex import quote
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.analysis.gating.scores import baseline_of, with_gates
from xentcli.analysis.gating.states import refuse_other_slices
from xentcli.analysis.merge import result_of_scores
from xentcli.analysis.plotting.models import Model
from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.plotting.saved import look_into, refuse_without_effect, saved_score
from xentcli.analysis.request import InputRequest, ScoreRequest
from xentcli.errors import ContentError, RequestError, Where
from xentcli.gates.gating import Gating
from xentcli.results.gate import GateResult
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import sort_worst_first
from xentcli.states.run import Run
from xentcli.wording import typed

_NO_ROWS = "holds no single rows: those of the largest loss are left out"
_NO_TOTALS = "neither are the pictures that take more than its numbers"

_NO_CURVE = {"reliability_curve": "the saved result has none"}


class SavedModel(Struct, frozen=True):
    """A model as it was saved, what is required of it, and what a page of it lacks."""

    model: Model
    gate: GateResult
    lacks: str


def saved_model(request: ScoreRequest, model: ModelRequest, more: Mapping[str, Any]) -> SavedModel | None:
    """What a model that was looked into was saved as; None of predictions. `more` are other options about these.

    Raises `RequestError` for what can only be asked of predictions, `ContentError` for what is no score.
    """
    document, run = model.document, model.state
    if document is None and run is None:
        return None
    path, unit, gating = model.file, request.unit, request.gating
    refuse_state_of_models(model, [each.text for each in gating.requirements])
    _refuse_without_effect(request, model, more)
    if run is None:
        score = _score(document or {}, path).to_unit(unit)
        if request.reliability and score.reliability_curve is None:
            score = replace(score, unavailable=_NO_CURVE | score.unavailable)
        gate = _gates(score, gating, path)
        lacks = f"{path} {_NO_ROWS}; {_NO_TOTALS}."
        return SavedModel(Model(model.name, path, gate.score.to_dict(), None, gate.score), gate, lacks)
    refuse_other_slices(run, path, gating)
    result = result_of_scores(run.with_class_errors(gating.class_errors), reliability=request.reliability)
    gate = with_gates(result.to_unit(unit), gating, baseline_of(gating))
    return saved_of_run(run, gate, model.name, path)


def refuse_state_of_models(model: ModelRequest, require: Sequence[str]) -> None:
    """Raise a `ContentError` for a model that was looked into and is a state of several models."""
    if model.command is not None:
        message = f"is a state of xent {model.command}, not of xent score"
        gated = " ".join(filter(None, ("xent merge", quote(model.file), typed("--require", *require))))
        raise ContentError("saved", message, hint=f"{gated} reads and gates it", where=Where(model.file))


def saved_of_run(run: Run, gate: GateResult, name: str, path: str) -> SavedModel:
    """A model from a state, or from several merged."""
    lacks = f"{path} {_NO_ROWS}"
    lacks += ", and the reliability of more than two classes." if len(run.classes) > 2 else "."
    return SavedModel(Model(name, path, gate.score.to_dict(), run, gate.score), gate, lacks)


def refuse_saved_base(base: InputRequest) -> None:
    """Raise a `RequestError` where the base is a state or a saved result."""
    model = look_into(ModelRequest("base", base))
    if model.is_saved:
        hint = "give its predictions"
        if model.state is not None or (model.document or {}).get("format") == ScoreResult.format:
            hint += f", or --baseline {model.file} --require 'log_loss <= baseline'"
        raise _no_rows(model.file, hint)


def _no_rows(path: str, hint: str) -> RequestError:
    message = "holds no single rows, and --base compares row by row"
    return RequestError("base", message, hint=hint, where=Where(path))


def _score(document: dict[str, Any], path: str) -> ScoreResult:
    if document.get("format") != ScoreResult.format:
        message = f"holds {document.get('format')}, not {ScoreResult.format}"
        hint = "xent score FILE --format json writes one; xent merge takes and gates states of several models"
        raise ContentError("saved", message, hint=hint, where=Where(path))
    return saved_score(document, path)


def _gates(result: ScoreResult, gating: Gating, path: str) -> GateResult:
    """What was saved of requirements, unless others are given."""
    if gating.confidence is not None:
        message = "a saved result has no bounds at other levels than its own"
        raise RequestError("confidence", message, hint="give the predictions, or a state", where=Where(path))
    if gating.requirements or gating.baseline is not None:
        return with_gates(replace(result, gates=()), gating, baseline_of(gating))
    return GateResult(tuple(sort_worst_first(result.gates)), result)


def _refuse_without_effect(request: ScoreRequest, model: ModelRequest, more: Mapping[str, Any]) -> None:
    """Raise a `RequestError` for options about predictions."""
    if more.get("--base") is not None:
        raise _no_rows(model.file, "give the predictions themselves")
    own = {
        "--prior": request.prior,
        "--no-breakdown": None if request.breakdown else True,
        "--engine": None if request.engine.name == "local" else True,
    }
    refuse_without_effect(model, request.inputs, request.policy, {**own, **more})
