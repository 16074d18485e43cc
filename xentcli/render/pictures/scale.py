"""From values to pixels, and which values an axis names."""

from __future__ import annotations

import math
from collections.abc import Iterator

from msgspec import Struct


class Linear(Struct, frozen=True):
    """Values from `low` to `high` along the pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value; of one beyond either end, that end."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def ticks(self, most: int = 6) -> Iterator[float]:
        """Round values along the axis, at most so many."""
        step = _step(self.high - self.low, most)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        yield from (round(number * step, 12) for number in range(first, last + 1))


class Log(Struct, frozen=True):
    """Values from `low` to `high`, both above 0, by their logarithm."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a value; of one beyond either end, that end."""
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        return self.start + min(1.0, share) * (self.end - self.start)

    def ticks(self, most: int = 8) -> Iterator[float]:
        """Powers of ten along the axis."""
        first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9)
        each = max(1, math.ceil((last - first + 1) / most))
        yield from (10.0**power for power in range(first, last + 1, each))


class LogOdds(Struct, frozen=True):
    """Probabilities by their log-odds, from 0.0005 to 0.9995 along the pixels from `start` to `end`."""

    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The pixel of a probability; of one beyond either end, that end."""
        value = min(max(value, _LEAST), 1 - _LEAST)
        share = 0.5 + math.log(value / (1 - value)) / (2 * math.log((1 - _LEAST) / _LEAST))
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 7) -> Iterator[float]:
        """Probabilities along the axis; of few only every other one."""
        yield from (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999)[:: 1 if most >= 7 else 3]


_LEAST = 0.0005
Scale = Linear | Log | LogOdds


def around(values: list[float], *, zero: bool = False) -> tuple[float, float]:
    """Round ends of an axis that has room for these values, all finite; with 0 among them if `zero`."""
    values = [*values, 0.0] if zero or not values else values
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0
    step = _step(room * 1.1, 6)
    low, high = math.floor(low / step - 0.05) * step, math.ceil(high / step + 0.05) * step
    return (max(low, 0.0), high) if zero and min(values) >= 0 else (low, high)


def _step(room: float, most: int) -> float:
    """1, 2, 2.5 or 5 times a power of ten, so that at most so many fit."""
    power = 10.0 ** math.floor(math.log10(room / most))
    return next(times * power for times in (1, 2, 2.5, 5, 10) if room / (times * power) <= most)
