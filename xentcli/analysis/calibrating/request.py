"""What `xent calibrate` may be asked."""

from __future__ import annotations

import os

from msgspec import Struct, field

from xentcli.analysis.request import EngineRequest, InputRequest, refuse_no_count, refuse_no_path
from xentcli.core.batch import Policy
from xentcli.errors import MOST_ROWS, RequestError
from xentcli.gates.gating import Gating
from xentcli.results.calibrate import AUTO, CHOICES
from xentcli.units import Unit

Shares = tuple[tuple[str, float], ...]

_MOST_FOLDS = 100  # by chance: each takes fits of its own


class PriorShift(Struct, frozen=True):
    """The class frequencies of other rows, or what share of each class was kept for training; or neither."""

    before: Shares | str | None = None  # shares by class, or a file to take them from; None: those of the rows
    after: Shares | str | None = None  # likewise, or "estimate"
    kept: Shares | None = None

    def __post_init__(self) -> None:
        if self.kept is not None and (self.before is not None or self.after is not None):
            message = "--kept has no place beside --prior-from and --prior-to: each says how frequencies change"
            raise RequestError("kept", message)
        if self.before is not None and self.after is None:
            raise RequestError("prior_from", "--prior-from needs --prior-to", hint="--prior-to A=0.9,B=0.1")
        if self.after == ESTIMATE and self.before is None:
            message = "--prior-to estimate needs the class frequencies that the predictions were calibrated for"
            hint = "--prior-from A=0.9,B=0.1, or the file of training labels"
            raise RequestError("prior_from", message, hint=hint)

    @property
    def given(self) -> bool:
        """Whether there is any."""
        return self.after is not None or self.kept is not None


ESTIMATE = "estimate"  # frequencies that the predictions themselves tell

_MOST_FOLDS = 100  # by chance: each takes fits of its own


class CalibrateRequest(Struct, frozen=True):
    """What `xent calibrate` is asked; the column of folds, if there is one, is `inputs.spec.fold`."""

    inputs: InputRequest
    method: str = AUTO  # one of CHOICES
    folds: int | None = None  # by a hash of the row, or of its cluster; None: 5, unless a column says
    forward: bool = False  # each fold is predicted from those before it
    shift: PriorShift = field(default_factory=PriorShift)
    policy: Policy = field(default_factory=Policy)
    engine: EngineRequest = field(default_factory=EngineRequest)
    unit: Unit = Unit.NATS
    gating: Gating = field(default_factory=Gating)
    save: str | os.PathLike[str] | None = None  # the file to write
    cross_fit: str | os.PathLike[str] | None = None  # where the inputs go, each row by a fit that has not seen it

    def __post_init__(self) -> None:
        refuse_no_path("save", self.save)
        refuse_no_path("cross_fit", self.cross_fit)
        if self.cross_fit is not None and (self.inputs.tables or "-" in self.inputs.paths):
            message = "--cross-fit reads the input twice, so it has to be a file"
            raise RequestError("cross_fit", message, hint="save standard input to a file first")
        refuse_no_count("folds", self.folds, MOST_ROWS)
        if self.folds == 1:
            raise RequestError("folds", "--folds 1 leaves no rows that a fit has not seen", hint="--folds 5")
        if self.folds is not None and self.folds > _MOST_FOLDS:
            message = f"--folds {self.folds:,} is more than {_MOST_FOLDS}, each with fits of its own"
            raise RequestError("folds", message, hint="--folds 5")
        if self.folds is not None and self.inputs.spec.fold is not None:
            option = "--folds-forward" if self.forward else "--fold-column"
            raise RequestError("folds", f"--folds has no effect beside {option}", hint="leave one of them out")
        if self.method not in CHOICES:
            raise RequestError("method", f'--method is one of {", ".join(CHOICES)}, not "{self.method}"')
        if self.shift.given and self.method not in (AUTO, "prior"):
            message = f"--method {self.method} takes no class frequencies: they are for prior"
            raise RequestError("method", message, hint="leave --method out")
        if self.method == "prior" and not self.shift.given:
            message = "--method prior needs --prior-to, or --kept"
            raise RequestError("method", message, hint="--prior-to A=0.9,B=0.1, or --prior-to estimate")
