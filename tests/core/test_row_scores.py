"""Row by row: published values, closed forms, SciPy, and the oracle of 60 digits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import scipy.special
import scipy.stats
from mpmath import mp
from msgspec.structs import replace

from tests import reference
from tests.core.scoring import FOUND, scored_rows
from xentcli.core.accumulator import score_rows
from xentcli.core.batch import Batch, InputKind, Policy, RowScores
from xentcli.core.checks import loss_findings

KINDS = ("probability", "logit", "log_probability")


def scored(
    kind: str, scores: Any, labels: Sequence[int], weights: Sequence[float] | None = None, **policy: Any
) -> RowScores:
    """Rows of scores `(n, K)`, or one column `(n,)` for class 1 of two."""
    return scored_rows(batch(kind, scores, labels, weights), Policy(**policy))


def batch(kind: str, scores: Any, labels: Sequence[int], weights: Sequence[float] | None = None) -> Batch:
    columns = tuple(np.atleast_2d(np.asarray(scores, np.float64).T))
    return Batch(InputKind(kind), columns, np.array(labels), None if weights is None else np.array(weights))


def losses(kind: str, scores: Any, labels: Sequence[int], **policy: Any) -> list[float]:
    found: list[float] = scored(kind, scores, labels, **policy).loss.tolist()
    return found


def ties(found: RowScores) -> int:
    return int(found.known("tied").sum())


def findings(
    kind: str, scores: Any, labels: Sequence[int], weights: Sequence[float] | None = None
) -> dict[str, Any]:
    block = batch(kind, scores, labels, weights)
    rows, _ = score_rows(block, Policy(), ("top_loss",))
    return {each.code: each.rows.tolist() for each in loss_findings(block, rows)}


# --- logits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("logits", "label", "expected"),
    [
        ([1000, 0, -1000], 2, 2000.0),
        ([0, 0, 0], 1, 1.0986122886681098),  # log 3
        ([-745, -746, -800], 1, 1.3132616875182228),  # log(1 + e)
        ([40, 0], 0, 4.248354255291589e-18),  # log1p(e^-40)
        ([1e308, 0], 0, 0.0),
        ([1e308, 0], 1, 1e308),
        ([1e308, 1e308], 1, math.log(2)),
        ([-1e308, -1e308, -1e308], 2, math.log(3)),
        ([0, -math.inf], 0, 0.0),
        ([0, -math.inf], 1, math.inf),
        ([-math.inf, 3, 3], 1, math.log(2)),
    ],
)
def test_loss_of_logits(logits: list[float], label: int, expected: float) -> None:
    # to one unit in the last place: log1p(2) is not the same on every kind of CPU
    assert losses("logit", [logits], [label]) == [pytest.approx(expected, rel=2.3e-16, abs=0)]


def test_loss_of_large_logits_has_every_digit() -> None:
    # log1p(1/e) to 17 digits (mpmath); float64's own log1p and exp are one unit in the last place above
    [found] = losses("logit", [[1e4, 1e4 - 1, 0]], [0])
    assert abs(found - 0.31326168751822283405) <= math.ulp(found)


@pytest.mark.parametrize("classes", [2, 3, 12, 100])
def test_loss_of_logits_is_scipys(classes: int) -> None:
    random = np.random.default_rng(classes)
    z, y = random.normal(0, 10, (500, classes)), random.integers(0, classes, 500)
    expected = -scipy.special.log_softmax(z, axis=1)[np.arange(500), y]
    assert losses("logit", z, y.tolist()) == pytest.approx(expected, rel=1e-13, abs=1e-14)
    by_sum = scipy.special.logsumexp(z, axis=1) - z[np.arange(500), y]
    assert losses("logit", z, y.tolist()) == pytest.approx(by_sum, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0, 700.0])
def test_loss_of_logits_is_the_oracles_also_where_it_is_small(scale: float) -> None:
    random = np.random.default_rng(int(scale * 1000))
    z = random.normal(0, scale, (200, 3))
    y = z.argmax(axis=1)
    expected = [-float(reference.log_softmax(row)[k]) for row, k in zip(z.tolist(), y.tolist(), strict=True)]
    # the difference of two logits is itself rounded, by 2^-53 of its size
    assert losses("logit", z, y.tolist()) == pytest.approx(expected, rel=1e-15 * max(1.0, scale), abs=0)


# --- one column for two classes --------------------------------------------------------------------------

T = [-800.0, -40.0, -3.5, -0.1, -1e-9, 0.0, 1e-300, 0.25, 1.0, 40.0, 1e5, 1e308]
P = [5e-324, 1e-300, 1e-17, 0.1, 0.25, 0.3, 0.5, 0.75, 0.9, 1 - 2.0**-53]
COLUMNS: dict[str, tuple[list[float], Sequence[Sequence[Any]]]] = {
    "probability": (P, [[1 - p, p] for p in P]),
    "logit": (T, reference.softplus(T)),
    "log_probability": (np.log(P).tolist(), [[math.log1p(-p), math.log(p)] for p in P]),
}


@pytest.mark.parametrize("label", [0, 1])
@pytest.mark.parametrize("kind", KINDS)
def test_one_column_says_what_two_columns_say(kind: str, label: int) -> None:
    column, pairs = COLUMNS[kind]
    labels = [label] * len(pairs)
    one, two = scored(kind, column, labels), scored(kind, pairs, labels)
    # 1 - p as a second column is rounded to a multiple of 2^-53
    noise = 0.0 if kind == "logit" else 2.0**-53
    for name in ("loss", "confidence", "entropy", "variance", "brier"):
        assert getattr(one, name) == pytest.approx(getattr(two, name), rel=1e-14, abs=40 * noise), name
    assert one.known("shares")[1] == pytest.approx(two.known("shares")[1], rel=1e-14, abs=0)
    assert one.known("top").tolist() == two.known("top").tolist()
    assert (one.classes, two.classes) == (2, 2)


@pytest.mark.parametrize("label", [0, 1])
def test_loss_of_one_logit_is_softplus(label: int) -> None:
    # log(1 + e^t), accurate on both sides: numpy.logaddexp
    expected = np.logaddexp(0, np.array(T) * (1 - 2 * label))
    assert losses("logit", T, [label] * len(T)) == pytest.approx(expected, rel=3e-16, abs=0)


def test_loss_of_one_probability() -> None:
    assert losses("probability", P, [1] * len(P)) == pytest.approx([-math.log(p) for p in P], rel=3e-16, abs=0)
    assert losses("probability", P, [0] * len(P)) == pytest.approx([-math.log1p(-p) for p in P], rel=3e-16, abs=0)


def test_loss_of_one_log_probability_has_every_digit_on_both_sides() -> None:
    # log(1 - e^x) by mpmath
    logs = [-1e-300, -1e-17, -1e-5, -0.1, -0.6931471805599453, -0.7, -3.0, -40.0, -700.0, -1e5]
    with mp.workdps(400):
        expected = [-float(mp.log(-mp.expm1(x))) for x in logs]
    assert losses("log_probability", logs, [0] * len(logs)) == pytest.approx(expected, rel=1e-15, abs=0)
    assert losses("log_probability", logs, [1] * len(logs)) == [-x for x in logs]


# --- everything but the loss -----------------------------------------------------------------------------


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_the_formulas_of_scipy(kind: str, classes: int) -> None:
    random = np.random.default_rng(classes)
    z, y = random.normal(0, 2, (300, classes)), random.integers(0, classes, 300)
    q = scipy.special.softmax(z, axis=1)
    found = scored(kind, {"probability": q, "logit": z, "log_probability": np.log(q)}[kind], y.tolist())
    entropy = scipy.stats.entropy(q, axis=1)
    squares = ((np.eye(classes)[y] - q) ** 2).sum(axis=1)
    expected = {
        "loss": -np.log(q[np.arange(300), y]),
        "top": q.argmax(axis=1),
        "confidence": q.max(axis=1),
        "entropy": entropy,
        "variance": (q * np.log(q) ** 2).sum(axis=1) - entropy**2,
        "brier": squares / 2 if classes == 2 else squares,
        "shares": q.T,
    }
    for name, values in expected.items():
        assert getattr(found, name) == pytest.approx(values, rel=1e-12, abs=1e-15), name
    assert ties(found) == 0


@pytest.mark.parametrize("kind", ["probability", "log_probability"])
def test_brier_keeps_the_digits_of_good_forecasts(kind: str) -> None:
    # closed form: sum (t - q)^2 / 2 = e^2 for q = [e, 1 - e] and a label of class 1
    for e in (1e-3, 1e-6, 1e-9):
        pair = [e, 1 - e] if kind == "probability" else [math.log(e), math.log1p(-e)]
        assert scored(kind, [pair], [1]).brier == pytest.approx(e**2, rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("kind", "scores", "label"),
    [
        ("probability", [[0.0, 1.0, 0.0]], 1),
        ("probability", [[1.0, -0.0]], 0),
        ("probability", [[1 + 9e-7, -9e-7]], 0),
        ("probability", [1.0], 1),
        ("probability", [0.0], 0),
        ("probability", [-0.0], 0),
        ("log_probability", [[0.0, -math.inf]], 0),
        ("log_probability", [[-0.0, -math.inf]], 0),
        ("log_probability", [[9e-7, -math.inf]], 0),
        ("log_probability", [-0.0], 1),
        ("log_probability", [-math.inf], 0),
        ("logit", [[0.0, -math.inf]], 0),
        ("logit", [[-2000.0, 0.0, -2000.0]], 1),
        ("logit", [2000.0], 1),
        ("logit", [-math.inf], 0),
    ],
)
def test_a_perfect_forecast_loses_exactly_zero(kind: str, scores: Any, label: int) -> None:
    for normalize in (False, True):
        found = scored(kind, scores, [label], normalize=normalize)
        for name in ("loss", "entropy", "variance", "brier"):
            value = getattr(found, name)
            assert value.tolist() == [0.0], name
        assert not np.signbit(found.loss).any()
        assert (found.known("confidence").tolist(), ties(found)) == ([1.0], 0)


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        ("probability", [[0.25, 0.25, 0.25, 0.25]]),
        ("log_probability", [[-1.3862943611198906] * 4]),
        ("logit", [[7.5] * 4]),
    ],
)
def test_a_uniform_forecast(kind: str, scores: Any) -> None:
    found = scored(kind, scores, [2])
    assert (found.known("top").tolist(), ties(found)) == ([0], 1)
    assert found.loss == pytest.approx([math.log(4)], rel=3e-16, abs=0)
    assert found.entropy == pytest.approx([math.log(4)], rel=3e-16, abs=0)
    assert found.known("variance").tolist() == [0.0]


def test_the_first_class_wins_a_tie() -> None:
    found = scored("probability", [[0.4, 0.4, 0.2], [0.2, 0.4, 0.4], [0.3, 0.3, 0.4]], [0, 0, 0])
    assert (found.known("top").tolist(), ties(found)) == ([0, 1, 2], 2)
    for kind, even in (("probability", 0.5), ("logit", 0.0)):
        found = scored(kind, [even], [0])
        assert (found.known("top").tolist(), ties(found)) == ([0], 1)


# --- policies --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_clip_limits_the_loss_and_nothing_else(kind: str) -> None:
    q = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75], [0.0005, 0.9995]])
    with np.errstate(divide="ignore"):
        scores = q if kind == "probability" else np.log(q)
    plain, clipped = scored(kind, scores, [0] * 4), scored(kind, scores, [0] * 4, clip=0.001)
    assert clipped.loss == pytest.approx(-np.log([0.001, 0.999, 0.25, 0.001]), rel=1e-15, abs=0)
    for field in FOUND:
        if field != "loss":
            assert np.array_equal(getattr(plain, field), getattr(clipped, field)), field


@pytest.mark.parametrize("kind", ["probability", "log_probability"])
def test_normalize_divides_by_the_sum_in_the_loss_and_the_brier_score(kind: str) -> None:
    q, y = np.array([[0.5, 0.495], [0.25, 0.7575], [0.2, 0.2]]), [0, 1, 0]
    shares = q / q.sum(axis=1, keepdims=True)
    scores = q if kind == "probability" else np.log(q)
    plain, normal = scored(kind, scores, y, sum_tolerance=0.6), scored(kind, scores, y, normalize=True)
    at = np.arange(3)
    assert plain.loss == pytest.approx(-np.log(q[at, y]), rel=1e-15, abs=0)
    assert normal.loss == pytest.approx(-np.log(shares[at, y]), rel=1e-15, abs=0)
    assert plain.brier == pytest.approx(((np.eye(2)[y] - q) ** 2).sum(axis=1) / 2, rel=1e-14, abs=0)
    assert normal.brier == pytest.approx(((np.eye(2)[y] - shares) ** 2).sum(axis=1) / 2, rel=1e-14, abs=0)
    for each in (plain, normal):
        assert each.log_sum == pytest.approx(np.log(q.sum(axis=1)), rel=1e-13, abs=0)
        assert each.shares == pytest.approx(shares.T, rel=1e-15, abs=0)
        assert each.entropy == pytest.approx(scipy.stats.entropy(shares, axis=1), rel=1e-15, abs=0)
        assert each.confidence == pytest.approx(shares.max(axis=1), rel=1e-15, abs=0)


# --- odd losses ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [0.0, -360.0, -372.0, -400.0, -700.0, -740.0])
@pytest.mark.parametrize("label", [0, 1, 2])
def test_normalized_log_probabilities_are_logits_however_small_their_sum(height: float, label: int) -> None:
    gaps = [[0.0, -1.0, -2.0], [0.0, -40.0, -50.0], [-3.0, 0.0, 0.0]]
    log_q = np.array(gaps) + height
    given, logits = (
        scored("log_probability", log_q, [label] * 3, normalize=True),
        scored("logit", gaps, [label] * 3),
    )
    for name in ("loss", "brier", "entropy", "variance", "shares", "confidence", "top_loss"):
        assert getattr(given, name) == pytest.approx(getattr(logits, name), rel=2e-13, abs=1e-300), name
    smoothed = losses("log_probability", log_q, [label] * 3, normalize=True, smoothing=0.1)
    assert smoothed == pytest.approx(losses("logit", gaps, [label] * 3, smoothing=0.1), rel=2e-13)


@pytest.mark.parametrize("scale", [1.0, 1e-154, 1e-200, 1e-300])
@pytest.mark.parametrize("rest", [0.5, 1e-4, 1e-10, 1e-17])
def test_normalized_probabilities_keep_the_digits_of_small_losses(scale: float, rest: float) -> None:
    rows = scored("probability", [[scale, rest * scale]], [0], normalize=True)
    assert rows.loss == pytest.approx([math.log1p(rest)], rel=1e-15)
    assert rows.brier == pytest.approx([(rest / (1 + rest)) ** 2], rel=1e-14)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("columns", [1, 2, 4])
def test_certain_soft_labels_lose_what_labels_do_with_smoothing(kind: str, columns: int) -> None:
    random = np.random.default_rng(columns)
    classes, n = max(2, columns), 300
    q = random.dirichlet(np.ones(classes), n)[:, -columns:]
    x = {"probability": q, "logit": random.normal(size=q.shape), "log_probability": np.log(q)}[kind]
    y = random.integers(0, classes, n)
    hard, policy = batch(kind, x, y.tolist()), Policy(smoothing=0.125)
    soft = replace(hard, labels=None, targets=(y == np.arange(classes)[:, None]).astype(float))
    one, other = scored_rows(hard, policy), scored_rows(soft, policy)
    assert (one.loss == other.loss).all()
    assert other.known("class_loss").sum(axis=0) == pytest.approx(one.loss, rel=1e-15)
    assert (one.known("top") == other.known("top")).all()
    assert other.known("brier") == pytest.approx(one.known("brier"), rel=1e-12, abs=1e-15)
    assert other.known("target_entropy") == pytest.approx(one.known("target_entropy"), rel=1e-14)


def test_smoothed_soft_labels_are_soft_labels() -> None:
    random = np.random.default_rng(1)
    x, t = random.normal(size=(200, 3)), random.dirichlet(np.ones(3), 200).T
    given = replace(batch("logit", x, [0] * 200), labels=None, targets=t)
    smooth = replace(given, targets=0.75 * t + 0.25 / 3)
    found, expected = scored_rows(given, Policy(smoothing=0.25)), scored_rows(smooth)
    assert found.loss == pytest.approx(expected.loss, rel=1e-14)
    assert found.known("target_entropy") == pytest.approx(expected.known("target_entropy"), rel=1e-14)


def test_votes_are_divided_by_their_sum() -> None:
    random = np.random.default_rng(2)
    q, votes = random.dirichlet(np.ones(3), 200), random.integers(1, 9, (3, 200))
    given = replace(batch("probability", q, [0] * 200), labels=None, targets=votes.astype(float))
    found = scored_rows(given, Policy(normalize=True))
    shares = replace(given, targets=votes / votes.sum(axis=0))
    assert found.loss == pytest.approx(scored_rows(shares, Policy(normalize=True)).loss, rel=1e-14)
    assert found.known("targets") == pytest.approx(votes / votes.sum(axis=0), rel=1e-15)


def test_infinite_losses_are_told_apart_by_cause() -> None:
    logits = [[0.0, 1.0], [-math.inf, 1.0], [-1.5e308, 1.5e308]]
    assert findings("logit", logits, [0, 0, 0]) == {"infinite_loss": [1], "loss_overflow": [2]}
    assert findings("logit", [-math.inf, math.log(3)], [1, 1]) == {"infinite_loss": [0]}
    assert findings("probability", [[0.0, 1.0], [0.5, 0.5]], [0, 0]) == {"infinite_loss": [0]}
    assert findings("probability", [1.0, 0.0, 0.0], [0, 1, 0]) == {"infinite_loss": [0, 1]}
    assert findings("log_probability", [[-1e308, 0.0]], [0]) == {}


def test_a_weight_whose_square_or_whose_loss_is_beyond_float64_is_found() -> None:
    assert findings("probability", [0.5, 0.5], [0, 0], [1e154, 1e155]) == {"weight_too_large": [1]}
    assert findings("logit", [-1e300, -1.0], [1, 1], [1e10, 1e10]) == {"weight_too_large": [0]}
    assert findings("probability", [0.0], [1], [1e100]) == {"infinite_loss": [0]}


@pytest.mark.parametrize("classes", [2, 3, 127, 128, 129, 255, 256, 257, 300])
@pytest.mark.parametrize("values", [2, 10**9])
def test_the_top_class_is_the_first_of_those_with_the_highest_score(classes: int, values: int) -> None:
    scores = np.random.default_rng(classes).integers(0, values, (classes, 1000)).astype(float)
    scores[-1, -1] = values  # the last class wins, too
    found = scored_rows(Batch(InputKind.LOGIT, tuple(scores), np.zeros(1000, np.intp)))
    assert np.array_equal(found.known("top"), scores.argmax(axis=0))
    assert np.array_equal(found.known("tied"), np.count_nonzero(scores == scores.max(axis=0), axis=0) > 1)
