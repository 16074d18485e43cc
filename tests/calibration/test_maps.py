"""Maps: what they do to predictions, by every method, and their file."""

from __future__ import annotations

import csv
import hashlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.calibration.maps import MAPS, TWO, by_formula
from xentcli.core.numbers.calibrated import (
    BadParameters,
    calibrated_log_odds,
    calibrated_probabilities,
    calibrated_scores,
    with_examples,
)
from xentcli.core.numbers.softmax import log_softmax
from xentcli.core.numbers.venn_abers import step_values, venn_abers_steps
from xentcli.errors import AccessError, ContentError
from xentcli.results.calibration_map import MORE_CLASS_METHODS, TWO_CLASS_METHODS, CalibrationMap, calibration_map
from xentcli.states.calibration import calibration_text, read_calibration, write_calibration

by_method = pytest.mark.parametrize("calibration", MAPS, ids=lambda each: f"{each.method}-{len(each.classes)}")


def two(method: str) -> CalibrationMap:
    """The map of two classes."""
    return next(each for each in MAPS if each.method == method and len(each.classes) == 2)


def test_every_method_has_a_map() -> None:
    assert {each.method for each in MAPS} == {*TWO_CLASS_METHODS, *MORE_CLASS_METHODS}


@by_method
def test_the_examples_are_what_the_text_of_the_formula_gives(calibration: CalibrationMap) -> None:
    found = with_examples(calibration).examples
    assert len(found) == 5
    for each in found:
        is_two = isinstance(each.given, float)
        q = 1 / (1 + math.exp(-each.given)) if is_two else [math.exp(value) for value in each.given]
        assert by_formula(calibration, q) == pytest.approx(each.out, rel=1e-11)


@by_method
def test_a_file_is_read_back_as_it_was(calibration: CalibrationMap, tmp_path: Path) -> None:
    write_calibration(calibration, tmp_path / "cal.json")
    found = read_calibration(tmp_path / "cal.json")
    assert calibration_text(found) == (tmp_path / "cal.json").read_bytes()
    assert replace(found, examples=()) == calibration


@pytest.mark.parametrize("method", sorted({*TWO} - {"isotonic"}))
def test_certainty_stays(method: str) -> None:
    ends = np.array([-np.inf, np.inf])
    np.testing.assert_array_equal(calibrated_log_odds(two(method), ends), ends)
    np.testing.assert_array_equal(calibrated_probabilities(two(method), ends), [0.0, 1.0])


def test_what_is_certain_stays_so_but_isotonic_bounds_it() -> None:
    ends = np.array([-np.inf, np.inf])
    flat = calibration_map(("no", "yes"), "affine", {"slope": 0.0, "offset": -1.5})
    np.testing.assert_array_equal(calibrated_log_odds(flat, np.append(ends, 2.0)), [*ends, -1.5])
    hot = calibration_map(("no", "yes"), "temperature", {"temperature": "Infinity"})
    np.testing.assert_array_equal(calibrated_log_odds(hot, np.append(ends, 2.0)), [*ends, 0.0])
    np.testing.assert_array_equal(calibrated_log_odds(two("isotonic"), ends), [-4.5, 5.7])


def test_a_class_of_probability_0_stays_so() -> None:
    log_q = log_softmax(np.array([[0.0], [-np.inf], [1.0]]))
    for each in MAPS[len(TWO) :]:
        found = calibrated_probabilities(each, log_q)
        assert found[1, 0] == 0.0
        assert found.sum() == pytest.approx(1.0)
    certain = log_softmax(np.array([[-np.inf], [0.0], [-np.inf]]))
    assert calibrated_scores(MAPS[-3], certain)[1, 0] == 0.5


def test_small_probabilities_keep_their_digits() -> None:
    shifted = calibration_map(("no", "yes"), "offset", {"offset": -1.0})
    assert calibrated_probabilities(shifted, np.array([-500.0]))[0] == pytest.approx(math.exp(-501.0), rel=1e-14)


CHANGES: list[tuple[str, dict[str, Any]]] = [
    ("temperature", {"temperature": 0}),
    ("temperature", {}),
    ("affine", {"slope": -0.5, "offset": 1.0}),
    ("beta", {"a": 1.0, "b": -1.0, "c": 0.0}),
    ("isotonic", {"knots": []}),
    ("isotonic", {"knots": [[1.0, 0.0], [0.0, 1.0]]}),
    ("isotonic", {"knots": [[1.0, 0.0], [2.0, None]]}),
    ("prior", {"shift": {"no": 0.0}}),
    ("offset", {"offset": True}),
    ("vector", {}),
]


