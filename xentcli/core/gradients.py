"""How hard each row pulls on the logits in training: under cross-entropy, and under squared error.

q the prediction, t the label as one-hot; the gradient with respect to the logits, through the softmax, is

    cross-entropy      q - t                                   as large as the row is wrong
    squared error      2 q_j ((q_j - t_j) - sum_k q_k (q_k - t_k))   vanishes as q_y goes to 0: saturated

Of two classes it is with respect to the one logit of the sigmoid: p - y, and 2 (p - y) p (1 - p). Squared error is
the Brier score (halved for two classes). Its gradient has the factor q (1 - q), which forgives certain mistakes
(Bridle 1990; Goodfellow, Bengio & Courville 2016, section 6.2.2).
"""

from __future__ import annotations

from typing import Self

import numpy as np

from xentcli.core.batch import RowScores, over_classes
from xentcli.core.exact import ExactSums, FloatArray, Merging
from xentcli.core.state import ByGroup

EDGES = (0.0, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 1.0)  # of the probability of the true class
SATURATED = 0.1  # of the gradient of cross-entropy: a wrong row whose squared error pulls less has saturated
WRONG = 0.5  # a row is wrong if what happened was given less


class Gradients(Merging, frozen=True):
    """Totals by the probability of the true class, a group for each pair of EDGES.

    `merge` is commutative and associative with `Gradients.empty()` as identity.
    """

    bins: ByGroup
    cross_entropy: ExactSums  # sum w |gradient|, Euclidean
    squared_error: ExactSums
    saturated: ByGroup  # those of the rows whose squared error has saturated

    @classmethod
    def empty(cls) -> Self:
        """The identity of `merge`."""
        size = len(EDGES) - 1
        none = ExactSums.empty(size)
        return cls(ByGroup.empty(size), none, none, ByGroup.empty(size))

    @classmethod
    def of(cls, rows: RowScores) -> Self:
        """Totals of a block of rows with plain labels, all of positive weight."""
        w, size = rows.weights, len(EDGES) - 1
        true_class, cross_entropy, squared_error = _two_classes(rows) if rows.classes == 2 else _more_classes(rows)
        group = np.clip(np.searchsorted(EDGES, true_class, side="right") - 1, 0, size - 1)
        flat = (true_class < WRONG) & (squared_error <= SATURATED * cross_entropy)
        return cls(
            ByGroup.of(group, w, size),
            ExactSums.of(cross_entropy if w is None else cross_entropy * w, group, size),
            ExactSums.of(squared_error if w is None else squared_error * w, group, size),
            ByGroup.of(group[flat], None if w is None else w[flat], size),
        )


def _two_classes(rows: RowScores) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(probability of the true class, |p - y|, |2 (p - y) p (1 - p)|)."""
    wrong = np.sqrt(rows.known("brier"))  # 1 - q_y, to the last digit also where that is small
    true_class = rows.known("label_share")
    return true_class, wrong, 2 * wrong**2 * true_class


def _more_classes(rows: RowScores) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(probability of the true class, |q - t|, the norm of squared error's gradient)."""
    q, labels = rows.known("shares"), rows.known("labels")
    difference = q.copy()
    difference[labels, np.arange(labels.size)] -= 1.0
    mean = over_classes(q * difference)
    squared_error = 2 * np.sqrt(over_classes(np.square(q * (difference - mean))))
    return rows.known("label_share"), np.sqrt(over_classes(np.square(difference))), squared_error
