"""What was wrong or odd in the rows: counted over the whole input, with the first places of each kind."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Self

from msgspec import Struct, field

from xentcli.errors import Where

EXAMPLES = 5  # places kept of each kind
SUBJECTS = 1000  # different labels told apart that no class has


Place = tuple[int, Where]  # number of the input, and the place in it


class Example(Struct, frozen=True, order=True):
    """One place where a rule was broken or stretched; column "", which sorts, where the whole row is meant."""

    where: Place
    column: str
    value: str


class Entry(Struct, frozen=True):
    """How often, and the first places."""

    count: int
    examples: tuple[Example, ...]

    def merge(self, other: Self) -> Self:
        """Both."""
        first = heapq.nsmallest(EXAMPLES, (*self.examples, *other.examples))
        return type(self)(self.count + other.count, tuple(first))


Key = tuple[str, str | None]  # code and subject


class Tally(Struct, frozen=True):
    """Entries by code and subject (the label in question, or None).

    Beyond the SUBJECTS first in the alphabet, subjects are counted together as None of their code: which those
    are hangs on no order. `merge` is commutative and associative with `Tally()` as identity.
    """

    entries: dict[Key, Entry] = field(default_factory=dict)

    def merge(self, other: Self) -> Self:
        """Both."""
        entries = dict(self.entries)
        for key, entry in other.entries.items():
            _add(entries, key, entry)
        many = len(entries) > SUBJECTS
        subjects = [(code, of) for code, of in entries if of is not None] if many else []
        for key in heapq.nlargest(len(subjects) - SUBJECTS, subjects):
            _add(entries, (key[0], None), entries.pop(key))
        return type(self)(entries)

    def plus(self, code: str, subject: str | None, count: int, examples: Sequence[Example]) -> Self:
        """With `count` more cases of a kind, the first of them given."""
        entry = Entry(count, tuple(sorted(examples)[:EXAMPLES]))
        return self.merge(type(self)({(code, subject): entry}))

    def of(self, code: str) -> dict[str | None, Entry]:
        """The entries of one code, by subject."""
        return {subject: entry for (other, subject), entry in self.entries.items() if other == code}


def _add(entries: dict[Key, Entry], key: Key, entry: Entry) -> None:
    entries[key] = entries[key].merge(entry) if key in entries else entry
