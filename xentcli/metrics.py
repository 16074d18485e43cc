"""The table of numbers: name, unit, and what each means. One source for tables, files and explanations."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A number that `xent` reports.

    `unit` is "info" (an amount of information, in the unit asked for), "count", or "" for a plain number.
    """

    name: str
    title: str  # how a table calls it
    unit: str
    meaning: str  # a few words for the table
    formula: str


_I, _C, _N = "info", "count", ""

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("log_loss", "log loss", _I, "mean of -log(probability of what happened)", "sum w l / sum w"),
        Metric("log_loss_se", "log loss, standard error", _I, "sampling error of the log loss",
               "sqrt(n/(n-1) sum w^2 (l - log_loss)^2) / sum w"),
        Metric("log_loss_low", "log loss, lower", _I, "lower end of its 95 % interval", "log_loss - 1.959964 se"),
        Metric("log_loss_high", "log loss, upper", _I, "upper end of its 95 % interval", "log_loss + 1.959964 se"),
        Metric("total_log_loss", "total log loss", _I, "negative log-likelihood of the file", "sum w l"),
        Metric("log_loss_finite", "log loss, finite rows", _I, "mean over the rows of finite loss",
               "sum w l / sum w over rows with l < inf"),
        Metric("infinite_rows", "infinite rows", _C, "rows whose true class was given probability 0",
               "rows with l = inf"),
        Metric("macro_log_loss", "macro log loss", _I, "every class counted alike",
               "plain mean of the log losses per class"),
        Metric("loss_p50", "median loss", _I, "half of the rows lose no more", "quantile of l, grid of 0.2 %"),
        Metric("loss_p90", "90 % loss", _I, "nine rows in ten lose no more", "quantile of l, grid of 0.2 %"),
        Metric("loss_p99", "99 % loss", _I, "99 rows in 100 lose no more", "quantile of l, grid of 0.2 %"),
        Metric("loss_max", "largest loss", _I, "the row that was punished most", "max l"),
        Metric("worst_1pct_share", "worst 1 % carry", _N, "share of the loss in the worst 1 % of rows",
               "loss of the worst 1 % of the weight / total, grid of 0.2 %"),
        Metric("perplexity", "perplexity", _N, "as unsure as a fair choice among so many", "e^log_loss in nats"),
        Metric("bits_per_byte", "bits per byte", "bits", "of text, whatever the tokens",
               "total_log_loss in bits / sum of bytes"),
        Metric("target_entropy", "target entropy", _I, "uncertainty inside the targets; 0 for plain labels",
               "mean of -sum t log t"),
        Metric("kl_divergence", "KL divergence", _I, "information wasted against perfect forecasts",
               "log_loss - target_entropy = mean KL(t || q)"),
        Metric("label_entropy", "label entropy", _I, "always forecasting the class mix costs this",
               "-sum pi log pi, pi = mean t"),
        Metric("predictive_entropy", "predictive entropy", _I, "the loss that the forecasts expect",
               "mean of -sum q log q"),
        Metric("overconfidence", "overconfidence", _I, "loss beyond what the forecasts expected",
               "log_loss - predictive_entropy"),
        Metric("overconfidence_se", "overconfidence, standard error", _I, "its error if the forecasts were right",
               "sqrt(sum w^2 (sum q log^2 q - H(q)^2)) / sum w"),
        Metric("overconfidence_z", "overconfidence, z", _N, "beyond 2 or 3: not chance",
               "overconfidence / overconfidence_se"),
        Metric("marginal_kl", "marginal KL", _I, "wasted by a wrong class mix on average",
               "KL(pi || mean q)"),
        Metric("skill", "skill", _N, "share of the label entropy saved",
               "1 - log_loss / label_entropy (D^2, McFadden's R^2)"),
        Metric("normalized_entropy", "normalized entropy", _N, "log loss as a share of the label entropy",
               "log_loss / label_entropy"),
        Metric("accuracy", "accuracy", _N, "share of rows whose top class is right",
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
        Metric("ece", "ECE", _N, "mean gap of confidence and accuracy",
               "sum over bins of share |accuracy - mean confidence|, top class"),
        Metric("row_sum_effect", "row sum effect", _I, "what --normalize would add to the log loss",
               "mean log(sum of q)"),
        Metric("rows", "rows", _C, "rows of positive weight", "n"),
        Metric("skipped_rows", "skipped rows", _C, "rows left out for a missing value", "count"),
        Metric("ignored_rows", "ignored rows", _C, "rows left out by their label", "count"),
        Metric("zero_weight_rows", "rows of weight 0", _C, "checked, but not scored", "count"),
        Metric("ties", "ties", _C, "rows whose top class is shared", "count"),
    )
}  # fmt: skip

PER_CLASS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("rows", "rows", _C, "rows of this class", "count"),
        Metric("share", "share", _N, "share of the weight", "sum w of the class / sum w"),
        Metric("predicted_share", "forecast", _N, "mean probability given to this class", "mean q"),
        Metric("log_loss", "log loss", _I, "mean loss of its rows", "sum w l / sum w over its rows"),
        Metric("contribution", "adds", _I, "its part of the log loss; the parts add up",
               "sum w l over its rows / sum w"),
        Metric("recall", "recall", _N, "share of its rows found", "rows right / rows of this class"),
        Metric("precision", "precision", _N, "share right where it is the top class",
               "rows right / rows where it is the top class"),
    )
}  # fmt: skip

UNITS: dict[str, str] = {name: metric.unit for name, metric in (METRICS | PER_CLASS).items()}
