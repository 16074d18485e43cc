"""Peak memory against the number of rows, and what the second core is worth."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.benchmarks import files
from tests.benchmarks.forms import BY_NAME, MILLION, Form
from tests.benchmarks.measure import Run, in_turn, median, xent

SIZES = (5, 20, 50)  # millions of rows
FIRST = SIZES[:1]
BAR = 250  # MiB of memory at any size
WHOLE = partial(files.parquet, group=SIZES[0] * MILLION)
ONE_GROUP = (
    Form("Parquet, two classes, one row group", "one-group.parquet", files.two_class, WHOLE, 5 * MILLION),
    Form("Parquet, 10 logits, one row group", "one-group.parquet", files.ten_logits, WHOLE, 5 * MILLION),
)
GROWING = (
    (BY_NAME["CSV, two classes"], SIZES[:2]),
    (BY_NAME["CSV, two classes, standard input"], SIZES[:2]),
    (BY_NAME["JSON Lines, two classes"], SIZES[:2]),
    (BY_NAME["Parquet, two classes"], SIZES),
    (BY_NAME["Parquet, 10 logits"], SIZES),
    *((form, FIRST) for form in ONE_GROUP),
)


def memory(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Peak memory of `xent score` at each size; the larger files are deleted at once."""
    yield "file", *(f"{int(m * MILLION * share):,} rows, MiB" for m in SIZES), "last / first", "bar, MiB"
    for form, sizes in GROWING:
        peaks = [peak(form, folder, int(m * MILLION * share), keep=m in FIRST) for m in sizes]
        known = [found for found in peaks if found is not None]
        cells = [f"{found:.0f}" if found is not None else "no room" for found in peaks]
        growth = f"{known[-1] / known[0]:.2f}" if len(known) > 1 else ""
        yield form.name, *cells, *[""] * (len(SIZES) - len(cells)), growth, f"≤ {BAR:.0f}"


def peak(form: Form, folder: Path, rows: int, *, keep: bool) -> float | None:
    """MiB; None where the disk has no room for the file."""
    there = form.path(folder, rows).exists()
    if not there and form.bytes_of(folder, rows) > shutil.disk_usage(folder).free:
        return None
    found = form.measured(folder, rows, 1).peak
    if not (there or keep):
        form.path(folder, rows).unlink()
    return found


def scaling(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Runs with one thread and with two in turn, less what a file of one row takes."""
    yield "work", "rows", "1 thread, s", "2 threads, s", "1 row, s", "ratio", "bar", "peak MiB"
    form = BY_NAME["Parquet, 10 logits"]
    rows = int(form.rows * share)
    many, one = form.made(folder, rows), form.made(folder, 1)
    commands = [scored(path, threads) for path in (many, one) for threads in (1, 2)]
    single, double, start_single, start_double = map(median, in_turn(commands, times))
    ratio = less(single, start_single) / less(double, start_double)
    seconds = f"{single.seconds:.2f}", f"{double.seconds:.2f}", f"{start_double.seconds:.2f}"
    yield form.name, f"{rows:,}", *seconds, f"{ratio:.2f}", "≥ 1.50", f"{double.peak:.0f}"


def scored(path: Path, threads: int) -> list[str]:
    """A detected logit needs rows of its class, and one row has but one: the columns are named."""
    return xent(path, "--logit", "logit_*", "--threads", str(threads))


def less(work: Run, start: Run) -> float:
    """Seconds of the work itself."""
    return work.seconds - start.seconds
