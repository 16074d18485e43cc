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
from xentcli.analysis.gating.scores import score_files
from xentcli.analysis.request import EngineRequest, InputRequest, ScoreRequest

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
    "rows scored and added up": [("core/kernel.py", "score_block")],
    "totals": [("core/accumulator.py", "state"), ("engine/scoring.py", "totals")],
    "merging": [("engine/totals.py", "merge")],
    "fits": [("core/numbers/breakdown.py", "breakdown_of")],
}
_ALL = [("analysis/gating/scores.py", "score_files")]


def stages(folder: Path, share: float, times: int) -> Iterator[Sequence[str]]:
    """Seconds by stage."""
    yield ("work", "rows", WHOLE, READING, *STAGES)
    for form in map(BY_NAME.__getitem__, FORMS):
        rows = round(form.rows * share)
        paths = str(form.made(folder, 1000)), str(form.made(folder, rows))
        runs = [run([sys.executable, "-m", "tests.benchmarks.stages", *paths]) for _ in range(times)]
        found = min((json.loads(each.stdout) for each in runs), key=lambda seconds: seconds[WHOLE])
        yield (form.name, f"{rows:,}", *(f"{found[name]:.2f}" for name in (WHOLE, READING, *STAGES)))


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
    return {WHOLE: whole, READING: whole - sum(found.values()), **found}


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
