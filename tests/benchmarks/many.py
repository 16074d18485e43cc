"""What many small files cost beyond one file of the same rows."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks import files
from tests.benchmarks.measure import in_turn, median, xent


class Small(NamedTuple):
    """A kind of small files: how it is written, how many there are, and the aim in ms of CPU a file."""

    suffix: str
    write: files.Writer
    number: int
    rows: int  # of each
    aim: float | None = None


SMALL = (
    Small("csv", files.csv, 10_000, 100, 0.3),
    Small("csv.gz", files.csv_gz, 1_000, 100),
    Small("jsonl", files.json_lines, 1_000, 100),
    Small("parquet", files.parquet, 1_000, 1_000),
)


def many(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """A folder of them and one file of the same rows in turn; the median of the differences."""
    yield "many files", "files", "rows", "CPU seconds", "of one file", "ms of CPU a file beyond", "aim", "peak MiB"
    for small in SMALL:
        count = max(2, int(small.number * share))
        rows = count * small.rows
        write = partial(files.parts, write=small.write, suffix=small.suffix, rows=small.rows)
        parts = files.make(folder / f"small-{count}-{small.suffix}", write, files.two_class, rows)
        whole = files.make(folder / f"whole-{rows}.{small.suffix}", small.write, files.two_class, rows)
        pairs = in_turn([xent(parts), xent(whole)], times)
        beyond = statistics.median(1e3 * (a.cpu - b.cpu) / count for a, b in zip(*pairs, strict=True))
        together, one = map(median, pairs)
        aim = "" if small.aim is None else f"≤ {small.aim:.2f}"
        cells = small.suffix, f"{count:,}", f"{rows:,}", f"{together.cpu:.2f}", f"{one.cpu:.2f}", f"{beyond:.2f}"
        yield *cells, aim, f"{together.peak:.0f}"
