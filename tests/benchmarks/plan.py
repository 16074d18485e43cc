"""What a run on many machines needs: measured figures of one split, and the arithmetic for a billion rows.

    python -m tests.benchmarks.plan

prints the two tables of the page on clusters: the plan follows from the figures, which are of one core.
"""

from __future__ import annotations

import math
import pickle
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from xentcli.columns.agreement import resolve_all
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.engine.dask.engine import FAN_IN
from xentcli.engine.dask.reopening import Description
from xentcli.engine.dask.splits import InputSplit, SharedWork, merge_totals, score_split
from xentcli.engine.totals import Plan, Totals
from xentcli.sources.open import open_paths
from xentcli.sources.source import WHOLE, TextOptions

ROWS = 10**9
SPLIT_ROWS = 1 << 20  # a row group as pyarrow writes them unless told
WORKERS = 100
FORMS = {"10 classes, float64 logits": 10, "two classes": 2}
STEPS = 3  # how often splits are told what those before them keep: after 8, 64 and 512


@dataclass(frozen=True)
class Figures:
    """Measured of splits of SPLIT_ROWS rows."""

    file_mb: float  # of Parquet
    seconds: float  # of one core, to read and score it
    state_mb: tuple[float, ...]  # of a split that is told nothing, and of one that is told after 8, 64, 512 splits
    merge_seconds: float  # to merge FAN_IN states of the first kind


@dataclass(frozen=True)
class Needs:
    """What ROWS rows need."""

    splits: int
    merges: int
    depth: int
    read_gb: float
    moved_gb: float  # between workers, if every state that is merged is moved once
    core_minutes: float
    seconds: float  # on WORKERS cores that read as fast as they score


def needs(figures: Figures, rows: int = ROWS, workers: int = WORKERS) -> Needs:
    """What follows from the figures.

    Splits come in groups, as some are told by those before them; a group takes a round for each split of a worker.
    No state is larger than that of a split that is told nothing, and each is moved once at most.
    """
    splits = math.ceil(rows / SPLIT_ROWS)
    ends = [min(splits, FAN_IN**step) for step in range(1, STEPS + 1)] + [splits]
    groups = [end - begin for begin, end in pairwise([0, *ends])]
    merges, depth, states = 0, 0, splits
    while states > 1:
        states = math.ceil(states / FAN_IN)
        merges, depth = merges + states, depth + 1
    leaves = sum(size * state for size, state in zip(groups, figures.state_mb, strict=True))
    rounds = sum(math.ceil(size / workers) for size in groups)
    return Needs(
        splits=splits,
        merges=merges,
        depth=depth,
        read_gb=splits * figures.file_mb / 1000,
        moved_gb=(leaves + merges * max(figures.state_mb)) / 1000,
        core_minutes=splits * figures.seconds / 60,
        seconds=rounds * figures.seconds + depth * figures.merge_seconds,
    )


def measured(classes: int, folder: Path) -> Figures:
    """The figures of a file of one row group, as workers read it."""
    path = folder / f"{classes}.parquet"
    pq.write_table(_table(classes), path, row_group_size=SPLIT_ROWS)
    sources = open_paths([path], TextOptions())
    columns = resolve_all(sources, ColumnSpec())
    work = SharedWork(columns, Policy(), Plan(), Totals.empty(columns[0].class_count))
    source = Description.of(sources[0], TextOptions())

    def score(number: int, work: SharedWork) -> Totals:  # as if each input were another
        return score_split(work, InputSplit(number, source, 0, WHOLE))

    begin = time.process_time()
    first = score(0, work)
    seconds = time.process_time() - begin
    states = [first, *(score(number, work) for number in range(1, FAN_IN))]
    begin = time.process_time()
    whole = merge_totals(states)
    merge_seconds = time.process_time() - begin
    sizes = [_size(first)]
    for step in range(1, STEPS + 1):
        informed = work.informed(whole)
        states = [score(number, informed) for number in range(FAN_IN)]
        sizes.append(_size(states[0]))
        together = merge_totals(states)  # the same splits stand for others: FAN_IN times as many as there are
        for _ in range(FAN_IN**step - FAN_IN ** (step - 1) if step < STEPS else 0):
            whole = whole.merge(together)
    return Figures(path.stat().st_size / 1e6, seconds, tuple(sizes), merge_seconds)


def _table(classes: int) -> pa.Table:
    random = np.random.default_rng(1)
    if classes == 2:
        p = random.random(SPLIT_ROWS)
        return pa.table({"label": (random.random(SPLIT_ROWS) < p).astype(np.int64), "p": p})
    logits = random.normal(size=(classes, SPLIT_ROWS))
    labels = random.integers(0, classes, SPLIT_ROWS)
    return pa.table({"label": labels, **{f"logit_{k}": logits[k] for k in range(classes)}})


def _size(totals: Totals) -> float:
    return len(pickle.dumps(totals, 5)) / 1e6


def figures_table(found: Mapping[str, Figures]) -> str:
    """Markdown."""
    head = "MB a split | seconds of a core | MB of its state | after 8 | after 64 | after 512 | seconds to merge 8"
    rows = [
        (
            name,
            f"{f.file_mb:.1f}",
            f"{f.seconds:.2f}",
            *(f"{mb:.2f}" for mb in f.state_mb),
            f"{f.merge_seconds:.2f}",
        )
        for name, f in found.items()
    ]
    return _markdown(f"form | {head}", rows)


def needs_table(found: Mapping[str, Figures]) -> str:
    """Markdown."""
    head = "form | splits | merges | depth | GB read | GB moved at most | core minutes | seconds on 100 cores"
    rows = []
    for name, figures in found.items():
        n = needs(figures)
        counts = (f"{n.splits}", f"{n.merges}", f"{n.depth}")
        rows.append(
            (
                name,
                *counts,
                f"{n.read_gb:.1f}",
                f"{n.moved_gb:.1f}",
                f"{n.core_minutes:.0f}",
                f"{n.seconds:.0f}",
            )
        )
    return _markdown(head, rows)


def _markdown(head: str, rows: Sequence[Sequence[str]]) -> str:
    line = "|" + "---|" * (head.count("|") + 1)
    return "\n".join([f"| {head} |", line, *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: measured(classes, Path(folder)) for name, classes in FORMS.items()}
    print(figures_table(found), needs_table(found), sep="\n\n")


if __name__ == "__main__":
    main()
