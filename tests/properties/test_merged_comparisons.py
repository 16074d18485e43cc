"""Merging the states of comparisons and rankings is comparing the whole, bit by bit and in every order."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.properties.merging import write_shard
from tests.properties.strategies import KINDS, Case, law, random_case
from tests.states.sealing import forged, merged, opened, put
from tests.values import replace
from xentcli.analysis.comparing.compare import compare_files
from xentcli.analysis.comparing.divergence import DivergenceRequest, diverge_files
from xentcli.analysis.comparing.rank import rank_files
from xentcli.analysis.comparing.rank_request import ModelRequest, RankRequest
from xentcli.analysis.merge import merge_states
from xentcli.analysis.request import CompareRequest, InputRequest
from xentcli.columns.columns import ColumnSpec
from xentcli.errors import ContentError
from xentcli.states.file import read_states, state_text

ROWS = 72
NAMES = ("a", "b", "c")
ASKED: list[dict[str, Any]] = [
    {"command": "compare"},
    {"command": "rank"},
    {"command": "rank", "base": "b"},
    {"command": "divergence"},
    {"command": "divergence", "labelled": True},
]


def cases(columns: int, seed: int) -> list[Case]:
    """Three models of the same rows, of three kinds of score."""
    models = [random_case(kind, columns, rows=ROWS, seed=seed + k) for k, kind in enumerate(sorted(KINDS))]
    weights = np.random.default_rng(seed).choice([0.3, 1.0], ROWS)
    return [replace(each, labels=models[0].labels, weights=weights) for each in models]


def run(
    models: Sequence[Case],
    rows: Sequence[int],
    folder: Path,
    command: str,
    *,
    clustered: bool = True,
    labelled: bool = False,
    **asked: Any,
) -> Any:
    """The result of some rows, which are written to a file for each model."""
    inputs = []
    for k, case in enumerate(models):
        count, first = case.scores.shape[1], k == 0
        scores: dict[str, Any] = {KINDS[case.kind]: tuple(f"c{at}" for at in range(count))}
        spec = ColumnSpec(
            label="y" if labelled or command != "divergence" else None,
            weight="w",
            classes=tuple(map(str, range(count))) if count > 1 else None,
            positive="1" if count == 1 else None,  # a part may lack one of the classes
            by=("site",) if first else (),
            cluster="user" if clustered and first else None,
            **scores,
        )
        inputs.append(InputRequest((write_shard(case, rows, folder / f"{k}.csv"),), spec))
    if command == "compare":
        return compare_files(CompareRequest(inputs[1], inputs[0], **asked))
    if command == "divergence":
        return diverge_files(DivergenceRequest(inputs[1], inputs[0], **asked))
    requests = tuple(ModelRequest(name, each) for name, each in zip(NAMES, inputs, strict=True))
    return rank_files(RankRequest(requests, **asked))


def numbers(result: Any) -> dict[str, Any]:
    """All that does not say where a row stands."""
    found = json.loads(result.to_json())
    for model in found.get("models", []):
        del model["inputs"]
    rows = [(row["base"], row["new"], row["label"]) for row in found.get("most_different", [])]
    moved = [(row["kl"], row.get("label")) for row in found.get("rows_most_different", [])]
    return {**found, "inputs": None, "notices": None, "most_different": rows, "rows_most_different": moved}


@law
@given(
    st.sampled_from([1, 3]),
    st.integers(0, 9),
    st.lists(st.integers(0, 2), min_size=ROWS, max_size=ROWS),
    st.sampled_from(ASKED),
    st.booleans(),
    st.randoms(use_true_random=False),
)
def test_merging_is_comparing_the_whole(
    columns: int, seed: int, part_of: list[int], asked: dict[str, Any], clustered: bool, random: Any
) -> None:
    models, parts = cases(columns, seed), [[k for k in range(ROWS) if part_of[k] == part] for part in range(3)]
    assume(all(not rows or len(rows) > 18 for rows in parts))  # fewer may look like long format
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = run(models, range(ROWS), folder, clustered=clustered, **asked)
        states = [folder / f"{part}.json" for part, rows in enumerate(parts) if rows]
        for rows, state in zip(filter(None, parts), states, strict=True):
            run(models, rows, folder, clustered=clustered, save_state=state, **asked)
        random.shuffle(states)
        assert numbers(merge_states(states)) == numbers(whole)
        if len(states) == 3:
            merge_states(states[:2], save_state=folder / "early.json")
            assert numbers(merge_states([states[2], folder / "early.json"])) == numbers(whole)


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """States of two halves of the rows: of a comparison and of a ranking."""
    folder, models, found = tmp_path_factory.mktemp("states"), cases(3, 1), {}
    for command in ("compare", "rank", "divergence"):
        for half, rows in (("early", range(12)), ("late", range(12, ROWS))):
            found[f"{command} {half}"] = folder / f"{command}-{half}.json"
            run(models, rows, folder, command, save_state=found[f"{command} {half}"])
    found["other models"] = folder / "other.json"
    run(models[:2], range(12, ROWS), folder, "compare", anytime=500, save_state=found["other models"])
    return found


@pytest.mark.parametrize("command", ["compare", "rank", "divergence"])
def test_read_back_is_what_was_written(states: dict[str, Path], command: str) -> None:
    path = states[f"{command} early"]
    [back] = read_states([str(path)])
    assert state_text(back.run) == path.read_bytes()
    assert opened(path.read_bytes()).command == command


@pytest.mark.parametrize(
    ("names", "code", "message"),
    [
        (("rank early", "rank early"), "state_twice", "would count twice"),
        (("rank early", "compare late"), "states_differ", "is a state of xent compare, and .* one of xent rank"),
        (("compare early", "rank late"), "states_differ", "is a state of xent rank"),
        (("compare early", "divergence late"), "states_differ", "is a state of xent divergence"),
        (("compare early", "other models"), "states_differ", "--anytime 500, not none"),
    ],
)
def test_what_does_not_go_together_is_refused(
    states: dict[str, Path], names: Sequence[str], code: str, message: str
) -> None:
    with pytest.raises(ContentError, match=message) as error:
        merge_states([states[name] for name in names])
    assert error.value.code == code


def _broken(command: str) -> list[tuple[str, Any]]:
    own: dict[str, list[tuple[str, Any]]] = {
        "rank": [
            ("names", [["a", "a", "c"]]), ("base", [9]), ("runs", [[0], None]), ("compared.joint.lower", None),
            ("compared.joint.losses.products.groups", [3]), ("compared.slices.states", [[0], None, None]),
            ("compared.joint.accuracy", [1]),
        ],
        "compare": [
            ("base", [0]), ("names", [["NEW"]]), ("compared.paired.wins", ["x"]),
            ("compared.different", [{"rows": [{}]}]),
        ],
        "divergence": [
            ("base", [0]), ("compared.divergence.infinite", [1]), ("compared.divergence.largest", [None]),
            ("compared.divergence.clusters.sums", [[0], None]), ("compared.slices.states", [[0], None, None]),
            ("compared.most", [{"rows": [{}]}]),
        ],
    }  # fmt: skip
    return [*own[command], ("level", [2.0]), ("anytime", [3]), ("more", [1])]


@pytest.mark.parametrize(
    ("command", "place", "value"),
    [(command, *each) for command in ("compare", "rank", "divergence") for each in _broken(command)],
)
def test_what_no_comparison_has_is_refused(
    states: dict[str, Path], command: str, place: str, value: Any, tmp_path: Path
) -> None:
    state = opened(states[f"{command} early"].read_bytes())
    assert put(state.head, ("state", *place.split(".")), value) != value
    path = tmp_path / "state"
    path.write_bytes(state.sealed())
    with pytest.raises(ContentError, match="not a state that xent can have written"):
        merge_states(path)


@pytest.mark.slow
@pytest.mark.parametrize("command", ["compare", "rank", "divergence"])
@pytest.mark.parametrize("seed", range(3))
def test_whatever_stands_in_it_nothing_crashes(
    states: dict[str, Path], command: str, seed: int, tmp_path: Path
) -> None:
    """Under a right checksum: an error of ours, or a value that can be."""
    for data in forged(states[f"{command} early"].read_bytes(), seed):
        merged(data, tmp_path / "forged")


def test_a_state_of_something_else_is_refused(states: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / "state"
    for command in ("score", "compare", "divergence"):
        path.write_bytes(opened(states["rank early"].read_bytes())._replace(command=command).sealed())
        with pytest.raises(ContentError, match="not a state that xent can have written"):
            merge_states(path)
