"""Units of information. Everything is computed in nats; a unit is a factor at the very end."""

from __future__ import annotations

import math
from enum import StrEnum


class Unit(StrEnum):
    """nat = log e, bit = log 2, ban = log 10."""

    NATS = "nats"
    BITS = "bits"
    BANS = "bans"

    @property
    def nats(self) -> float:
        """How many nats one of this unit is."""
        return {"nats": 1.0, "bits": math.log(2), "bans": math.log(10)}[self.value]

    def of(self, nats: float) -> float:
        """`nats` expressed in this unit."""
        return nats / self.nats
