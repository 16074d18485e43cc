"""Odd inputs: probabilities, logits, log-probabilities and weights."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa

from tests.cli.cases import INF, Case, loss, parquet, right, table, unclear, wrong


def probabilities(*rows: str) -> str:
    """Rows of label, p_a, p_b."""
    return table("label,p_a,p_b", *rows)


def logits(*rows: str) -> str:
    """Rows of label, logit_a, logit_b."""
    return table("label,logit_a,logit_b", *rows)


def logprobs(*rows: str) -> str:
    """Rows of label, logprob_a, logprob_b."""
    return table("label,logprob_a,logprob_b", *rows)


def weighted(*weights: str) -> str:
    """Losses log 2, log 4, log 8, ... of these weights."""
    lines = [f"a,{0.5**i},{1 - 0.5**i},{w}" for i, w in enumerate(weights, 1)]
    return table("label,p_a,p_b,w", *lines)


LOG2 = math.log(2)
WEIGHT = ("--weight", "w", "--prob", "p_a,p_b")

ZEROS = [
    right("true-class-zero", probabilities("a,0,1", "b,0.25,0.75", "a,0.75,0.25", "b,1,0"),
          log_loss=INF, total_log_loss=INF, perplexity=INF, kl_divergence=INF, overconfidence=INF,
          normalized_entropy=INF, loss_max=INF, macro_log_loss=INF, infinite_rows=2, log_loss_finite=loss(0.75),
          log_loss_se=None, log_loss_low=None, log_loss_high=None, skill=None, overconfidence_z=None,
          worst_1pct_share=None, accuracy=0.5, label_entropy=LOG2, brier=(1 + 0.0625 + 0.0625 + 1) / 4,
          notices=["infinite_loss"], says=["lines 2, 5)", "2 rows"]),
    right("true-class-zero-in-one-column", table("label,prob", "1,0", "0,1", "1,1", "0,0"),
          log_loss=INF, infinite_rows=2, log_loss_finite=0, accuracy=0.5, brier=0.5,
          notices=["infinite_loss"], says=["lines 2, 3)"]),
    right("true-class-zero-parquet", parquet({"label": ["a", "b"], "p_a": [0, 0], "p_b": [1, 1]}),
          log_loss=INF, infinite_rows=1, notices=["infinite_loss"], says=["row 0"]),
    right("true-class-zero-everywhere", probabilities("a,0,1", "b,1,0"),
          log_loss=INF, infinite_rows=2, log_loss_finite=None, accuracy=0, notices=["infinite_loss"]),
    right("true-class-zero-many-rows", probabilities(*["a,0,1"] * 12, "b,0,1"), infinite_rows=12,
          notices=["infinite_loss"], says=["lines 2, 3, 4, 5, 6, ..."]),
    right("true-class-zero-clipped", probabilities("a,0,1", "b,0.25,0.75"), "--clip", "1e-15",
          log_loss=(-math.log(1e-15) + loss(0.75)) / 2, infinite_rows=0),
    right("clip-limits-both-ends", probabilities("a,1,0", "b,1,0"), "--clip", "0.125",
          log_loss=loss(0.875, 0.125), brier=0.5, accuracy=0.5),
    right("negative-zero", probabilities("a,1,-0.0", "b,-0.0,1"), log_loss=0, brier=0, accuracy=1.0),
    right("true-class-negative-zero", probabilities("a,-0.0,1"), log_loss=INF, notices=["infinite_loss",
          "class_without_rows"]),
    right("true-class-1e-300", probabilities("a,1e-300,1", "b,0,1"), log_loss=-math.log(1e-300) / 2,
          loss_max=690.7755278982137, infinite_rows=0),
    right("true-class-1e-300-in-one-column", table("label,prob", "1,1e-300", "0,0"), loss_max=690.7755278982137),
    right("true-class-denormal", probabilities("a,5e-324,1", "b,0,1"), loss_max=744.4400719213812),
    right("true-class-denormal-parquet", parquet({"label": ["a", "b"], "p_a": [5e-324, 0.0], "p_b": [1.0, 1.0]}),
          loss_max=744.4400719213812),
    right("true-class-below-float64", probabilities("a,1e-400,1", "b,0,1"), log_loss=INF,
          notices=["infinite_loss"]),
    right("nearly-certain", table("label,prob", "0,1e-17", "0,1e-17"), log_loss=1e-17),
    right("perfect", probabilities("a,1,0", "b,0,1"), log_loss=0, total_log_loss=0, perplexity=1.0, loss_max=0,
          log_loss_se=0, log_loss_low=0, log_loss_high=0, brier=0, predictive_entropy=0, ece=0, skill=1.0,
          kl_divergence=0, macro_log_loss=0, row_sum_effect=0),
    right("perfect-in-one-column", table("label,prob", "1,1", "0,0"), log_loss=0, perplexity=1.0, loss_max=0,
          brier=0, predictive_entropy=0, overconfidence=0),
    right("perfect-logits", logits("a,800,0", "b,-800,800"), log_loss=0, brier=0, predictive_entropy=0),
    right("perfect-log-probabilities", logprobs("a,0,-inf", "b,-inf,0"), log_loss=0, brier=0,
          predictive_entropy=0),
    right("ties-are-counted", probabilities("a,0.5,0.5", "b,0.5,0.5"), log_loss=LOG2, accuracy=0.5, ties=2,
          notices=["ties"]),
]  # fmt: skip

OUT_OF_RANGE = [
    wrong("above-one", probabilities("a,0.5,0.5", "a,1.2,-0.2"), "1.2", place="line 3", column="p_a"),
    wrong("below-zero", probabilities("a,-0.1,1.1"), "-0.1", "--logit", place="line 2", column="p_a"),
    wrong("below-zero-in-one-column", table("label,prob", "0,0.5", "1,-0.1"), "-0.1", place="line 3",
          column="prob"),
    wrong("infinite", probabilities("a,inf,0"), "inf", place="line 2", column="p_a"),
    wrong("minus-infinite", probabilities("a,1,-Infinity"), "-inf", place="line 2", column="p_b"),
    wrong("beyond-float64", probabilities("a,1e400,0"), "inf", place="line 2", column="p_a"),
    wrong("out-of-range-thrice", probabilities("a,1.5,0", "a,0.5,0.5", "b,0,1.5", "b,0,7"), "1.5", "2 more",
          "line 4", "line 5", place="line 2", column="p_a"),
    wrong("percentages", probabilities("a,97.5,2.5", "b,40,60"), "97.5", "100", place="line 2", column="p_a"),
    wrong("percentages-in-one-column", table("label,prob", "1,97.5", "0,40"), "97.5", "100", place="line 2",
          column="prob"),
    wrong("logits-as-probabilities", probabilities("a,2.5,-1.5", "b,-3,0.5"), "2.5", "--logit", place="line 2",
          column="p_a"),
    wrong("log-probabilities-as-probabilities", probabilities("a,-0.7,-0.7"), "-0.7", "--logprob",
          place="line 2", column="p_a"),
    wrong("nan", probabilities("a,0.5,0.5", "a,0.5,NaN"), "NaN", place="line 3", column="p_b"),
    wrong("nan-parquet", parquet({"label": ["a", "b"], "p_a": [0.5, 0.5], "p_b": [0.5, float("nan")]}), "NaN",
          place="row 1", column="p_b"),
    wrong("score-empty", probabilities("a,0.5,0.5", "a,,0.5"), "missing", place="line 3", column="p_a"),
    wrong("score-empty-quoted", probabilities('a,0.5,""'), "missing", place="line 2", column="p_b"),
    wrong("score-null-parquet", parquet({"label": ["a", "b"], "p_a": [0.5, None], "p_b": [0.5, 0.5]}), "missing",
          place="row 1", column="p_a"),
    wrong("nan-and-empty-counted-apart", probabilities("a,0.5,", "a,nan,0.5", "b,,0.5", "b,nan,0.5", "b,0.5,nan"),
          "missing", "1 more: line 4", "besides, 3 rows with NaN", place="line 2", column="p_b"),
    wrong("score-NA", probabilities("a,0.5,0.5", "a,NA,0.5"), '"NA"', "not a number", place="line 3",
          column="p_a"),
    wrong("score-null", probabilities("a,null,0.5"), '"null"', "not a number", place="line 2", column="p_a"),
    right("rounding-outside-the-range", probabilities("a,1.0000001,-1e-7", "b,0,1"), log_loss=0, brier=0,
          notices=["probability_rounded"]),
    right("rounding-of-fasttext", probabilities("a,1.00001,0.00001", "b,-0.0001,1.0001"), log_loss=0,
          row_sum_effect=math.log(1.00001) / 2, notices=["probability_rounded", "row_sum_effect"]),
    right("rounding-before-normalizing", probabilities("a,1.0001,0.25", "b,-0.0001,0.5"), "--normalize",
          log_loss=math.log(1.25) / 2, notices=["probability_rounded", "row_sum_effect"]),
    wrong("more-than-rounding", probabilities("a,1.00011,0"), "1.00011", place="line 2", column="p_a"),
]  # fmt: skip

SUMS = [
    right("sums-of-99-and-101-hundredths", probabilities("a,0.66,0.33", "b,0.33,0.68"),
          log_loss=loss(0.66, 0.68), row_sum_effect=(math.log(0.66 + 0.33) + math.log(0.33 + 0.68)) / 2,
          notices=["row_sum_effect"]),
    right("sums-of-99-hundredths", probabilities("a,0.66,0.33", "b,0.33,0.66"), log_loss=loss(0.66),
          notices=["row_sum_effect"], says=["--normalize"]),
    right("sums-of-99-hundredths-normalized", probabilities("a,0.66,0.33", "b,0.33,0.66"), "--normalize",
          log_loss=loss(0.66 / 0.99), row_sum_effect=math.log(0.99), notices=["row_sum_effect"]),
    right("sums-of-seven-digits", table("label,p_a,p_b,p_c", "a,0.3333333,0.3333333,0.3333333"), "--prob", "p_*",
          log_loss=loss(0.3333333), ties=1, notices=["ties"]),
    right("sum-within-float-noise", table("label,p_a,p_b,p_c", "a,0.1,0.2,0.7"), "--prob", "p_*",
          "--sum-tolerance", "0", log_loss=loss(0.1)),
    wrong("sum-of-one-half", probabilities("a,0.5,0.5", "a,0.25,0.25"), "0.5", "--normalize", place="line 3"),
    wrong("sum-of-102-hundredths", probabilities("a,0.6,0.42"), "1.02", "--normalize", place="line 2"),
    wrong("sum-of-98-hundredths", probabilities("a,0.6,0.38"), "0.98", "--normalize", place="line 2"),
    wrong("every-row-scaled-up", probabilities("a,0.505,0.505", "b,0.3535,0.6565"), "sum", "--normalize"),
    right("every-row-scaled-up-normalized", probabilities("a,0.2525,0.7575", "b,0.3535,0.6565"), "--normalize",
          log_loss=loss(0.25, 0.65), notices=["row_sum_effect"]),
    right("sum-within-the-tolerance", probabilities("a,0.6,0.36", "b,0.36,0.6"), "--sum-tolerance", "0.04",
          log_loss=loss(0.6), notices=["row_sum_effect"]),
    right("any-sum-normalized", probabilities("a,0.5,0.125", "b,0.25,0.125"), "--normalize",
          log_loss=loss(0.8, 1 / 3), notices=["row_sum_effect"]),
    wrong("row-of-zeros", probabilities("a,0.5,0.5", "a,0,0"), "all probabilities", place="line 3"),
    wrong("row-of-zeros-normalized", probabilities("a,0,0"), "all probabilities", place="line 2",
          arguments=["--normalize"]),
    wrong("out-of-range-normalized", probabilities("a,2,2"), "2.0 is not a probability", place="line 2",
          column="p_a", arguments=["--normalize"]),
    wrong("sum-of-log-probabilities", logprobs("a,-0.7,-3"), "sum", "--logit", place="line 2"),
    wrong("sums-many", probabilities(*["a,0.25,0.25"] * 8), "0.5", "7 more", "line 3", "...", place="line 2"),
]  # fmt: skip

LOGITS = [
    right("probabilities-as-logits", logits("a,0.75,0.25", "b,0.25,0.75"), log_loss=math.log1p(math.exp(-0.5)),
          notices=["looks_like_probabilities"], says=["--prob"]),
    right("probability-as-one-logit", table("label,logit", "1,0.75", "0,0.25"),
          notices=["looks_like_probabilities"],
          says=["--prob"]),
    right("logits-of-ten-thousand", table("y,logit_0,logit_1,logit_2", "0,1e4,9999,0"), "--logit", "logit_*",
          log_loss=0.31326168751822286),
    right("logits-of-forty", logits("a,40,0", "b,0,40"), log_loss=4.248354255291589e-18),
    right("logits-of-a-thousand", table("y,logit_0,logit_1,logit_2", "2,1000,0,-1000"), "--logit", "logit_*",
          log_loss=2000.0),
    right("logits-of-minus-745", table("y,logit_0,logit_1,logit_2", "1,-745,-746,-800"), "--logit", "logit_*",
          log_loss=1.3132616875182228),
    right("logits-of-1e308", logits("a,1e308,0", "b,1e308,1e308"), log_loss=LOG2 / 2, ties=1, notices=["ties"]),
    right("loss-of-1e308", logits("b,1e308,0"), "--logit", "logit_*", log_loss=1e308, loss_max=1e308,
          perplexity=INF, infinite_rows=0),
    right("loss-beyond-float64", logits("b,1e308,-1e308", "a,0,-40"), log_loss=INF, infinite_rows=1,
          notices=["loss_overflow"], says=["line 2"]),
    right("one-logit-of-1e308", table("label,logit", "1,1e308", "0,1e308"), log_loss=5e307, loss_max=1e308),
    right("one-logit-of-forty", table("label,logit", "1,40", "0,-40"), log_loss=4.248354255291589e-18),
    right("minus-infinite-logit", table("label,logit_a,logit_b,logit_c", "a,0,0,-inf", "b,-Infinity,1,1"),
          "--logit", "logit_*", log_loss=LOG2, ties=2, notices=["ties"]),
    right("true-class-minus-infinite", logits("a,-inf,0", "b,0,0"), log_loss=INF, infinite_rows=1,
          notices=["infinite_loss", "ties"], says=["line 2"]),
    right("one-logit-infinite-loss", table("label,logit", "1,-inf", "0,0"), log_loss=INF, infinite_rows=1,
          notices=["infinite_loss", "ties"], says=["line 2"]),
    wrong("all-minus-infinite", logits("a,0,0", "a,-inf,-inf"), "-inf", place="line 3"),
    wrong("plus-infinite-logit", logits("a,0,0", "a,inf,0"), "inf", place="line 3", column="logit_a"),
    wrong("plus-infinite-one-logit", table("label,logit", "1,inf"), "inf", place="line 2", column="logit"),
    wrong("logit-beyond-float64", logits("a,1e309,0"), "inf", place="line 2", column="logit_a"),
    wrong("nan-logit", logits("a,0,nan"), "NaN", place="line 2", column="logit_b"),
    wrong("empty-logit", logits("a,0,"), "missing", place="line 2", column="logit_b"),
    right("log-probabilities", logprobs(f"a,{math.log(0.75)!r},{math.log(0.25)!r}", f"b,{-LOG2!r},{-LOG2!r}"),
          log_loss=loss(0.75, 0.5), ties=1, notices=["ties"]),
    right("log-probability-one-column", table("label,s", f"1,{math.log(0.75)!r}", "0,-1e-300"), "--logprob", "s",
          loss_max=690.7755278982137),
    right("log-probability-above-zero-by-rounding", logprobs("a,1e-9,-inf", "b,-50,0"), log_loss=0,
          notices=["probability_rounded"]),
    right("true-class-log-probability-minus-infinite", logprobs("a,-inf,0", "b,-inf,0"), log_loss=INF,
          notices=["infinite_loss"]),
    wrong("log-probability-above-zero", logprobs("a,0.5,-1"), "0.5", "--logit", place="line 2",
          column="logprob_a"),
    wrong("log-probability-nan", logprobs("a,nan,-1"), "NaN", place="line 2", column="logprob_a"),
    unclear("two-kinds-asked-for", logits("a,0,0"), "--prob", "--logit",
            arguments=["--prob", "logit_a", "--logit", "logit_b"]),
]  # fmt: skip

SPELLED = [
    right("numbers-in-every-spelling", probabilities("a,.75,2.5e-1", "b,+0.375,6.25E-1", "a,1.,0e0",
          "a, 0.75,.25 "),
          log_loss=loss(0.75, 0.625, 1, 0.75)),
    right("numbers-in-quotes", probabilities('a,"0.75","0.25"', 'b,"0.375","0.625"'), log_loss=loss(0.75, 0.625)),
    right("many-digits", table("label,prob", "1,0.1000000000000000055511151231257827021181583404541015625",
                               "0,0.000000000000000000000000000000000000000000000"), log_loss=loss(0.1, 1)),
    *[
        wrong(f"not-a-number-{what}", probabilities("a,0.5,0.5", f"a,{text},0.5"), f'"{text.strip(chr(34))}"',
              "not a number", *says, place="line 3", column="p_a")
        for what, text, says in (
            ("word", "abc", ()), ("underscore", "1_0", ()), ("thousands", '"1,000"', ()), ("hex", "0x1p-1", ()),
            ("comma", '"0,5"', ("decimal comma",)), ("percent", "50%", ("divide by 100",)), ("dash", "-", ()),
            ("true", "true", ()), ("arabic", "٠.٥", ()), ("fullwidth", "０.５", ()), ("minus", "−0.5", ()),
            ("space-only", '" "', ()), ("two-points", "0.5.5", ()), ("currency", "$0.5", ()),
        )
    ],
    wrong("not-a-number-twice", probabilities("a,x,0.5", "a,0.5,0.5", "b,0.5,y"), '"x"', "1 more", "line 4",
          place="line 2", column="p_a"),
    wrong("not-a-number-nul", probabilities("a,0.5\x00,0.5"), '"0.5\\x00"', "not a number", place="line 2",
          column="p_a"),
]  # fmt: skip

EXACT = {"label": ["a", "b"]}
F32 = float(np.float32(0.7)), float(np.float32(0.3))
TYPES = [
    right("float16", parquet({**EXACT, "p_a": np.array([0.75, 0.375], "f2"), "p_b": np.array([0.25, 0.625],
          "f2")}),
          log_loss=loss(0.75, 0.625)),
    right("float16-logits", parquet({**EXACT, "logit_a": np.array([40, 0], "f2"), "logit_b": np.array([0, 40],
          "f2")}),
          log_loss=4.248354255291589e-18),
    right("float32", parquet({**EXACT, "p_a": np.array([0.7, 0.3], "f4"), "p_b": np.array([0.3, 0.7], "f4")}),
          log_loss=loss(F32[0])),
    right("decimal", parquet({**EXACT, "p_a": [Decimal("0.7"), Decimal("0.3")], "p_b": [Decimal("0.3"),
          Decimal("0.7")]}),
          log_loss=loss(0.7)),
    right("decimal-of-38-digits",
          parquet({**EXACT, "p_a": pa.array([Decimal("0.1"), Decimal("0.3")], pa.decimal128(38, 37)),
                   "p_b": pa.array([Decimal("0.9"), Decimal("0.7")], pa.decimal128(38, 37))}),
          log_loss=loss(0.1, 0.7)),
    right("decimal256", parquet({**EXACT, "p_a": pa.array([Decimal("0.1"), Decimal("0.3")], pa.decimal256(60, 40)),
                                 "p_b": pa.array([Decimal("0.9"), Decimal("0.7")], pa.decimal256(60, 40))}),
          log_loss=loss(0.1, 0.7)),
    right("integers", parquet({**EXACT, "p_a": pa.array([1, 0], pa.int8()), "p_b": pa.array([0, 1], pa.uint64())}),
          log_loss=0),
    right("integer-logits", parquet({**EXACT, "logit_a": [40, 0], "logit_b": [0, 40]}),
          log_loss=4.248354255291589e-18),
    right("integer-logits-above-2-to-the-53", parquet({**EXACT, "logit_a": [2**53 + 2, 0], "logit_b": [2**53, 0]}),
          "--logit", "logit_*", loss_max=LOG2, log_loss=(math.log1p(math.exp(-2)) + LOG2) / 2, notices=["ties"]),
    right("booleans", parquet({**EXACT, "p_a": [True, False], "p_b": [False, True]}), log_loss=0),
    right("mixed-types", parquet({**EXACT, "p_a": np.array([0.75, 0.375], "f4"), "p_b": [Decimal("0.25"),
          Decimal("0.625")]}),
          log_loss=loss(0.75, 0.625)),
    right("integers-in-text", probabilities("a,1,0", "b,0,1"), log_loss=0),
    wrong("numbers-as-text", parquet({**EXACT, "p_a": ["0.75", "0.5"], "p_b": ["0.25", "0.5"]}), "string",
          "float64", column="p_a"),
    wrong("numbers-as-large-text", parquet({**EXACT, "p_a": pa.array(["0.75", "0.5"], pa.large_string()),
                                            "p_b": [0.25, 0.5]}), "string", "float64", column="p_a"),
    wrong("numbers-as-timestamps", parquet({**EXACT, "p_a": pa.array([1, 2], pa.timestamp("s")), "p_b": [0.25,
          0.5]}),
          "timestamp", column="p_a"),
    wrong("numbers-without-type", parquet({**EXACT, "p_a": pa.nulls(2), "p_b": [0.25, 0.5]}), column="p_a"),
    wrong("weights-as-text", parquet({**EXACT, "p_a": [0.75, 0.5], "p_b": [0.25, 0.5], "w": ["1", "2"]}), "string",
          column="w", arguments=["--weight", "w"]),
]  # fmt: skip

WEIGHTS = [
    right("weights", weighted("1", "2.5"), *WEIGHT, log_loss=(LOG2 + 2.5 * 2 * LOG2) / 3.5,
          total_log_loss=6 * LOG2, accuracy=1 / 3.5, ties=1, notices=["ties"]),
    right("weight-zero", weighted("1", "0", "3"), *WEIGHT, log_loss=(LOG2 + 3 * 3 * LOG2) / 4, zero_weight_rows=1,
          ties=1, notices=["ties"]),
    right("weight-negative-zero", weighted("1", "-0.0"), *WEIGHT, log_loss=LOG2, zero_weight_rows=1, ties=1,
          notices=["ties"]),
    right("weight-zero-where-the-loss-is-infinite",
          table("label,p_a,p_b,w", "a,0,1,0", "a,0.25,0.75,2", "b,0.375,0.625,1"), "--weight", "w",
          log_loss=(2 * 2 * LOG2 + loss(0.625)) / 3, infinite_rows=0, zero_weight_rows=1),
    right("weights-tiny", weighted("1e-300", "1e-300"), *WEIGHT, log_loss=1.5 * LOG2, log_loss_se=LOG2 / 2,
          ties=1, notices=["ties"]),
    right("weights-huge", weighted("1e150", "1e150"), *WEIGHT, log_loss=1.5 * LOG2, log_loss_se=LOG2 / 2, ties=1,
          notices=["ties"]),
    wrong("weight-zero-row-is-checked", weighted("0", "1").replace("0.5,0.5", "0.5,1.5"), "1.5", place="line 2",
          column="p_b", arguments=WEIGHT),
    wrong("weight-negative", weighted("1", "-1"), "-1.0", ">= 0", place="line 3", column="w", arguments=WEIGHT),
    wrong("weight-nan", weighted("1", "nan"), "nan", "finite", place="line 3", column="w", arguments=WEIGHT),
    wrong("weight-infinite", weighted("1", "inf"), "inf", "finite", place="line 3", column="w", arguments=WEIGHT),
    wrong("weight-empty", weighted("1", ""), "missing", place="line 3", column="w", arguments=WEIGHT),
    wrong("weight-text", weighted("1", "heavy"), '"heavy"', place="line 3", column="w", arguments=WEIGHT),
    wrong("weights-all-zero", weighted("0", "0"), "all weights are 0", arguments=WEIGHT),
    wrong("weights-beyond-float64", weighted("1", "1e308"), "1e+308", place="line 3", column="w",
          arguments=WEIGHT),
]  # fmt: skip

CASES: list[Case] = [
    *ZEROS, *OUT_OF_RANGE, *SUMS, *LOGITS, *SPELLED, *TYPES, *WEIGHTS,
]  # fmt: skip
