"""Where each total of a state stands: names for the places that `native/totals.h` adds to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from msgspec import Struct

from xentcli.core.kernel import MOST_PAIRS, PRODUCT_GROUPS, WEIGHTED_GROUPS

BINS = 15  # of confidence
FROM_TOP = (2, 3, 5)  # labels are counted by place among the classes, the likeliest first: up to 2, to 3, to 5

_SUMS = ("weight", "loss", "infinite", "target_entropy", "sizes", "entropy", "log_sum", "brier", "top_loss", "rps")
_SCORES = ("offset", "slope")
_MOMENTS = ("loss", "brier", "rps")
_TWICE = ("entropy_variance", "variance", "covariance", "slope_variance")
_BY_BIN = ("bin_weight", "bin_hits", "bin_confidence")
_BY_CLASS = ("labels", "amount", "tops", "hits", "class_loss", "shares")

_NUMBERS = ("rows", "infinite", "ties", "top_infinite", "refuted", "zero_weight", "skipped", "ignored")
_NUMBERS_BY_CLASS = ("labels", "infinite_labels", "tops", "hits")


class Layout(Struct, frozen=True):
    """Of a state of K classes, 0 for tokens: groups of its exact sums, and numbers of its counts."""

    groups: dict[str, slice]
    numbers: dict[str, slice]

    @property
    def group_count(self) -> int:
        """How many sums there are."""
        return _end(self.groups)

    @property
    def number_count(self) -> int:
        """How many counts there are."""
        return _end(self.numbers)


@lru_cache(maxsize=16)
def layout(classes: int) -> Layout:
    """That of K classes."""
    sums = (
        *((name, 1) for name in (*_SUMS, *_SCORES)),
        *((f"{name}_{part}", PRODUCT_GROUPS) for name in _MOMENTS for part in ("squares", "cross", "weights")),
        *((name, WEIGHTED_GROUPS) for name in _TWICE),
        *((name, BINS) for name in _BY_BIN),
        ("places", len(FROM_TOP)),
        *((name, classes) for name in _BY_CLASS),
    )
    numbers = (
        *((name, 1) for name in _NUMBERS),
        ("bins", 2 * BINS),
        ("places", len(FROM_TOP)),
        *((name, classes) for name in _NUMBERS_BY_CLASS),
        ("confusions", classes * classes if classes <= MOST_PAIRS else 0),
    )
    return Layout(_placed(sums), _placed(numbers))


def _placed(sizes: Iterable[tuple[str, int]]) -> dict[str, slice]:
    """One after the other."""
    places, end = {}, 0
    for name, size in sizes:
        places[name] = slice(end, end := end + size)
    return places


def _end(places: dict[str, slice]) -> int:
    *_, last = places.values()
    return int(last.stop)
