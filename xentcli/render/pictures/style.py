"""What pictures look like: one type face, and hues that differ in any kind of sight, on light and dark paper.

Series have the hues of Okabe and Ito (2008), a dash and a marker, so that no hue has to be told apart. Text has a
contrast of at least 4.5 : 1 with the paper, lines at least 3 : 1.
"""

from __future__ import annotations

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
FONTS = "'DejaVu Sans', 'Liberation Sans', 'Noto Sans', Arial, Helvetica, 'Helvetica Neue', sans-serif"

DASHES = ("", "7 3", "2 3", "9 3 2 3", "12 4", "5 2 1 2 1 2", "1 2")  # of the series, one after the other

LIGHT = {
    "paper": "#ffffff", "ink": "#1c1e21", "muted": "#5c6370", "grid": "#e4e7eb", "axis": "#8a919c",
    "discrimination": "#0b7480", "miscalibration": "#a03fa0", "neutral": "#6b7280", "better": "#1f7a34",
    "worse": "#c02f2f", "band": "#d7e3f0",
    "s0": "#0072b2", "s1": "#c04d00", "s2": "#007a59", "s3": "#b0508a", "s4": "#8a6a00", "s5": "#2f7fb5",
    "s6": "#333333",
}  # fmt: skip
DARK = {
    "paper": "#16181c", "ink": "#eceef1", "muted": "#a6adb8", "grid": "#2c3037", "axis": "#767e8b",
    "discrimination": "#3fc1cd", "miscalibration": "#dd8add", "neutral": "#9aa2ae", "better": "#5fc977",
    "worse": "#ff8078", "band": "#2a3b4f",
    "s0": "#5ab4ee", "s1": "#ff9a57", "s2": "#3fcf9f", "s3": "#f09ccb", "s4": "#e6c34a", "s5": "#8fcdf5",
    "s6": "#d8dbe0",
}  # fmt: skip
SERIES = sum(name.startswith("s") and name[1:].isdigit() for name in LIGHT)


def hue(series: int) -> str:
    """The class of a series, one after the other."""
    return f"s{series % SERIES}"


def dash(series: int) -> str:
    """Its dash: with the hue it repeats only after forty-nine."""
    return DASHES[(series + series // SERIES) % len(DASHES)]


def style_sheet(whole: str = ".xent") -> str:
    """The style of pictures: all is drawn in variables, which the dark ones change.

    `whole` is what has them: a picture, so that the page around it keeps its own; or the root of a page of xent.
    """
    rules = [f"{whole}{{{_variables(LIGHT)}}}"]
    rules.append(f"@media (prefers-color-scheme:dark){{{whole}{{{_variables(DARK)}}}}}")
    rules.append(f"@media print{{{whole}{{{_variables(LIGHT)}}}}}")
    rules.append(f".xent text{{font-family:{FONT};font-size:12px;fill:var(--ink)}}")
    rules.append(".xent .title{font-size:16px;font-weight:600}.xent .muted{fill:var(--muted)}")
    rules.append(".xent .end{text-anchor:end}.xent .middle{text-anchor:middle}.xent .strong{font-weight:600}")
    rules.append(".xent .num{font-variant-numeric:tabular-nums}")
    rules.append(".xent .grid{stroke:var(--grid)}.xent .axis{stroke:var(--axis)}.xent .line{fill:none}")
    rules += [
        f".xent .{name}{{--hue:var(--{name})}}" for name in LIGHT if name not in ("paper", "ink", "grid", "axis")
    ]
    rules.append(".xent .line{stroke:var(--hue)}.xent .fill{fill:var(--hue)}.xent .paper{fill:var(--paper)}")
    return "".join(rules)


def plain_style_sheet() -> str:
    """The same in light for programs that know no variables, and fonts only by their own names."""
    rules = [f"text{{font-family:{FONTS};font-size:12px;fill:{LIGHT['ink']}}}"]
    rules.append(f".title{{font-size:16px;font-weight:600}}.muted{{fill:{LIGHT['muted']}}}.line{{fill:none}}")
    rules.append(".end{text-anchor:end}.middle{text-anchor:middle}.strong{font-weight:600}")
    rules.append(f".grid{{stroke:{LIGHT['grid']}}}.axis{{stroke:{LIGHT['axis']}}}.paper{{fill:{LIGHT['paper']}}}")
    for name, color in LIGHT.items():
        rules.append(f".line.{name}{{stroke:{color}}}.fill.{name}{{fill:{color}}}")
    return "".join(rules)


def _variables(colors: dict[str, str]) -> str:
    return "".join(f"--{name}:{value};" for name, value in colors.items())
