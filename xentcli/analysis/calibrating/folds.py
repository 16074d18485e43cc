"""The folds of a run: which rows a fit has not seen."""

from __future__ import annotations

import math

import numpy as np
from msgspec import Struct

from xentcli.core.fits.folds import MOST_FOLDS
from xentcli.core.fits.rows import FitRows
from xentcli.errors import ContentError, Where
from xentcli.states.run import Run

_MOST_FITTED = 20  # folds, into which more values of a column are joined: each takes some 30 fits


class Folds(Struct, frozen=True, eq=False):
    """The rows of each fold, in order, and its names: several where those next to one another are joined."""

    rows: list[FitRows]
    names: list[list[str]]


def folds_of(run: Run) -> Folds:
    """The folds that have rows, in order; at most 20 of a column."""
    totals, name = run.totals.folds, run.inputs[0].name
    if totals.too_many:
        message = f"has more than {MOST_FOLDS:,} values: each would be a fold"
        hint = "--cluster COL keeps rows of one value in one fold"
        raise ContentError("folds", f'column "{run.columns.keys.fold}" {message}', hint=hint, where=Where(name))
    found = totals.folds(clustered=run.columns.clustered)
    names = sorted(found, key=_order)
    rows = [found[each] for each in names]
    if not rows:
        raise ContentError("no_finite_row", "every row has an infinite loss: nothing to fit to", where=Where(name))
    if run.columns.keys.fold is None or len(rows) <= _MOST_FITTED:
        return Folds(rows, [[each] for each in names])
    ends = np.cumsum([each.counts.sum() for each in rows])
    steps = np.minimum((ends - 1) * _MOST_FITTED // ends[-1], _MOST_FITTED - 1).astype(int).tolist()
    groups = [[at for at, step in enumerate(steps) if step == each] for each in sorted(set(steps))]
    joined = [FitRows.join([rows[at] for at in group]) for group in groups]
    return Folds(joined, [[names[at] for at in group] for group in groups])


def _order(name: str) -> tuple[bool, float, str]:
    """Numbers by size, before texts by their characters: so are dates as 2026-11-29."""
    try:
        number = float(name)
    except ValueError:
        number = math.nan
    return (True, 0.0, name) if math.isnan(number) else (False, number, name)
