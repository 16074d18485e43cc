"""Reads damaged copies of a file; run as a process of its own, as a reader that crashes takes it along.

    python -m tests.sources.mutants FIRST COUNT FILE...

reads COUNT mutants of each FILE, each with one bit flipped (which one follows from its number), and prints its
file, its number and what came of it: the name of the error's class, or a digest of the rows. The first two are
printed before it is read, so the last line names the one that killed the process.
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from pathlib import Path

from tests.sources.reading import open_one, rows_of
from xentcli.errors import RequestError, XentError
from xentcli.sources.source import Projection


def mutant(data: bytes, number: int) -> bytes:
    """The data with one bit flipped."""
    bit = random.Random(number).randrange(len(data) * 8)
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def outcome(path: Path) -> str:
    """What reading all columns of a file comes to."""
    try:
        source = open_one(path)
        names = {field.name for field in source.fields}
        if not names >= {"y", "p", "l"}:
            raise RequestError("no_columns", "other columns")
        rows = rows_of(source, Projection(("y",), ("p",), ("l",)))
    except XentError as error:
        return type(error).__name__
    return hashlib.sha256(repr(rows).encode("utf-8", "backslashreplace")).hexdigest()


def main(first: str, count: str, *files: str) -> None:
    """Read the mutants."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutant"
        for file in map(Path, files):
            data = file.read_bytes()
            for number in range(int(first), int(first) + int(count)):
                print(file.stem, number, end=" ", flush=True)
                path.write_bytes(mutant(data, number))
                print(outcome(path), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
