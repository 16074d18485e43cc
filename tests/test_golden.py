"""Every format on the sample data, as whole transcripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.transcript import UPDATE, run_line, transcript
from xentcli.cli.commands import COMMANDS as COMMAND_NAMES
from xentcli.docs import TOPICS

FOLDER = Path(__file__).parent / "golden"
COMPARE = "xent compare sample_data/breast_cancer.csv sample_data/breast_cancer_new.csv --on id"
RANK = (
    f"{COMPARE.replace('compare', 'rank')} --name sample_data/breast_cancer.csv=old"
    " --name sample_data/breast_cancer_new.csv=new"
)
DIVERGE = COMPARE.replace("compare", "divergence", 1)
COMMANDS = {
    "breast_cancer_table": "xent score sample_data/breast_cancer.csv",
    "breast_cancer_weighted_bits": "xent score sample_data/breast_cancer.csv --weight weight --unit bits",
    "breast_cancer_json": "xent score sample_data/breast_cancer.csv --format json",
    "digits_csv": "xent score sample_data/digits.parquet --format csv",
    "digits_table": "xent score sample_data/digits.parquet",
    "wine_markdown": "xent score sample_data/wine.csv --format markdown",
    "breast_cancer_slices": "xent score sample_data/breast_cancer.csv --by size --by size,texture --reliability",
    "breast_cancer_prior": "xent score sample_data/breast_cancer.csv --prior malignant=0.1,benign=0.9",
    "score_gates": "xent score sample_data/breast_cancer.csv --require 'log_loss <= 0.1399' --require"
    " 'rows >= 500' --require 'log_loss[size=*] <= 0.25 bits' --no-breakdown",
    "score_gates_undecided": "xent score sample_data/breast_cancer.csv --require 'recall[malignant] >= 0.9'"
    " --require 'log_loss <= 0.1' --confidence 0.95 --no-breakdown --format markdown",
    "score_gates_refused": "xent score sample_data/breast_cancer.csv --require 'acuracy >= 0.9'",
    "worst_table": "xent worst sample_data/breast_cancer.csv -n 5 --on id --show texture",
    "worst_json": "xent worst sample_data/digits.parquet -n 2 --format json",
    "worst_csv": "xent worst sample_data/wine.csv -n 3 --format csv --unit bits",
    "worst_help": "xent worst --help",
    "gradients_table": "xent gradients sample_data/digits.parquet",
    "gradients_csv": "xent gradients sample_data/breast_cancer.csv --format csv",
    "gradients_help": "xent gradients --help",
    "compare_table": f"{COMPARE} --by size --require 'log_loss <= baseline + 0.005' --confidence 0.95",
    "compare_markdown": f"{COMPARE} --cluster texture --weight weight --format markdown",
    "compare_failed": f"{COMPARE} --require 'log_loss <= baseline - 0.06' --no-breakdown",
    "compare_in_order": COMPARE.removesuffix(" --on id"),
    "compare_help": "xent compare --help",
    "rank_table": f"{RANK} --base old --by size --require 'may_be_best[new]' --require 'rank_high[old] <= 1'",
    "rank_markdown": f"{RANK} --format markdown --weight weight --unit bits",
    "rank_one_model": "xent rank sample_data/breast_cancer.csv",
    "rank_help": "xent rank --help",
    "divergence_table": f"{DIVERGE} --label label --by size --require 'kl <= 0.05' --require 'same_top >= 0.9'"
    " --confidence 0.95",
    "divergence_markdown": f"{DIVERGE} --cluster texture --weight weight --unit bits --format markdown",
    "divergence_csv": f"{DIVERGE} --require 'kl_p999 <= 0.5' --format csv",
    "divergence_refused": f"{DIVERGE} --require 'kl_p99 <= 0.5' --confidence 0.95",
    "divergence_in_order": DIVERGE.removesuffix(" --on id"),
    "divergence_help": "xent divergence --help",
    "calibrate_table": "xent calibrate sample_data/breast_cancer.csv --require 'gain_low >= 0.005'",
    "calibrate_csv": "xent calibrate sample_data/wine.csv --format csv --unit bits",
    "calibrate_markdown": "xent calibrate sample_data/digits.parquet --format markdown",
    "calibrate_refused": "xent calibrate sample_data/wine.csv --method beta",
    "calibrate_help": "xent calibrate --help",
    "apply_help": "xent apply --help",
    "plot_breakdown": "xent plot breakdown sample_data/wine.csv",
    "plot_roc": "xent plot roc sample_data/breast_cancer.csv sample_data/breast_cancer_new.csv --name"
    " sample_data/breast_cancer_new.csv=new",
    "plot_refused": "xent plot roc sample_data/wine.csv",
    "plot_help": "xent plot --help",
    "explain_miscalibration": "xent explain miscalibration",
    "explain_list": "xent explain",
    "explain_unknown": "xent explain crossentropy",
    "explain_json": "xent explain 'log loss' --format json",
    "completion_help": "xent completion --help",
    "explain_help": "xent explain --help",
    "merge_help": "xent merge --help",
    "merge_no_state": "xent merge sample_data/wine.csv",
    "no_such_file": "xent score sample_data/none.csv",
    "no_such_column": "xent score sample_data/wine.csv --label lable",
    "error_as_json": "xent score sample_data/wine.csv --label lable --format json",
    "columns_table": "xent columns sample_data/breast_cancer.csv --weight weight",
    "columns_json": "xent columns sample_data/wine.csv --format json",
    "columns_not_clear": "xent columns sample_data/wine.csv --label lable",
    "columns_help": "xent columns --help",
    "gate_fails": "xent gate sample_data/breast_cancer.csv --require 'log_loss <= 0.12' --require 'rows >= 500'",
    "gate_unsure": "xent gate sample_data/wine.csv --require 'log_loss <= 0.45' --confidence 0.95 --no-breakdown",
    "gate_json": "xent gate sample_data/wine.csv --require 'accuracy >= 0.8' --format json | head -33",
    "gate_github": "xent gate sample_data/wine.csv --require 'recall[barbera] >= 0.8' --format markdown --github",
    "gate_init": "xent gate sample_data/digits.parquet --init --unit bits",
    "gate_no_requirement": "xent gate sample_data/wine.csv",
    "gate_help": "xent gate --help",
    "help": "xent --help",
    "score_help": "xent score --help",
}


@pytest.mark.parametrize("name", COMMANDS)
def test_transcript(name: str) -> None:
    path = FOLDER / f"{name}.txt"
    text = transcript(COMMANDS[name])
    if UPDATE:
        path.write_text(text, encoding="utf-8")
    assert _rounded(text) == _rounded(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("command", ["score", "worst", "gradients", "columns", "compare", "gate"])
def test_a_report_ends_with_what_to_type_next_unless_quiet(command: str) -> None:
    data = " ".join(["sample_data/wine.csv"] * (2 if command == "compare" else 1))
    line = f"xent {command} {data}" + " --require 'rows > 1'" * (command == "gate")
    last = run_line(line).stdout.splitlines()[-1]
    named = re.findall(r"\bxent (\w+) (\w+)", last)
    assert named
    assert {name for name, _ in named} <= set(COMMAND_NAMES)
    assert {topic for name, topic in named if name == "help"} <= set(TOPICS)
    assert "xent" not in run_line(f"{line} --quiet").stdout


def _rounded(text: str) -> str:
    """The text with ten digits of each unrounded number: kinds of CPU differ in the last of 17."""
    return re.sub(r"-?\d+\.\d{10,}(e[+-]\d+)?", lambda found: f"{float(found[0]):.9e}", text)


def test_every_golden_has_a_command() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(COMMANDS)
