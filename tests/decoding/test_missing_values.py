"""Spellings of missing values: in labels, numbers and slices, of text and of other formats."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from xentcli.api import score
from xentcli.errors import ContentError
from xentcli.results.score import ScoreResult

TEXT = "label,p_a,p_b,site\na,0.75,0.25,x\nNA,0.5,0.5,x\nb,NA,0.5,x\nb,0.5,0.5,NA\nb,-999,-9.99e2,y\n"


def skipping(path: Path, **options: object) -> ScoreResult:
    return score(path, missing="skip", breakdown=False, **options)  # type: ignore[arg-type]


def codes(result: ScoreResult) -> dict[str, int]:
    return {notice.code: notice.count for notice in result.notices}


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_labels_numbers_and_slices(form: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{form}"
    names, *rows = (line.split(",") for line in TEXT.split())
    if form == "csv":
        path.write_text(TEXT)
    elif form == "jsonl":
        values = [[v if v[-1:].isdigit() else f'"{v}"' for v in row] for row in rows]
        lines = [", ".join(f'"{k}": {v}' for k, v in zip(names, row, strict=True)) for row in values]
        path.write_text("".join(f"{{{line}}}\n" for line in lines))
    else:  # which has no text where numbers are to be
        columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
        numbers = {k: [None if v == "NA" else float(v) for v in columns[k]] for k in ("p_a", "p_b")}
        pq.write_table(pa.table({**columns, **numbers}), path)
    result = skipping(path, na=["NA", "-999", "?"], by="site")
    assert (result.rows, result.metrics.skipped_rows) == (2, 3)
    assert result.metrics.log_loss == pytest.approx(0.4904146265058631)
    assert {each.by for each in result.slices} == {(("site", "x"),), (("site", None),)}
    assert codes(result) == {"skipped_rows": 3, "na_unused": 1, "ties": 1}
    assert result.signature.na == ("NA", "-999", "?")


def test_arrays() -> None:
    result = score(
        ["a", "b", "?"], probs=[[0.75, 0.25], [0.5, 0.5], [0.5, 0.5]], classes=["a", "b"], na="?", missing="skip"
    )
    assert (result.rows, result.metrics.skipped_rows) == (2, 1)


def test_lists(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"label": 0, "probs": [0.75, 0.25]}\n{"label": 1, "probs": [-1, "NA"]}\n')
    result = skipping(tmp_path / "x.jsonl", na=["NA", "-1"])
    assert (result.rows, result.metrics.skipped_rows, "na_unused" in codes(result)) == (1, 1, False)


def test_a_label_to_be_ignored_is_not_missing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("label,p_a,p_b\na,0.75,0.25\nNA,0.5,0.5\n")
    result = score(tmp_path / "x.csv", na="NA", ignore_label="NA")
    assert (result.rows, result.metrics.ignored_rows, codes(result).get("na_unused")) == (1, 1, 1)


def test_missing_values_are_refused_unless_they_are_skipped(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text(TEXT)
    with pytest.raises(ContentError) as caught:
        score(tmp_path / "x.csv", na=["NA", "-999"])
    assert caught.value.code == "label_missing"


@pytest.mark.parametrize("threads", [1, 3])
def test_a_class_of_that_name_is_one_without_the_option(threads: int, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("label,p_NA,p_b\nNA,0.75,0.25\nb,0.5,0.5\n")
    assert score(tmp_path / "x.csv", threads=threads).rows == 2
