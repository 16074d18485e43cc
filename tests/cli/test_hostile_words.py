"""Standard error, whatever arguments and files hold: errors, usage, notices, verdicts, crashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.hostile import HOSTILE, refuse_hostile
from xentcli.api import ScoreRequest

EVERY = pytest.mark.parametrize("word", HOSTILE.values(), ids=HOSTILE)
GOOD = "label,p_a,p_b\na,0.75,0.25\nb,1,0\n"  # with a notice


@EVERY
@pytest.mark.parametrize(
    "arguments",
    [
        ("{}",),
        ("score", "--{}", "good.csv"),
        ("score", "{}.csv"),
        ("score", "good.csv", "--format", "{}"),
        ("score", "good.csv", "--clip", "{}"),
        ("score", "good.csv", "-n", "{}"),
        ("score", "good.csv", "--class-weight", "{}=x"),
        ("score", "good.csv", "--bins", "{}=x"),
        ("score", "good.csv", "--delimiter", "{}"),
        ("score", "good.csv", "--prob", "{}"),
        ("score", "good.csv", "--require", "{}"),
        ("score", "good.csv", "--require", "recall[{}] > 0.5"),
        ("score", "good.csv", "--labels", "{}", "--on", "{}"),
        ("merge", "{}"),
        ("explain", "no such {}"),
        ("gate", "good.csv", "--config", "{}"),
    ],
    ids=" ".join,
)
def test_an_error_obeys_no_argument(arguments: tuple[str, ...], word: str, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text(GOOD)
    word = word.replace("\0", "")  # which no argument holds
    given = [each.replace("{}", word) for each in arguments]
    run = xent(*given, cwd=tmp_path)
    assert (run.code in (2, 4), run.stdout) == (True, ""), run
    refuse_hostile(run.stderr)
    assert run.stderr.splitlines()[0].startswith(("xent: error: ", "Usage: xent "))
    as_json = xent(given[0], "--format=json", *given[1:], cwd=tmp_path)
    refuse_hostile(as_json.stderr.replace("\U000e0001", ""))
    assert json.loads(as_json.stderr)["error"]["exit_code"] == as_json.code


@EVERY
def test_notices_and_verdicts_obey_no_name(word: str, tmp_path: Path) -> None:
    name = word.replace("/", "").replace("\0", "") + ".csv"
    (tmp_path / name).write_text(GOOD)
    run = xent("score", name, "--require", "log_loss <= 0.1", "-o", "out", cwd=tmp_path)
    assert (run.code, run.stdout) == (1, "")
    assert [line.partition(": ")[2].partition(": ")[0] for line in run.stderr.splitlines()] == ["notice", "failed"]
    refuse_hostile(run.stderr)


@EVERY
def test_a_crash_obeys_no_message(word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(request: ScoreRequest) -> None:
        raise RuntimeError(request.inputs.spec.label)

    monkeypatch.setattr("xentcli.api.gate_of", broken)
    (tmp_path / "good.csv").write_text(GOOD)
    run = xent("score", "good.csv", "--label", word, cwd=tmp_path)
    assert (run.code, run.stdout) == (70, "")
    refuse_hostile(run.stderr)
