"""The functions of the package: what they take, what they give back, and how they refuse."""

from __future__ import annotations

import inspect
import pickle
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import click
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import xentcli
from tests.cli.runner import xent as run
from xentcli import compare, explain, gate, merge, plot, report, score, worst
from xentcli.api import parameters
from xentcli.cli.commands import xent
from xentcli.errors import ContentError, RequestError, XentError
from xentcli.render import notebook
from xentcli.render.styled import STYLES

LABELS = [1, 0, 1, 0]
OLD = [0.75, 0.5, 0.5, 0.25]
NEW = [0.875, 0.25, 0.75, 0.25]
FRAME = pd.DataFrame({"label": LABELS, "old": OLD, "new": NEW, "id": ["a", "b", "c", "d"]})
SAMPLE = "sample_data/breast_cancer.csv"

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "score": score, "compare": compare, "worst": worst, "gate": gate, "merge": merge, "explain": explain,
    "plot": plot, "report": report,
}  # fmt: skip
# Options about what is printed, and where: results print themselves. The gate's configuration is the command's.
OF_PRINTING = {
    "format", "output", "quiet", "no_color", "junit", "github", "exit_zero", "help", "full", "json",
    "out", "pictures",
}  # fmt: skip
OF_THE_COMMAND = {"config", "no_config", "init"}
WITH_PAGE = {"gate": {"report"}, "merge": {"report"}}  # the option of which there is a function
CALLED = {
    "no_header": "header",
    "files": "data",
    "metric": "name",
    "name": "data",
}  # what an argument is called otherwise


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_option_is_an_argument(name: str) -> None:
    command = xent.get_command(click.Context(xent), name)
    assert command is not None
    options = {str(each.name).rstrip("_") for each in command.params} - OF_PRINTING - OF_THE_COMMAND
    options -= WITH_PAGE.get(name, set())
    arguments = set(inspect.signature(FUNCTIONS[name]).parameters)
    assert {CALLED.get(option, option) for option in options} - arguments == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstrings_list_every_argument(name: str) -> None:
    doc = inspect.getdoc(FUNCTIONS[name]) or ""
    for each in inspect.signature(FUNCTIONS[name]).parameters.values():
        listed = f"    {each.name}={each.default!r}: " in doc
        assert listed or each.kind is not each.KEYWORD_ONLY, each.name


def test_defaults_are_those_of_the_options() -> None:
    """Where an option has one; what is not given there is None or empty here."""
    for name in FUNCTIONS:
        command = xent.get_command(click.Context(xent), name)
        signature = inspect.signature(FUNCTIONS[name]).parameters
        for option in command.params if command else ():
            argument = signature.get(str(option.name))
            if argument is not None and argument.kind is argument.KEYWORD_ONLY:
                default = option.default if isinstance(option.default, str | int | float) else None
                assert (argument.default or None) == (default or None), (name, option.name)


def test_choices_are_those_of_the_options() -> None:
    for group in (parameters.ScoreArguments, parameters.WorstArguments):
        arguments = parameters.arguments_in(group)
        command = xent.get_command(click.Context(xent), group.__name__.removesuffix("Arguments").lower())
        for option in command.params if command else ():
            if isinstance(option.type, click.Choice) and str(option.name) in arguments:
                assert {str(each) for each in arguments[str(option.name)].choices} == set(option.type.choices)


def test_groups_name_types() -> None:
    for hint in get_type_hints(parameters.ScoreArguments, include_extras=True).values():
        assert isinstance(get_args(hint)[1], str)


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_tables_of_any_library_on_both_sides(make: Callable[[Any], Any], tmp_path: Path) -> None:
    columns = {name: list(FRAME[name]) for name in FRAME}
    old = make({"id": columns["id"], "label": LABELS, "p": OLD})
    new = make({"id": columns["id"][::-1], "label": LABELS[::-1], "p": NEW[::-1]})
    FRAME.to_csv(tmp_path / "both.csv", index=False)
    expected = compare(LABELS, base_probs=OLD, probs=NEW)
    found = [
        compare(old, new, on="id"),
        compare(make(columns), base_prob="old", prob="new"),
        compare(tmp_path / "both.csv", base_prob="old", prob="new"),
        compare(tmp_path / "both.csv", new, base_prob="old", prob="p", on="id"),
        compare(old, LABELS, probs=NEW),
        compare(LABELS, old, base_probs=NEW),
    ]
    for result in found[:-1]:
        assert result.metrics == expected.metrics
    assert found[-1].metrics["log_loss"].difference == -(expected.metrics["log_loss"].difference or 0)
    assert [row.id for row in worst(old, on="id", n=1).rows] == ["b"]
    assert worst(old, n=2, show="id").rows[0].columns == {"id": "b"}
    assert gate(make(columns), prob="new", require=["log_loss <= 1", "rows >= 4"]).verdict == "pass"


