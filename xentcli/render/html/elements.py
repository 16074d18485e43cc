"""The parts of a report as semantic HTML. All text is made visible, cut where it is endless, and escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from xentcli.render.reports.report import Column, Fact, Facts, Grid, Sentences, Styled, naming_columns, picked
from xentcli.render.text import visible
from xentcli.wording import brief_middle

_LONGEST_CELL, _LONGEST_SENTENCE = 160, 2000  # characters: names of the input may be of any length
# The styles of `Styled` that a page has a class of; the others mean nothing beyond their words.
_LOOKS = {
    "pass": "better", "better": "better", "fail": "worse", "worse": "worse", "undecided": "unsure",
    "discrimination": "learned", "miscalibration": "wasted", "miscalibrated": "wasted", "headline": "strong",
}  # fmt: skip


def text(words: str, most: int = _LONGEST_SENTENCE) -> str:
    """A string as the text of an element."""
    return escape(brief_middle(visible(words), most), quote=False)


def attribute(words: str) -> str:
    """A string as the value of an attribute, which stands in double quotes."""
    return escape(brief_middle(visible(words), _LONGEST_CELL))


def styled(words: str, most: int = _LONGEST_SENTENCE) -> str:
    """Text in the look of what it means, if it is `Styled`."""
    look = _LOOKS.get(words.style) if isinstance(words, Styled) else None
    written = text(words.strip(), most)
    return written if look is None else f'<span class="{look}">{written}</span>'


def paragraph(words: str, look: str = "") -> str:
    """A paragraph."""
    return f'<p class="{look}">{styled(words)}</p>' if look else f"<p>{styled(words)}</p>"


def items(section: Sentences) -> str:
    """What there is to say, a list; nothing if that is nothing."""
    if not section.lines:
        return ""
    kind = "ol" if section.numbered else "ul"
    return f"<{kind}>{''.join(f'<li>{styled(line)}</li>' for line in section.lines)}</{kind}>"


def facts(section: Facts) -> Iterator[str]:
    """The numbers that are measured against something as large figures; the others a line each."""
    large = [fact for fact in section.rows if fact.aligned]
    small = [fact for fact in section.rows if not fact.aligned]
    for kind, rows, write in (("figures", large, _figure), ("lines", small, _line)):
        if rows:
            yield f'<dl class="{kind}">{"".join(map(write, rows))}</dl>'


def _figure(fact: Fact) -> str:
    value, *others = fact.parts
    small = "".join(f'<dd class="muted">{text(other)}</dd>' for other in others if other)
    return f'<div><dt>{text(fact.title)}</dt><dd class="value">{text(value)}</dd>{small}</div>'


def _line(fact: Fact) -> str:
    parts = " <span class=muted>·</span> ".join(styled(part) for part in fact.parts if part)
    return f"<div><dt>{text(fact.title)}</dt><dd>{parts}</dd></div>"


def table(grid: Grid, heading: str = "") -> Iterator[str]:
    """A table with its caption, which scrolls by itself where the page is narrow; bars are left to the pictures.

    A caption that only says the `heading` again is for those who cannot see that.

    One without titles of groups can be sorted, where scripts run.
    """
    grid = picked(grid, [place for place, column in enumerate(grid.columns) if not column.bar])
    named = len(naming_columns(grid)) if grid.columns else 0
    sortable = len(grid.groups) == 1 and not grid.groups[0].title and len(grid.groups[0].rows) > 1
    caption, label = grid.title, attribute(grid.title)
    unseen = ' class="unseen"' if caption == heading else ""
    yield f'<div class="scroll" role="group" tabindex="0" aria-label="{label}">'
    look = ' class="sortable"' if sortable else ""
    yield f"<table{look}><caption{unseen}>{text(caption, _LONGEST_CELL)}</caption>"
    titles = "".join(_title(column, caption) for column in grid.columns)
    yield f"<thead><tr>{titles}</tr></thead>"
    for group in grid.groups:
        yield "<tbody>"
        if group.title:
            span = f'colspan="{len(grid.columns)}" scope="rowgroup"'
            yield f"<tr><th {span}>{text(group.title, _LONGEST_CELL)}</th></tr>"
        yield from (_row(row, grid.columns, named) for row in group.rows)
        yield "</tbody>"
    yield "</table></div>"


def _title(column: Column, caption: str) -> str:
    """The title of a column; one that only says again what the table is about is for those who cannot see it."""
    look = ' class="n"' if column.right else ""
    if not column.title:
        return f"<td{look}></td>"
    title = text(column.title, _LONGEST_CELL)
    if column.title.startswith(caption):
        title = '<span class="unseen">part</span>'
    return f'<th scope="col"{look}>{title}</th>'


def _row(cells: Iterable[str], columns: Iterable[Column], named: int) -> str:
    """A row, whose first `named` cells say what it is about."""
    written = []
    for place, (cell, column) in enumerate(zip(cells, columns, strict=True)):
        look = ' class="n"' if column.right else ' class="dim"' if column.dim else ""
        tag, end = (f'th scope="row"{look}', "th") if place < named else (f"td{look}", "td")
        written.append(f"<{tag}>{styled(cell, _LONGEST_CELL)}</{end}>")
    return f"<tr>{''.join(written)}</tr>"
