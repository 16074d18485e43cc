"""State files: read back as they were, and refused if anything about them is not."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.properties.merging import SLICED, Shards
from tests.properties.strategies import KINDS, random_case
from tests.states.sealing import forged, merged, opened, places, put
from xentcli import score
from xentcli.analysis.score import result_of
from xentcli.api import merge_states
from xentcli.errors import AccessError, ContentError, RequestError
from xentcli.states.container import FORMAT_VERSION, HEAD, is_state, seal
from xentcli.states.file import read_states, state_text
from xentcli.states.run import Run


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A state of two classes, and one of three, each with slices and clusters."""
    found = {}
    for kind, columns in (("probs", 1), ("logits", 3)):
        folder = tmp_path_factory.mktemp(kind)
        case = random_case(kind, columns, rows=30)
        [found[kind]] = Shards(folder, case, [0] * 30, **SLICED).save()
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", [1, 3])
def test_read_back_is_what_was_written(kind: str, columns: int, tmp_path: Path) -> None:
    shards = Shards(tmp_path, random_case(kind, columns, rows=50), [0] * 50, **SLICED)
    [state] = shards.save()
    [back] = read_states([str(state)])
    assert state_text(back.run) == state.read_bytes()
    [again] = read_states([str(state)])
    assert again.run == back.run
    assert isinstance(back.run, Run)
    assert result_of(back.run) == shards.whole([0]) == merge_states(state)


def test_it_says_what_it_is_of(states: dict[str, Path]) -> None:
    data = states["logits"].read_bytes()
    assert is_state(data)
    assert opened(data).command == "score"
    assert opened(data).head["signature"]["classes"] == ["0", "1", "2"]
    assert opened(data).sealed() == data


def refused(data: bytes, path: Path) -> ContentError:
    path.write_bytes(data)
    with pytest.raises(ContentError) as caught:
        merge_states(path)
    assert caught.value.where is not None
    assert caught.value.where.file == str(path)
    return caught.value


@pytest.mark.parametrize("kind", ["probs", "logits"])
def test_cut_anywhere_it_is_refused(kind: str, states: dict[str, Path], tmp_path: Path) -> None:
    data = states[kind].read_bytes()
    for length in [*range(0, len(data), 199), *range(len(data) - 120, len(data))]:
        assert refused(data[:length], tmp_path / "cut").code == "state"


@pytest.mark.parametrize("kind", ["probs", "logits"])
def test_with_a_bit_flipped_anywhere_it_is_refused(kind: str, states: dict[str, Path], tmp_path: Path) -> None:
    data = states[kind].read_bytes()
    draw = random.Random(0)
    places = [*range(120), *draw.sample(range(len(data)), 500), *range(len(data) - 90, len(data))]
    for place in places:
        damaged = bytearray(data)
        damaged[place] ^= 1 << draw.randrange(8)
        assert refused(bytes(damaged), tmp_path / "flipped").code == "state"


def test_one_of_another_version_of_the_program_is_read(states: dict[str, Path], tmp_path: Path) -> None:
    [own] = read_states([str(states["probs"])])
    path = tmp_path / "older"
    data = opened(states["probs"].read_bytes())
    path.write_bytes(data._replace(head={**data.head, "xent": "0.1.0"}).sealed())
    [other] = read_states([str(path)])
    assert other.run == own.run


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"label,p\n1,0.5\n", "is not a state of xent"),
        (b'{"format": "xent.score", "format_version": 1}\n', "is not a state of xent"),
        (b'{"format": "xent.state", "format_version": 10, "xent": "0.1.0"}\n', "is of version 10 of the format"),
        (
            b"\x89xent.state\n" + (FORMAT_VERSION + 1).to_bytes(4, "little"),
            f"is of version {FORMAT_VERSION + 1} of",
        ),
        (seal(b"", "score"), "head: is not JSON"),
        (seal(bytes(8), "score"), "head: is not JSON"),
        (seal(b"\x03" + bytes(7) + b"[1]", "score"), "head: is no object"),
        (seal(b"\x02" + bytes(7) + b"{}", "score"), "Expected `array`"),
        (b"\x1f\x8b\x08\x00", "is not a state of xent"),
    ],
)
def test_what_is_no_state_is_refused(data: bytes, says: str, tmp_path: Path) -> None:
    assert says in refused(data, tmp_path / "other").message


