"""`xent score` and what people use today, whole processes in turn on one file: time, memory, one log loss."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.forms import BY_NAME, Form
from tests.benchmarks.measure import Run, in_turn, median, run, xent
from tests.benchmarks.peers import THREADS

FEWEST_ROWS = 500  # smaller files are too small to break down, and the same in time


@dataclass(frozen=True)
class Peer:
    """Another way to the log loss of a file."""

    name: str
    module: str = ""  # of tests.benchmarks.peers; none: the time to import NumPy and pyarrow
    form: str = "bare"
    tolerance: float = 1e-9  # of its log loss, relative

    def command(self, work: str, path: Path) -> list[str]:
        """The whole process."""
        if not self.module:
            return [sys.executable, "-c", "import numpy, pyarrow"]
        return [sys.executable, "-m", f"tests.benchmarks.peers.{self.module}", self.form, work, str(path)]


@dataclass(frozen=True)
class Bar:
    """How much of the time of the fastest of some peers `xent score` may take with its full report."""

    limit: float
    peers: Sequence[Peer]
    of: str = ""  # what the peers compute

    def cell(self, show: Callable[[Peer], str]) -> str:
        """Something of each peer."""
        return f"{self.of}: " * bool(self.of) + ", ".join(map(show, self.peers))


@dataclass(frozen=True)
class Work:
    """A file, and the bars that hold for it."""

    form: Form
    bars: Sequence[Bar]
    rows: int = 0  # otherwise the form's
    repeats: int = 1  # times as many runs as others: short ones vary more

    @property
    def peers(self) -> list[Peer]:
        """All that are run."""
        return [peer for bar in self.bars for peer in bar.peers]


DUCKDB, POLARS, SCIKIT_LEARN = "duckdb_query", "polars_query", "pandas_sklearn"
QUERIES = [Peer("DuckDB", DUCKDB), Peer("polars", POLARS)]
FULL_QUERIES = [Peer("DuckDB", DUCKDB, "same"), Peer("polars", POLARS, "same")]
FULL_SCRIPT = [Peer("pandas + scikit-learn", SCIKIT_LEARN, "same")]
TORCH = Peer("torch", "torch_cross_entropy", tolerance=1e-5)  # sums float32
IMPORTS = Peer('`python -c "import numpy, pyarrow"`')
BARE, SAME = "log loss, accuracy", "same metrics"
WORKS = (
    Work(
        BY_NAME["Parquet, 10 logits"],
        [Bar(1.0, QUERIES, BARE), Bar(0.8, FULL_QUERIES, SAME), Bar(1 / 20, FULL_SCRIPT, SAME)],
    ),
    Work(BY_NAME["Parquet, two classes"], [Bar(1.5, QUERIES, BARE), Bar(0.9, FULL_QUERIES, SAME)]),
    Work(BY_NAME["CSV, two classes"], [Bar(0.8, QUERIES, BARE)]),
    Work(BY_NAME["CSV, 10 logits"], [Bar(0.6, QUERIES, BARE)]),
    Work(BY_NAME["Parquet, lists of 1,000 float32"], [Bar(1 / 4, [TORCH], BARE)]),
    Work(
        BY_NAME["CSV, two classes"], [Bar(1 / 5, FULL_SCRIPT, SAME), Bar(1.2, [IMPORTS])], FEWEST_ROWS, repeats=3
    ),
)


def peers(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """A line for each bar; the ratio is the median of the ratios of runs in turn."""
    yield "work", "xent, s", "peers, s", "ratio to the fastest", "bar", "peak MiB", "peers' peak MiB"
    for work in WORKS:
        yield from _lines(work, folder, share, times)


def _lines(work: Work, folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    rows = max(int((work.rows or work.form.rows) * share), FEWEST_ROWS)
    path = work.form.made(folder, rows)
    found = measured(work, path, times)
    own = found[None]
    medians = {peer: median(runs) for peer, runs in found.items()}
    for bar in work.bars:
        fastest = found[min(bar.peers, key=lambda peer: medians[peer].seconds)]
        ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in zip(own, fastest, strict=True))
        yield (
            f"{work.form.name}, {rows:,} rows",
            f"{medians[None].seconds:.2f}",
            bar.cell(lambda peer: f"{peer.name} {medians[peer].seconds:.2f}"),
            f"{ratio:.2f}",
            f"≤ {bar.limit:.2f}",
            f"{medians[None].peak:,.0f}",
            ", ".join(f"{medians[peer].peak:,.0f}" for peer in bar.peers),
        )


def measured(work: Work, path: Path, times: int) -> dict[Peer | None, list[Run]]:
    """The runs of xent (None) and of each peer, in turn. Exits where one disagrees about the log loss."""
    options = "--threads", str(THREADS), "--quiet"
    known = json.loads(run(xent(path, *options)).stdout)["metrics"]["log_loss"]  # and the file is in memory now
    commands = [[*xent(path, *options), "--format", "table"]]  # what people see: the last format counts
    commands += [peer.command(work.form.tables.__name__, path) for peer in work.peers]
    found = dict(zip((None, *work.peers), in_turn(commands, times * work.repeats), strict=True))
    for peer in work.peers:
        for one in found[peer] if peer.module else ():
            agree(peer, json.loads(one.stdout)["log_loss"], known)
    return found


def agree(peer: Peer, found: float, known: float) -> None:
    """Exit if the two log losses differ by more than the peer's tolerance: a fast wrong number is no peer."""
    if not abs(found - known) <= peer.tolerance * abs(known):
        raise SystemExit(f"{peer.name} ({peer.form}) finds a log loss of {found!r}, xent {known!r}")
