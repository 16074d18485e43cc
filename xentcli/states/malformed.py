"""What is wrong with a state that is read, and where in it."""

from __future__ import annotations


class Malformed(Exception):
    """Not what the type of a field says; `place` leads there from the outermost state."""

    def __init__(self, place: str, problem: str) -> None:
        super().__init__(f"{place}: {problem}")
