"""`xent apply`: predictions written again through a recalibration, in their format and order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import reduce
from typing import IO, TYPE_CHECKING

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.analysis.applying.classes import with_classes_of
from xentcli.analysis.applying.targets import make_folder, targets_of
from xentcli.analysis.request import InputRequest
from xentcli.analysis.row_errors import first_error, row_notices
from xentcli.columns.columns import OPTIONS, Columns
from xentcli.columns.finder import resolve
from xentcli.columns.peek import Peek, read_blocks
from xentcli.core.batch import InputKind, Policy
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.calibrated import BadParameters, steps
from xentcli.engine.engine import Progress
from xentcli.engine.rewriting.change import Change, Recalibrate
from xentcli.engine.rewriting.cross_fitted import CrossFitted, FoldMaps
from xentcli.engine.rewriting.gains import LossGains
from xentcli.engine.rewriting.recalibrating import NewScores, Recalibration, Recalibrator
from xentcli.engine.rewriting.rewrite import rewrite
from xentcli.errors import ContentError, Notice, RequestError, Where
from xentcli.files import write_to
from xentcli.results.apply import AppliedGain, ApplyResult
from xentcli.results.calibration_map import CalibrationMap
from xentcli.sources.arrays import is_list
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.open import find_files, open_source
from xentcli.sources.source import Block, Source
from xentcli.sources.targets import writing
from xentcli.wording import plural, without_secrets

if TYPE_CHECKING:
    import pyarrow as pa

_SKIP = "--missing skip leaves such rows as they are, and counts them"


class ApplyRequest(Struct, frozen=True):
    """What `xent apply` is asked; the inputs are files."""

    map: CalibrationMap
    inputs: InputRequest
    output: str | os.PathLike[str] | None = None  # None: `spool` takes the bytes of the one input
    suffix: str | None = None
    logits: bool = False
    interval: bool = False
    policy: Policy = field(default_factory=Policy)
    progress: Progress | None = None
    folds: FoldMaps | None = None  # instead of the map, for the rows that were fitted to


class _Applied(Struct, frozen=True):
    """An input that was read to its end."""

    recalibrator: Recalibrator | CrossFitted
    columns: Columns
    source: Source


def apply_to_files(request: ApplyRequest, spool: IO[bytes] | None = None) -> ApplyResult:
    """Write the files of a request again, each complete or not at all.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    refuse_impossible(request)
    found = [content for content, _ in find_files([os.fspath(path) for path in request.inputs.paths])]
    targets = _targets(request, found)
    done = [
        _apply(request, number, content, target, spool)
        for number, (content, target) in enumerate(zip(found, targets, strict=True))
    ]
    return result_of(request, done, tuple(without_secrets(target) for target in targets if target is not None))


def refuse_impossible(request: ApplyRequest) -> None:
    """Raise a `RequestError` for what the map cannot give."""
    if request.suffix == "":
        raise RequestError("suffix", "--suffix is empty", hint="without it the scores are replaced")
    if not request.interval:
        return
    hint = "xent calibrate --method isotonic writes one"
    if request.map.method != "isotonic":
        message = f'--interval needs an isotonic calibration, and this one is by "{request.map.method}"'
        raise RequestError("interval", message, hint=hint)
    try:
        steps(request.map, "p0"), steps(request.map, "p1")
    except BadParameters as fault:
        raise RequestError("interval", f"the calibration {fault}: it holds no intervals", hint=hint) from None


def _targets(request: ApplyRequest, found: Sequence[ByteSource]) -> list[str] | list[None]:
    """Where each input is written to."""
    if request.output is not None:
        return targets_of(request.output, [content.name for content in found])
    if len(found) != 1:
        raise RequestError("output", f"{len(found)} files cannot go to one output", hint="-o FOLDER")
    return [None]


def _apply(
    request: ApplyRequest, number: int, content: ByteSource, target: str | None, spool: IO[bytes] | None
) -> _Applied:
    source = open_source(content, (), request.inputs.text)
    columns = columns_of(source, request)
    recalibrator = _recalibrator(number, columns, request)
    change = change_of(columns, request)
    change.refuse_clashes([each.name for each in source.fields if not each.path], source.name)
    with ExitStack() as stack:
        file = spool
        if target is not None:
            make_folder(target, request.output or "")
            file = stack.enter_context(writing(target))
        assert file is not None
        rewrite(
            source, change, _watched(recalibrator, request.progress), write_to(file, target or "temporary file")
        )
        refuse_broken(recalibrator, columns, request.policy, source.name)
    return _Applied(recalibrator, columns, source)


