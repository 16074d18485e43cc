"""Limits made from a baseline, and what is no baseline."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.gates.cases import one, refusal, score_frame
from xentcli import score
from xentcli.analysis.gating.baseline import read_baseline
from xentcli.errors import AccessError, ContentError, RequestError
from xentcli.gates.check_score import check_score
from xentcli.gates.requirement import parse_requirement
from xentcli.render.formats import render
from xentcli.render.page import Page
from xentcli.results.score import ScoreResult
from xentcli.units import Unit

# Baselines.


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save(tmp_path / "main.json", score_frame(by="site"))


def save(path: Path, result: ScoreResult, **changes: Any) -> Path:
    path.write_text(json.dumps({**json.loads(render(result, "json", Page())), **changes}))
    return path


@pytest.mark.parametrize("there", list(Unit))
@pytest.mark.parametrize("here", list(Unit))
@pytest.mark.parametrize(
    "text",
    [
        "log_loss <= baseline",
        "log_loss[a] <= baseline",
        "log_loss[site=*] >= baseline",
        "log_loss == baseline * 1",
        "accuracy == baseline",
        "miscalibration <= baseline",
        "temperature <= baseline",
        "perplexity <= baseline + 0",
    ],
)
def test_a_model_is_as_good_as_itself_in_any_unit(text: str, here: Unit, there: Unit, tmp_path: Path) -> None:
    result = score_frame(by="site")
    baseline = read_baseline(save(tmp_path / "b.json", result.to_unit(there)))
    gates = check_score(result, [parse_requirement(text)], baseline=baseline, unit=here)
    assert {gate.verdict for gate in gates} == {"pass"}


def test_margins_and_factors(saved: Path) -> None:
    result, baseline = score_frame(), read_baseline(saved)
    loss = result.metrics.log_loss or 0.0
    for text, limit in (
        ("baseline + 0.25", loss + 0.25),
        ("baseline - 0.25", loss - 0.25),
        ("baseline * 0.5", loss / 2),
    ):
        gate = one(result, f"log_loss <= {text}", baseline=baseline)
        assert gate.limit == limit
        assert gate.verdict == ("pass" if limit >= loss else "fail")
    bits = one(result, "log_loss <= baseline + 0.25", baseline=baseline, unit=Unit.BITS)
    assert bits.limit == pytest.approx(loss / math.log(2) + 0.25)
    there = f"{loss / math.log(2):.4g}"
    assert f"log_loss is {there} bits, at most " in bits.message
    assert f"(baseline {there} + 0.25)" in bits.message


def test_the_sentence_about_a_baseline(saved: Path) -> None:
    message = one(score_frame(), "log_loss <= baseline + 0.01", baseline=read_baseline(saved)).message
    loss = score_frame().metrics.log_loss or 0.0
    assert message == (
        f"log_loss is {loss:.4g} nats, at most {loss + 0.01:.4g} (baseline {loss:.4g} + 0.01); the baseline's own "
        "noise is not in it, xent compare tests both models on the same rows"
    )


def test_a_baseline_of_another_signature_is_refused_with_what_differs(saved: Path) -> None:
    error = refusal(ContentError, score_frame(clip=0.01), "log_loss <= baseline", baseline=read_baseline(saved))
    assert error.message == "its numbers were computed differently (clip: null there, 0.01 here)"
    other = score([0, 1], probs=[0.5, 0.5])
    error = refusal(ContentError, other, "log_loss <= baseline", baseline=read_baseline(saved))
    assert "classes:" in error.message


def test_a_baseline_without_the_number_is_refused(saved: Path, tmp_path: Path) -> None:
    result = score_frame(by=["site", "sex"])
    for text in ("log_loss[sex=f] <= baseline", "bits_per_byte <= baseline"):
        error = refusal(ContentError, result, text, baseline=read_baseline(saved))
        assert error.message.startswith("has no ")
    plain = read_baseline(save(tmp_path / "plain.json", score_frame(breakdown=False)))
    assert refusal(ContentError, result, "miscalibration <= baseline", baseline=plain).code == "baseline"
    assert refusal(ContentError, result, "log_loss[site=*] <= baseline", baseline=plain).code == "baseline"
    for odd in ("0.5", True, 10**400, [1]):
        broken = read_baseline(save(tmp_path / "odd.json", result, metrics={"log_loss": odd}))
        refusal(ContentError, result, "log_loss <= baseline", baseline=broken)


def test_no_multiple_of_nothing_or_of_infinity(tmp_path: Path) -> None:
    perfect = score([0, 1], probs=[0.0, 1.0])
    zero = read_baseline(save(tmp_path / "zero.json", perfect))
    error = refusal(RequestError, perfect, "log_loss <= baseline * 1.02", baseline=zero)
    assert "baseline + 0.01" in (error.hint or "")
    assert one(perfect, "log_loss <= baseline + 0.01", baseline=zero).verdict == "pass"
    lost = score([0, 1], probs=[0.0, 0.0])
    infinite = read_baseline(save(tmp_path / "infinite.json", lost))
    for limit in ("baseline", "baseline * 1.02", "baseline + 1"):
        error = refusal(RequestError, perfect, f"log_loss <= {limit}", baseline=infinite)
        assert "write a number" in (error.hint or "")
    huge = read_baseline(save(tmp_path / "huge.json", perfect, metrics={"log_loss": 1e308}))
    refusal(RequestError, perfect, "log_loss <= baseline * 10", baseline=huge)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("\xff", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is some other JSON"),
        ('{"format": "xent.worst"}', "holds xent.worst"),
        ('{"format": "xent.score", "format_version": 99}', "has format version 99"),
        ('{"format": "xent.score", "format_version": 1, "unit": "m"}', 'unknown unit "m"'),
    ],
)
def test_what_is_no_baseline(content: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "b.json"
    file.write_bytes(content.encode("latin-1"))
    with pytest.raises(ContentError) as caught:
        read_baseline(file)
    assert words in caught.value.message
    assert caught.value.where is not None


def test_a_baseline_without_a_signature_is_refused(tmp_path: Path) -> None:
    result = score_frame()
    error = refusal(ContentError, result, "log_loss <= baseline",
                    baseline=read_baseline(save(tmp_path / "b.json", result, signature=None)))  # fmt: skip
    assert "no signature" in error.message


def test_a_baseline_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(AccessError):
            read_baseline(path)
