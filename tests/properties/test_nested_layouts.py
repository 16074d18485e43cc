"""Generated tables in the layouts of real tools score as the plain layout does, to the last bit."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc as ipc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xentcli import score
from xentcli.results.score import ScoreResult

CLASSES = ("LABEL_0", "LABEL_1", "LABEL_10")
_VECTOR = pa.struct(
    [
        ("type", pa.int8()), ("size", pa.int32()), ("indices", pa.list_(pa.int32())),
        ("values", pa.list_(pa.float64())),
    ]
)  # fmt: skip
_PAIR = pa.struct([("label", pa.string()), ("score", pa.float64())])
_WRAPPED = pa.struct([("list", pa.list_(pa.struct([("element", _PAIR)])))])

Row = tuple[int, tuple[float, ...], tuple[int, ...]]  # the label, the scores, and an order to write them in
Layout = Callable[[Path, Sequence[Row]], ScoreResult]


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows of probabilities that sum to 1 but for rounding."""
    rows = []
    for _ in range(draw(st.integers(2, 12))):
        weights = draw(st.tuples(*[st.integers(1, 1000)] * len(CLASSES)))
        order = draw(st.permutations(range(len(CLASSES))))
        rows.append((draw(st.sampled_from(range(3))), tuple(x / sum(weights) for x in weights), tuple(order)))
    return rows


def _lines(folder: Path, rows: Sequence[Mapping[str, Any]], **options: Any) -> ScoreResult:
    path = folder / "p.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return score(path, **options)


def _parquet(folder: Path, columns: Mapping[str, Any], **options: Any) -> ScoreResult:
    pq.write_table(pa.table(dict(columns)), folder / "p.parquet", row_group_size=5)
    return score(folder / "p.parquet", **options)


def _pairs(row: Row, name: str = "label", number: str = "score") -> list[dict[str, Any]]:
    return [{name: CLASSES[k], number: row[1][k]} for k in row[2]]


def _labels(rows: Sequence[Row]) -> list[str]:
    return [CLASSES[label] for label, _, _ in rows]


def plain(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """A column for each class."""
    columns = {f"p_{name}": [q[k] for _, q, _ in rows] for k, name in enumerate(CLASSES)}
    return _parquet(folder, {"label": _labels(rows), **columns})


def pipeline(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """A list of {label, score} in any order."""
    return _lines(folder, [{"label": CLASSES[row[0]], "out": _pairs(row)} for row in rows], prob="out")


def pipeline_in_array(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """An array of such lists, and the labels in another array."""
    (folder / "probs.json").write_text(json.dumps([_pairs(row) for row in rows], indent=2))
    (folder / "y.json").write_text(json.dumps(_labels(rows)))
    return score(folder / "probs.json", labels=folder / "y.json")


def tables_service(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """{value, score} inside an object."""
    lines = [{"a": {"gold": CLASSES[row[0]], "tables": _pairs(row, "value")}} for row in rows]
    return _lines(folder, lines, label="a.gold", prob="a.tables")


def zero_shot(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """Names and scores in two lists."""
    names = [[CLASSES[k] for k in order] for _, _, order in rows]
    scores = [[q[k] for k in order] for _, q, order in rows]
    columns = {"gold": _labels(rows), "names": names, "scores": scores}
    return _parquet(folder, columns, prob="scores", classes_in="names")


def wrapped(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """BigQuery's nesting."""
    values = [{"list": [{"element": pair} for pair in _pairs(row)]} for row in rows]
    return _parquet(folder, {"label": _labels(rows), "q": pa.array(values, _WRAPPED)}, prob="q")


def mapping(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """A map of Parquet."""
    values = [[(CLASSES[k], q[k]) for k in order] for _, q, order in rows]
    column = pa.array(values, pa.map_(pa.string(), pa.float64()))
    return _parquet(folder, {"label": _labels(rows), "q": column}, prob="q")


def arrow_lists(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """A list of structs in Arrow IPC."""
    table = pa.table({"label": _labels(rows), "q": pa.array([_pairs(row) for row in rows], pa.list_(_PAIR))})
    with ipc.new_file(folder / "p.arrow", table.schema) as writer:
        writer.write_table(table, 3)
    return score(folder / "p.arrow", prob="q")


def vectors(folder: Path, rows: Sequence[Row]) -> ScoreResult:
    """Spark's vectors, dense and sparse by turns."""
    values = [
        {"type": 1, "size": None, "indices": None, "values": q}
        if k % 2
        else {"type": 0, "size": 3, "indices": [0, 1, 2], "values": q}
        for k, (_, q, _) in enumerate(rows)
    ]
    columns = {"label": [float(label) for label, _, _ in rows], "v": pa.array(values, _VECTOR)}
    return _parquet(folder, columns, prob="v", classes=CLASSES)


NAMED = (pipeline, pipeline_in_array, tables_service, zero_shot, wrapped, mapping, arrow_lists, vectors)


@pytest.mark.parametrize("layout", NAMED, ids=lambda each: each.__name__)
@given(rows=tables())
def test_layouts_of_classes(layout: Layout, rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("layout")
    expected, found = plain(folder, rows), layout(folder, rows)
    assert found.classes == expected.classes
    assert found.metrics == expected.metrics
    assert found.per_class == expected.per_class


DOCUMENTS = st.lists(st.lists(st.floats(-50, 0), min_size=1, max_size=6), min_size=2, max_size=6)


def _responses(documents: Sequence[Sequence[float]], base: float) -> dict[str, tuple[list[Any], str]]:
    """The rows of each server's layout, and the path to the log-probabilities."""
    lists = [[None, *(x / base for x in each)] for each in documents]
    return {
        "lists": ([{"token_logprobs": each} for each in lists], "token_logprobs"),
        "completions": (
            [{"choices": [{"logprobs": {"token_logprobs": each}}]} for each in lists],
            "choices[].logprobs.token_logprobs",
        ),
        "chats": (
            [
                {"choices": [{"logprobs": {"content": [{"token": "a", "logprob": x} for x in each]}}]}
                for each in lists
            ],
            "choices[].logprobs.content[].logprob",
        ),
        "vllm": (
            [
                {"prompt_logprobs": [None if x is None else {"7": {"logprob": x, "rank": 1}} for x in each]}
                for each in lists
            ],
            "prompt_logprobs",
        ),
    }


@pytest.mark.parametrize("name", ["lists", "completions", "chats", "vllm"])
@given(documents=DOCUMENTS)
def test_layouts_of_tokens(
    name: str, documents: list[list[float]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    flat = [{"doc": f"d{k}", "q": x} for k, each in enumerate(documents) for x in each]
    expected = _lines(folder, flat, logprob="q", doc="doc")
    rows, path = _responses(documents, 1.0)[name]
    found = _lines(folder, rows, logprob=path)
    assert found.metrics == expected.metrics
    assert sorted(each.rows for each in found.documents or ()) == sorted(map(len, documents))
    assert math.fsum(each.contribution or 0.0 for each in found.documents or ()) == pytest.approx(
        found.metrics.log_loss, abs=1e-12
    )


@given(documents=DOCUMENTS)
def test_other_bases(documents: list[list[float]], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bases")
    expected = math.fsum(-x for each in documents for x in each) / sum(map(len, documents))
    for name, base in (("2", math.log(2)), ("10", math.log(10))):
        rows, path = _responses(documents, base)["lists"]
        found = _lines(folder, rows, logprob=path, log_base=name)
        assert found.metrics.log_loss == pytest.approx(expected, rel=1e-12, abs=1e-300)
