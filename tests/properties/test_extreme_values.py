"""Scores and weights from the least to the largest of float64: every command ends in numbers, without a nan.

Numbers are held against the oracle elsewhere; here every format must be able to show whatever they become.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import law
from xentcli.cli.run import _invoke
from xentcli.errors import ContentError, RequestError

LOGITS = [0, 1, -1, 0.5, 25, 40, 745, -745, 1e16, 1e154, -1e155, 1e308, -1e308, 1.7e308, -1.7e308, 5e-324, "-inf"]
WEIGHTS = [0, 0.1, 1, 5e-324, 1e-290, 1e-150, 1e150]
SCORING = ["", "--clip 1e-15", "--label-smoothing 0.1", "--label-smoothing 0.9", "--class-weight 0=1e200",
           "--class-weight 1=0", "--class-weight 0=1e-200,1=3"]  # fmt: skip
LIMITS = ["log_loss <= 1", "log_loss[0] <= 1", "recall[1] >= .5", "log_loss[s=*] <= 3", "accuracy >= .2",
          "perplexity <= 9", "brier <= .5", "total_log_loss <= 9"]  # fmt: skip
RELATIVE = ["log_loss <= baseline + 1", "brier <= baseline * 1.1", "perplexity <= baseline"]


@pytest.fixture(scope="module", autouse=True)
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("extreme"))
        yield


@st.composite
def runs(draw: st.DrawFn) -> list[str]:
    """Arguments, and the files `a.csv` and `b.csv` of two models on the same rows written for them."""
    columns = draw(st.sampled_from([1, 2, 3]))
    kind = "logit" if columns == 1 or draw(st.booleans()) else "logprob"
    names = [f"{kind}_{k}" for k in range(columns)] if columns > 1 else [f"{kind}_1"]
    labels = draw(st.lists(st.integers(0, max(1, columns - 1)), min_size=1, max_size=8))
    for file in ("a.csv", "b.csv"):
        lines = [",".join(["label", *names, "w", "u", "s", "id"])]
        for row, label in enumerate(labels):
            scores = [draw(st.sampled_from(LOGITS)) for _ in names]
            if kind == "logprob":
                scores = [0, *[draw(st.sampled_from(["-inf", -1e308, -745])) for _ in names[1:]]]
            weight = WEIGHTS[row % len(WEIGHTS)]  # the same in both files
            lines.append(",".join(map(str, [label, *scores, weight, "uvw"[row % 3], "xy"[row % 2], row])))
        Path(file).write_text("\n".join(lines) + "\n")
    one = ["--positive", "1"] if columns == 1 else ["--classes", ",".join(map(str, range(columns)))]
    used = [
        *(word for name in names for word in (f"--{kind}", name)),
        *one,
        *draw(st.sampled_from(SCORING)).split(),
    ]
    used += draw(st.sampled_from([[], ["--weight", "w"]]))
    sliced = draw(st.sampled_from([[], ["--cluster", "u"], ["--by", "s"], ["--by", "s", "--cluster", "u"]]))
    unit = ["--unit", draw(st.sampled_from(["nats", "bits", "bans"]))]
    required = [
        word for each in draw(st.lists(st.sampled_from(LIMITS), max_size=2)) for word in ("--require", each)
    ]
    relative = [
        word for each in draw(st.lists(st.sampled_from(RELATIVE), max_size=1)) for word in ("--require", each)
    ]
    sure = ["--confidence", "0.9"]
    command = draw(
        st.sampled_from(
            [
                ["score", "a.csv", *used, *sliced, *unit, *required, "--reliability", "--save-state", "s.json"],
                ["gate", "a.csv", *used, *sliced, *unit, "--require", "log_loss <= 1", *required, *sure],
                ["compare", "a.csv", "b.csv", *used, *sliced, *unit, *relative, *(sure if relative else [])],
                ["worst", "a.csv", *used, *unit],
                ["gradients", "a.csv", *used],
            ]
        )
    )
    return [*command, "--format", draw(st.sampled_from(["table", "markdown", "csv", "json"]))]


@law
@given(runs())
def test_every_command_and_format_can_tell_what_becomes_of_them(arguments: list[str]) -> None:
    Path("s.json").unlink(missing_ok=True)
    try:
        outcome = _invoke(arguments)
        if Path("s.json").exists():
            assert json.loads(_invoke(["merge", "s.json", "--format", "json"]).text)["rows"] > 0
    except (RequestError, ContentError):
        return
    assert outcome.exit_code in (0, 1, 5)
    assert "nan" not in outcome.text
    if arguments[-1] == "json":
        json.loads(outcome.text)
