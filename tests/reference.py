"""The slow, obvious oracle: every number of `xent score`, one row and one formula at a time.

Conventions. Rows are a sequence of K scores each, labels are indices into them, information is in nats.
Inputs are taken at their exact value: stored probabilities and weights are Fractions, logarithms and
exponentials carry 60 digits, and each metric is rounded to float64 once, at the end. Positive infinity is
`inf`, what is not available is None, a zero is 0.0. Bad input is a ValueError; row sums are not checked.

Nothing here is shared with the program under test, so that one misreading cannot hide in both.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mpmath import MPContext

mp = MPContext()
mp.dps = 60

Number = float | Fraction
Real = Any  # a 60-digit number of `mp`, which has no types

KINDS = ("probability", "logit", "log_probability")
Z_95 = mp.mpf("1.959964")
SLACK = Fraction(1, 10**6)  # how far outside its range a stored probability or log-probability may lie
NOISE = mp.mpf("1e-50")  # a sum this small beside its terms is 60-digit rounding, so it is zero
ECE_BINS = 15


def score(
    labels: Sequence[int],
    scores: Sequence[Sequence[Number]],
    *,
    kind: str = "probability",
    weights: Sequence[float] | None = None,
    clip: float | None = None,
    normalize: bool = False,
) -> dict[str, object]:
    """All metrics and the per-class table: {"metrics": {name: value}, "per_class": [{...} per class]}."""
    everything = read_rows(labels, scores, kind, weights, clip, normalize)
    rows = [row for row in everything if row.weight > 0]
    metrics = {
        **loss_metrics(rows),
        **entropy_metrics(rows),
        **accuracy_metrics(rows),
        **brier_metrics(rows),
        "ece": ece(rows),
        "row_sum_effect": mean(rows, [row.log_sum for row in rows]),
        "rows": len(rows),
        "zero_weight_rows": len(everything) - len(rows),
        "ties": sum(row.tied for row in rows),
    }
    per_class = [class_metrics(rows, k, q) for k, q in enumerate(forecast_shares(rows))]
    return {"metrics": all_rounded(metrics), "per_class": [all_rounded(line) for line in per_class]}


def two_class_rows(p: Sequence[Number]) -> list[list[Fraction]]:
    """Rows [1 - p, p], exactly, of one column of probabilities of class 1."""
    return [[1 - Fraction(value), Fraction(value)] for value in p]


def softplus(t: Sequence[Number]) -> list[list[Number]]:
    """One column of logits of class 1 as rows [0, t]: class 0 costs log(1 + e^t), class 1 log(1 + e^-t)."""
    return [[0.0, value] for value in t]


# --- numbers ---------------------------------------------------------------------------------------------


def real(x: Number) -> Real:
    """`x` to 60 digits."""
    return mp.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mp.mpf(x)


def log(x: Fraction) -> Real:
    """Logarithm of an exact x >= 0, accurate near 1 as well; -inf at 0."""
    return mp.log(real(x)) if x < Fraction(1, 2) else mp.log1p(real(x - 1))


def one_minus_exp(x: Real) -> Real:
    """1 - e^x: the probability of all other classes, for x = log q <= 0."""
    return -mp.expm1(x)


def add(terms: Iterable[Real]) -> Real:
    """Sum of the terms, where a rounding residue is an exact zero."""
    listed = list(terms)
    total = sum(listed, mp.zero)
    return mp.zero if abs(total) < NOISE * sum(map(abs, listed)) else total


def rounded(x: Real) -> int | float | None:
    """Nearest float64; beyond its range infinite; minus infinity is not available; no negative zero."""
    if x is None or isinstance(x, int):
        return x
    nearest = float(x)
    return None if nearest == -math.inf else nearest + 0.0


def all_rounded(values: dict[str, Real]) -> dict[str, int | float | None]:
    """Every value of a table, rounded."""
    return {name: rounded(value) for name, value in values.items()}


# --- rows ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One scored row. `log_q` is the forecast as it stands, `log_r` is log(q / sum q).

    `log_scored` is the one of them that loss and Brier score are taken from: `log_r` if normalized.
    """

    label: int
    weight: Fraction
    scores: list[Number]
    log_q: list[Real]
    log_r: list[Real]
    log_scored: list[Real]
    log_sum: Real
    top: int
    tied: bool
    loss: Real

    @property
    def correct(self) -> bool:
        return self.top == self.label


