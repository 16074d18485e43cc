"""Objects of Google Cloud Storage: written as those of S3 are.

To read them takes a server in another process: pyarrow keeps the interpreter's lock while it asks for metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.sources.stores.google import Google, google
from xentcli.errors import AccessError
from xentcli.sources.targets import refuse_unwritable, write_file


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    monkeypatch.setenv("XENT_TIMEOUT", "1")
    with google() as server:
        yield server


def test_objects_are_what_files_would_be(store: Google, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("label,prob\n1,0.75\n0,0.25\n")
    for places in (("a.state", "a.json"), (store.uri("a.state"), store.uri("a.json"))):
        assert xent("score", "a.csv", "--save-state", places[0], "-o", places[1], cwd=tmp_path) == (0, "", "")
    assert store.objects == {name: (tmp_path / name).read_bytes() for name in ("a.state", "a.json")}


def test_a_bucket_that_is_not_there(store: Google) -> None:
    with pytest.raises(AccessError, match='there is no bucket "nowhere"'):
        refuse_unwritable(store.uri("a.json", "nowhere"))


@pytest.mark.parametrize("size", [10, 21 << 20])
def test_an_object_is_complete_or_as_it_was(size: int, store: Google) -> None:
    write_file(store.uri("a"), b"x" * size)
    assert store.objects["a"] == b"x" * size
    store.refuses = lambda method: method == "PUT"
    with pytest.raises(AccessError, match="a: cannot be written: "):
        write_file(store.uri("a"), b"y" * size)
    assert store.objects["a"] == b"x" * size
