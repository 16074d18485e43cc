"""The histogram of row losses."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.analysis.plotting.models import Model
from xentcli.core.cells import bin_start
from xentcli.errors import RequestError, Where
from xentcli.results.pictures import LossBin, LossesPicture, ModelLosses
from xentcli.units import Unit

_OCTAVE = 512  # cells
_FEW_OCTAVES = 20  # up to which a bin is half of one
_SMALLEST = 60  # octaves above the first cell: losses below 2^-20 nats share a bin

_Bins = dict[int, tuple[float, float]]  # share of the rows and of the loss by number of the bin


def losses_picture(models: Sequence[Model], unit: Unit) -> LossesPicture:
    """The losses of each model, on bins from the smallest of all to the largest.

    Raises `RequestError` where no row has a finite loss, and where no row has any.
    """
    totals = [model.scored("losses")[0].totals.state.losses for model in models]
    used = [number for each in totals for number, _, _ in each.cells.bins(_OCTAVE, each.weight)]
    if not used:
        hint = "xent plot confusions tells which classes such rows are of"
        message = "every row has an infinite loss: the picture losses has nothing to draw"
        raise RequestError("infinite", message, hint=hint, where=Where(models[0].file))
    if all(model.scored("losses")[1].metrics.log_loss == 0 for model in models):
        message = "every row has a loss of 0: there is no loss to draw"
        hint = "xent plot reliability draws such rows"
        raise RequestError("no_loss", message, hint=hint, where=Where(models[0].file))
    few = max(used) - max(min(used), _SMALLEST) <= _FEW_OCTAVES
    cells, floor = (_OCTAVE // 2, 2 * _SMALLEST) if few else (_OCTAVE, _SMALLEST)
    found = [_shares(each.cells.bins(cells, each.weight), floor) for each in totals]
    numbers = {number for each in found for number in each}
    edges = range(min(numbers), max(numbers) + 1)
    factor = unit.of(1.0)
    drawn = tuple(
        ModelLosses(
            name=model.name,
            bins=tuple(_bin(number, cells, floor, each.get(number, (0.0, 0.0)), factor) for number in edges),
            log_loss=model.scored("losses")[1].metrics.log_loss or 0.0,
            infinite_rows=losses.counts.infinite,
        )
        for model, each, losses in zip(models, found, totals, strict=True)
    )
    weighted = any(model.scored("losses")[1].signature.weighted for model in models)
    return LossesPicture(drawn, unit, weighted)


def _shares(bins: list[tuple[int, float, float]], floor: int) -> _Bins:
    """The shares by number of the bin; what is below `floor` counts in the bin before it."""
    found: _Bins = {}
    for number, rows, loss in bins:
        at = max(number, floor - 1)
        before = found.get(at, (0.0, 0.0))
        found[at] = before[0] + rows, before[1] + loss
    return found


def _bin(number: int, cells: int, floor: int, shares: tuple[float, float], factor: float) -> LossBin:
    low = 0.0 if number < floor else bin_start(number, cells)
    return LossBin(low * factor, bin_start(number + 1, cells) * factor, *shares)
