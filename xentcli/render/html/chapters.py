"""What stands under which heading: tables by their titles, pictures by their kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.render.html.elements import attribute, facts, items, paragraph, table, text
from xentcli.render.html.numbers import numbers_of, tables_below
from xentcli.render.pictures.kinds import draw
from xentcli.render.reports.report import Facts, Grid, Section, Sentences, left_out
from xentcli.results.pictures import (
    BreakdownPicture,
    ConfusionsPicture,
    LossesPicture,
    McbDscPicture,
    MurphyPicture,
    Picture,
    ReliabilityPicture,
    RocPicture,
    SlicesPicture,
)


class Heading(Struct, frozen=True):
    """A part of the page that has a heading and a place in its list of contents."""

    title: str
    anchor: str
    tables: tuple[str, ...] = ()  # how the titles of its tables begin
    pictures: tuple[type, ...] = ()


HEADINGS = (
    Heading(
        "Where the loss comes from", "breakdown", ("Where the loss comes from",), (BreakdownPicture, McbDscPicture)
    ),
    Heading("What to do", "advice", ("What to do",)),
    Heading("Calibration", "calibration", ("Confidence and accuracy",), (ReliabilityPicture,)),
    Heading("Row losses", "losses", (), (LossesPicture,)),
    Heading("Order and decisions", "decisions", (), (RocPicture, MurphyPicture)),
    Heading(
        "Classes",
        "classes",
        ("Classes", "Costliest confusions", "Rows by class and predicted class", "Labels"),
        (ConfusionsPicture,),
    ),
    Heading("Slices", "slices", ("Slices by",), (SlicesPicture,)),
    Heading("Documents", "documents", ("Documents",)),
)
REST = Heading("All numbers", "numbers", ("",))  # what has no place above


_MOST_TABLES = 50  # below one heading


class Chapter(Struct, frozen=True):
    """A part of the page; its content is HTML."""

    title: str
    anchor: str
    content: tuple[str, ...]
    look: str = ""  # a class of the style

    def html(self) -> Iterator[str]:
        """With its heading."""
        look = f' class="{self.look}"' if self.look else ""
        yield f'<section id="{self.anchor}"{look} aria-labelledby="{self.anchor}-title">'
        yield f'<h2 id="{self.anchor}-title">{text(self.title)}</h2>'
        yield from self.content
        yield "</section>"


def chapters(sections: Sequence[Section], pictures: Sequence[Picture]) -> Iterator[Chapter]:
    """The tables, lists and pictures under their headings; a heading with nothing below it is left out."""
    left = list(sections)
    for heading in (*HEADINGS, REST):
        own = [each for each in left if _title(each).startswith(heading.tables)]
        left = [each for each in left if each not in own]
        content = [line for each in pictures if isinstance(each, heading.pictures) for line in figure(each)]
        content += [line for each in own[:_MOST_TABLES] for line in section_lines(each, heading.title)]
        content += remarks(list(left_out(len(own) - _MOST_TABLES, "tables")))
        if content:
            yield Chapter(heading.title, heading.anchor, tuple(content))


def _title(section: Section) -> str:
    return section.title if isinstance(section, Grid | Sentences) else ""


def section_lines(section: Section, heading: str = "") -> Iterator[str]:
    """A table, a list or the headline numbers, below a heading."""
    match section:
        case Grid():
            yield from table(section, heading)
        case Sentences():
            yield items(section)
        case Facts():
            yield from facts(section)


def figure(picture: Picture) -> Iterator[str]:
    """A picture, with its numbers below, which open with a click."""
    drawn = draw(picture)
    label = attribute(drawn.title)
    yield f'<figure><div class="picture" role="group" tabindex="0" aria-label="{label}">{drawn.fragment()}</div>'
    yield "<details><summary>The numbers of this picture</summary>"
    for grid in numbers_of(picture):
        yield from table(grid)
    yield "</details></figure>"
    for grid in tables_below(picture):
        yield from table(grid)


def remarks(lines: Sequence[str]) -> Iterator[str]:
    """What is said below tables."""
    yield from (paragraph(line, "muted") for line in lines)
