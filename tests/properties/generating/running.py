"""Run a case in this process: the command line's runner with captured streams, or the Python function."""

from __future__ import annotations

import json
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xentcli
from tests.cli.in_process import run_in_process, time_limit
from tests.properties.generating.cases import Case
from tests.values import asdict
from xentcli.errors import XentError
from xentcli.results.score import ScoreResult

HANG = 10.0  # seconds that no case takes
INTERNAL = 70


@dataclass(frozen=True)
class Answer:
    """What came of a case; `warned` are Python's warnings."""

    exit_code: int
    out: bytes
    err: bytes
    warned: tuple[str, ...] = ()
    hangs: bool = False


def answer(case: Case, folder: Path) -> Answer:
    """Run a case, its file in this folder."""
    with collected_warnings() as warned, time_limit(HANG) as expired:
        if case.written.name:
            path = folder / case.written.name
            path.write_bytes(case.written.data)
            code, out, err = run_in_process(["score", str(path), *case.arguments], folder)
            path.unlink()
        else:
            code, out, err = by_the_function(case)
    return Answer(code, out, err, tuple(dict.fromkeys(warned)), bool(expired))


@contextmanager
def collected_warnings() -> Iterator[list[str]]:
    """Python's warnings, which belong into nobody's terminal."""
    found: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.simplefilter("ignore", ResourceWarning)  # Python shows none of them
        yield found
    found += [f"{each.category.__name__}: {each.message} ({each.filename}:{each.lineno})" for each in caught]


def by_the_function(case: Case) -> tuple[int, bytes, bytes]:
    """What `xentcli.score` returns or raises, as if it had been the command line."""
    try:
        result = xentcli.score(case.written.table, **keywords(case))
        return verdict_of(result), json.dumps(result.to_dict(), allow_nan=False).encode(), b""
    except XentError as error:
        place = {"file": None, "line": None, "row": None} if error.where is None else asdict(error.where)
        found = {name: place.get(name) for name in ("file", "line", "row")}
        found |= {"code": error.code, "exit_code": error.exit_code, "message": error.message}
        found |= {"column": error.column, "hint": error.hint}
        return error.exit_code, b"", json.dumps({"format": "xent.error", "error": found}).encode() + b"\n"
    except Exception:
        return INTERNAL, b"", traceback.format_exc().encode("utf-8", "backslashreplace")


def verdict_of(result: ScoreResult) -> int:
    """The exit code of what was required."""
    found = {gate.verdict for gate in result.gates}
    return 1 if "fail" in found else 5 if "undecided" in found else 0


LISTED = {"--prob", "--logit", "--logprob", "--by", "--require", "--ignore-label"}
NUMBERS = {"--clip", "--label-smoothing", "--sum-tolerance", "--confidence", "--threads"}


def keywords(case: Case) -> dict[str, Any]:
    """The arguments of the command line as those of the function."""
    found: dict[str, Any] = {}
    rest = iter(case.arguments)
    for option in rest:
        name = option[2:].replace("-", "_")
        if option == "--normalize":
            found[name] = True
        elif option == "--no-breakdown":
            found["breakdown"] = False
        elif option in LISTED:
            found.setdefault(name, []).append(next(rest))
        elif option in NUMBERS:
            value = next(rest)
            found[name] = int(value) if option == "--threads" else float(value)
        elif option != "--format":
            found[name] = next(rest)
        else:
            next(rest)
    options = case.question.options
    special = {"classes": case.question.layout.classes, "class_weight": options.class_weights}
    special["prior"] = options.prior or {}
    found |= {name: value for name, value in special.items() if name in found}
    return found | dict(case.written.keywords)
