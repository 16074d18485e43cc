"""States in memory: what they take, what they give back, and what is refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from xentcli import State, compare, merge, score, score_state, worst
from xentcli.errors import ContentError, RequestError

N = 60
LABELS = [0, 1, 2] * 20
FRAME = pd.DataFrame(
    {
        "y": LABELS,
        **{f"p_{k}": column for k, column in enumerate(np.random.default_rng(0).dirichlet(np.ones(3), N).T)},
        "w": 1.0,
        "site": list("abcd") * 15,
    }
)
OPTIONS: dict[str, Any] = {"weight": "w", "by": "site", "missing": "skip"}
EMPTY: dict[str, Any] = {
    "no rows": FRAME[:0],
    "no columns": pd.DataFrame(),
    "Arrow": pa.table({"y": pa.array([], pa.int64())}),
    "weights of 0": FRAME[:5].assign(w=0.0),
    "no labels": FRAME[:5].assign(y=np.nan),
}


def part(rows: slice, **options: Any) -> State:
    return score_state(FRAME[rows], **OPTIONS, **options)


@pytest.fixture(scope="module")
def halves() -> list[State]:
    return [part(slice(25)), part(slice(25, None))]


def test_the_result_is_that_of_all_rows(halves: list[State]) -> None:
    assert State.merge(halves).result() == State.merge(halves[::-1]).result() == score(FRAME, **OPTIONS)
    assert State.merge(halves).result(unit="bits") == score(FRAME, **OPTIONS, unit="bits")
    assert halves[0].result() == score(FRAME[:25], **OPTIONS)


def test_what_is_required_is_checked_of_the_whole(halves: list[State]) -> None:
    asked: dict[str, Any] = {
        "require": ["recall[1] >= 0.5", "log_loss[site=a] <= 2"],
        "confidence": 0.9,
        "unit": "bits",
    }
    assert State.merge(halves).result(**asked).gates == score(FRAME, **OPTIONS, **asked).gates != ()
    with pytest.raises(RequestError, match="without slices by w") as caught:
        halves[0].result(require="log_loss[w=1] <= 2")
    assert caught.value.hint == 'by="w", where the parts are scored'


def test_a_state_is_a_baseline(halves: list[State], tmp_path: Any) -> None:
    (tmp_path / "baseline").write_bytes(bytes(halves[1]))
    for require in ("log_loss <= baseline * 0.5", "log_loss <= baseline + 9"):
        found = halves[0].result(require=require, baseline=halves[1])
        assert found.gates == halves[0].result(require=require, baseline=tmp_path / "baseline").gates != ()
    with pytest.raises(ContentError, match="no rows"):
        halves[0].result(require=require, baseline=score_state(FRAME[:0]))


def test_a_state_is_a_value(halves: list[State]) -> None:
    state = halves[0]
    for other in (State.from_bytes(bytes(state)), State.from_bytes(bytearray(bytes(state))), part(slice(25))):
        assert other == state
        assert hash(other) == hash(state)
    assert pickle.loads(pickle.dumps(state)) == state != halves[1]
    assert repr(state) == "<State: 25 rows scored of 1 input>"


def test_its_bytes_are_a_file_that_merge_reads(halves: list[State], tmp_path: Any) -> None:
    for at, state in enumerate(halves):
        (tmp_path / f"{at}.state").write_bytes(bytes(state))
    assert merge(tmp_path / "0.state", tmp_path / "1.state") == score(FRAME, **OPTIONS)
    FRAME.to_csv(tmp_path / "rows.csv")
    score(tmp_path / "rows.csv", **OPTIONS, save_state=tmp_path / "saved")
    assert (tmp_path / "saved").read_bytes() == bytes(score_state(tmp_path / "rows.csv", **OPTIONS))


@pytest.mark.parametrize("name", EMPTY)
def test_a_part_without_rows_to_score_adds_nothing(name: str, halves: list[State]) -> None:
    empty = score_state(EMPTY[name], **OPTIONS)
    rows = len(EMPTY[name]) if name in ("weights of 0", "no labels") else 0
    whole = score(FRAME, **OPTIONS)
    for states in ([empty, *halves], [halves[0], State.merge([halves[1], State.from_bytes(bytes(empty))])]):
        result = State.merge(states).result()
        assert (result.metrics.log_loss, result.breakdown, result.rows) == (
            whole.metrics.log_loss,
            whole.breakdown,
            N,
        )
        assert sum(each.rows for each in result.inputs) == N + rows
        assert [(n.code, n.count) for n in result.notices if n.code == "empty_parts"] == [("empty_parts", 1)]
    with pytest.raises(ContentError) as caught:
        State.merge([empty, empty]).result()
    assert caught.value.code == ("no_weight" if name == "weights of 0" else "no_rows")


def test_what_is_left_out_is_counted() -> None:
    skipped = score_state(EMPTY["no labels"], **OPTIONS)
    weightless = score_state(EMPTY["weights of 0"], **OPTIONS)
    metrics = State.merge([skipped, part(slice(None)), weightless]).result().metrics
    assert (metrics.skipped_rows, metrics.zero_weight_rows) == (5, 5)


def test_merging_nothing_is_the_identity(halves: list[State]) -> None:
    nothing = State.merge([])
    assert State.merge([nothing, halves[0], nothing]) == halves[0]
    assert State.from_bytes(bytes(nothing)) == nothing


def infinite(rows: slice, **options: Any) -> State:
    """Rows of which the third has probability 0 for its class."""
    return score_state(LABELS[rows], probs=np.eye(3)[[0, 1, 0, *LABELS[3:]]][rows], **options)


def test_places_are_those_of_named_or_numbered_parts_and_otherwise_not_told() -> None:
    def places(**options: Any) -> str:
        states = [infinite(slice(30, None), **{k: v[1] for k, v in options.items()})]
        states += [infinite(slice(30), **{k: v[0] for k, v in options.items()})]
        [notice] = [n for n in State.merge(states).result().notices if n.code == "infinite_loss"]
        return str(notice)

    says = "1 row: the true class was given probability 0: the log loss is infinite (--clip EPS limits it)"
    assert places() == says
    assert places(shard=(7, 8)) == f"{says} (shard 7, row 2)"
    assert places(name=("early", "late")) == f"{says} (early, row 2)"


def test_names() -> None:
    assert [each.name for each in score(FRAME, name="val").inputs] == ["val"]
    states = [part(slice(25), name="a"), part(slice(25, None), name="b")]
    assert [each.name for each in State.merge(states).result().inputs] == ["a", "b"]
    assert [(e.name, e.rows) for e in State.merge([part(slice(9)), part(slice(9, 30))]).result().inputs] == [
        ("dataframe", 30)
    ]


def test_the_same_rows_twice() -> None:
    """Of a name or number they are refused; unnamed, a few rows may well add up to the same, and many hardly."""

    def notices(rows: slice) -> list[str]:
        return [n.code for n in State.merge([part(rows), part(rows)]).result().notices]

    assert "same_totals" not in notices(slice(9))
    assert "same_totals" in notices(slice(25))
    assert "same_input" not in notices(slice(25))
    for options in ({"name": "a"}, {"shard": 3}):
        with pytest.raises(ContentError, match=r"twice|has shard number 3"):
            State.merge([part(slice(9), **options), part(slice(9), **options)])


def test_what_only_the_whole_can_tell_is_not_refused_before() -> None:
    """A logit column of a class without rows; weight and share of a class whose labels have not been seen."""
    frame = pd.DataFrame({"y": ["a", "b"] * 9, "logit_a": 1.0, "logit_b": range(18)})
    parts = [score_state(frame[frame.y == label]) for label in "ab"]
    assert State.merge(parts).result().metrics == score(frame).metrics
    with pytest.raises(RequestError, match='no row is of class "b"'):
        parts[0].result()
    one = {"y": ["no", "yes"] * 9, "prob": np.linspace(0, 0.9, 18)}
    options: dict[str, Any] = {"class_weight": {"no": 2.0}, "positive": "yes", "prior": {"no": 0.75, "yes": 0.25}}
    frame = pd.DataFrame(one)
    parts = [score_state(frame[frame.y == label], **options) for label in ("yes", "no")]
    assert State.merge(parts).result().metrics == score(frame, **options).metrics


def test_what_was_scored_otherwise_is_refused(halves: list[State]) -> None:
    other = score_state(FRAME[:25], **{**OPTIONS, "clip": 0.1})
    with pytest.raises(ContentError, match=r"states\[2\].*not scored as states\[0\] was: clip is 0\.1, not none"):
        State.merge([*halves, other])
    several = part(slice(5), classes=["2", "1", "0"])
    with pytest.raises(ContentError) as caught:
        State.merge([halves[0], several])
    assert 'classes=["A", "B", ...]' in str(caught.value.hint)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: State.merge([b""]), RequestError, "merges states, not b''"),  # type: ignore[list-item]
        (lambda: State.from_bytes(bytes(part(slice(5)))[:-9]), ContentError, "cut"),
        (lambda: State.merge(part(slice(5))), RequestError, "merges several states, not <State"),  # type: ignore[arg-type]
        (lambda: merge(part(slice(5)), part(slice(5, 9))), RequestError, "from files: paths, not <State"),  # type: ignore[arg-type]
        (lambda: State.from_bytes("x"), RequestError, "read from bytes"),  # type: ignore[arg-type]
        (lambda: part(slice(5)).merge([]), TypeError, "merges the states that it is given"),
        (lambda: score_state(FRAME, unit="bits"), TypeError, "unexpected keyword argument 'unit'"),  # type: ignore[call-arg]
        (lambda: score("a.csv", name="a"), RequestError, "go by their own names"),
        (lambda: score(FRAME, name=""), RequestError, "name= is a text"),
        (lambda: part(slice(5), shard=-1), RequestError, "from 0 to"),
        (lambda: score_state(FRAME, prob="nope"), RequestError, 'no column "nope"'),
    ],
)
def test_what_makes_no_sense_is_refused(call: Callable[[], Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        call()


def test_states_of_other_commands_are_read_from_files(tmp_path: Any) -> None:
    compare([1, 0], base_probs=[0.5, 0.2], probs=[0.6, 0.1], save_state=tmp_path / "compare")
    worst([1, 0], probs=[0.6, 0.1], save_state=tmp_path / "worst")
    for command in ("compare", "worst"):
        with pytest.raises(ContentError, match=f"is a state of xent {command}") as caught:
            State.from_bytes((tmp_path / command).read_bytes())
        assert "merge(FILE)" in str(caught.value.hint)
        assert merge(tmp_path / command).format == f"xent.{command}"
