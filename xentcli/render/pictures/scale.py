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
        share = log(max(value, self.low) / self.low) / log(self.high / self.low)
        return self.start + min(1.0, share) * (self.end - self.start)

    def ticks(self, most: int = 8) -> Iterator[float]:
        """Powers of ten along the axis; where there is one at most, others of their multiples too."""
        first, last = _power(self.low), _power(self.high)
        for digits in ((1,), (1, 2, 5), (1, 2, 3, 4, 5, 6, 7, 8, 9)):
            found = [float(f"{digit}e{power}") for power in range(first, last + 1) for digit in digits]
            found = [value for value in found if self.low * (1 - 1e-9) <= value <= self.high * (1 + 1e-9)]
            if len(found) > 1:
                break
        yield from found[:: max(1, math.ceil(len(found) / most))]


class LogOdds(Struct, frozen=True):
    """Probabilities by their log-odds, from `least` to 1 - `least` along the pixels from `start` to `end`."""

    start: float
    end: float
    least: float = 0.0005

    def __call__(self, value: float) -> float:
        """The pixel of a probability; of one beyond either end, that end."""
        value = min(max(value, self.least), 1 - self.least)
        share = 0.5 + log(value / (1 - value)) / (2 * log((1 - self.least) / self.least))
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int = 7) -> Iterator[float]:
        """One half, and powers of ten below and short of 1, at most so many."""
        powers = -_power(self.least) - 1  # 0.1, 0.01, ...
        each = max(1, math.ceil(2 * powers / (most - 1)))
        low = [float(f"1e-{power}") for power in range(each, powers + 1, each)]
        yield from (*low[::-1], 0.5, *(1 - value for value in low))


_LOG_2 = 0.6931471805599453
Scale = Linear | Log | LogOdds


def around(
    values: list[float], *, zero: bool = False, floor: float = -math.inf, least: float = 0.0
) -> tuple[float, float]:
    """Round ends of an axis that has room for these values, all finite; with 0 among them if `zero`.

    It is at least `least` long, so that values that are nearly alike look so, and does not begin below `floor`.
    """
    values = [*values, 0.0] if zero or not values else values
    low, high = min(values), max(values)
    if high - low < least:
        more = least - (high - low)
        low, high = (low, high + more) if zero and low >= 0 else (low - more / 2, high + more / 2)
    room = (high - low) or abs(high) or 1.0
    step = _step(room * 1.1, 6)
    low, high = math.floor(low / step - 0.05) * step, math.ceil(high / step + 0.05) * step
    return max(low, 0.0 if zero and min(values) >= 0 else floor), high


def _step(room: float, most: int) -> float:
    """1, 2, 2.5 or 5 times a power of ten, so that at most so many fit."""
    power = float(f"1e{_power(room / most)}")
    return next(times * power for times in (1, 2, 2.5, 5, 10, 20) if room / (times * power) <= most)


def _power(value: float) -> int:
    """Of the largest power of ten that a value above 0 is not below, to nine digits."""
    return int(f"{value:.9e}".partition("e")[2])


def log(value: float) -> float:
    """The natural logarithm of a value above 0, to some 15 digits: those of C libraries differ from CPU to CPU.

    With value = m 2^e and s = (m - 1) / (m + 1): e log 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...).
    """
    m, e = math.frexp(value)
    s = (m - 1) / (m + 1)
    return e * _LOG_2 + 2 * s * _series(s * s)


def _series(x: float) -> float:
    """1 + x / 3 + x^2 / 5 + ..., x up to 1 / 9: by + and * alone."""
    total = 0.0
    for n in range(17, -1, -1):
        total = total * x + 1 / (2 * n + 1)
    return total
