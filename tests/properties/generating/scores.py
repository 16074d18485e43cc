"""Scores and weights of one kind, from usual to the ends of float64."""

from __future__ import annotations

import math
from random import Random

LARGEST = 1.7e308
ENDS = (0.0, 1.0, 1e-300, 5e-324, 1 - 2**-53, 0.5, 1e-17, -0.0)
NO_WEIGHTS = (-1.0, math.inf, math.nan, -5e-324)


def draw_scores(rng: Random, kind: str, size: int, extreme: bool) -> list[float]:
    """The scores of one row, one for each of `size` columns."""
    if kind == "logit":
        return draw_logits(rng, size, extreme)
    p = draw_share(rng, extreme) if size == 1 else draw_shares(rng, size, extreme)
    if kind == "log_probability":
        return [math.log(x) if x > 0 else -math.inf for x in p]
    return p


def draw_logits(rng: Random, size: int, extreme: bool) -> list[float]:
    """Logits of any scale, whole ones, ties, and minus infinity."""
    scale = rng.choice((1, 1, 3, 10, 100, 1e4, 1e16, 1e300, 1e308) if extreme else (1, 3, 10))
    z = [max(min(rng.gauss(0, 1) * scale, LARGEST), -LARGEST) for _ in range(size)]
    if extreme and rng.random() < 0.1:
        z[rng.randrange(size)] = -math.inf
    if rng.random() < 0.15:
        z = [float(round(max(min(x, 1e15), -1e15))) for x in z]
    if rng.random() < 0.05:
        z[0] = z[-1]
    return z


def draw_share(rng: Random, extreme: bool) -> list[float]:
    """One probability, sharp or at an end of the range, often of few digits."""
    p = rng.random() ** sharpness(rng, extreme)
    if extreme and rng.random() < 0.15:
        p = rng.choice(ENDS)
    return [round(p, rng.choice((1, 2, 3, 4))) if rng.random() < 0.4 else p]


def draw_shares(rng: Random, size: int, extreme: bool) -> list[float]:
    """Probabilities with a sum near 1, often of few digits, at times certain."""
    parts = [rng.random() ** sharpness(rng, extreme) + 1e-320 for _ in range(size)]
    p = [part / math.fsum(parts) for part in parts]
    if rng.random() < 0.3:
        digits = rng.choice((2, 3, 4, 6))
        p = [round(x, digits) for x in p]
    if extreme and rng.random() < 0.12:
        p = [0.0] * size
        p[rng.randrange(size)] = 1.0
    return p


def sharpness(rng: Random, extreme: bool) -> float:
    """A power that drives shares of 0 to 1 towards 0."""
    return rng.choice((0.3, 1, 3, 10, 40, 300) if extreme else (0.3, 1, 3))


def draw_weights(rng: Random, count: int) -> list[float]:
    """Weights of one scale, or of all; seldom one that is none."""
    scale = rng.choice(("one", "whole", "float", "all", "zero", "tiny", "huge", "smallest"))
    weights = [draw_weight(rng, scale) for _ in range(count)]
    return [rng.choice(NO_WEIGHTS) if rng.random() < 0.01 else weight for weight in weights]


def draw_weight(rng: Random, scale: str) -> float:
    """One weight of a scale."""
    if scale == "whole":
        return float(rng.randint(1, 5))
    if scale == "float":
        return rng.random() + 0.01
    if scale == "all" and rng.random() < 0.5:
        return float(10.0 ** rng.uniform(-300, 300))
    if scale == "zero":
        return rng.choice((0.0, 1.0, 2.0, -0.0))
    if scale == "tiny":
        return float(10.0 ** rng.uniform(-300, -290))
    if scale == "huge":
        return float(10.0 ** rng.uniform(290, 300))
    return 5e-324 * rng.randint(1, 9) if scale == "smallest" else 1.0
