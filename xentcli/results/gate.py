"""The result of `xent gate`: the verdict, the requirements with the worst first, and the scores they are about."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct

from xentcli.results.outcome import Gate, Verdict
from xentcli.results.parts import Number, json_value
from xentcli.results.score import FORMAT_VERSION, FlatRow, ScoreResult
from xentcli.units import Unit

_ORDER: tuple[Verdict, ...] = ("fail", "undecided", "pass")


class Change(Struct, frozen=True):
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
        numbers = ("baseline", "value", "difference")
        return {"name": self.name, **{name: json_value(getattr(self, name)) for name in numbers}}


class GateResult(Struct, frozen=True):
    """What became of the requirements on a file, and its scores."""

    format: ClassVar[str] = "xent.gate"
    flat_columns: ClassVar[tuple[str, ...]] = ScoreResult.flat_columns

    gates: tuple[Gate, ...]  # worst first
    score: ScoreResult
    baseline: str | None = None  # the file
    changes: tuple[Change, ...] = ()  # against the baseline; empty without

    @property
    def verdict(self) -> Verdict:
        """The worst of all."""
        return overall(self.gates)

    @property
    def unit(self) -> Unit:
        """Of every amount of information."""
        return self.score.unit

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `xent gate --format json`."""
        return {
            "format": self.format,
            "format_version": FORMAT_VERSION,
            "xent": self.score.version,
            "verdict": self.verdict,
            "unit": self.unit.value,
            "gates": [gate.to_dict() for gate in self.gates],
            "baseline": self.baseline,
            "changes": [change.to_dict() for change in self.changes],
            "score": self.score.to_dict(),
        }

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple, those of the score after those of the requirements."""
        return self.score.to_rows()


def overall(gates: Sequence[Gate]) -> Verdict:
    """A fail fails all; else what is undecided leaves all undecided."""
    verdicts = {gate.verdict for gate in gates}
    return next((verdict for verdict in _ORDER if verdict in verdicts), "pass")
