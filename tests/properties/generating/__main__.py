"""Run generated cases and print what is wrong: `python -m tests.properties.generating --seed S --count N`."""

from __future__ import annotations

import argparse
import faulthandler
import os
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.properties.generating.cases import Case, generate
from tests.properties.generating.judging import verdict
from tests.properties.generating.running import HANG, Answer, answer
from tests.reference.files import Expectation, expect


def judged(case: Case, folder: Path) -> tuple[Answer, Expectation, list[str]]:
    """The answer to a case, what the oracle expects, and what is wrong."""
    expectation = expect(case.question)
    found = answer(case, folder)
    return found, expectation, verdict(case, found, expectation)


def show(case: Case, found: Answer, expectation: Expectation) -> None:
    """All that is known of a case."""
    print(f"{case.name}\narguments: {list(case.arguments)}\nmutations: {case.written.mutations}")
    print(f"file: {case.written.name} {case.written.data[:3000]!r}")
    if case.question.layout.form == "rows":
        print(f"rows: {case.question.rows}\ndata: {case.written.table}\nkeywords: {case.written.keywords}")
    print(f"layout: {case.question.layout}\nexpected: {expectation}")
    print(f"exit code: {found.exit_code}\nout: {found.out[:3000]!r}\nerr: {found.err[:3000]!r}")


def main() -> int:
    """Run the cases; the exit code says whether one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties.generating", description=__doc__)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--only", type=int, help="show this case")
    parser.add_argument("--save", type=Path, help="folder to write the file of --only to")
    given = parser.parse_args()
    numbers = range(given.start, given.start + given.count) if given.only is None else [given.only]
    tally: Counter[str] = Counter()
    begin, wrong = time.perf_counter(), 0
    with TemporaryDirectory() as folder, os.fdopen(os.dup(2), "w") as terminal:
        for number in numbers:
            case = generate(given.seed, number)
            faulthandler.dump_traceback_later(4 * HANG, exit=True, file=terminal)
            found, expectation, complaints = judged(case, Path(folder))
            if given.only is not None:
                show(case, found, expectation)
                if given.save is not None and case.written.name:
                    (given.save / case.written.name).write_bytes(case.written.data)
            tally.update([f"expected {expectation.verdict}", f"exit code {found.exit_code}"])
            wrong += bool(complaints)
            if complaints:
                print(f"{case.name}: {'; '.join(complaints)[:600]}", flush=True)
    faulthandler.cancel_dump_traceback_later()
    seconds = time.perf_counter() - begin
    print(f"{len(numbers)} cases, {len(numbers) / seconds:.0f} a second, {wrong} wrong")
    print(dict(sorted(tally.items())))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
