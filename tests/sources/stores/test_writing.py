"""What is written to a store: complete or not at all, and refused before anything is read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.runner import Run, xent
from tests.sources.stores.conftest import Bucket
from tests.sources.stores.servers import Fault
from xentcli import apply, calibrate, merge, plot, report, score
from xentcli.errors import AccessError, RequestError
from xentcli.sources.stores import fsspec_store
from xentcli.sources.targets import refuse_unwritable, write_file

FIT = "label,prob\n" + "".join(f"{i % 3 // 2},{0.2 + i % 7 / 10:.1f}\n" for i in range(200))
LARGE = b"x" * (25 << 20)  # three parts
SLOW = [("reset", 1), ("stall", 1), ("cut", 2), ("stall", 2), ("cut", 3), ("stall", 3)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(FIT)
    (tmp_path / "b.csv").write_text(FIT.replace("0.5", "0.45"))
    return tmp_path


COMMANDS: dict[str, tuple[str, ...]] = {
    "s.state": ("score", "a.csv", "--save-state"),
    "o.json": ("score", "a.csv", "-o"),
    "j.xml": ("score", "a.csv", "--require", "rows >= 1", "--junit"),
    "page.html": ("gate", "a.csv", "--require", "rows >= 1", "--report"),
    "g.md": ("gate", "a.csv", "--require", "rows >= 1", "-o"),
    "c.state": ("compare", "a.csv", "b.csv", "--save-state"),
    "r.state": ("rank", "a.csv", "b.csv", "--save-state"),
    "d.state": ("divergence", "a.csv", "b.csv", "--save-state"),
    "cal.json": ("calibrate", "a.csv", "--method", "temperature", "-o"),
    "crossed.csv": ("calibrate", "a.csv", "--method", "temperature", "--cross-fit"),
    "p.svg": ("plot", "roc", "a.csv", "-o"),
    "r.html": ("report", "a.csv", "-o"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_object_is_what_a_file_would_be(name: str, folder: Path, bucket: Bucket) -> None:
    local = xent(*COMMANDS[name], name, cwd=folder)
    assert xent(*COMMANDS[name], bucket.uri(name), cwd=folder) == local
    assert local.code == 0
    assert bucket.get(name) == (folder / name).read_bytes()
    *looks, last = [line.split()[0] for line in bucket.proxy.requests]  # at the bucket: once for each writer
    assert (last, len(looks), {*looks}) == ("PUT", 2 if name == "crossed.csv" else 1, {"HEAD"})


@pytest.mark.parametrize("name", COMMANDS)
def test_a_bucket_that_is_not_there_is_refused_before_anything_is_read(
    name: str, folder: Path, bucket: Bucket
) -> None:
    (folder / "a.csv").write_text("label,prob\n1,nonsense\n")
    run = xent(*COMMANDS[name], bucket.uri(name).replace("bucket", "nowhere"), cwd=folder)
    message = f's3://nowhere/{name}: cannot be written: there is no bucket "nowhere"\n'
    assert run == Run(4, "", f"xent: error: {message}")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_failed_run_leaves_the_object_as_it_was(name: str, folder: Path, bucket: Bucket) -> None:
    uri = bucket.put(name, b"as it was")
    (folder / "a.csv").write_text(f"{FIT}1,nonsense\n")
    bucket.proxy.requests.clear()
    assert xent(*COMMANDS[name], uri, cwd=folder).code == 3
    assert bucket.get(name) == b"as it was"
    assert [line.split()[0] for line in bucket.proxy.requests] == ["HEAD"]


def test_a_local_folder_that_is_not_there_is_refused_before_anything_is_read(folder: Path) -> None:
    (folder / "a.csv").write_text("label,prob\n1,nonsense\n")
    for name, command in COMMANDS.items():
        for place, words in ((f"no/{name}", "no such file or directory"), (f"b.csv/{name}", "not a directory")):
            run = xent(*command, place, cwd=folder)
            assert run == Run(4, "", f"xent: error: {place}: cannot be written: {words}\n"), command


REFUSED: dict[str, tuple[type[Exception], str]] = {
    "https://example.org/a.json": (RequestError, "takes no files"),
    "github://a:b@main/a.json": (RequestError, "can only be read"),
    "nonsense://a/b": (RequestError, "is not a kind of store"),
    "abfs://container@account.dfs.core.windows.net/a.json": (RequestError, "adlfs"),
    "az://container/a.json": (RequestError, "adlfs"),
    "hf://datasets/a/b/c.json": (RequestError, "huggingface_hub"),
    "file:///nowhere/at/all.json": (AccessError, "no such file"),
    "file://elsewhere/a.json": (RequestError, "on another machine"),
    "memory://": (AccessError, "is a directory"),
}


@pytest.mark.parametrize("uri", REFUSED)
def test_what_cannot_be_written_is_refused_in_one_line(uri: str, folder: Path) -> None:
    kind, words = REFUSED[uri]
    with pytest.raises(kind, match=words):
        refuse_unwritable(uri)
    run = xent("score", "a.csv", "-o", uri, cwd=folder)
    assert (run.code, run.stdout) == (2 if kind is RequestError else 4, "")
    assert [line.split(":")[0] for line in run.stderr.splitlines()] in (["xent"], ["xent", "  hint"])


@pytest.mark.parametrize("key", ["", "folder/"])
def test_a_bucket_or_folder_is_no_file(key: str, bucket: Bucket) -> None:
    with pytest.raises(AccessError, match="cannot be written: is a directory"):
        refuse_unwritable(bucket.uri(key))


def test_who_may_only_write_may_not_look(bucket: Bucket) -> None:
    bucket.proxy.refusal = lambda line: "403 Forbidden" if line.startswith("HEAD") else None
    refuse_unwritable(bucket.uri("a.json"))
    write_file(bucket.uri("a.json"), b"1")
    assert bucket.get("a.json") == b"1"
    bucket.proxy.refusal = lambda line: "403 Forbidden" if line.startswith("PUT") else None
    with pytest.raises(AccessError, match=r"a\.json: cannot be written: .*ACCESS_DENIED"):
        write_file(bucket.uri("a.json"), b"2")
    assert bucket.get("a.json") == b"1"


@pytest.fixture(params=["boto3", "pyarrow"])
def sender(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which package sends what takes several parts."""
    if request.param == "pyarrow":
        monkeypatch.setitem(sys.modules, "boto3", None)
    return str(request.param)


