"""What `xent apply` did: files written, rows recalibrated, and what labels say of it."""

from __future__ import annotations

import math

from msgspec import Struct

from xentcli.errors import Notice
from xentcli.wording import plural


class AppliedGain(Struct, frozen=True):
    """Losses of the rows whose class is known, nats, unweighted."""

    rows: int
    log_loss: float
    log_loss_calibrated: float
    log10_e: float  # of e = exp(sum of stated - calibrated loss)

    def __str__(self) -> str:
        e = round(self.log10_e, 9) + 0.0
        likelier = f" (the labels are 10^{e:.3g} times as likely)" if math.isfinite(e) else ""
        return (
            f"log loss {self.log_loss:.6g} -> {self.log_loss_calibrated:.6g} nats on {plural(self.rows, 'row')} "
            f"with labels, log10 e = {e:.6g}{likelier}"
        )


class ApplyResult(Struct, frozen=True):
    """What was written."""

    files: tuple[str, ...]  # those written
    rows: int  # of all inputs
    rows_left: int  # of them left as they were, as they lack a score
    gain: AppliedGain | None  # None where no row has a label of the classes
    notices: tuple[Notice, ...] = ()