def test_the_two_sides_may_have_unlike_scores() -> None:
    odds = np.log(np.array(OLD) / (1 - np.array(OLD)))
    given = {"weights": [1, 2, 1, 2]}
    expected = compare(LABELS, base_probs=OLD, probs=NEW, **given)  # type: ignore[arg-type]
    rows = np.column_stack((1 - np.array(NEW), NEW))
    found = compare(LABELS, base_logits=odds, log_probs=np.log(rows), **given)  # type: ignore[arg-type]
    assert found.metrics["log_loss"].difference == pytest.approx(
        expected.metrics["log_loss"].difference, rel=1e-14
    )
    assert found.weight == 6


def test_what_does_not_go_together_on_two_sides() -> None:
    for given, argument in (
        ({"base_probs": OLD, "probs": NEW, "on": "id"}, "on"),
        ({"base_probs": OLD, "probs": NEW, "by": "site"}, "by"),
        ({"base_probs": OLD, "base_logits": OLD, "probs": NEW}, "two_kinds"),
    ):
        with pytest.raises(RequestError) as caught:
            compare(LABELS, **given)
        assert caught.value.code == argument
    with pytest.raises(ContentError):
        compare(LABELS, [1, 1, 1, 0], base_probs=OLD, probs=NEW)  # labels that are not the same


def test_states_are_merged(tmp_path: Path) -> None:
    for name, rows in (("a", FRAME[:2]), ("b", FRAME[2:])):
        score(rows, prob="new", save_state=tmp_path / name)
    whole = score(FRAME, prob="new")
    for given in ((tmp_path / "a", tmp_path / "b"), ([tmp_path / "a", tmp_path / "b"],)):
        assert merge(*given, save_state=tmp_path / "all").metrics == whole.metrics
    assert merge(tmp_path / "all", unit="bits").unit == "bits"


def refusal(function: Callable[..., Any], *data: Any, **given: Any) -> XentError:
    with pytest.raises(XentError) as caught:
        function(*data, **given)
    return caught.value


@pytest.mark.parametrize("function", [score, gate, worst])
def test_scores_without_a_name_are_told_how_to_write_them(function: Callable[..., Any]) -> None:
    error = refusal(function, LABELS, NEW)
    assert f"{function.__name__}(y, probs=P)" in (error.hint or "")
    assert f"hint: {error.hint}" in "".join(traceback.format_exception(error))
    assert "compare(a, b)" in (refusal(function, "a.csv", "b.csv").hint or "")
    assert "probs=P" in (
        refusal(function, LABELS, **({"require": "rows > 1"} if function is gate else {})).hint or ""
    )


def test_arrays_of_two_models_are_told_how_to_write_them() -> None:
    for error in (
        refusal(compare, LABELS, OLD, NEW),
        refusal(compare, np.array(OLD), np.array(NEW)),
        refusal(compare, LABELS, probs=NEW),
    ):
        assert "compare(y, base_probs=P, probs=Q)" in (error.hint or "")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"proba": NEW}, "probs="),
        ({"prob_": "p"}, "prob="),
        ({"normalise": True}, "normalize="),
        ({"wieght": "w"}, "weight="),
    ],
)
def test_an_unknown_argument_is_a_type_error(given: dict[str, Any], meant: str) -> None:
    with pytest.raises(TypeError, match=f"unexpected keyword argument .*; did you mean {meant}"):
        score(LABELS, **given)


def test_what_is_required_has_to_be_said() -> None:
    assert refusal(gate, FRAME, prob="new").hint == 'require="log_loss <= 0.35"'
    assert refusal(explain, "acuracy").code == "no_such_number"


