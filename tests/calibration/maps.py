"""Maps of every method, and their formulas evaluated by nothing of the package."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from xentcli.results.calibration_map import CalibrationMap, calibration_map

TWO: dict[str, dict[str, Any]] = {
    "none": {},
    "offset": {"offset": 1.6034859361},
    "temperature": {"temperature": 1.4900383028},
    "affine": {"slope": 0.90153404, "offset": 1.37623411},
    "beta": {"a": 0.86728986, "b": 1.01818997, "c": 1.24883846},
    "isotonic": {"knots": [[-13.5, -4.5], [-0.25, -1.0], [0.5, 0.75], [9.4, 5.7]]},
    "prior": {"shift": {"no": 0.0, "yes": -1.6760750702285925}},
}
MORE: dict[str, dict[str, Any]] = {
    "none": {},
    "offset": {"offsets": {"a": 0.0, "b": 0.5, "c": -1.25}},
    "temperature": {"temperature": 0.75},
    "slope_offsets": {"slope": 1.5, "offsets": {"a": 0.0, "b": 0.5, "c": -1.25}},
    "vector": {"slopes": {"a": 0.5, "b": 1.5, "c": 1.0}, "offsets": {"a": 0.0, "b": 0.5, "c": -1.25}},
    "prior": {"shift": {"a": 0.0, "b": 0.5, "c": -1.25}},
}
MAPS = [calibration_map(("no", "yes"), method, parameters) for method, parameters in TWO.items()] + [
    calibration_map(("a", "b", "c"), method, parameters) for method, parameters in MORE.items()
]


def by_formula(calibration: CalibrationMap, q: Any) -> Any:
    """The calibrated probability of a probability, or those of a list, as the text of the formula says."""
    shown: dict[str, Any] = {"exp": math.exp, "log": math.log, "sum": sum, "interpolate": _interpolate}
    shown |= {
        name: list(value.values()) if isinstance(value, dict) else value
        for name, value in calibration.parameters.items()
    }
    steps = [step.split(" = ") for step in calibration.formula.split("; ")]
    if isinstance(q, float):
        shown["q"] = q
        for name, expression in steps:
            shown[name.replace("'", "_new")] = eval(expression, {}, shown)
        return shown["q_new"]
    shown["q"] = q
    for name, expression in steps:
        text = expression.replace("exp(z))", "each)")  # of the sum
        shown["each"] = [math.exp(value) for value in shown.get("z", [])]
        values = [eval(text, {}, shown | {"k": k}) for k in range(len(q))]
        shown[name.removesuffix("[k]").replace("'", "_new")] = values
    return shown["q_new"]


def _interpolate(x: float, knots: list[list[float]]) -> float:
    if x <= knots[0][0] or x >= knots[-1][0]:
        return knots[0][1] if x <= knots[0][0] else knots[-1][1]
    (x0, z0), (x1, z1) = next(pair for pair in pairwise(knots) if x < pair[1][0])
    return z0 + (z1 - z0) * (x - x0) / (x1 - x0)
