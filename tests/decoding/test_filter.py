"""A filter scores the rows that it keeps as a file of these rows alone scores, whatever reads them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.values import replace
from xentcli import score
from xentcli.api import (
    ColumnSpec,
    CompareRequest,
    GradientsRequest,
    InputRequest,
    WorstRequest,
    compare_files,
    gradients_of,
    merge_states,
    worst_of,
)
from xentcli.columns.conditions import Condition, parse_condition
from xentcli.errors import ContentError, RequestError, XentError

SPLITS = ["train", "test", "", "a=b", "!x"]
FORMATS = ("csv", "parquet", "jsonl")


def _table(rows: int = 60) -> pd.DataFrame:
    p = [(i * 37 % 97 + 1) / 100 for i in range(rows)]
    return pd.DataFrame(
        {
            "id": [f"r{i}" for i in range(rows)],
            "label": ["cat" if (i * 7) % 3 else "dog" for i in range(rows)],
            "prob_cat": p,
            "prob_dog": [1 - each for each in p],
            "split": [SPLITS[i % 3] if i % 7 else SPLITS[3 + i % 2] for i in range(rows)],
            "fold": [i % 4 for i in range(rows)],
            "user": [f"u{i % 9}" for i in range(rows)],
        }
    )


def _save(table: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    elif path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_json(path, orient="records", lines=True)
    return path


def _numbers(result: Any, **changes: Any) -> Any:
    metrics = replace(result.metrics, filtered_rows=0)
    return replace(result, metrics=metrics, inputs=(), notices=(), signature=None, columns=None, **changes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(SPLITS), st.booleans(), st.sampled_from(FORMATS), st.sampled_from([None, 2]))
def test_kept_rows_score_as_a_file_of_them(
    tmp_path: Path, value: str, equal: bool, kind: str, fold: int | None
) -> None:
    table = _table()
    kept = (table["split"] == value) == equal
    where = [f"split{'=' if equal else '!='}{value}"]
    if fold is not None:
        kept &= table["fold"] != fold
        where.append(f"fold!={fold}")
    options: dict[str, Any] = {"by": ["user"], "cluster": "user"}
    found = score(_save(table, tmp_path / f"t.{kind}"), where=where, **options)
    alone = score(_save(table[kept], tmp_path / f"kept.{kind}"), **options)
    assert _numbers(found) == _numbers(alone)
    assert (found.metrics.filtered_rows, found.inputs[0].rows) == (60 - kept.sum(), 60)
    assert found.signature.where == tuple(sorted(where))
    assert [each.count for each in found.notices if each.code == "filtered_rows"] == [60 - kept.sum()]


def test_what_is_left_out_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("label,p,Usage\n1,.25,Public\n-1,,Ignored\n0,.5,Public\nx,7,Ignored\n")
    found = score(path, where="Usage!=Ignored")
    assert (found.rows, found.classes, found.metrics.filtered_rows) == (2, ("0", "1"), 2)


def test_a_column_of_the_label_file_filters_too(tmp_path: Path) -> None:
    table = _table()
    preds = _save(table[["id", "prob_cat", "prob_dog"]][::-1], tmp_path / "p.csv")
    labels = _save(table[["id", "label", "split"]], tmp_path / "l.csv")
    whole = _save(table, tmp_path / "w.csv")
    assert _numbers(score(preds, labels=labels, on="id", where="split=test")) == _numbers(
        score(whole, where="split=test")
    )


def test_slices_of_filtered_rows_and_their_states_add_up(tmp_path: Path) -> None:
    table = _table()
    whole = _save(table, tmp_path / "w.csv")
    parts = [_save(table[:25], tmp_path / "a.csv"), _save(table[25:], tmp_path / "b.csv")]
    states = [tmp_path / f"{part.stem}.json" for part in parts]
    for part, state in zip(parts, states, strict=True):
        score(part, where="split=test", save_state=state)
    assert _numbers(merge_states(states)) == _numbers(score(whole, where="split=test"))
    assert merge_states(states).metrics.filtered_rows == score(whole, where="split=test").metrics.filtered_rows
    score(parts[1], where="split=train", save_state=states[1])
    with pytest.raises(ContentError, match="where is"):
        merge_states(states)


def test_the_rows_listed_are_rows_that_are_kept(tmp_path: Path) -> None:
    path = _save(_table(), tmp_path / "t.csv")
    spec = ColumnSpec(where=("split=test",), show=("split",))
    rows = worst_of(WorstRequest(InputRequest((path,), spec), id="id")).rows
    lines = path.read_text().splitlines()
    assert rows
    for row in rows:
        assert row.columns == {"split": "test"}
        assert lines[(row.line or 0) - 1].startswith(f"{row.id},")
    alone = _save(_table().query("split == 'test'"), tmp_path / "k.csv")
    of_all, of_kept = (
        gradients_of(GradientsRequest(InputRequest((file,), replace(ColumnSpec(), where=where))))
        for file, where in ((path, ("split=test",)), (alone, ()))
    )
    assert of_all.bins == of_kept.bins


@pytest.mark.parametrize("on", [None, "id"])
@pytest.mark.parametrize("columns", [("both",), ("base",), ("new",)])
def test_pairs_stay_whole(tmp_path: Path, on: str | None, columns: Sequence[str]) -> None:
    table = _table()
    new = table.assign(prob_cat=0.5, prob_dog=0.5)
    kept = table["split"] == "test"

    def difference(base: pd.DataFrame, new: pd.DataFrame, where: tuple[str, ...]) -> Any:
        paths = (_save(base, tmp_path / "base.csv"), _save(new, tmp_path / "new.csv"))
        base_request, new_request = (InputRequest((path,), ColumnSpec(where=where)) for path in paths)
        return compare_files(CompareRequest(base_request, new_request, on)).metrics

    alone = difference(table[kept], new[kept], ())
    if on is not None:
        new = new[::-1]
    base = table if "new" not in columns else table.drop(columns="split")
    new = new if "base" not in columns else new.drop(columns="split")
    assert difference(base, new, ("split=test",)) == alone


def test_filters_that_disagree_are_refused(tmp_path: Path) -> None:
    table = _table()
    base = _save(table, tmp_path / "base.csv")
    new = _save(table.assign(split=["test", *table["split"][:-1]]), tmp_path / "new.csv")
    spec = ColumnSpec(where=("split=test",))
    with pytest.raises(ContentError) as caught:
        compare_files(CompareRequest(InputRequest((base,), spec), InputRequest((new,), spec), "id"))
    assert caught.value.code == "filters_differ"


@pytest.mark.parametrize(
    ("where", "kind", "code", "says"),
    [
        ("split=tset", ContentError, "no_rows", 'did you mean where="split=test"?'),
        ("splt=test", RequestError, "no_such_column", 'did you mean where="split=test"?'),
        ("split", RequestError, "where", "COL=VALUE"),
        ("=x", RequestError, "where", "COL=VALUE"),
        ("nothing!=test", RequestError, "no_such_column", "columns:"),
    ],
)
def test_what_filters_nothing_is_refused(
    tmp_path: Path, where: str, kind: type[XentError], code: str, says: str
) -> None:
    with pytest.raises(kind) as caught:
        score(_save(_table(), tmp_path / "t.csv"), where=where)
    assert caught.value.code == code
    assert says in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("a=b", ["a"], Condition("a", "b")),
        ("a!=b", ["a"], Condition("a", "b", equal=False)),
        ("a!=b", ["a!"], Condition("a!", "b")),
        ("a!=b", ["a", "a!"], Condition("a", "b", equal=False)),
        ("a=b=c", ["a=b"], Condition("a=b", "c")),
        ("a=b=c", ["a"], Condition("a", "b=c")),
        ("a=b!=c", ["a=b"], Condition("a=b", "c", equal=False)),
        ("a=", ["a"], Condition("a", "")),
        ("a=b", ["x"], None),
    ],
)
def test_a_condition_is_cut_behind_a_column(text: str, names: list[str], found: Condition | None) -> None:
    assert parse_condition(text, names) == found


def test_a_baseline_of_other_rows_is_refused(tmp_path: Path) -> None:
    path = _save(_table(), tmp_path / "t.csv")
    saved = score(path, where="split=test").to_dict()
    (tmp_path / "b.json").write_text(json.dumps(saved))
    require = "log_loss <= baseline"
    assert score(path, where="split=test", baseline=tmp_path / "b.json", require=require).gates
    with pytest.raises(ContentError, match="where"):
        score(path, baseline=tmp_path / "b.json", require=require)
    del saved["signature"]["where"]  # as a version without filters wrote it
    (tmp_path / "b.json").write_text(json.dumps(saved))
    assert score(path, baseline=tmp_path / "b.json", require="rows <= baseline").gates
