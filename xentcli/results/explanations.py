"""What the metrics of a result mean, in plain words. Only `xent explain` loads these texts."""

from __future__ import annotations

from msgspec import Struct


class Explanation(Struct, frozen=True):
    """One number, in plain words; its title, unit and formula stand in `xentcli.results.metrics`."""

    text: str
    range: str
    caveats: str
    source: str
    see: tuple[str, ...] = ()


SHANNON = "Shannon 1948, A mathematical theory of communication"
KULLBACK = "Kullback & Leibler 1951, On information and sufficiency"
GOOD = "Good 1952, Rational decisions"
WILSON = "Wilson 1927, Probable inference, the law of succession, and statistical inference"
BRIER = "Brier 1950, Verification of forecasts expressed in terms of probability"
MCFADDEN = "McFadden 1974, Conditional logit analysis of qualitative choice behavior"
NAEINI = "Naeini, Cooper & Hauskrecht 2015, Obtaining well calibrated probabilities using Bayesian binning"
SAMPLING = "the standard error of a weighted mean, with n / (n - 1)"
COUNTED = "a count of rows"

NONE = "none"
INFINITE = "infinite with any row of infinite loss"
LOSS = ">= 0, lower is better"
SHARE = "0 to 1"
GRID = "the largest loss seen in a cell of 0.2 %, so at most that much too large"

