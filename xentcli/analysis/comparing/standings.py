"""From the totals of several models to their ranking: the best first, who may be best, and all differences."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec.structs import replace

from xentcli import __version__
from xentcli.analysis.comparing.differences import auc_difference, paired_metrics, slice_difference
from xentcli.analysis.comparing.models import met_in_order, notices_of
from xentcli.analysis.score import result_of
from xentcli.core.joint import PairErrors
from xentcli.core.numbers.ranking import PairTest, Standing, holm, standings
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import MeanDifference, difference
from xentcli.engine.comparing.ranks import ComparedModels
from xentcli.results.compare import Difference, SliceDifference
from xentcli.results.rank import ModelDifference, RankedModel, RankPair, RankResult
from xentcli.results.score import ScoreResult
from xentcli.states.comparison import Comparison

_INFINITE = "rows of infinite loss"
_BOTH_INFINITE = "both models have rows of infinite loss"  # which of these are the same rows is not kept
_UNTESTED = ("se", "p_value", "p_holm")  # of a pair


def ranking_result(comparison: Comparison[ComparedModels]) -> RankResult:
    """The ranking, in nats."""
    scores = [result_of(run) for run in comparison.runs]
    of_models = notices_of(list(zip(comparison.names, scores, strict=True)))
    missing: dict[str, str] = {}
    tests = _Tests(comparison)
    base = comparison.base
    return RankResult(
        version=__version__,
        models=tuple(_models(tests, scores, missing)),
        pairs=tuple(_pairs(tests, missing)),
        level=comparison.level,
        base=None if base is None else comparison.names[base],
        on=comparison.on,
        clusters=comparison.compared.joint.clusters.count if comparison.clustered else None,
        anytime=comparison.anytime,
        notices=(*comparison.notices, *met_in_order(comparison), *of_models),
        unavailable=missing,
    )


class _Tests:
    """What is tested; models are known by their number among those of the comparison."""

    def __init__(self, comparison: Comparison[ComparedModels]) -> None:
        self.comparison, self.joint = comparison, comparison.compared.joint
        self.errors = PairErrors(self.joint, clustered=comparison.clustered)

    @cached_property
    def order(self) -> list[int]:
        """The best first; models of infinite loss last, by how many rows; equal ones as they were given."""
        sums, infinite = self.joint.losses.sums.totals(), self.joint.infinite.tolist()
        return sorted(range(self.joint.count), key=lambda k: (infinite[k], sums[k], k))

    @cached_property
    def finite(self) -> list[int]:
        """Those that take part in tests, the best first."""
        return [k for k in self.order if not self.joint.infinite[k]]

    def both_infinite(self, one: int, other: int) -> bool:
        """Whether each of two models has rows of infinite loss."""
        return bool(self.joint.infinite[one] and self.joint.infinite[other])

    def pair(self, worse: int, better: int) -> PairTest:
        """The test of two models of finite loss."""
        errors, by = self.errors, self.comparison
        differing = 0 if by.anytime is None else errors.differing(worse, better)
        found = errors.difference(worse, better), errors.error(worse, better), errors.n, differing
        return PairTest(*found, by.anytime, by.level)

    @cached_property
    def pairs(self) -> dict[tuple[int, int], PairTest]:
        """Of every two, by the worse and the better."""
        both = ((worse, better) for at, worse in enumerate(self.finite) for better in self.finite[:at])
        return {(worse, better): self.pair(worse, better) for worse, better in both}

    @cached_property
    def p_values(self) -> dict[tuple[int, int], float]:
        """One-sided, of a model being no worse than another, by both."""
        found = {}
        for (worse, better), test in self.pairs.items():
            found[worse, better], found[better, worse] = test.p_values()
        return found

    @cached_property
    def adjusted(self) -> dict[tuple[int, int], float]:
        """The same by Holm's method, over both directions of all pairs."""
        return dict(zip(self.p_values, holm([*self.p_values.values()]), strict=True))

    @cached_property
    def standings(self) -> dict[int, Standing]:
        """Of each model: those of infinite loss share the last ranks, and may be best only if all are."""
        found = standings(self.finite, self.p_values, self.adjusted, self.comparison.level)
        last = Standing(len(self.finite) + 1, self.joint.count, not self.finite)
        return {k: found.get(k, last) for k in self.order}


def _pairs(tests: _Tests, missing: dict[str, str]) -> Iterator[RankPair]:
    """The first model against each later one, and so on."""
    names = tests.comparison.names
    for at, better in enumerate(tests.order):
        for worse in tests.order[at + 1 :]:
            test = tests.pairs.get((worse, better))
            if test is not None and test.possible:
                p, adjusted = tests.p_values[worse, better], tests.adjusted[worse, better]
                yield RankPair(names[worse], names[better], test.difference, test.se, p, adjusted)
                continue
            finite = not tests.joint.infinite[better]
            value = test.difference if test is not None else math.inf if finite else None
            pair = RankPair(names[worse], names[better], value, None, None, None)
            missing |= {f"pairs.{name}[{pair.a}, {pair.b}]": _reason(tests, test) for name in _UNTESTED}
            yield pair


