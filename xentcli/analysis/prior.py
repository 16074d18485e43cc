"""The class mix that skill is measured against, where that is not the file's own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from xentcli.columns.columns import nearest
from xentcli.columns.labels import LabelCoder
from xentcli.errors import RequestError
from xentcli.frozen import frozen
from xentcli.wording import brief

TOLERANCE = 0.01 + 1e-9  # how far shares may miss a sum of 1: they are often rounded


@frozen
class Prior:
    """Shares or counts by the text of a label.

    Counts, of the labels of a file, may hold several spellings of a class, and none of a class without rows.
    """

    amounts: tuple[tuple[str, float], ...]
    counted: bool = False

    def by_class(self, classes: Sequence[str]) -> tuple[float, ...]:
        """The share of each class, summing to 1.

        Raises `RequestError` for a name that is no class, and for shares that leave out a class or do not sum
        to 1.
        """
        coder = LabelCoder(tuple(classes), False)
        shares: dict[int, float] = dict.fromkeys(range(len(classes)), 0.0) if self.counted else {}
        for name, amount in self.amounts:
            place = coder.index(name)
            if place < 0:
                close = nearest(name, classes)
                hint = (f'did you mean "{close}"? ' if close else "") + f"classes: {', '.join(classes[:20])}"
                raise RequestError("prior", f'--prior names "{brief(name)}", which is no class', hint=hint)
            shares[place] = shares.get(place, 0.0) + amount
        missing = [name for place, name in enumerate(classes) if place not in shares]
        if missing:
            raise RequestError("prior", f'--prior gives no share for class "{missing[0]}"', hint="0 is a share")
        whole = math.fsum(shares.values())
        if not self.counted and abs(whole - 1) > TOLERANCE:
            raise RequestError("prior", f"the shares of --prior sum to {whole:g}, not to 1")
        return tuple(shares[place] / whole for place in range(len(classes)))
