"""Predictions and labels in two files score as the one file they were cut from, or are refused."""

from __future__ import annotations

import csv
import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.values import replace
from xentcli import score
from xentcli.errors import ContentError, RequestError, Where, XentError
from xentcli.joining import id_index as ids_module
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.join import join_sources
from xentcli.sources.arrays import to_arrow
from xentcli.sources.delimited import records
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, Source, TextOptions

Rows = list[dict[str, Any]]

ODD_IDS = [
    "01",
    "1",
    "1.0",
    'say "hi"',
    "two\nlines",
    "a,b",
    " a",
    "a",
    "é",
    "e\u0301",
    "NA",
    "null",
    "0x1",
    "猫",
    "🐈",
]


def _rows(ids: Sequence[Any]) -> Rows:
    rng = random.Random(len(ids))
    rows: Rows = []
    for i, each in enumerate(ids):
        p = rng.random()
        label = "cat" if rng.random() < p else "dog"
        rows.append({"id": each, "label": label, "w": i % 5, "prob_cat": p, "prob_dog": 1 - p})
    return rows


def _write(path: Path, rows: Rows, columns: Sequence[str]) -> str:
    if path.suffix == ".parquet":
        table = pa.Table.from_pylist([{c: row[c] for c in columns} for row in rows])
        pq.write_table(table, path, row_group_size=max(1, len(rows) // 3))
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return str(path)


PREDICTED, TRUE = ("id", "prob_cat", "prob_dog"), ("w", "label", "id")


def _numbers(result: Any) -> Any:
    return replace(result, inputs=(), notices=(), columns=replace(result.columns, label_file=None))


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("weight", [None, "w"])
@pytest.mark.parametrize(
    ("predictions", "labels"),
    [("csv", "csv"), ("parquet", "csv"), ("csv", "parquet"), ("parquet", "parquet")],
)
def test_by_id_in_another_order_is_the_score_of_one_file(
    tmp_path: Path, predictions: str, labels: str, weight: str | None, threads: int
) -> None:
    rows = _rows([*ODD_IDS, *(str(i) for i in range(100, 5000))])
    whole = _write(tmp_path / "whole.csv", rows, ("id", "label", "w", "prob_cat", "prob_dog"))
    preds = _write(tmp_path / f"p.{predictions}", rows, PREDICTED)
    truth = _write(tmp_path / f"t.{labels}", random.Random(1).sample(rows, len(rows)), TRUE)
    found = score(preds, labels=truth, on="id", weight=weight, threads=threads)
    assert _numbers(found) == _numbers(score(whole, weight=weight))


@given(order=st.permutations(range(30)), cuts=st.sets(st.integers(1, 29), max_size=3), threads=st.integers(1, 2))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_labels_and_the_cut_into_files_change_nothing(
    tmp_path: Path, order: list[int], cuts: set[int], threads: int
) -> None:
    rows = _rows([str(i) for i in range(30)])
    edges = [0, *sorted(cuts), 30]
    paths = [
        _write(tmp_path / f"p{i}.csv", rows[a:b], PREDICTED) for i, (a, b) in enumerate(itertools.pairwise(edges))
    ]
    by_id = score(
        paths, labels=_write(tmp_path / "t.csv", [rows[i] for i in order], TRUE), on="id", threads=threads
    )
    in_order = score(paths, labels=_write(tmp_path / "o.csv", rows, ("label",)), threads=threads)
    whole = score(_write(tmp_path / "whole.csv", rows, (*PREDICTED, "label")))
    assert _numbers(by_id) == _numbers(in_order) == _numbers(whole)


def test_integers_of_parquet_are_their_decimal_text(tmp_path: Path) -> None:
    rows = _rows(list(range(50)))
    truth = _write(tmp_path / "t.csv", rows[::-1], TRUE)
    assert score(_write(tmp_path / "p.parquet", rows, PREDICTED), labels=truth, on="id").rows == 50


def test_many_parts_on_many_threads_are_told_in_the_order_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "BLOCK_BYTES", 512)
    rows = _rows([str(i) for i in range(3000)])
    lost = [*range(5, 3000, 100)]
    truth = _write(tmp_path / "t.csv", [row for i, row in enumerate(rows) if i not in lost], TRUE)
    preds = _write(tmp_path / "p.csv", [*rows, rows[7], rows[7]], PREDICTED)
    messages = set()
    for threads in (1, 2, 8):
        with pytest.raises(ContentError) as caught:
            score(preds, labels=truth, on="id", threads=threads)
        messages.add(caught.value.message)
    [message] = messages
    assert message == (
        '2 predictions with an id that an earlier prediction has ("7" line 3002, "7" line 3003); '
        f"30 predictions whose id is not in {truth} "
        '("5" line 7, "105" line 107, "205" line 207, "305" line 307, "405" line 407, ...)'
    )


@dataclass(frozen=True)
class Refused:
    predictions: str
    labels: str
    exit_code: int
    code: str
    says: tuple[str, ...]
    given: Mapping[str, Any]


BY_ID: Mapping[str, Any] = {"on": "id"}
HEAD = "id,prob_cat,prob_dog\n"
REFUSED = {
    "prediction without a label": Refused(
        HEAD + "a,.5,.5\nb,.5,.5\n", "id,label\na,cat\n", 3, "ids_missing",
        ("p.csv, line 3", "1 prediction whose id is not in", '"b" line 3', "needs its label"), BY_ID,
    ),
    "label without a prediction": Refused(
        HEAD + "a,.5,.5\n", "id,label\nb,cat\na,cat\n", 3, "ids_extra",
        ("1 row of", "whose id is not in", '"b" line 2', "allow_extra=True"), BY_ID,
    ),
    "prediction twice": Refused(
        HEAD + "a,.5,.5\na,.5,.5\na,.5,.5\n", "id,label\na,cat\n", 3, "ids_duplicated",
        ("2 predictions with an id that an earlier prediction has", '"a" line 3', '"a" line 4'), BY_ID,
    ),
    "label twice": Refused(
        HEAD + "a,.5,.5\n", "id,label\na,cat\na,dog\n", 3, "ids_duplicated",
        ("1 row of", "with an id that an earlier row has", '"a" line 3'), {**BY_ID, "allow_extra": True},
    ),
    "prediction without an id": Refused(
        HEAD + 'a,.5,.5\n"",.5,.5\n,.5,.5\n', "id,label\na,cat\n", 3, "id_missing",
        ("2 predictions without an id (line 3, line 4)",), BY_ID,
    ),
    "label without an id": Refused(
        HEAD + "a,.5,.5\n", "id,label\na,cat\n,cat\n", 3, "id_missing", ("without an id (line 3)",), BY_ID
    ),
    "all at once": Refused(
        HEAD + "a,.5,.5\na,.5,.5\n,.5,.5\nx,.5,.5\n", "id,label\na,cat\ny,cat\ny,cat\n,dog\n", 3, "id_missing",
        (
            "1 prediction without an id (line 4)", '("a" line 3)', '("x" line 5)', "without an id (line 5)",
            '("y" line 4)', '("y" line 3)',
        ), BY_ID,
    ),
    "line of a quoted id": Refused(
        HEAD + '"a\n""b""",.5,.5\n"c\nd",.5,.5\n', 'id,label\n"a\n""b""",cat\n', 3, "ids_missing",
        ('"c\nd" line 4',), BY_ID,
    ),
    "leading zeros": Refused(
        HEAD + "007,.5,.5\n", "id,label\n7,cat\n", 3, "ids_missing",
        ("exactly as written", '"007" is not "7"'), BY_ID,
    ),
    "another column": Refused(
        HEAD + "a,.5,.5\n", "id,label\nz,cat\n", 3, "ids_missing", ("is this the right column?",), BY_ID
    ),
    "fewer labels": Refused(
        HEAD + "a,.5,.5\nb,.5,.5\n", "label\ncat\n", 3, "row_counts", ("2 prediction rows, but 1 rows", "on="), {}
    ),
    "more labels": Refused(
        HEAD + "a,.5,.5\n", "label\ncat\ndog\n", 3, "row_counts", ("1 prediction rows, but 2 rows",), {}
    ),
    "no labels": Refused(HEAD + "a,.5,.5\n", "id,label\n", 3, "no_rows", ("t.csv",), BY_ID),
    "no such id": Refused(
        HEAD + "a,.5,.5\n", "ID,label\na,cat\n", 2, "no_such_column", ("t.csv", 'did you mean "ID"?'), BY_ID
    ),
    "a column in both": Refused(
        "id,prob_cat,prob_dog,label\na,.5,.5,cat\n", "id,label\na,cat\n", 2, "duplicate_column",
        ("p.csv", "t.csv", '"label"', "drop or rename"), BY_ID,
    ),
    "an id nobody named": Refused(
        HEAD + "a,.5,.5\n", "id,label\na,cat\n", 2, "duplicate_column", ('"id"', 'on="id" '), {}
    ),
    "an id that is a weight": Refused(
        HEAD + "1,.5,.5\n", "id,label\n1,cat\n", 2, "id_as_number", ('"id"',), {**BY_ID, "weight": "id"}
    ),
    "extra rows without ids": Refused(
        HEAD + "a,.5,.5\n", "label\ncat\n", 2, "allow_extra", ("on=",), {"allow_extra": True}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_agree_is_refused(tmp_path: Path, name: str) -> None:
    case = REFUSED[name]
    (tmp_path / "p.csv").write_text(case.predictions)
    (tmp_path / "t.csv").write_text(case.labels)
    with pytest.raises(XentError) as caught:
        score(tmp_path / "p.csv", labels=tmp_path / "t.csv", **case.given)
    error = caught.value
    assert (error.exit_code, error.code) == (case.exit_code, case.code)
    for words in case.says:
        assert words in f"{error} {error.hint}"


def test_an_id_occurs_once_over_all_prediction_files(tmp_path: Path) -> None:
    rows = _rows(["a", "b"])
    paths = [_write(tmp_path / f"{i}.csv", rows[:n], PREDICTED) for i, n in enumerate((2, 1))]
    with pytest.raises(ContentError, match=r'1\.csv, line 2.*"a" line 2'):
        score(paths, labels=_write(tmp_path / "t.csv", rows, TRUE), on="id")


def test_rows_of_a_timestamp_are_no_ids(tmp_path: Path) -> None:
    table = pa.table({"id": pa.array([1], pa.timestamp("ns")), "prob": [0.5]})
    pq.write_table(table, tmp_path / "p.parquet")
    (tmp_path / "t.csv").write_text("id,label\na,1\n")
    with pytest.raises(ContentError, match=r"timestamp\[ns\]"):
        score(tmp_path / "p.parquet", labels=tmp_path / "t.csv", on="id")


def test_kaggle(tmp_path: Path) -> None:
    (tmp_path / "solution.csv").write_text("Id,Survived,Usage\n3,0,Public\n1,1,Private\n2,0,Public\n")
    (tmp_path / "submission.csv").write_text("Id,prob\n1,0.9\n2,0.2\n3,0.4\n")
    found = score(tmp_path / "submission.csv", labels=tmp_path / "solution.csv", on="Id", label="Survived")
    assert found.metrics.log_loss == score([1, 0, 0], probs=[0.9, 0.2, 0.4]).metrics.log_loss


def test_extra_labels_are_allowed_when_asked(tmp_path: Path) -> None:
    rows = _rows([str(i) for i in range(40)])
    truth = _write(tmp_path / "t.csv", rows, TRUE)
    preds = _write(tmp_path / "p.csv", rows[10:20], PREDICTED)
    whole = _write(tmp_path / "w.csv", rows[10:20], (*PREDICTED, "label"))
    assert _numbers(score(preds, labels=truth, on="id", allow_extra=True)) == _numbers(score(whole))


def test_the_labels_of_a_sample_do_not_count_as_read(tmp_path: Path) -> None:
    """Columns named like the labels are found by a look at the labels: the real reading begins anew."""
    (tmp_path / "t.csv").write_text("id,label\nb,dog\na,cat\nc,cat\n")
    (tmp_path / "p1.csv").write_text("id,prob_cat,prob_dog\nc,.5,.5\n")
    (tmp_path / "p2.csv").write_text("id,cat,dog\na,.5,.5\nb,.5,.5\n")
    paths = [tmp_path / "p1.csv", tmp_path / "p2.csv"]
    assert score(paths, labels=tmp_path / "t.csv", on="id").rows == 3
    (tmp_path / "o.csv").write_text("label\ncat\ncat\ndog\n")
    assert score(paths, labels=tmp_path / "o.csv").rows == 3


def test_a_collision_of_all_hashes_changes_no_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = _rows(ODD_IDS)
    preds, truth = _write(tmp_path / "p.csv", rows, PREDICTED), _write(tmp_path / "t.csv", rows[::-1], TRUE)
    before = score(preds, labels=truth, on="id")
    real: Callable[[pa.Array], Any] = ids_module.hashes
    monkeypatch.setattr(ids_module, "hashes", lambda ids: real(ids) & real(ids).dtype.type(1))
    assert score(preds, labels=truth, on="id") == before


def _open(*paths: Path | str) -> list[Source]:
    return open_paths([str(path) for path in paths], TextOptions())


def test_a_joined_source_can_be_read_twice_and_is_not_finished_halfway(tmp_path: Path) -> None:
    rows = _rows(["a", "b", "c"])
    [preds] = _open(_write(tmp_path / "p.csv", rows, PREDICTED))
    [truth] = _open(_write(tmp_path / "t.csv", rows[::-1], TRUE))
    [source] = join_sources([preds], truth, IdColumns("id", "id"), allow_extra=False)
    wanted = Projection(("label",), ("w", "prob_cat"))
    for _ in range(2):
        [block] = [block for part in source.chunks(wanted) for block in part.blocks()]
        source.finish()
        assert to_arrow(block.columns["label"]).type == pa.dictionary(pa.int32(), pa.string())
        assert block.columns["label"].to_pylist() == [row["label"] for row in rows]
        assert block.columns["w"].to_pylist() == [0.0, 1.0, 2.0]
    next(source.chunks(wanted))
    with pytest.raises(RuntimeError):
        source.finish()


def test_labels_of_any_type_and_missing_ones_arrive_as_words(tmp_path: Path) -> None:
    pq.write_table(pa.table({"label": [3, None, 5]}), tmp_path / "t.parquet", row_group_size=1)
    arrow_csv.write_csv(pa.table({"prob": [0.1, 0.2, 0.3]}), tmp_path / "p.csv")
    sources = join_sources(_open(tmp_path / "p.csv"), _open(tmp_path / "t.parquet")[0], None, allow_extra=False)
    [block] = [b for part in sources[0].chunks(Projection(("label",), ("prob",))) for b in part.blocks()]
    assert block.columns["label"].to_pylist() == ["3", None, "5"]


def test_one_name_for_the_score_and_the_label(tmp_path: Path) -> None:
    # Kaggle's files of a two-class competition: the submission's target is a probability
    (tmp_path / "solution.csv").write_text("id,target,Usage\n3,0,Public\n1,1,Private\n2,0,Public\n")
    (tmp_path / "submission.csv").write_text("id,target\n1,0.9\n2,0.2\n3,0.4\n")
    found = score(tmp_path / "submission.csv", labels=tmp_path / "solution.csv", on="id", prob="target")
    assert found.metrics.log_loss == score([1, 0, 0], probs=[0.9, 0.2, 0.4]).metrics.log_loss
    assert found.columns.label == f"target of {tmp_path / 'solution.csv'}"
    assert found.columns.scores == {"1": "target"}


def test_a_label_asked_for_beside_targets_is_refused_also_where_both_files_have_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,y,t_a,t_b\n1,a,0.5,0.5\n")
    (tmp_path / "p.csv").write_text("id,y,p_b\n1,0.3,0.7\n")
    asked: dict[str, Any] = {"label": "y", "target": ["t_a", "t_b"], "prob": ["y", "p_b"]}
    with pytest.raises(RequestError, match="label= and target= exclude each other"):
        score(tmp_path / "p.csv", labels=tmp_path / "t.csv", on="id", **asked)


def test_rows_of_lists_and_nothing_else_are_counted(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl").write_text('{"probs": [0.25, 0.75]}\n{"probs": [0.75, 0.25]}\n')
    (tmp_path / "l.csv").write_text("label\n1\n0\n1\n0\n")
    found = score([tmp_path / "a.jsonl", tmp_path / "b.jsonl"], labels=tmp_path / "l.csv", classes=["0", "1"])
    assert found.metrics.log_loss == pytest.approx(-math.log(0.75), rel=1e-15)


def test_columns_of_both_that_nobody_uses_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,name,label,prob_cat\na,x,cat,0\nb,y,dog,1\n")
    (tmp_path / "p.csv").write_text("id,name,prob_cat,prob_dog\nb,y,.25,.75\na,x,.75,.25\n")
    found = score(tmp_path / "p.csv", labels=tmp_path / "t.csv", on="id", prob="prob_*")
    assert found.metrics.log_loss == pytest.approx(-math.log(0.75), rel=1e-15)


BARE = "0.9\n0.2\n0.4\n"
SVM = "labels 1 -1\n1 0.9 0.1\n-1 0.2 0.8\n-1 0.4 0.6\n"  # svm-predict -b 1
ROWS = "0.1\t0.9\n0.8\t0.2\n0.6\t0.4\n"  # LightGBM, two classes of a multiclass model


@pytest.mark.parametrize(
    ("predictions", "labels", "given"),
    [
        (BARE, "label\n1\n0\n0\n", {"header": False}),
        (BARE, "1\n0\n0\n", {"header": False}),
        (BARE, "1\n-1\n-1\n", {"header": False, "prob": "0"}),
        (BARE, "x,truth\n7,1\n8,0\n9,0\n", {"header": False, "prob": "0", "label": "truth"}),
        (BARE, "x,hit\n7,1\n8,0\n9,0\n", {"header": False, "label": "hit"}),
        (SVM, "1\n-1\n-1\n", {"header": False}),
        (SVM, "y\n1\n-1\n-1\n", {}),
        (ROWS, "1\n0\n0\n", {"header": False}),
        (ROWS, "b\na\na\n", {"header": False, "classes": ["a", "b"]}),
    ],
)
def test_bare_predictions(tmp_path: Path, predictions: str, labels: str, given: Mapping[str, Any]) -> None:
    (tmp_path / "p.txt").write_text(predictions)
    (tmp_path / "t.txt").write_text(labels)
    found = score(tmp_path / "p.txt", labels=tmp_path / "t.txt", **given).metrics
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.6)) / 3
    assert found.log_loss == pytest.approx(expected, rel=1e-13)


def test_a_column_without_a_name_is_no_class(tmp_path: Path) -> None:
    # "0" says where the column is; it must not be taken for the class of that name
    (tmp_path / "p.csv").write_text("0,0.1,0.9\n1,0.75,0.25\n1,0.5,0.5\n")
    found = score(tmp_path / "p.csv", header=False, label="0", prob="1")
    assert found.classes == ("0", "1")
    assert found.columns.scores == {"1": "1"}
    with pytest.raises(RequestError, match="no score columns"):
        score(tmp_path / "p.csv", header=False, label="0")


def test_a_wrong_label_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(HEAD + "a,.5,.5\nb,.5,.5\n")
    (tmp_path / "t.csv").write_text("id,label\nb,bird\na,cat\n")
    with pytest.raises(ContentError) as caught:
        score(tmp_path / "p.csv", labels=tmp_path / "t.csv", on="id")
    assert (caught.value.where, caught.value.code) == (Where(str(tmp_path / "p.csv"), line=3), "label_unknown")
    assert f"the label is of {tmp_path / 't.csv'}" in str(caught.value.hint)


def test_a_last_label_that_may_have_been_cut_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("id,label\na,cat")
    (tmp_path / "p.csv").write_text(HEAD + "a,.5,.5\n")
    found = score(tmp_path / "p.csv", labels=tmp_path / "t.csv", on="id")
    assert [(n.code, n.where) for n in found.notices if n.code == "no_final_newline"] == [
        ("no_final_newline", (Where(str(tmp_path / "t.csv")),))
    ]
    assert found.columns.label_file == str(tmp_path / "t.csv")