METRIC_TEXTS: dict[str, Explanation] = {
    "metrics.log_loss": Explanation(
        "How surprised the forecasts were by what happened: the mean of -log of the probability that they gave it. 0 is "
        "perfect; always forecasting the class mix costs the label entropy. It is the cross-entropy of labels and "
        "forecasts, and the negative log-likelihood of a row: in bits, the length of a code built from the forecasts. "
        "As a proper scoring rule it is least, on average, for the forecaster who states what they believe, and it "
        "punishes a confident mistake without limit: 1 % for what happens costs 4.6 nats, 0.01 % twice that.",
        LOSS, f"{INFINITE}; a few confident mistakes can carry most of it (worst_1pct_share)", f"{GOOD}; {SHANNON}",
        ("miscalibration", "label_entropy", "skill", "accuracy"),
    ),
    "metrics.total_log_loss": Explanation(
        "The log loss summed over the rows, each times its weight: the negative log-likelihood of the file.",
        LOSS, "grows with the number of rows: compare files by log_loss", GOOD, ("log_loss",),
    ),
    "metrics.log_loss_finite": Explanation(
        "The log loss of the rows whose loss is finite: what is left to look at where it is infinite as a whole.",
        LOSS, "leaves out the worst rows, so it is no score to compare models by", "a mean over some of the rows",
        ("infinite_rows",),
    ),
    "metrics.infinite_rows": Explanation(
        "Rows where what happened was given probability 0. No other forecast can make up for one.",
        ">= 0, 0 is what you want", "often rounding in the file: write more digits, or logits; --clip limits the loss",
        COUNTED, ("log_loss_finite",),
    ),
    "metrics.macro_log_loss": Explanation(
        "The plain mean of the log losses of the classes, so that a rare class counts as much as a common one.",
        LOSS, "not a proper score of the file as it is; classes without rows are left out",
        "macro averaging, as for recall", ("log_loss",),
    ),
    "metrics.loss_p50": Explanation(
        "The median loss: half of the rows (by weight) lose no more.", LOSS, GRID, "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_p90": Explanation(
        "Nine rows in ten (by weight) lose no more.", LOSS, GRID, "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_p99": Explanation(
        "99 rows in 100 (by weight) lose no more; the tail beyond is where confident mistakes are.", LOSS,
        GRID, "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_max": Explanation(
        "The loss of the row that was punished most: the most confident mistake.", LOSS,
        f"{INFINITE}; xent worst lists such rows", "a maximum", ("worst_1pct_share",),
    ),
    "metrics.worst_1pct_share": Explanation(
        "How much of the loss sits in the worst hundredth of the rows. Near 0.01 the loss is spread evenly; near 1 a few "
        "confident mistakes are all of it.",
        SHARE, "null with rows of infinite loss, or without any loss; to 0.4 %, from a fine grid of losses",
        "a Lorenz curve of the losses, at 99 %", ("loss_max",),
    ),
    "metrics.perplexity": Explanation(
        "The log loss as a number of choices: as unsure as a fair choice among so many classes.",
        ">= 1, lower is better", f"{INFINITE}; does not depend on the unit",
        "Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks", ("log_loss",),
    ),
    "metrics.bits_per_byte": Explanation(
        "Bits of loss for each byte of text: comparable between language models whatever their tokens.",
        LOSS, "needs token log-probabilities and --bytes; always in bits", "the convention of byte-level language models",
        ("log_loss", "perplexity"),
    ),
    "metrics.target_entropy": Explanation(
        "How undecided the targets themselves are: no forecast can lose less. 0 for plain labels.",
        ">= 0", "with label smoothing it is the entropy of the smoothed labels", SHANNON, ("kl_divergence",),
    ),
    "metrics.kl_divergence": Explanation(
        "The information wasted by coding what happened with the forecasts instead of the true targets: bits lost to "
        "a wrong distribution. For plain labels it is the log loss.",
        LOSS, INFINITE, KULLBACK, ("target_entropy", "miscalibration"),
    ),
    "metrics.label_entropy": Explanation(
        "How undecided the labels are if nothing is known but how often each class occurs: the log loss of always "
        "forecasting the class mix. What there is to learn.",
        "0 (one class only) to log K", "of the file at hand: a sample with another class mix has another entropy",
        SHANNON, ("skill", "discrimination"),
    ),
    "metrics.predictive_entropy": Explanation(
        "The loss that the forecasts expect of themselves. If they are right, it is the log loss, but for chance.",
        "0 to log K", "low is sure, which is not the same as right", SHANNON, ("overconfidence",),
    ),
    "metrics.overconfidence": Explanation(
        "Log loss beyond what the forecasts expected of themselves: above 0 they are too sharp, below too cautious.",
        "either sign, 0 is best", f"can be 0 though forecasts are wrong in both directions; {INFINITE}",
        "the difference of the log score and its expectation", ("overconfidence_z", "temperature"),
    ),
    "metrics.overconfidence_se": Explanation(
        "How far from 0 the overconfidence would typically be by chance, if the forecasts were right.",
        ">= 0", "null with rows of infinite loss, and with label smoothing", "the variance of -log q_Y when Y ~ q",
        ("overconfidence_z",),
    ),
    "metrics.overconfidence_z": Explanation(
        "The overconfidence in standard errors: standard normal if the forecasts are right, so beyond 2 or 3 it is no "
        "accident.",
        "either sign, near 0 is best", "null if every forecast is certain, and with rows of infinite loss",
        "a score test: Spiegelhalter 1986 does the same for the Brier score", ("overconfidence", "p_value"),
    ),
    "metrics.marginal_kl": Explanation(
        "The part of the waste that comes from forecasting some classes too often on average, and others too rarely.",
        LOSS, "0 does not mean calibrated; infinite if a class that occurs is never forecast", KULLBACK,
        ("miscalibration",),
    ),
    "metrics.skill": Explanation(
        "The share of the label entropy that the forecasts save: 1 is perfect, 0 no better than always forecasting the "
        "class mix, below 0 worse than that. With --prior it is measured against that mix.",
        "<= 1, higher is better", "null with one class only, and with rows of infinite loss",
        f"{MCFADDEN}: his R^2; scikit-learn's d2_log_loss_score", ("label_entropy", "prior_log_loss"),
    ),
    "metrics.normalized_entropy": Explanation(
        "The log loss as a share of the label entropy, so that data sets of different class mix can be compared.",
        ">= 0, below 1 is better than the class mix", "null with one class only",
        "He et al. 2014, Practical lessons from predicting clicks on ads at Facebook", ("skill",),
    ),
    "metrics.prior_log_loss": Explanation(
        "The log loss of always forecasting the prior given by --prior, such as the class mix of the training data.",
        ">= label entropy", "null without --prior; infinite if a class that occurs has a prior of 0",
        "Weka's class complexity, order 0", ("prior_gap", "skill"),
    ),
    "metrics.prior_gap": Explanation(
        "How far the class mix of this file is from the prior: what the shift of classes alone costs.",
        ">= 0", "null without --prior", KULLBACK, ("prior_log_loss",),
    ),
    "metrics.accuracy": Explanation(
        "The share of rows whose likeliest class is right. It asks which class is on top and not how sure the forecast "
        "is: 51 % and 99 % count alike, so two models of one accuracy can differ widely in log loss.",
        "0 to 1, higher is better", "first class wins a tie (see ties); flattered by a large class",
        "the share of hits", ("log_loss", "ece"),
    ),
    "metrics.brier": Explanation(
        "The mean squared distance of forecast and label: a proper scoring rule too, but one that punishes a confident "
        "mistake by 1 (2 for many classes) at most.",
        "0 to 1 (two classes) or 2, lower is better", "of two classes mean (p - y)^2; of more the sum over the classes",
        BRIER, ("log_loss",),
    ),
    "metrics.ece": Explanation(
        "The mean gap between how sure forecasts are of their top class and how often it is right, in 15 equal bins.",
        "0 to 1, lower is better", "depends on the bins, and is above 0 by chance: see p_value for a test",
        NAEINI, ("miscalibration", "reliability.accuracy"),
    ),
    "metrics.row_sum_effect": Explanation(
        "What dividing each row's probabilities by their sum would add to the log loss: rounding in the file.",
        "either sign, 0 is best", "above 1e-4 nats the file is refused: it would score better than the model is",
        "mean log sum q", ("log_loss",),
    ),
    "metrics.rows": Explanation("Rows of positive weight: those that are scored.", ">= 1", NONE, COUNTED),
    "metrics.skipped_rows": Explanation(
        "Rows left out by --missing skip, as a label or score is missing.", ">= 0",
        "leaving out hard rows flatters a model", COUNTED, ("ignored_rows",),
    ),
    "metrics.ignored_rows": Explanation(
        "Rows left out by --ignore-label.", ">= 0", NONE, COUNTED, ("skipped_rows",),
    ),
    "metrics.zero_weight_rows": Explanation(
        "Rows of weight 0: checked like all others, but not scored.", ">= 0", NONE, COUNTED,
    ),
    "metrics.ties": Explanation(
        "Rows in which two classes share the highest score; the first of them counts as the forecast.", ">= 0",
        "many of them make the accuracy hang on the order of the classes", COUNTED, ("accuracy",),
    ),
}  # fmt: skip

for _name, _what, _source in (
    ("log_loss", "log loss", SAMPLING), ("accuracy", "accuracy", WILSON), ("brier", "Brier score", SAMPLING),
):  # fmt: skip
    _see = (_name,)
    _few = "null for fewer than two rows" + (" and with rows of infinite loss" if _name == "log_loss" else "")
    METRIC_TEXTS[f"metrics.{_name}_se"] = Explanation(
        f"How far the {_what} of so many rows typically is from that of all rows there could be.", ">= 0",
        f"{_few}; rows that depend on one another need --cluster", _source, _see,
    )  # fmt: skip
    for _suffix, _side in (("low", "Lower"), ("high", "Upper")):
        METRIC_TEXTS[f"metrics.{_name}_{_suffix}"] = Explanation(
            f"{_side} end of the interval that holds the {_what} of all rows there could be 95 times in 100.",
            "as the number itself",
            f"{_few}; with --cluster Student's t takes the place of 1.96; very confident forecasts need many rows, as "
            "their costly mistakes are rare",
            _source, _see,
        )  # fmt: skip
