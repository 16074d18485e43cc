"""Numbers of a saved JSON, which anyone may have edited."""

from __future__ import annotations

import math

from xentcli.results.parts import Number


def saved_number(part: object, name: str) -> Number:
    """A number of a saved JSON; whatever else stands there is not available."""
    value = part.get(name) if isinstance(part, dict) else None
    if value == "Infinity":
        return math.inf
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:  # a whole number beyond float64
        return None
