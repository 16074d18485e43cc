"""Units of information. Everything is computed in nats; a unit is a factor at the very end."""

from __future__ import annotations

import math
from enum import StrEnum

from xentcli.errors import RequestError


class Unit(StrEnum):
    """nat = log e, bit = log 2, ban = log 10."""

    NATS = "nats"
    BITS = "bits"
    BANS = "bans"

    @classmethod
    def _missing_(cls, value: object) -> None:
        """No unit has this name; the enumeration's own ValueError would not say which have."""
        import difflib

        known = [unit.value for unit in cls]
        close = difflib.get_close_matches(str(value).casefold(), known, n=1)
        meant = f'did you mean "{close[0]}"? ' if close else ""
        raise RequestError(
            "unit", f'"{value}" is no unit of information', hint=f"{meant}units: {', '.join(known)}"
        )

    @property
    def nats(self) -> float:
        """How many nats one of this unit is."""
        return {"nats": 1.0, "bits": math.log(2), "bans": math.log(10)}[self.value]

    def of(self, nats: float) -> float:
        """`nats` expressed in this unit."""
        return nats / self.nats
