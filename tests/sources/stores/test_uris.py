"""URIs: which store reads them, what is refused and how, and that no secret in one is ever shown."""

from __future__ import annotations

import builtins
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import xent
from tests.sources.reading import rows_of
from tests.sources.stores.conftest import KEY, SECRET, Bucket
from xentcli import score
from xentcli.errors import AccessError, RequestError, XentError
from xentcli.sources.open import open_paths
from xentcli.sources.source import TextOptions
from xentcli.sources.stores import fsspec_store
from xentcli.states.container import unseal
from xentcli.wording import without_secrets

DATA = b"label,prob\n1,0.75\n0,0.5\n"

REFUSED = {
    "file:///nowhere/at/all.csv": (AccessError, "no such file"),
    "file:///nowhere/*.csv": (AccessError, "no file matches"),
    "file://elsewhere/a.csv": (RequestError, "on another machine"),
    "nonsense://a/b": (RequestError, "nonsense:// is not a kind of store"),
    "a b://c": (RequestError, "neither a path nor a URI"),
    "https://example.org/*.csv": (RequestError, "lists no files"),
    "s3://bucket/a.csv?nonsense=1": (RequestError, "Unexpected query parameter"),
    "abfs://container/a.csv": (RequestError, "adlfs"),
    "abfs://container@account.dfs.core.windows.net/a.csv": (RequestError, "adlfs"),
    "abfss://container@account.dfs.core.windows.net/*.csv": (RequestError, "adlfs"),
    "ftp://127.0.0.1:1/a.csv": (AccessError, "connection refused"),
    "az://container/a.csv": (RequestError, "adlfs"),
    "hf://datasets/a/b.csv": (RequestError, "huggingface_hub"),
    "memory://nowhere/a.csv": (AccessError, "no such file"),
}


@pytest.mark.parametrize("uri", REFUSED)
def test_what_cannot_be_read_is_refused_in_one_line(uri: str, tmp_path: Path) -> None:
    kind, words = REFUSED[uri]
    with pytest.raises(XentError, match=words) as caught:
        open_paths([uri], TextOptions())
    assert type(caught.value) is kind
    run = xent("score", uri, cwd=tmp_path)
    assert (run.code, run.stdout) == (kind.exit_code, "")
    assert [line.split(":")[0] for line in run.stderr.splitlines()] in (["xent"], ["xent", "  hint"])
    if uri.startswith(("abfs", "az", "hf")):
        assert caught.value.hint == "pip install 'xentcli[cloud]'"


def test_without_fsspec_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.partition(".")[0] == "fsspec":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RequestError) as caught:
        open_paths(["abfs://container/a.csv"], TextOptions())
    assert caught.value.hint == fsspec_store.EXTRA


def test_a_store_of_fsspec_is_read_like_any_other(tmp_path: Path) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    store = MemoryFileSystem()
    for name in ("b.csv", "a.csv", "_x.csv", "sub/c.csv"):
        store.pipe(f"/xent/{name}", DATA)
    assert score("memory://xent/a.csv").inputs[0].name == "memory://xent/a.csv"
    sources = open_paths(["memory://xent"], TextOptions())
    assert [source.name for source in sources] == [
        f"memory://xent/{name}" for name in ("a.csv", "b.csv", "sub/c.csv")
    ]
    assert len(open_paths(["memory://xent/*.csv"], TextOptions())) == 3
    source = sources[0]
    store.pipe("/xent/a.csv", DATA.replace(b"0.75", b"0.25"))
    with pytest.raises(AccessError) as caught:
        rows_of(source, source.one_column)
    assert caught.value.code == "input_changed"
    store.rm("/xent", recursive=True)


class _ConnectionLost(Exception):
    """As the libraries of stores have their own."""


