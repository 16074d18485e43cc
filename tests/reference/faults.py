"""What a file can be refused for, and what the oracle cannot decide."""

from __future__ import annotations

from dataclasses import dataclass

CONTENT = frozenset({3})
REQUEST = frozenset({2})
EITHER = frozenset({2, 3})


class Unsure(Exception):
    """The contract is silent here, or this oracle does not model it: any complete answer will do."""


@dataclass(frozen=True)
class Fault:
    """Something that must be refused: where it is, and the exit codes that are right.

    `line` is the physical line of a text file, from 1, or the row of anything else, from 0; None where the
    fault has no one place.
    """

    code: str
    line: int | None = None
    column: str | None = None
    exits: frozenset[int] = CONTENT
