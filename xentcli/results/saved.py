"""Parts of a saved JSON, which anyone may have edited."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

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


def object_in(part: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object of a saved JSON; an empty one in place of anything else."""
    found = part.get(name)
    return found if isinstance(found, dict) else {}


def objects_in(part: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects in a list of a saved JSON."""
    found = part.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
