"""The configuration of the gate: where it is found, what it may hold, and how it says what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xentcli.errors import AccessError, RequestError, Where
from xentcli.gates.config import ConfigKey, find_config, load_config

KNOWN = {
    "require": ConfigKey("texts"),
    "files": ConfigKey("texts", is_path=lambda text: True),
    "baseline": ConfigKey("text", is_path=lambda text: True),
    "prior": ConfigKey("text", is_path=lambda text: "=" not in text, example="A=0.9,B=0.1"),
    "classes": ConfigKey("list"),
    "confidence": ConfigKey("number"),
    "normalize": ConfigKey("flag"),
    "sum-tolerance": ConfigKey("number"),
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()  # what lies above the folder of the test is none of its business
    monkeypatch.chdir(tmp_path)


def test_every_kind_of_value() -> None:
    Path("pyproject.toml").write_text(
        """
        [project]
        name = "cats"
        [tool.other]
        require = 1
        [tool.xent.gate]
        require = ["log_loss <= 0.5", "rows >= 10"]
        files = "preds.csv"
        baseline = "main.json"
        prior = "cat=0.9,dog=0.1"
        classes = ["cat", 'a,"b']
        confidence = 0.95
        sum-tolerance = 1
        normalize = true
        """
    )
    config = find_config(KNOWN)
    assert config is not None
    assert (config.path, config.key("clip")) == ("pyproject.toml", "tool.xent.gate.clip")
    assert config.values == {
        "require": ("log_loss <= 0.5", "rows >= 10"),
        "files": ("preds.csv",),
        "baseline": "main.json",
        "prior": "cat=0.9,dog=0.1",
        "classes": 'cat,"a,""b"',
        "confidence": 0.95,
        "sum-tolerance": 1,
        "normalize": True,
    }


@pytest.mark.parametrize(
    "text",
    ['require = "rows > 1"\n', '[gate]\nrequire = ["rows > 1"]\n', '[tool.xent.gate]\nrequire = "rows > 1"\n'],
)
def test_a_file_of_its_own(text: str) -> None:
    Path("xent.toml").write_text(text)
    config = find_config(KNOWN)
    assert config is not None
    assert config.values == {"require": ("rows > 1",)}
    assert load_config("xent.toml", KNOWN) == config


def test_it_is_found_above_and_its_paths_are_relative_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = 'files = ["a.csv", "/b.csv", "-", "s3://c/d.csv"]'
    Path("pyproject.toml").write_text(f'{GATE}{files}\nbaseline = "x/main.json"\nprior = "t.csv"')
    Path("deep/er").mkdir(parents=True)
    monkeypatch.chdir("deep/er")
    config = find_config(KNOWN)
    assert config is not None
    assert config.path == "../../pyproject.toml"
    assert config.values == {
        "files": ("../../a.csv", "/b.csv", "-", "s3://c/d.csv"),
        "baseline": "../../x/main.json",
        "prior": "../../t.csv",
    }


@pytest.mark.parametrize("border", ["pyproject.toml", ".git"])
def test_the_first_repository_above_ends_the_search(border: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyproject.toml").write_text("[tool.xent.gate]\n")
    Path("inner/deep").mkdir(parents=True)
    Path("inner", border).touch()
    monkeypatch.chdir("inner/deep")
    assert find_config(KNOWN) is None
    Path("../xent.toml").write_text("")
    config = find_config(KNOWN)
    assert config is not None
    assert (config.path, config.values) == ("../xent.toml", {})


def test_a_nearer_file_of_its_own_comes_before_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("pyproject.toml").write_text("[tool.xent.gate]\n")
    Path("inner").mkdir()
    Path("inner/xent.toml").write_text("confidence = 0.9")
    monkeypatch.chdir("inner")
    config = find_config(KNOWN)
    assert config is not None
    assert config.path == "xent.toml"


def test_a_project_without_a_gate() -> None:
    assert find_config(KNOWN) is None
    Path("pyproject.toml").write_text("[project]\nname = 'cats'\n[tool.ruff]\n")
    assert find_config(KNOWN) is None
    with pytest.raises(RequestError, match=r"has no \[tool\.xent\]"):
        load_config("pyproject.toml", KNOWN)


GATE = "[tool.xent.gate]\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (GATE + 'requires = "x"', "tool.xent.gate.requires: unknown key", 'did you mean "require"?'),
        (GATE + "normalise = true", "tool.xent.gate.normalise: unknown key", 'did you mean "normalize"?'),
        (GATE + "zzz = 1", "tool.xent.gate.zzz: unknown key", "keys: " + ", ".join(KNOWN)),
        ("[tool.xent.gates]", "tool.xent.gates: unknown key", 'did you mean "gate"?'),
        ("[tool]\nxent = 1", "tool.xent: expected a table, not 1", None),
        ("[tool.xent]\ngate = 'x'", 'tool.xent.gate: expected a table, not "x"', None),
        (GATE + "require = 1", "tool.xent.gate.require: expected a string or an array of strings, not 1", None),
        (
            GATE + "require = ['a', 1]",
            "tool.xent.gate.require: expected a string or an array of strings, not one of other values",
            None,
        ),
        (GATE + "confidence = '0.95'", 'tool.xent.gate.confidence: expected a number, not "0.95"', None),
        (GATE + "confidence = true", "tool.xent.gate.confidence: expected a number, not true", None),
        (GATE + "normalize = 1", "tool.xent.gate.normalize: expected true or false, not 1", None),
        (
            GATE + "prior = {cat = 1}",
            'tool.xent.gate.prior: expected a string, such as "A=0.9,B=0.1", not a table',
            None,
        ),
        (
            GATE + 'files = ["a.csv", "b\\u0000.csv"]',
            'tool.xent.gate.files: no path holds a NUL character: "b\0.csv"',
            None,
        ),
        (GATE + "baseline = ['a']", "tool.xent.gate.baseline: expected a string, not an array", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_key(text: str, message: str, hint: str | None) -> None:
    Path("pyproject.toml").write_text(text)
    with pytest.raises(RequestError) as caught:
        find_config(KNOWN)
    error = caught.value
    assert (error.message, error.hint, error.where, error.exit_code) == (message, hint, Where("pyproject.toml"), 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[gate]\nfoo = 1", "gate.foo: unknown key"),
        ("require = 'x'\n[gate]", "require: belongs to the gate only"),
        ("require = 'x'\n[tool.xent.gate]", "require: stands beside [tool], not in it"),
        ("foo = 1", "foo: unknown key"),
    ],
)
def test_keys_where_they_would_be_passed_over(text: str, message: str) -> None:
    Path("xent.toml").write_text(text)
    with pytest.raises(RequestError) as caught:
        find_config(KNOWN)
    assert caught.value.message == message


def test_two_configurations_in_one_folder() -> None:
    Path("pyproject.toml").write_text(GATE)
    Path("xent.toml").write_text("")
    with pytest.raises(RequestError, match=r"xent\.toml and pyproject\.toml both configure xent"):
        find_config(KNOWN)


def test_what_is_not_toml_is_named_with_its_line() -> None:
    Path("pyproject.toml").write_text(GATE + "require = \n")
    with pytest.raises(RequestError) as caught:
        find_config(KNOWN)
    assert (caught.value.message, caught.value.where) == (
        "is not TOML: Invalid value",
        Where("pyproject.toml", line=2),
    )
    Path("pyproject.toml").write_bytes(b"a = '\xff'")
    with pytest.raises(RequestError, match="is not UTF-8, at byte 5"):
        find_config(KNOWN)
    Path("pyproject.toml").write_text("a = " + "[" * 100_000)
    with pytest.raises(RequestError):
        find_config(KNOWN)


def test_a_file_that_cannot_be_read() -> None:
    with pytest.raises(AccessError, match="cannot be read: no such file or directory"):
        load_config("none.toml", KNOWN)
    with pytest.raises(AccessError, match="cannot be read: is a directory"):
        load_config(os.curdir, KNOWN)
