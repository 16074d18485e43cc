"""What every number of a result means, in plain words. Only `xent explain` loads these texts."""

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
BROECKER = "Broecker 2009, Reliability, sufficiency, and the decomposition of proper scores"
SIEGERT = "Siegert 2017, Simplifying and generalising Murphy's Brier score decomposition"
CORP = "Dimitriadis, Gneiting & Jordan 2021, Stable reliability diagrams for probabilistic classifiers (CORP)"
GUO = "Guo et al. 2017, On calibration of modern neural networks"
WILSON = "Wilson 1927, Probable inference, the law of succession, and statistical inference"
STUDENT = "Student 1908, The probable error of a mean"
COHEN = "Cohen 1988, Statistical power analysis for the behavioral sciences"
BRIER = "Brier 1950, Verification of forecasts expressed in terms of probability"
COX = "Cox 1958, Two further applications of a model for binary regression; Rao's score test, 1948"
MCFADDEN = "McFadden 1974, Conditional logit analysis of qualitative choice behavior"
NAEINI = "Naeini, Cooper & Hauskrecht 2015, Obtaining well calibrated probabilities using Bayesian binning"
SAMPLING = "the standard error of a weighted mean, with n / (n - 1)"
COUNTED = "a count of rows"

_NONE = "none"
_INFINITE = "infinite with any row of infinite loss"
_LOSS = ">= 0, lower is better"
_SHARE = "0 to 1"

