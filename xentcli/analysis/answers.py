"""From a request to its result: one function for each command.

What only one of them needs is imported there: a score of a small file should not wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xentcli.analysis.prior import Prior
from xentcli.analysis.request import (
    CompareRequest,
    ScoreRequest,
    refuse_no_count,
    refuse_no_path,
    refuse_overwriting,
)
from xentcli.analysis.score import result_of, score_sources
from xentcli.columns.columns import ColumnSpec
from xentcli.engine.choose import engine_of
from xentcli.engine.engine import Engine, Progress
from xentcli.errors import MOST_ROWS, ContentError, RequestError, Where
from xentcli.results.gate import GateResult
from xentcli.results.outcome import Gate, sort_worst_first
from xentcli.results.score import ScoreResult
from xentcli.sources.open import open_paths
from xentcli.sources.source import Source
from xentcli.states.scored import Scored
from xentcli.units import Unit

if TYPE_CHECKING:
    from xentcli.results.columns import ColumnsResult
    from xentcli.results.compare import CompareResult
    from xentcli.results.gradients import GradientsResult
    from xentcli.results.worst import WorstResult


def score_files(request: ScoreRequest) -> ScoreResult:
    """Score files as one input, and judge what is required of the numbers.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    return judged(open_paths(request.paths, request.text), request).score


def merge_states(
    paths: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    save_state: str | os.PathLike[str] | None = None,
    unit: Unit | str = Unit.NATS,
    progress: Progress | None = None,
) -> ScoreResult:
    """The result of scoring as one all that the states in these files were saved from.

    `save_state` is a file for the state of the whole; it may be one of those read. `progress` is told how far the
    merging has come.

    Raises as `score_files` does: `ContentError` for what is damaged, or no state, or was scored otherwise.
    """
    from xentcli.states.file import read_states
    from xentcli.states.merge import merge

    refuse_no_path("save_state", save_state)
    unit = Unit(unit)
    given = [paths] if isinstance(paths, str | os.PathLike) else paths
    merged = merge(read_states([os.fspath(path) for path in given], progress))
    return _saved(_believed(merged), merged, save_state, unit)


def gate_of(request: ScoreRequest) -> GateResult:
    """What became of the requirements on files, the worst first; the scores; what changed since the baseline.

    Raises as `score_files` does.
    """
    return judged(open_paths(request.paths, request.text), request)


def worst_of(request: ScoreRequest, most: int = 20) -> WorstResult:
    """The `most` rows of the largest loss, with the id in column `request.on` and the columns in `spec.show`.

    Raises as `score_files` does.
    """
    from xentcli.analysis.worst import worst_of_sources

    refuse_no_count("most", most, MOST_ROWS)
    spec = replace(request.spec, id=request.on)
    sources, spec = _joined(open_paths(request.paths, request.text), request, spec, names_rows=True)
    return worst_of_sources(sources, spec, request.policy, most, _engine(request)).to_unit(request.unit)


def gradients_of(request: ScoreRequest) -> GradientsResult:
    """The gradient of cross-entropy beside that of squared error, by how wrong a row is.

    Raises as `score_files` does, and `RequestError` for soft labels and tokens.
    """
    from xentcli.analysis.gradients import gradients_of_sources

    sources, spec = _joined(open_paths(request.paths, request.text), request, request.spec)
    return gradients_of_sources(sources, spec, request.policy, _engine(request))


def compare_files(request: CompareRequest) -> CompareResult:
    """The paired difference, new - base, of two models that scored the same rows; `baseline` in what is required
    of the numbers is BASE.

    Raises as `score_files` does, and `ContentError` where the two do not have the same ids, labels and weights.
    """
    from xentcli.analysis.compare import compare_sources
    from xentcli.gates.check_comparison import check_comparison

    new, base = request.new, request.of_base
    asked = new.gating
    base_sources, base_spec = _joined(open_paths(base.paths, base.text), base, base.spec, names_rows=True)
    sliced = replace(new.spec, sliced=asked.slices)
    sources, spec = _joined(open_paths(new.paths, new.text), new, sliced, names_rows=True)
    if len(base_sources) > 1:
        message = f"BASE names {len(base_sources)} files; rows are compared with those of one"
        raise RequestError("base", message, where=Where(request.base))
    result = compare_sources(
        base_sources[0],
        sources,
        (base_spec, spec),
        new.policy,
        new.on,
        breakdown=new.breakdown,
        class_errors=asked.class_errors,
        threads=new.threads,
        progress=new.progress,
    )
    gates = check_comparison(result, asked.requirements, asked.confidence, new.unit)
    return replace(result.to_unit(new.unit), gates=gates)


