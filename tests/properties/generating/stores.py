"""Drafts as Parquet, Arrow IPC, npz, or as tables and arrays in memory; and what those really hold."""

from __future__ import annotations

import io
import math
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.properties.generating.drafts import SCORE_OPTIONS, Draft
from tests.properties.generating.stored import draw_keys, draw_labels, draw_scores
from tests.properties.generating.texts import WHOLE
from tests.properties.generating.written import Written
from tests.reference.layout import Record
from tests.reference.names import LISTS

ARRAYS = {"probability": "probs", "logit": "logits", "log_probability": "log_probs"}
LAYOUTS = ("<f8", "<f8", "<f4", ">f8", "F")  # float types, and columns of one score after the other
COMPRESSIONS = ("none", "snappy", "zstd", "gzip")


def draw_store(rng: Random, draft: Draft) -> Written:
    """The draft in its container."""
    if draft.container in ("npz", "arrays"):
        return draw_arrays(rng, draft)
    table, rows = draw_table(rng, draft)
    header = tuple(table.column_names)
    if draft.container == "table":
        return Written(header, rows=rows, table=table if rng.random() < 0.7 else table.to_pandas())
    data = (as_parquet if draft.container == "parquet" else as_arrow)(rng, table)
    data, mutations = damaged(rng, data)
    return Written(header, f"in.{draft.container}", data, rows, mutations=mutations)


def draw_table(rng: Random, draft: Draft) -> tuple[pa.Table, tuple[Record, ...]]:
    """An Arrow table of any types, and its rows as plain values."""
    columns: dict[str, pa.Array] = {draft.label: draw_labels(rng, [row.label for row in draft.rows])}
    scores, held = draw_scores(rng, draft)
    columns |= scores
    rows: list[dict[str, Any]] = [
        {draft.label: row.label} | values | row.keys for row, values in zip(draft.rows, held, strict=True)
    ]
    if draft.weight:
        weights = [row.weight for row in draft.rows]
        columns[draft.weight] = pa.array(weights, pa.float64())
        for each, weight in zip(rows, weights, strict=True):
            each[draft.weight] = weight
    for name in draft.rows[0].keys:
        columns[name] = draw_keys(rng, [row.keys[name] for row in draft.rows])
    names = list(columns)
    if rng.random() < 0.3:
        rng.shuffle(names)
    table = pa.table({name: columns[name] for name in names})
    return in_chunks(rng, table), tuple(rows)


def in_chunks(rng: Random, table: pa.Table) -> pa.Table:
    """The same rows, at times as slices of longer arrays."""
    size = table.num_rows
    if size < 2 or rng.random() < 0.6:
        return table
    cut = rng.randrange(1, size)
    longer = pa.concat_tables([table, table]).combine_chunks()
    return pa.concat_tables([longer.slice(0, cut), longer.slice(cut, size - cut)])


def as_parquet(rng: Random, table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(
        table, sink, row_group_size=rng.choice((1, 3, 100)), compression=rng.choice(COMPRESSIONS),
        use_dictionary=rng.random() < 0.7, write_page_checksum=rng.random() < 0.5,
        data_page_version=rng.choice(("1.0", "2.0")), version=rng.choice(("2.4", "2.6")),
    )  # fmt: skip
    return bytes(sink.getvalue().to_pybytes())


def as_arrow(rng: Random, table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    table = table.unify_dictionaries()
    with rng.choice((pa.ipc.new_file, pa.ipc.new_file, pa.ipc.new_stream))(sink, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=rng.choice((1, 4, 100))):
            writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def damaged(rng: Random, data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A quarter of the time with some wrong bytes, more often in the last ones, or cut off."""
    if rng.random() > 0.25:
        return data, ()
    found = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4))):
        from_end = 1 + int(rng.expovariate(1 / 200)) % len(found)
        at = rng.randrange(len(found)) if rng.random() < 0.5 else len(found) - from_end
        found[at] = rng.randrange(256) if rng.random() < 0.5 else found[at] ^ 1 << rng.randrange(8)
    if rng.random() < 0.15:
        del found[rng.randrange(len(found)) :]
    return bytes(found), ("damaged",)


def draw_arrays(rng: Random, draft: Draft) -> Written:
    """Labels, scores and weights as NumPy arrays, in a file or in memory."""
    if any("\0" in name for name in draft.classes):
        raise AssertionError("NumPy cuts text at a NUL")
    labels = [draft.classes[0] if row.label is None else row.label for row in draft.rows]
    wide = np.array([[math.nan if x is None else x for x in row.scores] for row in draft.rows])
    layout = rng.choice(LAYOUTS)
    with np.errstate(all="ignore"):
        matrix = np.asfortranarray(wide) if layout == "F" else wide.astype(layout)
    held = matrix.astype(np.float64).tolist()
    draft.scores = (LISTS[draft.kind],)
    rows: list[dict[str, Any]] = [
        {draft.label: label, draft.scores[0]: each[0] if draft.single else each}
        for label, each in zip(labels, held, strict=True)
    ]
    weights = [row.weight for row in draft.rows] if draft.weight else None
    for each, weight in zip(rows, weights or (), strict=False):
        each["w"] = weight
    columns = matrix[:, 0] if draft.single else matrix
    header = tuple(rows[0])
    if draft.container == "npz":
        data, mutations = flipped(rng, as_npz(rng, draft, labels, columns, weights))
        return Written(header, "in.npz", data, tuple(rows), mutations=mutations)
    drop_columns(draft)
    keywords: dict[str, Any] = {ARRAYS[draft.kind]: columns, "weights": weights, "classes": draft.classes}
    if draft.single:
        keywords["positive"] = draft.classes[1]
    draft.classes_given = True
    return Written(header, rows=tuple(rows), table=labels, keywords=keywords)


def as_npz(rng: Random, draft: Draft, labels: list[str], scores: Any, weights: Any) -> bytes:
    """The arrays in a file, found by their names."""
    numbers = all(map(WHOLE.fullmatch, labels)) and rng.random() < 0.7
    arrays: dict[str, Any] = {
        draft.scores[0]: scores,
        "label": np.array([int(x) for x in labels] if numbers else labels),
    }
    if weights is not None:
        arrays["w"] = np.array(weights)
    names = list(arrays)
    rng.shuffle(names)
    file = io.BytesIO()
    rng.choice((np.savez, np.savez_compressed))(file, **{name: arrays[name] for name in names})
    return file.getvalue()


def flipped(rng: Random, data: bytes) -> tuple[bytes, tuple[str, ...]]:
    """A fifth of the time with one wrong bit."""
    if rng.random() > 0.2:
        return data, ()
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :], ("a bit",)


def drop_columns(draft: Draft) -> None:
    """Arrays have no columns: take back the options that name them, and those given by keyword."""
    taken = {*SCORE_OPTIONS.values(), "--label", "--classes", "--positive"}
    kept, rest = [], iter(draft.arguments)
    for argument in rest:
        if argument in taken:
            next(rest)
        else:
            kept.append(argument)
    draft.arguments[:] = kept
