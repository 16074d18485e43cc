"""`xent report`: one pass over the predictions for scores, costliest rows and pictures; others to compare."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from xentcli.analysis.comparing.rank_request import models_of_files
from xentcli.analysis.gating.scores import score_and_gate
from xentcli.analysis.merge import Merged
from xentcli.analysis.plotting.models import Model
from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.plotting.saved import look_into
from xentcli.analysis.reporting.drawing import page_plan, pictures_of
from xentcli.analysis.reporting.request import ReportRequest
from xentcli.analysis.reporting.saved import SavedModel, refuse_saved_base, saved_model, saved_of_run
from xentcli.analysis.request import CompareRequest, InputRequest, ScoreRequest
from xentcli.analysis.worst import worst_of_run
from xentcli.errors import RequestError
from xentcli.files import access
from xentcli.gates.gating import Gating
from xentcli.results.compare import CompareResult
from xentcli.results.gate import GateResult
from xentcli.results.report import ReportResult
from xentcli.states.run import Run
from xentcli.units import Unit
from xentcli.wording import plural


def report_files(request: ReportRequest) -> ReportResult:
    """What the page of these inputs shows.

    Raises as `score_files` does; with a base as `compare_files` does.
    """
    names, unit = _names(request), request.score.unit
    looked_into = look_into(ModelRequest(names[0], request.score.inputs, request.document, request.state))
    saved = saved_model(request.score, looked_into, {"--base": request.base, "--on": request.on})
    if saved is not None:
        paths = [os.fspath(path) for path in request.score.inputs.paths]
        return _of_saved(saved, unit, paths, request.title)
    if request.base is not None:
        refuse_saved_base(request.base)
    request = replace(request, score=replace(request.score, inputs=looked_into.inputs))
    run, gate = score_and_gate(request.score, page_plan, request.on)
    models = [_model(names[0], run, gate)]
    comparison = None
    if request.base is not None:
        models.append(_model(names[1], *_score_base(request, request.base)))
        comparison = _compare(request, request.base)
    pictures, left_out = pictures_of(models, unit)
    return ReportResult(
        gate=gate,
        title=request.title,
        worst=worst_of_run(run).to_unit(unit),
        comparison=comparison,
        pictures=pictures,
        checksums=tuple(_checksums(request, gate, comparison)),
        left_out=left_out,
    )


def report_merged(merged: Merged, title: str | None = None) -> ReportResult:
    """What the page of merged states shows; raises `RequestError` for those of several models."""
    run, gate = merged.run, merged.verdicts
    if not isinstance(run, Run) or not isinstance(gate, GateResult):
        message = f"a page is about scores, and these are states of {merged.result.format.replace('.', ' ')}"
        raise RequestError("report", message, hint="--format markdown --output FILE writes what they say")
    return _of_saved(saved_of_run(run, gate, "the whole", "A state"), gate.unit, [], title)


def _of_saved(saved: SavedModel, unit: Unit, paths: Sequence[str], title: str | None) -> ReportResult:
    """What the page of a model shows that was read as it was saved."""
    pictures, left_out = pictures_of([saved.model], unit)
    return ReportResult(
        gate=saved.gate,
        title=title,
        pictures=pictures,
        checksums=tuple(_sha256(paths)),
        left_out=(saved.lacks, *left_out),
    )


def _model(name: str, run: Run, gate: GateResult) -> Model:
    return Model(name, gate.score.inputs[0].name, gate.score.to_dict(), run, gate.score)


def _score_base(request: ReportRequest, base: InputRequest) -> tuple[Run, GateResult]:
    score = ScoreRequest(
        replace(base, spec=replace(base.spec, by=(), bins=(), cluster=None)),
        request.score.policy,
        request.score.engine,
        request.score.prior,
        request.score.breakdown,
        request.score.unit,
    )
    return score_and_gate(score, page_plan)


def _compare(request: ReportRequest, base: InputRequest) -> CompareResult:
    from xentcli.analysis.comparing.compare import compare_files

    score = request.score
    asked = CompareRequest(
        base=base,
        new=score.inputs,
        on=request.on,
        policy=score.policy,
        breakdown=score.breakdown,
        unit=score.unit,
        gating=Gating(),
        engine=score.engine,
    )
    return compare_files(asked)


def _names(request: ReportRequest) -> list[str]:
    """What pictures call the model of the page, and the base if there is one."""
    sides = [request.score.inputs] if request.base is None else [request.score.inputs, request.base]
    paths = [os.fspath(path) for side in sides for path in side.paths]
    if all(len(side.paths) == 1 for side in sides) and len({*paths}) == len(sides):
        return [model.name for model in models_of_files(InputRequest(tuple(paths)), several=False)]
    if len(sides) > 1:
        return ["new", "base"]
    [side] = sides
    if request.document is not None:
        return ["the result"]
    if request.state is not None:
        return ["the state"]
    return [plural(len(side.paths), "file") if side.paths else side.tables[0].name]


def _checksums(
    request: ReportRequest, gate: GateResult, comparison: CompareResult | None
) -> Iterator[tuple[str, str]]:
    """Of each input that is a regular file here, the labels among them."""
    if not request.score.inputs.paths:
        return
    names = [] if comparison is None else [each.name for each in comparison.base.inputs]
    names += [each.name for each in gate.score.inputs]
    labels = request.score.inputs.labels
    names += [] if labels is None else [os.fspath(labels)]
    yield from _sha256(names)


def _sha256(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Path and checksum of each regular file."""
    for path in dict.fromkeys(paths):
        if os.path.isfile(path):
            with access(path), open(path, "rb") as file:
                yield path, hashlib.file_digest(file, "sha256").hexdigest()
