"""Lines of pairs of a class and its probability, in whatever order: those of Vowpal Wabbit and of fastText.

    1:0.357 2:0.417 3:0.226            vw --probabilities; a label may stand first, a tag last
    __label__cat 0.71 __label__dog 0.29    fasttext predict-prob model file -1; a label may stand first

Each line becomes a record whose columns are called by the classes: which class is which score its name says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from msgspec import Struct

from xentcli.core.text import Dialect
from xentcli.errors import ContentError, Where
from xentcli.sources.delimited.start import Start
from xentcli.sources.source import Field, TextOptions
from xentcli.wording import brief, few

RECORDS = Dialect("\t")  # what lines are rewritten to
_VALUE = re.compile(r"[+-]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][+-]?\d++)?+|nan", re.I | re.ASCII)
_SLACK = 0.02  # how far the probabilities of a line may miss a sum of 1
_LABEL, _TAG = "label", "tag"


class Line(NamedTuple):
    """What stands in a line: the class of each value, and a label before or a tag behind them."""

    values: dict[str, str]
    label: str | None = None
    tag: str | None = None


class Pairs(Struct, frozen=True):
    """How lines are read, and the classes of the first one."""

    style: str  # one of STYLES
    classes: tuple[str, ...]
    label: bool
    tag: bool

    @property
    def fields(self) -> Sequence[Field]:
        """The columns of the records."""
        names = [*([_LABEL] if self.label else []), *(f"prob_{name}" for name in self.classes)]
        return tuple(map(Field, [*names, *([_TAG] if self.tag else [])]))

    def rewrite(self, data: bytes, file: str, line: int) -> bytes:
        """The lines as records; physical line i of the text, which begins on `line`, stays line i."""
        parts = re.split(r"(\r\n|\n|\r)", data.decode("utf-8", "surrogateescape"))
        for i in range(0, len(parts), 2):
            if parts[i].strip():
                parts[i] = self._record(parts[i], Where(file, line=line + i // 2))
        return "".join(parts).encode("utf-8", "surrogateescape")

    def _record(self, text: str, where: Where) -> str:
        found = STYLES[self.style](text.split())
        if found is None or (found.label is None) == self.label or (found.tag is None) == self.tag:
            message = f'"{brief(text)}" is not written as the first line is: pairs of a class and its probability'
            raise ContentError("pairs", message, where=where)
        if found.values.keys() != set(self.classes):
            raise self._other_classes(found, where)
        values = [found.values[name] for name in self.classes]
        around = [None if each is None else _quoted(each) for each in (found.label, found.tag)]
        return "\t".join(each for each in (around[0], *values, around[1]) if each is not None)

    def _other_classes(self, found: Line, where: Where) -> ContentError:
        here = [name for name in found.values if name not in self.classes]
        there = [name for name in self.classes if name not in found.values]
        parts = [f"has {few(map(brief, here), 5)}"] if here else []
        parts += [f"lacks {few(map(brief, there), 5)}"] if there else []
        hint = "the likeliest classes alone do not give the probabilities of the others: write all of them"
        if self.style == "fasttext":
            hint += ", as fasttext predict-prob MODEL FILE -1 does"
        return ContentError("pairs", f"{' and '.join(parts)}, unlike the first line", hint=hint, where=where)


def find_pairs(start: Start, text: TextOptions) -> Pairs | None:
    """How the lines of a text are pairs, if its first ones are: of two classes or more that sum to 1."""
    if text.delimiter not in (None, " "):
        return None
    lines = [line.split() for line in start.lines(text.comment)]
    for style, parse in STYLES.items():
        first = parse(lines[0]) if lines else None
        if first is not None and all(_is_of_pairs(parse(tokens)) for tokens in lines):
            return Pairs(style, tuple(first.values), first.label is not None, first.tag is not None)
    return None


def _is_of_pairs(line: Line | None) -> bool:
    return line is not None and _are_probabilities(line.values)


def _are_probabilities(values: dict[str, str]) -> bool:
    if len(values) > 1 and all(name.startswith("__label__") for name in values):
        return True  # of fastText, perhaps of the likeliest classes alone
    numbers = [float(value) for value in values.values()]
    within = all(-1e-4 <= number <= 1.0001 for number in numbers)
    return len(numbers) > 1 and within and abs(sum(numbers) - 1) <= _SLACK  # features of LIBSVM's format do not


def _vowpal_wabbit(tokens: Sequence[str]) -> Line | None:
    split = [token.rpartition(":") for token in tokens]
    pairs = [(name, value) for name, colon, value in split if colon and name and _VALUE.fullmatch(value)]
    before = len(tokens) > 0 and not split[0][1]
    behind = len(tokens) - len(pairs) - before
    if behind not in (0, 1) or (behind and split[-1][1]) or len(dict(pairs)) < len(pairs):
        return None
    return Line(dict(pairs), tokens[0] if before else None, tokens[-1] if behind else None)


def _fasttext(tokens: Sequence[str]) -> Line | None:
    odd = len(tokens) % 2
    names, values = tokens[odd::2], tokens[odd + 1 :: 2]
    if any(map(_VALUE.fullmatch, names)) or not all(map(_VALUE.fullmatch, values)) or len(set(names)) < len(names):
        return None
    return Line(dict(zip(names, values, strict=True)), tokens[0] if odd else None)


STYLES: dict[str, Callable[[Sequence[str]], Line | None]] = {"vw": _vowpal_wabbit, "fasttext": _fasttext}


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