def read_rows(
    labels: Sequence[int],
    scores: Sequence[Sequence[Number]],
    kind: str,
    weights: Sequence[float] | None,
    clip: float | None,
    normalize: bool,
) -> list[Row]:
    """Every row, checked and scored, also those of weight 0."""
    weights = [1.0] * len(labels) if weights is None else weights
    rows = [
        read_row(int(label), [exact(x) for x in forecast], kind, weight, clip, normalize)
        for label, forecast, weight in zip(labels, scores, weights, strict=True)
    ]
    if len({len(row.log_q) for row in rows}) > 1:
        raise ValueError("rows of different lengths")
    if not sum(row.weight for row in rows) > 0:
        raise ValueError("the weights must have a positive sum")
    return rows


def exact(x: Number) -> Number:
    """A score as a Fraction or float (NumPy's and Python's numbers convert without rounding)."""
    return x if isinstance(x, Fraction) else float(x)


def read_row(
    label: int, scores: list[Number], kind: str, weight: float, clip: float | None, normalize: bool
) -> Row:
    """One row, checked and scored."""
    if not 0 <= label < len(scores):
        raise ValueError(f"label {label} has no score")
    if not 0 <= weight < math.inf:
        raise ValueError(f"weight {weight}")
    scores = admitted(scores, kind)
    log_q, log_r, log_sum = forecast_of(scores, kind)
    log_scored = log_r if normalize else log_q
    highest = max(scores)
    return Row(
        label=label,
        weight=Fraction(float(weight)),
        scores=scores,
        log_q=log_q,
        log_r=log_r,
        log_scored=log_scored,
        log_sum=log_sum,
        top=scores.index(highest),
        tied=scores.count(highest) > 1,
        loss=row_loss(log_scored[label], clip),
    )


def admitted(scores: list[Number], kind: str) -> list[Number]:
    """The scores, those within 1e-6 outside their range moved to its end; others outside are errors."""
    if any(x != x or x == math.inf for x in scores):
        raise ValueError(f"not a number or +infinite: {scores}")
    lowest = 0 if kind == "probability" else -math.inf
    if all(x <= lowest for x in scores):
        raise ValueError(f"no class has a probability: {scores}")
    if kind == "probability":
        if any(not -SLACK <= x <= 1 + SLACK for x in scores):
            raise ValueError(f"not probabilities: {scores}")
        return [min(max(Fraction(x), Fraction(0)), Fraction(1)) for x in scores]
    if kind == "log_probability":
        if any(x > SLACK for x in scores):
            raise ValueError(f"not log-probabilities: {scores}")
        return [min(x, 0.0) for x in scores]
    if kind not in KINDS:
        raise ValueError(f"kind {kind!r}")
    return scores


def forecast_of(scores: list[Number], kind: str) -> tuple[list[Real], list[Real], Real]:
    """Returns log q as it stands, log(q / sum q), and log sum q."""
    if kind == "probability":
        q = [Fraction(x) for x in scores]
        return [log(x) for x in q], [log(x / sum(q)) for x in q], log(sum(q, Fraction(0)))
    log_r = log_softmax(scores)
    if kind == "logit":
        return log_r, log_r, mp.zero
    log_q = [real(x) for x in scores]
    top = log_q.index(max(log_q))
    return log_q, log_r, log_q[top] - log_r[top]


def log_softmax(z: Sequence[Number]) -> list[Real]:
    """Softmax: log q_k = (z_k - m) - log1p(sum over j of exp(z_j - m)), j all classes but one of z = m."""
    top = z.index(max(z))
    below = [real(x) - real(z[top]) for x in z]
    rest = sum((mp.exp(x) for j, x in enumerate(below) if j != top), mp.zero)
    return [x - mp.log1p(rest) for x in below]


def row_loss(log_q: Real, clip: float | None) -> Real:
    """Loss l = -log q of the true class, q limited to [e, 1 - e] by a clip e; beyond float64 infinite."""
    if clip is not None:
        log_q = min(max(log_q, log(Fraction(clip))), log(1 - Fraction(clip)))
    return -log_q if float(-log_q) < math.inf else mp.inf


# --- weighted means --------------------------------------------------------------------------------------


def weight_of(rows: Sequence[Row]) -> Fraction:
    """W = sum w."""
    return sum((row.weight for row in rows), Fraction(0))