def test_of_other_definitions_it_is_refused(states: dict[str, Path], tmp_path: Path) -> None:
    state = opened(states["probs"].read_bytes())
    put(state.head, ("signature", "definitions"), 99)
    assert "other definitions" in refused(state.sealed(), tmp_path / "other").message


def test_a_bomb_does_not_go_off(states: dict[str, Path], tmp_path: Path) -> None:
    """More than is said, more than there can be, less, bytes behind the end, and what is not packed at all."""
    data = states["probs"].read_bytes()
    size = HEAD.unpack_from(data)[-1]
    packed = data[HEAD.size : -32]
    for said, content, says in (
        (size - 1, packed, "is of other than"),
        (size + 1, packed, "is of other than"),
        (1 << 40, packed, "too large"),
        (size, packed + b"0", "is of other than"),
        (size, packed[:-9], "is of other than"),
        (size, b"0" * 99, "cannot be unpacked"),
    ):
        head = HEAD.pack(*HEAD.unpack_from(data)[:3], HEAD.size + len(content) + 32, said)
        body = head + content
        assert says in refused(body + hashlib.sha256(body).digest(), tmp_path / "bomb").message


def test_a_changed_form_takes_a_new_version(states: dict[str, Path]) -> None:
    found = (place for state in states.values() for place in places(opened(state.read_bytes()).head["state"]))
    keys = {".".join("*" if isinstance(key, int) else key for key in place) for place in found}
    digest = hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()[:16]
    assert (FORMAT_VERSION, digest) == (16, "1977b0f4550fe59c")


@pytest.mark.parametrize("kind", ["probs", "logits"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 10))])
def test_whatever_stands_in_it_nothing_crashes(
    kind: str, seed: int, states: dict[str, Path], tmp_path: Path
) -> None:
    """Under a right checksum: an error of ours, or a value that can be."""
    for data in forged(states[kind].read_bytes(), seed):
        merged(data, tmp_path / "forged")


def test_a_missing_or_unreadable_file_is_for_the_system(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "*.json"):
        with pytest.raises(AccessError):
            merge_states(path)


def test_an_input_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "preds.csv"
    path.write_text("label,prob\n1,0.5\n0,0.25\n")
    with pytest.raises(RequestError, match="would overwrite this input"):
        score(path, save_state=path)
    assert path.read_text() == "label,prob\n1,0.5\n0,0.25\n"


def test_interrupted_while_it_is_written_the_one_before_stays(
    states: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "total").write_bytes(states["probs"].read_bytes())
    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        merge_states(tmp_path / "total", save_state=tmp_path / "total")
    assert [path.name for path in tmp_path.iterdir()] == ["total"]
    assert (tmp_path / "total").read_bytes() == states["probs"].read_bytes()


def interrupted(descriptor: int) -> None:
    raise KeyboardInterrupt


def test_no_states_are_a_request_that_cannot_be_met() -> None:
    with pytest.raises(RequestError, match="no state to merge"):
        merge_states([])


@pytest.mark.parametrize("shard", [-1, 1.5, True, "1"])
def test_a_shard_is_a_whole_number(shard: Any, tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="whole number from 0"):
        score([1, 0], probs=[0.5, 0.5], save_state=tmp_path / "s", shard=shard)


def test_arrays_and_frames_can_be_saved(tmp_path: Path) -> None:
    labels, probs = np.array([1, 0, 1, 1]), np.array([0.9, 0.2, 0.6, 0.7])
    for k, rows in enumerate((slice(0, 2), slice(2, 4))):
        score(labels[rows], probs=probs[rows], save_state=tmp_path / str(k))
    merged = merge_states([tmp_path / "0", tmp_path / "1"])
    whole = score(labels, probs=probs)
    assert (merged.metrics, merged.per_class, merged.breakdown) == (
        whole.metrics, whole.per_class, whole.breakdown,
    )  # fmt: skip