def results() -> list[Any]:
    return [
        score(SAMPLE, by="size"),
        compare(LABELS, base_probs=OLD, probs=NEW),
        worst(SAMPLE, n=2),
        gate(LABELS, probs=NEW, require="log_loss <= 0.1"),
        explain("log_loss"),
        explain(),
    ]


@pytest.mark.parametrize("result", results()[1:], ids=lambda each: type(each).__name__)
def test_results_show_themselves(result: Any) -> None:
    assert re.fullmatch(r"<\w+Result: [^\n]{4,110}>", repr(result))
    assert all(len(line) <= 80 for line in str(result).splitlines())
    assert "\x1b" not in str(result)
    html = result._repr_html_()
    assert html.count("<table>") == html.count("</table>")
    assert result.to_markdown().startswith("### ")
    assert len(result.to_frame()) == len(result.to_rows())
    assert pickle.loads(pickle.dumps(result)).to_json() == result.to_json()


def test_a_result_reads_as_the_command_prints_it() -> None:
    result = score(SAMPLE)
    assert result.to_json() == run("score", SAMPLE, "--format", "json", cwd=Path()).stdout
    assert result.to_markdown() == run("score", SAMPLE, "--format", "markdown", cwd=Path()).stdout
    assert repr(result) == "<ScoreResult: 569 rows, log loss 0.1399 nats, accuracy 95.4 %>"
    assert repr(gate(SAMPLE, require="log_loss <= 0.1")).startswith("<GateResult: fail, 1 requirement, 569 rows")
    assert "--full" not in str(result)


def test_doubts_come_first_and_names_are_no_markup() -> None:
    frame = pd.DataFrame(
        {"label": ["<b>", "a&b"] * 30, "p_<b>": [0.875, 0.125] * 30, "p_a&b": [0.125, 0.875] * 30}
    )
    result = score(frame)
    html = result._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html
    assert ("doubt" in repr(result)) == bool(result.doubts)
    if result.doubts:
        assert html.index("Check this first") < html.index("<table>")


def test_a_notebook_has_the_colors_of_the_terminal_and_keeps_sums_in_line() -> None:
    html = gate(SAMPLE, require=["log_loss <= 0.1", "rows > 1"])._repr_html_()
    assert re.search(r'<span style="color: #\w{6}">FAIL</span>', html)
    assert "&nbsp;&nbsp;label entropy" in html
    otherwise = {"doubt", "band", "diagonal"}  # a line beside it; a picture
    coloured = {style for style, look in STYLES.items() if look != "bold"} - otherwise
    assert coloured == set(notebook.COLORS)


def test_doubts_speak_of_arguments() -> None:
    table = pd.DataFrame({"label": ["a", "b", "a"], "p_a": [0.75, 0.25, 0.5], "p_b": [0.25, 0.75, 0.5]})
    result = score(table, ignore_label="c")
    [doubt] = result.doubts
    assert "--ignore-label" in str(doubt)  # in the value, which is that of the command line
    for shown in (str(result), result._repr_html_(), str(gate(table, ignore_label="c", require="rows > 1"))):
        assert "ignore_label=" in shown
        assert "--ignore-label" not in shown


def test_the_package_lists_its_functions() -> None:
    assert set(FUNCTIONS) <= set(dir(xentcli))
    assert set(FUNCTIONS) <= set(xentcli.__all__)


@pytest.mark.parametrize(
    "table",
    [
        {"gold": ["a", "b", "a"], "label": ["a", "b", "b"], "score": [0.75, 0.625, 0.875]},
        {"species": [1, 0, 1], "p": [0.75, 0.25, 0.5], "species_PREDICTION": [1, 0, 1]},
    ],
    ids=["whose", "label"],
)
def test_a_hint_can_be_pasted(table: dict[str, Any]) -> None:
    """What a hint begins with are arguments that are all there is to write."""
    hint = refusal(score, pd.DataFrame(table)).hint or ""
    written = re.match(r'(\w+="[^"]*"(?:, )?)+', hint)
    assert written is not None, hint
    assert score(pd.DataFrame(table), **eval(f"dict({written[0]})")).rows == 3