def test_a_large_object_goes_in_parts(sender: str, bucket: Bucket) -> None:
    write_file(bucket.uri("large"), LARGE)
    assert bucket.get("large") == LARGE
    assert sum("partNumber=" in line for line in bucket.proxy.requests) == 3


FAULTS = [("cut", 1), ("reset", 3), *(pytest.param(how, part, marks=pytest.mark.slow) for how, part in SLOW)]


@pytest.mark.parametrize(("how", "part"), FAULTS)
def test_an_upload_that_fails_leaves_nothing_behind(how: str, part: int, sender: str, bucket: Bucket) -> None:
    bucket.put("large", b"as it was")
    bucket.proxy.fault = Fault(how, 0, of="PUT", about=f"partNumber={part}")
    with pytest.raises(AccessError, match="large: cannot be written: ") as caught:
        write_file(bucket.uri("large"), LARGE)
    assert caught.value.code == "unwritable"
    assert bucket.get("large") == b"as it was"
    assert (sender, bucket.uploads()) in (("boto3", []), ("pyarrow", ["large"]))


STOPPED = """
import sys
from xentcli.cli import signals
from xentcli.sources.targets import write_file
signals.install()
signals.unwind()
write_file(sys.argv[1], bytes(25 << 20))
"""


def test_an_upload_that_is_stopped_is_taken_back(folder: Path, bucket: Bucket) -> None:
    bucket.proxy.before = lambda line: os.kill(process.pid, signal.SIGTERM) if "partNumber=2" in line else None
    bucket.proxy.latency = 0.2
    script = (
        f"from xentcli.sources.targets import write_file; write_file({bucket.uri('large')!r}, bytes(25 << 20))"
    )
    stop = "import signal\ndef stop(*_): raise KeyboardInterrupt\nsignal.signal(signal.SIGTERM, stop)\n"
    process = subprocess.Popen([sys.executable, "-c", stop + script], stderr=subprocess.DEVNULL)
    assert process.wait(60) != 0
    with pytest.raises(FileNotFoundError):
        bucket.get("large")
    assert bucket.uploads() == []