EXPLANATIONS: dict[str, Explanation] = {
    "metrics.log_loss": Explanation(
        "How surprised the forecasts were by what happened: the mean of -log of the probability that they gave it. 0 is "
        "perfect; always forecasting the class mix costs the label entropy. It is the cross-entropy of labels and "
        "forecasts, and the negative log-likelihood of a row: in bits, the length of a code built from the forecasts. "
        "As a proper scoring rule it is least, on average, for the forecaster who states what they believe, and it "
        "punishes a confident mistake without limit: 1 % for what happens costs 4.6 nats, 0.01 % twice that.",
        _LOSS, f"{_INFINITE}; a few confident mistakes can carry most of it (worst_1pct_share)", f"{GOOD}; {SHANNON}",
        ("miscalibration", "label_entropy", "skill", "accuracy"),
    ),
    "metrics.total_log_loss": Explanation(
        "The log loss summed over the rows, each times its weight: the negative log-likelihood of the file.",
        _LOSS, "grows with the number of rows: compare files by log_loss", GOOD, ("log_loss",),
    ),
    "metrics.log_loss_finite": Explanation(
        "The log loss of the rows whose loss is finite: what is left to look at where it is infinite as a whole.",
        _LOSS, "leaves out the worst rows, so it is no score to compare models by", "a mean over some of the rows",
        ("infinite_rows",),
    ),
    "metrics.infinite_rows": Explanation(
        "Rows where what happened was given probability 0. No other forecast can make up for one.",
        ">= 0, 0 is what you want", "often rounding in the file: write more digits, or logits; --clip limits the loss",
        COUNTED, ("log_loss_finite",),
    ),
    "metrics.macro_log_loss": Explanation(
        "The plain mean of the log losses of the classes, so that a rare class counts as much as a common one.",
        _LOSS, "not a proper score of the file as it is; classes without rows are left out",
        "macro averaging, as for recall", ("log_loss",),
    ),
    "metrics.loss_p50": Explanation(
        "The median loss: half of the rows (by weight) lose no more.", _LOSS,
        "the largest loss seen in a cell of 0.2 %, so at most that much too large", "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_p90": Explanation(
        "Nine rows in ten (by weight) lose no more.", _LOSS,
        "the largest loss seen in a cell of 0.2 %, so at most that much too large", "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_p99": Explanation(
        "99 rows in 100 (by weight) lose no more; the tail beyond is where confident mistakes are.", _LOSS,
        "the largest loss seen in a cell of 0.2 %, so at most that much too large", "a weighted quantile", ("loss_max",),
    ),
    "metrics.loss_max": Explanation(
        "The loss of the row that was punished most: the most confident mistake.", _LOSS,
        f"{_INFINITE}; xent worst lists such rows", "a maximum", ("worst_1pct_share",),
    ),
    "metrics.worst_1pct_share": Explanation(
        "How much of the loss sits in the worst hundredth of the rows. Near 0.01 the loss is spread evenly; near 1 a few "
        "confident mistakes are all of it.",
        _SHARE, "null with rows of infinite loss, or without any loss; to 0.4 %, from a fine grid of losses",
        "a Lorenz curve of the losses, at 99 %", ("loss_max",),
    ),
    "metrics.perplexity": Explanation(
        "The log loss as a number of choices: as unsure as a fair choice among so many classes.",
        ">= 1, lower is better", f"{_INFINITE}; does not depend on the unit",
        "Jelinek et al. 1977, Perplexity: a measure of the difficulty of speech recognition tasks", ("log_loss",),
    ),
    "metrics.bits_per_byte": Explanation(
        "Bits of loss for each byte of text: comparable between language models whatever their tokens.",
        _LOSS, "needs token log-probabilities and --bytes; always in bits", "the convention of byte-level language models",
        ("log_loss", "perplexity"),
    ),
    "metrics.target_entropy": Explanation(
        "How undecided the targets themselves are: no forecast can lose less. 0 for plain labels.",
        ">= 0", "with label smoothing it is the entropy of the smoothed labels", SHANNON, ("kl_divergence",),
    ),
    "metrics.kl_divergence": Explanation(
        "The information wasted by coding what happened with the forecasts instead of the true targets: bits lost to "
        "a wrong distribution. For plain labels it is the log loss.",
        _LOSS, _INFINITE, KULLBACK, ("target_entropy", "miscalibration"),
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
        "either sign, 0 is best", f"can be 0 though forecasts are wrong in both directions; {_INFINITE}",
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
        _LOSS, "0 does not mean calibrated; infinite if a class that occurs is never forecast", KULLBACK,
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
    "metrics.rows": Explanation("Rows of positive weight: those that are scored.", ">= 1", _NONE, COUNTED),
    "metrics.skipped_rows": Explanation(
        "Rows left out by --missing skip, as a label or score is missing.", ">= 0",
        "leaving out hard rows flatters a model", COUNTED, ("ignored_rows",),
    ),
    "metrics.ignored_rows": Explanation(
        "Rows left out by --ignore-label.", ">= 0", _NONE, COUNTED, ("skipped_rows",),
    ),
    "metrics.zero_weight_rows": Explanation(
        "Rows of weight 0: checked like all others, but not scored.", ">= 0", _NONE, COUNTED,
    ),
    "metrics.ties": Explanation(
        "Rows in which two classes share the highest score; the first of them counts as the forecast.", ">= 0",
        "many of them make the accuracy hang on the order of the classes", COUNTED, ("accuracy",),
    ),
    "breakdown.uncertainty": Explanation(
        "The first term of the breakdown: the label entropy, which is what there is to learn.",
        "0 to log K", "of this file's class mix", f"{BROECKER}; {SHANNON}", ("label_entropy",),
    ),
    "breakdown.discrimination": Explanation(
        "What the forecasts learned of the labels: the mutual information of label and forecast, whatever numbers the "
        "forecasts state. Only a better model (data, features, training) raises it.",
        "0 to the label entropy, higher is better",
        "isotonic fits, and slope and offsets, adapt to the file: by chance a little too high", f"{BROECKER}; {SIEGERT}",
        ("refinement", "miscalibration"),
    ),
    "breakdown.refinement": Explanation(
        "The log loss that would be left if the probabilities were right: H(Y | forecast). Recalibration gets there; "
        "less takes a better model.",
        "0 to the label entropy, lower is better", "as for discrimination", f"{BROECKER}; {SIEGERT}", ("discrimination",),
    ),
    "breakdown.miscalibration": Explanation(
        "What is wasted by stating wrong probabilities: the KL divergence of how often things happen from how often the "
        "forecasts say they do. Recalibration (a temperature, isotonic regression) can win it back without new data.",
        _LOSS,
        "above 0 by chance alone, about 0.018 nats for 1,000 rows of two classes: p_value tells; "
        "infinite with rows of infinite loss. Two classes: isotonic; up to 30: slope and offsets; more: a temperature",
        f"{BROECKER}; {CORP}", ("p_value", "temperature", "kl_divergence"),
    ),
    "breakdown.p_value": Explanation(
        "How likely right probabilities would look so wrong by chance: below 0.05 the miscalibration is real. For two "
        "classes it asks whether a slope and an offset of the log-odds would do better, for more whether the forecasts "
        "are too sharp or too cautious.",
        _SHARE, "a large value is no proof of calibration; null for soft labels and label smoothing; 0 with rows of "
        "infinite loss", COX, ("miscalibration", "overconfidence_z"),
    ),
    "breakdown.rows": Explanation(
        "Rows that the recalibration was fitted to. For two classes all; for more, all of finite loss, or a random share "
        "of them where classes times rows exceed 4 million.",
        ">= 1", _NONE, COUNTED, ("miscalibration",),
    ),
    "breakdown.error_bound": Explanation(
        "With more than 262,144 different forecasts, those within 0.4 % of each other in log-odds share a cell. "
        "Told apart, miscalibration and discrimination could each be higher, by at most so much.",
        ">= 0, 0 is exact", _NONE, "the best order of the rows inside each cell", ("miscalibration",),
    ),
    "calibration.temperature": Explanation(
        "One number that all logits are divided by to lose least: above 1 the forecasts are too sharp, below 1 too "
        "cautious. The cheapest recalibration there is.",
        "> 0, 1 is best", "null if every row is right (the best is 0); infinite if likelier classes are right less often",
        GUO, ("log_loss_at_temperature", "overconfidence"),
    ),
    "calibration.log_loss_at_temperature": Explanation(
        "The log loss of the same forecasts at the best temperature: what one number could save.",
        "0 to the log loss, lower is better", "fitted to this file, so a little too low for new data", GUO,
        ("temperature", "miscalibration"),
    ),
    "chain.top": Explanation(
        "The log loss of the question whether the top class is right: how well the forecasts know when to trust them.",
        _LOSS, "three classes or more, plain labels", SHANNON, ("rest", "ece"),
    ),
    "chain.rest": Explanation(
        "The log loss of the second question: if the top class is wrong, which class is it? Both add up to the log loss.",
        _LOSS, "three classes or more, plain labels", SHANNON, ("top",),
    ),
    "per_class.rows": Explanation(
        "Rows of this class; with soft labels the sum of its targets.", ">= 0", _NONE, COUNTED,
    ),
    "per_class.share": Explanation(
        "The share of the class in the weight: how often it occurs.", _SHARE, _NONE, "a share", ("predicted_share",),
    ),
    "per_class.predicted_share": Explanation(
        "The mean probability that is given to the class: how often the forecasts say that it occurs.",
        _SHARE, "equal to share for calibrated forecasts, but not only for them", "a mean", ("marginal_kl",),
    ),
    "per_class.log_loss": Explanation(
        "The mean loss of the rows of this class.", _LOSS,
        "no proper score by itself: a class is served best by always forecasting it", GOOD, ("contribution",),
    ),
    "per_class.contribution": Explanation(
        "The part of the log loss that the rows of this class make up; the parts of all classes add up.",
        _LOSS, _INFINITE, "a part of the mean", ("per_class.log_loss",),
    ),
    "per_class.recall": Explanation(
        "The share of the rows of this class whose top class it is.", "0 to 1, higher is better",
        "null for a class without rows", "the share of hits", ("precision",),
    ),
    "per_class.precision": Explanation(
        "The share of the rows with this top class that are of the class.", "0 to 1, higher is better",
        "null for a class that is never on top", "the share of hits", ("recall",),
    ),
    "confusions.rows": Explanation(
        "Rows of one class whose top class is a certain other one.", ">= 1", "up to 100 classes", COUNTED,
    ),
    "confusions.contribution": Explanation(
        "The part of the log loss that these rows make up: which confusion costs most, not which is most frequent.",
        _LOSS, _INFINITE, "a part of the mean", ("per_class.contribution",),
    ),
    "confusions.share": Explanation(
        "Their part of the log loss as a share of it.", _SHARE, "null if the log loss is infinite", "a share",
    ),
    "reliability.low": Explanation("Lower end of a bin of the reliability table.", _SHARE, _NONE, NAEINI),
    "reliability.high": Explanation("Upper end of a bin of the reliability table.", _SHARE, _NONE, NAEINI),
    "reliability.rows": Explanation("Rows whose top class has a probability in the bin.", ">= 0", _NONE, COUNTED),
    "reliability.confidence": Explanation(
        "How sure the forecasts of the bin are of their top class, on average.", _SHARE, "null for an empty bin", NAEINI,
        ("reliability.accuracy",),
    ),
    "reliability.accuracy": Explanation(
        "How often the top class of the rows of the bin is right. Below the confidence: sure but wrong. Above: right "
        "but unsure.",
        _SHARE, "null for an empty bin; noisy where rows are few", NAEINI, ("ece",),
    ),
    "comparison.difference": Explanation(
        "What the new model of xent compare loses more than the base on the same rows, on average; below 0 it is better. "
        "Rows are easy or hard for both models, so it is known far better than either loss.",
        "any; for log loss and Brier score below 0 is better, for accuracy above",
        "Infinity if only the new model gave probability 0 to what happened, null if only the base did", STUDENT,
        ("comparison.p_value", "detectable_difference"),
    ),
    "comparison.t": Explanation(
        "The difference divided by its standard error.", "any", "null without a standard error, and where that is 0",
        STUDENT, ("comparison.p_value",),
    ),
    "comparison.p_value": Explanation(
        "How often two models that are alike in the long run would differ so much on so many rows. Without weights and "
        "clusters it is that of scipy.stats.ttest_rel.",
        "0 to 1", "a small difference that nobody cares for is significant too if rows are many; rows that depend on one "
        "another need --cluster", STUDENT, ("difference", "detectable_difference"),
    ),
    "comparison.wins": Explanation(
        "Rows to which the new model gave more probability.", ">= 0", "a model can win most rows and be worse on average",
        COUNTED, ("losses", "comparison.ties"),
    ),
    "comparison.losses": Explanation(
        "Rows to which the new model gave less probability.", ">= 0", _NONE, COUNTED, ("wins",),
    ),
    "comparison.ties": Explanation(
        "Rows to which both models gave the same probability, to the last bit; of infinite loss under both, too.",
        ">= 0", _NONE, COUNTED, ("wins", "losses"),
    ),
    "comparison.detectable_difference": Explanation(
        "The smallest true difference that so many rows would show at the 5 % level four times in five: a power of 80 %.",
        "> 0", "halving it takes four times the rows; 0 if every row has the same difference", COHEN, ("difference",),
    ),
}  # fmt: skip

for _name, _what, _source in (
    ("log_loss", "log loss", SAMPLING), ("accuracy", "accuracy", WILSON), ("brier", "Brier score", SAMPLING),
):  # fmt: skip
    _see = (_name,)
    _few = "null for fewer than two rows" + (" and with rows of infinite loss" if _name == "log_loss" else "")
    EXPLANATIONS[f"metrics.{_name}_se"] = Explanation(
        f"How far the {_what} of so many rows typically is from that of all rows there could be.", ">= 0",
        f"{_few}; rows that depend on one another need --cluster", _source, _see,
    )  # fmt: skip
    for _suffix, _side in (("low", "Lower"), ("high", "Upper")):
        EXPLANATIONS[f"metrics.{_name}_{_suffix}"] = Explanation(
            f"{_side} end of the interval that holds the {_what} of all rows there could be 95 times in 100.",
            "as the number itself",
            f"{_few}; with --cluster Student's t takes the place of 1.96; very confident forecasts need many rows, as "
            "their costly mistakes are rare",
            _source, _see,
        )  # fmt: skip

SYNONYMS: dict[str, str] = {
    "cross_entropy": "metrics.log_loss",
    "nll": "metrics.log_loss",
    "negative_log_likelihood": "metrics.log_loss",
    "logloss": "metrics.log_loss",
    "kl": "metrics.kl_divergence",
    "kullback_leibler": "metrics.kl_divergence",
    "entropy": "metrics.label_entropy",
    "mutual_information": "breakdown.discrimination",
    "resolution": "breakdown.discrimination",
    "learned": "breakdown.discrimination",
    "calibration": "breakdown.miscalibration",
    "reliability": "breakdown.miscalibration",
    "wasted": "breakdown.miscalibration",
    "conditional_entropy": "breakdown.refinement",
    "brier_score": "metrics.brier",
    "expected_calibration_error": "metrics.ece",
    "r2": "metrics.skill",
    "d2": "metrics.skill",
    "p": "breakdown.p_value",
    "se": "metrics.log_loss_se",
}
