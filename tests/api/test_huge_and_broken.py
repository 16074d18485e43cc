"""Numbers beyond reason and text that is no Unicode, as arguments of Python."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from xentcli import score
from xentcli.errors import XentError

HUGE = 10**5000
HALF = "\ud800"
P = [0.9, 0.2]
FRAME = pd.DataFrame({"label": ["a", "b"], "p": P})
CALLS: dict[str, Callable[[], object]] = {
    "threads": lambda: score([1, 0], probs=P, threads=HUGE),
    "shard": lambda: score([1, 0], probs=P, shard=HUGE, save_state="x"),
    "clip": lambda: score([1, 0], probs=P, clip=HUGE),
    "clip, small": lambda: score([1, 0], probs=P, clip=Fraction(1, HUGE)),  # type: ignore[arg-type]
    "weight": lambda: score([1, 0], probs=P, class_weight={"1": HUGE}),
    "weight of": lambda: score([1, 0], probs=P, class_weight={HUGE: 1}),  # type: ignore[dict-item]
    "prior": lambda: score([1, 0], probs=P, prior={"1": HUGE, "0": 1}),
    "prior of": lambda: score([1, 0], probs=P, prior={HUGE: 0.5, "0": 0.5}),  # type: ignore[dict-item]
    "bins": lambda: score(FRAME, positive="b", bins={"p": [HUGE]}),
    "bins of": lambda: score(FRAME, positive="b", bins={HUGE: [1]}),  # type: ignore[dict-item]
    "classes": lambda: score([1, 0], probs=P, classes=[HUGE, 1]),  # type: ignore[list-item]
    "positive": lambda: score([1, 0], probs=P, positive=HUGE),  # type: ignore[arg-type]
    "label": lambda: score([HUGE, 0], probs=P, positive="0"),
    "label, text": lambda: score([HALF, "b"], probs=P, positive="b"),
    "label, array": lambda: score(np.array([HALF, "b"]), probs=P, positive="b"),
    "label, table": lambda: score(pd.DataFrame({"label": [HUGE, 0], "p": P}), positive="0"),
    "column": lambda: score(pd.DataFrame({"label": ["a", "b"], HUGE: P}), positive="b"),
    "classes, text": lambda: score([1, 0], probs=P, classes=[HALF, "1"]),
    "scores": lambda: score([1, 0], probs=[HUGE, 0.1]),
    "path": lambda: score(HALF),
    "path, nul": lambda: score("a\0b"),
    "saved": lambda: score([1, 0], probs=P, save_state=HALF),
    "baseline": lambda: score([1, 0], probs=P, require="log_loss <= baseline", baseline="a\0b"),
}


@pytest.mark.parametrize("case", CALLS)
def test_arguments_of_python(case: str) -> None:
    with pytest.raises(XentError) as caught:
        CALLS[case]()
    assert len(str(caught.value)) < 500
