"""The table of numbers: name, unit, and what each means. One source for tables, files and explanations."""

from __future__ import annotations

from msgspec import Struct


class Metric(Struct, frozen=True):
    """A number that `xent` reports.

    `unit` is "info" (an amount of information, in the unit asked for), "count", or "" for a plain number.
    """

    name: str
    title: str  # how a table calls it
    unit: str
    meaning: str  # a few words for the table
    formula: str


_I, _C, _N = "info", "count", ""


def _table(*metrics: Metric) -> dict[str, Metric]:
    return {metric.name: metric for metric in metrics}


METRICS: dict[str, Metric] = _table(
    Metric("log_loss", "log loss", _I, "mean of -log(predicted probability of the true class)", "sum w l / sum w"),
    Metric("log_loss_se", "log loss, standard error", _I, "sampling error of the log loss",
           "sqrt(n/(n-1) sum w^2 (l - log_loss)^2) / sum w"),
    Metric("log_loss_low", "log loss, lower", _I, "lower end of its 95 % interval", "log_loss - 1.959964 se"),
    Metric("log_loss_high", "log loss, upper", _I, "upper end of its 95 % interval", "log_loss + 1.959964 se"),
    Metric("total_log_loss", "total log loss", _I, "negative log-likelihood of the file", "sum w l"),
    Metric("log_loss_finite", "log loss, finite rows", _I, "mean over the rows of finite loss",
           "sum w l / sum w over rows with l < inf"),
    Metric("infinite_rows", "infinite rows", _C, "rows whose true class was given probability 0",
           "rows with l = inf"),
    Metric("macro_log_loss", "macro log loss", _I, "mean over classes, each counted alike",
           "plain mean of the log losses per class"),
    Metric("loss_p50", "median loss", _I, "median of the row losses", "quantile of l, grid of 0.2 %"),
    Metric("loss_p90", "90th percentile", _I, "of the row losses", "quantile of l, grid of 0.2 %"),
    Metric("loss_p99", "99th percentile", _I, "of the row losses", "quantile of l, grid of 0.2 %"),
    Metric("loss_max", "largest loss", _I, "loss of the worst row", "max l"),
    Metric("worst_1pct_share", "loss of the worst 1 %", _N, "their share of the total loss",
           "loss of the worst 1 % of the weight / total, grid of 0.2 %"),
    Metric("perplexity", "perplexity", _N, "like guessing among so many equal classes", "e^log_loss in nats"),
    Metric("bits_per_byte", "bits per byte", "bits", "of text, whatever the tokens",
           "total_log_loss in bits / sum of bytes"),
    Metric("target_entropy", "target entropy", _I, "uncertainty inside the targets; 0 for plain labels",
           "mean of -sum t log t"),
    Metric("kl_divergence", "KL divergence", _I, "information lost against perfect predictions",
           "log_loss - target_entropy = mean KL(t || q)"),
    Metric("label_entropy", "label entropy", _I, "log loss of always predicting the class frequencies",
           "-sum pi log pi, pi = mean t"),
    Metric("predictive_entropy", "predictive entropy", _I, "the log loss that the predictions expect",
           "mean of -sum q log q"),
    Metric("overconfidence", "overconfidence", _I, "log loss beyond what the predictions expect",
           "log_loss - predictive_entropy"),
    Metric("overconfidence_se", "overconfidence, standard error", _I, "its error if the predictions were right",
           "sqrt(sum w^2 (sum q log^2 q - H(q)^2)) / sum w"),
    Metric("overconfidence_z", "overconfidence, z", _N, "beyond 2 or 3: not chance",
           "overconfidence / overconfidence_se"),
    Metric("marginal_kl", "marginal KL", _I, "lost by a wrong average prediction", "KL(pi || mean q)"),
    Metric("skill", "skill", _N, "share of the label entropy explained",
           "1 - log_loss / label_entropy (D^2, McFadden's R^2)"),
    Metric("normalized_entropy", "normalized entropy", _N, "log loss as a share of the label entropy",
           "log_loss / label_entropy"),
    Metric("prior_log_loss", "loss of the prior", _I, "log loss of always predicting the prior",
           "-sum pi log prior"),
    Metric("prior_gap", "gap to the prior", _I, "how far the class mix is from the prior",
           "KL(pi || prior) = prior_log_loss - label_entropy"),
    Metric("accuracy", "accuracy", _N, "share of rows whose predicted class is right",
           "mean [top class = label], first class wins a tie"),
    Metric("accuracy_se", "accuracy, standard error", _N, "sampling error of the accuracy",
           "sqrt(a (1 - a) / n_eff), n_eff = (sum w)^2 / sum w^2"),
    Metric("accuracy_low", "accuracy, lower", _N, "lower end of its 95 % interval", "Wilson, n_eff"),
    Metric("accuracy_high", "accuracy, upper", _N, "upper end of its 95 % interval", "Wilson, n_eff"),
    Metric("brier", "Brier score", _N, "mean squared error of the probabilities",
           "mean of sum (t - q)^2, halved for two classes"),
    Metric("brier_se", "Brier, standard error", _N, "sampling error of the Brier score", "as log_loss_se"),
    Metric("brier_low", "Brier, lower", _N, "lower end of its 95 % interval", "brier - 1.959964 se"),
    Metric("brier_high", "Brier, upper", _N, "upper end of its 95 % interval", "brier + 1.959964 se"),
    Metric("brier_skill", "Brier skill", _N, "share of the Brier score of the class mix saved",
           "1 - brier / brier of the class mix"),
    Metric("balanced_accuracy", "balanced accuracy", _N, "mean of the recalls of the classes",
           "plain mean of recall over classes with rows"),
    Metric("macro_f1", "macro F1", _N, "mean of the F1 scores of the classes",
           "plain mean of f1 over classes with rows or predictions"),
    Metric("mcc", "Matthews correlation", _N, "correlation of label and predicted class",
           "(W sum h - sum t p) / sqrt((W^2 - sum t^2) (W^2 - sum p^2)), by class: t rows, p predicted, h hits"),
    Metric("cohen_kappa", "Cohen's kappa", _N, "accuracy beyond what chance agreement gives",
           "(accuracy - e) / (1 - e), e = sum t p / W^2 over classes"),
    Metric("auc", "AUC", _N, "chance that a row of the second class is ranked above one of the first",
           "sum over log-odds of pos (neg below + neg / 2) / (P N)"),
    Metric("auc_se", "AUC, standard error", _N, "sampling error of the AUC",
           "sqrt(P/(P-1) sum w^2 (V - AUC)^2 / (sum w)^2 over class 1 + likewise over class 0), V placements"),
    Metric("auc_low", "AUC, lower", _N, "lower end of its 95 % interval",
           "logit AUC - 1.959964 se / (AUC (1 - AUC)), as a share"),
    Metric("auc_high", "AUC, upper", _N, "upper end of its 95 % interval",
           "logit AUC + 1.959964 se / (AUC (1 - AUC)), as a share"),
    Metric("auc_error_bound", "AUC, bound of cells", _N, "how far off it may be; 0: exact",
           "sum over cells of pos neg / (2 P N)"),
    Metric("average_precision", "average precision", _N, "mean precision over the recalls of the second class",
           "sum over falling log-odds of (recall gained) precision"),
    Metric("top_2_accuracy", "top-2 accuracy", _N, "share of rows whose class is one of the two most probable",
           "mean [classes above the label < 2], those before it in a tie above it"),
    Metric("top_3_accuracy", "top-3 accuracy", _N, "share of rows whose class is one of the three most probable",
           "mean [classes above the label < 3], likewise"),
    Metric("top_5_accuracy", "top-5 accuracy", _N, "share of rows whose class is one of the five most probable",
           "mean [classes above the label < 5], likewise"),
    Metric("rps", "RPS", _N, "mean squared error of the cumulative probabilities of ordered classes",
           "mean of sum (Q_k - T_k)^2 / (K - 1) over k < K, Q and T the sums of q and t up to class k"),
    Metric("rps_se", "RPS, standard error", _N, "sampling error of the RPS", "as log_loss_se"),
    Metric("ece", "ECE", _N, "mean gap of confidence and accuracy",
           "sum over bins of share |accuracy - mean confidence|, top class"),
    Metric("row_sum_effect", "row sum effect", _I, "what --normalize would add to the log loss",
           "mean log(sum of q)"),
    Metric("rows", "rows", _C, "rows of positive weight", "n"),
    Metric("skipped_rows", "skipped rows", _C, "rows left out for a missing value", "count"),
    Metric("ignored_rows", "ignored rows", _C, "rows left out by their label", "count"),
    Metric("filtered_rows", "filtered rows", _C, "rows left out by --where", "count"),
    Metric("zero_weight_rows", "rows of weight 0", _C, "checked, but not scored", "count"),
    Metric("ties", "ties", _C, "rows with two equally probable top classes", "count"),
)  # fmt: skip

