"""Every kind of picture of rows that leave something out: drawn, or refused with a kind that draws them."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from resvg_py import svg_to_bytes

from xentcli import plot
from xentcli.api.plotting import Plot
from xentcli.errors import RequestError
from xentcli.results.pictures import KINDS

P = np.arange(1, 61) / 61
LABELS = (np.arange(60) * 37 % 60 < 60 * P).astype(int)
ROWS = pd.DataFrame({"label": LABELS, "prob": P, "g": np.arange(60) % 7})
MANY = np.full((3, 10_000), 1e-4)
FIVE = pd.DataFrame({f"p_{k}": (np.arange(40) * (k + 3) % 11 + 1) / 12 for k in range(5)})
SOFT = pd.DataFrame({"t_a": [0.5, 0.2, 0.9], "p_a": [0.4, 0.3, 0.9], "g": list("aab")})
SEVERAL = pd.DataFrame({"y_a": [1, 0, 1], "y_b": [0, 1, 1], "p_a": [0.4, 0.3, 0.9], "p_b": [0.6, 0.7, 0.1]})
ODD: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
    "a row of infinite loss": (ROWS.assign(prob=[1.0 - LABELS[0], *P[1:]]), {}),
    "rows of infinite loss": (ROWS.assign(prob=1.0 - LABELS), {}),
    "one class": (ROWS.assign(label=1), {}),
    "one row": (ROWS[:1], {}),
    "one prediction": (ROWS.assign(prob=0.4), {}),
    "all right": (ROWS.assign(prob=LABELS * 1.0), {}),
    "a thousand slices": (pd.concat([ROWS] * 17).assign(g=np.arange(1020) % 1000), {}),
    "ten thousand classes": (pd.DataFrame({"label": [3, 7, 7], "probs": list(MANY), "g": list("aab")}), {}),
    "one class of five": (FIVE.assign(label=0, g=np.arange(40) % 3), {"normalize": True}),
    "soft labels": (SOFT.assign(t_b=1 - SOFT.t_a, p_b=1 - SOFT.p_a), {"target": "t_*", "prob": "p_*"}),
    "tokens": (pd.DataFrame({"lp": [-0.5, -1.0, -3.0], "g": list("aab")}), {"logprob": "lp"}),
    "several labels a row": (SEVERAL.assign(g=1), {"multilabel": True, "label": "y_*", "prob": "p_*"}),
}


@cache
def drawn(kind: str, name: str) -> Plot:
    frame, options = ODD[name]
    data: Any = {"one": frame, "other": frame.copy()} if kind == "rank" else frame
    return plot(kind, data, **_by(kind), **options)


def _by(kind: str) -> dict[str, Any]:
    return {"by": "g"} if kind == "slices" else {}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_drawn_or_refused_with_one_that_is(kind: str, name: str) -> None:
    if (kind, name) == ("rank", "several labels a row"):
        with pytest.raises(RequestError, match="one label at a time"):
            drawn(kind, name)
        return
    try:
        svg = drawn(kind, name).svg
    except RequestError as error:
        [other] = re.findall(r'plot\("([a-z-]+)", data\)', error.hint or "")
        svg = drawn(other, name).svg
    ElementTree.fromstring(svg)
    assert not re.search(r"\b(nan|None)\b", svg)
    assert len(svg) < 100_000
    assert svg_to_bytes(svg_string=svg).startswith(b"\x89PNG")
