"""Names that columns are found by, where no option names them."""

from __future__ import annotations

import re

from tests.reference.faults import Unsure
from tests.reference.layout import Layout, Table

MORE_LABELS = ("labels", "label_ids", "y_test", "true")  # where there is none of the others
LABELS = ("label", "target", "y", "y_true", "truth", "actual", "class", "gold", "obs")
LISTS = {"probability": "probs", "logit": "logits", "log_probability": "log_probs"}
FAMILIES = {"probability": ("prob_", "p_", "proba_", "p."), "logit": ("logit_",), "log_probability": ("logprob_",)}
ONE_SCORE = ("prob", "p", "proba", "probability", "score", "y_prob", "y_score", "logit")
LIST_NAMES = ("probs", "probabilities", "logits", "log_probs")
OF_A_CLASS = re.compile(
    r"(?:prob|p|proba|logit|logprob)(?:[_. ].+|\d+)|.+[_. ](?:prob|p|proba|logit|logprob)",
    re.IGNORECASE | re.DOTALL,
)


def may_be_found(name: str) -> bool:
    """Whether a column of this name could be taken for a label or a score."""
    return (
        name.casefold() in {*LABELS, *MORE_LABELS, *ONE_SCORE, *LIST_NAMES}
        or OF_A_CLASS.fullmatch(name) is not None
    )


def without_mutated_names(layout: Layout, table: Table, mutated: bool) -> None:
    """Unsure where other columns may be found than those that were meant."""
    if any(may_be_found(name) for name in table.header if name not in layout.header):
        raise Unsure("new columns that may be found")
    if layout.style == "named":
        seen = {record.get(layout.label) for _, record in table.records}
        if mutated or not set(layout.classes) <= seen:
            raise Unsure("columns named as labels that no row has")