def test_python_writes_stores_as_well(bucket: Bucket) -> None:
    labels, probs = [1, 0, 1, 0], [0.9, 0.2, 0.6, 0.7]
    calibrate(labels, probs=probs, method="temperature", save=bucket.uri("cal.json"))
    assert apply(bucket.uri("cal.json"), [0.5]).tolist() == [0.5]
    plot("roc", labels, probs=probs).save(bucket.uri("roc.svg"))
    report(labels, bucket.uri("page.html"), probs=probs).save(bucket.uri("again.html"))
    assert bucket.get("roc.svg").startswith(b"<svg")
    assert bucket.get("page.html") == bucket.get("again.html")
    with pytest.raises(AccessError, match="there is no bucket"):
        report(labels, bucket.uri("x.html").replace("bucket", "nowhere"), probs=["x"])


def test_states_are_merged_in_the_store(folder: Path, bucket: Bucket) -> None:
    for name in ("a", "b"):
        uri = bucket.uri(f"states/{name}.state")
        assert xent("score", f"{name}.csv", "--save-state", uri, cwd=folder).code == 0
    total = bucket.uri("total.state")
    merged = xent("merge", bucket.uri("states/*.state"), "--save-state", total, cwd=folder)
    assert merged.code == 0
    assert merge(total).metrics == score([folder / "a.csv", folder / "b.csv"]).metrics
    assert merge(total).to_json() == merge(bucket.uri("states/*")).to_json()
    again = xent("merge", total, "--save-state", total, cwd=folder)  # a total may take the place of a part
    assert (again.code, again.stdout) == (0, merged.stdout)


def test_predictions_are_written_again_under_their_names(folder: Path, bucket: Bucket) -> None:
    cal = bucket.uri("cal.json")
    assert xent("calibrate", "a.csv", "--method", "temperature", "-o", cal, cwd=folder).code == 0
    for output in ("out/", bucket.uri("out")):
        assert xent("apply", cal, "a.csv", "b.csv", "-o", output, cwd=folder).code == 0
    for name in ("a.csv", "b.csv"):
        assert bucket.get(f"out/{name}") == (folder / "out" / name).read_bytes()
    run = xent("apply", cal, bucket.uri("out/a.csv"), "-o", bucket.uri("out/"), cwd=folder)
    assert (run.code, "would overwrite this input" in run.stderr) == (2, True)


def test_an_object_that_is_read_is_not_written(folder: Path, bucket: Bucket) -> None:
    uri = bucket.put("a.csv", FIT.encode())
    for option in ("--save-state", "-o"):
        run = xent("score", uri, option, uri.replace("s3://", "s3a://"), cwd=folder)
        assert (run.code, "would overwrite this input" in run.stderr) == (2, True)
    run = xent("score", "a.csv", "-o", uri, "--save-state", uri, cwd=folder)
    assert (run.code, "both write this file" in run.stderr) == (2, True)


def test_the_suffix_of_a_key_decides_the_format(folder: Path, bucket: Bucket) -> None:
    assert xent("score", "a.csv", "-o", bucket.uri("a.json"), cwd=folder).code == 0
    assert json.loads(bucket.get("a.json"))["format"] == "xent.score"
    run = xent("plot", "roc", "a.csv", "-o", bucket.uri("a.pdf"), cwd=folder)
    assert (run.code, bucket.uri("a.svg") in run.stderr) == (2, True)


def test_a_store_of_fsspec_is_written_like_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    write_file("memory://xent/a.json", b"1")
    assert MemoryFileSystem().cat("/xent/a.json") == b"1"
    monkeypatch.setattr(fsspec_store, "_SEEN_AT_ONCE", ("memory",))
    write_file("memory://xent/b.json", b"2")
    assert MemoryFileSystem().cat("/xent/b.json") == b"2"
    monkeypatch.setattr(MemoryFileSystem, "mv", lambda *_: 1 / 0)
    with pytest.raises(AccessError, match="cannot be written"):
        write_file("memory://xent/b.json", b"3")
    assert MemoryFileSystem().cat("/xent/b.json") == b"2"
    assert MemoryFileSystem().glob("/xent/*part*") == []
