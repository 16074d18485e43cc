"""Requirements on several models: `may_be_best[new]`, `rank_high[new] <= 2`, `log_loss[new] <= baseline + 0.01`.

Ranks, and what may be best, are compared as they are: they hold at the level of the ranking. Other numbers are
checked as those of a comparison of the model with --base, which is the baseline.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xentcli.errors import RequestError
from xentcli.gates.check_comparison import check_comparison
from xentcli.gates.check_score import refuse_skipped
from xentcli.gates.requirement import RANKS, FixedLimit, Requirement
from xentcli.gates.verdict import Estimate, Threshold, gate_outcome
from xentcli.intervals import Level
from xentcli.results.rank import RankedModel, RankResult
from xentcli.results.selectors import quoted
from xentcli.results.verdicts import Gate
from xentcli.units import Unit
from xentcli.wording import did_you_mean, few


def check_ranking(
    result: RankResult,
    requirements: Sequence[Requirement],
    level: Level | None = None,
    unit: Unit | None = None,
) -> tuple[Gate, ...]:
    """What becomes of each requirement, in their order; `[MODEL, COL=*]` has an outcome for each slice.

    Limits are read, and numbers given, in `unit`: by default the result's own. Raises `RequestError` for what
    cannot be checked.
    """
    refuse_unknown_models(requirements, [each.name for each in result.models], result.base)
    for model in result.models:
        refuse_skipped(model.score.metrics.skipped_rows, requirements, f"[{quoted(model.name)}]")
    left_out = [each for each in requirements if each.name == "skipped_rows"]
    found: list[Gate] = []
    for each in requirements:
        model = result.model(each.model or "")
        if each.name in RANKS:
            found.append(_rank_gate(result, model, each))
        else:  # those on skipped rows come along to say that somebody thought of them
            gates = check_comparison(result.against_base(model), [each, *left_out], level, unit)
            found += gates[: len(gates) - len(left_out)]
    return tuple(found)


def refuse_unknown_models(requirements: Sequence[Requirement], names: Sequence[str], base: str | None) -> None:
    """Raise a `RequestError` for a requirement on a model that is none, or against a base that is not given.

    Nothing has to be read to tell.
    """
    for each in requirements:
        if each.model not in names:
            hint = f"{did_you_mean(each.model or '', names)}models: {few(names, 20)}"
            raise each.error("no_such_model", f'unknown model "{each.model}"', hint)
        if each.by_baseline and base is None:
            hint = f"--base {next((name for name in names if name != each.model), names[0])}"
            raise RequestError("no_baseline", f'requirement "{each.text}" needs --base NAME', hint=hint)
        if each.by_baseline and each.model == base:
            raise each.error("no_baseline", f'"{base}" is the base itself', "name another model in the brackets")


def _rank_gate(result: RankResult, model: RankedModel, requirement: Requirement) -> Gate:
    limit = requirement.limit
    assert isinstance(limit, FixedLimit)  # there is no baseline
    ends = [int(each) for each in _range(result, model, requirement.name)]
    outcome, other = (gate_outcome(requirement, Estimate(end), Threshold(limit.number)) for end in ends)
    if outcome.verdict != other.verdict:
        why = _untested(result, model)[0]
        message = f"{requirement.name}[{quoted(model.name)}] is undecided: {why}"
        return replace(outcome, verdict="undecided", message=message)
    if requirement.name != "may_be_best":
        return outcome
    found = f"{quoted(model.name)} {'may' if model.may_be_best else 'cannot'} be best"
    if not model.may_be_best:
        better = _shown_better(result, model)
        found += ": its loss is infinite" if better is None else f": {quoted(better)} rules it out"
    failed = ", so the requirement fails" if outcome.verdict == "fail" else ""
    return replace(outcome, message=f"{found}{failed}")


def _range(result: RankResult, model: RankedModel, name: str) -> tuple[float, float]:
    """A number of a model as it is, and the furthest that tests still to be made could take it."""
    value, more = getattr(model, name), len(_untested(result, model))
    if name == "may_be_best":
        return value, value and not more
    return value, value + more if name == "rank_low" else value - more


def _untested(result: RankResult, model: RankedModel) -> list[str]:
    """Why each pair of the model with another one of finite loss has no test."""
    finite = {each.name for each in result.models if not each.metrics.infinite_rows}
    return [
        result.unavailable.get(f"pairs.p_value[{pair.a}, {pair.b}]", "these rows allow no test")
        for pair in result.pairs
        if pair.p_value is None and model.name in (pair.a, pair.b) and {pair.a, pair.b} <= finite
    ]


def _shown_better(result: RankResult, model: RankedModel) -> str | None:
    """The model that is shown the most clearly to be better; None for one of infinite loss."""
    pairs = [(pair.p_value, pair.b) for pair in result.pairs if pair.a == model.name and pair.p_value is not None]
    return min(pairs, default=(None, None))[1]
