"""Student's t against SciPy, and standard errors of clusters in closed form."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from mpmath import mp

from xentcli import score
from xentcli.core.numbers.distributions import normal_quantile, student_t_p, student_t_quantile
from xentcli.intervals import Z95, wilson

DEGREES = [1, 2, 3, 5, 10, 30, 100, 1e3, 1e5, 1e6, 1e7, 1e9]


@pytest.mark.parametrize("df", DEGREES)
def test_quantiles_are_scipys(df: float) -> None:
    for p in (0.5, 0.6, 0.9, 0.975, 0.999):
        assert student_t_quantile(p, df) == pytest.approx(scipy.stats.t.ppf(p, df), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("df", DEGREES[:8])
def test_student_t_has_twelve_digits(df: float) -> None:
    with mp.workdps(40):
        for t in (0.01, 1.0, 2.5, 6.0, 20.0):
            tail = mp.betainc(mp.mpf(df) / 2, 0.5, 0, df / (df + mp.mpf(t) ** 2), regularized=True)
            assert student_t_p(t, df) == pytest.approx(float(tail), rel=1e-13, abs=0)
            if tail > 1e-3:  # below, the digits of p end before those of the quantile
                assert student_t_quantile(float(1 - tail / 2), df) == pytest.approx(t, rel=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.51, 0.6, 0.8413447460685429, 0.9, 0.99, 1 - 1e-9, 1 - 2**-53])
def test_normal_quantiles_are_those_of_the_standard_library(p: float) -> None:
    assert normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("df", DEGREES)
def test_p_values_are_scipys(df: float) -> None:
    for t in (0.0, 1e-9, 0.1, 1.0, -2.5, 20.0 if df <= 1e6 else 6.0):
        assert student_t_p(t, df) == pytest.approx(2 * scipy.stats.t.sf(abs(t), df), rel=1e-9, abs=1e-300)
    assert student_t_p(math.inf, df) == 0.0


def clustered(weights: bool) -> pd.DataFrame:
    random = np.random.default_rng(4)
    p = random.uniform(0.05, 0.95, 60).round(3)
    return pd.DataFrame(
        {
            "y": (random.random(60) < p).astype(int),
            "p": p,
            "w": random.exponential(size=60) if weights else 1.0,
            "user": random.choice(list("abcdefg"), 60),
        }
    )


@pytest.mark.parametrize("weights", [False, True])
def test_standard_errors_of_clusters_are_their_formula(weights: bool) -> None:
    frame = clustered(weights)
    y, p, w = frame["y"].to_numpy(), frame["p"].to_numpy(), frame["w"].to_numpy()
    found = score(frame, weight="w" if weights else None, cluster="user")
    groups = frame.groupby("user").indices.values()
    t = scipy.stats.t.ppf(0.975, len(groups) - 1)
    values = {
        "log_loss": -np.log(np.where(y == 1, p, 1 - p)),
        "brier": (p - y) ** 2,
        "accuracy": (y == (p > 0.5)).astype(float),
    }
    for name, x in values.items():
        mean = float(np.average(x, weights=w))
        spread = sum(float((w[rows] * (x[rows] - mean)).sum()) ** 2 for rows in groups)
        se = math.sqrt(len(groups) / (len(groups) - 1) * spread) / float(w.sum())
        assert getattr(found.metrics, f"{name}_se") == pytest.approx(se, rel=1e-12)
        if name != "accuracy":
            assert getattr(found.metrics, f"{name}_low") == pytest.approx(mean - t * se, rel=1e-9)
            assert getattr(found.metrics, f"{name}_high") == pytest.approx(mean + t * se, rel=1e-9)
    assert found.metrics.accuracy_low is not None
    assert found.metrics.accuracy_high is not None
    assert 0 < found.metrics.accuracy_low < (found.metrics.accuracy or 0) < found.metrics.accuracy_high < 1
    assert found.columns.cluster == "user"


def test_a_row_each_is_no_clustering_but_for_students_t() -> None:
    frame = clustered(weights=True)
    frame["row"] = range(len(frame))
    alone, plain = score(frame, weight="w", cluster="row").metrics, score(frame, weight="w").metrics
    assert alone.log_loss_se == pytest.approx(plain.log_loss_se, rel=1e-12)
    assert alone.brier_se == pytest.approx(plain.brier_se, rel=1e-12)


def test_one_cluster_has_no_standard_error() -> None:
    frame = clustered(weights=False).assign(user="a")
    found = score(frame[["y", "p", "user"]], cluster="user")
    assert found.metrics.log_loss_se is found.metrics.brier_low is found.metrics.accuracy_se is None
    assert found.unavailable["log_loss_se"] == "needs at least two clusters"


def test_infinite_rows_leave_the_other_intervals() -> None:
    frame = clustered(weights=False)
    frame.loc[0, ["y", "p"]] = [1, 0.0]
    found = score(frame[["y", "p", "user"]], cluster="user").metrics
    assert found.log_loss_se is None
    assert found.brier_se is not None
    assert found.accuracy_se is not None


@pytest.mark.parametrize(
    ("share", "n"), [(0.0, 5.0), (1.0, 5.0), (1e-16, 3.0), (0.97, 569.0), (0.5, 0.0), (0.3, 1e300)]
)
def test_wilson_keeps_its_digits_at_both_ends(share: float, n: float) -> None:
    z, exact = mp.mpf(Z95), mp.mpf(share)
    with mp.workdps(400):
        if not n:
            expected = 0.0, 1.0
        else:
            half = z * mp.sqrt(exact * (1 - exact) / n + z * z / (4 * mp.mpf(n) ** 2))
            centre, scale = exact + z * z / (2 * mp.mpf(n)), 1 + z * z / mp.mpf(n)
            expected = float((centre - half) / scale), float((centre + half) / scale)
    assert wilson(share, n) == pytest.approx(expected, rel=1e-14, abs=0)
