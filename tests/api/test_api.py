"""Arguments of the Python function: what goes with what, and what is no argument at all."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.cases import loss
from xentcli import score
from xentcli.api import EngineRequest, InputRequest, ScoreRequest, score_files
from xentcli.errors import RequestError
from xentcli.units import Unit

LABELS = [0, 1]
PROBS = [0.25, 0.75]
FRAME = pd.DataFrame({"label": LABELS, "p": PROBS})
HALVES = [0.5, 0.5]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    FRAME.to_csv(tmp_path / "p.csv", index=False)
    return tmp_path / "p.csv"


def refused(data: Any, **given: Any) -> RequestError:
    with pytest.raises(RequestError) as caught:
        score(data, **given)
    return caught.value


ONLY_COLUMNS = {
    "label": "x",
    "prob": "p",
    "logit": ["z"],
    "logprob": "q",
    "target": "t",
    "weight": "w",
    "bytes": "b",
}
ONLY_FILES = {"delimiter": ";", "decimal": ",", "header": False, "input_format": "csv"}
ONLY_JOINS = {"labels": "y.csv", "on": "id", "allow_extra": True}


@pytest.mark.parametrize("argument", [*ONLY_COLUMNS, *ONLY_FILES, *ONLY_JOINS])
@pytest.mark.parametrize("kind", ["probs", "logits", "log_probs"])
def test_arrays_have_no_columns_or_files(argument: str, kind: str) -> None:
    value = {**ONLY_COLUMNS, **ONLY_FILES, **ONLY_JOINS}[argument]
    scores = np.log(HALVES) if kind == "log_probs" else HALVES
    error = refused(LABELS, **{kind: scores, argument: value})
    assert error.code == argument
    assert f"{argument}=" in error.message
    assert f"{kind}=" in error.message


@pytest.mark.parametrize(
    ("argument", "meant"),
    [("prob", "probs="), ("logit", "logits="), ("logprob", "log_probs="), ("weight", "weights="),
     ("label", "first argument"), ("labels", "first argument"), ("target", "first argument")],
)  # fmt: skip
def test_what_was_meant_beside_arrays(argument: str, meant: str) -> None:
    assert meant in (refused(LABELS, **{"probs": PROBS, argument: "x"}).hint or "")


@pytest.mark.parametrize("argument", ["prob", "logit", "logprob", "weight", "label", "labels", "bytes", "on"])
def test_an_array_is_no_name(argument: str) -> None:
    assert refused(FRAME, **{argument: np.array(HALVES)}).code == argument


def test_weights_go_with_arrays(file: Path) -> None:
    for data in (FRAME, str(file), [file]):
        error = refused(data, weights=[1, 100])
        assert error.code == "weights"
        assert 'weight="w"' in (error.hint or "")
    expected = (0.5 * loss(0.75) + loss(0.25)) / 1.5
    assert score([0, 0], probs=[0.25, 0.75], weights=[0.5, 1]).metrics.log_loss == pytest.approx(
        expected, rel=1e-15
    )


def test_scores_of_one_kind() -> None:
    error = refused(LABELS, probs=PROBS, logits=[0, 0])
    assert error.code == "two_kinds"
    assert "probs= and logits=" in error.message


@pytest.mark.parametrize("argument", ONLY_FILES)
def test_options_of_text_go_with_a_file(argument: str, tmp_path: Path) -> None:
    assert refused(FRAME, **{argument: ONLY_FILES[argument]}).code == argument
    (tmp_path / "y.csv").write_text("id;label\n1;0\n2;1\n")
    scores = pd.DataFrame({"id": [1, 2], "p": PROBS})
    assert score(scores, labels=tmp_path / "y.csv", on="id", delimiter=";").rows == 2


@pytest.mark.parametrize("threads", [0, -1, 1.0, "2", True])
def test_threads_are_a_whole_number(threads: Any, file: Path) -> None:
    assert refused(FRAME, threads=threads).code == "threads"
    assert refused(LABELS, probs=PROBS, threads=threads).code == "threads"
    with pytest.raises(RequestError):
        score_files(ScoreRequest(InputRequest((file,)), engine=EngineRequest(threads=threads)))
    assert score(FRAME, threads=np.int64(2)) == score(FRAME)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "meant"),
    [("bit", "bits"), ("nat", "nats"), ("Bits", "bits"), ("ban", "bans"), ("shannons", None), (None, None)],
)
def test_units_by_name(unit: Any, meant: str | None) -> None:
    error = refused(FRAME, unit=unit)
    assert error.code == "unit"
    assert (f'did you mean "{meant}"?' in (error.hint or "")) == (meant is not None)
    assert "nats, bits, bans" in (error.hint or "")
    with pytest.raises(RequestError):
        score(FRAME).to_unit(unit)
    assert score(FRAME, unit="bits") == score(FRAME, unit=Unit.BITS)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("clip", "a"), ("clip", 0.5), ("sum_tolerance", None), ("label_smoothing", "0.1"),
        ("class_weight", [1, 2]), ("class_weight", {"1": "2"}), ("class_weight", {"1": float("nan")}),
        ("missing", True), ("decimal", ".."),
        ("input_format", "xls"), ("classes", "0,1"), ("classes", 2), ("prob", 0.5), ("label", True),
    ],
)  # fmt: skip
def test_values_that_make_no_sense(argument: str, value: Any, file: Path) -> None:
    assert refused(file, **{argument: value}).code == argument


def test_names_of_columns_and_classes_may_be_numbers() -> None:
    frame = pd.DataFrame({0: [0.75, 0.25], 1: [0.25, 0.75], 2: LABELS})
    expected = score(LABELS, probs=PROBS).metrics.log_loss
    assert score(frame, label=2, prob=[0, 1]).metrics.log_loss == expected  # type: ignore[arg-type, list-item]
    assert score(LABELS, probs=PROBS, positive=1).metrics.log_loss == expected  # type: ignore[arg-type]
    ignoring: Any = -100
    rows = [[1 - p, p] for p in (*PROBS, 0.5)]
    result = score([*LABELS, -100], probs=rows, ignore_label=ignoring)
    assert (result.metrics.log_loss, result.metrics.ignored_rows) == (expected, 1)


def test_the_docstring_names_every_argument() -> None:
    words = inspect.getdoc(score) or ""
    named = [each for each in inspect.signature(score).parameters.values() if each.kind is each.KEYWORD_ONLY]
    assert [each.name for each in named if f"    {each.name}={each.default!r}: " not in words] == []
