"""Pages of what was saved: a state, which lacks single rows, or the JSON of a score, which has only numbers."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from xentcli.analysis.plotting.models import Model
from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.plotting.saved import look_into, refuse_without_effect, saved_score
from xentcli.analysis.reporting.request import ReportRequest
from xentcli.analysis.request import InputRequest
from xentcli.analysis.score import result_of, with_gates
from xentcli.errors import ContentError, RequestError, Where
from xentcli.gates.gating import Gating
from xentcli.results.gate import GateResult
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import sort_worst_first

_NO_ROWS = "holds no single rows: those of the largest loss are left out"
_NO_TOTALS = "neither are the pictures that take more than its numbers"


def saved_model(request: ReportRequest, model: ModelRequest) -> tuple[Model, GateResult, tuple[str, ...]] | None:
    """A model that was looked into as it was saved, the gates and what the page lacks; None of predictions.

    Raises `RequestError` for what can only be asked of predictions, `ContentError` for what is no score.
    """
    document, run = model.document, model.state
    if document is None and run is None:
        return None
    name, path, unit, gating = model.name, model.file, request.score.unit, request.score.gating
    _refuse_without_effect(request, path)
    if run is None:
        gate = _gates(_score(document or {}, path).to_unit(unit), gating, path)
        lacks = f"{path} {_NO_ROWS}; {_NO_TOTALS}."
        return Model(name, path, gate.score.to_dict(), None, gate.score), gate, (lacks,)
    gate = with_gates(result_of(run).to_unit(unit), gating, gating.read_baseline())
    lacks = f"{path} {_NO_ROWS}"
    lacks += ", and the reliability of more than two classes." if len(run.classes) > 2 else "."
    return Model(name, path, gate.score.to_dict(), run, gate.score), gate, (lacks,)


def refuse_saved_base(base: InputRequest) -> None:
    """Raise a `RequestError` where the base is a state or a saved result."""
    model = look_into(ModelRequest("base", base))
    if model.is_saved:
        hint = "give its predictions"
        if (model.document or {}).get("format") == ScoreResult.format:
            hint += f", or --baseline {model.file} --require 'log_loss <= baseline'"
        raise _no_rows(model.file, hint)


def _no_rows(path: str, hint: str) -> RequestError:
    message = "holds no single rows, and --base compares row by row"
    return RequestError("base", message, hint=hint, where=Where(path))


def _score(document: dict[str, Any], path: str) -> ScoreResult:
    if document.get("format") != ScoreResult.format:
        message = f"holds {document.get('format')}, and a page is about {ScoreResult.format}"
        hint = "xent score FILE --format json writes one; xent report NEW --base OLD compares"
        raise ContentError("saved", message, hint=hint, where=Where(path))
    return saved_score(document, path)


def _gates(result: ScoreResult, gating: Gating, path: str) -> GateResult:
    """What was saved of requirements, unless others are given."""
    if gating.confidence is not None:
        message = "a saved result has no bounds at other levels than its own"
        raise RequestError("confidence", message, hint="give the predictions, or a state", where=Where(path))
    if gating.requirements or gating.baseline is not None:
        return with_gates(replace(result, gates=()), gating, gating.read_baseline())
    return GateResult(tuple(sort_worst_first(result.gates)), result)


def _refuse_without_effect(request: ReportRequest, path: str) -> None:
    """Raise a `RequestError` for options about predictions."""
    if request.base is not None:
        raise _no_rows(path, "give the predictions themselves")
    score = request.score
    more = {"--on": request.on, "--prior": score.prior}
    refuse_without_effect(path, score.inputs, score.policy, more)
