"""Parquet with other scores: row groups, codecs, nulls, types and metadata stay."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xentcli.engine.rewriting.change import Change, Recalibrate, Write
from xentcli.engine.rewriting.packing import arrow_sink, copy_bytes
from xentcli.engine.rewriting.tables import TableWriter
from xentcli.sources.parquet import ParquetSource, open_parquet


def write_parquet(source: ParquetSource, change: Change, recalibrate: Recalibrate, write: Write) -> None:
    """Write the file again, a row group at a time."""
    with open_parquet(source.content, source.metadata) as file:
        tables = TableWriter(source.name, file.schema_arrow, change, recalibrate)
        if change.nothing:
            for group in range(file.metadata.num_row_groups):
                tables.changed(
                    file.read_row_group(group, list(change.columns.projection.names), use_threads=False)
                )
            copy_bytes(source.content, write)
            return
        with pq.ParquetWriter(arrow_sink(write), tables.schema, **_options(file, tables.schema)) as writer:
            for group in range(file.metadata.num_row_groups):
                table = tables.changed(file.read_row_group(group, use_threads=False))
                writer.write_table(table, row_group_size=max(1, table.num_rows))


def _options(file: pq.ParquetFile, schema: pa.Schema) -> dict[str, Any]:
    """How the file is stored: what a reader of it may count on."""
    metadata = file.metadata
    options: dict[str, Any] = {
        "version": metadata.format_version if metadata.format_version in ("1.0", "2.4", "2.6") else "2.6",
        "store_schema": metadata.metadata is not None and b"ARROW:schema" in metadata.metadata,
    }
    if not metadata.num_row_groups:
        return options
    group = metadata.row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    codecs = {each.path_in_schema: _codec(each.compression) for each in columns}
    codecs |= {name: next(iter(codecs.values())) for name in schema.names if name not in file.schema_arrow.names}
    options["compression"] = codecs if len({*codecs.values()}) > 1 else next(iter(codecs.values()))
    options["use_dictionary"] = [each.path_in_schema for each in columns if each.has_dictionary_page]
    options["write_statistics"] = [each.path_in_schema for each in columns if each.is_stats_set]
    options["use_deprecated_int96_timestamps"] = any(each.physical_type == "INT96" for each in columns)
    return options


def _codec(name: str) -> str:
    """A codec as it is called where it is chosen; one that can be read only gives way to zstd."""
    known = {"UNCOMPRESSED": "none", "SNAPPY": "snappy", "GZIP": "gzip", "BROTLI": "brotli", "LZ4": "lz4"}
    return known.get(name, "zstd")
