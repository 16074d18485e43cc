"""Rows a second and peak memory of each form, a join of ids, and what the breakdown costs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks import files
from tests.benchmarks.forms import BY_NAME, FORMS, MILLION
from tests.benchmarks.measure import median, run, xent

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


def join(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Predictions and a label file in another order, joined by id."""
    rows = int(10 * MILLION * share)
    yield "join by id", "rows", "seconds", "peak MiB"
    for suffix, write in (("csv", files.csv), ("parquet", files.parquet)):
        predictions = files.make(folder / f"predictions-{rows}.{suffix}", write, files.predictions, rows)
        labels = files.make(folder / f"labels-{rows}.{suffix}", write, files.labels, rows)
        found = median([run(xent(predictions, "--labels", labels, "--on", "id")) for _ in range(times)])
        yield suffix, f"{rows:,}", f"{found.seconds:.2f}", f"{found.peak:.0f}"


OPTIONS: tuple[tuple[str, Sequence[str], Sequence[str], float], ...] = (
    ("--by, 5 values", (), ("--by", "group"), 1.3),
    ("--cluster, 20,000 values", (), ("--cluster", "user"), 1.3),
    ("XENT_SIMD=base", ("env", "XENT_SIMD=base"), (), 2.0),
)


def options(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """What slices, clusters and a CPU without AVX cost: runs with and without in turn, and their ratios."""
    yield "two classes, Parquet, with", "rows", "seconds", "seconds without", "ratio", "bar", "peak MiB"
    rows = int(5 * MILLION * share)
    path = files.make(folder / f"grouped-{rows}.parquet", files.parquet, files.grouped, rows)
    plain = xent(path)
    run(plain)
    for name, before, after, bar in OPTIONS:
        pairs = [(run([*before, *plain, *after]), run(plain)) for _ in range(times)]
        with_it, without = (median(runs) for runs in zip(*pairs, strict=True))
        ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
        seconds = f"{with_it.seconds:.2f}", f"{without.seconds:.2f}", f"{ratio:.2f}"
        yield name, f"{rows:,}", *seconds, f"≤ {bar:.2f}", f"{with_it.peak:.0f}"


def breakdown(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """What the breakdown costs: runs with and without it in turn, and the median of their ratios."""
    yield "form", "rows", "seconds", "seconds without the breakdown", "ratio", "peak MiB", "peak MiB without"
    for form in map(BY_NAME.__getitem__, BROKEN_DOWN):
        rows = int(form.rows * share)
        path = form.made(folder, rows)
        run(xent(path))  # so that the file is in memory
        pairs = [(run(xent(path)), run(xent(path, "--no-breakdown"))) for _ in range(times)]
        with_it, without = (median(runs) for runs in zip(*pairs, strict=True))
        ratio = statistics.median(one.seconds / other.seconds for one, other in pairs)
        seconds = f"{with_it.seconds:.2f}", f"{without.seconds:.2f}", f"{ratio:.2f}"
        yield form.name, f"{rows:,}", *seconds, f"{with_it.peak:.0f}", f"{without.peak:.0f}"
