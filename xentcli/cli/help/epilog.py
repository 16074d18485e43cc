"""The end of a help page: examples, notes and exit codes, from the text that a command declares."""

from __future__ import annotations

import shlex
from typing import NamedTuple

_EXITS = "Exit codes: "


class Example(NamedTuple):
    """A command line, and a remark on it or none."""

    command: str
    remark: str


class Epilog(NamedTuple):
    """The parts of an epilog."""

    examples: tuple[Example, ...]  # the most useful first
    notes: str  # a paragraph
    exits: str  # "0 scored; 2 ...", without the stop

    @classmethod
    def parse(cls, text: str | None) -> Epilog:
        r"""The parts of a text in blocks that begin with `\b`: examples, then notes and exit codes.

        Each example is a line with an indent of two; a line further in is a remark on the one above.
        """
        blocks = (text or "").split("\b\n")
        examples: list[Example] = []
        for line in "\n".join(blocks[1:2]).splitlines()[1:]:
            if line.startswith("   "):
                examples[-1] = examples[-1]._replace(remark=f"{examples[-1].remark} {line.strip()}".strip())
            else:
                examples.append(Example(line.strip(), ""))
        words = " ".join(" ".join(blocks[2:]).split())
        notes, _, exits = words.partition(_EXITS)
        return cls(tuple(examples), notes.strip(), exits.rstrip("."))

    def exit_codes(self) -> list[tuple[str, str]]:
        """Each exit code with its meaning."""
        return [(code, meaning) for code, _, meaning in (each.partition(" ") for each in self.exits.split("; "))]


def command_lines(command: str, width: int) -> list[str]:
    r"""A command line in lines of at most `width` characters where it can be, which a shell reads as one.

    All but the last end with ` \`. An option stays beside its value.
    """
    if len(command) <= width:
        return [command]
    pieces: list[str] = []
    for word in shlex.split(command, posix=False):
        if pieces and word[0] not in "-|>":
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    lines = pieces[:1]
    for piece in pieces[1:]:
        if len(lines[-1]) + len(piece) + 3 <= width:
            lines[-1] += f" {piece}"
        else:
            lines.append(f"    {piece}")
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]
