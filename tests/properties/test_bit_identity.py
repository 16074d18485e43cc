"""Bit-identical: the numbers depend on the set of rows, not on how it is cut, ordered, stored or shared out.

States are compared besides results: in them the last bit of every row shows, which a mean may round away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.merging import columns_of, options_of, write_csv
from tests.properties.strategies import KINDS, Case, cases, cut_blocks, law, random_case
from tests.values import replace
from xentcli import score
from xentcli.core.batch import Policy
from xentcli.errors import ContentError
from xentcli.results.parts import ClassResult, Metrics
from xentcli.results.score import ScoreResult


def numbers(result: ScoreResult) -> tuple[Metrics, tuple[ClassResult, ...]]:
    return result.metrics, result.per_class


def score_files(case: Case, paths: Sequence[Path], **options: Any) -> ScoreResult:
    """Score files of rows of a case."""
    return score(list(paths), **options_of(case), **options)


@law
@given(cases(), st.integers(1, 15), st.integers(1, 15))
def test_size_of_blocks(case: Case, block_rows: int, part_rows: int) -> None:
    whole, state = numbers(case.score()), case.state()
    with pytest.MonkeyPatch.context() as patch:
        cut_blocks(patch, block_rows)
        patch.setattr("xentcli.api.frames.CHUNK_ROWS", part_rows)
        assert numbers(case.score()) == whole
        assert case.state() == state


@pytest.mark.parametrize("columns", [1, 2, 3, 8, 12, 130])
@pytest.mark.parametrize("kind", KINDS)
def test_size_of_blocks_and_order_of_random_rows(kind: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_of_no_block(random_case(kind, columns, rows=100), Policy(), monkeypatch)


# NumPy sums 8 and more classes in another order where a block has one row, so 12 show what 3 hide.
@pytest.mark.parametrize(
    ("soft", "policy"),
    [
        (False, Policy(smoothing=0.1)),
        (False, Policy(normalize=True)),
        (True, Policy()),
        (True, Policy(normalize=True)),
    ],
    ids=["smoothing", "normalize", "soft", "soft, normalize"],
)
@pytest.mark.parametrize("kind", KINDS)
def test_size_of_blocks_and_order_of_random_rows_by_policy(
    kind: str, soft: bool, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_of_no_block(random_case(kind, 12, rows=60, soft=soft), policy, monkeypatch)


def assert_of_no_block(case: Case, policy: Policy, patch: pytest.MonkeyPatch) -> None:
    """Neither blocks nor the order of the rows show in the state, with weights and without."""
    for each in (case, replace(case, weights=None)):
        state = each.state(policy)
        with patch.context() as inner:
            assert each.take(np.random.default_rng(1).permutation(case.rows)).state(policy) == state
            for rows in (1, 7, 64):
                with patch.context() as blocks:
                    cut_blocks(blocks, rows)
                    assert each.state(policy) == state
            inner.setattr("xentcli.api.frames.CHUNK_ROWS", 1)
            assert each.state(policy) == state


@law
@given(cases(), st.integers(1, 200), st.integers(1, 4), st.sampled_from(["", "\n", "\n\n"]))
def test_bytes_of_blocks_and_threads(case: Case, block_bytes: int, threads: int, end: str) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = write_csv(case, Path(folder, "rows.csv"), end=end)
        whole = numbers(score_files(case, [path]))
        assert whole == numbers(case.score())
        patch.setattr("xentcli.sources.delimited.records.BLOCK_BYTES", block_bytes)
        assert numbers(score_files(case, [path], threads=threads)) == whole


@law
@given(cases(), st.integers(1, 3), st.integers(2, 4))
def test_threads(case: Case, part_rows: int, threads: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xentcli.api.frames.CHUNK_ROWS", part_rows)
        assert numbers(case.score(threads=threads)) == numbers(case.score(threads=1))


def cut_and_threaded(patch: pytest.MonkeyPatch) -> Iterator[int]:
    """Numbers of threads, under blocks and parts of several sizes."""
    for part_rows, block_rows, threads in [(1, 1, 1), (2, 1, 3), (7, 3, 1), (7, 2, 2), (1, 1, 4), (40, 5, 1)]:
        with patch.context() as cut:
            cut.setattr("xentcli.api.frames.CHUNK_ROWS", part_rows)
            cut_blocks(cut, block_rows)
            yield threads


def odd_rows() -> Case:
    """Infinite losses, values beyond their range, ties, and columns that seem to be of each other's class."""
    scores = [[1.0, 0.0], [1 + 1e-7, -1e-7], [0.2, 0.8], [0.5, 0.5], [0.9, 0.1]] * 8
    labels = [1, 1, 0, 1, 1] * 8
    return Case("probs", np.array(labels), np.array(scores), np.array([0.0, 0.3, 1.0, 0.1] * 10))


