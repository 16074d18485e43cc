"""What a file that is to be drawn holds: a result of xent, a state, or predictions."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from typing import Any

from msgspec.structs import replace

from xentcli.analysis.plotting.request import ModelRequest
from xentcli.analysis.request import InputRequest
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.errors import ContentError, UnusedOptionError, Where
from xentcli.files import NotJson, access, parse_json, pipe_place
from xentcli.results.gate import GateResult
from xentcli.results.result import FORMAT_VERSION
from xentcli.sources.byte_source import ByteSource, LocalFile
from xentcli.sources.open import find_files, open_source
from xentcli.states.file import read_states
from xentcli.states.merge_states import merge
from xentcli.states.run import Run
from xentcli.wording import brief_repr

_HEAD_BYTES = 1 << 16  # within which a result says what it is
_STATE = b'{"format": "xent.state"'
_SEVERAL = b'\n"of": '  # of a comparison or a ranking


def is_state(model: ModelRequest) -> bool:
    """Whether it is a state that `xent score --save-state` has written to a file."""
    path = _only_path(model)
    return path is not None and os.path.isfile(path) and _head(LocalFile.of(path)).startswith(_STATE)


def look_into(model: ModelRequest) -> ModelRequest:
    """The model with its `document` if it is a saved result; a pipe, which is read once, stays open otherwise.

    Raises `ContentError` for a result of another version, and `AccessError`.
    """
    path = _only_path(model)
    if path is None:
        return model
    if os.path.isfile(path):
        document = _compared(path) if is_state(model) else _result(LocalFile.of(path))
        return replace(model, document=document)
    if path != "-" and not pipe_place(path):
        return model
    [(content, keys)] = find_files([path])
    if (document := _result(content)) is not None:
        return replace(model, document=document)
    source = open_source(content, keys, model.inputs.text)
    return replace(model, inputs=replace(model.inputs, paths=(), tables=(source,)))


def refuse_without_effect(
    path: str, inputs: InputRequest, policy: Policy, more: Mapping[str, object], kept: Collection[str] = ()
) -> None:
    """Raise a `RequestError` for options about predictions where `path` holds what was made of them.

    `more` are options with what was given, None for nothing; columns in `kept` have an effect.
    """
    found = {
        f"--{name.replace('_', '-')}": getattr(asked, name)
        for asked, usual in ((inputs.spec, ColumnSpec()), (policy, Policy()))
        for name in asked.__struct_fields__
        if name not in kept and getattr(asked, name) != getattr(usual, name)
    }
    for option, given in {**found, "--labels": inputs.labels, **more}.items():
        if given is not None:
            message = f"{option} has no effect: {path} was scored already"
            raise UnusedOptionError(option, "no_effect", message, hint="leave it out")


def saved_run(path: str) -> Run:
    """What the state of a score holds, that `look_into` has left as it is."""
    run = merge(read_states([path]))
    assert isinstance(run, Run)  # or it would be a document
    return run


def _compared(path: str) -> dict[str, Any] | None:
    """The JSON of what a state of several models says; None of one of a score."""
    if _SEVERAL not in _head(LocalFile.of(path)):
        return None
    from xentcli.analysis.merge import merge_states

    document: dict[str, Any] = merge_states(path).to_dict()
    return document


def _only_path(model: ModelRequest) -> str | None:
    paths = model.inputs.paths
    return os.fspath(paths[0]) if len(paths) == 1 and model.document is None else None


def _result(content: ByteSource) -> dict[str, Any] | None:
    """The JSON of a result, of a gate that of its score; None of anything else."""
    head = _head(content)
    if not head.lstrip().startswith(b"{") or b'"xent.' not in head or head.startswith(_STATE):
        return None
    with access(content.name), content.open() as stream:
        data = b"".join(iter(lambda: stream.read(1 << 24), b""))
    try:
        document = parse_json(data)
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
