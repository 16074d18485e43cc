"""Delimited text that people could have, drawn at random: scored as the oracle scores it, or refused."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import reference
from tests.properties.strategies import examples, law
from xentcli import score
from xentcli.errors import ContentError, RequestError

ODD = "ab01é茶 ,;\t|\"\n\r'[]<>\x1b\ufeff"
NAMES = st.text(st.sampled_from(ODD), min_size=1, max_size=5).map(lambda name: f"c{name}c")
CLASSES = st.lists(NAMES, min_size=2, max_size=4, unique_by=str.casefold)
NOTES = st.text(st.sampled_from(ODD), max_size=5)
NUMBERS = ("{:r}", "{:.17g}", "{:.25f}", "{:.17e}", "+{:r}", " {:r}", "{:r} ")
ENDS = ("\n", "\r\n", "\r")


@dataclass(frozen=True)
class Table:
    """Rows, and how they are written."""

    classes: list[str]
    labels: list[int]
    weights: list[int]
    end: str
    delimiter: str
    quoted: bool
    columns: list[str]  # in the order of the file
    cells: dict[str, list[str]]  # by column, as written

    @property
    def rows(self) -> list[list[str]]:
        """The header and the rows, field by field."""
        return [self.columns, *map(list, zip(*(self.cells[name] for name in self.columns), strict=True))]

    @property
    def text(self) -> str:
        return self.written(self.rows)

    def written(self, rows: list[list[str]]) -> str:
        return "".join(self.delimiter.join(map(self._field, row)) + self.end for row in rows)

    def _field(self, cell: str) -> str:
        if self.quoted or cell[:1] == '"' or any(char in cell for char in ("\n", "\r", '"', *",;\t|")):
            return '"' + cell.replace('"', '""') + '"'
        return cell


def written(form: str, value: float) -> str:
    return form.replace("{:r}", repr(value)).format(value)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    classes = draw(CLASSES)
    k, n = len(classes), draw(st.integers(1, 12))
    parts = [
        draw(
            st.lists(st.integers(0, 99), min_size=k, max_size=k).map(
                lambda row: row if any(row) else [1] * len(row)
            )
        )
        for _ in range(n)
    ]
    shares = [[part / sum(row) for part in row] for row in parts]
    labels = [draw(st.sampled_from([c for c in range(k) if row[c]])) for row in parts]
    form = draw(st.sampled_from(NUMBERS))
    weights = draw(st.lists(st.integers(1, 5), min_size=n, max_size=n))
    cells = {f"prob_{name}": [written(form, row[c]) for row in shares] for c, name in enumerate(classes)}
    cells |= {"y": [classes[label] for label in labels], "w": [*map(str, weights)]}
    cells |= {"note": draw(st.lists(NOTES, min_size=n, max_size=n))}
    return Table(
        classes, labels, weights, draw(st.sampled_from(ENDS)), draw(st.sampled_from(",;\t|")), draw(st.booleans()),
        draw(st.permutations(list(cells))), cells,
    )  # fmt: skip


def scored(text: str | bytes, **options: Any) -> Any:
    with TemporaryDirectory() as folder:
        path = Path(folder, "preds.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return score(path, label="y", prob="prob_*", weight="w", **options)


@examples(4)
@given(tables(), st.booleans(), st.booleans())
def test_what_can_be_read_is_scored_as_by_the_oracle(table: Table, mark: bool, ended: bool) -> None:
    text = table.text if ended else table.text.removesuffix(table.end)
    found = scored(("\ufeff" if mark else "") + text)
    names = found.classes
    order = [table.classes.index(name) for name in names]
    rows = [[float(table.cells[f"prob_{name}"][i]) for name in names] for i in range(len(table.labels))]
    expected = reference.score(
        [order.index(label) for label in table.labels], rows, weights=[*map(float, table.weights)]
    )["metrics"]
    assert isinstance(expected, dict)
    for name in ("log_loss", "log_loss_se", "accuracy", "brier", "label_entropy", "predictive_entropy", "rows"):
        value = getattr(found.metrics, name)
        want = expected[name]
        assert value == (None if want is None else pytest.approx(want, rel=1e-12, abs=1e-14)), name


FAULTS = {
    "": "score_missing", "nan": "score_nan", "inf": "probability_out_of_range", "1.5": "probability_out_of_range",
    "-0.25": "probability_out_of_range", "1e400": "probability_out_of_range", "x": "not_a_number",
    "1_0": "not_a_number", "0x1": "not_a_number", "1,5": "not_a_number", "٠": "not_a_number",
    "--1": "not_a_number",
}  # fmt: skip


@examples(3)
@given(tables(), st.sampled_from(sorted(FAULTS)), st.data())
def test_a_fault_is_refused_with_its_line(table: Table, fault: str, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(table.labels) - 1))
    column = f"prob_{data.draw(st.sampled_from(table.classes))}"
    table.cells[column][row] = fault
    with pytest.raises(ContentError) as caught:
        scored(table.text)
    assert (caught.value.code, caught.value.column) == (FAULTS[fault], column)
    assert caught.value.where is not None
    assert caught.value.where.line == line_of(table, row)


def line_of(table: Table, row: int) -> int:
    """The physical line on which a row begins: line ends inside quotes count."""
    above = table.written(table.rows[: row + 1])
    return 1 + above.replace("\r\n", "\n").replace("\r", "\n").count("\n")


@examples(2)
@given(tables(), st.booleans(), st.data())
def test_a_field_too_many_or_too_few_is_refused(table: Table, more: bool, data: st.DataObject) -> None:
    rows = table.rows
    row = data.draw(st.integers(1, len(rows) - 1))
    rows[row] = [*rows[row], "1"] if more else rows[row][:-1]
    with pytest.raises(ContentError) as caught:
        scored(table.written(rows))
    assert caught.value.where is not None
    assert caught.value.where.line == line_of(table, row - 1)


@law
@given(tables(), st.data())
def test_a_cut_anywhere_is_refused_or_noticed_or_leaves_whole_rows(table: Table, data: st.DataObject) -> None:
    whole = table.text.encode("utf-8")
    size = data.draw(st.integers(0, len(whole) - 1))
    try:
        found = scored(whole[:size])
    except (ContentError, RequestError):
        return
    noticed = any(notice.code == "no_final_newline" for notice in found.notices)
    assert noticed or table.columns[-1] == "note" or whole[:size].endswith((b"\n", b"\r"))


def test_the_strategy_reaches_what_it_is_for() -> None:
    table = Table(["a", 'b"'], [0], [1], "\n", ",", False, ["y", 'prob_b"'], {"y": ["a"], 'prob_b"': ["1"]})
    assert table.text == 'y,"prob_b"""\na,1\n'
    assert math.isfinite(float(written("+{:r}", 0.1)))
