"""Which columns hold the ids by which the rows of two inputs meet."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

_LIKE_ID = re.compile(r"(?i:(?:.*[_\W])?(?:id|ids|key|uid|uuid|guid))|.*[a-z]I[dD]", re.S)  # image_id, PassengerId

_MAY_NAME_IDS = re.compile(  # ID_code, sample index, image_name
    r"(?i:(?:.*[_\W])?(?:id|ids|key|uid|uuid|guid|index|idx|code|name|file|filename|path)(?:[_\W].*)?)"
    r"|.*[a-z]I[dD](?![a-z]).*",
    re.S,
)


class IdColumns(NamedTuple):
    """The same ids: `left` in the predictions or BASE, `right` in the label file or NEW."""

    left: str
    right: str

    def __str__(self) -> str:
        """As `--on` takes it."""
        return self.left if self.left == self.right else f"{self.left}={self.right}"


def id_columns(on: str, left: Collection[str], right: Collection[str], *, same_labels: bool = False) -> IdColumns:
    """The columns that COL or LEFT=RIGHT names, of inputs with these columns.

    A name that holds "=" and is a column of both wins; then what names columns of both. Where both inputs met the
    `same_labels` by LEFT=RIGHT, each may have either. What is in neither is for the caller to refuse.
    """
    split = [*_splits(on)]
    pairs = [IdColumns(on, on)]
    if same_labels:
        pairs += [IdColumns(name, name) for pair in split for name in pair]
    pairs += split

    def found(pair: IdColumns) -> int:
        return (pair.left in left) + (pair.right in right)

    best = max(pairs, key=found)
    return best if found(best) or not split else split[0]


def is_like_id(name: str) -> bool:
    """Whether a column is called as ids are: it may then hold what other inputs hold too."""
    return _LIKE_ID.fullmatch(name) is not None


def may_name_ids(name: str) -> bool:
    """Whether ids could stand in a column of that name, if its values say so too."""
    return _MAY_NAME_IDS.fullmatch(name) is not None


def names_in(on: str) -> set[str]:
    """All that could be the name of a column."""
    return {on, *(name for pair in _splits(on) for name in pair)}


def _splits(on: str) -> Iterator[IdColumns]:
    for at, char in enumerate(on):
        if char == "=" and 0 < at < len(on) - 1:
            yield IdColumns(on[:at], on[at + 1 :])
