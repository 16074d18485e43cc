"""Where the time of `xent score` goes: a profile of one thread, after everything is loaded, by stage.

`python -m tests.benchmarks.stages SMALL FILE` prints the seconds of each stage of FILE as JSON; SMALL is a file of
the same form, scored first so that all modules are loaded.
"""

from __future__ import annotations

import cProfile
import json
import pstats
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.benchmarks.forms import BY_NAME
from tests.benchmarks.measure import run
from xentcli.analysis.request import EngineRequest, InputRequest, ScoreRequest
from xentcli.analysis.score import score_files

FORMS = (
    "Parquet, 10 logits",
    "Parquet, two classes",
    "CSV, two classes",
    "CSV, 10 logits",
    "Parquet, lists of 1,000 float32",
)
WHOLE, READING = "whole", "reading"
# The functions of a stage: the end of their file's path, and their name.
STAGES = {
    "columns to arrays": [("decoding/decode.py", "decode")],
    "each row's scores": [("engine/scoring.py", "_scores")],
    "totals": [("engine/scoring.py", "totals")],
    "merging": [("engine/totals.py", "merge")],
    "fits": [("core/breakdown.py", "breakdown_of")],
}
EXACT_SUMS = "exact sums"
_SUMS = [
    ("core/kernel.py", name)
    for name in ("places", "add_rows", "add_by", "add_products", "add_weighted_twice", "carry")
]
_ALL = [("analysis/score.py", "score_files")]


def stages(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Seconds by stage; exact sums are part of the totals."""
    yield ("work", "rows", WHOLE, READING, *STAGES, f"of the totals: {EXACT_SUMS}")
    for form in map(BY_NAME.__getitem__, FORMS):
        rows = round(form.rows * share)
        paths = str(form.made(folder, 1000)), str(form.made(folder, rows))
        runs = [run([sys.executable, "-m", "tests.benchmarks.stages", *paths]) for _ in range(times)]
        found = min((json.loads(each.stdout) for each in runs), key=lambda seconds: seconds[WHOLE])
        yield (form.name, f"{rows:,}", *(f"{found[name]:.2f}" for name in (WHOLE, READING, *STAGES, EXACT_SUMS)))


def profiled(small: str, path: str) -> dict[str, float]:
    """Seconds of each stage, of reading as what is left, and of all."""
    score_files(_of_one_thread(small))
    profile = cProfile.Profile()
    profile.runcall(score_files, _of_one_thread(path))
    return of_stats(pstats.Stats(profile))


def _of_one_thread(path: str) -> ScoreRequest:
    return ScoreRequest(InputRequest((path,)), engine=EngineRequest(threads=1))


def of_stats(stats: pstats.Stats) -> dict[str, float]:
    """The same from the figures of a profile."""
    found = {name: _seconds(stats, functions) for name, functions in STAGES.items()}
    whole = _seconds(stats, _ALL)
    return {WHOLE: whole, READING: whole - sum(found.values()), **found, EXACT_SUMS: _seconds(stats, _SUMS)}


def _seconds(stats: pstats.Stats, functions: Sequence[tuple[str, str]]) -> float:
    """Time in these functions and in all that they call."""
    times: dict[tuple[str, int, str], tuple[int, int, float, float, object]] = stats.stats  # type: ignore[attr-defined]
    return sum(
        cumulative
        for (file, _, name), (_, _, _, cumulative, _) in times.items()
        if any(file.endswith(f"xentcli/{end}") and name == wanted for end, wanted in functions)
    )


if __name__ == "__main__":
    print(json.dumps(profiled(*sys.argv[1:])))
