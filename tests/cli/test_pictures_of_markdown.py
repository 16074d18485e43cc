"""`--pictures DIR`: what Markdown refers to is written, and nothing else; refused where it has no effect."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli import compare, gate, report, score
from xentcli.errors import RequestError

MARKDOWN = ("--format", "markdown", "--pictures", "pics")


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """The samples of two models and of three classes, and the state of one."""
    for name in ("breast_cancer.csv", "breast_cancer_new.csv", "wine.csv"):
        (tmp_path / name).write_text((ROOT / "sample_data" / name).read_text())
    assert xent("score", "wine.csv", "--save-state", "state.json", cwd=tmp_path).code == 0
    return tmp_path


def pictures_in(markdown: str) -> list[str]:
    return [unquote(path) for path in re.findall(r"^!\[[^]]*\]\((.*)\)$", markdown, re.M)]


MODELS = ("breast_cancer.csv", "breast_cancer_new.csv", "--on", "id")


@pytest.mark.parametrize(
    ("command", "kinds"),
    [
        (("score", "breast_cancer.csv", "--by", "size"), ["breakdown", "reliability", "slices"]),
        (("score", "wine.csv", "--reliability"), ["breakdown", "reliability", "confusions"]),
        (("gate", "wine.csv", "--require", "rows > 1"), ["breakdown", "confusions"]),
        (("compare", *MODELS), ["breakdown", "reliability"]),
        (("rank", *MODELS), ["rank", "mcb-dsc"]),
        (("calibrate", "breast_cancer.csv"), ["calibrate"]),
        (("merge", "state.json"), ["breakdown", "confusions"]),
    ],
)  # fmt: skip
def test_what_markdown_refers_to_is_there(command: tuple[str, ...], kinds: list[str], samples: Path) -> None:
    run = xent(*command, *MARKDOWN, cwd=samples)
    assert run.code == 0
    assert pictures_in(run.stdout) == [f"pics/{kind}.svg" for kind in kinds]
    assert sorted(each.stem for each in (samples / "pics").iterdir()) == sorted(kinds)
    for each in (samples / "pics").iterdir():
        assert ElementTree.fromstring(each.read_text()).tag == "{http://www.w3.org/2000/svg}svg"


def test_the_file_is_that_of_xent_plot(samples: Path) -> None:
    xent("score", "breast_cancer.csv", *MARKDOWN, cwd=samples)
    drawn = xent("plot", "reliability", "breast_cancer.csv", cwd=samples)
    assert (samples / "pics" / "reliability.svg").read_text() == drawn.stdout


def test_paths_are_those_from_the_file_that_is_written(samples: Path) -> None:
    (samples / "docs").mkdir()
    run = xent("score", "wine.csv", "-o", "docs/report.md", "--pictures", "docs/my pictures", cwd=samples)
    assert run == (0, "", "")
    for path in pictures_in((samples / "docs" / "report.md").read_text()):
        assert (samples / "docs" / path).exists()
    assert "](my%20pictures/breakdown.svg)" in (samples / "docs" / "report.md").read_text()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--pictures", "pics"), "--pictures has no effect on --format table"),
        (("--pictures", "pics", "--json"), "--pictures has no effect on --format json"),
        (("--pictures", "pics", "--github", "--require", "rows > 1"), "no effect on --format table"),
        (("--pictures", "-", "--format", "markdown"), "--pictures is a folder"),
        (("--pictures", "a.md", "-o", "a.md"), "--output and --pictures both write this file"),
        (("--pictures", "wine.csv", "-o", "a.md"), "--pictures would overwrite this input"),
    ],
)
def test_what_makes_no_sense_is_refused(options: tuple[str, ...], words: str, samples: Path) -> None:
    before = sorted(samples.iterdir())
    run = xent("score", "wine.csv", *options, cwd=samples)
    assert (run.code, run.stdout) == (2, "")
    assert words in run.stderr
    assert sorted(samples.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "breakdown.svg: --pictures would overwrite this input"),
        (("--labels", "./confusions.svg"), "confusions.svg: --pictures would overwrite this input"),
        (("-o", "slices.svg"), "slices.svg: --output and --pictures both write this file"),
        (("--save-state", "slices.svg"), "slices.svg: --save-state and --pictures both write this file"),
        (("--junit", "slices.svg", "--require", "rows > 1"), "slices.svg: --junit and --pictures both write this"),
    ],
)
def test_a_picture_overwrites_no_input_and_no_other_output(
    options: tuple[str, ...], words: str, samples: Path
) -> None:
    for name in ("breakdown.svg", "confusions.svg"):
        shutil.copy(samples / "wine.csv", samples / name)
    before = {each.name: each.read_bytes() for each in samples.iterdir()}
    scored = "wine.csv" if options else "breakdown.svg"
    run = xent("score", scored, *options, "--format", "markdown", "--pictures", ".", cwd=samples)
    assert (run.code, run.stdout) == (2, "")
    assert words in run.stderr
    assert {each.name: each.read_bytes() for each in samples.iterdir()} == before


def test_a_folder_that_cannot_be_made_leaves_nothing(samples: Path) -> None:
    run = xent("score", "wine.csv", "-o", "a.md", "--pictures", "breast_cancer.csv/pics", cwd=samples)
    assert (run.code, run.stdout) == (4, "")
    assert "cannot be made" in run.stderr
    assert not (samples / "a.md").exists()


def test_a_default_of_the_configuration_holds_for_markdown_alone(samples: Path) -> None:
    (samples / "xent.toml").write_text('pictures = "pics"\n')
    assert xent("score", "wine.csv", cwd=samples).code == 0
    assert not (samples / "pics").exists()
    assert pictures_in(xent("score", "wine.csv", "--format", "markdown", cwd=samples).stdout)


def test_rows_without_pictures_are_worth_a_notice(samples: Path) -> None:
    (samples / "tokens.csv").write_text("logprob\n-1\n-2\n")
    run = xent("score", "tokens.csv", "--logprob", "logprob", *MARKDOWN, cwd=samples)
    assert (run.code, pictures_in(run.stdout)) == (0, [])
    assert "nothing is drawn of this result" in run.stderr
    assert not (samples / "pics").exists()


def test_a_summary_has_the_curve_in_characters_as_it_shows_no_files(samples: Path) -> None:
    env = {"GITHUB_STEP_SUMMARY": "summary.md"}
    required = ("--require", "rows > 1", "--github", "--reliability")
    run = xent("gate", "breast_cancer.csv", *required, *MARKDOWN, cwd=samples, env=env)
    summary = (samples / "summary.md").read_text()
    assert (len(pictures_in(run.stdout)), pictures_in(summary)) == (2, [])
    assert ("perfect calibration" in run.stdout, "perfect calibration" in summary) == (False, True)


@pytest.mark.parametrize(
    ("command", "result"),
    [
        (("score", "wine.csv"), lambda: score("wine.csv")),
        (("gate", "wine.csv", "--require", "rows > 1"), lambda: gate("wine.csv", require="rows > 1")),
        (("compare", *MODELS), lambda: compare(*MODELS[:2], on="id")),
    ],
)
def test_python_writes_the_same(
    command: tuple[str, ...], result: Callable[[], object], samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = xent(*command, *MARKDOWN, cwd=samples)
    written = {each.name: each.read_bytes() for each in (samples / "pics").iterdir()}
    for each in (samples / "pics").iterdir():
        each.unlink()
    monkeypatch.chdir(samples)
    assert result().to_markdown(pictures="pics") == run.stdout  # type: ignore[attr-defined]
    assert {each.name: each.read_bytes() for each in (samples / "pics").iterdir()} == written


def test_python_overwrites_no_input_either(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(samples)
    copy = Path("wine.csv").rename("breakdown.svg")
    required = gate(copy, require="rows > 1")
    with pytest.raises(RequestError, match="pictures= would overwrite this input"):
        required.to_markdown(pictures=samples)
    page = report(copy.rename("page.html"))
    with pytest.raises(RequestError, match="path= would overwrite this input"):
        page.save("page.html")
    assert Path("page.html").read_bytes() == (ROOT / "sample_data" / "wine.csv").read_bytes()


def test_a_page_of_the_gate_is_no_standard_output(samples: Path) -> None:
    run = xent("gate", "wine.csv", "--require", "rows > 1", "--report", "-", cwd=samples)
    assert (run.code, run.stdout) == (2, "")
    assert run.stderr.startswith("xent: error: --report writes a file: standard output carries the verdict\n")
