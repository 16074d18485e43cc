"""An input written again in its own format, whichever that is."""

from __future__ import annotations

from importlib import import_module

from xentcli.engine.rewriting.change import Change, Recalibrate, Write
from xentcli.engine.rewriting.packing import packed
from xentcli.sources.source import FileSource, Source, SourceWrapper, unless_changed

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
    module, name = WRITERS[inner.format]
    writer = getattr(import_module(f"xentcli.engine.rewriting.{module}"), name)
    with unless_changed(inner.content), packed(write, inner.content.codec) as packing:
        writer(inner, change, recalibrate, packing)
    inner.content.refuse_changed()
