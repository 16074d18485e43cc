"""What `xent rank` found: several models on the same rows, the best first. A difference is model - base.

`None` means not available; `RankResult.unavailable` says why, under `NUMBER[MODEL]`. Fields marked "info" are
amounts of information.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from msgspec.structs import replace

from xentcli.errors import Notice
from xentcli.results.compare import CompareResult, Difference, SliceDifference, differences_in_unit
from xentcli.results.gate import ModelVerdicts
from xentcli.results.metrics import RANKING
from xentcli.results.parts import Breakdown, Metrics, Number, ResultPart
from xentcli.results.result import ColumnsUsed, FlatRow, InfoResult, InputInfo, Signature
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import selector
from xentcli.results.verdicts import Gate, overall_verdict, sort_worst_first
from xentcli.units import Unit
from xentcli.wording import few, plural

_DIFFERENCE = ("value", "se", "low", "high", "p_value", "p_holm")  # what CSV has of one
_SHOWN = 5  # names in a headline

CHOSEN_ON_THESE_ROWS = "The best was chosen on these same rows: expect a smaller lead on new ones."


class ModelDifference(ResultPart, frozen=True):
    """What a model loses more than another on the same rows, a row, on average."""

    info = ("value", "low", "high", "se")

    base: str  # the model it is compared with: --base, or the best
    value: Number  # info: model - base; Infinity where only the model has rows of infinite loss
    se: Number  # info, paired
    low: Number  # info: at the level of the result, Student's t
    high: Number  # info
    p_value: Number  # two-sided, of no difference
    p_holm: Number  # the same by Holm's method, over all models but the base


class RankPair(ResultPart, frozen=True):
    """Two models: `b` loses no more than `a`."""

    info = ("se",)

    a: str
    b: str
    difference: Number  # info, >= 0: a - b
    se: Number  # info
    p_value: Number  # one-sided, of b not being better
    p_holm: Number  # the same by Holm's method, over both directions of all pairs


class RankedModel(ResultPart, frozen=True):
    """One model: its own score on these rows, its place, and how it differs from the base."""

    name: str
    score: ScoreResult  # in the unit of the result, sliced
    rank_low: int  # 1 + models shown better
    rank_high: int  # models - those shown worse
    may_be_best: bool
    difference: ModelDifference | None  # None for the base itself
    # What a limit against the base and the tables of slices need, as of `compare`; empty for the base itself.
    differences: dict[str, Difference]  # log_loss, accuracy, brier against --base; empty without
    slices: tuple[SliceDifference, ...]  # against --base, or the best; in the order of the table
    wins: int = 0  # rows where the model loses less than the base; of both, those of other losses are not alike
    losses: int = 0
    ties: int = 0

    @property
    def inputs(self) -> tuple[InputInfo, ...]:
        """What it was read from."""
        return self.score.inputs

    @property
    def metrics(self) -> Metrics:
        """Those of its score."""
        return self.score.metrics

    @property
    def breakdown(self) -> Breakdown | None:
        """That of its score."""
        return self.score.breakdown

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return self._json(
            ("name", "inputs", "metrics", "breakdown", "rank_low", "rank_high", "may_be_best", "difference")
        )

    def in_unit(self, factor: float) -> Self:
        """With its differences multiplied by `factor`; the score has a unit of its own."""
        return replace(
            self,
            difference=self.difference and self.difference.in_unit(factor),
            differences=differences_in_unit(self.differences, factor),
            slices=tuple(each.in_unit(factor) for each in self.slices),
        )


class SliceModel(ResultPart, frozen=True):
    """One model on the rows of a slice."""

    info = ("low", "high")

    name: str
    log_loss: Number  # info
    difference: Number  # info: model - base; 0 for the base itself
    se: Number  # info, paired
    low: Number  # info, 95 %
    high: Number  # info
    p_value: Number  # two-sided


class RankSlice(ResultPart, frozen=True):
    """The rows that share a value, or values, of the columns sliced by; None is a missing value."""

    paired = ("by",)

    by: tuple[tuple[str, str | None], ...]
    rows: int
    weight: float
    models: tuple[SliceModel, ...]  # in the order of the result


class RankResult(InfoResult, frozen=True):
    """The result of `xent rank`, in one unit. There are two models or more."""

    format = "xent.rank"
    flat_columns = ScoreResult.flat_columns
    keys = (
        "version", "signature", "inputs", "columns", "on", "rows", "weight", "clusters", "classes", "input_kind",
        "unit", "level", "base", "anytime", "models", "pairs", "slices", "gates", "notices", "unavailable",
    )  # fmt: skip

    version: str
    models: tuple[RankedModel, ...]  # the best first
    pairs: tuple[RankPair, ...]  # in the order of the models: the first against each later one, and so on
    level: float  # 0.5 to 1: the best is kept among those that may be best at least so often
    base: str | None  # the name of --base; None: differences are to the best, which these rows chose
    on: str | None  # the column of ids; None: rows met in order
    clusters: int | None  # how many; None: rows are taken as independent
    anytime: int | None  # --anytime: rows, or clusters, of the tightest interval; None: Student's t
    notices: tuple[Notice, ...]
    unavailable: dict[str, str]  # name of a number that is None: the reason
    gates: tuple[Gate, ...] = ()

    @property
    def reference(self) -> RankedModel:
        """The model that the others are compared with: --base, or the best."""
        return self.model(self.base) if self.base is not None else self.models[0]

    @property
    def together(self) -> bool:
        """Whether the models stand side by side in one input, so that no rows had to meet."""
        return all(each.inputs == self.models[0].inputs for each in self.models)

    def model(self, name: str) -> RankedModel:
        """The model of a name that there is."""
        return next(each for each in self.models if each.name == name)

    def against_base(self, model: RankedModel) -> CompareResult:
        """A model against --base, as `xent compare` finds it: what has no paired difference here is None."""
        return CompareResult(
            version=self.version,
            base=self.reference.score,
            new=model.score,
            on=self.on,
            clusters=self.clusters,
            metrics=model.differences,
            change=None,
            wins=model.wins,
            losses=model.losses,
            ties=model.ties,
            detectable_difference=None,
            slices=model.slices,
            most_different=(),
            notices=(),
            unavailable={},
            anytime=self.anytime,
        )

    @property
    def may_be_best(self) -> tuple[str, ...]:
        """The names of the models that may be best."""
        return tuple(each.name for each in self.models if each.may_be_best)

    @property
    def signature(self) -> Signature:
        """What changed the numbers, of all models alike."""
        return self._score.signature

    @property
    def inputs(self) -> tuple[InputInfo, ...]:
        """Of all models, each once."""
        return tuple(dict.fromkeys(each for model in self.models for each in model.inputs))

    @property
    def columns(self) -> dict[str, ColumnsUsed]:
        """Which column was used as what, by model."""
        return {model.name: model.score.columns for model in self.models}

    @property
    def rows(self) -> int:
        """Rows that all models scored, of positive weight."""
        return self._score.rows

    @property
    def weight(self) -> float:
        """Of the rows."""
        return self._score.weight

    @property
    def classes(self) -> tuple[str, ...]:
        """In the order of the best model."""
        return self._score.classes

    @property
    def input_kind(self) -> dict[str, str]:
        """By model."""
        return {model.name: model.score.input_kind for model in self.models}

    @property
    def unit(self) -> Unit:
        """Of every amount of information."""
        return self._score.unit

    @property
    def verdicts(self) -> ModelVerdicts:
        """What became of what is required of the models."""
        gates = tuple(sort_worst_first(self.gates))
        return ModelVerdicts(gates, self.doubts, self.rows, self.unit, self.inputs, self.base)

    @property
    def _score(self) -> ScoreResult:
        return self.models[0].score

    @property
    def slices(self) -> tuple[RankSlice, ...]:
        """All models on each slice."""
        found = next((each.slices for each in self.models if each.slices), ())
        return tuple(self._slice(place, one) for place, one in enumerate(found))

    def _slice(self, place: int, one: SliceDifference) -> RankSlice:
        base = SliceModel(self.reference.name, one.metrics["log_loss"].base, 0.0, 0.0, 0.0, 0.0, None)
        models = tuple(
            _slice_model(each.name, each.slices[place].metrics["log_loss"]) if each.slices else base
            for each in self.models
        )
        return RankSlice(one.by, one.rows, one.weight, models)

    def headline(self) -> Iterator[str]:
        """What a line has room for, in parts."""
        yield plural(len(self.models), "model")
        yield plural(self.rows, "row")
        yield f"may be best: {few(self.may_be_best, _SHOWN, ' and {left} more')}"
        if self.gates:
            yield f"requirements: {overall_verdict(self.gates)}"

    def to_unit(self, unit: Unit | str) -> Self:
        """The same result with every amount of information in another unit."""
        unit = Unit(unit)
        there = self.in_unit(unit.of(self.unit.nats))
        return replace(there, models=tuple(replace(each, score=each.score.to_unit(unit)) for each in there.models))

    def to_rows(self) -> list[FlatRow]:
        """One value a tuple: (table, by, class, metric, value, unit); `by` names the model: `model=new`."""
        return list(self._flat_rows())

    def _flat_rows(self) -> Iterator[FlatRow]:
        yield from self.flat_doubts()
        for each in self.models:
            yield from self._flat_model(each)
        for pair in self.pairs:
            by = selector([("a", pair.a), ("b", pair.b)])
            yield from self.flat_part("pairs", pair, by, names=("difference", "p_value", "p_holm"))
        for part in self.slices:
            for model in part.models:
                by = selector([("model", model.name), *part.by])
                yield "slices", by, "", "rows", part.rows, "count"
                yield from self.flat_part("slices", model, by, names=("log_loss", "difference", "p_value"))
        for gate in self.gates:
            yield from self.flat_gate(gate)

    def _flat_model(self, each: RankedModel) -> Iterator[FlatRow]:
        by = selector([("model", each.name)])
        for name in ("rank_low", "rank_high", "may_be_best"):
            yield "models", by, "", name, int(getattr(each, name)), RANKING[name].unit
        for name in _DIFFERENCE if each.difference is not None else ():
            unit = "" if name.startswith("p_") else self.unit.value
            yield "models", by, "", f"difference.{name}", getattr(each.difference, name), unit
        yield from self.flat_part("models.metrics", each.metrics, by)
        if each.breakdown is not None:
            yield from self.flat_part("models.breakdown", each.breakdown, by)


def _slice_model(name: str, found: Difference) -> SliceModel:
    return SliceModel(name, found.new, found.difference, found.se, found.low, found.high, found.p_value)
