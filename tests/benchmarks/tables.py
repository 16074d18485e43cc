"""The tables by name: of a folder, a share of the rows and a number of runs, the header and the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.benchmarks.comparing import peers
from tests.benchmarks.growing import memory, scaling
from tests.benchmarks.looking import looking
from tests.benchmarks.many import many
from tests.benchmarks.reading import breakdown, join, options, speed
from tests.benchmarks.stages import stages

Table = Callable[[Path, float, int], Iterator[Sequence[str]]]
TABLES: dict[str, Table] = {
    "peers": peers, "memory": memory, "scaling": scaling, "speed": speed, "join": join, "breakdown": breakdown,
    "options": options, "stages": stages, "looking": looking, "many": many,
}  # fmt: skip