def apply_to_table(request: ApplyRequest, table: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
    """A table in memory, recalibrated, and which of its columns are new. Raises as `apply_to_files`."""
    from xentcli.engine.rewriting.tables import TableWriter, rows_of

    refuse_impossible(request)
    source = rows_of(table, "table", 0)
    columns = columns_of(source, request)
    recalibrator, change = _recalibrator(0, columns, request), change_of(columns, request)
    change.refuse_clashes(table.column_names, source.name)
    changed = TableWriter(source.name, table.schema, change, recalibrator).changed(table)
    refuse_broken(recalibrator, columns, request.policy, source.name)
    return changed, () if change.nothing else (*change.written.names, *change.bounds)


def apply_to_array(request: ApplyRequest, table: pa.Table, kind: InputKind) -> FloatArray:
    """Scores `(n,)` or `(n, K)` in the one column of a table, recalibrated; NaN where they are missing.

    Raises as `apply_to_files`.
    """
    from xentcli.engine.rewriting.tables import rows_of

    [name] = table.column_names
    spec, option = request.inputs.spec, OPTIONS[kind].removeprefix("--")
    lists = is_list(table.schema.types[0])
    classes = (spec.classes or request.map.classes) if lists else spec.classes
    spec = replace(spec, **{option: (name,)}, classes=classes)
    request = replace(request, inputs=replace(request.inputs, spec=spec))
    source = rows_of(table, "arrays", 0)
    columns = columns_of(source, request)
    recalibrator = _recalibrator(0, columns, request)
    new = [recalibrator(block) for block in read_blocks(source, columns.projection)]
    refuse_broken(recalibrator, columns, request.policy, source.name)
    values = np.concatenate([np.where(each.kept, np.nan, each.values) for each in new], axis=1)
    return values.T if lists else values[0]


def _recalibrator(number: int, columns: Columns, request: ApplyRequest) -> Recalibrator | CrossFitted:
    if request.folds is not None:
        return CrossFitted(number, columns, request.policy, request.folds, request.map)
    named = request.inputs.spec.label is not None
    how = Recalibration(request.map, request.logits, request.interval, named)
    return Recalibrator(number, columns, request.policy, how)


def columns_of(source: Source, request: ApplyRequest) -> Columns:
    """The columns of an input, with the classes of the map; a label need not be there."""
    spec = replace(request.inputs.spec, known=request.map.classes)
    return with_classes_of(request.map, resolve(spec, Peek(source, [source], {})), source.name)


def change_of(columns: Columns, request: ApplyRequest) -> Change:
    """What is written."""
    kind = InputKind.LOGIT if request.logits else columns.kind
    interval_of = None
    if request.interval:
        by_class = dict(zip(columns.classes or (), columns.scores.column_of, strict=False))
        names = columns.scores.names
        interval_of = names[0] if columns.single else by_class[str(request.map.positive)]
    same = request.map.method == "none" and request.folds is None and kind is columns.kind
    return Change(columns, request.suffix, interval_of, same and request.suffix is None and interval_of is None)


def _watched(recalibrate: Recalibrate, progress: Progress | None) -> Recalibrate:
    """What recalibrates, and tells of each block."""
    if progress is None:
        return recalibrate
    rows = 0

    def watched(block: Block) -> NewScores:
        nonlocal rows
        rows += block.rows
        progress(rows, None)
        return recalibrate(block)

    return watched


def refuse_broken(recalibrator: Recalibrator | CrossFitted, columns: Columns, policy: Policy, file: str) -> None:
    """Raise what is wrong with the rows of an input, the first of them first."""
    if not recalibrator.rows:
        raise ContentError("no_rows", "no rows", where=Where(file))
    error = first_error(recalibrator.totals.tally, columns, columns.classes or (), policy, recalibrator.rows)
    if error is not None:
        if error.hint is not None and error.hint.startswith("--missing skip"):
            error.hint = _SKIP
        raise error


def result_of(request: ApplyRequest, done: Sequence[_Applied], files: tuple[str, ...]) -> ApplyResult:
    """What was done to all inputs."""
    gains = reduce(LossGains.merge, (each.recalibrator.gains for each in done))
    unknown = sum(each.recalibrator.other_labels for each in done)
    gain = None
    if gains.rows and not unknown:
        gain = AppliedGain(gains.rows, gains.log_loss, gains.log_loss_calibrated, gains.log10_e)
    return ApplyResult(
        files=files,
        rows=sum(each.recalibrator.rows for each in done),
        rows_left=sum(each.recalibrator.kept for each in done),
        gain=gain,
        notices=tuple(notice for each in done for notice in _notices(each)),
    )


def _notices(applied: _Applied) -> Iterator[Notice]:
    recalibrator, columns = applied.recalibrator, applied.columns
    yield from applied.source.notices()
    if recalibrator.kept:
        message = f"{plural(recalibrator.kept, 'row')} without a score left as they were"
        yield Notice("rows_left", recalibrator.kept, message, (Where(applied.source.name),))
    if recalibrator.other_labels:
        message = (
            f'{plural(recalibrator.other_labels, "label")} in column "{columns.label}" are of no class of the '
            "calibration, so no losses are told (--label COL names the labels)"
        )
        yield Notice("other_labels", recalibrator.other_labels, message, (Where(applied.source.name),))
    scored = recalibrator.rows - recalibrator.kept
    yield from row_notices(recalibrator.totals.tally, scored, columns.class_count)
