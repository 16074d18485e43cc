"""What a page of `xent report` shows: scores, verdict, costliest rows, pictures, a comparison, the inputs."""

from __future__ import annotations

from msgspec import Struct

from xentcli.errors import Notice
from xentcli.results.compare import CompareResult
from xentcli.results.gate import GateResult
from xentcli.results.pictures import Picture
from xentcli.results.score import ScoreResult
from xentcli.results.worst import WorstResult


class ReportResult(Struct, frozen=True):
    """The result of `xent report`, in one unit; what cannot be had is None or empty, and `left_out` says why."""

    gate: GateResult  # the scores, and what became of what is required of them
    title: str | None = None  # None: the names of the inputs
    worst: WorstResult | None = None
    comparison: CompareResult | None = None  # with the base
    pictures: tuple[Picture, ...] = ()
    checksums: tuple[tuple[str, str], ...] = ()  # name and SHA-256 of each input that is a file here
    left_out: tuple[str, ...] = ()  # a sentence each

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What is odd about the scores, or about how both models met."""
        of_both = () if self.comparison is None else self.comparison.notices
        return tuple(dict.fromkeys((*self.score.notices, *of_both)))

    @property
    def score(self) -> ScoreResult:
        """The scores."""
        return self.gate.score
