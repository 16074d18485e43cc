"""The parts of a score: frozen values, never rounded. Fields marked "info" are amounts of information.

`None` means not available, which is never the same as zero; the result's `unavailable` says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from enum import Enum
from typing import Any, ClassVar, Self

from msgspec import Struct, field
from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.metrics import UNITS

Number = float | None


class ResultPart(Struct, frozen=True):
    """What results are made of: it goes to JSON field by field, and into a unit by the names of its numbers."""

    unwritten: ClassVar[tuple[str, ...]] = ()  # fields that no output has
    optional: ClassVar[tuple[str, ...]] = ()  # fields that JSON lacks where they are None
    info: ClassVar[tuple[str, ...]] = ()  # amounts of information beside those that `UNITS` knows by name
    paired: ClassVar[tuple[str, ...]] = ()  # fields of pairs, which JSON has as an object
    renamed: ClassVar[dict[str, str]] = {}  # what JSON calls a field, where it is not the field's name

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        without = {*self.unwritten, *(name for name in self.optional if getattr(self, name) is None)}
        return self._json(name for name in self.__struct_fields__ if name not in without)

    def _json(self, names: Iterable[str]) -> dict[str, Any]:
        values = ((name, getattr(self, name)) for name in names)
        return {
            self.renamed.get(name, name): json_value(dict(value) if name in self.paired else value)
            for name, value in values
        }

    def in_unit(self, factor: float) -> Self:
        """The same, and all in it, with the amounts of information multiplied by `factor`."""
        if factor == 1.0:
            return self
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        parts = {n: _in_unit(x, factor) for n, x in values.items() if isinstance(x, ResultPart | tuple | dict)}
        info = [name for name in values if name in self.info or UNITS.get(name) == "info"]
        return replace(self, **parts, **multiply(self, info, factor))


def multiply(part: Struct, names: Iterable[str], factor: float) -> dict[str, float]:
    """The numbers `names` of a part that are available, multiplied by `factor`."""
    values = {name: getattr(part, name) for name in names}
    return {name: value * factor for name, value in values.items() if value is not None}


def _in_unit(value: Any, factor: float) -> Any:
    if isinstance(value, ResultPart):
        return value.in_unit(factor)
    if isinstance(value, tuple) and value and isinstance(value[0], ResultPart):
        return tuple(each.in_unit(factor) for each in value)
    if isinstance(value, dict) and any(isinstance(each, ResultPart) for each in value.values()):
        return {name: each.in_unit(factor) for name, each in value.items()}
    return value


def json_value(value: Any) -> Any:
    """For JSON, which knows no infinity: the string sorts above every number in jq, as infinity should."""
    if isinstance(value, float):
        if value == math.inf:
            return "Infinity"
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, ResultPart | Notice):
        return value.to_dict()
    if isinstance(value, tuple):
        return [json_value(each) for each in value]
    if isinstance(value, dict):
        return {name: json_value(each) for name, each in value.items()}
    return value.value if isinstance(value, Enum) else value


class Metrics(ResultPart, frozen=True):
    """The numbers of CONTRACT: definitions, ranges and sources stand in `xentcli.results.metrics.METRICS`."""

    log_loss: Number  # info, >= 0, lower is better
    log_loss_se: Number  # info
    log_loss_low: Number  # info, 95 %
    log_loss_high: Number  # info, 95 %
    total_log_loss: Number  # info
    log_loss_finite: Number  # info
    infinite_rows: int  # count
    macro_log_loss: Number  # info
    loss_p50: Number  # info
    loss_p90: Number  # info
    loss_p99: Number  # info
    loss_max: Number  # info
    worst_1pct_share: Number  # none, 0 to 1
    perplexity: Number  # none, >= 1
    bits_per_byte: Number  # bits, token files only
    target_entropy: Number  # info
    kl_divergence: Number  # info
    label_entropy: Number  # info
    predictive_entropy: Number  # info
    overconfidence: Number  # info, either sign
    overconfidence_se: Number  # info
    overconfidence_z: Number  # none
    marginal_kl: Number  # info
    skill: Number  # none, <= 1, higher is better
    normalized_entropy: Number  # none, >= 0
    prior_log_loss: Number  # info; None without a prior
    prior_gap: Number  # info, >= 0; None without a prior
    accuracy: Number  # none, 0 to 1, higher is better
    accuracy_se: Number  # none
    accuracy_low: Number  # none, 95 %
    accuracy_high: Number  # none, 95 %
    brier: Number  # none, 0 to 1 (2 classes) or 2, lower is better
    brier_se: Number  # none
    brier_low: Number  # none, 95 %
    brier_high: Number  # none, 95 %
    brier_skill: Number  # none, <= 1, higher is better
    balanced_accuracy: Number  # none, 0 to 1, higher is better
    macro_f1: Number  # none, 0 to 1, higher is better
    mcc: Number  # none, -1 to 1, higher is better
    cohen_kappa: Number  # none, -1 to 1, higher is better
    auc: Number  # none, 0 to 1, higher is better; two classes, as those below
    auc_se: Number  # none
    auc_low: Number  # none, 95 %
    auc_high: Number  # none, 95 %
    auc_error_bound: Number  # none, >= 0: so far off may the AUC be, as close predictions share a cell
    average_precision: Number  # none, 0 to 1, higher is better
    top_2_accuracy: Number  # none, 0 to 1, higher is better; None for two classes
    top_3_accuracy: Number  # none, 0 to 1, higher is better; None up to three classes
    top_5_accuracy: Number  # none, 0 to 1, higher is better; None up to five classes
    rps: Number  # none, 0 to 1, lower is better; None unless the classes are ordered
    rps_se: Number  # none
    ece: Number  # none, 0 to 1
    row_sum_effect: Number  # info, either sign
    rows: int  # count
    skipped_rows: int  # count
    ignored_rows: int  # count
    filtered_rows: int  # count
    zero_weight_rows: int  # count
    ties: int  # count


class ClassResult(ResultPart, frozen=True):
    """One class: its rows, what was predicted for it, and what its rows cost."""

    renamed: ClassVar[dict[str, str]] = {"name": "class"}

    name: str
    rows: float  # a count; the sum of the targets of soft labels
    share: float  # of the weight, 0 to 1
    predicted_share: float  # mean prediction, 0 to 1
    log_loss: Number  # info; None without rows
    contribution: Number  # info; the contributions add up to the log loss
    recall: Number  # 0 to 1; None without rows
    precision: Number  # 0 to 1; None where the class is never the top class
    f1: Number  # 0 to 1; None without rows of the class or predicted as it, and with soft labels


class LabelResult(ResultPart, frozen=True):
    """One of several labels of a row, each of which is true or false."""

    renamed: ClassVar[dict[str, str]] = {"name": "label"}

    name: str
    rows: int  # count
    share: float  # of the weight, 0 to 1: where it is true
    log_loss: Number  # info: of two classes
    contribution: Number  # info; the contributions add up to the log loss
    accuracy: Number  # 0 to 1
    brier: Number  # 0 to 1


class Breakdown(ResultPart, frozen=True):
    """Where the log loss comes from: log loss = uncertainty - discrimination + miscalibration.

    Broecker 2009; with a recalibrated prediction of loss S: miscalibration = log loss - S, discrimination =
    uncertainty - S (Siegert 2017), both >= 0.
    """

    method: str  # how the predictions were recalibrated: "isotonic", "slope_offsets", "temperature", "class_mix"
    uncertainty: Number  # info, >= 0: the entropy of the class mix
    discrimination: Number  # info, >= 0, higher is better: what the predictions learned of the labels
    refinement: Number  # info, >= 0: uncertainty - discrimination, the loss once recalibrated
    miscalibration: Number  # info, >= 0, lower is better: wasted by stating wrong probabilities
    p_value: Number  # none, 0 to 1: score test of calibration
    rows: int  # count: those that the recalibration was fitted to
    error_bound: Number  # info, >= 0: so much higher may miscalibration be, as close predictions share a cell


class BrierBreakdown(ResultPart, frozen=True):
    """Where the Brier score of two classes comes from: uncertainty - discrimination + miscalibration.

    Plain numbers, with the names of those of the log loss.
    """

    uncertainty: Number  # 0 to 1/4: the Brier score of the class mix
    discrimination: Number  # >= 0, higher is better
    refinement: Number  # >= 0: uncertainty - discrimination, the Brier score once recalibrated
    miscalibration: Number  # >= 0, lower is better
    error_bound: Number  # >= 0: so much higher may miscalibration be, as close predictions share a cell

    def in_unit(self, factor: float) -> Self:
        """The same: none is an amount of information."""
        return self


class Calibration(ResultPart, frozen=True):
    """What simple recalibrations could do, fitted to the rows themselves: q^(1/T) e^b, normalized.

    The temperature alone is that of Guo et al. 2017.
    """

    temperature: Number = None  # none, > 0: above 1 they are too sharp; infinite if their order is wrong
    log_loss_at_temperature: Number = None  # info
    offset: Number = None  # none: what is best added to the log-odds of the second of two classes
    log_loss_at_offset: Number = None  # info
    log_loss_at_slope_offsets: Number = None  # info: with the temperature and an offset for each class, both


class ChainRule(ResultPart, frozen=True):
    """The chain rule: log loss = loss of "is the top class right?" + loss of "which class, if not?"."""

    top: Number  # info, >= 0
    rest: Number  # info, >= 0


class Confusion(ResultPart, frozen=True):
    """Rows of one class whose top class is another."""

    label: str
    forecast: str
    rows: int  # count
    contribution: Number  # info: their part of the log loss
    share: Number  # none: the same as a share of it


class ReliabilityBin(ResultPart, frozen=True):
    """Rows whose top class has a probability in [low, high); the last bin is closed."""

    low: float  # none, 0 to 1
    high: float  # none, 0 to 1
    rows: int  # count
    confidence: Number  # none: mean probability of the top class; None without rows
    accuracy: Number  # none: share of the rows whose top class is right; None without rows


class Basis(ResultPart, frozen=True):
    """What intervals rest on, for gates that need others than 95 %; no output has it."""

    effective_rows: float = 0.0  # rows of equal weight that would give the accuracy its standard error
    overconfidence_se: Number = None  # info: error of the log loss if predictions are right, whatever the labels
    clusters: int | None = None  # None: rows do not depend on one another


class ClassBasis(ResultPart, frozen=True):
    """The same of one class."""

    log_loss_se: Number  # info: sampling error; None for fewer than two rows
    overconfidence_se: Number  # info: its error if the predictions are right
    recall_rows: float  # effective rows of the class
    precision_rows: float  # effective rows whose top class it is


class DocumentResult(ResultPart, frozen=True):
    """The tokens of one document."""

    optional = ("bits_per_byte",)
    info = ("contribution",)

    document: str
    rows: int  # count: tokens
    contribution: Number  # info: its part of the log loss; those of all add up
    log_loss: Number  # info: mean over its tokens
    perplexity: Number
    bits_per_byte: Number = None  # None without the bytes of tokens


class SliceResult(ResultPart, frozen=True):
    """The rows that share a value, or values, of the columns sliced by; None is a missing value."""

    unwritten = ("basis",)
    paired = ("by",)

    by: tuple[tuple[str, str | None], ...]
    rows: int  # count
    weight: float
    contribution: Number  # info: their part of the log loss; those of one set of columns add up
    metrics: Metrics
    breakdown: Breakdown | None
    basis: Basis = field(default_factory=Basis)
