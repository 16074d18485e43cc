"""What a file that is to be drawn holds: a result of xent, a state, or predictions."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from msgspec.structs import replace

from xentcli.analysis.merging.parts import with_rows
from xentcli.analysis.plotting.drawn import DRAWN, LISTS
from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.request import InputRequest
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.errors import ContentError, UnusedOptionError, Where
from xentcli.files import NotJson, access, parse_json, pipe_place
from xentcli.results.gate import GateResult
from xentcli.results.reading import NotSaved, read_back
from xentcli.results.result import FORMAT_VERSION
from xentcli.results.saved import object_in, objects_in, saved_number
from xentcli.results.score import ScoreResult
from xentcli.sources.byte_source import ByteSource, LocalFile
from xentcli.sources.open import find_files, open_source, read_bytes
from xentcli.sources.source import PartitionKeys, TextOptions
from xentcli.states.container import is_state
from xentcli.states.file import read_state
from xentcli.states.merge import SavedRun
from xentcli.states.merge_states import merge
from xentcli.states.run import NoRows, Run
from xentcli.wording import brief_repr

_HEAD_BYTES = 1 << 16  # within which a result says what it is
_OPTIONS = {  # of fields that are not called as theirs
    "skip_missing": "missing",
    "ignored_labels": "ignore_label",
    "class_weights": "class_weight",
    "smoothing": "label_smoothing",
    "header": "no_header",
    "format": "input_format",
    "missing": "na",
}


def look_into(model: ModelRequest) -> ModelRequest:
    """The model with its `document` if it is a saved result, or its `state` if it is one of a score, or several.

    Predictions in a pipe, which is read once, or in a store stay open. Raises `ContentError` for a result of
    another version and for a state that is damaged, and `AccessError`.
    """
    files = _files(model)
    first = next(files, None)
    if first is None:
        return model
    content, keys = first
    head = _head(content)
    if is_state(head):
        return _with_state(model, (content for content, _ in chain((first,), files)))
    if not _is_one_file(model):
        return model
    if (document := _result(content, head)) is not None:
        return replace(model, document=document)
    if isinstance(content, LocalFile):
        return model
    source = open_source(content, keys, model.inputs.text)
    return replace(model, inputs=replace(model.inputs, paths=(), tables=(source,)))


def _files(model: ModelRequest) -> Iterator[tuple[ByteSource, PartitionKeys]]:
    """The files that the paths name, where the first can be looked into and read again: of several no pipe."""
    paths = [os.fspath(path) for path in model.inputs.paths]
    again = [path for path in paths if path != "-" and "://" not in path and not pipe_place(path)]
    if not model.is_saved and (len(paths) == 1 or again[:1] == paths[:1]):
        yield from find_files(paths)


def _is_one_file(model: ModelRequest) -> bool:
    """Whether it is one file, pipe or object of a store, and no folder or pattern here."""
    paths = [os.fspath(path) for path in model.inputs.paths]
    return len(paths) == 1 and (
        paths[0] == "-" or "://" in paths[0] or os.path.isfile(paths[0]) or pipe_place(paths[0]) is not None
    )


def _with_state(model: ModelRequest, files: Iterable[ByteSource]) -> ModelRequest:
    """The model with the state of a score, or the document of what states of several models say."""
    state = merge(SavedRun(content.name, read_state(content)) for content in files)
    if isinstance(state, Run | NoRows):
        return replace(model, state=with_rows(state))
    from xentcli.analysis.merge import result_of_state

    return replace(model, document=result_of_state(state).to_dict(), command=state.command)


def refuse_without_effect(
    model: ModelRequest,
    inputs: InputRequest,
    policy: Policy,
    more: Mapping[str, object],
    kept: Collection[str] = (),
) -> None:
    """Raise a `RequestError` for options about predictions where `model` holds what was made of them.

    What a state was made with may be said again. `more` are options with what was given, None for nothing; columns
    in `kept` have an effect.
    """
    same = {} if model.state is None else _made_with(model.state)
    found: dict[str, object] = {}
    for part, usual in ((inputs.spec, ColumnSpec()), (inputs.text, TextOptions()), (policy, Policy())):
        for name in part.__struct_fields__:
            said = getattr(part, name)
            if name not in kept and said not in (getattr(usual, name), same.get(name)):
                found[f"--{_OPTIONS.get(name, name).replace('_', '-')}"] = True
    for option, given in {**found, "--labels": inputs.labels, "--on": inputs.on, **more}.items():
        if given is not None:
            message = f"{option} has no effect: {model.file} was scored already"
            raise UnusedOptionError(option, "no_effect", message, hint="leave it out")


def _made_with(run: Run) -> dict[str, object]:
    """What changes the numbers of a state, by the names of fields of a request."""
    columns, policy = run.columns, run.policy
    made: dict[str, object] = {name: getattr(policy, name) for name in policy.__struct_fields__}
    where = tuple(str(each) for each in columns.keys.where)
    return {
        **made,
        "label": columns.label,
        "weight": columns.weight,
        "cluster": columns.keys.cluster,
        "where": where,
    }


def _result(content: ByteSource, head: bytes) -> dict[str, Any] | None:
    """The JSON of a result, of a gate that of its score; None of anything else."""
    if not head.lstrip().startswith(b"{") or b'"xent.' not in head:
        return None
    try:
        document = parse_json(read_bytes(content))
    except NotJson:
        return None
    if not isinstance(document, dict) or not str(document.get("format")).startswith("xent."):
        return None
    if document.get("format_version") != FORMAT_VERSION:
        message = f"has format version {brief_repr(document.get('format_version'))}; this is {FORMAT_VERSION}"
        raise ContentError("saved", message, where=Where(content.name))
    score = document.get("score")
    return score if document["format"] == GateResult.format and isinstance(score, dict) else document


def _head(content: ByteSource) -> bytes:
    with access(content.name), content.open() as stream:
        return stream.read(_HEAD_BYTES)


def refuse_damaged(document: dict[str, Any], path: str) -> None:
    """Raise a `ContentError` for a saved result that no xent has written, as far as pictures take its numbers."""
    found = str(document.get("format"))
    if found == ScoreResult.format:
        saved_score(document, path)
    if found not in DRAWN:
        return
    try:
        read_back(DRAWN[found], document)
        for name in LISTS:
            if document.get(name) == []:
                raise NotSaved(f"{name} is empty")
        _refuse_impossible_losses(document)
    except NotSaved as fault:
        message = f"is not a result that this xent can have written: {fault}"
        hint = f"{found.replace('.', ' ')} again"
        raise ContentError("saved", message, hint=hint, where=Where(path)) from None


def _refuse_impossible_losses(document: dict[str, Any]) -> None:
    """Raise `NotSaved` where a log loss is below 0 or not there: that of all rows, of a model or of a slice."""
    parts = [(name, each) for name in ("models", "slices") for each in objects_in(document, name)]
    for name, part in [("", document), *parts]:
        metrics = object_in(part, "metrics")
        of_two = object_in(metrics, "log_loss")
        losses = [saved_number(of_two, side) for side in ("base", "new")] if of_two else []
        losses += [] if of_two or not metrics else [saved_number(metrics, "log_loss")]
        for loss in losses:
            if loss is None or loss < 0:
                found = "below 0" if loss is not None else "missing"
                raise NotSaved(f"a log loss{f' among the {name}' if name else ''} is {found}")


def saved_score(document: dict[str, Any], path: str) -> ScoreResult:
    """The score whose JSON this is. Raises `ContentError` for what no xent has written."""
    try:
        result = read_back(ScoreResult, document)
        if result.reliability_curve is not None and not result.reliability_curve.can_be_drawn:
            raise NotSaved("reliability_curve has no points, or some that fall or are beyond 0 and 1")
        _refuse_impossible_losses(document)
    except NotSaved as fault:
        message = f"is not a score that this xent can have written: {fault}"
        raise ContentError("saved", message, hint="score again", where=Where(path)) from None
    return result
