"""The slow, obvious oracle: every number of `xent score`, one row and one formula at a time.

Conventions. Rows are a sequence of K scores each, labels are indices into them, information is in nats.
Inputs are taken at their exact value: stored probabilities and weights are Fractions, logarithms and
exponentials carry 60 digits, and each metric is rounded to float64 once, at the end. Positive infinity is
`inf`, what is not available is None, a zero is 0.0. Bad input is a ValueError; row sums are not checked.

`files` goes further: it reads a file of its own accord and says what must become of it, a result or a refusal.

Nothing here is shared with the program under test, so that one misreading cannot hide in both.
"""

from __future__ import annotations

from tests.reference.breakdown import corp
from tests.reference.rows import log_softmax, softplus, two_class_rows
from tests.reference.scoring import score

__all__ = ["corp", "log_softmax", "score", "softplus", "two_class_rows"]
