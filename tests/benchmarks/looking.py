"""What it costs to look every night at two models on rows that grow: how often a test errs, and when it finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from xentcli.core.numbers.anytime import LEVEL, half_width
from xentcli.core.numbers.distributions import student_t_quantile
from xentcli.core.paired import POWER

NIGHTS, PER_NIGHT = 30, 200
ROWS = NIGHTS * PER_NIGHT  # in the end, which --anytime plans for
ONE_LOOK = ROWS // 2  # rows that one t-test would take to find the difference with a power of 80 %
RUNS, BATCH = 4000, 200

Found = NDArray[np.bool_]  # (runs, nights): whether a test finds a difference


class Looks(Struct, frozen=True):
    """What each test finds each night, of models that do not differ and of models that do."""

    alike: dict[str, Found]
    unlike: dict[str, Found]

    def errs(self, test: str) -> float:
        """The share of runs with a difference found on any night, though there is none."""
        return float(self.alike[test].any(axis=1).mean())

    def rows_for(self, test: str, power: float = 0.8) -> int | None:
        """After how many rows a difference has been found in so many runs; None: not within the nights."""
        share = np.logical_or.accumulate(self.unlike[test], axis=1).mean(axis=0)
        enough = np.flatnonzero(share >= power)
        return int(enough[0] + 1) * PER_NIGHT if enough.size else None


def looks_of(runs: int, seed: int = 0) -> Looks:
    """So many runs of all nights."""
    random, alike, unlike = np.random.default_rng(seed), [], []
    for _ in range(0, runs, BATCH):
        d = loss_differences(random, (min(BATCH, runs), ROWS))
        alike.append(found_by_night(d))
        unlike.append(found_by_night(d - POWER * d.std() / np.sqrt(ONE_LOOK)))
    return Looks(_joined(alike), _joined(unlike))


def loss_differences(random: np.random.Generator, shape: tuple[int, int]) -> NDArray[np.float64]:
    """Of two models that know the log-odds of a row equally well, each with an error of its own."""
    log_odds = random.normal(0, 2, shape)
    sign = np.where(random.random(shape) < 1 / (1 + np.exp(-log_odds)), -1.0, 1.0)
    new, base = (np.logaddexp(0, sign * (log_odds + random.normal(0, 1, shape))) for _ in range(2))
    difference: NDArray[np.float64] = new - base
    return difference


def found_by_night(d: NDArray[np.float64]) -> dict[str, Found]:
    """Whether the interval of each test leaves 0 out, of differences `(runs, ROWS)`."""
    sizes = PER_NIGHT * np.arange(1, NIGHTS + 1)
    total, squares = np.cumsum(d, axis=1)[:, sizes - 1], np.cumsum(d * d, axis=1)[:, sizes - 1]
    standard_errors = np.abs(total) / np.sqrt((squares - total * total / sizes) * sizes / (sizes - 1))
    student = [student_t_quantile((1 + LEVEL) / 2, n - 1) for n in sizes.tolist()]
    sequence = [half_width(1.0, n, ROWS, LEVEL) for n in sizes.tolist()]
    return {"t-test": standard_errors > student, f"--anytime {ROWS}": standard_errors > sequence}


def _joined(parts: Sequence[dict[str, Found]]) -> dict[str, Found]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def looking(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Each test at 5 %, looked at on every night."""
    yield f"{NIGHTS} nights of {PER_NIGHT} rows", "finds what is not there", "finds what is there in 80 %, rows"
    found = looks_of(max(1, int(RUNS * share)))
    once = found.alike["t-test"][:, -1].mean()
    yield "t-test, one look", f"{100 * once:.1f} %", f"{ONE_LOOK:,}"
    for test in found.alike:
        rows = found.rows_for(test)
        yield f"{test}, every night", f"{100 * found.errs(test):.1f} %", "more" if rows is None else f"{rows:,}"
