"""A fitted recalibration: what `xent calibrate` saves and `xent apply` reads (`xent.calibration`).

With two classes x is the log-odds of the second class, `positive`; with more, l are the K log-softmax values of a
row. Both come from what the file holds, and logits never pass through probabilities.

Parameters by method; "by class" is an object {class: number}, the first class having 0 among offsets and shifts:

    method          two classes                           more classes
    none            {}                                    {}
    offset          offset                                offsets by class
    temperature     temperature > 0                       temperature > 0
    affine          slope >= 0, offset                    -
    slope_offsets   -                                     slope >= 0, offsets by class
    vector          -                                     slopes >= 0 and offsets by class
    beta            a >= 0, b >= 0, c                     -
    isotonic        knots [[x, z], ...], p0, p1           -
    prior           shift by class                        shift by class

`p0` and `p1` of isotonic are the Venn-Abers probabilities as steps [[x, probability], ...] by rising x
(`core.numbers.venn_abers`): p0 is that of the last step with its x at or below a prediction's log-odds, 0 before
the first; p1 that of the first step with its x at or above, 1 after the last. They are optional; without them
there are no intervals. A number may be "Infinity", and null is minus infinity.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

TWO_CLASS_METHODS = ("offset", "temperature", "affine", "beta", "isotonic", "prior", "none")
MORE_CLASS_METHODS = ("offset", "temperature", "slope_offsets", "vector", "prior", "none")

_X = "x = log(q / (1 - q))"
_Q = "q' = 1 / (1 + exp(-z))"
_L = "l[k] = log(q[k] / sum(q))"
_SOFTMAX = "q'[k] = exp(z[k]) / sum(exp(z))"
_TWO = {
    "none": "z = x",
    "offset": "z = x + offset",
    "temperature": "z = x / temperature",
    "affine": "z = slope * x + offset",
    "beta": "z = a * log(q) - b * log(1 - q) + c",
    "isotonic": "z = interpolate(x, knots)",
    "prior": "z = x + shift[1] - shift[0]",
}
_MORE = {
    "none": "z[k] = l[k]",
    "offset": "z[k] = l[k] + offsets[k]",
    "temperature": "z[k] = l[k] / temperature",
    "slope_offsets": "z[k] = slope * l[k] + offsets[k]",
    "vector": "z[k] = slopes[k] * l[k] + offsets[k]",
    "prior": "z[k] = l[k] + shift[k]",
}


class FittedInput(Struct, frozen=True):
    """A file that was fitted to, and the SHA-256 of its bytes; None where there is no file."""

    name: str
    sha256: str | None


class CalibrationFit(Struct, frozen=True):
    """What the fit was made on, and what it gained there; losses in nats, None where not known."""

    rows: int
    weight: float
    log_loss: float | None
    log_loss_calibrated: float | None
    gain: float | None  # cross-fitted
    gain_se: float | None
    folds: int | None
    inputs: tuple[FittedInput, ...]


class CalibrationExample(Struct, frozen=True, rename={"given": "in"}):
    """What goes in, and what has to come out.

    Of two classes the log-odds of `positive` and its calibrated probability; of more, log-softmax values and
    calibrated probabilities in the order of `classes`.
    """

    given: Any
    out: Any


class CalibrationMap(Struct, frozen=True):
    """A recalibration that any language can apply, and what it was fitted to."""

    classes: tuple[str, ...]
    positive: str | None  # the second of two classes; None with more
    method: str
    input: Literal["log_odds", "log_softmax"]
    formula: str
    parameters: dict[str, Any]
    fit: CalibrationFit | None
    signature: dict[str, Any]
    examples: tuple[CalibrationExample, ...] = ()


def formula_of(method: str, classes: int) -> str:
    """The formula of a method for so many classes; raises `KeyError` for a method that does not suit them.

    `interpolate` is linear between knots, and constant outside them.
    """
    return f"{_X}; {_TWO[method]}; {_Q}" if classes == 2 else f"{_L}; {_MORE[method]}; {_SOFTMAX}"


def calibration_map(
    classes: tuple[str, ...],
    method: str,
    parameters: dict[str, Any],
    fit: CalibrationFit | None = None,
    signature: dict[str, Any] | None = None,
) -> CalibrationMap:
    """A map without examples (`core.numbers.calibrated.with_examples` adds them)."""
    two = len(classes) == 2
    return CalibrationMap(
        classes=classes,
        positive=classes[1] if two else None,
        method=method,
        input="log_odds" if two else "log_softmax",
        formula=formula_of(method, len(classes)),
        parameters=parameters,
        fit=fit,
        signature={} if signature is None else signature,
    )