def mean(rows: Sequence[Row], values: Sequence[Real]) -> Real:
    """Weighted mean: sum w x / W."""
    return add(real(row.weight) * x for row, x in zip(rows, values, strict=True)) / real(weight_of(rows))


def share(part: Sequence[Row], whole: Sequence[Row]) -> Fraction:
    """Weight of the part over the weight of the whole."""
    return weight_of(part) / weight_of(whole)


def standard_error(rows: Sequence[Row], values: Sequence[Real]) -> Real:
    """sqrt(n/(n-1) sum w^2 (x - mean)^2) / W; None for n < 2 or an infinite value."""
    n = len(rows)
    if n < 2 or mp.inf in values:
        return None
    centre = mean(rows, values)
    squares = sum(real(row.weight) ** 2 * add([x, -centre]) ** 2 for row, x in zip(rows, values, strict=True))
    return mp.sqrt(squares * n / (n - 1)) / real(weight_of(rows))


def effective_rows(rows: Sequence[Row]) -> Fraction:
    """n_eff = (sum w)^2 / sum w^2."""
    return weight_of(rows) ** 2 / sum((row.weight**2 for row in rows), Fraction(0))


def classes(rows: Sequence[Row]) -> range:
    """The class indices 0..K-1."""
    return range(len(rows[0].log_q))


def with_interval(name: str, value: Real, se: Real) -> dict[str, Real]:
    """The value, its standard error, and value -/+ 1.959964 se."""
    low, high = (None, None) if se is None else (value - Z_95 * se, value + Z_95 * se)
    return {name: value, f"{name}_se": se, f"{name}_low": low, f"{name}_high": high}


# --- losses ----------------------------------------------------------------------------------------------


def loss_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Everything that is computed from row losses alone."""
    losses = [row.loss for row in rows]
    return {
        **with_interval("log_loss", log_loss(rows), standard_error(rows, losses)),
        "total_log_loss": total_log_loss(rows),
        "bits_per_byte": None,  # tokens only
        "log_loss_finite": log_loss_finite(rows),
        "infinite_rows": losses.count(mp.inf),
        "macro_log_loss": macro_log_loss(rows),
        "loss_p50": loss_quantile(rows, 50),
        "loss_p90": loss_quantile(rows, 90),
        "loss_p99": loss_quantile(rows, 99),
        "loss_max": max(losses),
        "worst_1pct_share": worst_1pct_share(rows),
        "perplexity": mp.exp(log_loss(rows)),
        "target_entropy": mp.zero,
        "kl_divergence": log_loss(rows),
    }


def log_loss(rows: Sequence[Row]) -> Real:
    """Cross-entropy: mean l."""
    return mean(rows, [row.loss for row in rows])


def total_log_loss(rows: Sequence[Row]) -> Real:
    """Total: sum w l."""
    return add(real(row.weight) * row.loss for row in rows)


def log_loss_finite(rows: Sequence[Row]) -> Real:
    """Mean l over the rows of finite loss; None without such rows."""
    finite = [row for row in rows if row.loss < mp.inf]
    return log_loss(finite) if finite else None


def macro_log_loss(rows: Sequence[Row]) -> Real:
    """Plain mean of the log losses of the classes that have rows."""
    parts = [part for part in (of_class(rows, k) for k in classes(rows)) if part]
    return sum(log_loss(part) for part in parts) / len(parts)


def loss_quantile(rows: Sequence[Row], percent: int) -> Real:
    """Smallest l such that the rows of loss <= l have at least this percentage of the weight."""
    reached, enough = Fraction(0), weight_of(rows) * percent / 100
    for row in sorted(rows, key=lambda row: row.loss):
        reached += row.weight
        if reached >= enough:
            return row.loss
    raise AssertionError("all rows have all of the weight")


def worst_1pct_share(rows: Sequence[Row]) -> Real:
    """Share of the total in the 1 % of the weight with the largest losses, the boundary row in part.

    None if the total is zero or infinite.
    """
    total = total_log_loss(rows)
    if total in (0, mp.inf):
        return None
    left, worst = weight_of(rows) / 100, mp.zero
    for row in sorted(rows, key=lambda row: row.loss, reverse=True):
        taken = min(row.weight, left)
        left -= taken
        worst += real(taken) * row.loss
    return worst / total


# --- entropies -------------------------------------------------------------------------------------------


def entropy_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Entropies of label and forecast, and what compares the loss with them."""
    se = overconfidence_se(rows)
    excess = add([log_loss(rows), -predictive_entropy(rows)])
    return {
        "label_entropy": label_entropy(rows),
        "predictive_entropy": predictive_entropy(rows),
        "overconfidence": excess,
        "overconfidence_se": se,
        "overconfidence_z": excess / se if se else None,
        "marginal_kl": marginal_kl(rows),
        "skill": skill(rows),
        "normalized_entropy": normalized_entropy(rows),
    }


