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
    sources, spec = join_labels(request, open_sources(request), id=id)
    return Inputs(sources, resolve_all(sources, spec, request.on or id))


def open_sources(request: InputRequest) -> Sequence[Source]:
    """The sources by themselves, without the columns of a label file."""
    return request.tables or open_paths(request.paths, request.text)


def column_names(source: Source) -> list[str]:
    """Those that an input offers."""
    return [field.name for field in source.fields]


def join_labels(
    request: InputRequest,
    sources: Sequence[Source],
    slices: tuple[tuple[str, ...], ...] = (),
    id: str | None = None,
) -> tuple[Sequence[Source], ColumnSpec]:
    """The sources with the columns of the label file, if one is given, and what to look for among them.

    `slices` are sets of columns to slice by beside those of the request.
    """
    spec = replace(request.spec, sliced=slices, id=id)
    if not spec.multilabel:
        return _join(request, sources, spec)
    from xentcli.joining.unfolding import as_targets, unfold

    return unfold(*_join(request, sources, as_targets(spec)), request.spec)


def _join(
    request: InputRequest, sources: Sequence[Source], spec: ColumnSpec
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
    from xentcli.joining.id_columns import id_columns, names_in
    from xentcli.joining.join import join_sources
    from xentcli.joining.label_file import open_labels
    from xentcli.joining.shared_columns import resolve_name_clashes

    path, ids = os.fspath(request.labels), set() if request.on is None else names_in(request.on)
    found = open_labels(path, request.text, {spec.label, *ids, *spec.soft})
    if len(found) > 1:
        raise RequestError("labels", f"--labels names {len(found)} files", where=Where(path))
    on = None if request.on is None else id_columns(request.on, column_names(sources[0]), column_names(found[0]))
    if on is not None and id == request.on:
        spec = replace(spec, id=on.left)
    labels, spec = resolve_name_clashes(sources, found[0], on, spec)
    return join_sources(sources, labels, on, allow_extra=request.allow_extra), spec
