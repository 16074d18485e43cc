"""The report of `xent rank`: who may be best, the leaderboard, and below it slices and pairs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from xentcli.render.page import Page
from xentcli.render.reports.breakdown import slice_grids, unlisted_slices
from xentcli.render.reports.report import (
    EXPLAIN,
    Column,
    ColumnOf,
    Report,
    Section,
    Sentences,
    Styled,
    given_roles,
    grid_of,
    left_out,
    literal,
    numeric,
    numeric_of,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number, p_value, signed
from xentcli.results.parts import Number
from xentcli.results.rank import CHOSEN_ON_THESE_ROWS, RankedModel, RankPair, RankResult, RankSlice
from xentcli.results.verdicts import sort_worst_first
from xentcli.wording import brief_middle, few, percent, plural

FEW_MODELS = 20  # in a report that is to fit on a screen
FEW_NAMES = 5  # in a sentence
LONG_NAME = 40  # characters of a name in a sentence
ROUNDING = 1e-12  # a part or an interval below is that of float64
MOST_PAIRS = 200  # in a table for people
FEW_COLUMNS, MOST_COLUMNS = 5, 10  # models beside a slice, with --full


def report(result: RankResult, page: Page) -> Report:
    """Everything that a person is told."""
    how = "matched in order" if result.on is None else "matched on id"
    if result.together:
        how = "each with the scores of all models"
    clusters = "" if result.clusters is None else f", {result.clusters:,} clusters"
    used = result.models[0].score.columns
    roles = {
        "base": result.base,
        "id": result.on,
        "label": used.label,
        "weight": used.weight,
        "cluster": used.cluster,
    }
    return Report(
        name=f"{len(result.models)} models",
        what=f"{plural(result.rows, 'row')}, {how}{clusters}, in {result.unit.value}",
        roles=tuple(given_roles(roles)),
        sections=tuple(_sections(result, page)),
        remarks=tuple(_remarks(result, page)),
        pointers=() if page.full else tuple(_pointers(result)),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        verdict=Styled(verdict(result), "headline"),
        first=2 + 2 * bool(result.gates),
    )


def _pointers(result: RankResult) -> Iterator[str]:
    yield "more: --full"
    if result.base is None:
        yield "a fixed base: --base NAME"
    yield from ("guide: xent help rank", EXPLAIN)


def verdict(result: RankResult) -> str:
    """One sentence: which models may be best, and how many may not."""
    names, count = result.may_be_best, len(result.models)
    worse = count - len(names)
    rest = f"; {plural(worse, 'model')} {'is' if worse == 1 else 'are'} ruled out" if worse else ""
    if len(names) == 1:
        return f"{names[0]} may be best{rest}"
    if not worse:
        which = "both may" if count == 2 else f"any of the {count} may"
        return f"no single best: {which} be"
    either = " or ".join(brief_middle(name, LONG_NAME) for name in names)
    if len(names) > 2:
        either = f"any of {_listed(names)}"
    return f"no single best: {either}{rest}"


def _listed(names: Sequence[str]) -> str:
    return few((brief_middle(name, LONG_NAME) for name in names), FEW_NAMES, " and {left} more")


def _sections(result: RankResult, page: Page) -> Iterator[Section]:
    yield grid_of(_shown(result, page), _leaderboard(result))
    yield Sentences(tuple(_words(result)))
    if result.gates:
        gates = sort_worst_first(result.gates)
        yield gate_grid(gates)
        yield Sentences(tuple(requirement_remarks(gates)))
    yield from slice_grids(result.slices, _slice_columns(result, page))
    if page.full:
        yield grid_of(result.models, _inputs(result))
        yield grid_of(result.pairs[:MOST_PAIRS], PAIRS)


def _shown(result: RankResult, page: Page) -> Sequence[RankedModel]:
    """The models that there is room for, and the base."""
    return _first(result, len(result.models) if page.full else FEW_MODELS)


def _first(result: RankResult, most: int) -> Sequence[RankedModel]:
    return [each for place, each in enumerate(result.models) if place < most or each.name == result.base]


def _leaderboard(result: RankResult) -> Sequence[ColumnOf[RankedModel]]:
    """Left to right as they are read; what the least hangs on is dropped first."""
    level = f"{100 * result.level:g} %"
    columns: list[ColumnOf[RankedModel]] = [
        (Column("rank", whole=True), lambda each: _range(each)),
        (literal("model"), lambda each: Styled(each.name, "headline") if each.may_be_best else each.name),
        (numeric("log loss"), lambda each: number(each.metrics.log_loss)),
        (Column("95 % (own)", whole=True, drop=8), lambda each: _own_interval(each)),
        (numeric("vs best" if result.base is None else "vs base", 2), partial(_difference, result=result)),
        (Column(level, whole=True, drop=3), _interval),
        (numeric("p (Holm)", 4), _p_holm),
    ]
    if any(each.breakdown is not None for each in result.models):
        columns += [
            (numeric("discrimination", 7), partial(_part, name="discrimination")),
            (numeric("miscalibration", 6), partial(_part, name="miscalibration")),
        ]
    if result.classes:
        columns += [
            (numeric("accuracy", 5), lambda each: percent(each.metrics.accuracy)),
            (numeric("Brier", 9), lambda each: number(each.metrics.brier)),
        ]
    return [*columns, (Column("verdict", whole=True), lambda each: _verdict(each, result))]


def _range(each: RankedModel) -> str:
    low, high = each.rank_low, each.rank_high
    return f"{low}" if low == high else f"{low}-{high}"


def _own_interval(each: RankedModel) -> str:
    return _half(each.metrics.log_loss_low, each.metrics.log_loss_high)


def _half(low: Number, high: Number) -> str:
    """An interval that lies around its number as far to either side."""
    if low is None or high is None:
        return ""
    half = (high - low) / 2
    if 1e-4 <= half < 1e-3:  # in the decimals of the number beside it
        return f"± {half:.4f}"
    return f"± {number(half if half >= ROUNDING else 0.0)}"


def _part(each: RankedModel, name: str) -> str:
    value: Number = getattr(each.breakdown, name, None)
    return number(0.0 if value is not None and abs(value) < ROUNDING else value)


def _value(each: RankedModel, result: RankResult) -> Number:
    """The difference; minus infinity, which no result holds, where the base alone has rows of infinite loss."""
    if each.difference is None:
        return None
    alone = result.reference.metrics.infinite_rows and not each.metrics.infinite_rows
    return -math.inf if alone else each.difference.value


def _difference(each: RankedModel, result: RankResult) -> str:
    """With the decimals of its interval: more of them say nothing."""
    found, value = each.difference, _value(each, result)
    if found is None:
        return ""
    if value and abs(value) < 1e-3 and found.low is not None and found.high is not None:
        return f"{value:+.4f}" if found.high - found.low >= 2e-3 else signed(value)
    return signed(value)


def _interval(each: RankedModel) -> str:
    return "" if each.difference is None else _half(each.difference.low, each.difference.high)


def _p_holm(each: RankedModel) -> str:
    if each.difference is None:
        return ""
    return "-" if each.difference.p_holm is None else p_value(each.difference.p_holm)


def _verdict(each: RankedModel, result: RankResult) -> str:
    """Whether it may be best, and on which side of --base it is shown to be."""
    if result.base is None:
        return Styled("may be best", "better") if each.may_be_best else Styled("ruled out", "worse")
    words = ["may be best"] * each.may_be_best
    if each.difference is None:
        return ", ".join(["base", *words])
    side = _side(each, result)
    text = ", ".join([side, *words])
    return text if side == "not shown" else Styled(text, side)


def _side(each: RankedModel, result: RankResult) -> str:
    """Where a model is shown to be of --base."""
    value = _value(each, result)
    p = None if each.difference is None else each.difference.p_holm
    if value is None or (math.isfinite(value) and (p is None or p > 1 - result.level)):
        return "not shown"
    return "better" if value < 0 else "worse"


def _words(result: RankResult) -> Iterator[str]:
    """What the differences are to, and what is not in the table."""
    if result.base is None:
        yield CHOSEN_ON_THESE_ROWS
    else:
        sides = [_side(each, result) for each in result.models if each.difference is not None]
        counts = [f"{sides.count(side)} {side}" for side in ("better", "worse", "not shown") if side in sides]
        yield f"Against {result.base}: {', '.join(counts)}."
    if reason := result.unavailable.get(f"difference.p_value[{result.models[-1].name}]"):
        yield f"No test: {reason}."
    if result.anytime is not None:
        yield f"Intervals and p hold at every look at rows that grow (--anytime {result.anytime})."
    infinite = [each.name for each in result.models if each.metrics.infinite_rows]
    if infinite:
        yield f"Infinite loss, as a true class had probability 0, and so in no test: {_listed(infinite)}."


def _slice_columns(result: RankResult, page: Page) -> Sequence[ColumnOf[RankSlice]]:
    """The rows, the model of least loss, and the log loss of each: of the worst there is room for last."""
    columns: list[ColumnOf[RankSlice]] = [
        (numeric("rows"), lambda each: number(each.rows)),
        (literal("least log loss"), _least),
    ]
    for drop, model in enumerate(_first(result, _most_columns(page))):
        columns.append((numeric_of(model.name, drop), partial(_slice_loss, name=model.name)))
    return columns


def _most_columns(page: Page) -> int:
    return MOST_COLUMNS if page.full else FEW_COLUMNS


def _slice_loss(each: RankSlice, name: str) -> str:
    return number(next(model.log_loss for model in each.models if model.name == name))


def _least(each: RankSlice) -> str:
    return min(each.models, key=lambda model: math.inf if model.log_loss is None else model.log_loss).name


def _inputs(result: RankResult) -> Sequence[ColumnOf[RankedModel]]:
    return (
        (literal("model"), lambda each: each.name),
        (literal("input"), lambda each: few((source.name for source in each.inputs), 3)),
        (literal("scores"), lambda each: few(dict.fromkeys(each.score.columns.scores.values()), 5)),
        (Column("kind"), lambda each: each.score.input_kind.replace("_", "-")),
    )


PAIRS: Sequence[ColumnOf[RankPair]] = (
    (literal("higher loss"), lambda each: each.a),
    (literal("lower loss"), lambda each: each.b),
    (numeric("difference"), lambda each: signed(each.difference)),
    (numeric("p (one-sided)", 1), lambda each: "-" if each.p_value is None else p_value(each.p_value)),
    (numeric("p (Holm)"), lambda each: "-" if each.p_holm is None else p_value(each.p_holm)),
)


def _remarks(result: RankResult, page: Page) -> Iterator[str]:
    yield from left_out(len(result.models) - len(_shown(result, page)), "models", full=False)
    yield from unlisted_slices(result.slices)
    if result.slices:
        beside = _first(result, _most_columns(page))
        yield from left_out(len(result.models) - len(beside), "models beside the slices", full=page.full)
    if page.full:
        yield from left_out(len(result.pairs) - MOST_PAIRS, "pairs")
