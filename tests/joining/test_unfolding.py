"""Rows of several labels: matched by name, scored label by label, with rows as what is independent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import log_loss

from xentcli import score
from xentcli.api import InputRequest, WorstRequest, merge_states, worst_of
from xentcli.columns.columns import ColumnSpec
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.sources.delimited import records

NAMES = ("toxic", "insult", "threat")
N = 60
_rng = np.random.default_rng(7)
P = _rng.uniform(0.02, 0.98, (N, 3))
Y = (_rng.uniform(size=(N, 3)) < P**2).astype(int)
W = _rng.uniform(0.5, 2.0, N)
ASK: dict[str, Any] = {"multilabel": True, "label": "y_*", "prob": "p_*"}


def _table(**more: Any) -> dict[str, Any]:
    labels = {f"y_{name}": Y[:, k] for k, name in enumerate(NAMES)}
    return {"id": np.arange(N), **labels, **{f"p_{name}": P[:, k] for k, name in enumerate(NAMES)}, **more}


def _csv(path: Path, table: dict[str, Any], rows: slice = slice(None)) -> Path:
    columns = [np.asarray(column)[rows].tolist() for column in table.values()]
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    path.write_text("\n".join([",".join(table), *lines, ""]))
    return path


def _error(table: dict[str, Any], **options: Any) -> XentError:
    with pytest.raises(XentError) as caught:
        score(pa.table(table), **{**ASK, **options})
    return caught.value


def test_the_log_loss_is_the_mean_over_rows_and_labels() -> None:
    found = score(pa.table(_table()), **ASK)
    expected = [log_loss(Y[:, k], P[:, k], labels=[0, 1]) for k in range(3)]
    assert found.metrics.log_loss == pytest.approx(np.mean(expected), rel=1e-12)
    assert found.labels is not None
    assert [each.name for each in found.labels] == list(NAMES)
    assert [each.log_loss for each in found.labels] == pytest.approx(expected, rel=1e-12)
    assert [each.share for each in found.labels] == pytest.approx(Y.mean(axis=0), rel=1e-12)
    assert [each.accuracy for each in found.labels] == pytest.approx(((P > 0.5) == Y).mean(axis=0), rel=1e-12)
    assert [each.brier for each in found.labels] == pytest.approx(((P - Y) ** 2).mean(axis=0), rel=1e-12)
    assert sum(each.contribution or 0 for each in found.labels) == pytest.approx(found.metrics.log_loss, rel=1e-12)
    assert found.metrics.accuracy == pytest.approx(((P > 0.5) == Y).mean(), rel=1e-12)
    assert (found.rows, found.metrics.rows, found.inputs[0].rows) == (N, N, N)
    assert found.signature.labels == "multilabel"


def test_rows_are_what_is_independent() -> None:
    """The error is that of the means of rows, or with weights of their sums; `--cluster id` says the same."""
    losses = -np.log(np.where(Y == 1, P, 1 - P)).mean(axis=1)
    found = score(pa.table(_table()), **ASK).metrics
    assert found.log_loss_se == pytest.approx(losses.std(ddof=1) / np.sqrt(N), rel=1e-12)
    right = ((P > 0.5) == Y).mean(axis=1)
    assert found.accuracy_se == pytest.approx(right.std(ddof=1) / np.sqrt(N), rel=1e-12)
    weighted = score(pa.table(_table(w=W)), weight="w", **ASK).metrics
    mean = np.average(losses, weights=W)
    assert weighted.log_loss == pytest.approx(mean, rel=1e-12)
    se = np.sqrt(N / (N - 1) * ((W * (losses - mean)) ** 2).sum()) / W.sum()
    assert weighted.log_loss_se == pytest.approx(se, rel=1e-12)
    clustered = score(pa.table(_table(w=W)), weight="w", cluster="id", **ASK).metrics
    assert clustered.log_loss_se == pytest.approx(se, rel=1e-12)
    assert clustered.rows == N


def test_slices_and_gates_of_labels() -> None:
    site = np.array(["a", "b"])[np.arange(N) % 2]
    found = score(pa.table(_table(site=site)), by="site", require="log_loss[label=*] <= 9", **ASK)
    [a, b] = sorted((each for each in found.slices if each.by[0][0] == "site"), key=lambda each: each.by)
    alone = score(pa.table(_table(site=site)).slice(0), **ASK).metrics
    of_a = score(pa.table({name: column[::2] for name, column in _table().items()}), **ASK).metrics
    assert a.metrics == of_a
    assert (a.rows, b.rows) == (N // 2, N // 2)
    assert alone == found.metrics
    assert [dict(gate.by)["label"] for gate in found.gates] == sorted(NAMES) or len(found.gates) == 3


def test_any_blocks_and_parts_give_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = score(_csv(tmp_path / "all.csv", _table()), **ASK)
    parts = [_csv(tmp_path / f"{i}.csv", _table(), rows) for i, rows in enumerate((slice(0, 17), slice(17, N)))]
    assert score(parts, **ASK).metrics == whole.metrics
    for part in parts:
        score(part, save_state=part.with_suffix(".json"), **ASK)
    merged = merge_states([part.with_suffix(".json") for part in parts])
    assert (merged.metrics, merged.labels) == (whole.metrics, whole.labels)
    monkeypatch.setattr(records, "BLOCK_BYTES", 50)
    assert score(tmp_path / "all.csv", **ASK).metrics == whole.metrics
    pq.write_table(pa.table(_table()), tmp_path / "all.parquet", row_group_size=7)
    assert score(tmp_path / "all.parquet", **ASK).metrics == whole.metrics


def test_missing_labels_and_scores_are_of_their_label(tmp_path: Path) -> None:
    labels = pa.array([None if i % 5 == 0 else int(y) for i, y in enumerate(Y[:, 0])])
    table = {**_table(), "y_toxic": labels}
    assert _error(table).code == "label_missing"
    found = score(pa.table(table), missing="skip", **ASK)
    keep = np.ones((N, 3), bool)
    keep[::5, 0] = False
    losses = -np.log(np.where(Y == 1, P, 1 - P))
    assert found.metrics.log_loss == pytest.approx(losses[keep].mean(), rel=1e-12)
    assert (found.rows, found.metrics.skipped_rows) == (N, N // 5)


def test_the_worst_are_labels_of_rows(tmp_path: Path) -> None:
    path = _csv(tmp_path / "a.csv", _table())
    spec = ColumnSpec(label="y_*", prob=("p_*",), multilabel=True)
    [first, *_] = worst_of(WorstRequest(InputRequest((path,), spec))).rows
    losses = -np.log(np.where(Y == 1, P, 1 - P))
    row, k = np.unravel_index(np.argmax(losses), losses.shape)
    assert (first.line, first.columns["label"]) == (int(row) + 2, NAMES[int(k)])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"prob": "p_t*"}, "multilabel"),
        ({"label": "x_*"}, "no_such_column"),
        ({"label": None}, "multilabel"),
        ({"positive": "1"}, "multilabel"),
        ({"classes": ["a", "b", "c"]}, "multilabel"),
        ({"logit": "p_*"}, "two_kinds"),
        ({"target": "p_*"}, "two_labels"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, Any], code: str) -> None:
    error = _error(_table(), **options)
    assert isinstance(error, RequestError)
    assert error.code == code


def test_labels_are_0_or_1() -> None:
    error = _error({**_table(), "y_insult": np.where(np.arange(N) == 3, 2, Y[:, 1])})
    assert isinstance(error, ContentError)
    assert (error.code, error.where and error.where.row) == ("label_unknown", 3)
    true = pa.table({**_table(), "y_insult": [bool(y) for y in Y[:, 1]]})
    assert score(true, **ASK).metrics == score(pa.table(_table()), **ASK).metrics


def test_labels_of_a_file_of_their_own(tmp_path: Path) -> None:
    table = _table()
    same = {name: name.partition("_")[2] for name in table if name != "id"}
    truth = {"id": table["id"], **{same[name]: table[name] for name in table if name.startswith("y_")}}
    scores = {"id": table["id"], **{same[name]: table[name] for name in table if name.startswith("p_")}}
    back = slice(None, None, -1)
    names = ",".join(NAMES)
    files = _csv(tmp_path / "p.csv", scores, back), _csv(tmp_path / "y.csv", truth)
    found = score(files[0], labels=files[1], on="id", multilabel=True, label=names, prob=names)
    assert found.metrics == score(pa.table(table), **ASK).metrics
    (tmp_path / "y.csv").write_text(files[1].read_text() + "999,0,0,0\n")
    with pytest.raises(ContentError, match="whose id is not in"):
        score(files[0], labels=files[1], on="id", multilabel=True, label=names, prob=names)
