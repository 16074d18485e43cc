"""Numbers beyond Python's limit, counts beyond reason and text that is no Unicode, wherever they can be given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent

DIGITS = "9" * 5000
TABLE = "label,p\n1,0.9\n0,0.2\n"


@pytest.mark.parametrize("option", ["--threads", "--shard", "-n"])
@pytest.mark.parametrize("given", ["1e18", "99999999999999999999", DIGITS, "-1", "1.5"])
def test_absurd_counts(option: str, given: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    command = ("worst",) if option == "-n" else ("score", "--save-state", "s.json")
    run = xent(*command, "a.csv", option, given, cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "is not a whole number from" in run.stderr
    assert len(run.stderr) < 500


@pytest.mark.parametrize("given", ["1025", "99999999999999999999", DIGITS, f"0x{'f' * 6000}", f'"{DIGITS}"'])
def test_absurd_counts_in_a_configuration(given: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "xent.toml").write_text(f"require = ['rows >= 1']\nthreads = {given}\n")
    run = xent("gate", "a.csv", cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("xent: error: xent.toml: ")
    assert len(run.stderr) < 500


def test_a_configured_name_that_no_file_has(tmp_path: Path) -> None:
    (tmp_path / "xent.toml").write_text('require = ["rows >= 1"]\nfiles = ["a\\u0000b"]\n')
    run = xent("gate", cwd=tmp_path)
    assert (run.code, run.stderr) == (
        2,
        'xent: error: xent.toml: files: no path holds a NUL character: "a\\x00b"\n',
    )


LONG = {
    "label": (f"label,p\n{DIGITS},0.9\n0,0.2\n", ("--positive", "0"), 0),
    "no such class": (
        f"label,p\n{DIGITS},0.9\n0,0.2\n",
        ("--prob", "p", "--classes", "a,b", "--positive", "a"),
        3,
    ),
    "no positive": (f"label,p\n{DIGITS},0.9\n0,0.2\n", (), 2),
    "score": (f"label,p\n1,{DIGITS}\n0,0.2\n", (), 3),
    "digits": (f"label,p\n1,0.{DIGITS}\n0,0.2\n", (), 0),
    "digits and a letter": (f"label,p\n1,{'9' * 400_000}x\n0,0.2\n", (), 3),
    "decimal comma": (f'label,p\n1,"{"9" * 400_000},5x"\n0,0.2\n', (), 3),
    "header": (f"{'9' * 400_000}x,p\n1,0.5\n", (), 2),
    "json label": (f'{{"label": {DIGITS}, "p": 0.9}}\n{{"label": 0, "p": 0.2}}\n', ("--positive", "0"), 0),
    "json score": (f'{{"label": 1, "p": {DIGITS}}}\n{{"label": 0, "p": 0.2}}\n', (), 3),
    "requirement": (TABLE, ("--require", f"rows >= {DIGITS}"), 2),
    "requirement, odd": (TABLE, ("--require", f"rows >= {DIGITS}!"), 2),
    "clip": (TABLE, ("--clip", DIGITS), 2),
    "class weight": (TABLE, ("--class-weight", f"1={DIGITS}"), 2),
    "prior": (TABLE, ("--prior", f"1={DIGITS},0=1"), 2),
    "bins": (TABLE, ("--bins", f"p={DIGITS}"), 2),
}


@pytest.mark.parametrize("case", LONG)
@pytest.mark.parametrize("form", ["table", "json"])
def test_thousands_of_digits(case: str, form: str, tmp_path: Path) -> None:
    text, options, code = LONG[case]
    (tmp_path / "a").write_text(text)
    run = xent("score", "a", *options, "--format", form, cwd=tmp_path)
    assert run.code == code, run.stderr
    assert len(run.stderr) < 10_000


BROKEN = {
    "label": ('{"label": "1", "p": 0.9}\n{"label": "\\ud800", "p": 0.2}\n', (), 3, 2, "label"),
    "slice": ('{"label": "1", "p": 0.9, "s": "\\udfff"}\n', ("--by", "s"), 3, 1, "s"),
    "key": ('{"label": "1", "p_\\ud800": 0.9}\n', (), 3, 1, None),
    "key of an object": ('{"label": "1", "probs": {"\\ud800": 0.9, "1": 0.1}}\n', (), 3, 1, None),
    "not asked for": ('{"label": "1", "p": 0.9, "s": "\\ud800"}\n', (), 0, None, None),
}


@pytest.mark.parametrize("case", BROKEN)
def test_half_a_surrogate_pair(case: str, tmp_path: Path) -> None:
    text, options, code, line, column = BROKEN[case]
    (tmp_path / "a.jsonl").write_text(text)
    run = xent("score", "a.jsonl", *options, "--format", "json", cwd=tmp_path)
    assert run.code == code, run.stderr
    if code:
        error = json.loads(run.stderr)["error"]
        assert (error["code"], error["line"], error["column"]) == ("encoding", line, column)
        assert error["hint"]


@pytest.mark.parametrize("option", ["--label", "--by", "--prob", "--classes", "--require", "--ignore-label"])
def test_arguments_that_are_not_utf8(option: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TABLE)
    run = xent("score", "a.csv", option, "x\udcff", cwd=tmp_path)
    assert (run.code, run.stdout) == (2, "")
    assert "'x\\udcff' is not UTF-8 text" in run.stderr
