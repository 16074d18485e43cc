"""An option without effect is refused, on the command line and in Python; a default of a configuration is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.runner import error_of, xent
from xentcli import score
from xentcli.errors import RequestError

BINARY = "label,p\n1,0.75\n0,0.25\n"
LIMIT = ("--require", "log_loss <= 9")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wide = pd.DataFrame({"label": ["a", "b"], "prob_a": [0.75, 0.5], "prob_b": [0.25, 0.5], "day": [1, 2]})
    wide.to_parquet(tmp_path / "wide.parquet")
    wide.to_csv(tmp_path / "wide.csv", index=False)
    wide.to_json(tmp_path / "wide.jsonl", orient="records", lines=True)
    wide.rename(columns={"prob_a": "logit_a", "prob_b": "logit_b"}).to_parquet(tmp_path / "logits.parquet")
    (tmp_path / "two.csv").write_text(BINARY)
    (tmp_path / "tokens.csv").write_text("logprob\n-0.5\n-0.25\n")
    return tmp_path


@pytest.mark.parametrize("command", ["score", "worst", "gradients", "gate"])
@pytest.mark.parametrize(
    "option",
    [("--delimiter", ";"), ("--decimal", ","), ("--no-header",), ("--comment", "#"), ("--skip-lines", "1")],
)
@pytest.mark.parametrize("file", ["wide.parquet", "wide.jsonl"])
def test_options_of_text_need_text(folder: Path, command: str, option: Sequence[str], file: str) -> None:
    run = xent(command, file, *option, *(LIMIT if command == "gate" else ()), "--format", "json", cwd=folder)
    assert (error_of(run)["code"], error_of(run)["exit_code"]) == ("no_effect", 2)
    assert error_of(run)["message"].startswith(f"{option[0]} has no effect")


@pytest.mark.parametrize(
    "arguments",
    [
        ("score", "wide.csv", "wide.parquet", "--delimiter", ","),
        ("score", "wide.csv", "--delimiter", ","),
        ("compare", "wide.csv", "wide.parquet", "--delimiter", ","),
        ("compare", "wide.parquet", "wide.csv", "--delimiter", ","),
        ("score", "wide.csv", "--normalize"),
        ("score", "two.csv", "--normalize"),
        ("score", "wide.csv", "--sum-tolerance", "0.02"),
        ("score", "wide.parquet", *LIMIT, "--exit-zero"),
        ("gate", "wide.csv", "--init", "--unit", "bits"),
    ],
)
def test_an_effect_on_one_input_is_enough(folder: Path, arguments: Sequence[str]) -> None:
    assert xent(*arguments, cwd=folder).code == 0


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("score", "logits.parquet", "--normalize"), "--normalize"),
        (("compare", "logits.parquet", "logits.parquet", "--normalize"), "--normalize"),
        (("compare", "wide.parquet", "wide.parquet", "--decimal", ","), "--decimal"),
        (("score", "tokens.csv", "--logprob", "logprob", "--positive", "a"), "--positive"),
        (("score", "tokens.csv", "--logprob", "logprob", "--classes", "a,b"), "--classes"),
        (("score", "tokens.csv", "--logprob", "logprob", "--normalize"), "--normalize"),
        (("score", "wide.csv", "--exit-zero"), "--exit-zero"),
        (("compare", "wide.csv", "wide.csv", "--exit-zero"), "--exit-zero"),
        (("gate", "wide.csv", "--init", *LIMIT), "--require"),
        (("gate", "wide.csv", "--init", "--junit", "x.xml"), "--junit"),
    ],
)
def test_options_without_effect_are_refused(folder: Path, arguments: Sequence[str], option: str) -> None:
    run = xent(*arguments, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert f"{option} " in run.stderr


def test_defaults_of_a_configuration_may_not_apply(folder: Path) -> None:
    lines = ('delimiter = ";"', "normalize = true", "sum-tolerance = 0.2", 'require = ["log_loss <= 9"]')
    (folder / "xent.toml").write_text("\n".join(lines))
    assert xent("gate", "logits.parquet", cwd=folder).code == 0
    assert xent("gate", "logits.parquet", "--normalize", cwd=folder).code == 2


@pytest.mark.parametrize(
    ("file", "options"),
    [
        ("wide.parquet", {"delimiter": ";"}),
        ("wide.parquet", {"header": False}),
        ("logits.parquet", {"normalize": True}),
        ("tokens.csv", {"logprob": "logprob", "positive": "a"}),
    ],
)
def test_arguments_without_effect_are_refused(folder: Path, file: str, options: dict[str, Any]) -> None:
    with pytest.raises(RequestError, match="has no effect"):
        score(folder / file, **options)
    with pytest.raises(RequestError, match="has no effect"):
        score([1, 0], logits=np.array([0.5, -0.5]), normalize=True)