@pytest.mark.parametrize("lost", [_ConnectionLost("no route to host"), ConnectionRefusedError(111, "Refused")])
def test_a_store_that_fails_as_it_opens_is_unreadable(lost: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise lost

    monkeypatch.setattr("fsspec.core.url_to_fs", fail)
    with pytest.raises(AccessError) as caught:
        open_paths(["github://a:b@main/a.csv"], TextOptions())
    assert caught.value.code == "unreadable"


@pytest.mark.parametrize("text", ["", "x", "0", "-1", "nan", "inf"])
def test_the_timeout_of_the_environment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from xentcli.sources.stores.store import timeout

    monkeypatch.setenv("XENT_TIMEOUT", text)
    if not text:
        assert timeout() == 15
        return
    with pytest.raises(RequestError, match="not a number of seconds"):
        timeout()


MASKED = {
    "s3://key:secret@bucket/a.csv": "s3://***@bucket/a.csv",
    "s3://AKIA:ab/cd+e@bucket/a b.csv": "s3://***@bucket/a b.csv",
    "https://user@host/a": "https://***@host/a",
    "http://host:8080/a@b.csv": "http://host:8080/a@b.csv",
    "hf://datasets/a/b@main/c.csv": "hf://datasets/a/b@main/c.csv",
    "abfs://container@account.dfs.core.windows.net/a": "abfs://container@account.dfs.core.windows.net/a",
    "abfs://container:key@account/a": "abfs://***@account/a",
    "s3://b/a?region=eu-west-1&endpoint_override=http://u:p@h:9000": (
        "s3://b/a?region=eu-west-1&endpoint_override=http://***@h:9000"
    ),
    "https://h/a.csv?X-Amz-Credential=AKIA%2F2026&X-Amz-Date=20260101T000000Z&X-Amz-Signature=0a1b": (
        "https://h/a.csv?X-Amz-Credential=***&X-Amz-Date=20260101T000000Z&X-Amz-Signature=***"
    ),
    "https://a.blob.core.windows.net/c/a?sv=2024-01-01&se=2026-01-01&sp=r&sig=ab%2Fc%3D": (
        "https://a.blob.core.windows.net/c/a?sv=2024-01-01&se=2026-01-01&sp=r&sig=***"
    ),
    "https://h/a?t=0123456789abcdefABCDEF": "https://h/a?t=***",
    "'https://h/a?token=x' and 'gs://u:p@b/c', too": "'https://h/a?token=***' and 'gs://***@b/c', too",
    "rate?key=1": "rate?key=1",
}


@pytest.mark.parametrize("text", MASKED)
def test_secrets_of_a_uri_are_masked(text: str) -> None:
    assert without_secrets(text) == MASKED[text]


COMMANDS = [
    ("score", "URI"), ("score", "URI", "--format", "json"), ("score", "URI", "--format", "csv"),
    ("score", "URI", "--require", "log_loss < 9", "--junit", "junit.xml", "--save-state", "a.state"),
    ("score", "URI", "-o", "NOWHERE"), ("score", "URI", "--save-state", "NOWHERE"),
    ("score", "BAD"), ("score", "BAD", "--format", "json"), ("score", "URI", "--labels", "BAD"),
    ("score", "URI", "URI"),
    ("score", "URI", "--label", "nothing"), ("columns", "URI"), ("worst", "URI", "--format", "json"),
    ("compare", "URI", "URI"), ("compare", "URI", "BAD"), ("score", "URI", "--nonsense"), ("score", "PATTERN"),
    ("gate", "URI", "--require", "log_loss < 0", "--github"),
    ("score", "URI", "--baseline", "BAD", "--require", "log_loss < 1"),
    ("merge", "URI"), ("merge", "BAD"), ("score", "UNKNOWN"), ("gradients", "URI"),
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_a_secret(command: tuple[str, ...], bucket: Bucket, tmp_path: Path) -> None:
    plain = bucket.put("a.csv", DATA)
    secret = SECRET.replace("/", "%2F").replace("+", "%2B")
    own = plain.replace("s3://", f"s3://{KEY}:{secret}@")
    words = {
        "URI": own, "BAD": own.replace("a.csv", "none.csv"), "PATTERN": own.replace("a.csv", "*.none"),
        "NOWHERE": own.replace("@bucket", "@nowhere"), "UNKNOWN": f"nonsense://{KEY}:{secret}@h/a?token={secret}",
    }  # fmt: skip
    run = xent(*(words.get(word, word) for word in command), cwd=tmp_path)
    assert run.code != 70, run.stderr
    texts = [run.stdout, run.stderr, *map(_content, tmp_path.iterdir())]
    assert not [found for text in texts for found in re.findall(f"{KEY}|{secret}|{re.escape(SECRET)}", text)]


def _content(path: Path) -> str:
    """What a file holds; what a state holds, out of its container."""
    data = path.read_bytes()
    return (unseal(data, "")[1] if path.suffix == ".state" else data).decode("latin-1")


def test_no_traceback_shows_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"cannot parse s3://{KEY}:{SECRET}@bucket/a.csv?token=abc")

    monkeypatch.setattr("xentcli.sources.stores.find.split_options", fail)
    run = xent("score", f"s3://{KEY}:{SECRET}@bucket/a.csv", cwd=tmp_path)
    assert run.code == 70
    assert "Traceback" in run.stderr
    assert KEY not in run.stderr
    assert SECRET not in run.stderr
