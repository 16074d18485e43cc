"""Labels are text: how a label finds its class."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from xentcli.columns.column_types import is_text
from xentcli.core.text import Numbers, Words
from xentcli.sources.arrays import to_arrow
from xentcli.sources.source import Column

if TYPE_CHECKING:
    import pyarrow as pa

_WHOLE = re.compile(r"[+-]?\d++")
_WHOLE_FLOAT = re.compile(r"-?\d++\.0++", re.ASCII)
_SCIENTIFIC = re.compile(r"-?\d\.\d++[eE][+-]?\d{1,3}+", re.ASCII)  # as NumPy and C write all numbers if told
_COUNTED = re.compile(r"label_(\d++)", re.ASCII)  # as Hugging Face calls classes without names
_EXACT = 2.0**53  # beyond, not every integer has a float of its own
NEGATIVES = ("0", "-1", "false")  # what goes with a positive class "1" or "true" when nothing names it
POSITIVES = ("1", "true")
TELLING = frozenset(NEGATIVES + POSITIVES)  # labels that say themselves which class is the positive one
NO_CLASS = -1  # in the place of the index of a class
_DIGITS = 9  # of the number of a class: there are not so many


class LabelCoder:
    """Class index of a label text: exact, else true/false in any case, else an integer written `1.0`."""

    def __init__(self, classes: tuple[str, ...], ordered: bool) -> None:
        self.classes = classes
        self._exact = {name: i for i, name in enumerate(classes)}
        self._loose: dict[str, int] = {}
        for name, i in self._exact.items():
            key = normal_spelling(name)
            self._loose[key] = NO_CLASS if key in self._loose else i  # two classes of one key: neither is meant
        numbered = any(_WHOLE.fullmatch(normal_spelling(name)) for name in classes)
        self._ordered = ordered and not numbered  # labels 0..K-1 count in the order of --classes

    def index(self, text: str) -> int:
        """0..K-1, or `NO_CLASS` if none is meant, or more than one."""
        exact = self._exact.get(text)
        if exact is not None:
            return exact
        key = normal_spelling(text)
        found = self._loose.get(key, NO_CLASS)
        number = class_number(key) if self._ordered and found == NO_CLASS else None
        return number if number is not None and number < len(self.classes) else found


class SpellingCoder:
    """Class index of a class that may be spelled as another tool does: `LABEL_1` and `True` for 1, in any case."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._exact = LabelCoder(classes, False)
        self._names = {name: i for i, name in enumerate(classes)}

    def index(self, text: str) -> int:
        """0..K-1, or `NO_CLASS` if none is meant, or more than one."""
        exact = self._exact.index(text)
        if exact != NO_CLASS:
            return exact
        name = in_other_spelling(text, self._names)
        return NO_CLASS if name is None else self._names[name]


def in_other_spelling(text: str, known: Iterable[str]) -> str | None:
    """The only one of the `known` classes that a text may be another spelling of."""
    key = _any_spelling(text)
    found = [name for name in known if _any_spelling(name) == key]
    return found[0] if len(found) == 1 else None


def in_other_case(text: str, known: Iterable[str]) -> str | None:
    """The only one of the `known` classes that differs from a text in case at most."""
    key = normal_spelling(text).casefold()
    found = [name for name in known if normal_spelling(name).casefold() == key]
    return found[0] if len(found) == 1 else None


def _any_spelling(text: str) -> str:
    """What the spellings of a class in different tools have in common."""
    key = normal_spelling(text.strip()).casefold()
    counted = _COUNTED.fullmatch(key)
    return counted[1] if counted else {"true": "1", "false": "0"}.get(key, key)


def class_number(text: str) -> int | None:
    """The place from 0 that a label counts; None for other labels, `01` among them, and for those of no class."""
    if len(text) > _DIGITS or not (text.isascii() and text.isdecimal()) or (text[0] == "0" and text != "0"):
        return None
    return int(text)


@lru_cache(maxsize=4)
def label_coder(classes: tuple[str, ...], ordered: bool) -> LabelCoder:
    """The coder of these classes; each part of a file asks for it, and thousands of classes take a while."""
    return LabelCoder(classes, ordered)


def normal_spelling(text: str) -> str:
    """The spelling that labels and classes share: `True` is `true`, `1.0` and `1.0e+00` are `1`; `01` stays."""
    folded = text.casefold()
    if folded in ("true", "false"):
        return folded
    if _WHOLE_FLOAT.fullmatch(text):
        return text[: text.index(".")]
    if _SCIENTIFIC.fullmatch(text) and (number := float(text)).is_integer() and abs(number) < _EXACT:
        return str(int(number))
    return text


def texts(values: pa.Array) -> Sequence[str | None]:
    """Labels of any type as text, the way a text file would hold them; None where missing."""
    import pyarrow as pa

    if pa.types.is_floating(values.type):
        return [*map(float_text, values.cast(pa.float64()).to_pylist())]
    if pa.types.is_integer(values.type):  # a cast would load all that Arrow computes with
        return [None if value is None else str(value) for value in values.to_pylist()]
    words = values if is_text(values.type) else values.cast(pa.string())
    return [word or None for word in words.to_pylist()]


def as_dictionary(column: Column) -> pa.DictionaryArray:
    """A column of any type as a dictionary, each value once."""
    import pyarrow as pa

    column = to_arrow(column)
    return column if pa.types.is_dictionary(column.type) else column.dictionary_encode()


def different_texts(column: Column) -> Sequence[str]:
    """The different values of a column as text."""
    found = column.words if isinstance(column, Words) else texts(as_dictionary(column).dictionary)
    return [text for text in found if text is not None]


def text_at(column: Column, row: int) -> str | None:
    """What one row holds, as text; None where it is missing."""
    if isinstance(column, Words):
        return column.text(row)
    if isinstance(column, Numbers):
        missing = column.missing is not None and bool(column.missing[row])
        return None if missing else float_text(float(column.values[row]))
    import pyarrow as pa

    cell = column.slice(row, 1)
    return texts(cell.dictionary_decode() if pa.types.is_dictionary(cell.type) else cell)[0]


def float_text(value: float | None) -> str | None:
    """A number in the shortest way that says which it is; None for NaN."""
    if value is None or value != value:
        return None
    return str(int(value)) if value.is_integer() else repr(value)  # as an integer -0.0 is 0