PER_CLASS: dict[str, Metric] = _table(
    Metric("rows", "rows", _C, "rows of this class", "count"),
    Metric("share", "share", _N, "share of the weight", "sum w of the class / sum w"),
    Metric("predicted_share", "mean predicted", _N, "mean probability of this class", "mean q"),
    Metric("log_loss", "log loss", _I, "mean loss of its rows", "sum w l / sum w over its rows"),
    Metric("contribution", "contribution", _I, "its part of the log loss; the parts add up",
           "sum w l over its rows / sum w"),
    Metric("recall", "recall", _N, "share of its rows predicted as such", "rows right / rows of this class"),
    Metric("precision", "precision", _N, "share right of the rows predicted as it",
           "rows right / rows where it is the top class"),
    Metric("f1", "F1", _N, "recall and precision as one number",
           "2 rows right / (rows of it + rows predicted as it)"),
)  # fmt: skip

BREAKDOWN: dict[str, Metric] = _table(
    Metric("uncertainty", "label entropy", _I, "log loss of always predicting the class frequencies",
           "H(pi) = -sum pi log pi"),
    Metric("discrimination", "discrimination", _I, "learned: what the predictions explain of the labels",
           "uncertainty - refinement = I(Y; prediction)"),
    Metric("refinement", "refinement", _I, "remaining: the log loss once recalibrated",
           "S, the log loss of the recalibrated predictions"),
    Metric("miscalibration", "miscalibration", _I, "wasted by wrong probabilities, recoverable",
           "log_loss - S = E KL(P(Y | prediction) || prediction)"),
    Metric("p_value", "calibration test, p", _N, "below 0.05: more miscalibrated than chance makes it",
           "two classes: exp(-u' V^-1 u / 2); more: erfc(|overconfidence_z| / sqrt 2)"),
    Metric("rows", "rows fitted", _C, "rows that the recalibration was fitted to", "count"),
    Metric("error_bound", "bound of cells", _I, "miscalibration and discrimination may be so much higher",
           "S on cells - S with class 0 first in each cell; 0: exact"),
)  # fmt: skip