def label_shares(rows: Sequence[Row]) -> list[Fraction]:
    """Class mix: pi = mean t."""
    return [share(of_class(rows, k), rows) for k in classes(rows)]


def forecast_shares(rows: Sequence[Row]) -> list[Real]:
    """Mean forecast: mean q / sum q."""
    return [mean(rows, [mp.exp(row.log_r[k]) for row in rows]) for k in classes(rows)]


def label_entropy(rows: Sequence[Row]) -> Real:
    """H(pi) = -sum pi log pi, 0 log 0 = 0."""
    return -sum(real(pi) * log(pi) for pi in label_shares(rows) if pi > 0)


def entropy(row: Row) -> Real:
    """H(q / sum q)."""
    return -sum(mp.exp(x) * x for x in row.log_r if x > -mp.inf)


def predictive_entropy(rows: Sequence[Row]) -> Real:
    """Mean H(q / sum q)."""
    return mean(rows, [entropy(row) for row in rows])


def surprise_variance(row: Row) -> Real:
    """Var = sum q log^2 q - H(q)^2 = sum over pairs j < k of q_j q_k (log q_j - log q_k)^2.

    The second form (Lagrange's identity) is exactly 0 for a uniform forecast.
    """
    x = [value for value in row.log_r if value > -mp.inf]
    q = [mp.exp(value) for value in x]
    return sum((q[j] * q[k] * (x[j] - x[k]) ** 2 for k in range(len(x)) for j in range(k)), mp.zero)


def overconfidence_se(rows: Sequence[Row]) -> Real:
    """sqrt(sum w^2 Var) / W; None with infinite rows."""
    if log_loss(rows) == mp.inf:
        return None
    total = sum(real(row.weight) ** 2 * surprise_variance(row) for row in rows)
    return mp.sqrt(total) / real(weight_of(rows))


def marginal_kl(rows: Sequence[Row]) -> Real:
    """KL(pi || mean q) = sum pi log pi - sum pi log mean q; infinite if a class seen is never forecast."""
    pairs = zip(label_shares(rows), forecast_shares(rows), strict=True)
    return add(real(pi) * x for pi, q in pairs if pi > 0 for x in (log(pi), -mp.log(q)))


def normalized_entropy(rows: Sequence[Row]) -> Real:
    """log_loss / label_entropy; None if all labels are of one class."""
    return log_loss(rows) / label_entropy(rows) if label_entropy(rows) else None


def skill(rows: Sequence[Row]) -> Real:
    """1 - log_loss / label_entropy; None if all labels are of one class, or with infinite rows."""
    ratio = normalized_entropy(rows)
    return None if ratio in (None, mp.inf) else add([mp.one, -ratio])


# --- accuracy, Brier score, calibration of the top class -------------------------------------------------