def logits_of_rows(*rows: list[float]) -> Case:
    return Case("logits", np.array([0, 1] * 20), np.array(rows * (40 // len(rows))), None)


@pytest.mark.parametrize(
    ("case", "codes"),
    [
        (odd_rows(), {"infinite_loss", "probability_rounded", "ties", "column_order"}),
        (logits_of_rows([0.25, 0.75]), {"looks_like_probabilities"}),
        (logits_of_rows([0.25, 0.75], [0.25, 0.5]), set()),
        (logits_of_rows([-1.5e308, 1.5e308]), {"loss_overflow"}),
    ],
)
def test_blocks_and_threads_show_in_no_notice(
    case: Case, codes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = case.score()
    assert {notice.code for notice in whole.notices} == codes
    assert [case.score(threads=threads) for threads in cut_and_threaded(monkeypatch)] == [whole] * 6


@pytest.mark.parametrize(("row", "column", "value"), [(23, 0, 0.7), (23, 1, np.nan), (5, 0, 1.5)])
def test_blocks_and_threads_show_in_no_error(
    row: int, column: int, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = odd_rows()
    case.scores[row:, column] = value

    def error(threads: int) -> tuple[str, object]:
        with pytest.raises(ContentError) as caught:
            case.score(threads=threads)
        return str(caught.value), caught.value.where

    whole = error(1)
    assert [error(threads) for threads in cut_and_threaded(monkeypatch)] == [whole] * 6


@pytest.mark.parametrize("bad", [np.nan, 1.5])
def test_an_error_is_the_first_one_however_blocks_are_cut(bad: float, monkeypatch: pytest.MonkeyPatch) -> None:
    # a block whose labels are unknown is not scored, and its scores are checked all the same
    case = odd_rows()
    case.scores[5, 0], case.scores[30, 0], case.labels[9], case.labels[31] = bad, bad, 7, 7

    def error(threads: int) -> tuple[str, object]:
        with pytest.raises(ContentError) as caught:
            case.score(classes=[0, 1], threads=threads)
        return str(caught.value), caught.value.where

    whole = error(1)
    assert [error(threads) for threads in cut_and_threaded(monkeypatch)] == [whole] * 6


@law
@given(cases(), st.data())
def test_order_of_rows(case: Case, data: st.DataObject) -> None:
    other = case.take(data.draw(st.permutations(range(case.rows))))
    assert numbers(other.score()) == numbers(case.score())
    assert other.state() == case.state()


@law
@given(cases(), st.data())
def test_cut_and_order_of_files(case: Case, data: st.DataObject) -> None:
    file_of_row = np.array(data.draw(st.lists(st.integers(0, 2), min_size=case.rows, max_size=case.rows)))
    with tempfile.TemporaryDirectory() as folder:
        pieces = [case.take(np.flatnonzero(file_of_row == i)) for i in range(3)]
        paths = [write_csv(piece, Path(folder, f"{i}.csv")) for i, piece in enumerate(pieces)]
        found = numbers(score_files(case, data.draw(st.permutations(paths))))
    assert found == numbers(case.score())


@law
@given(cases(), st.integers(1, 15))
def test_kind_of_file(case: Case, group: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        text = score_files(case, [write_csv(case, Path(folder, "rows.csv"))])
        path = Path(folder, "rows.parquet")
        pq.write_table(pa.table(columns_of(case)), path, row_group_size=group)
        binary = score_files(case, [path])
    assert numbers(text) == numbers(binary) == numbers(case.score())


@pytest.mark.parametrize("kind", [pa.int32(), pa.int64(), pa.uint64(), pa.float64()], ids=str)
def test_type_of_whole_numbers(kind: pa.DataType) -> None:
    # 2^24 + 1 is the first whole number that a float32 has not
    z, w = [[2**24 + 1, 2**24], [2**24, 2**24 + 2], [1, 0]], [2**24 + 1, 3, 2**25 + 1]
    columns = {
        name: pa.array(column, kind) for name, column in zip("abw", [*zip(*z, strict=True), w], strict=True)
    }
    found = score(pa.table({"y": ["a", "b", "b"], **columns}), label="y", logit=["a", "b"], weight="w")
    assert numbers(found) == numbers(score(["a", "b", "b"], logits=z, weights=w, classes=["a", "b"]))
