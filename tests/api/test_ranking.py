"""`xentcli.rank`: files, tables and arrays by name, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from xentcli import rank
from xentcli.errors import RequestError

LABELS = [1, 0, 1, 0, 1, 0]
A, B = [0.8, 0.3, 0.6, 0.4, 0.7, 0.4], [0.9, 0.2, 0.7, 0.1, 0.8, 0.3]
TABLE = pd.DataFrame({"id": range(6), "label": LABELS, "a": A, "b": B})


def test_files_tables_columns_and_arrays_give_the_same(tmp_path: Path) -> None:
    tables = {name: TABLE[["id", "label", name]].rename(columns={name: "p"}) for name in "ab"}
    for name, table in tables.items():
        table.to_csv(tmp_path / f"{name}.csv", index=False)
    paths = {name: tmp_path / f"{name}.csv" for name in "ab"}
    odds = np.log(B) - np.log1p(-np.array(B))
    expected = rank(LABELS, probs={"a": A, "b": B})
    assert expected.models[0].name == "b"
    for found in (
        rank(tables, on="id"),
        rank(paths, on="id"),
        rank([*paths.values()], on="id"),
        rank({"a": paths["a"], "b": tables["b"].iloc[::-1]}, on="id"),
        rank(TABLE, models={"a": "a", "b": "b"}),
        rank(LABELS, probs={"a": A}, logits={"b": odds}),
    ):
        assert [(each.name, each.rank_low, each.may_be_best) for each in found.models] == [
            (each.name, each.rank_low, each.may_be_best) for each in expected.models
        ]
        assert found.pairs[0].difference == pytest.approx(expected.pairs[0].difference, rel=1e-12)


def test_gates_and_slices() -> None:
    table = TABLE.assign(site=list("xxxyyy"))
    found = rank(
        table, models={"a": "a", "b": "b"}, by="site", base="a", require="log_loss[b, site=*] <= baseline"
    )
    assert [gate.verdict for gate in found.gates] == ["pass", "pass"]
    assert [[model.name for model in part.models] for part in found.slices] == [["b", "a"], ["b", "a"]]
    assert found.slices[0].models[1].difference == 0.0


@pytest.mark.parametrize(
    ("data", "given", "message", "hint"),
    [
        ("a.csv", {}, "need names", "models="),
        (TABLE, {}, "need names", "models="),
        (LABELS, {}, "not as a list", "probs="),
        (LABELS, {"probs": A}, "by the names of their models", "probs="),
        ({"a": (LABELS, A), "b": (LABELS, B)}, {}, "cannot score a tuple", "probs="),
        ({"a": "a.csv"}, {}, "there must be two or more", 'rank({"a": A, "b": B})'),
        (TABLE, {"models": ["a", "b"]}, "models= has the columns", "models={"),
        (LABELS, {"probs": {"a": A, "b": B}, "base": "c"}, 'base=: no model is called "c"', "a, b"),
        (LABELS, {"probs": {"a": A, "b": B}, "level": "x"}, "level= needs a number", ""),
        (LABELS, {"probs": {"a": A, "b": B}, "by": "site"}, "does not go with probs=", ""),
    ],
)
def test_what_is_refused(data: Any, given: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(RequestError) as caught:
        rank(data, **given)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert "--" not in f"{caught.value.message} {caught.value.hint}"


def test_models_are_one_argument() -> None:
    call: Any = rank
    with pytest.raises(RequestError, match="as one argument") as caught:
        call("a.csv", "b.csv")
    assert "rank([a, b])" in (caught.value.hint or "")
