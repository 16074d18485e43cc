"""Rows a second and peak memory of each form, memory against the number of rows, and a join of ids."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
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

    def made(self, folder: Path, rows: int) -> Path:
        """The file with this many rows."""
        name = f"{self.tables.__name__}-{rows}.{self.suffix}"
        return files.make(folder / name, self.write, self.tables, rows)

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
FLAT = ("CSV, two classes", "CSV, two classes, standard input", "JSON Lines, two classes", "Parquet, two classes")
BROKEN_DOWN = (
    "CSV, two classes", "Parquet, two classes", "Parquet, one logit", "Parquet, 10 logits",
    "Parquet, lists of 1,000 float32",
)  # fmt: skip


def speed(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """A line for each form."""
    yield "form", "rows", "seconds", "rows/s", "peak MiB"
    for form in FORMS:
        rows = int(form.rows * share)
        found = form.measured(folder, rows, times)
        yield form.name, f"{rows:,}", f"{found.seconds:.2f}", f"{rows / found.seconds:,.0f}", f"{found.peak:.0f}"


def memory(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Peak memory of files of 1 and of 20 million rows."""
    few, many = int(MILLION * share), int(20 * MILLION * share)
    yield "form", f"MiB at {few:,} rows", f"MiB at {many:,} rows"
    for form in (form for form in FORMS if form.name in FLAT):
        peaks = [form.measured(folder, rows, 1).peak for rows in (few, many)]
        yield form.name, *(f"{peak:.0f}" for peak in peaks)


def join(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Predictions and a label file in another order, joined by id."""
    rows = int(10 * MILLION * share)
    yield "join by id", "rows", "seconds", "peak MiB"
    for suffix, write in (("csv", files.csv), ("parquet", files.parquet)):
        predictions = files.make(folder / f"predictions-{rows}.{suffix}", write, files.predictions, rows)
        labels = files.make(folder / f"labels-{rows}.{suffix}", write, files.labels, rows)
        found = median([run(xent(predictions, "--labels", labels, "--on", "id")) for _ in range(times)])
        yield suffix, f"{rows:,}", f"{found.seconds:.2f}", f"{found.peak:.0f}"


def breakdown(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """What the breakdown costs: runs with and without it in turn, and the median of their ratios."""
    yield "form", "rows", "seconds", "seconds without the breakdown", "ratio", "peak MiB", "peak MiB without"
    for form in (form for form in FORMS if form.name in BROKEN_DOWN):
        rows = int(form.rows * share)
        path = form.made(folder, rows)
        run(xent(path))  # so that the file is in memory
        pairs = [(run(xent(path)), run(xent(path, "--no-breakdown"))) for _ in range(times)]
        with_it, without = (median(runs) for runs in zip(*pairs, strict=True))
        ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
        seconds = f"{with_it.seconds:.2f}", f"{without.seconds:.2f}", f"{ratio:.2f}"
        yield form.name, f"{rows:,}", *seconds, f"{with_it.peak:.0f}", f"{without.peak:.0f}"


TABLES = {"speed": speed, "memory": memory, "join": join, "breakdown": breakdown}
