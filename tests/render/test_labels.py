"""`xent explain` takes every label that a report prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import xent
from tests.values import replace
from xentcli import api
from xentcli.errors import RequestError
from xentcli.render.page import Page
from xentcli.render.reports.kinds import REPORTS, report_of
from xentcli.render.reports.report import Facts, Grid, Report, Sentences
from xentcli.results.explain import explain, read_labels
from xentcli.results.result import Result

CANCER, NEW, DIGITS = (
    f"sample_data/{name}" for name in ("breast_cancer.csv", "breast_cancer_new.csv", "digits.parquet")
)
CLASSES = {"malignant", "benign", "a", "b", *"0123456789"}
SLICED = "size"  # a column of the input, whose name is none of ours


def _results(folder: Path) -> Iterator[Result]:
    """Reports of every kind, which show what they can."""
    (folder / "soft.csv").write_text("t_a,t_b,p_a,p_b\n0.5,0.5,0.25,0.75\n1,0,0.5,0.5\n")
    (folder / "infinite.csv").write_text("label,p_a,p_b\na,0,1\nb,0.25,0.75\n")
    spec = api.ColumnSpec(by=(SLICED,), cluster="texture")
    sliced = api.InputRequest((CANCER,), spec)
    gating = api.parse_gating(["log_loss <= 0.1"], confidence=0.9)
    mix = (("malignant", 0.5), ("benign", 0.5))
    request = api.ScoreRequest(sliced, prior=mix, gating=gating)
    yield api.score_files(request)
    yield api.gate_of(request)
    for name, columns in (("soft.csv", api.ColumnSpec(target=("t_*",))), ("infinite.csv", api.ColumnSpec())):
        yield api.score_files(api.ScoreRequest(api.InputRequest((folder / name,), columns)))
    yield api.score_files(api.ScoreRequest(api.InputRequest((DIGITS,), api.ColumnSpec())))
    plain = api.InputRequest((CANCER,), api.ColumnSpec())
    yield api.worst_of(api.WorstRequest(plain))
    yield api.gradients_of(api.GradientsRequest(plain))
    yield api.columns_of(plain)
    for path in (CANCER, DIGITS):
        yield api.calibrate_files(api.CalibrateRequest(api.InputRequest((path,), api.ColumnSpec())))
    new = api.InputRequest((NEW,), spec)
    diverged = api.parse_divergence_gating(["kl <= 0.01"], 0.9)
    yield api.diverge_files(api.DivergenceRequest(sliced, new, "id", gating=diverged))
    labelled = api.ColumnSpec(label="label")
    yield api.diverge_files(
        api.DivergenceRequest(api.InputRequest((CANCER,), labelled), api.InputRequest((NEW,), labelled), "id")
    )
    one, other = (
        api.InputRequest((folder / "infinite.csv",), api.ColumnSpec(prob=each))
        for each in (("p_b", "p_a"), ("p_a", "p_b"))
    )
    yield api.diverge_files(api.DivergenceRequest(one, other))
    yield api.compare_files(api.CompareRequest(sliced, new, "id"))
    models = api.models_of_files(replace(sliced, paths=(CANCER, NEW)), [f"{CANCER}=base", f"{NEW}=new"])
    for base in (None, "base"):
        yield api.rank_files(api.RankRequest(models, "id", base))
    yield explain("log_loss")


def _labels(report: Report) -> Iterator[str]:
    yield from (title for title, _ in report.roles)
    yield from re.findall(r"(\S+)=", report.small_print)
    for section in report.sections:
        match section:
            case Facts():
                yield from (fact.title for fact in section.rows)
            case Sentences():
                yield section.title
            case Grid():
                yield from (column.title for column in section.columns)
                yield from (group.title for group in section.groups)
                first = section.columns[0]
                if not (first.raw or first.right or first.whole) or first.title == "verdict":
                    yield from (row[0] for group in section.groups for row in group.rows)
    if report.below is not None:
        yield from _labels(report.below)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return list(_results(tmp_path_factory.mktemp("results")))


def test_every_label_of_every_report_is_explained(results: list[Result]) -> None:
    assert {result.format for result in results} == set(REPORTS)
    labels = {label for result in results for label in _labels(report_of(result, Page(full=True)))}
    labels -= {
        "",
        SLICED,
        *CLASSES,
        "what",
        "formula",
        "unit",
        "range",
        "mind",
        "source",
        "see also",
        "metrics.log_loss",
    }
    assert len(labels) > 90
    for label in labels - CLASSES | {"check this first", "not clear", "label file", "ignored", "na", "where"}:
        assert explain(label).numbers[0].text, label


def _keys(value: Any, of: str = "") -> Iterator[str]:
    """The keys of JSON, without those that are classes, columns or names of numbers."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from [key] * (of not in ("by", "scores", "targets", "class_weights", "unavailable"))
            yield from _keys(each, key)
    elif isinstance(value, list):
        for each in value:
            yield from _keys(each, of)


def test_every_key_of_json_and_every_name_of_csv_is_explained(results: list[Result], tmp_path: Path) -> None:
    names = {key for result in results for key in _keys(result.to_dict())}
    names |= {*_keys(json.loads(xent("score", "none.csv", "--format", "json", cwd=tmp_path).stderr))}
    for result in results:
        rows = [dict(zip(result.flat_columns, row, strict=True)) for row in result.to_rows()]
        names |= {*result.flat_columns}
        names |= {str(row[each]) for row in rows for each in ("table", "metric") if each in row}
    assert len(names) > 300
    for name in names - CLASSES | {"a", "b"}:
        assert explain(name).numbers[0].text, name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("f1[class]", "f1"),
        ("recall[new, cat] >= 0.9", "recall"),
        ("difference.p_holm", "p_holm"),
        ("log_loss <= 0.3", "log_loss"),
    ],
)
def test_a_requirement_and_a_path_are_explained_by_their_number(text: str, name: str) -> None:
    assert explain(text).numbers[0].name == name


@pytest.mark.parametrize("name", ["rmse", "KS", "Hosmer-Lemeshow"])
def test_what_is_not_computed_has_a_nearest_number(name: str) -> None:
    with pytest.raises(RequestError, match="is not computed") as caught:
        explain(name)
    assert caught.value.hint is not None
    for command in caught.value.hint.removeprefix("nearest to it: ").split(", "):
        assert explain(command.removeprefix("xent explain ")).numbers


def test_synonyms_and_nearest_are_names() -> None:
    labels = read_labels()
    assert all(explain(name).numbers for name in labels["synonyms"].values())
    assert all(explain(name).numbers for names in labels["nearest"].values() for name in names)
    for words in labels["labels"].values():
        assert words["text"].isascii()
        assert all(explain(name).numbers for name in words.get("see", ()))


def test_a_label_is_a_page_of_its_own(tmp_path: Path) -> None:
    run = xent("explain", "of loss", cwd=tmp_path)
    assert (run.code, run.stderr) == (0, "")
    assert run.stdout.startswith("of loss   as it stands in reports\n\n The part of the log loss")
    assert "see also: per_class.contribution" in run.stdout
