"""The oracle of whole files, on inputs of which a reader can say by himself what must become."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from tests.reference.files import Expectation, expect
from tests.reference.layout import Layout, Options, Question, Requirement

LAYOUT = Layout("csv", "probability", "family", ("a", "b"), "y", ("p_a", "p_b"), ("y", "p_a", "p_b"))
TEXT = b"y,p_a,p_b\na,0.75,0.25\nb,0.5,0.5\n"
LOSS = (math.log(4 / 3) + math.log(2)) / 2


def expected(data: bytes = TEXT, layout: Layout = LAYOUT, **options: Any) -> Expectation:
    return expect(Question(layout, Options(**options), data))


def metrics(data: bytes = TEXT, layout: Layout = LAYOUT, **options: Any) -> dict[str, float]:
    found = expected(data, layout, **options)
    assert found.verdict == "score"
    assert found.result is not None
    return {name: float(x) for name, x in found.result.metrics.items() if x is not None}


def test_a_text_that_can_be_scored() -> None:
    assert metrics()["log_loss"] == pytest.approx(LOSS, rel=1e-15)
    for same in (b"\xef\xbb\xbf" + TEXT, TEXT.replace(b"\n", b"\r\n"), TEXT.replace(b",", b";"), b"\n" + TEXT):
        assert metrics(same)["log_loss"] == metrics()["log_loss"]


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (TEXT.replace(b"0.25", b"0.5"), "row_sum", 2, None),
        (TEXT.replace(b"0.25", b"1.25"), "probability_out_of_range", 2, None),
        (TEXT.replace(b"0.25", b""), "missing", 2, None),
        (TEXT.replace(b"0.25", b"x"), "not_a_number", 2, "p_b"),
        (TEXT.replace(b"0.25", b"0.25,"), "fields", 2, None),
        (TEXT.replace(b"b,0.5", b"c,0.5"), "label", 3, "y"),
        (TEXT.replace(b"b,0.5", b'"b\n,0.5'), "open_quote", 3, None),
        (TEXT.replace(b"b,0.5", b'"b"x,0.5'), "stray_quote", 3, None),
        (TEXT.replace(b"b,0.5", b"\xff,0.5"), "encoding", None, None),  # rows above may be told first
        (b'y,p_a,p_b\n"a\n",0.5,0.5\nb,2,0.5\n', "label", 2, "y"),
        (b"y,p_a,p_b\n", "no_rows", None, None),
        (b"y,p_a,p_a\na,1,0\n", "duplicate_column", None, None),
    ],
)
def test_a_fault_has_a_place(data: bytes, code: str, line: int | None, column: str | None) -> None:
    found = expected(data)
    assert found.verdict == "refuse"
    fault = found.faults[0]
    assert (fault.code, fault.line, fault.column) == (code, line, column)


def test_options_change_the_loss() -> None:
    assert metrics(class_weights={"a": 3.0})["log_loss"] == pytest.approx(
        (3 * math.log(4 / 3) + math.log(2)) / 4, rel=1e-15
    )
    assert metrics(clip=0.3)["log_loss"] == pytest.approx((-math.log(0.7) + math.log(2)) / 2, rel=1e-15)
    spread = 0.95 * math.log(4 / 3) + 0.05 * math.log(4)
    assert metrics(smoothing=0.1)["log_loss"] == pytest.approx((spread + math.log(2)) / 2, rel=1e-15)
    assert metrics(ignore=("a",))["log_loss"] == pytest.approx(math.log(2), rel=1e-15)
    doubled = TEXT.replace(b"0.5,0.5", b"0.25,0.25")
    assert metrics(doubled, normalize=True)["log_loss"] == pytest.approx(LOSS, rel=1e-15)
    skipped = metrics(TEXT.replace(b"0.25", b"nan"), skip=True)
    assert (skipped["rows"], skipped["skipped_rows"]) == (1, 1)


def test_twins_are_each_a_class_of_its_own() -> None:
    twins = replace(
        LAYOUT, classes=("True", "true"), scores=("p_True", "p_true"), header=("y", "p_True", "p_true")
    )
    data = b"y,p_True,p_true\nTrue,0.75,0.25\ntrue,0.5,0.5\n"
    assert metrics(data, twins)["log_loss"] == pytest.approx(LOSS, rel=1e-15)
    assert metrics(data, twins, ignore=("true",))["rows"] == 1
    heavy = metrics(data, twins, class_weights={"true": 0.0, "True": 2.0})
    assert heavy["log_loss"] == pytest.approx(math.log(4 / 3), rel=1e-15)
    assert expected(data.replace(b"true,0.5", b"TRUE,0.5"), twins).faults[0].code == "label"


def test_labels_that_are_numbers_count_in_the_order_of_classes() -> None:
    given = replace(LAYOUT, style="explicit", classes_given=True)
    assert (
        metrics(TEXT.replace(b"a,0", b"0,0").replace(b"b,0", b"1.0,0"), given)["log_loss"] == metrics()["log_loss"]
    )


def test_slices_and_clusters() -> None:
    layout = replace(LAYOUT, header=(*LAYOUT.header, "s"), by="s", cluster="s")
    data = b"y,p_a,p_b,s\na,0.75,0.25,u\nb,0.5,0.5,v\nb,0.5,0.5,v\n"
    result = expected(data, layout).result
    assert result is not None
    assert {value: float(each["log_loss"]) for value, each in result.slices.items()} == {
        "u": pytest.approx(math.log(4 / 3)), "v": pytest.approx(math.log(2)),
    }  # fmt: skip
    mean = (math.log(4 / 3) + 2 * math.log(2)) / 3
    sums = (math.log(4 / 3) - mean) ** 2 + (2 * (math.log(2) - mean)) ** 2
    assert float(result.metrics["log_loss_se"]) == pytest.approx(math.sqrt(2 * sums) / 3, rel=1e-14)
    assert result.slices["v"]["log_loss_se"] is None


@pytest.mark.parametrize(
    ("required", "options", "codes"),
    [
        (Requirement("log_loss", "<=", 0.5), {}, {0}),
        (Requirement("log_loss", "<=", 0.4), {}, {1}),
        (Requirement("log_loss", "<=", 0.5), {"unit": "bits"}, {1}),
        (Requirement("log_loss", "<=", 0.5), {"confidence": 0.95}, {5}),
        (Requirement("recall", ">=", 1.0, of_class="a"), {}, {0, 1, 5}),  # at its limit
        (Requirement("recall", ">=", 0.9, of_class="a"), {}, {0}),
        (Requirement("recall", ">=", 0.9, of_class="c"), {}, {2}),
    ],
)
def test_requirements_decide_the_exit_code(
    required: Requirement, options: dict[str, Any], codes: set[int]
) -> None:
    result = expected(requirements=(required,), **options).result
    assert result is not None
    assert result.exit_codes == codes


def test_skipped_rows_need_a_requirement_of_their_own() -> None:
    data, required = TEXT.replace(b"0.25", b""), (Requirement("log_loss", "<=", 1.0),)
    result = expected(data, skip=True, requirements=required).result
    assert result is not None
    assert result.exit_codes == {2}


def test_json_lines() -> None:
    layout = replace(LAYOUT, form="jsonl")
    data = b'{"y": "a", "p_a": 0.75, "p_b": 0.25}\n\n{"y": "b", "p_a": 0.5, "p_b": 0.5}\n'
    assert metrics(data, layout)["log_loss"] == metrics()["log_loss"]
    [fault] = expected(data.replace(b"0.25}", b"0.25"), layout).faults
    assert (fault.code, fault.line) == ("json", 1)
    huge = data.replace(b"0.25", b"1" + b"0" * 5000)
    [fault] = expected(huge, layout).faults
    assert (fault.code, fault.line) == ("probability_out_of_range", 1)
