"""Predictions after a recalibration: the formulas of `results.calibration_map`, row by row.

Two classes: from log-odds x `(n,)` of class 1 to calibrated log-odds z `(n,)`. More: from log-softmax l `(K, n)`
to z `(K, n)`, whose softmax is the calibrated prediction. Only the kernel's exp, log and log1p are used, so the
bits are the same on every machine. A probability of 0 or 1 stays so, at a slope of 0 too, but with isotonic, whose
knots bound z. A row that has probability only where a shift is minus infinity has none left: NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace

from xentcli.core import kernel
from xentcli.core.exact import FloatArray
from xentcli.core.numbers.softmax import log_probabilities_of, log_softmax, probabilities_of
from xentcli.results.calibration_map import (
    MORE_CLASS_METHODS,
    TWO_CLASS_METHODS,
    CalibrationExample,
    CalibrationMap,
)

_EXAMPLES = (-9.0, -1.5, 0.0, 0.625, 4.0)  # log-odds


class BadParameters(ValueError):
    """What is wrong with a map, as the end of a sentence about it."""


def number(value: Any) -> float:
    """A number as JSON has it: "Infinity", and null for minus infinity. Raises `BadParameters`."""
    if value is None or value == "Infinity":
        return -math.inf if value is None else math.inf
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        raise BadParameters(f"holds {value!r} where a number is to be")
    return float(value)


def calibrated_log_odds(calibration: CalibrationMap, x: FloatArray) -> FloatArray:
    """Calibrated log-odds z `(n,)` of class 1, from stated ones `(n,)`; two classes. Raises `BadParameters`."""
    if len(calibration.classes) != 2:
        raise BadParameters(f"is of {len(calibration.classes)} classes")
    return _TWO[_known(calibration, TWO_CLASS_METHODS)](calibration, np.asarray(x, np.float64))


def calibrated_scores(calibration: CalibrationMap, log_q: FloatArray) -> FloatArray:
    """Scores z `(K, n)`, whose softmax is calibrated, from log-softmax `(K, n)`; three classes or more.

    Raises `BadParameters`.
    """
    method, count = _known(calibration, MORE_CLASS_METHODS), len(calibration.classes)
    if count < 3 or log_q.shape[0] != count:
        raise BadParameters(f"is of {count} classes")
    if method == "none":
        return log_q
    if method == "temperature":
        return _over(log_q, _temperature(calibration))
    if method in ("offset", "prior"):
        return log_q + _by_class(calibration, "offsets" if method == "offset" else "shift")
    one_slope = method == "slope_offsets"
    slopes = np.array(_at_least_0(calibration, "slope")) if one_slope else _by_class(calibration, "slopes")
    if slopes.min() < 0:
        raise BadParameters("has a slope below 0")
    return _times(slopes, log_q) + _by_class(calibration, "offsets")


def calibrated_probabilities(calibration: CalibrationMap, stated: FloatArray) -> FloatArray:
    """Probabilities `(n,)` of class 1 from log-odds `(n,)`, or `(K, n)` from log-softmax `(K, n)`."""
    if stated.ndim == 1:
        return probabilities_of(calibrated_log_odds(calibration, stated))
    return kernel.exp(log_softmax(calibrated_scores(calibration, stated)))


def with_examples(calibration: CalibrationMap) -> CalibrationMap:
    """The map with five examples, by which another implementation can be tested. Raises `BadParameters`."""
    count = len(calibration.classes)
    if count == 2:
        given = np.array(_EXAMPLES)
    else:
        turns = [np.array(_EXAMPLES)[(k + np.arange(5)) % 5] / (1 + k // 5) for k in range(count)]
        given = log_softmax(np.stack(turns))
    out = calibrated_probabilities(calibration, given)
    pairs = zip(given.T.tolist(), out.T.tolist(), strict=True)
    return replace(calibration, examples=tuple(CalibrationExample(*pair) for pair in pairs))


def check_examples(calibration: CalibrationMap) -> None:
    """Whether the examples come out as they say, to 1e-12; raises `BadParameters`."""
    for each in calibration.examples:
        given = np.array([number(value) for value in _listed(each.given)])
        stated = given if len(calibration.classes) == 2 else given[:, None]
        out = np.array([number(value) for value in _listed(each.out)])
        found = calibrated_probabilities(calibration, stated).reshape(-1)
        if found.shape != out.shape or not np.allclose(found, out, rtol=1e-9, atol=1e-12):
            raise BadParameters("has an example that its own formula contradicts")


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else [value]


def _known(calibration: CalibrationMap, methods: Sequence[str]) -> str:
    if calibration.method not in methods:
        count = len(calibration.classes)
        raise BadParameters(f'has the method "{calibration.method}", which is none for {count} classes')
    return calibration.method


def _parameter(calibration: CalibrationMap, name: str) -> float:
    """A finite number, or infinity."""
    if (value := number(calibration.parameters.get(name))) == -math.inf:
        raise BadParameters(f'has no parameter "{name}"')
    return value


def _at_least_0(calibration: CalibrationMap, name: str) -> float:
    value = _parameter(calibration, name)
    if not 0 <= value < math.inf:
        raise BadParameters(f'has a parameter "{name}" that is below 0 or infinite')
    return value


def _temperature(calibration: CalibrationMap) -> float:
    value = _parameter(calibration, "temperature")
    if not value > 0:
        raise BadParameters("has a temperature that is not above 0")
    return value


def _by_class(calibration: CalibrationMap, name: str) -> FloatArray:
    """Numbers `(K, 1)` in the order of the classes."""
    found = calibration.parameters.get(name)
    if not isinstance(found, dict) or found.keys() != {*calibration.classes}:
        raise BadParameters(f'has no "{name}" for each class')
    values = np.array([[number(found[each])] for each in calibration.classes])
    if values.max() == math.inf:
        raise BadParameters(f'has an infinite value among "{name}"')
    return values


def _times(slope: float | FloatArray, values: FloatArray) -> FloatArray:
    """Slope times values; infinite ones stay so at a slope of 0 too."""
    with np.errstate(invalid="ignore"):
        result: FloatArray = np.where(np.isinf(values), values, slope * values)
    return result


def _over(values: FloatArray, temperature: float) -> FloatArray:
    return _times(1.0 / temperature, values) if math.isinf(temperature) else values / temperature


def _beta(calibration: CalibrationMap, x: FloatArray) -> FloatArray:
    a, b, c = _at_least_0(calibration, "a"), _at_least_0(calibration, "b"), _parameter(calibration, "c")
    return _times(a, log_probabilities_of(x)) - _times(b, log_probabilities_of(-x)) + c


def _isotonic(calibration: CalibrationMap, x: FloatArray) -> FloatArray:
    """Linear between the knots, constant outside; where knots share an x, the last of them counts."""
    at, z = steps(calibration, "knots")
    if not (at.size and np.isfinite(at).all() and np.isfinite(z).all()):
        raise BadParameters("has no finite knots")
    after = np.searchsorted(at, x, side="right")
    low, high = np.maximum(after - 1, 0), np.minimum(after, at.size - 1)
    width = at[high] - at[low]
    inside = (after > 0) & (after < at.size)
    share = np.where(inside, np.where(inside, x, 0.0) - at[low], 0.0) / np.where(width > 0, width, 1.0)
    result: FloatArray = z[low] + (z[high] - z[low]) * share
    return result


def steps(calibration: CalibrationMap, name: str) -> tuple[FloatArray, FloatArray]:
    """The pairs of a parameter, both `(m,)` and rising; raises `BadParameters`."""
    found = calibration.parameters.get(name)
    if not isinstance(found, list | tuple) or not all(isinstance(e, list | tuple) and len(e) == 2 for e in found):
        raise BadParameters(f'has no "{name}"')
    pairs = np.array([[number(value) for value in pair] for pair in found]).reshape(-1, 2)
    (before_x, before), (after_x, after) = pairs[:-1].T, pairs[1:].T
    if (before_x > after_x).any() or (before > after).any():
        raise BadParameters(f'has "{name}" that fall')
    return pairs[:, 0], pairs[:, 1]


def _prior(calibration: CalibrationMap, x: FloatArray) -> FloatArray:
    (first,), (second,) = _by_class(calibration, "shift")
    with np.errstate(invalid="ignore"):
        return np.asarray(x + (second - first))


_TWO: dict[str, Callable[[CalibrationMap, FloatArray], FloatArray]] = {
    "none": lambda _, x: x,
    "offset": lambda fit, x: x + _parameter(fit, "offset"),
    "temperature": lambda fit, x: _over(x, _temperature(fit)),
    "affine": lambda fit, x: _times(_at_least_0(fit, "slope"), x) + _parameter(fit, "offset"),
    "beta": _beta,
    "isotonic": _isotonic,
    "prior": _prior,
}
