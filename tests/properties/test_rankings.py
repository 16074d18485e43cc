"""Rankings of files: the figures of the breast cancer models, and laws: bits do not depend on how rows are cut."""

from __future__ import annotations

import csv
import math
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.strategies import KINDS, Case, cases, law, random_case
from tests.properties.test_comparisons import with_ids
from tests.values import replace
from xentcli.analysis.comparing.compare import compare_files
from xentcli.analysis.comparing.rank import rank_files
from xentcli.analysis.comparing.rank_request import (
    ModelRequest,
    RankRequest,
    models_of_columns,
    models_of_files,
)
from xentcli.analysis.request import CompareRequest, EngineRequest, InputRequest
from xentcli.columns.columns import ColumnSpec
from xentcli.core.batch import Policy
from xentcli.errors import ContentError, RequestError
from xentcli.gates.gating import parse_gating
from xentcli.results.rank import RankResult

SAMPLES = Path(__file__).parents[2] / "sample_data"
TEMPERATURE = 1.4900383028023472  # that calibrates breast_cancer.csv


def rank(models: Sequence[ModelRequest], **options: Any) -> RankResult:
    return rank_files(RankRequest(tuple(models), "id", **options))


def files(*paths: Path, **spec: Any) -> tuple[ModelRequest, ...]:
    return models_of_files(InputRequest(paths, ColumnSpec(**spec)))


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def _write(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", newline="") as lines:
        writer = csv.DictWriter(lines, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Old, new, old at the temperature that calibrates it, and the class mix."""
    folder = tmp_path_factory.mktemp("models")
    old, new = (_table(SAMPLES / f"breast_cancer{suffix}.csv") for suffix in ("", "_new"))
    share = sum(row["label"] == "malignant" for row in old) / len(old)

    def heated(row: dict[str, str]) -> str:
        p = float(row["prob_malignant"])
        return repr(1 / (1 + ((1 - p) / p) ** (1 / TEMPERATURE)))

    tables = {
        "old": old,
        "new": new,
        "old_T": [{**row, "prob_malignant": heated(row)} for row in old],
        "mix": [{**row, "prob_malignant": repr(share)} for row in old],
    }
    return [_write(folder / f"{name}.csv", rows) for name, rows in tables.items()]


# Expected: the figures of the paired tests (SciPy's ttest_rel on the row losses) and of Holm's method by hand.
def test_four_models_of_breast_cancer(four: list[Path]) -> None:
    found = rank(files(*four))
    losses = {model.name: model.metrics.log_loss for model in found.models}
    assert losses == pytest.approx(
        {"new": 0.08972008115270, "old_T": 0.12644892728021, "old": 0.13991401495172, "mix": 0.66031634919523},
        rel=1e-12,
    )
    assert [*losses] == ["new", "old_T", "old", "mix"]
    assert found.may_be_best == ("new",)
    assert [(model.rank_low, model.rank_high) for model in found.models] == [(1, 1), (2, 3), (2, 3), (4, 4)]
    assert {(pair.a, pair.b): pair.p_holm for pair in found.pairs if "mix" not in (pair.a, pair.b)} == (
        pytest.approx(
            {
                ("old_T", "new"): 0.006225997334984833,
                ("old", "new"): 0.015259965421888153,
                ("old", "old_T"): 0.5595761231214138,
            },
            rel=1e-10,
        )
    )


@pytest.mark.parametrize("base", [None, "new"])
def test_each_against_the_best_or_the_base(four: list[Path], base: str | None) -> None:
    found = {model.name: model.difference for model in rank(files(*four), base=base).models}
    old, heated, mix = found["old"], found["old_T"], found["mix"]
    assert old is not None
    assert heated is not None
    assert mix is not None
    assert found["new"] is None
    assert (old.value, old.p_value) == pytest.approx((0.05019393379902, 0.00381499135547), rel=1e-11)
    assert (old.value or 0) / (old.se or 0) == pytest.approx(2.90504443, rel=1e-8)
    assert heated.value == pytest.approx(0.03672884612752, rel=1e-12)
    assert (heated.p_value, heated.p_holm) == pytest.approx((0.00138355496336, 0.00276710992666), rel=1e-10)
    assert mix.p_holm == pytest.approx(2.31045e-107, rel=1e-5)


def test_at_every_look_the_interval_is_that_of_the_sequence(four: list[Path]) -> None:
    old = rank(files(*four[:2]), base="old", anytime=569).model("new").difference
    assert old is not None
    assert ((old.high or 0) - (old.low or 0)) / 2 == pytest.approx(0.05244294288917848, rel=1e-12)


@pytest.mark.parametrize("confidence", [None, 0.9])
def test_at_every_look_limits_against_the_base_are_those_of_compare(
    four: list[Path], confidence: float | None
) -> None:
    required = parse_gating(["log_loss[new] <= baseline + 0.005"], confidence, paired=True, ranked=True)
    [found] = rank(files(*four), base="old", anytime=2000, gating=required).gates
    base, new = (each.inputs for each in files(*four[:2]))
    plain = parse_gating(["log_loss <= baseline + 0.005"], confidence, paired=True)
    [expected] = compare_files(CompareRequest(base, new, "id", gating=plain, anytime=2000)).gates
    assert found.low is not None
    assert (found.low, found.high, found.verdict) == (expected.low, expected.high, expected.verdict)


@pytest.mark.parametrize("spec", [{}, {"by": ("size",)}, {"weight": "weight"}, {"cluster": "texture"}])
def test_against_the_base_it_is_compare(four: list[Path], spec: dict[str, Any]) -> None:
    """Every paired difference, of all rows and of slices, has the bits that compare gives it."""
    found = rank(files(*four[:3], **spec), base="new")
    for name, path in zip(("old", "old_T"), (four[0], four[2]), strict=True):
        sides = files(four[1], path, **{**spec, "by": ()})
        new = replace(sides[1].inputs, spec=ColumnSpec(**spec))
        expected, model = compare_files(CompareRequest(sides[0].inputs, new, "id")), found.model(name)
        own = {metric: expected.metrics[metric] for metric in ("log_loss", "accuracy", "brier")}
        assert model.differences == own  # AUC has none here
        assert {each.by: each for each in model.slices} == {each.by: each for each in expected.slices}
        assert (model.wins, model.losses, model.ties) == (expected.wins, expected.losses, expected.ties)
        score = replace(model.score, slices=(), notices=())
        assert score.metrics == expected.new.metrics


def test_models_in_one_file_are_those_of_several(four: list[Path], tmp_path: Path) -> None:
    rows, names = _table(four[0]), [path.stem for path in four]
    column = dict(zip(names, "abcd", strict=True))
    for path in four:
        scores = {row["id"]: row["prob_malignant"] for row in _table(path)}
        for row in rows:
            p = float(scores[row["id"]])
            row[f"logit_{column[path.stem]}_malignant"] = repr(math.log(p) - math.log1p(-p))
            row[f"p_{column[path.stem]}_malignant"] = scores[row["id"]]
    both = InputRequest((_write(tmp_path / "all.csv", rows),), ColumnSpec(by=("size",)))
    one = rank(models_of_columns(both, {name: f"p_{column[name]}_*" for name in names}), base="new")
    apart = rank(files(*four, by=("size",)), base="new")
    assert (one.together, apart.together) == (True, False)
    assert one.pairs == apart.pairs
    assert one.slices == apart.slices
    assert [each.differences for each in one.models] == [each.differences for each in apart.models]
    logits = rank(models_of_columns(both, [f"{name}=logit_{column[name]}_*" for name in names]))
    assert set(logits.input_kind.values()) == {"logit"}
    assert [each.name for each in logits.models] == [each.name for each in one.models]


@st.composite
def rankings(draw: st.DrawFn) -> list[Case]:
    """Three models of the same rows, of any kinds of score."""
    first = draw(cases())
    others = [
        random_case(draw(st.sampled_from(sorted(KINDS))), first.scores.shape[1], rows=first.rows, seed=seed)
        for seed in (1, 2)
    ]
    return [first, *(replace(each, labels=first.labels, weights=first.weights) for each in others)]


@law
@given(rankings(), st.randoms(use_true_random=False), st.integers(1, 200), st.integers(1, 4), st.booleans())
def test_order_blocks_and_threads_change_no_number(
    models: list[Any], random: Any, block_bytes: int, threads: int, clustered: bool
) -> None:
    orders = [list(range(models[0].rows)) for _ in models]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:

        def ranked(**options: Any) -> dict[str, Any]:
            asked = []
            for at, (case, order) in enumerate(zip(models, orders, strict=True)):
                path, count = with_ids(case, Path(folder, f"{at}.csv"), order), case.scores.shape[1]
                names: dict[str, Any] = {KINDS[case.kind]: tuple(f"c{k}" for k in range(count))}
                spec = ColumnSpec(
                    label=None if case.soft else "y",
                    target=tuple(f"t{k}" for k in range(count)) if case.soft else (),
                    weight=None if case.weights is None else "w",
                    classes=tuple(str(k) for k in range(count)) if count > 1 else None,
                    by=() if at else ("s",),
                    cluster="c" if clustered and not at else None,
                    **names,
                )
                asked.append(ModelRequest(str(at), InputRequest((path,), spec)))
            found = rank(asked, base="1", **options).to_dict()
            return {
                name: value for name, value in found.items() if name not in ("inputs", "notices", "models")
            } | {"models": [{**model, "inputs": None} for model in found["models"]]}

        whole = ranked(engine=EngineRequest(threads=1))
        for order in orders:
            random.shuffle(order)
        patch.setattr("xentcli.sources.delimited.records.BLOCK_BYTES", block_bytes)
        assert ranked(engine=EngineRequest(threads=threads)) == whole


def test_models_of_infinite_loss_share_the_last_ranks(tmp_path: Path) -> None:
    rows = [{"id": str(k), "label": str(k % 2), "p": "0.5"} for k in range(8)]
    certain = [{**row, "p": "1" if k == 0 else row["p"]} for k, row in enumerate(rows)]
    paths = [
        _write(tmp_path / f"{name}.csv", table) for name, table in (("a", certain), ("b", rows), ("c", certain))
    ]
    found = rank(files(*paths))
    assert [(each.name, each.rank_low, each.rank_high, each.may_be_best) for each in found.models] == [
        ("b", 1, 1, True),
        ("a", 2, 3, False),
        ("c", 2, 3, False),
    ]
    assert [(pair.a, pair.b, pair.difference, pair.p_value) for pair in found.pairs] == [
        ("a", "b", math.inf, None),
        ("c", "b", math.inf, None),
        ("c", "a", None, None),
    ]
    all_infinite = rank(files(paths[0], paths[2]))
    assert all_infinite.may_be_best == ("a", "c")


@pytest.mark.slow
def test_many_models_meet(tmp_path: Path) -> None:
    """As many as there may be, of which each is brought to the rows of the first."""
    random = np.random.default_rng(1)
    paths = []
    for k in range(200):
        rows = [{"id": str(i), "label": str(i % 2), "p": repr(float(random.uniform()))} for i in range(3)]
        paths.append(_write(tmp_path / f"{k}.csv", rows))
    for on in ("id", None):
        found = rank_files(RankRequest(files(*paths), on, breakdown=False))
        assert len(found.models) == 200
        assert len(found.pairs) == 199 * 100


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"label": "malignant"}, "labels_differ", "1 of 569 rows differ"),
        ({"id": "other"}, "ids_missing", "other"),
    ],
)
def test_rows_that_differ_are_refused(
    four: list[Path], tmp_path: Path, change: dict[str, str], code: str, message: str
) -> None:
    rows = _table(four[2])
    at = next(k for k, row in enumerate(rows) if row["label"] == "benign")
    rows[at] |= change
    with pytest.raises(ContentError, match=message) as error:
        rank(files(*four[:2], _write(tmp_path / "third.csv", rows)))
    assert error.value.code == code
    assert "third.csv" in str(error.value.where) + str(error.value)


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["old"], {}, "there must be two"),
        (["old", "old"], {}, "given twice"),
        (["old", "new"], {"base": "nwe"}, '"nwe"'),
        (["old", "new"], {"level": 0.3}, "--level"),
        (["old", "new"], {"anytime": 3}, "--anytime"),
    ],
)
def test_wrong_requests_are_refused(
    four: list[Path], names: list[str], options: dict[str, Any], message: str
) -> None:
    by_name = {path.stem: path for path in four}
    with pytest.raises(RequestError, match=message):
        RankRequest(files(*(by_name[name] for name in names)), **options)


def test_names_of_models() -> None:
    def names(*paths: str, given: Sequence[str] = ()) -> list[str]:
        return [model.name for model in models_of_files(InputRequest(paths), given)]

    assert names("a/x.csv.gz", "b/y.parquet") == ["x", "y"]
    assert names("a/x.csv", "b/x.csv") == ["a/x.csv", "b/x.csv"]
    assert names("a=1.csv", "b.csv", given=["a=1.csv=one", "b=two"]) == ["one", "two"]
    with pytest.raises(RequestError, match="none of the files"):
        names("a.csv", "b.csv", given=["c.csv=c"])


def test_rows_left_out_of_one_are_left_out_of_all(four: list[Path], tmp_path: Path) -> None:
    rows = _table(four[2])
    rows[3]["prob_malignant"] = ""
    found = rank(files(*four[:2], _write(tmp_path / "third.csv", rows)), policy=Policy(skip_missing=True))
    assert {(model.metrics.rows, model.metrics.skipped_rows) for model in found.models} == {(568, 1)}
