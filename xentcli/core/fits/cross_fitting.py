"""What recalibrations gain on rows that their fits have not seen, and which of them to choose.

Each fold is predicted by fits to the others, or to those before it. Which method is `auto` is chosen anew for each
fold, by folds of the rows that are fitted to: so its gain is not that of the luckiest of many.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from msgspec import Struct

from xentcli.core.exact import FloatArray
from xentcli.core.fits.fitted import Fitted, unchanged
from xentcli.core.fits.folds import for_fitting
from xentcli.core.fits.methods import fit
from xentcli.core.fits.rows import FitRows

ONE_SIDED = 1.6448536269514722  # normal quantile of 95 %
_ROUNDING = 1e-12  # of a log loss: less is no difference but what float64 leaves of none
_INNER_FOLDS = 5  # at most, among which `auto` chooses
NONE = "none"


class Gain(Struct, frozen=True, eq=False):
    """What a method does: losses are means in nats, of rows of finite loss.

    The gain is mean(stated loss - loss of a fit that has not seen the row); None where no fold can be predicted.
    """

    method: str
    fitted: Fitted  # to all rows
    in_sample: float
    cross_fitted: float | None
    gain: float | None
    se: float | None  # paired
    low: float | None  # gain less 1.645 s, where s allows for half of what the gain in-sample is above it as well
    verdict: Literal["helps", "hurts", "not shown"]


class CrossFit(Struct, frozen=True, eq=False):
    """The gain of each method, that of choosing among them, and the fit on all rows of the one chosen."""

    log_loss: float
    gains: tuple[Gain, ...]
    auto: Gain | None  # None if there was nothing to choose
    chosen: Fitted
    by_fold: tuple[Fitted | None, ...]  # what has not seen a fold, and is for its rows; None where nothing is


class _Fits:
    """Fits to sets of folds, each made once."""

    def __init__(self, folds: Sequence[FitRows]) -> None:
        self.folds = folds
        self._fitted_to = for_fitting(folds)
        self._fits: dict[tuple[str, tuple[int, ...]], Fitted] = {}

    def rows(self, numbers: Sequence[int]) -> FitRows:
        """The rows of folds."""
        return FitRows.join([self.folds[number] for number in numbers])

    def fit(self, method: str, numbers: Sequence[int]) -> Fitted:
        """The fit of a method to the rows of folds."""
        key = method, tuple(sorted(numbers))
        if key not in self._fits:
            self._fits[key] = fit(method, FitRows.join([self._fitted_to[number] for number in key[1]]))
        return self._fits[key]


def cross_fit(
    folds: Sequence[FitRows], methods: Sequence[str], *, choose: bool, forward: bool = False, mended: float = 0.0
) -> CrossFit:
    """Fit methods to folds, none of them empty, and choose one; with nothing to `choose`, the first stands.

    With `forward`, folds are in the order of time, and each is predicted from those before it. `mended` is what
    any recalibration gains beyond that, as its predictions sum to 1.
    """
    fits, numbers = _Fits(folds), range(len(folds))
    seen = {k: [j for j in numbers if (j < k if forward else j != k)] for k in numbers}
    tested = [k for k in numbers if seen[k]]
    every = fits.rows(numbers)
    rows = fits.rows(tested) if tested else None
    on_all = {method: fits.fit(method, numbers) for method in methods}
    losses = {method: _losses(fits, {k: fits.fit(method, seen[k]) for k in tested}) for method in methods}
    gains = tuple(_gain(method, on_all[method], losses[method], every, rows, mended) for method in methods)
    stated = every.mean(every.losses())
    if not choose:
        by_fold = tuple(fits.fit(methods[0], seen[k]) if seen[k] else None for k in numbers)
        return CrossFit(stated, gains, None, on_all[methods[0]], by_fold)
    best = _choose(losses, {m: f.parameters for m, f in on_all.items()}, rows)
    chosen = on_all.get(best, unchanged(every.classes))
    choices = {k: fits.fit(_inner_choice(fits, methods, seen[k], forward=forward), seen[k]) for k in tested}
    auto = _gain("auto", chosen, _losses(fits, choices), every, rows, mended)
    if auto.verdict != "helps":
        chosen, choices = unchanged(every.classes), {}
    return CrossFit(stated, gains, auto, chosen, tuple(map(choices.get, numbers)))


def gain_of(fitted: Fitted, rows: FitRows, mended: float) -> Gain:
    """What a recalibration does that was not fitted to these rows."""
    return _gain(fitted.method, fitted, fitted.losses(rows), rows, rows, mended)


def _losses(fits: _Fits, by_fold: Mapping[int, Fitted]) -> FloatArray:
    """Losses of the rows of folds, each under a fit that has not seen it."""
    found = [fitted.losses(fits.folds[k]) for k, fitted in by_fold.items()]
    return np.concatenate(found) if found else np.empty(0)


def _inner_choice(fits: _Fits, methods: Sequence[str], numbers: Sequence[int], *, forward: bool) -> str:
    """The choice by folds of these folds; `none` of fewer than two."""
    groups = [part.tolist() for part in np.array_split(np.array(numbers), min(_INNER_FOLDS, len(numbers)))]
    rest: dict[int, list[int]] = {}
    for i in range(len(groups)):
        others = groups[:i] if forward else [each for j, each in enumerate(groups) if j != i]
        if others:
            rest[i] = [number for group in others for number in group]
    if not rest:
        return NONE
    tested = [(number, rest[i]) for i in rest for number in groups[i]]
    losses = {
        method: np.concatenate([fits.fit(method, seen).losses(fits.folds[k]) for k, seen in tested])
        for method in methods
    }
    parameters = {method: fits.fit(method, numbers).parameters for method in methods}
    return _choose(losses, parameters, fits.rows([k for k, _ in tested]))


def _choose(losses: Mapping[str, FloatArray], parameters: Mapping[str, int], rows: FitRows | None) -> str:
    """The method of fewest parameters whose loss is within one paired standard error of the least."""
    if rows is None:
        return NONE
    of_all = {NONE: rows.losses(), **losses}
    size = {NONE: 0, **parameters}
    means = {method: rows.mean(each) for method, each in of_all.items()}
    best = min(means, key=lambda method: (means[method], size[method]))
    near = [best]
    for method, each in of_all.items():
        if method == best or not math.isfinite(means[method]):
            continue
        above = each - of_all[best]
        se = rows.standard_error(above)
        if se is not None and rows.mean(above) <= se:
            near.append(method)
    return min(near, key=lambda method: (size[method], means[method]))


def _gain(
    method: str, on_all: Fitted, losses: FloatArray, every: FitRows, rows: FitRows | None, mended: float
) -> Gain:
    in_sample = every.mean(on_all.losses(every))
    if rows is None:
        return Gain(method, on_all, in_sample, None, None, None, None, "not shown")
    cross_fitted, saved = rows.mean(losses), rows.losses() - losses
    gain = rows.mean(saved)
    if not math.isfinite(gain):
        return Gain(method, on_all, in_sample, cross_fitted, None, None, None, "hurts")
    se = rows.standard_error(saved)
    if se is None:
        return Gain(method, on_all, in_sample, cross_fitted, gain, None, None, "not shown")
    stated = every.mean(every.losses())
    optimism = stated - in_sample - gain
    gain += mended if on_all.method != NONE else 0.0
    if abs(gain) <= _ROUNDING * stated:
        gain = 0.0
    reach = ONE_SIDED * math.hypot(se, optimism / 2)
    verdict: Literal["helps", "hurts", "not shown"] = "not shown"
    if abs(gain) > reach:
        verdict = "helps" if gain > 0 else "hurts"
    return Gain(method, on_all, in_sample, cross_fitted, gain, se, gain - reach, verdict)
