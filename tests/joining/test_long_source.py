"""A table in long format is refused with its place where it is not whole, and read in blocks of any size."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.runner import error_of, xent
from xentcli import score
from xentcli.errors import ContentError, RequestError
from xentcli.joining.long_source import LongSource
from xentcli.sources.delimited import records
from xentcli.sources.open import open_paths
from xentcli.sources.source import Projection, TextOptions

CLASSES = ("cat", "dog", "elk")
Q = ((0.5, 0.3, 0.2), (0.1, 0.8, 0.1), (0.2, 0.2, 0.6), (0.6, 0.3, 0.1))
TRUTH = ("cat", "dog", "elk", "dog")


def _lines(swap: Sequence[int] = (0, 1, 2)) -> list[str]:
    rows = [(i, k) for i in range(len(Q)) for k in swap]
    return ["id,class,prob,truth", *(f"{i},{CLASSES[k]},{Q[i][k]},{TRUTH[i]}" for i, k in rows)]


def _write(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join([*lines, ""]))
    return path


def _score(path: Path, **options: Any) -> float | None:
    return score(path, class_column="class", on="id", label="truth", **options).metrics.log_loss


def _error(path: Path, lines: Sequence[str], **options: Any) -> ContentError:
    with pytest.raises(ContentError) as caught:
        _score(_write(path, lines), **options)
    return caught.value


def test_the_order_of_classes_is_free(tmp_path: Path) -> None:
    loss = _score(_write(tmp_path / "a.csv", _lines()))
    assert loss == score(TRUTH, probs=Q, classes=CLASSES).metrics.log_loss
    assert _score(_write(tmp_path / "b.csv", _lines((2, 0, 1)))) == loss
    assert _score(tmp_path / "b.csv", classes=["dog", "elk", "cat"]) == loss


@pytest.mark.parametrize(
    ("change", "code", "line", "says"),
    [
        ({4: None}, "class_lacking", 4, 'id "1" has no row of class "cat"'),
        ({6: "1,dog,0.1,dog"}, "class_twice", 7, 'id "1" has class "dog" twice'),
        ({5: "1,cow,0.8,dog"}, "class_unknown", 6, '"cow" is none of cat, dog, elk'),
        ({5: "1,,0.8,dog"}, "class_missing", 6, "the class is missing"),
        ({5: ",dog,0.8,dog"}, "id_missing", 6, "the id is missing"),
        ({5: "1,dog,0.8,cat"}, "rows_differ", 6, 'id "1" has "dog" and "cat"'),
        ({5: "1,dog,0.8,"}, "rows_differ", 6, 'id "1" has "dog" and nothing'),
        ({10: "0,cat,0.6,dog", 11: "0,dog,0.3,dog", 12: "0,elk,0.1,dog"}, "ids_apart", 11, 'id "0" comes back'),
        ({2: "1,dog,0.3,cat", 3: "1,elk,0.2,cat"}, "ids_apart", 2, "has one row"),
    ],
)
def test_what_is_not_whole_is_refused(
    tmp_path: Path, change: dict[int, str | None], code: str, line: int, says: str
) -> None:
    lines = [text for i, old in enumerate(_lines()) if (text := change.get(i, old)) is not None]
    error = _error(tmp_path / "a.csv", lines)
    assert (error.code, error.where and error.where.line) == (code, line + (4 in change and change[4] is None))
    assert says in error.message


def test_a_doubled_class_of_the_first_id_is_refused(tmp_path: Path) -> None:
    lines = _lines()
    lines[3] = "0,cat,0.2,cat"
    assert _error(tmp_path / "a.csv", lines).code == "class_twice"


def test_sorting_as_the_hint_says_helps(tmp_path: Path) -> None:
    head, *rows = _lines()
    _write(tmp_path / "melt.csv", [head, *rows[::3], *rows[1::3], *rows[2::3]])
    options = ("--class-column", "class", "--on", "id", "--label", "truth", "--format", "json")
    error = error_of(xent("score", "melt.csv", *options, cwd=tmp_path))
    assert error["code"] == "ids_apart"
    command = error["hint"].partition(": ")[2]
    assert command.startswith("(head -n 1 melt.csv; tail")
    subprocess.run(command, shell=True, cwd=tmp_path, check=True)
    assert _score(tmp_path / "sorted.csv") == _score(_write(tmp_path / "a.csv", _lines()))


def test_groups_lie_over_the_edges_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"{i},{CLASSES[k]},{Q[i % 4][k]},{TRUTH[i % 4]}" for i in range(200) for k in range(3)]
    path = _write(tmp_path / "a.csv", ["id,class,prob,truth", *rows])
    expected = score(TRUTH * 50, probs=Q * 50, classes=CLASSES).metrics
    for size in (1, 40, 100, 1000):
        monkeypatch.setattr(records, "BLOCK_BYTES", size)
        assert score(path, class_column="class", on="id", label="truth").metrics == expected


def test_binary_files_weights_and_slices(tmp_path: Path) -> None:
    whole: dict[str, list[Any]] = {"id": [], "site": [], "w": [], "class": [], "z": [], "truth": []}
    for i, q in enumerate(Q):
        for name, value in zip(CLASSES, q, strict=True):
            values = (f"row {i}", "ab"[i % 2], float(i + 1), name, value * 9, TRUTH[i])
            for column, each in zip(whole.values(), values, strict=True):
                column.append(each)
    pq.write_table(pa.table(whole), tmp_path / "a.parquet", row_group_size=5)
    found = score(
        tmp_path / "a.parquet", class_column="class", on="id", logit="z", label="truth", weight="w", by="site"
    )
    wide = pa.table(
        {
            "label": TRUTH,
            "w": [1.0, 2.0, 3.0, 4.0],
            "site": list("abab"),
            **{f"logit_{name}": [q[k] * 9 for q in Q] for k, name in enumerate(CLASSES)},
        }
    )
    expected = score(wide, weight="w", by="site")
    assert found.metrics == expected.metrics
    assert found.slices == expected.slices


def test_places_are_the_first_lines_of_ids(tmp_path: Path) -> None:
    [inner] = open_paths([_write(tmp_path / "a.csv", _lines())], TextOptions())
    source = LongSource(inner, "class", "id", ["prob"], None)
    [*chunks] = source.chunks(Projection(("truth",), (), ("prob",)))
    places = [block.where(row).line for chunk in chunks for block in chunk.blocks() for row in range(block.rows)]
    assert places == [2, 5, 8, 11]


def test_it_is_read_on_one_machine(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    with pytest.raises(RequestError, match="class_column= is read on one machine only"):
        _score(_write(tmp_path / "a.csv", _lines()), engine="dask")