BRIER_BREAKDOWN: dict[str, Metric] = _table(
    Metric("uncertainty", "uncertainty", _N, "Brier score of always predicting the class frequencies",
           "pi (1 - pi)"),
    Metric("discrimination", "discrimination", _N, "learned: what the predictions explain of the labels",
           "uncertainty - refinement"),
    Metric("refinement", "refinement", _N, "remaining: the Brier score once recalibrated",
           "S, the Brier score of the isotonic fit"),
    Metric("miscalibration", "miscalibration", _N, "wasted by wrong probabilities, recoverable", "brier - S"),
    Metric("error_bound", "bound of cells", _N, "miscalibration and discrimination may be so much higher",
           "S on cells - S with class 0 first in each cell; 0: exact"),
)  # fmt: skip

CALIBRATION: dict[str, Metric] = _table(
    Metric("temperature", "best temperature", _N, "above 1: overconfident; below 1: underconfident",
           "the T of least log loss of q^(1/T) / sum q^(1/T)"),
    Metric("log_loss_at_temperature", "log loss at that temperature", _I, "fitted to these rows (in-sample)",
           "log loss of q^(1/T) / sum q^(1/T)"),
    Metric("offset", "best offset", _N, "added to the log-odds of the second of two classes",
           "the b of least log loss of sigmoid(log-odds + b)"),
    Metric("log_loss_at_offset", "log loss at that offset", _I, "fitted to these rows (in-sample)",
           "log loss of sigmoid(log-odds + b)"),
    Metric("log_loss_at_slope_offsets", "log loss at slope, offsets", _I, "fitted to these rows (in-sample)",
           "log loss of softmax(log q / T + b)"),
)  # fmt: skip

CHAIN: dict[str, Metric] = _table(
    Metric("top", "certainty of the top class", _I, "log loss of \"is the predicted class right?\"",
           "mean of -log q_top if right, else -log(1 - q_top)"),
    Metric("rest", "choice among the rest", _I, "log loss of \"which class, if not?\"", "log_loss - top"),
)  # fmt: skip

CONFUSIONS: dict[str, Metric] = _table(
    Metric("rows", "rows", _C, "rows of one class whose top class is another", "count"),
    Metric("contribution", "contribution", _I, "their part of the log loss", "sum w l over them / sum w"),
    Metric("share", "of the loss", _N, "the same as a share of the log loss", "contribution / log_loss"),
)  # fmt: skip

RELIABILITY: dict[str, Metric] = _table(
    Metric("low", "from", _N, "lower end of the bin of confidence", "i / 15"),
    Metric("high", "to", _N, "upper end, which only the last bin includes", "(i + 1) / 15"),
    Metric("rows", "rows", _C, "rows whose top class has such a probability", "count"),
    Metric("confidence", "mean", _N, "mean probability of their top class", "mean q_top"),
    Metric("accuracy", "accuracy", _N, "share of them whose top class is right", "mean [top class = label]"),
)  # fmt: skip

