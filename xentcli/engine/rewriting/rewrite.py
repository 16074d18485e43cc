"""An input written again in its own format, whichever that is."""

from __future__ import annotations

from importlib import import_module

from xentcli.columns.columns import OPTIONS
from xentcli.engine.rewriting.change import Change, Recalibrate, Write
from xentcli.engine.rewriting.packing import packed
from xentcli.errors import RequestError, Where
from xentcli.sources.source import FileSource, Source, SourceWrapper, unless_changed
from xentcli.wording import typed

# What writes each format; loaded when a file of it comes.
WRITERS = {
    "csv": ("delimited", "write_delimited"),
    "jsonl": ("json_lines", "write_json_lines"),
    "json": ("json_array", "write_json_array"),
    "parquet": ("parquet", "write_parquet"),
    "arrow": ("arrow", "write_arrow"),
    "npy": ("numpy_files", "write_numpy"),
    "npz": ("numpy_files", "write_numpy"),
}


def rewrite(source: Source, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write an input, compressed as it was, with its scores changed.

    Raises `ContentError` for content that cannot be read, `AccessError` where it changes meanwhile.
    """
    inner = source
    while isinstance(inner, SourceWrapper):
        inner = inner.source
    assert isinstance(inner, FileSource)
    if inner.format in ("jsonl", "json"):
        _refuse_inside(source, inner, change)
    module, name = WRITERS[inner.format]
    writer = getattr(import_module(f"xentcli.engine.rewriting.{module}"), name)
    with unless_changed(inner.content), packed(write, inner.content.codec) as packing:
        writer(inner, change, recalibrate, packing)
    inner.content.refuse_changed()


def _refuse_inside(source: Source, inner: Source, change: Change) -> None:
    """Raise a `RequestError` for scores that are read from inside a column which is no list itself."""
    types = {field.name: field.type for field in inner.fields}
    for field in source.fields:
        if field.name in change.scores.names and types.get(field.name, field.type) != field.type:
            paths = [each.name for each in source.fields if each.name.startswith(f"{field.name}.")]
            lists = [name for name in paths if name.endswith(".values")] or paths
            hint = f"name what holds them: {typed(OPTIONS[change.columns.kind], lists[0])}" if lists else None
            message = f'the scores of column "{field.name}" are inside it'
            raise RequestError("nested", message, hint=hint, where=Where(source.name))
