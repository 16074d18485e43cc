"""Files of any size, written block by block: random logits, and labels drawn from them."""

from __future__ import annotations

import gzip
import itertools
import json
import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.ipc as arrow_ipc
import pyarrow.parquet as pq
from numpy.typing import NDArray

BLOCK_VALUES = 2_000_000  # made at once
ROW_GROUP = 2**20  # rows, as pandas and pyarrow write Parquet unless told otherwise


def blocks(rows: int, classes: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """(labels `(n,)`, logits `(n, K)`) of rows whose labels follow their logits."""
    random = np.random.default_rng(20)
    size = BLOCK_VALUES // classes
    for start in range(0, rows, size):
        n = min(size, rows - start)
        z = random.normal(0, 2, (n, classes))
        yield (z + random.gumbel(size=z.shape)).argmax(axis=1), z


def two_class(rows: int) -> Iterator[pa.Table]:
    """`id`, `label` (no, yes) and `prob_yes`, rounded as people round."""
    first = 0
    for y, z in blocks(rows, 2):
        p = np.clip((1 / (1 + np.exp(z[:, 0] - z[:, 1]))).round(6), 1e-6, 1 - 1e-6)
        label = pa.array(np.array(["no", "yes"])[y])
        yield pa.table({"id": pa.array(np.arange(first, first + y.size)), "label": label, "prob_yes": p})
        first += y.size


def grouped(rows: int) -> Iterator[pa.Table]:
    """Likewise, with a `group` of five and a `user` of twenty thousand at random."""
    random = np.random.default_rng(21)
    for table in two_class(rows):
        group = np.array(["a", "b", "c", "d", "e"])[random.integers(0, 5, table.num_rows)]
        user = random.integers(0, 20_000, table.num_rows)
        yield table.append_column("group", pa.array(group)).append_column("user", pa.array(user))


def one_logit(rows: int) -> Iterator[pa.Table]:
    """`label` 0, 1 and `logit`, of which no two are alike."""
    for y, z in blocks(rows, 2):
        yield pa.table({"label": y, "logit": z[:, 1] - z[:, 0]})


def predictions(rows: int) -> Iterator[pa.Table]:
    """`id` (text of 12 characters) and `prob_yes`."""
    for table in two_class(rows):
        yield pa.table({"id": _codes(table["id"].to_numpy()), "prob_yes": table["prob_yes"]})


def labels(rows: int) -> Iterator[pa.Table]:
    """The `id` and `label` of the same rows, block after block from the last to the first."""
    for table in reversed([table.select(["id", "label"]) for table in two_class(rows)]):
        yield pa.table({"id": _codes(table["id"].to_numpy()), "label": table["label"]})


def _codes(numbers: NDArray[np.int64]) -> pa.Array:
    return pa.array(np.char.add("row-", np.char.zfill(numbers.astype("U8"), 8)))


def ten_logits(rows: int) -> Iterator[pa.Table]:
    """`label` 0..9 and a float64 column of logits a class."""
    for y, z in blocks(rows, 10):
        yield pa.table({"label": y, **{f"logit_{k}": np.ascontiguousarray(z[:, k]) for k in range(10)}})


def long_lists(rows: int) -> Iterator[pa.Table]:
    """`label` 0..999 and `logits`, a list of 1,000 float32 a row."""
    for y, z in blocks(rows, 1000):
        offsets = pa.array(np.arange(0, z.size + 1, 1000, dtype=np.int32))
        yield pa.table({"label": y, "logits": pa.ListArray.from_arrays(offsets, pa.array(z.astype("f4").ravel()))})


def _write(writer: Any, first: pa.Table, others: Iterator[pa.Table]) -> None:
    """What all of Arrow's writers do with tables."""
    with writer:
        writer.write_table(first)
        for table in others:
            writer.write_table(table)


def parquet(tables: Iterator[pa.Table], path: Path, group: int = ROW_GROUP) -> None:
    """Row groups of so many rows."""
    groups = _of_rows(tables, group)
    first = next(groups)
    with pq.ParquetWriter(path, first.schema) as writer:
        for table in itertools.chain([first], groups):
            writer.write_table(table, row_group_size=group)


def _of_rows(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows, so many a table; fewer in the last."""
    kept = next(tables)
    for table in tables:
        kept = pa.concat_tables([kept, table])
        while len(kept) > rows:
            yield kept.slice(0, rows)
            kept = kept.slice(rows)
    yield kept


def csv(tables: Iterator[pa.Table], path: Path) -> None:
    """Comma separated, with a header."""
    first = next(tables)
    _write(arrow_csv.CSVWriter(path, first.schema), first, tables)


def csv_gz(tables: Iterator[pa.Table], path: Path) -> None:
    """The same through gzip."""
    first = next(tables)
    with gzip.open(path, "wb", compresslevel=1) as file:
        _write(arrow_csv.CSVWriter(file, first.schema), first, tables)


def json_lines(tables: Iterator[pa.Table], path: Path) -> None:
    """An object a line."""
    with path.open("w") as file:
        for table in tables:
            file.writelines(json.dumps(row) + "\n" for row in table.to_pylist())


def arrow(tables: Iterator[pa.Table], path: Path) -> None:
    """Arrow IPC, uncompressed."""
    first = next(tables)
    _write(arrow_ipc.new_file(path, first.schema), first, tables)


def npz(tables: Iterator[pa.Table], path: Path) -> None:
    """Two arrays, whole: `label` and `logits`."""
    whole = pa.concat_tables(tables)
    z = np.stack([whole[name].to_numpy() for name in whole.column_names[1:]], axis=1)
    np.savez(path, label=whole["label"].to_numpy(), logits=z)


def parts(tables: Iterator[pa.Table], path: Path, *, write: Writer, suffix: str, rows: int) -> None:
    """A folder of files of so many rows."""
    path.mkdir()
    whole = pa.concat_tables(tables)
    for number, first in enumerate(range(0, len(whole), rows)):
        write(iter([whole.slice(first, rows)]), path / f"part-{number:05}.{suffix}")


Writer = Callable[[Iterator[pa.Table], Path], None]


def make(path: Path, write: Writer, tables: Callable[[int], Iterator[pa.Table]], rows: int) -> Path:
    """The file, made only if it is not there yet.

    A process of its own makes it: the peak memory of a child begins at what its parent holds.
    """
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        maker = multiprocessing.get_context("spawn").Process(target=_make, args=(write, tables, rows, part))
        maker.start()
        maker.join()
        if maker.exitcode:
            raise SystemExit(f"{path} could not be made")
        part.rename(path)
    return path


def _make(write: Writer, tables: Callable[[int], Iterator[pa.Table]], rows: int, path: Path) -> None:
    write(tables(rows), path)