RELIABILITY_CURVE: dict[str, Metric] = _table(
    Metric("prediction", "prediction", _N, "predicted probability of the event", "q"),
    Metric("share", "share", _N, "how often the event happened, by isotonic regression",
           "weighted mean [event] of the rows that pool-adjacent-violators puts together"),
    Metric("low", "band from", _N, "5 % of such curves lie below, if predictions are right",
           "5 % quantile of 999 fits to labels drawn from the predictions"),
    Metric("high", "band to", _N, "5 % of such curves lie above, if predictions are right",
           "95 % quantile of 999 fits to labels drawn from the predictions"),
)  # fmt: skip

COMPARISON: dict[str, Metric] = _table(
    Metric("difference", "new - base", _I, "mean of what NEW loses more than BASE, row by row",
           "sum w d / sum w, d = l_new - l_base"),
    Metric("t", "t", _N, "the difference in standard errors", "difference / se"),
    Metric("p_value", "p", _N, "below 0.05: a difference beyond chance",
           "P(|T| >= |t|), T of Student's t with n - 1 df, or clusters - 1"),
    Metric("wins", "wins", _C, "rows where NEW loses less", "rows with d < 0"),
    Metric("losses", "losses", _C, "rows where NEW loses more", "rows with d > 0"),
    Metric("ties", "ties", _C, "rows where both lose the same", "rows with d = 0"),
    Metric("detectable_difference", "smallest detectable", _I, "with power 80 % at alpha 0.05",
           "2.8016 se"),
)  # fmt: skip

RANKING: dict[str, Metric] = _table(
    Metric("rank_low", "best rank", _N, "no better than this: 1 + models shown better", "1 + models shown better"),
    Metric("rank_high", "worst rank", _N, "no worse than this: models - those shown worse",
           "models - models shown worse"),
    Metric("may_be_best", "may be best", _N, "1: no other model is shown to be better; else 0",
           "(models - 1) min p > 1 - level, p one-sided, of each other model"),
    Metric("p_holm", "p (Holm)", _N, "p, raised because so many models are compared",
           "Holm's step-down over all tests of the table"),
)  # fmt: skip

METHODS: dict[str, Metric] = _table(
    Metric("log_loss_in_sample", "in-sample", _I, "log loss after the recalibration, on the rows it is fitted to",
           "mean loss of the recalibrated predictions"),
    Metric("log_loss_cross_fitted", "held out", _I, "log loss after it, by a fit that has not seen the row",
           "mean loss, each fold predicted by a fit to the others"),
    Metric("gain", "gain", _I, "what the recalibration saves on rows that its fit has not seen",
           "mean(stated loss - out-of-fold loss)"),
    Metric("gain_se", "gain, standard error", _I, "paired sampling error of the gain",
           "as log_loss_se, of the differences"),
    Metric("gain_low", "at least", _I, "what it saves at least, at 95 %",
           "gain - 1.645 sqrt(gain_se^2 + ((in-sample gain - gain) / 2)^2)"),
)  # fmt: skip

