"""One table in every format, in memory."""

from __future__ import annotations

import gzip
import io
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from tests.sources.reading import zstd

ROWS = 100_000


@cache
def samples() -> dict[str, bytes]:
    """By suffix; numbers of six digits, so that each format holds the same."""
    rng = np.random.default_rng(15)
    prob = rng.integers(1, 10**6, ROWS) / 10**6
    label = (rng.random(ROWS) < prob).astype(np.int64)
    rows = list(zip(label.tolist(), prob.tolist(), strict=True))
    text = ("label,prob\n" + "".join(f"{a},{b!r}\n" for a, b in rows)).encode()
    table = pa.table({"label": label, "prob": prob})
    return {
        "csv": text,
        "csv.gz": gzip.compress(text, 1, mtime=0),
        "csv.zst": zstd(text),
        "jsonl": "".join(f'{{"label":{a},"prob":{b!r}}}\n' for a, b in rows).encode(),
        "parquet": parquet({"label": label, "prob": prob}, row_group_size=ROWS // 3 + 1),
        "arrow": _arrow(table),
        "npz": _npz(label, prob),
    }


def parquet(columns: dict[str, Any], **options: Any) -> bytes:
    """A Parquet file of these columns."""
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink, **options)
    return sink.getvalue()


def _arrow(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pa.feather.write_feather(table, sink, chunksize=1 << 15)
    return sink.getvalue()


def _npz(label: np.ndarray, prob: np.ndarray) -> bytes:
    sink = io.BytesIO()
    np.savez_compressed(sink, label=label, prob=prob)
    return sink.getvalue()
