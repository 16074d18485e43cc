"""`xent report` and `xent gate --report`: what is written, when, and what is refused."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.cli.runner import xent
from tests.transcript import ROOT
from xentcli import gate, report, score
from xentcli.errors import ContentError, RequestError
from xentcli.results.reading import NotSaved, read_back
from xentcli.results.score import ScoreResult

OLD = str(ROOT / "sample_data" / "breast_cancer.csv")
WINE = str(ROOT / "sample_data" / "wine.csv")


def test_the_command_writes_the_page_of_the_function(tmp_path: Path) -> None:
    done = xent("report", OLD, "-o", "page.html", "--by", "size", "--title", "T <b>", cwd=tmp_path)
    assert (done.code, done.stdout) == (0, "")
    text = (tmp_path / "page.html").read_text()
    assert text == report(OLD, by="size", title="T <b>").html
    assert "<h1>T &lt;b&gt;</h1>" in text
    assert xent("report", OLD, "-o", "-", "--by", "size", "--title", "T <b>", cwd=tmp_path).stdout == text


@pytest.mark.parametrize("words", [("report", "-o", "page.html"), ("gate", "--report", "page.html")])
def test_a_failed_verdict_is_written_and_the_exit_code(words: tuple[str, ...], tmp_path: Path) -> None:
    done = xent(words[0], OLD, *words[1:], "--require", "log_loss <= 0.1", cwd=tmp_path)
    assert done.code == 1
    assert "1 of 1 requirement not met" in (tmp_path / "page.html").read_text()


def test_gate_prints_and_writes_junit_beside_the_page(tmp_path: Path) -> None:
    words = "--report", "page.html", "--junit", "j.xml", "--require", "log_loss <= 1"
    done = xent("gate", OLD, *words, cwd=tmp_path)
    assert done.code == 0
    assert done.stdout.startswith("Passed")
    assert {path.name for path in tmp_path.iterdir()} == {"page.html", "j.xml"}


def test_a_page_that_cannot_be_written_outranks_the_verdict(tmp_path: Path) -> None:
    words = "--report", "no/page.html", "--require", "log_loss <= 0.1"
    assert xent("gate", OLD, *words, cwd=tmp_path).code == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((OLD, "-o", "page.svg"), "hint: -o page.html"),
        ((OLD, "-o", OLD), "would overwrite this input"),
        (("-", "--base", OLD, "-o", "page.html"), "a pipe can be read once"),
        (("s.json", "--label", "label", "-o", "page.html"), "--label has no effect: s.json was scored already"),
        (("s.json", "--base", OLD, "-o", "page.html"), "s.json: holds no single rows, and --base compares row by"),
        ((OLD, "--base", "s.json", "-o", "page.html"), "or --baseline s.json --require 'log_loss <= baseline'"),
    ],
)
def test_what_makes_no_page_is_refused_with_what_to_do(words: tuple[str, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(score(OLD).to_json())
    done = xent("report", *words, cwd=tmp_path)
    assert done.code == 2
    assert said in done.stderr
    assert not (tmp_path / "page.html").exists()


def test_a_state_lacks_rows_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    score(OLD, save_state=path)
    text, of_rows = report(path).html, report(OLD).html
    piped = xent("report", "-", "-o", "-", cwd=tmp_path, stdin=path.read_bytes()).stdout
    assert piped.count("<figure>") == text.count("<figure>")
    assert "holds no single rows" in text
    assert 'id="rows"' not in text
    for anchor in ("breakdown", "calibration", "losses", "decisions", "classes"):
        assert f'id="{anchor}"' in text
        assert f'id="{anchor}"' in of_rows


def test_a_saved_result_lacks_the_pictures_of_totals_too(tmp_path: Path) -> None:
    path = tmp_path / "score.json"
    path.write_text(score(WINE, require="log_loss <= 0.3").to_json())
    text = report(path).html
    assert "neither are the pictures" in text
    assert 'id="losses"' not in text
    assert text.count("<figure>") == 2
    assert "1 of 1 requirement not met" in text
    assert report(path, require="log_loss <= 0.9", unit="bits").verdict == "pass"
    with pytest.raises(RequestError, match="no bounds at other levels"):
        report(path, require="log_loss <= 0.9", confidence=0.9)


def test_a_result_in_memory_makes_the_page_of_the_saved_one(tmp_path: Path) -> None:
    result = gate(WINE, require="log_loss <= 0.3")
    path = tmp_path / "the result"
    path.write_text(result.to_json())
    in_memory = report(result).html
    assert report(path).html.split("<h2")[:8] == in_memory.split("<h2")[:8]
    assert in_memory.count("<figure>") == 2


def test_a_saved_comparison_is_no_score(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text(json.dumps({"format": "xent.rank", "format_version": 1}))
    with pytest.raises(ContentError, match=r"not xent\.score"):
        report(path)


@pytest.mark.parametrize(
    "result",
    [
        score(OLD, by=["size", "size,texture"], weight="weight", prior={"benign": 0.5, "malignant": 0.5}),
        score(WINE, require=["log_loss <= 0.3", "recall[barolo] >= 0.9"], class_weight={"barolo": 2}),
        score([1, 0, 1], probs=[0.0, 0.2, 0.6], unit="bits"),
    ],
)
def test_json_read_back_is_the_result(result: ScoreResult) -> None:
    found = read_back(ScoreResult, json.loads(result.to_json()))
    assert found.to_dict() == result.to_dict()
    assert found.doubts == result.doubts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rows": "x"}, "rows is 'x'"),
        ({"metrics": []}, "metrics is no object"),
        ({"classes": "ab"}, "classes is no list"),
        ({"unit": "miles"}, "unit is 'miles'"),
        ({"per_class": [{}]}, r"per_class\[0\].class is missing"),
        ({"rows": True}, "rows is True"),
    ],
)
def test_what_was_edited_is_refused_by_its_place(change: dict[str, object], said: str) -> None:
    with pytest.raises(NotSaved, match=said):
        read_back(ScoreResult, json.loads(score(WINE).to_json()) | change)


def test_the_function_saves_and_shows(tmp_path: Path) -> None:
    page = report([1, 0, 1], tmp_path / "page.html", probs=[0.9, 0.2, 0.6])
    assert (tmp_path / "page.html").read_text() == page.html
    assert page._repr_html_().startswith('<iframe srcdoc="&lt;!DOCTYPE html&gt;')
    assert repr(page).startswith("<HtmlReport: 3 rows, log loss ")


def test_a_page_of_a_saved_result_has_its_checksum(tmp_path: Path) -> None:
    xent("score", OLD, "--format", "json", "-o", "saved.json", cwd=tmp_path)
    digest = hashlib.sha256((tmp_path / "saved.json").read_bytes()).hexdigest()
    assert xent("report", "saved.json", "-o", "page.html", cwd=tmp_path).code == 0
    assert digest in (tmp_path / "page.html").read_text()


def test_a_page_of_gate_is_called_as_one(tmp_path: Path) -> None:
    run = xent("gate", OLD, "--require", "log_loss <= 1", "--report", "page.pdf", cwd=tmp_path)
    assert (run.code, list(tmp_path.iterdir())) == (2, [])
