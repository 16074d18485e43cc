"""The report of `xent calibrate`: whether a recalibration helps, and what each method does."""

from __future__ import annotations

from collections.abc import Iterator

from xentcli.render.page import Page
from xentcli.render.reports.report import (
    Column,
    ColumnOf,
    Report,
    Section,
    Sentences,
    Styled,
    given_roles,
    grid_of,
    input_names,
    numeric,
    signature_line,
)
from xentcli.render.reports.requirements import gate_grid, requirement_remarks
from xentcli.render.text import number, signed
from xentcli.results.calibrate import AUTO, CalibrateResult, MethodResult
from xentcli.wording import few, plural

_ROUNDING = 1e-12
_TONES = {"helps": "better", "hurts": "worse"}

METHODS: tuple[ColumnOf[MethodResult], ...] = (
    (Column("method"), lambda each: Styled(each.method, "headline") if each.method == AUTO else each.method),
    (Column("parameters", drop=2), lambda each: parameters(each)),
    (numeric("in-sample", 1), lambda each: number(each.log_loss_in_sample)),
    (numeric("held out"), lambda each: number(each.log_loss_cross_fitted)),
    (numeric("gain"), lambda each: _saved(each.gain)),
    (numeric("gain SE", 1), lambda each: number(each.gain_se)),
    (Column("verdict", whole=True), lambda each: _toned(each.verdict)),
)


def report(result: CalibrateResult, page: Page) -> Report:
    """Everything that a person is told."""
    return Report(
        name=input_names(source.name for source in result.inputs),
        what=f"{result.rows:,} rows, {len(result.classes)} classes, {_stated(result)}",
        roles=tuple(_roles(result)),
        sections=tuple(_sections(result)),
        small_print=signature_line(result.signature, len(result.classes), full=page.full),
        pointers=() if result.chosen == "none" else ("apply it: xent apply cal.json FILE -o OUT",),
        verdict=Styled(verdict(result), _tone(result)),
        first=1 + 2 * bool(result.gates),
    )


def _toned(verdict: str) -> str:
    """A verdict, in the color of what it means if it is one."""
    return Styled(verdict, _TONES[verdict]) if verdict in _TONES else verdict


def _tone(result: CalibrateResult) -> str:
    return _TONES.get(result.judged.verdict, "headline") if result.chosen != "none" else "headline"


def verdict(result: CalibrateResult) -> str:
    """One sentence: what to do, what it saves, and how sure that is."""
    judged, chosen = result.judged, result.chosen
    if chosen == "none":
        if judged.method != AUTO:
            return f"leave the predictions as they are: {judged.method} changes nothing on these rows"
        rows = "on rows its fit has not seen"
        return f"leave the predictions as they are: choosing a method ({AUTO}) is not shown to help {rows}"
    if judged.gain is None:
        return f"{chosen}: what it saves is not known from these rows"
    rows = "a row on rows its fit has not seen"
    if judged.verdict == "helps":
        least = f"at least {number(judged.gain_low)} with 95 % confidence"
        return f"{chosen} helps: it saves {_info(judged.gain, result)} {rows} ({least})"
    if judged.verdict == "hurts":
        return f"{chosen} hurts: it costs {_info(-judged.gain, result)} {rows}"
    return f"{chosen} is not shown to help: {_saved(judged.gain)} {result.unit.value} {rows}"


def parameters(each: MethodResult) -> str:
    """The parameters in few words: one by its value, a few as z = f(x) has them, many by their number."""
    found = each.parameters
    if each.method == AUTO:
        return "by fold"
    if {*found} == {"slope", "offset"}:
        return f"{number(found['slope'], 3)} x {signed(found['offset'], 3)}"
    if {*found} == {"a", "b", "c"}:
        return " ".join(number(value, 2) for value in found.values())
    return ", ".join(_parameter(name, value, alone=len(found) == 1) for name, value in found.items())


def _parameter(name: str, value: float | dict[str, float] | tuple[object, ...], *, alone: bool) -> str:
    if isinstance(value, tuple):
        return plural(len(value), name.removesuffix("s"))
    if isinstance(value, dict) and len(value) > 2:
        return f"{len(value) - (name != 'slopes')} {name if name.endswith('s') else f'{name}s'}"
    if isinstance(value, dict):  # of two classes, the first of which is 0
        first, second = value.values()
        return signed(second - first, 3)
    shown = signed(value, 3) if name == "offset" else number(value, 3)
    return shown if alone else f"{name} {shown}"


def _roles(result: CalibrateResult) -> Iterator[tuple[str, str]]:
    used = result.columns
    columns = list(dict.fromkeys(used.scores.values()))
    roles = {
        "label": used.label,
        "scores": few(columns, 5, ", ... ({count})"),
        "weight": used.weight,
        "cluster": used.cluster,
        "folds": _folds(result) if result.folds else None,
    }
    yield from given_roles(roles)


def _folds(result: CalibrateResult) -> str:
    if result.fold_column is None:
        return f"{result.folds}, by chance"
    order = ", each predicted from those before it" if result.forward else ""
    return f"{result.folds}, by {result.fold_column}{order}"


def _sections(result: CalibrateResult) -> Iterator[Section]:
    yield grid_of(result.methods, METHODS)
    if result.gates:
        yield gate_grid(result.gates)
        if lines := tuple(requirement_remarks(result.gates)):
            yield Sentences(lines)


def _saved(gain: float | None) -> str:
    """A gain with its sign; what is left of sums that cancel is none."""
    return "-" if gain is None else signed(gain if abs(gain) >= _ROUNDING else 0.0)


def _stated(result: CalibrateResult) -> str:
    return "no labels" if result.log_loss is None else f"log loss {_info(result.log_loss, result)}"


def _info(value: float, result: CalibrateResult) -> str:
    return f"{number(value)} {result.unit.value}"