def accuracy_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Mean [top class = label], sqrt(p(1-p)/n_eff), and the Wilson interval with n_eff."""
    p, n_eff = share([row for row in rows if row.correct], rows), effective_rows(rows)
    low, high = wilson(p, n_eff)
    se = mp.sqrt(real(p * (1 - p) / n_eff))
    return {"accuracy": p, "accuracy_se": se, "accuracy_low": low, "accuracy_high": high}


def wilson(p: Fraction, n: Fraction) -> tuple[Real, Real]:
    """The solutions x of (p - x)^2 = z^2 x(1-x)/n, z = 1.959964."""
    share, size = real(p), real(n)
    centre = share + Z_95**2 / (2 * size)
    half = Z_95 * mp.sqrt(share * (1 - share) / size + Z_95**2 / (4 * size**2))
    scale = 1 + Z_95**2 / size
    return add([centre, -half]) / scale, (centre + half) / scale


def brier_metrics(rows: Sequence[Row]) -> dict[str, Real]:
    """Mean sum_k (t - q)^2, halved for K = 2."""
    values = [brier(row) for row in rows]
    return with_interval("brier", mean(rows, values), standard_error(rows, values))


def brier(row: Row) -> Real:
    """sum_k (t_k - q_k)^2 of the forecast that is scored, halved for K = 2."""
    misses = [one_minus_exp(x) if k == row.label else mp.exp(x) for k, x in enumerate(row.log_scored)]
    return sum(miss**2 for miss in misses) / (2 if len(misses) == 2 else 1)


def ece(rows: Sequence[Row]) -> Real:
    """Sum over bins of |sum w (correct - confidence)| / W, confidence = max q / sum q."""
    bins: list[list[Real]] = [[] for _ in range(ECE_BINS)]
    for row in rows:
        bins[confidence_bin(row)].append(real(row.weight) * confidence_gap(row))
    return sum(abs(add(gaps)) for gaps in bins) / real(weight_of(rows))


def confidence_bin(row: Row) -> int:
    """The b of b/15 <= confidence < (b+1)/15, the last bin closed; both sides of a comparison are float64."""
    confidence = float(mp.exp(row.log_r[row.top]))
    return max(b for b in range(ECE_BINS) if b / ECE_BINS <= confidence)


def confidence_gap(row: Row) -> Real:
    """[top class = label] - confidence."""
    return one_minus_exp(row.log_r[row.top]) if row.correct else -mp.exp(row.log_r[row.top])


# --- classes ---------------------------------------------------------------------------------------------


def of_class(rows: Sequence[Row], k: int) -> list[Row]:
    """The rows whose label is class k."""
    return [row for row in rows if row.label == k]


def class_metrics(rows: Sequence[Row], k: int, predicted_share: Real) -> dict[str, Real]:
    """The line of class k in the per-class table; what needs rows it does not have is None."""
    labelled = of_class(rows, k)
    forecast = [row for row in rows if row.top == k]
    hits = [row for row in labelled if row.correct]
    return {
        "rows": len(labelled),
        "share": share(labelled, rows),
        "predicted_share": predicted_share,
        "log_loss": log_loss(labelled) if labelled else None,
        "contribution": total_log_loss(labelled) / real(weight_of(rows)),
        "recall": share(hits, labelled) if labelled else None,
        "precision": share(hits, forecast) if forecast else None,
    }


# --- the breakdown of two classes ------------------------------------------------------------------------


def corp(
    labels: Sequence[int], p: Sequence[Number], weights: Sequence[float] | None = None
) -> dict[str, float | int | None]:
    """Uncertainty, discrimination and miscalibration of two classes (Dimitriadis, Gneiting & Jordan 2021).

    S_r is the loss of the isotonic recalibration of p = P(class 1): uncertainty = H(pi),
    discrimination = H(pi) - S_r, miscalibration = log_loss - S_r.
    """
    rows = read_rows(labels, two_class_rows(p), "probability", weights, None, False)
    rows = [row for row in rows if row.weight > 0]
    recalibrated = sum(block.loss() for block in isotonic(rows)) / real(weight_of(rows))
    return {
        "uncertainty": rounded(label_entropy(rows)),
        "discrimination": rounded(add([label_entropy(rows), -recalibrated])),
        "miscalibration": rounded(add([log_loss(rows), -recalibrated])),
    }


@dataclass(frozen=True)
class Block:
    """Rows that get one recalibrated probability: their weight, and the weight of those of class 1."""

    weight: Fraction
    ones: Fraction

    def rate(self) -> Fraction:
        return self.ones / self.weight

    def loss(self) -> Real:
        """Total loss of forecasting the block's own rate, 0 log 0 = 0."""
        parts = [(self.ones, self.rate()), (self.weight - self.ones, 1 - self.rate())]
        return -sum(real(weight) * log(p) for weight, p in parts if weight > 0)

    def joined(self, other: Block) -> Block:
        return Block(self.weight + other.weight, self.ones + other.ones)


def isotonic(rows: Sequence[Row]) -> list[Block]:
    """Pool adjacent violators: rows of equal forecast first, then neighbours whose rates do not increase."""
    blocks: list[Block] = []
    for forecast in sorted({row.scores[1] for row in rows}):
        tied = [row for row in rows if row.scores[1] == forecast]
        blocks.append(Block(weight_of(tied), weight_of(of_class(tied, 1))))
        while len(blocks) > 1 and blocks[-2].rate() >= blocks[-1].rate():
            last = blocks.pop()
            blocks[-1] = blocks[-1].joined(last)
    return blocks
