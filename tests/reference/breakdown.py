"""The breakdown of two classes: uncertainty, discrimination, miscalibration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.entropies import label_entropy
from tests.reference.losses import log_loss
from tests.reference.means import of_class, weight_of
from tests.reference.numbers import Number, Real, add, all_rounded, log, mp, real
from tests.reference.rows import Row, read_rows, two_class_rows


def corp(
    labels: Sequence[int], p: Sequence[Number], weights: Sequence[float] | None = None
) -> dict[str, float | int | None]:
    """Uncertainty, discrimination and miscalibration of two classes (Dimitriadis, Gneiting & Jordan 2021).

    S_r is the loss of the isotonic recalibration of p = P(class 1): uncertainty = H(pi),
    discrimination = H(pi) - S_r, miscalibration = log_loss - S_r.
    """
    rows = read_rows(labels, two_class_rows(p), "probability", weights)
    return all_rounded(parts([row for row in rows if row.weight > 0]))


def parts(rows: Sequence[Row]) -> dict[str, Real]:
    """Uncertainty, discrimination and miscalibration of rows of two classes, of positive weight."""
    recalibrated = sum(block.loss() for block in isotonic(rows)) / real(weight_of(rows))
    return {
        "uncertainty": label_entropy(rows),
        "discrimination": add([label_entropy(rows), -recalibrated]),
        "miscalibration": add([log_loss(rows), -recalibrated]),
    }


def log_odds(row: Row) -> Real:
    """Log q_1 - log q_0; infinite if one of them is 0."""
    return mp.inf if row.log_q[0] == -mp.inf else row.log_q[1] - row.log_q[0]


@dataclass(frozen=True)
class Block:
    """Rows that get one recalibrated probability: their weight, and the weight of those of class 1."""

    weight: Fraction
    ones: Fraction

    def rate(self) -> Fraction:
        return self.ones / self.weight

    def loss(self) -> Real:
        """Total loss of forecasting the block's own rate, 0 log 0 = 0."""
        parts = [(self.ones, self.rate()), (self.weight - self.ones, 1 - self.rate())]
        return -sum(real(weight) * log(p) for weight, p in parts if weight > 0)

    def joined(self, other: Block) -> Block:
        return Block(self.weight + other.weight, self.ones + other.ones)


def isotonic(rows: Sequence[Row]) -> list[Block]:
    """Pool adjacent violators: rows of equal forecast first, then neighbours whose rates do not increase."""
    blocks: list[Block] = []
    groups: dict[Real, list[Row]] = {}
    for row in rows:
        groups.setdefault(log_odds(row), []).append(row)
    for _, tied in sorted(groups.items()):
        blocks.append(Block(weight_of(tied), weight_of(of_class(tied, 1))))
        while len(blocks) > 1 and blocks[-2].rate() >= blocks[-1].rate():
            last = blocks.pop()
            blocks[-1] = blocks[-1].joined(last)
    return blocks