@pytest.mark.parametrize(("method", "parameters"), CHANGES)
def test_parameters_that_are_none_are_refused(method: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(BadParameters):
        with_examples(replace(two("none"), method=method, parameters=parameters))


def sealed(text: bytes, changes: dict[str, Any]) -> bytes:
    """The file with other content and a checksum that fits: what damage cannot do, but a program can."""
    document = json.loads(text) | changes
    del document["checksum"]
    data = (json.dumps(document)[:-1] + ",\n").encode()
    return data + f'"checksum": "{hashlib.sha256(data).hexdigest()}"}}\n'.encode()


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"format_version": 2}, "is of version 2"),
    ({"format": "xent.state"}, "is not a calibration"),
    ({"classes": ["no"]}, "classes"),
    ({"positive": "no"}, "classes"),
    ({"method": "vector"}, "method"),
    ({"parameters": {}}, "offset"),
    ({"examples": [{"in": 0.0, "out": 0.5}]}, "example"),
    ({"fit": 3}, "fields"),
]


@pytest.mark.parametrize(("changes", "message"), FAULTS)
def test_a_file_of_something_else_is_refused(changes: dict[str, Any], message: str, tmp_path: Path) -> None:
    file = tmp_path / "cal.json"
    file.write_bytes(sealed(calibration_text(two("offset")), changes))
    with pytest.raises(ContentError, match=message) as refusal:
        read_calibration(file)
    assert refusal.value.exit_code == 3


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file, text = tmp_path / "cal.json", calibration_text(two("affine"))
    for damaged in (text[:-1], text.replace(b"0.9015", b"0.9016"), b"", text[: len(text) // 2], b"[]\n"):
        file.write_bytes(damaged)
        with pytest.raises(ContentError):
            read_calibration(file)
    with pytest.raises(AccessError):
        read_calibration(tmp_path / "none.json")


def isotonic_share(rows: list[tuple[int, float, float]], at: int) -> float:
    """The isotonic share at a key: the maximum over beginnings of the minimum over ends of the means."""

    def mean(first: int, last: int) -> float:
        part = [row for row in rows if first <= row[0] <= last]
        return sum(row[1] for row in part) / sum(row[1] + row[2] for row in part)

    keys = sorted({row[0] for row in rows})
    return max(min(mean(a, b) for b in keys if b >= at) for a in keys if a <= at)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(any), min_size=1, max_size=9))
def test_venn_abers_is_isotonic_regression_with_one_more_row(counts: list[tuple[int, int]]) -> None:
    rows = [(2 * key + 1, float(up), float(down)) for key, (up, down) in enumerate(counts)]
    x, up, down = (np.array(values, np.float64) for values in zip(*rows, strict=True))
    found = venn_abers_steps(x, up, down)
    places = np.arange(2 * len(rows) + 1, dtype=np.float64)  # keys, and between them
    for name, one in (("p0", 0.0), ("p1", 1.0)):
        at, values = np.array(found[name]).T
        expected = [isotonic_share([*rows, (int(place), one, 1.0 - one)], int(place)) for place in places]
        np.testing.assert_allclose(step_values((at, values), places, upper=name == "p1"), expected, rtol=1e-14)


def test_venn_abers_of_the_sample() -> None:
    with Path("sample_data/breast_cancer.csv").open(newline="") as file:
        pairs = [(float(row["prob_malignant"]), row["label"] == "malignant") for row in csv.DictReader(file)]
    p, positive = np.array(pairs).T
    x, key = np.unique(np.log(p) - np.log1p(-p), return_inverse=True)
    up, down = (np.bincount(key, weight).astype(np.float64) for weight in (positive, 1 - positive))
    found = venn_abers_steps(x, up, down)
    q = np.array([0.01, 0.1, 0.5, 0.9, 0.99])
    expected = {"p0": [1 / 75, 5 / 17, 3 / 4, 16 / 17, 47 / 49], "p1": [2 / 39, 6 / 17, 9 / 10, 33 / 34, 1.0]}
    for name, values in expected.items():
        at, steps = np.array(found[name]).T
        assert step_values((at, steps), np.log(q / (1 - q)), upper=name == "p1").tolist() == values
