"""Histogram of the row losses, and the share of the total that each bin carries."""

from __future__ import annotations

from xentcli.render.pictures.frame import BOLD, MARGIN, heading, heading_height, tick
from xentcli.render.pictures.scale import Linear, Log, around
from xentcli.render.pictures.svg import Svg, fit
from xentcli.render.pictures.svg import number as pixels
from xentcli.render.text import number
from xentcli.results.pictures import LossesPicture, ModelLosses, whole_words
from xentcli.wording import percent, plural

_WIDTH, _LEFT, _PANEL = 640.0, 84.0, 170.0
_TURNED = 32.0  # where the words beside the axis stand


def picture(drawn: LossesPicture) -> Svg:
    """For each model bars of rows upwards, and of the loss that they carry downwards."""
    unit, of = drawn.unit.value, whole_words(weighted=drawn.weighted)
    title = "Where the loss is: row losses" + (f" of {drawn.models[0].name}" if len(drawn.models) == 1 else "")
    lines = [
        f"Up: share of {of} with such a loss. Down: share of the total log loss that it carries.",
        *(_sentence(each, drawn) for each in drawn.models),
    ]
    top = heading_height(_WIDTH, lines)
    named = 24.0 if len(drawn.models) > 1 else 0.0
    svg = Svg(_WIDTH, top + (_PANEL + named) * len(drawn.models) + 50, title, " ".join(lines))
    heading(svg, title, lines)
    bins = drawn.models[0].bins
    low = next(each.high for each in bins if each.high > 0)
    x = Log(low / (bins[1].high / bins[1].low) if len(bins) > 1 else low / 2, bins[-1].high, _LEFT, _WIDTH - 24)
    most = around(
        [one for each in drawn.models for part in each.bins for one in (part.rows, part.loss)], zero=True
    )[1]
    at = top
    for each in drawn.models:
        if named:
            svg.text((MARGIN, at + 14), fit(each.name, (_WIDTH - 2 * MARGIN) / BOLD), "strong", hint=each.name)
            at += named
        _panel(svg, each, (x, most), at, drawn)
        at += _PANEL
    for value in x.ticks():
        svg.text((x(value), at + 16), tick(value), "muted num middle")
    svg.text(((x.start + x.end) / 2, at + 36), f"loss of a row, {unit} (logarithmic)", "muted middle")
    return svg


def _panel(svg: Svg, each: ModelLosses, scales: tuple[Log, float], top: float, drawn: LossesPicture) -> None:
    """On the axis of losses and, as all panels, up to the same share."""
    x, most = scales
    unit, of = drawn.unit.value, whole_words(weighted=drawn.weighted)
    half = _PANEL / 2 - 12
    middle = top + 6 + half
    up, down = Linear(0, most, middle, middle - half), Linear(0, most, middle, middle + half)
    for value in up.ticks(3):
        for scale in (up, down) if value else (up,):
            svg.line((x.start, scale(value)), (x.end, scale(value)), "grid")
            svg.text((x.start - 8, scale(value) + 4), f"{100 * value:.6g} %", "muted num end")
    for one in each.bins:
        left, right = x(max(one.low, x.low)) + 1, x(one.high) - 1
        span = f"{number(one.low)} to {number(one.high)} {unit}"
        if one.rows > 0:
            svg.rect(
                (left, up(one.rows)),
                right - left,
                middle - up(one.rows),
                "fill neutral",
                f"{span}: {percent(one.rows)} of {of}",
            )
        if one.loss > 0:
            hint = f"{span}: {percent(one.loss)} of the loss"
            svg.rect((left, middle), right - left, down(one.loss) - middle, "fill worse", hint)
    svg.line((x.start, middle), (x.end, middle), "axis")
    for word, y in ((of.removeprefix("the "), middle - half / 2), ("loss", middle + half / 2)):
        turn = f"rotate(-90 {pixels(_TURNED)} {pixels(y)})"
        svg.text((_TURNED, y), word, "muted middle", transform=turn)


def _sentence(each: ModelLosses, drawn: LossesPicture) -> str:
    begin = f"{each.name}: log loss" if len(drawn.models) > 1 else "Log loss"
    text = f"{begin} {number(each.log_loss)} {drawn.unit.value}"
    if each.infinite_rows:
        rows = f"{plural(each.infinite_rows, 'row')} of infinite loss, which no bin holds"
        return f"{text}: {rows}; shares are of the loss of the other rows."
    if not each.log_loss:
        return f"{text}: every row has a loss of 0."
    of = whole_words(weighted=drawn.weighted)
    return f"{text}; the tenth of {of} at the right carries {percent(_upper_tenth(each))} of it."


def _upper_tenth(each: ModelLosses) -> float:
    """The share of the loss in the bins at the right that hold a tenth of the rows, the last of them in part."""
    left, share = 0.1, 0.0
    for one in reversed(each.bins):
        if one.rows <= 0:
            continue
        part = min(1.0, left / one.rows)
        share += part * one.loss
        left -= part * one.rows
        if left <= 0:
            break
    return share
