"""A configuration of the gate to begin with: limits that the scores of today meet, with room for their noise."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context

from xentcli.render.reports.report import input_names
from xentcli.render.text import escape_in_string, number, visible
from xentcli.results.score import ScoreResult
from xentcli.results.selectors import quoted

_DIGITS = 3  # of a limit; rounded to the lenient side

Setting = str | float | bool | Sequence[str]


def starting_config(result: ScoreResult, settings: Mapping[str, Setting]) -> str:
    """TOML with comments; `settings` are the options that the scores were made with."""
    inputs = input_names(source.name for source in result.inputs)
    lines = [
        f"# xent gate: limits for {result.rows:,} rows of {inputs}.",
        "# For pyproject.toml; in a file xent.toml, the table is [gate].",
        "[tool.xent.gate]",
        *(f"{name} = {_toml(value)}" for name, value in settings.items()),
        "require = [",
        *(f"    {line}" for line in _requirements(result)),
        "]",
        "",
        "# Fail as well when the log loss is worse than that of a saved run (xent score FILE --format json):",
        '# baseline = "main.json"  # and under require: "log_loss <= baseline + 0.01"',
        "# Ask for proof instead of luck: limits become one-sided tests, too few rows are undecided (exit 5).",
        "# confidence = 0.95",
    ]
    return "\n".join(map(visible, lines)) + "\n"


def _requirements(result: ScoreResult) -> Iterator[str]:
    """Each on a line, with the number of today; what only some want stands in a comment."""
    metrics, unit = result.metrics, result.unit.value
    if metrics.log_loss is not None and math.isfinite(metrics.log_loss):
        high = metrics.log_loss if metrics.log_loss_high is None else metrics.log_loss_high
        yield _line(f"log_loss <= {_rounded(high, ROUND_CEILING)} {unit}", f"{number(metrics.log_loss)} now")
    if metrics.accuracy is not None:
        low = metrics.accuracy if metrics.accuracy_low is None else metrics.accuracy_low
        yield _line(f"accuracy >= {_rounded(low, ROUND_FLOOR)}", f"{number(metrics.accuracy)} now")
    yield _line(f"infinite_rows <= {metrics.infinite_rows}", "certain, and wrong")
    if metrics.skipped_rows:
        yield _line(f"skipped_rows <= {metrics.skipped_rows}", "a row left out must not make the scores better")
    yield _line(f"rows >= {metrics.rows}", "a file cut short is no better model")
    if rows := [row for row in result.per_class if row.recall is not None]:
        worst = max(rows, key=lambda row: row.contribution or 0.0)
        text = f"recall[{quoted(worst.name)}] >= {_rounded(worst.recall or 0.0, ROUND_FLOOR)}"
        yield f"# {_line(text, 'the costliest class')}"


def _line(requirement: str, comment: str) -> str:
    return f"{_toml(requirement)},  # {comment}"


def _rounded(value: float, rounding: str) -> str:
    """Three digits on the side that `rounding` takes; so few that a person would write them."""
    if value == 0:
        return "0"
    rounded = Context(_DIGITS, rounding).create_decimal(repr(value))
    return repr(float(rounded))


def _toml(value: Setting) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):  # JSON's escapes are TOML's
        return escape_in_string(json.dumps(value, ensure_ascii=False))
    return f"[{', '.join(_toml(each) for each in value)}]"
