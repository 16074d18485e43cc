"""The kinds of files that are measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tests.benchmarks import files
from tests.benchmarks.measure import Run, median, run, xent

Tables = Callable[[int], Iterator[pa.Table]]


@dataclass(frozen=True)
class Form:
    """A kind of file: how it is called, what is in it, and how it is written."""

    name: str
    suffix: str
    tables: Tables
    write: files.Writer
    rows: int  # of the file whose speed is measured
    pipe: bool = False  # read from standard input

    def path(self, folder: Path, rows: int) -> Path:
        """Of the file with this many rows."""
        return folder / f"{self.tables.__name__}-{rows}.{self.suffix}"

    def made(self, folder: Path, rows: int) -> Path:
        """The file with this many rows."""
        return files.make(self.path(folder, rows), self.write, self.tables, rows)

    def bytes_of(self, folder: Path, rows: int) -> int:
        """About how large a file of so many rows would be, from one of a thousand rows."""
        return self.made(folder, 1000).stat().st_size * rows // 1000

    def measured(self, folder: Path, rows: int, times: int) -> Run:
        """`xent score` of it."""
        path = self.made(folder, rows)
        command, feed = (xent("-"), path) if self.pipe else (xent(path), None)
        return median([run(command, feed) for _ in range(times)])


MILLION = 1_000_000
FORMS = (
    Form("CSV, two classes", "csv", files.two_class, files.csv, 5 * MILLION),
    Form("CSV, two classes, standard input", "csv", files.two_class, files.csv, 5 * MILLION, pipe=True),
    Form("CSV, two classes, gzip", "csv.gz", files.two_class, files.csv_gz, 5 * MILLION),
    Form("JSON Lines, two classes", "jsonl", files.two_class, files.json_lines, 2 * MILLION),
    Form("Parquet, two classes", "parquet", files.two_class, files.parquet, 5 * MILLION),
    Form(
        "Parquet, two classes, standard input", "parquet", files.two_class, files.parquet, 5 * MILLION, pipe=True
    ),
    Form("Parquet, one logit", "parquet", files.one_logit, files.parquet, 5 * MILLION),
    Form("CSV, 10 logits", "csv", files.ten_logits, files.csv, MILLION),
    Form("Parquet, 10 logits", "parquet", files.ten_logits, files.parquet, 5 * MILLION),
    Form("Arrow IPC, 10 logits", "arrow", files.ten_logits, files.arrow, 5 * MILLION),
    Form(".npz, 10 logits", "npz", files.ten_logits, files.npz, MILLION),
    Form("Parquet, lists of 1,000 float32", "parquet", files.long_lists, files.parquet, 100_000),
    Form("JSON Lines, lists of 1,000", "jsonl", files.long_lists, files.json_lines, 5_000),
)
BY_NAME = {form.name: form for form in FORMS}
