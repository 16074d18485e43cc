"""From a request for inputs to `Inputs`: sources opened, labels joined, columns resolved.

What a join needs is imported where a label file is given: most inputs hold their labels.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.analysis.request import InputRequest
from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.engine.inputs import Inputs
from xentcli.errors import RequestError, Where
from xentcli.sources.open import open_paths
from xentcli.sources.source import Source


def open_inputs(request: InputRequest, *, id: str | None = None) -> Inputs:
    """The inputs that are asked for; `id` is the column that names their rows where they are shown.

    Raises `RequestError`, `ContentError` or `AccessError` (see `xentcli.errors`).
    """
    return resolved_inputs(request, open_sources(request), id)


def resolved_inputs(request: InputRequest, sources: Sequence[Source], id: str | None = None) -> Inputs:
    """Likewise of sources that are open."""
    sources, spec = join_labels(request, sources, id=id)
    return Inputs(sources, resolve_all(sources, spec, request.on or id))


def open_sources(request: InputRequest) -> Sequence[Source]:
    """The sources by themselves, without the columns of a label file."""
    return request.tables or open_paths(request.paths, request.text)


def column_names(source: Source) -> list[str]:
    """Those that an input offers."""
    return [field.name for field in source.fields]


def _soft_labels(spec: ColumnSpec) -> Sequence[str]:
    if not spec.multilabel:
        return spec.soft
    from xentcli.joining.unfolding import as_targets

    return as_targets(spec).soft


def open_label_file(request: InputRequest) -> Source:
    """The label file of a request that names one."""
    from xentcli.joining.id_columns import names_in
    from xentcli.joining.label_file import open_labels

    assert request.labels is not None
    path, ids = os.fspath(request.labels), set() if request.on is None else names_in(request.on)
    found = open_labels(path, request.text, {request.spec.label, *ids, *_soft_labels(request.spec)})
    if len(found) > 1:
        raise RequestError("labels", f"--labels names {len(found)} files", where=Where(path))
    return found[0]


def join_labels(
    request: InputRequest,
    sources: Sequence[Source],
    slices: tuple[tuple[str, ...], ...] = (),
    id: str | None = None,
    labels_of: Source | None = None,
) -> tuple[Sequence[Source], ColumnSpec]:
    """The sources with the columns of the label file, if one is given, and what to look for among them.

    `slices` are sets of columns to slice by beside those of the request, `labels_of` is the label file if it has
    been opened already.
    """
    spec = replace(request.spec, sliced=slices, id=id)
    if not spec.multilabel:
        return _join(request, sources, spec, labels_of)
    from xentcli.joining.unfolding import as_targets, unfold

    return unfold(*_join(request, sources, as_targets(spec), labels_of), request.spec)


def _join(
    request: InputRequest, sources: Sequence[Source], spec: ColumnSpec, labels_of: Source | None
) -> tuple[Sequence[Source], ColumnSpec]:
    """The sources with a row for each id, and the columns of the label file."""
    id = spec.id
    if spec.class_column is not None:
        from xentcli.joining.widening import widen

        sources, spec = widen(sources, spec, request.on or request.id or id)
    if request.labels is None:
        if request.allow_extra or (request.on is not None and spec.class_column is None):
            raise RequestError("labels", "--on and --allow-extra need --labels FILE, the file to join")
        return sources, spec
    from xentcli.joining.id_columns import id_columns
    from xentcli.joining.join import join_sources
    from xentcli.joining.shared_columns import resolve_name_clashes

    found = labels_of or open_label_file(request)
    on = None if request.on is None else id_columns(request.on, column_names(sources[0]), column_names(found))
    if on is not None and id == request.on:
        spec = replace(spec, id=on.left)
    labels, spec = resolve_name_clashes(sources, found, on, spec)
    return join_sources(sources, labels, on, allow_extra=request.allow_extra), spec
