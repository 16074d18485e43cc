"""Too little memory, wherever it runs out: exit code 4 and one line; never 1, which is a failed verdict."""

from __future__ import annotations

import errno
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.cli.runner import Forks, process_after, shell
from xentcli.errors import AccessError, ContentError, is_of_memory
from xentcli.sources.batches import arrow_errors
from xentcli.sources.numpy_files import numpy_errors

FAILING = ("gate", "good.csv", "--require", "log_loss <= 0.01")
PLAIN = "xent: error: not enough memory"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere the limit limits nothing")
@pytest.mark.parametrize(
    "megabytes",
    [*range(60, 260, 40), *(pytest.param(more, marks=pytest.mark.slow) for more in range(80, 260, 40))],
)
def test_under_a_limit_of_the_address_space(megabytes: int, folder: Path) -> None:
    """Where it runs out depends on the machine: in a library, in OpenBLAS, for a thread, or not at all."""
    code, stdout, stderr = shell(f'ulimit -v {megabytes * 1024}; xent "$@"', *FAILING, cwd=folder)
    assert (code, bool(stdout)) in ((4, False), (1, True))
    if code == 4:
        assert stderr.splitlines()[-1] == PLAIN
        assert "Traceback" not in stderr


LOADER = "libscipy_openblas64_-32a4b2a6.so: failed to map segment from shared object"
EVENTS = {
    "the C library's exit": "import ctypes; ctypes.CDLL(None).exit(1)",
    "no map": f"raise ImportError({LOADER!r})",
    "NumPy's words about it": f"raise ImportError('IMPORTANT: ...') from ImportError({LOADER!r})",
    "no thread": 'raise RuntimeError("can\'t start new thread")',
    "no thread of Arrow's": "import pyarrow; raise pyarrow.ArrowException('Failed to launch worker thread: x')",
    "no object": "raise MemoryError",
    "the system": f"raise OSError({errno.ENOMEM}, 'x')",
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
def test_it_is_the_systems_refusal(event: str, forks: Forks, folder: Path) -> None:
    script = f"import xentcli.api\ndef gate_files(request):\n    {event}\nxentcli.api.gate_files = gate_files"
    assert forks.xent(*FAILING, cwd=folder, script=script) == (4, "", f"{PLAIN}\n")


def test_it_is_said_in_json(forks: Forks, folder: Path) -> None:
    event = "raise MemoryError"
    script = f"import xentcli.api\ndef gate_files(request):\n    {event}\nxentcli.api.gate_files = gate_files"
    memory, other = (
        forks.xent(*each, "--format", "json", cwd=folder, script=script)
        for each in (FAILING, ("score", "none.csv"))
    )
    assert (memory.code, memory.stdout) == (4, "")
    error = json.loads(memory.stderr)
    assert error["error"] == dict.fromkeys(json.loads(other.stderr)["error"]) | {
        "code": "memory", "exit_code": AccessError.exit_code, "message": "not enough memory",
    }  # fmt: skip


def test_a_file_is_damaged_only_if_it_asks_for_more_than_the_machine_has() -> None:
    with pytest.raises(MemoryError), arrow_errors("x.parquet"):
        raise pa.ArrowMemoryError("malloc of size 4096 failed")
    for size in (1 << 62, -5):
        with pytest.raises(ContentError, match="more memory than there is"), arrow_errors("x.parquet"):
            raise pa.ArrowMemoryError(f"malloc of size {size} failed")


def test_numbers_that_find_no_room_do_not_make_a_file_a_damaged_one(forks: Forks, folder: Path) -> None:
    script = (
        "import pyarrow, xentcli.decoding.decode as d\n"
        "def failing(self, block): raise pyarrow.ArrowMemoryError('malloc of size 64 failed')\n"
        "assert d.Decoder._decode\n"
        "d.Decoder._decode = failing"
    )
    assert forks.xent(*FAILING, cwd=folder, script=script) == (4, "", f"{PLAIN}\n")
    with pytest.raises(MemoryError), numpy_errors("x.npz"):
        raise MemoryError
    with pytest.raises(ContentError, match="Unable to allocate"), numpy_errors("x.npz"):
        np.empty((1 << 42, 2))


FINDER = """
import sys
class Failing:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            EVENT
sys.meta_path.insert(0, Failing())
"""


def test_before_the_runner_is_loaded(folder: Path) -> None:
    for event in ("no map", "no object"):
        failing = FINDER.replace("EVENT", EVENTS[event])
        assert process_after(failing, *FAILING, cwd=folder) == (4, "", f"{PLAIN}\n")
    broken = process_after(FINDER.replace("EVENT", "raise ImportError('no click')"), *FAILING, cwd=folder)
    assert (broken.code, broken.stdout) == (70, "")
    assert broken.stderr.splitlines()[-1] == "ImportError: no click"


def test_other_errors_are_not_taken_for_it() -> None:
    assert not is_of_memory(None)
    assert not is_of_memory(ImportError("No module named 'click'"))
    assert not is_of_memory(OSError(errno.ENOENT, "no such file"))
    assert not is_of_memory(ValueError("cannot allocate memory"))  # words of an input, maybe
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert not is_of_memory(first)
