"""Units of information. Everything is computed in nats; a unit is a factor at the very end."""

from __future__ import annotations

from enum import StrEnum

from xentcli.errors import RequestError
from xentcli.wording import did_you_mean

LN2, LN10 = 0.6931471805599453, 2.302585092994046  # the nearest float64, which not every C library's log gives


class Unit(StrEnum):
    """nat = log e, bit = log 2, ban = log 10."""

    NATS = "nats"
    BITS = "bits"
    BANS = "bans"

    @classmethod
    def _missing_(cls, value: object) -> None:
        """No unit has this name; the enumeration's own ValueError would not say which have."""
        known = [unit.value for unit in cls]
        hint = f"{did_you_mean(str(value).casefold(), known)}units: {', '.join(known)}"
        raise RequestError("unit", f'unknown unit "{value}"', hint=hint)

    @property
    def nats(self) -> float:
        """How many nats one of this unit is."""
        return {"nats": 1.0, "bits": LN2, "bans": LN10}[self.value]

    def of(self, nats: float) -> float:
        """`nats` expressed in this unit."""
        return nats / self.nats
