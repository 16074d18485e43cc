"""What the other tables of a result mean, likewise, and all explanations by table and name."""

from __future__ import annotations

from xentcli.results.explanations import (
    COUNTED,
    GOOD,
    INFINITE,
    LOSS,
    METRIC_TEXTS,
    NAEINI,
    NONE,
    SHANNON,
    SHARE,
    Explanation,
)

BROECKER = "Broecker 2009, Reliability, sufficiency, and the decomposition of proper scores"
SIEGERT = "Siegert 2017, Simplifying and generalising Murphy's Brier score decomposition"
CORP = "Dimitriadis, Gneiting & Jordan 2021, Stable reliability diagrams for probabilistic classifiers (CORP)"
GUO = "Guo et al. 2017, On calibration of modern neural networks"
STUDENT = "Student 1908, The probable error of a mean"
COHEN = "Cohen 1988, Statistical power analysis for the behavioral sciences"
COX = "Cox 1958, Two further applications of a model for binary regression; Rao's score test, 1948"

EXPLANATIONS: dict[str, Explanation] = METRIC_TEXTS | {
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
        LOSS,
        "above 0 by chance alone, about 0.018 nats for 1,000 rows of two classes: p_value tells; "
        "infinite with rows of infinite loss. Two classes: isotonic; up to 30: slope and offsets; more: a temperature",
        f"{BROECKER}; {CORP}", ("p_value", "temperature", "kl_divergence"),
    ),
    "breakdown.p_value": Explanation(
        "How likely right probabilities would look so wrong by chance: below 0.05 the miscalibration is real. For two "
        "classes it asks whether a slope and an offset of the log-odds would do better, for more whether the forecasts "
        "are too sharp or too cautious.",
        SHARE, "a large value is no proof of calibration; null for soft labels and label smoothing; 0 with rows of "
        "infinite loss", COX, ("miscalibration", "overconfidence_z"),
    ),
    "breakdown.rows": Explanation(
        "Rows that the recalibration was fitted to. For two classes all; for more, all of finite loss, or a random share "
        "of them where classes times rows exceed 4 million.",
        ">= 1", NONE, COUNTED, ("miscalibration",),
    ),
    "breakdown.error_bound": Explanation(
        "With more than 262,144 different forecasts, those within 0.4 % of each other in log-odds share a cell. "
        "Told apart, miscalibration and discrimination could each be higher, by at most so much.",
        ">= 0, 0 is exact", NONE, "the best order of the rows inside each cell", ("miscalibration",),
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
        LOSS, "three classes or more, plain labels", SHANNON, ("rest", "ece"),
    ),
    "chain.rest": Explanation(
        "The log loss of the second question: if the top class is wrong, which class is it? Both add up to the log loss.",
        LOSS, "three classes or more, plain labels", SHANNON, ("top",),
    ),
    "per_class.rows": Explanation(
        "Rows of this class; with soft labels the sum of its targets.", ">= 0", NONE, COUNTED,
    ),
    "per_class.share": Explanation(
        "The share of the class in the weight: how often it occurs.", SHARE, NONE, "a share", ("predicted_share",),
    ),
    "per_class.predicted_share": Explanation(
        "The mean probability that is given to the class: how often the forecasts say that it occurs.",
        SHARE, "equal to share for calibrated forecasts, but not only for them", "a mean", ("marginal_kl",),
    ),
    "per_class.log_loss": Explanation(
        "The mean loss of the rows of this class.", LOSS,
        "no proper score by itself: a class is served best by always forecasting it", GOOD, ("contribution",),
    ),
    "per_class.contribution": Explanation(
        "The part of the log loss that the rows of this class make up; the parts of all classes add up.",
        LOSS, INFINITE, "a part of the mean", ("per_class.log_loss",),
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
        LOSS, INFINITE, "a part of the mean", ("per_class.contribution",),
    ),
    "confusions.share": Explanation(
        "Their part of the log loss as a share of it.", SHARE, "null if the log loss is infinite", "a share",
    ),
    "reliability.low": Explanation("Lower end of a bin of the reliability table.", SHARE, NONE, NAEINI),
    "reliability.high": Explanation("Upper end of a bin of the reliability table.", SHARE, NONE, NAEINI),
    "reliability.rows": Explanation("Rows whose top class has a probability in the bin.", ">= 0", NONE, COUNTED),
    "reliability.confidence": Explanation(
        "How sure the forecasts of the bin are of their top class, on average.", SHARE, "null for an empty bin", NAEINI,
        ("reliability.accuracy",),
    ),
    "reliability.accuracy": Explanation(
        "How often the top class of the rows of the bin is right. Below the confidence: sure but wrong. Above: right "
        "but unsure.",
        SHARE, "null for an empty bin; noisy where rows are few", NAEINI, ("ece",),
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
        "Rows to which the new model gave less probability.", ">= 0", NONE, COUNTED, ("wins",),
    ),
    "comparison.ties": Explanation(
        "Rows to which both models gave the same probability, to the last bit; of infinite loss under both, too.",
        ">= 0", NONE, COUNTED, ("wins", "losses"),
    ),
    "comparison.detectable_difference": Explanation(
        "The smallest true difference that so many rows would show at the 5 % level four times in five: a power of 80 %.",
        "> 0", "halving it takes four times the rows; 0 if every row has the same difference", COHEN, ("difference",),
    ),
}  # fmt: skip
