"""The result of `xent gate`: the verdict, the requirements with the worst first, and the scores they are about."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.parts import Number, ResultPart
from xentcli.results.result import FlatRow, InputInfo, Result
from xentcli.results.score import ScoreResult
from xentcli.results.verdicts import Gate, Verdict, overall_verdict
from xentcli.units import Unit
from xentcli.wording import plural


class BaselineChange(ResultPart, frozen=True):
    """A number of the baseline beside that of today, in the result's unit; None: not available."""

    name: str  # as in `metrics` or `breakdown`
    baseline: Number
    value: Number

    @property
    def difference(self) -> Number:
        """`value - baseline`; infinite where only today's is, None where that says nothing."""
        if self.baseline is None or self.value is None:
            return None
        found = self.value - self.baseline
        return found if found == math.inf or math.isfinite(found) else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self._json(("name", "baseline", "value", "difference"))


class GateResult(Result, frozen=True):
    """What became of the requirements on a file, and its scores."""

    format = "xent.gate"
    flat_columns = ScoreResult.flat_columns
    keys = ("version", "verdict", "unit", "gates", "baseline", "changes", "score")

    gates: tuple[Gate, ...]  # worst first
    score: ScoreResult
    baseline: str | None = None  # the file
    changes: tuple[BaselineChange, ...] = ()  # against the baseline; empty without

    @property
    def version(self) -> str:
        """Of xent."""
        return self.score.version

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return overall_verdict(self.gates)

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """Those of the scores."""
        return self.score.doubts

    @property
    def unit(self) -> Unit:
        """Of every amount of information."""
        return self.score.unit

    @property
    def rows(self) -> int:
        """Of positive weight."""
        return self.score.rows

    @property
    def inputs(self) -> tuple[InputInfo, ...]:
        """Those of the scores."""
        return self.score.inputs

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield self.verdict
        yield plural(len(self.gates), "requirement")
        yield from replace(self.score, gates=()).headline()

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple, those of the score after those of the requirements."""
        return self.score.to_rows()


class Verdicts(Protocol):
    """What reports of verdicts show, such as JUnit XML."""

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The worst first."""

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""

    @property
    def doubts(self) -> tuple[Notice, ...]:
        """What puts the numbers in doubt."""

    @property
    def rows(self) -> int:
        """Of positive weight."""

    @property
    def unit(self) -> Unit:
        """Of every amount of information."""

    @property
    def inputs(self) -> tuple[InputInfo, ...]:
        """What the requirements are about."""

    @property
    def baseline(self) -> str | None:
        """What limits hang on."""


class ModelVerdicts(Struct, frozen=True):
    """The verdicts on several models."""

    gates: tuple[Gate, ...]  # worst first
    doubts: tuple[Notice, ...]
    rows: int
    unit: Unit
    inputs: tuple[InputInfo, ...]
    baseline: str | None = None

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return overall_verdict(self.gates)
