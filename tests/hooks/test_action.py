"""The GitHub action: its scripts run in bash with the inputs as variables, as GitHub runs them."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.cli.runner import Run, process
from tests.transcript import ROOT

ACTION = ROOT / ".github/actions/gate/action.yml"
pytestmark = pytest.mark.skipif(not ACTION.exists(), reason="a copy without dotfiles")
LIMIT = "log_loss <= 0.12"
# Log loss 0.0897 and 0.1399 nats.
GOOD, POOR = "breast_cancer_new.csv", "breast_cancer.csv"
HOSTILE = "$(touch pwned) `touch pwned` ; touch pwned '\" \\ * ${{ github.token }}"


def action() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    return found


class Job:
    """A checkout with a model, and the folders and files that GitHub gives to a job."""

    def __init__(self, folder: Path) -> None:
        self.checkout, self.temp, self.venv = (
            folder / "check out",
            folder / "temp dir",
            folder / "temp dir/xent-gate",
        )
        self.summary, self.outputs = folder / "summary.md", folder / "outputs"
        (self.checkout / ".git").mkdir(parents=True)
        (self.venv / "bin").mkdir(parents=True)
        self.program(self.venv / "bin/xent", f'exec {shlex.quote(sys.executable)} -m xentcli "$@"')

    def program(self, path: Path, line: str) -> None:
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)

    def model(self, sample: str, name: str = "preds.csv") -> None:
        shutil.copy(ROOT / "sample_data" / sample, self.checkout / name)

    def run(self, number: int, **inputs: str) -> Run:
        """Run a step with these inputs, others as they are by default."""
        found = action()
        given = {name: each["default"] for name, each in found["inputs"].items()} | inputs
        step = found["runs"]["steps"][number]
        env = {name: re.sub(r"\$\{\{ inputs\.(.*) \}\}", lambda m: given[m[1]], text)
               for name, text in step["env"].items()}  # fmt: skip
        env |= {"RUNNER_TEMP": str(self.temp), "GITHUB_OUTPUT": str(self.outputs), "GITHUB_ACTIONS": "true",
                "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_ACTION_PATH": str(ACTION.parent),
                "PYTHONPATH": str(ROOT)}  # fmt: skip
        command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
        return process(cwd=self.checkout, env=env, command=command)

    def said(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.outputs.read_text().splitlines())


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


@pytest.mark.parametrize(("model", "code", "level"), [(GOOD, 0, "notice"), (POOR, 1, "error")])
def test_the_verdict(model: str, code: int, level: str, job: Job) -> None:
    job.model(model, "my preds.csv")
    run = job.run(
        1, files="my preds.csv", require=f"{LIMIT}\n\n  rows >= 500 \n", junit="the gate.xml", report="a page.html"
    )
    assert run.code == code
    assert re.findall("^::(.*) title", run.stderr, re.MULTILINE) == [level]
    assert job.summary.read_text().startswith("### Failed" if code else "### Passed")
    assert job.said() == {
        "exit-code": str(code),
        "junit": str(job.checkout / "the gate.xml"),
        "report": str(job.checkout / "a page.html"),
    }
    assert "<svg" in (job.checkout / "a page.html").read_text()
    assert "perfect calibration" in job.summary.read_text()
    suite = ElementTree.parse(job.said()["junit"]).getroot()
    assert (len([*suite.iter("testcase")]), len([*suite.iter("failure")])) == (2, code)


def test_the_configuration_and_a_baseline(job: Job) -> None:
    job.model(GOOD)
    job.model(POOR, "a [b].csv")
    (job.checkout / "gates.toml").write_text(f'files = ["preds.csv"]\nrequire = ["{LIMIT}"]\n')
    run = job.run(1, config="gates.toml", options="--format=json\n--output=main.json")
    assert (run.code, run.stdout) == (0, "")
    assert Path(job.said()["junit"]).is_file()
    assert Path(job.said()["report"]).is_file()
    limit = "log_loss <= baseline + 0.01"
    run = job.run(1, files="a [[]b].csv", baseline="main.json", require=limit)
    assert run.code == 1
    assert "(baseline 0.08972 + 0.01)" in run.stdout


def test_patterns_are_those_of_xent(job: Job) -> None:
    for name in ("a 1.csv", "a 2.csv"):
        job.model(GOOD, name)
    assert job.run(1, files="a *.csv", require="rows == 1138").code == 0
    assert job.run(1, files="a 2.csv\r\n a 1.csv\r\n", require="rows == 1138").code == 0


def test_an_error_is_annotated_too(job: Job) -> None:
    run = job.run(1, files="none.csv", require=LIMIT)
    assert run.code == 4
    assert run.stdout.startswith("::error title=xent gate::no verdict, exit code 4")
    assert job.said()["exit-code"] == "4"


@pytest.mark.parametrize("name", ["files", "require", "config", "baseline", "options", "junit", "report"])
def test_no_input_is_run(name: str, job: Job) -> None:
    job.model(GOOD)
    inputs = {"files": "preds.csv", "require": LIMIT, name: HOSTILE}
    run = job.run(1, **inputs)
    assert run.code in ((2, 3, 4) if name != "junit" else (0, 4))
    assert not [*job.checkout.rglob("pwned")]


def test_a_line_in_a_path_adds_no_output(job: Job) -> None:
    job.model(GOOD)
    job.run(1, files="preds.csv", require=LIMIT, junit="gate.xml\nexit-code=9", report="a.html\nexit-code=9")
    places = {name: str(job.checkout / path) for name, path in (("junit", "gate.xml"), ("report", "a.html"))}
    assert job.said() == {"exit-code": "0", **places}


@pytest.mark.parametrize(
    ("given", "installed"), [("", f"{ACTION.parent}/../../.."), (HOSTILE, HOSTILE), ("-r x", "-r x")]
)
def test_the_installation(given: str, installed: str, job: Job, tmp_path: Path) -> None:
    log, python = tmp_path / "log", tmp_path / "a python"
    for path in (python, job.venv / "bin/python"):
        job.program(path, f"printf '%s\\n' \"$@\" >> {shlex.quote(str(log))}")
    run = job.run(0, install=given, python=str(python))
    assert run == (0, "", "")
    assert log.read_text().splitlines() == [
        "-m", "venv", str(job.venv),
        "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--", installed,
    ]  # fmt: skip
    assert (ROOT / "pyproject.toml").samefile(ACTION.parent / "../../../pyproject.toml")
    assert not [*job.checkout.rglob("pwned")]


def test_the_page_is_kept_and_the_summary_links_to_it(job: Job) -> None:
    """Expected: the step that keeps it takes what the gate told, and changes no verdict."""
    *_, gate, keep, link = action()["runs"]["steps"]
    assert keep["with"]["path"] == f"${{{{ steps.{gate['id']}.outputs.report }}}}"
    assert keep["continue-on-error"]
    assert link["env"]["INPUT_PAGE"] == f"${{{{ steps.{keep['id']}.outputs.artifact-url }}}}"
    job.summary.write_text("### Passed\n")
    assert job.run(3).code == 0
    assert re.fullmatch(r"### Passed\n\n\[The page .*\]\(.*\)\n", job.summary.read_text())


def test_inputs_reach_scripts_as_variables_alone() -> None:
    found = action()
    used = set()
    for step in found["runs"]["steps"]:
        used |= set(re.findall(r"inputs\.([\w-]+)", str(step)))
        if "uses" in step:
            continue
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"
        names = {name for name in step["env"] if name.startswith("INPUT_")}
        assert names == set(step["env"])
        assert names <= set(re.findall(r"\$\{?(INPUT_\w+)", step["run"]))
        unquoted = re.sub(r'"[^"]*"|\'[^\']*\'', "", _without_safe_places(step["run"]))
        assert not re.findall(r"\$\{?\w+", unquoted), unquoted
    assert used == set(found["inputs"])
    for each in (*found["inputs"].values(), *found["outputs"].values()):
        assert each["description"]


def _without_safe_places(script: str) -> str:
    """The script less comments, assignments and the words of `case`, which bash neither splits nor expands."""
    script = re.sub(r"\"\$\{line%%.*\}\"", "", script)
    script = re.sub(r"^\s*\w+=\$(\{.*\}|\w+)$", "", script, flags=re.MULTILINE)
    script = re.sub(r"\bpath=.*", "", script)
    return re.sub(r"\bcase \$\w+ in|#.*$", "", script, flags=re.MULTILINE)