DIVERGENCE: dict[str, Metric] = _table(
    Metric("kl", "KL divergence", _I, "information lost where NEW takes the place of BASE",
           "mean KL(P || Q) = mean of sum P log(P / Q) - P + Q"),
    Metric("kl_se", "KL divergence, standard error", _I, "sampling error of the KL divergence",
           "sqrt(n/(n-1) sum w^2 (x - kl)^2) / sum w, x the KL divergence of a row"),
    Metric("kl_low", "KL divergence, lower", _I, "lower end of its 95 % interval", "kl - 1.959964 se, 0 at least"),
    Metric("kl_high", "KL divergence, upper", _I, "upper end of its 95 % interval", "kl + 1.959964 se"),
    Metric("kl_finite", "KL divergence, finite rows", _I, "mean over the rows of finite KL divergence",
           "sum w x / sum w over rows with x < inf"),
    Metric("infinite_rows", "infinite rows", _C, "rows where NEW gives probability 0 to what BASE does not",
           "rows with P_k > 0 = Q_k for a class k"),
    Metric("kl_p50", "median KL divergence", _I, "median of the rows", "quantile of x, grid of 0.2 %"),
    Metric("kl_p90", "90th percentile of KL divergence", _I, "of the rows", "quantile of x, grid of 0.2 %"),
    Metric("kl_p99", "99th percentile of KL divergence", _I, "of the rows", "quantile of x, grid of 0.2 %"),
    Metric("kl_p999", "99.9th percentile of KL divergence", _I, "of the rows", "quantile of x, grid of 0.2 %"),
    Metric("kl_max", "largest KL divergence", _I, "that of the row that moved most", "max x"),
    Metric("kl_reverse", "reverse KL divergence", _I, "information lost where BASE takes the place of NEW",
           "mean KL(Q || P)"),
    Metric("js", "Jensen-Shannon divergence", _I, "of each model from the mean of both",
           "mean of (KL(P || M) + KL(Q || M)) / 2, M = (P + Q) / 2"),
    Metric("tv", "total variation", _N, "share of the probability that moved to other classes",
           "mean of sum |P - Q| / 2"),
    Metric("max_dp", "largest change of a probability", _N, "of any class in any row", "max |Q_k - P_k|"),
    Metric("same_top", "same top class", _N, "share of rows with the same predicted class",
           "mean [top class of P = top class of Q]"),
    Metric("same_top_se", "same top class, standard error", _N, "sampling error of that share",
           "sqrt(p (1 - p) / n), n = (sum w)^2 / sum w^2"),
    Metric("same_top_low", "same top class, lower", _N, "lower end of its 95 % interval", "Wilson's interval"),
    Metric("same_top_high", "same top class, upper", _N, "upper end of its 95 % interval", "Wilson's interval"),
    Metric("entropy_change", "change of entropy", _I, "above 0: NEW is less certain than BASE",
           "mean of H(Q) - H(P)"),
    Metric("dp", "change of p of the label", _N, "mean change of the probability of the true class",
           "mean of Q_y - P_y"),
    Metric("dp_se", "change of p, standard error", _N, "sampling error of that mean", "as kl_se, of Q_y - P_y"),
    Metric("dp_rms", "change of p, root mean square", _N, "typical size of the change",
           "sqrt(mean of (Q_y - P_y)^2)"),
    Metric("log_loss_base", "log loss of BASE", _I, "on these rows", "mean of -log P_y"),
    Metric("log_loss_new", "log loss of NEW", _I, "on these rows", "mean of -log Q_y"),
    Metric("log_loss_difference", "log loss, new - base", _I, "mean of what NEW loses more, row by row",
           "mean of d = l_new - l_base"),
    Metric("log_loss_difference_se", "log loss, new - base, standard error", _I, "paired sampling error",
           "as kl_se, of d"),
    Metric("log_loss_difference_low", "log loss, new - base, lower", _I, "lower end of its 95 % interval",
           "difference - t se, Student's t"),
    Metric("log_loss_difference_high", "log loss, new - base, upper", _I, "upper end of its 95 % interval",
           "difference + t se, Student's t"),
    Metric("perplexity_base", "perplexity of BASE", _N, "on these rows", "e^log_loss_base in nats"),
    Metric("perplexity_new", "perplexity of NEW", _N, "on these rows", "e^log_loss_new in nats"),
    Metric("perplexity_ratio", "perplexity, new / base", _N, "above 1: NEW is worse",
           "e^log_loss_difference in nats"),
    Metric("perplexity_ratio_low", "perplexity ratio, lower", _N, "lower end of its 95 % interval",
           "e^log_loss_difference_low in nats"),
    Metric("perplexity_ratio_high", "perplexity ratio, upper", _N, "upper end of its 95 % interval",
           "e^log_loss_difference_high in nats"),
    Metric("rows", "rows", _C, "rows of positive weight", "count"),
    Metric("skipped_rows", "skipped rows", _C, "left out for a missing value", "count"),
    Metric("filtered_rows", "filtered rows", _C, "left out by --where", "count"),
    Metric("zero_weight_rows", "rows of weight 0", _C, "that change no number", "count"),
)  # fmt: skip

TABLES: dict[str, dict[str, Metric]] = {
    "metrics": METRICS,
    "breakdown": BREAKDOWN,
    "brier_breakdown": BRIER_BREAKDOWN,
    "calibration": CALIBRATION,
    "chain": CHAIN,
    "per_class": PER_CLASS,
    "confusions": CONFUSIONS,
    "reliability": RELIABILITY,
    "reliability_curve": RELIABILITY_CURVE,
    "comparison": COMPARISON,
    "ranking": RANKING,
    "methods": METHODS,
    "divergence": DIVERGENCE,
}

UNITS: dict[str, str] = {"weight": _N} | {
    name: metric.unit
    for table in TABLES.values()
    if table is not BRIER_BREAKDOWN  # plain numbers of names that are amounts of information elsewhere
    for name, metric in table.items()
}
