"""What can be read once is read once, and scores as a file: named pipes, process substitutions, descriptors."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from xentcli import score
from xentcli.api import CompareRequest, InputRequest, compare_files
from xentcli.errors import AccessError, RequestError
from xentcli.sources import byte_source

ROWS = [(f"r{i}", i % 2, (i * 37 % 97 + 1) / 100) for i in range(400)]
WHOLE = "id,label,p\n" + "".join(f"{name},{label},{p}\n" for name, label, p in ROWS)
SCORES = "id,p\n" + "".join(f"{name},{p}\n" for name, _, p in ROWS)
LABELS = "id,label\n" + "".join(f"{name},{label}\n" for name, label, _ in reversed(ROWS))


def _pipe(path: Path, data: bytes) -> Path:
    """A named pipe into which these bytes are written once."""
    os.mkfifo(path)

    def write() -> None:
        with path.open("wb") as file:
            file.write(data)

    threading.Thread(target=write, daemon=True).start()
    return path


def _file(path: Path, data: str) -> Path:
    path.write_text(data)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_a_pipe_scores_as_the_file(tmp_path: Path, packed: bool) -> None:
    data = gzip.compress(WHOLE.encode()) if packed else WHOLE.encode()
    found = score(_pipe(tmp_path / "pipe", data), label="label", prob="p")
    assert found.metrics == score(_file(tmp_path / "w.csv", WHOLE)).metrics
    assert found.inputs[0].name == str(tmp_path / "pipe")


def test_labels_of_a_pipe_serve_two_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_source, "_KEPT", 4000)
    base, new = (_file(tmp_path / name, SCORES) for name in ("a.csv", "b.csv"))
    labels = _pipe(tmp_path / "labels", LABELS.encode())
    requests = (InputRequest((path,), labels=labels, on="id") for path in (base, new))
    base_request, new_request = requests
    found = compare_files(CompareRequest(base_request, new_request, "id"))
    assert (found.ties, found.base.metrics.log_loss) == (
        400,
        score(_file(tmp_path / "w.csv", WHOLE)).metrics.log_loss,
    )


def test_a_pipe_is_no_input_twice(tmp_path: Path) -> None:
    pipe = _pipe(tmp_path / "pipe", WHOLE.encode())
    with pytest.raises(RequestError) as caught:
        score([pipe, pipe])
    assert caught.value.code == "stdin_twice"
    with pytest.raises(RequestError):
        score(pipe, labels=pipe)
    score(pipe)  # so that its writer ends


def test_a_device_is_none(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="not a regular file"):
        score("/dev/null")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("score <(cat whole.csv)", "score whole.csv"),
        ("score <(gzip -c whole.csv)", "score whole.csv"),
        ("score /dev/stdin < <(cat whole.csv)", "score whole.csv"),
        ("score /dev/stdin < whole.csv", "score whole.csv"),
        ("score /dev/fd/7 7< <(cat whole.csv)", "score whole.csv"),
        ("score <(cat scores.csv) --labels <(cat labels.csv) --on id", "score whole.csv"),
        ("score <(cat whole.csv) <(cat other.csv)", "score whole.csv other.csv"),
        ("compare <(cat whole.csv) <(cat other.csv) --on id", "compare whole.csv other.csv --on id"),
        ("worst <(cat whole.csv) -n 3", "worst whole.csv -n 3"),
    ],
)
def test_a_shell_hands_pipes_over(tmp_path: Path, line: str, expected: str) -> None:
    other = "id,label,p\n" + "".join(f"{name},{label},0.5\n" for name, label, _ in reversed(ROWS))
    for name, data in (("whole", WHOLE), ("scores", SCORES), ("labels", LABELS), ("other", other)):
        _file(tmp_path / f"{name}.csv", data)
    assert _numbers(line, tmp_path) == _numbers(expected, tmp_path)


def _numbers(line: str, folder: Path) -> Sequence[str]:
    command = f"{sys.executable} -m xentcli {line} --format csv"
    found = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, check=True, text=True).stdout
    return [each.partition(",")[2] for each in found.splitlines() if not each.startswith("notices,")]
