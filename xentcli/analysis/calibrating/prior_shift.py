"""From the class frequencies that are asked for to a prior shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from msgspec import Struct

from xentcli.analysis.calibrating.request import ESTIMATE, PriorShift
from xentcli.analysis.prior import Prior, prior_of
from xentcli.analysis.request import InputRequest
from xentcli.core.exact import FloatArray
from xentcli.core.fits.fitted import Fitted
from xentcli.core.fits.prior_shift import MOST_STEPS, estimate_frequencies, shift_of, shift_of_kept
from xentcli.core.fits.rows import FitRows
from xentcli.errors import ContentError, RequestError

PRIOR = "prior"


class Frequencies(Struct, frozen=True):
    """Class frequencies as they were given, each file read once; None where there are none."""

    before: Prior | None
    after: Prior | None  # None as well where they are to be estimated
    kept: Prior | None

    @classmethod
    def of(cls, shift: PriorShift, inputs: InputRequest) -> Self:
        """Those of a request; raises as `prior_of` does."""
        after = None if shift.after == ESTIMATE else shift.after
        return cls(*(prior_of(given, inputs) for given in (shift.before, after, shift.kept)))


def shifted(frequencies: Frequencies, classes: Sequence[str], every: FitRows) -> Fitted:
    """Predictions for rows of other class frequencies, which are estimated where there are none.

    Raises `RequestError` for frequencies that are none, `ContentError` where they cannot be estimated.
    """
    if frequencies.kept is not None:
        kept = _by_class(frequencies.kept, "--kept", classes, whole=False)
        return Fitted(PRIOR, np.ones(len(classes)), shift_of_kept(kept), len(classes) - 1)
    before = _class_mix(every)
    if frequencies.before is not None:
        before = _by_class(frequencies.before, "--prior-from", classes)
    if frequencies.after is not None:
        after = _by_class(frequencies.after, "--prior-to", classes)
    else:
        after = _estimated(every, classes, before)
    return Fitted(PRIOR, np.ones(len(classes)), shift_of(before, after), len(classes) - 1)


def _estimated(every: FitRows, classes: Sequence[str], before: FloatArray) -> FloatArray:
    hint = "give them: --prior-to A=0.9,B=0.1"
    after = estimate_frequencies(every.log_q, every.weights, before)
    if after is None:
        message = f"the class frequencies are not settled after {MOST_STEPS:,} steps of Saerens' EM"
        raise ContentError("estimate", message, hint=hint)
    if not (after > 0).all():
        name = classes[int(after.argmin())]
        message = f'the estimated frequency of "{name}" is 0: no prediction gives it a chance'
        raise ContentError("estimate", message, hint=hint)
    return after


def _class_mix(every: FitRows) -> FloatArray:
    """The class frequencies `(K,)` of rows."""
    amounts = np.bincount(every.labels, every.weights, every.classes)
    return np.asarray(amounts / amounts.sum())


def _by_class(prior: Prior, option: str, classes: Sequence[str], *, whole: bool = True) -> FloatArray:
    """Shares `(K,)` > 0 of the classes, which sum to 1 if they are of a `whole`."""
    found = np.array(prior.by_class(classes, option) if whole else prior.amounts_by_class(classes, option))
    if not (found > 0).all():
        name = classes[int(found.argmin())]
        message = f'{option} gives class "{name}" a share of 0'
        raise RequestError(option[2:].replace("-", "_"), message, hint="each class needs one above 0")
    return found
