"""`[tool.xent]` in pyproject.toml or xent.toml: defaults of every command, which the command line takes back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Run, xent
from xentcli.cli.commands import COMMANDS
from xentcli.cli.commands import xent as root

TEXT = "id,outcome,p_a,p_b,w\n1,a,0.75,0.25,1\n2,b,0.375,0.625,2\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose label column no name tells."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "preds.csv").write_text(TEXT)
    return tmp_path


def configured(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(f"[tool.xent]\n{text}\n")
    return folder


def json_of(run: Run) -> dict[str, Any]:
    assert run.code == 0, run.stderr
    document: dict[str, Any] = json.loads(run.stdout)
    return document


def test_defaults_of_every_command(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nunit = "bits"\nformat = "json"')
    for command in ("score", "worst"):
        run = xent(command, "preds.csv", cwd=folder)
        assert json_of(run)["unit"] == "bits"
        notice = 'pyproject.toml sets label = "outcome", unit = "bits", format = "json" (--no-config ignores it)'
        assert run.stderr == f"xent: notice: {notice}\n"
    assert json_of(xent("columns", "preds.csv", cwd=folder))
    assert json_of(xent("compare", "preds.csv", "preds.csv", "--on", "id", cwd=folder))["unit"] == "bits"
    assert json_of(xent("gradients", "preds.csv", cwd=folder))
    assert json_of(xent("gate", "preds.csv", "--require", "rows == 2", cwd=folder))["unit"] == "bits"
    assert json_of(xent("explain", "log_loss", cwd=folder))


def test_the_command_line_wins(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nunit = "bits"\nformat = "json"\nquiet = true')
    assert json_of(xent("score", "preds.csv", "--unit", "nats", cwd=folder))["unit"] == "nats"
    assert xent("score", "preds.csv", "--format", "csv", cwd=folder).stdout.startswith("table,")
    assert xent("score", "preds.csv", cwd=folder).stderr == ""
    assert "pyproject.toml sets" in xent("score", "preds.csv", "--no-quiet", cwd=folder).stderr
    assert xent("score", "preds.csv", "-o", "x.csv", cwd=folder).code == 0
    assert (folder / "x.csv").read_text().startswith("table,")
    assert xent("score", "preds.csv", "-o", "x", cwd=folder).code == 0
    assert json.loads((folder / "x").read_text())["unit"] == "bits"


def test_no_config(folder: Path) -> None:
    configured(folder, 'label = "outcome"')
    run = xent("score", "preds.csv", "--no-config", "--label", "outcome", cwd=folder)
    assert (run.code, run.stderr) == (0, "")
    assert xent("score", "preds.csv", "--no-config", cwd=folder).code == 2
    run = xent("score", "preds.csv", "--no-config", "--config", "x.toml", cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert "contradict" in run.stderr


FLAGS = {"normalize", "multilabel", "allow-extra", "reliability", "quiet", "full", "breakdown"}
NEGATIVE = {"no-header": "--header", "no-color": "--color"}


def test_every_flag_can_be_taken_back() -> None:
    for name in COMMANDS:
        command = root.get_command(root.make_context("xent", ["explain"]), name)
        assert command is not None
        for option in command.params:
            flag = next((each[2:] for each in option.opts if each.startswith("--")), "")
            if flag in FLAGS:
                assert f"--no-{flag}" in option.secondary_opts
            if flag in NEGATIVE:
                assert NEGATIVE[flag] in option.secondary_opts


def test_normalize_taken_back(folder: Path) -> None:
    (folder / "odd.csv").write_text(TEXT.replace("0.75,0.25", "0.6,0.2"))
    configured(folder, 'label = "outcome"\nnormalize = true')
    run = xent("score", "odd.csv", cwd=folder)
    assert (run.code, "normalize = true" in run.stderr) == (0, True)
    run = xent("score", "odd.csv", "--no-normalize", cwd=folder)
    assert (run.code, run.stdout) == (3, "")
    assert run.stderr.endswith('; pyproject.toml sets label = "outcome"\n')


def test_what_is_taken_back_may_have_no_effect(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nnormalize = true')
    (folder / "logits.csv").write_text(TEXT.replace("p_a,p_b", "z_a,z_b").replace("0.75", "3"))
    for more in ((), ("--no-normalize",)):
        assert xent("score", "logits.csv", "--logit", "z_*", *more, cwd=folder).code == 0
    assert xent("score", "logits.csv", "--logit", "z_*", "--normalize", cwd=folder).code == 2


def test_what_says_the_same_in_another_way_gives_way(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nprob = "p_*"')
    text = TEXT.replace("p_a,p_b", "z_a,z_b")
    (folder / "logits.csv").write_text(text.replace("0.75", "3"))
    run = xent("score", "logits.csv", "--logit", "z_*", "--json", cwd=folder)
    assert json_of(run)["columns"]["label"] == "outcome"
    assert run.stderr == 'xent: notice: pyproject.toml sets label = "outcome" (--no-config ignores it)\n'


@pytest.mark.parametrize(
    "text",
    [
        'on = "id"\nallow-extra = true', 'log-base = "2"', 'positive = "a"', 'scheduler = "tcp://a:1"',
        'predicted = "id"', 'base-prob = "p_*"', "n = 5",
    ],
)  # fmt: skip
def test_a_default_without_effect_is_not_refused(text: str, folder: Path) -> None:
    configured(folder, f'label = "outcome"\n{text}')
    plain = xent("score", "preds.csv", "--label", "outcome", "--no-config", cwd=folder)
    run = xent("score", "preds.csv", cwd=folder)
    assert (run.code, run.stdout) == (0, plain.stdout)
    assert run.stderr == 'xent: notice: pyproject.toml sets label = "outcome" (--no-config ignores it)\n'


@pytest.mark.parametrize(
    "options", [("--log-base", "2"), ("--positive", "a"), ("--on", "id"), ("--scheduler", "tcp://a:1")]
)
def test_an_option_without_effect_stays_refused(options: tuple[str, ...], folder: Path) -> None:
    configured(folder, 'label = "outcome"')
    run = xent("score", "preds.csv", *options, cwd=folder)
    assert (run.code, run.stdout) == (2, "")
    assert options[0] in run.stderr


def test_standard_input_is_not_read_twice(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nlog-base = "2"')
    run = xent("score", "-", cwd=folder, stdin=TEXT)
    assert (run.code, run.stdout) == (2, "")
    assert 'pyproject.toml sets label = "outcome", log-base = "2"' in run.stderr
    configured(folder, 'label = "outcome"\non = "id"')
    assert xent("score", "-", cwd=folder, stdin=TEXT).code == 0


def test_the_gate_inherits_and_overrides(folder: Path) -> None:
    configured(folder, 'label = "outcome"\nunit = "bits"\n[tool.xent.gate]\nunit = "nats"\nrequire = "rows == 2"')
    assert json_of(xent("gate", "preds.csv", "--json", cwd=folder))["unit"] == "nats"
    assert json_of(xent("score", "preds.csv", "--json", cwd=folder))["unit"] == "bits"
    assert json_of(xent("score", "preds.csv", "--json", cwd=folder))["gates"] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('lable = "x"', 'tool.xent.lable: unknown key\n  hint: did you mean "label"?\n'),
        (
            'require = "rows > 1"',
            "tool.xent.require: belongs to the gate only\n  hint: it belongs in [tool.xent.gate]\n",
        ),
        ('[tool.xent.score]\nunit = "bits"', "tool.xent.score: unknown key\n"),
        ("output = 'x'", "tool.xent.output: unknown key\n"),
        ("unit = 'nat'", "tool.xent.unit: 'nat' is not one of 'nats', 'bits', 'bans'\n"),
        ("normalize = 1", "tool.xent.normalize: expected true or false, not 1\n"),
        ("skip-lines = 'x'", 'tool.xent.skip-lines: expected a number, not "x"\n'),
        ("x", "pyproject.toml, line 2: is not TOML: "),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, folder: Path) -> None:
    for command in ("score", "columns"):
        run = xent(command, "preds.csv", cwd=configured(folder, text))
        assert (run.code, run.stdout) == (2, "") or "nat" in text
        assert message in run.stderr or "nat" in text


def test_a_project_that_is_none_of_ours(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("broken [")
    assert xent("score", "preds.csv", "--label", "outcome", cwd=folder).stderr == ""


def test_a_file_of_its_own_and_one_named(folder: Path) -> None:
    (folder / "xent.toml").write_text('label = "outcome"\nrequire = "rows == 2"')
    assert xent("gate", "preds.csv", cwd=folder).code == 0
    document = json_of(xent("score", "preds.csv", "--json", cwd=folder))
    assert document["gates"] == []
    (folder / "ci").mkdir()
    (folder / "ci" / "my.toml").write_text('label = "outcome"\nweight = "w"\n[gate]\nrequire = "rows == 2"')
    run = xent("score", "preds.csv", "--config", "ci/my.toml", "--json", cwd=folder)
    assert json_of(run)["columns"]["weight"] == "w"
    assert run.stderr.startswith('xent: notice: ci/my.toml sets label = "outcome", weight = "w"')
    assert xent("gate", "preds.csv", "--config", "ci/my.toml", cwd=folder).code == 0


def test_paths_are_relative_to_the_configuration(folder: Path) -> None:
    (folder / "solution.csv").write_text("id,outcome\n1,a\n2,b\n")
    configured(folder, 'labels = "solution.csv"\non = "id"\nlabel = "outcome"')
    (folder / "deep").mkdir()
    (folder / "deep" / "preds.csv").write_text("id,p_a,p_b\n2,0.375,0.625\n1,0.75,0.25\n")
    assert json_of(xent("score", "preds.csv", "--json", cwd=folder / "deep"))["metrics"]["rows"] == 2
