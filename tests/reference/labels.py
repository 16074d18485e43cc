"""Labels are text: how one finds its class."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tests.reference.faults import Unsure

INTEGER = re.compile(r"[+-]?[0-9]+")


def folded(text: str) -> str:
    """The spelling that is shared: `True` is `true`, `1.0` and `1.0e+00` are `1`; `01` stays itself."""
    if text.casefold() in ("true", "false"):
        return text.casefold()
    if re.fullmatch(r"-?[0-9]\.[0-9]+[eE][+-]?[0-9]{1,3}", text) and -(2**53) < (number := float(text)) < 2**53:
        return str(int(number)) if number == int(number) else text
    return text.partition(".")[0] if re.fullmatch(r"-?[0-9]+\.0+", text) else text


def alike(text: str, classes: Sequence[str]) -> list[int]:
    """The classes that a label could mean: the one it equals, else all of its folded spelling."""
    if text in classes:
        return [classes.index(text)]
    return [k for k, name in enumerate(classes) if folded(name) == folded(text)]


def class_of(text: str, classes: Sequence[str], ordered: bool) -> int | None:
    """The one class that a label means; None if there is none, or more than one.

    Where --classes gives names none of which is an integer (`ordered`), labels 0..K-1 count in their order.
    """
    found = alike(text, classes)
    if len(found) == 1:
        return found[0]
    if found or not ordered or any(INTEGER.fullmatch(folded(name)) for name in classes):
        return None
    return {str(k): k for k in range(len(classes))}.get(folded(text))


def is_ignored(text: str, ignored: Sequence[str], classes: Sequence[str]) -> bool:
    """Whether --ignore-label names this label: exactly, or by a spelling that means the same class."""
    if text in ignored:
        return True
    for value in ignored:
        if folded(value) != folded(text):
            continue
        if text in classes and value in classes:
            continue  # twins: each of them is itself
        if sum(folded(name) == folded(text) for name in classes) > 1:
            raise Unsure("a label that is neither of two classes, ignored by folding")
        return True
    return False


def by_class(values: dict[str, float], classes: Sequence[str]) -> list[float]:
    """A value for each class; 1 where none is given."""
    found = [1.0] * len(classes)
    for name, value in values.items():
        [k] = alike(name, classes)
        found[k] = value
    return found
