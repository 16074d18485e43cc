"""What a command is to check: requirements, a confidence, and the file of a baseline.

What checks is imported where something is required: a score without requirements should not wait for it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from xentcli.errors import RequestError

if TYPE_CHECKING:
    from xentcli.gates.requirement import Requirement


class Gating(Struct, frozen=True):
    """Requirements that go together; without any, nothing is checked."""

    requirements: tuple[Requirement, ...] = ()
    confidence: float | None = None  # 0.5 to 1
    baseline: str | None = None  # a file of `xent score --format json`, or a state

    @property
    def slices(self) -> tuple[tuple[str, ...], ...]:
        """The sets of columns whose slices are needed."""
        return tuple(dict.fromkeys(each.sliced_by for each in self.requirements if each.sliced_by))

    @property
    def class_errors(self) -> bool:
        """Whether the standard errors of single classes are needed."""
        return self.confidence is not None and any(each.by_class for each in self.requirements)

    @property
    def areas(self) -> tuple[str, ...]:
        """The models whose AUC is compared with that of a base on the same rows."""
        return tuple(
            each.model
            for each in self.requirements
            if each.model is not None and each.name == "auc" and each.by_baseline
        )


def parse_gating(
    require: Sequence[str],
    confidence: Any = None,
    baseline: Any = None,
    *,
    changes: bool = False,
    paired: bool = False,
    ranked: bool = False,
) -> Gating:
    """The gating that texts ask for, or a `RequestError` for what cannot be checked, whatever the file.

    A baseline that no requirement names would have no effect, unless the `changes` since then are shown. Where
    models are compared (`paired`), one of them is the baseline. Requirements on several (`ranked`) say which they
    are about.
    """
    if not require and confidence is None and baseline is None:
        return Gating()
    from xentcli.gates.check_score import refuse_untestable
    from xentcli.gates.ranges import refuse_out_of_range
    from xentcli.gates.requirement import parse_ranking, parse_requirement

    parse = parse_ranking if ranked else parse_requirement
    requirements, level = tuple(parse(text) for text in require), _level(confidence)
    for each in requirements:
        refuse_out_of_range(each)
    for option, given in (("--confidence", confidence), ("--baseline", baseline)):
        if given is not None and not requirements:
            raise RequestError("no_requirement", f"{option} needs --require", hint="--require 'log_loss <= 0.35'")
    refuse_untestable(requirements, level, with_baseline=paired or baseline is not None)
    if baseline is not None and not changes and not any(each.by_baseline for each in requirements):
        hint = "as in --require 'log_loss <= baseline + 0.01'"
        raise RequestError("no_requirement", "no requirement names the baseline", hint=hint)
    if baseline is not None and not isinstance(baseline, str | os.PathLike):
        raise RequestError("baseline", f"--baseline names a file, not a {type(baseline).__name__}")
    path = None if baseline is None else os.fspath(baseline)
    return Gating(requirements, level, path)


def parse_gains(require: Sequence[str]) -> Gating:
    """The gating that texts ask for of what a recalibration saves; raises as `parse_gating` does."""
    if not require:
        return Gating()
    from xentcli.gates.requirement import parse_gain

    return Gating(tuple(parse_gain(text) for text in require))


def parse_divergence_gating(require: Sequence[str], confidence: Any = None) -> Gating:
    """The gating that texts ask for of how far a model has moved; raises as `parse_gating` does."""
    if not require and confidence is None:
        return Gating()
    from xentcli.gates.check_divergence import refuse_untested_divergence
    from xentcli.gates.ranges import refuse_out_of_range
    from xentcli.gates.requirement import parse_divergence

    requirements, level = tuple(parse_divergence(text) for text in require), _level(confidence)
    if not requirements:
        raise RequestError("no_requirement", "--confidence needs --require", hint="--require 'kl <= 0.01'")
    for each in requirements:
        refuse_out_of_range(each)
    refuse_untested_divergence(requirements, level)
    return Gating(requirements, level)


def _level(given: Any) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, Real):
        raise RequestError("confidence", f"--confidence is a number between 0.5 and 1, not {given!r}")
    return float(given)
