"""Class names inside longer column names: what is left without what all of them begin and end with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from xentcli.columns.labels import LabelCoder, normal_spelling

_NUMBER = re.compile(r"[+-]?\d++(?:\.\d*+)?")
_TRIED = 10  # labels that are looked for in all names; the others only where these leave a set of columns
_MOST_CUTS = 64  # beyond, numbers in names say no more
Cut = tuple[str, str]  # what stands before a class name, and what after it


def classes_within(
    names: Sequence[str], labels: Collection[str], label: str | None = None
) -> tuple[str, ...] | None:
    """The class in each of `names`, which are alike but for it, so that each label in column `label` is a class.

    None where no common prefix and suffix leaves all of the labels, or several do, and not the same.
    """
    if not labels or len(names) < 2:
        return None
    prefix, suffix = _shared(names)
    found = {
        tuple(name[len(before) : len(name) - len(after)] for name in names)
        for before, after in _cuts(names, min(labels, key=_telling), label)
        if len(before) <= prefix and len(after) <= suffix
    }
    fitting = [classes for classes in found if all(classes) and have_all(classes, labels)]
    return fitting[0] if len(fitting) == 1 else None


def have_all(classes: Sequence[str], labels: Collection[str]) -> bool:
    """Whether each label is of one of the classes."""
    coder = LabelCoder(tuple(classes), False)
    return all(coder.index(label) >= 0 for label in labels)


def families_of(
    names: Sequence[str], labels: Collection[str], label: str | None = None
) -> dict[Cut, dict[str, str]]:
    """Sets of two or more columns that are alike but for a class: the column of each class, by what all share.

    Each label in column `label` has its column, with something before or after its name.
    """
    if not labels:
        return {}
    sets = [set(_cuts(names, each, label)) for each in sorted(labels, key=_telling)[:_TRIED]]
    cuts = sorted(set.intersection(*sets) - {("", "")})
    families = {}
    for before, after in cuts if len(cuts) <= _MOST_CUTS else ():
        least = len(before) + len(after)
        members = {
            name[len(before) : len(name) - len(after)]: name
            for name in names
            if name.startswith(before) and name.endswith(after) and len(name) > least
        }
        if len(members) > 1 and have_all([*members], labels):
            families[before, after] = members
    return families


def words_within(name: str, labels: Collection[str]) -> list[str]:
    """The labels that stand as words of their own in a column's name; numbers say too little to count.

    Words of two letters or more may be in another case, where none is in this one.
    """
    words = [label for label in labels if label and not _NUMBER.fullmatch(label)]
    exact = [label for label in words if _is_word(label, name)]
    return exact or [label for label in words if len(label) > 1 and _is_word(label.casefold(), name.casefold())]


def _is_word(text: str, name: str) -> bool:
    """Whether a text stands in a name with neither a letter nor a digit at its ends."""
    at = name.find(text)
    while at >= 0:
        end = at + len(text)
        if not name[max(0, at - 1) : at].isalnum() and not name[end : end + 1].isalnum():
            return True
        at = name.find(text, at + 1)
    return False


def _telling(label: str) -> tuple[int, str]:
    """Sorts labels: the longest, which says most, first."""
    return -len(label), label


def _cuts(names: Sequence[str], text: str, label: str | None) -> Iterator[Cut]:
    """What stands around the text of a label in each of the names, wherever it is no part of a longer word.

    SAS writes no mark between the name of the label column and the class.
    """
    key = normal_spelling(text)
    folds = key in ("true", "false")
    for name in names:
        whole = name.casefold() if folds else name
        at = whole.find(key)
        while at >= 0 and len(whole) == len(name):
            before, after = name[:at], name[at + len(key) :]
            of_label = label is not None and before.casefold().endswith(label.casefold())
            if (of_label or _may_end(before, name[at])) and not after[:1].isalnum():
                yield before, after
            at = whole.find(key, at + 1)


def _may_end(before: str, first: str) -> bool:
    """Whether a class that begins with a character may stand behind this: `01` is not 1, nor is `0.1` or `_-1`."""
    if not before:
        return True
    if first.isdigit():
        return re.search(r"\d$|\d[.,]$|(?:^|[^\w])[+-]$|_[+-]$", before) is None
    return not before[-1].isalnum() or (first.isupper() and before[-1].islower())


def _shared(names: Sequence[str]) -> tuple[int, int]:
    """How many characters all names begin with, and end with."""
    return _alike(min(names), max(names)), _alike(*(pick(name[::-1] for name in names) for pick in (min, max)))


def _alike(first: str, last: str) -> int:
    """How many characters two texts begin with; of the first and the last in order, all between them, too."""
    pairs = enumerate(zip(first, last, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(last)))
