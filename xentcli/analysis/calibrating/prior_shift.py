"""From the class frequencies that are asked for to a prior shift."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xentcli.analysis.calibrating.request import ESTIMATE, CalibrateRequest, Shares
from xentcli.analysis.prior import prior_of
from xentcli.analysis.request import InputRequest
from xentcli.core.exact import FloatArray
from xentcli.core.fits.fitted import Fitted
from xentcli.core.fits.prior_shift import MOST_STEPS, estimate_frequencies, shift_of, shift_of_kept
from xentcli.core.fits.rows import FitRows
from xentcli.errors import ContentError, RequestError

PRIOR = "prior"


def shifted(request: CalibrateRequest, classes: Sequence[str], every: FitRows) -> Fitted:
    """Predictions for rows of other class frequencies.

    Raises `RequestError` for frequencies that are none, `ContentError` where they cannot be estimated.
    """
    shift, inputs = request.shift, request.inputs
    if shift.kept is not None:
        kept = _by_class(shift.kept, "--kept", classes, inputs, whole=False)
        return Fitted(PRIOR, np.ones(len(classes)), shift_of_kept(kept), len(classes) - 1)
    before = _class_mix(every)
    if shift.before is not None:
        before = _by_class(shift.before, "--prior-from", classes, inputs)
    if shift.after == ESTIMATE:
        after = estimate_frequencies(every.log_q, every.weights, before)
        if after is None:
            message = f"the class frequencies are not settled after {MOST_STEPS:,} steps of Saerens' EM"
            raise ContentError("estimate", message, hint="give them: --prior-to A=0.9,B=0.1")
        if not (after > 0).all():
            name = classes[int(after.argmin())]
            message = f'the estimated frequency of "{name}" is 0: no prediction gives it a chance'
            raise ContentError("estimate", message, hint="give them: --prior-to A=0.9,B=0.1")
    else:
        assert shift.after is not None
        after = _by_class(shift.after, "--prior-to", classes, inputs)
    return Fitted(PRIOR, np.ones(len(classes)), shift_of(before, after), len(classes) - 1)


def _class_mix(every: FitRows) -> FloatArray:
    """The class frequencies `(K,)` of rows."""
    amounts = np.bincount(every.labels, every.weights, every.classes)
    return np.asarray(amounts / amounts.sum())


def _by_class(
    given: Shares | str, option: str, classes: Sequence[str], inputs: InputRequest, *, whole: bool = True
) -> FloatArray:
    """Shares `(K,)` > 0 of the classes, which sum to 1 if they are of a `whole`."""
    prior = prior_of(given, inputs)
    assert prior is not None
    found = np.array(prior.by_class(classes, option) if whole else prior.amounts_by_class(classes, option))
    if not (found > 0).all():
        name = classes[int(found.argmin())]
        message = f'{option} gives class "{name}" a share of 0'
        raise RequestError(option[2:].replace("-", "_"), message, hint="each class needs one above 0")
    return found