def _reason(tests: _Tests, test: PairTest | None) -> str:
    """Why a pair has no test."""
    return _INFINITE if test is None else test.shortage(clustered=tests.comparison.clustered)


def _models(tests: _Tests, scores: Sequence[ScoreResult], missing: dict[str, str]) -> Iterator[RankedModel]:
    """The best first."""
    comparison, joint = tests.comparison, tests.joint
    base = tests.order[0] if comparison.base is None else comparison.base
    differences = _differences(tests, base, missing)
    for k in tests.order:
        standing, score, name = tests.standings[k], scores[k], comparison.names[k]
        if k == base:
            yield RankedModel(name, score, standing.low, standing.high, standing.may_be_best, None, {}, ())
            continue
        wins, losses = int(joint.lower[k, base]), int(joint.lower[base, k])
        metrics: dict[str, Difference] = {}
        if comparison.base is not None:
            metrics = paired_metrics(joint.against(k, base), comparison.clustered, comparison.anytime, {})
            metrics |= _of_auc(comparison, scores, k, base)
            if tests.both_infinite(k, base):
                metrics["log_loss"] = replace(metrics["log_loss"], reason=_BOTH_INFINITE)
        yield RankedModel(
            name=name,
            score=score,
            rank_low=standing.low,
            rank_high=standing.high,
            may_be_best=standing.may_be_best,
            difference=differences[k],
            differences=metrics,
            slices=tuple(_slices(comparison, k, base)),
            wins=wins,
            losses=losses,
            ties=joint.rows - wins - losses,
        )


def _of_auc(
    comparison: Comparison[ComparedModels], scores: Sequence[ScoreResult], k: int, base: int
) -> dict[str, Difference]:
    """The difference of the AUCs, where a requirement is about it."""
    areas = comparison.compared.areas
    if not areas or areas[k] == JointOdds():
        return {}
    of_base, of_model = ((scores[at], comparison.runs[at]) for at in (base, k))
    return {"auc": auc_difference(of_base, of_model, areas[k], comparison.anytime)}


def _differences(tests: _Tests, base: int, missing: dict[str, str]) -> dict[int, ModelDifference]:
    """Of each model but the base, with Holm's method over those that have a test."""
    by, joint = tests.comparison, tests.joint
    found: dict[int, MeanDifference] = {}
    for k in tests.order:
        if k != base:
            one = difference(joint.against(k, base), "log_loss", clustered=by.clustered, anytime=by.anytime)
            assert one is not None  # every row has a loss
            found[k] = replace(one, reason=_BOTH_INFINITE) if tests.both_infinite(k, base) else one
    p_values = {k: p for k, one in found.items() if (p := _p_value(one, by.level)) is not None}
    adjusted = dict(zip(p_values, holm([*p_values.values()]), strict=True))
    return {
        k: _model_difference(by, (k, base), one, (p_values.get(k), adjusted.get(k)), missing)
        for k, one in found.items()
    }


def _p_value(found: MeanDifference, level: float) -> float | None:
    """Two-sided, of no difference; a standard error of 0 leaves no doubt."""
    if found.errors is not None and found.difference is not None and not found.errors.se:
        return float(not found.difference)
    return found.test(level)[1]


def _model_difference(
    comparison: Comparison[ComparedModels],
    pair: tuple[int, int],
    found: MeanDifference,
    p_values: tuple[float | None, float | None],
    missing: dict[str, str],
) -> ModelDifference:
    name, base = (comparison.names[k] for k in pair)
    low, high = found.interval(comparison.level) or (None, None)
    se = None if found.errors is None else found.errors.se
    result = ModelDifference(base, found.difference, se, low, high, *p_values)
    values = result.to_dict()
    missing |= {
        f"difference.{part}[{name}]": found.reason or "" for part, value in values.items() if value is None
    }
    return result


def _slices(comparison: Comparison[ComparedModels], k: int, base: int) -> Iterator[SliceDifference]:
    """The slices of each set of columns, the largest first: in one order for all models."""
    whole, states = comparison.compared.joint.against(k, base), comparison.compared.slices.states
    for number, columns in enumerate(comparison.runs[0].columns.keys.by):
        own = [(values, state) for (of, values), state in states.items() if of == number]
        for values, state in sorted(
            own, key=lambda each: (-each[1].rows, [(v is None, v or "") for v in each[0]])
        ):
            by = tuple(zip(columns, values, strict=True))
            yield slice_difference(by, state.against(k, base), whole, comparison.clustered, comparison.anytime)
