"""Strings of a report as rich text: what each meaning looks like, and where no line ends."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.padding import Padding
from rich.text import Text

from xentcli.render.reports.report import Styled

# What each meaning looks like, on dark pages and on light ones; it is never told by color alone.
STYLES = {
    "headline": "bold",
    "pass": "bold green",
    "fail": "bold red",
    "undecided": "black on yellow",
    "better": "green",
    "worse": "red",
    "discrimination": "cyan",
    "miscalibration": "magenta",
    "miscalibrated": "bold magenta",
    "doubt": "black on yellow",
    "curve": "bold",
    "band": "dim",
    "diagonal": "dim",
}

HELD = "\ue000"  # a space where no line ends: `visible` leaves none of these in a report
_TOGETHER = re.compile(
    r"(?<=\d) (?=%|nats|bits|bans)|(?<=[\d%]) (?=to [-+]?\d)|(?<=\bto) (?=[-+]?\d)"
    r"|(?<=\bp) (?=[<=] )|(?<=\bp [<=]) "
)


def styled(text: str, style: str = "") -> Text:
    """A string of a report, in the style that it names; no line ends within an interval or before a unit."""
    return Text(_TOGETHER.sub(HELD, text), STYLES[text.style] if isinstance(text, Styled) else style)


def indented(text: str, style: str = "") -> Padding:
    """The same one column from the edge, in as many lines as it takes."""
    return Padding(styled(text, style), (0, 0, 0, 1))


def longest_word(text: str) -> int:
    """Characters of what is never broken in two."""
    return max(map(cell_len, _TOGETHER.sub(HELD, text).split(" ")))