def columns_of(request: ScoreRequest) -> ColumnsResult:
    """Which column would be used as what; what is not clear is part of the result.

    Raises `ContentError` or `AccessError` where an input cannot be read at all.
    """
    from xentcli.analysis.columns import columns_of_sources

    sources, spec = _joined(open_paths(request.paths, request.text), request, request.spec)
    return columns_of_sources(sources, spec)


def judged(sources: list[Source], request: ScoreRequest) -> GateResult:
    """What became of what is required of sources that are scored as one, and the scores."""
    asked = request.gating
    baseline = asked.read_baseline()
    sources, spec = _joined(sources, request, replace(request.spec, sliced=asked.slices))
    read = [source.name for source in sources] + ([] if request.labels is None else [os.fspath(request.labels)])
    refuse_overwriting(request.save_state, read)
    scored = score_sources(
        sources,
        spec,
        request.policy,
        _engine(request),
        breakdown=request.breakdown,
        prior=_prior(request),
        class_errors=asked.class_errors,
        shard=request.shard,
    )
    result = _saved(result_of(scored), scored, request.save_state, request.unit)
    gates: tuple[Gate, ...] = ()
    if asked.requirements:
        from xentcli.gates.check_score import check_score

        gates = check_score(
            result, asked.requirements, confidence=asked.confidence, baseline=baseline, unit=request.unit
        )
    score = replace(result, gates=gates)
    if baseline is None:
        return GateResult(tuple(sort_worst_first(gates)), score)
    from xentcli.gates.baseline import baseline_changes

    return GateResult(tuple(sort_worst_first(gates)), score, baseline.name, baseline_changes(score, baseline))


def _believed(scored: Scored) -> ScoreResult:
    """The result of states that were read: each number in them may be sound, and all together not."""
    try:
        return result_of(scored)
    except (ArithmeticError, LookupError, ValueError) as fault:
        raise ContentError("state", "no rows can have the totals of these states") from fault


def _saved(
    result: ScoreResult, scored: Scored, save_state: str | os.PathLike[str] | None, unit: Unit
) -> ScoreResult:
    """The result in a unit, once the state is saved that it was computed from."""
    if save_state is not None:
        from xentcli.files import write_file
        from xentcli.states.file import state_text

        write_file(os.fspath(save_state), state_text(scored))
    return result.to_unit(unit)


def _engine(request: ScoreRequest) -> Engine:
    return engine_of(request.engine, request.scheduler, request.threads, request.text, request.progress)


def _prior(request: ScoreRequest) -> Prior | None:
    if not isinstance(request.prior, str):
        return None if request.prior is None else Prior(request.prior)
    from xentcli.analysis.prior import class_mix

    return Prior(tuple(class_mix(request.prior, request.text, request.spec.label).items()), counted=True)


def _joined(
    sources: list[Source], request: ScoreRequest, spec: ColumnSpec, *, names_rows: bool = False
) -> tuple[list[Source], ColumnSpec]:
    """The sources with the columns of the label file, if one is given, and what to look for among them.

    With `names_rows`, the id serves without a label file too, and `spec` or the caller makes use of it.
    """
    on = request.on
    if request.labels is None:
        if request.allow_extra or (on is not None and not names_rows):
            raise RequestError("labels", "--on and --allow-extra need --labels FILE, the file to join")
        return sources, spec
    from xentcli.joining.join import join_labels
    from xentcli.joining.label_file import open_labels
    from xentcli.joining.shared_columns import resolve_name_clashes

    path = os.fspath(request.labels)
    found = open_labels(path, request.text, {spec.label, on})
    if len(found) > 1:
        raise RequestError("labels", f"--labels names {len(found)} files", where=Where(path))
    labels, spec = resolve_name_clashes(sources, found[0], on, spec)
    return join_labels(sources, labels, on, allow_extra=request.allow_extra), spec
