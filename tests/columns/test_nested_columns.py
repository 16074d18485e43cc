"""Scores that lie in lists and objects: which are read, and which are in doubt."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from xentcli import score
from xentcli.errors import ContentError, RequestError


def lines(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = "p.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


SORTED: list[Mapping[str, Any]] = [
    {"y": "a", "words": ["a", "b"], "q": [0.9, 0.1]},
    {"y": "b", "words": ["b", "a"], "q": [0.75, 0.25]},
]


def test_lists_beside_names_whose_order_changes_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path, SORTED)
    for classes in (None, ["a", "b"]):
        with pytest.raises(RequestError, match="change their order") as caught:
            score(path, prob="q", classes=classes)
        assert 'classes_in="words"' in str(caught.value.hint)
    assert score(path, prob="q", classes_in="words").metrics.accuracy == 1.0


def test_names_in_one_order_do_not_hinder(tmp_path: Path) -> None:
    rows = [{"y": "a", "words": ["a", "b"], "q": [0.9, 0.1]}, {"y": "b", "words": ["a", "b"], "q": [0.25, 0.75]}]
    path = lines(tmp_path, rows)
    expected = score(path, prob="q", classes=["a", "b"])
    assert score(path, prob="q", classes_in="words").metrics == expected.metrics
    with pytest.raises(RequestError) as caught:
        score(path, prob="q")
    assert 'classes_in="words"' in str(caught.value.hint)


WRONG_NAMES: dict[str, tuple[dict[str, Any], str]] = {
    "another number": ({"y": "a", "words": ["a"], "q": [0.5, 0.5]}, "1 names of classes"),
    "twice": ({"y": "a", "words": ["a", "a"], "q": [0.5, 0.5]}, "named twice"),
    "missing": ({"y": "a", "words": [None, "a"], "q": [0.5, 0.5]}, "no name of its class"),
    "too few": ({"y": "a", "words": ["a"], "q": [1.0]}, r'no score of class "b" \(1 row\)'),
}


@pytest.mark.parametrize("name", WRONG_NAMES)
def test_wrong_names_are_refused_where_they_stand(name: str, tmp_path: Path) -> None:
    row, message = WRONG_NAMES[name]
    with pytest.raises(ContentError, match=message) as caught:
        score(lines(tmp_path, [*SORTED, row]), prob="q", classes_in="words")
    assert caught.value.where is not None
    assert caught.value.where.line == 3


def test_a_class_that_comes_late_needs_classes(tmp_path: Path) -> None:
    rows = [{**row, "text": "x" * 200} for row in SORTED] * 4096  # more than is looked at
    path = lines(tmp_path, [*rows, {"y": "c", "words": ["a", "c"], "q": [0.5, 0.5]}])
    with pytest.raises(ContentError, match="none of the first rows"):
        score(path, prob="q", classes_in="words")


@pytest.mark.parametrize("options", [{"prob": ["q", "r"]}, {"prob": "s"}])
def test_names_are_of_one_list(options: dict[str, Any], tmp_path: Path) -> None:
    path = lines(tmp_path, [{**row, "r": 0.5, "s": {"a": 0.5, "b": 0.5}} for row in SORTED])
    with pytest.raises((RequestError, ContentError)):
        score(path, classes_in="words", **options)


def test_lists_that_are_distributions_are_no_tokens(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"q": [-0.6931471805599453] * 2}] * 3)
    with pytest.raises(RequestError, match="no label column"):
        score(path, logprob="q")


@pytest.mark.parametrize("option", ["doc", "bytes"])
def test_options_of_tokens_need_tokens(option: str, tmp_path: Path) -> None:
    path = lines(tmp_path, [{"label": 1, "p": 0.5, "d": 1}])
    given: dict[str, Any] = {option: "d"}
    with pytest.raises(RequestError, match="is for token log-probabilities"):
        score(path, label="label", prob="p", **given)


def test_a_base_is_of_log_probabilities(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"label": 1, "p": 0.5}])
    with pytest.raises(RequestError, match="log_base= is of log-probabilities"):
        score(path, prob="p", log_base=10)
    with pytest.raises(RequestError, match="log_base="):
        score(path, prob="p", log_base=3)  # type: ignore[arg-type]


def test_a_leading_null_is_counted_and_others_are_missing(tmp_path: Path) -> None:
    result = score(lines(tmp_path, [{"q": [None, -1.0, -2.0]}, {"q": [-3.0]}]), logprob="q")
    assert (result.metrics.log_loss, result.rows) == (2.0, 3)
    assert [(each.code, each.count) for each in result.notices] == [("first_tokens", 1)]
    path = lines(tmp_path, [{"q": [None, -1.0, None, -2.0]}, {"q": [-3.0]}])
    with pytest.raises(ContentError, match="the score is missing"):
        score(path, logprob="q")
    skipped = score(path, logprob="q", missing="skip")
    assert (skipped.metrics.log_loss, skipped.metrics.skipped_rows) == (2.0, 1)


def test_bytes_of_a_document_or_of_each_token(tmp_path: Path) -> None:
    rows = [{"q": [None, -1.0, -2.0], "n": 6, "each": [0, 2, 4]}, {"q": [-3.0], "n": 2, "each": [2]}]
    path = lines(tmp_path, rows)
    whole, single = (score(path, logprob="q", bytes=name) for name in ("n", "each"))
    assert whole.metrics == single.metrics
    assert whole.documents == single.documents
    with pytest.raises(ContentError, match="the lists of bytes hold"):
        score(lines(tmp_path, [{**rows[0], "each": [2]}]), logprob="q", bytes="each")


def test_dask_reads_nested_columns_alike(tmp_path: Path) -> None:
    path = lines(tmp_path, [{"a": {"q": [None, -1.0, -2.0]}}, {"a": {"q": [-3.0]}}] * 20)
    local, dask = (score(path, logprob="a.q", engine=engine) for engine in ("local", "dask"))
    assert local.to_dict() == dask.to_dict()


def test_paths_join_and_group(tmp_path: Path) -> None:
    rows = [{"m": {"id": k, "site": "ab"[k % 2]}, "out": {"prob": 0.25 + 0.5 * (k % 2)}} for k in range(4)]
    predictions = lines(tmp_path, rows)
    labels = lines(tmp_path, [{"m": {"id": k}, "label": k % 2} for k in (3, 1, 0, 2)], "y.jsonl")
    result = score(predictions, labels=labels, on="m.id", prob="out.prob", by="m.site")
    assert result.metrics.accuracy == 1.0
    assert [each.by for each in result.slices] == [(("m.site", "a"),), (("m.site", "b"),)]


def test_sorted_lists_without_names_give_a_notice(tmp_path: Path) -> None:
    rows = [{"label": k % 3, "probs": [0.5, 0.3, 0.2]} for k in range(6)]
    assert "falling_lists" in {each.code for each in score(lines(tmp_path, rows)).doubts}
    rows[5]["probs"] = [0.3, 0.5, 0.2]
    assert "falling_lists" not in {each.code for each in score(lines(tmp_path, rows)).doubts}
