"""Whether the answer to a case is right: its streams, its exit code, the place it names, its numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from tests.properties.generating.cases import Case
from tests.properties.generating.comparing import differences
from tests.properties.generating.running import Answer
from tests.reference.faults import Fault
from tests.reference.files import Expectation

EXIT_CODES = (0, 1, 2, 3, 5)
REFUSED = (2, 3)
# Control characters but tab and line end, escapes, C1, line separators, and what changes the direction of text.
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
OF_XENT = re.compile(r"xent: |  hint: |Usage: xent ")
COMMAND = re.compile(r"^(?:::|##\[|##vso\[)", re.MULTILINE)
# Faults of the whole input, which have no place or that of a row that is not at fault alone.
OF_ALL = ("no_rows", "unclosed_quote", "row_sum_effect", "weight_too_large", "weight_too_small", "classes")


def verdict(case: Case, answer: Answer, expectation: Expectation) -> list[str]:
    """What is wrong with an answer; nothing if it is right."""
    if answer.hangs:
        return ["hangs"]
    if answer.exit_code not in EXIT_CODES:
        last = answer.err.decode("utf-8", "replace").strip().splitlines()[-2:]
        return [f"exit code {answer.exit_code}: {' | '.join(last)}"]
    found = [*streams(case, answer)]
    document = parsed(answer.out) if case.printed == "json" or not case.written.name else None
    if damaged(case) or expectation.verdict == "unsure":
        return found
    if expectation.verdict == "refuse":
        return [*found, *refusal(case, answer, expectation)]
    return [*found, *score(case, answer, expectation, document)]


def damaged(case: Case) -> bool:
    """Whether the bytes of a store were changed: whatever they hold now, the answer must only be complete."""
    return case.question.layout.form == "rows" and bool(case.written.mutations)


# --- streams ---------------------------------------------------------------------------------------------


def streams(case: Case, answer: Answer) -> Iterator[str]:
    """Standard output is complete or empty; nothing but lines of xent on standard error; nothing unseen."""
    yield from (f"warns: {warning}" for warning in answer.warned)
    out, err = (stream.decode("utf-8", "surrogateescape") for stream in (answer.out, answer.err))
    if bool(out) == (answer.exit_code in REFUSED):
        yield f"exit code {answer.exit_code} with {len(out)} characters of output"
    as_json = case.printed == "json" or not case.written.name
    if as_json:
        yield from json_streams(answer)
    elif UNSEEN.search(out) or COMMAND.search(out):
        yield f"unseen characters or a command in the output: {out!r}"
    if not (as_json and answer.exit_code in REFUSED):
        if UNSEEN.search(err) or COMMAND.search(err):
            yield f"unseen characters or a command on standard error: {err!r}"
        strange = [line for line in err.splitlines() if not OF_XENT.match(line)]
        yield from (f"on standard error: {line!r}" for line in strange)


def json_streams(answer: Answer) -> Iterator[str]:
    """JSON, strictly; an error is one line on standard error that repeats the exit code."""
    if answer.exit_code not in REFUSED:
        if parsed(answer.out) is None:
            yield f"no JSON: {answer.out[:200]!r}"
        return
    error = error_of(answer)
    if error is None or answer.err.count(b"\n") != 1:
        yield f"no error as a line of JSON: {answer.err[:300]!r}"
    elif error["exit_code"] != answer.exit_code:
        yield f"exit code {answer.exit_code}, in the error {error['exit_code']}"


def parsed(data: bytes) -> Any:
    """A JSON document; None if it is none."""

    def refuse(word: str) -> NoReturn:
        raise ValueError(word)

    try:
        return json.loads(data, parse_constant=refuse)
    except ValueError:
        return None


def error_of(answer: Answer) -> Mapping[str, Any] | None:
    """The error that stands on standard error; None if none does, as JSON."""
    document = parsed(answer.err.strip())
    return document["error"] if isinstance(document, dict) and "error" in document else None


# --- refusals --------------------------------------------------------------------------------------------


def refusal(case: Case, answer: Answer, expectation: Expectation) -> Iterator[str]:
    """Refused, with the right exit code, and the place of a fault."""
    faults, code = expectation.faults, answer.exit_code
    if code not in REFUSED:
        yield f"exit code {code}, but there is {faults[0]}"
        return
    error = error_of(answer)
    exits = frozenset().union(*(fault.exits for fault in faults))
    if code not in exits and not excused(case, code, error):
        yield f"exit code {code} ({error and error['code']}), not {set(exits)}: {faults[0]}"
    elif error is not None and code == 3 and all(fault.line is not None for fault in faults):
        yield from place(case, error, faults)


def excused(case: Case, code: int, error: Mapping[str, Any] | None) -> bool:
    """Whether exit code 2 is right as well: what is asked for does not fit, whatever else is at fault."""
    by_order = case.question.layout.style in ("list", "named") and error is not None and error["code"] == "classes"
    return code == 2 and (bool(case.question.options.requirements) or by_order)


def place(case: Case, error: Mapping[str, Any], faults: tuple[Fault, ...]) -> Iterator[str]:
    """The line or row, and the column where there is one fault only."""
    if error["code"] in OF_ALL:
        return
    where = error["row"] if case.question.layout.form == "rows" else error["line"]
    if where not in {fault.line for fault in faults}:
        yield f"names line or row {where} ({error['code']}: {error['message'][:120]}), not that of {faults[:4]}"
    first, named = faults[0], error["column"]
    in_columns = len(faults) == 1 and not case.written.keywords  # arrays have no names
    if in_columns and None not in (first.column, named) and named != first.column:
        yield f"names column {named!r}, not that of {first}"


# --- results ---------------------------------------------------------------------------------------------


def score(case: Case, answer: Answer, expectation: Expectation, document: Any) -> Iterator[str]:
    """Scored, with the right numbers and the exit code of the requirements."""
    result = expectation.result
    assert result is not None
    code = answer.exit_code
    if code == 3 and expectation.verdict == "either":
        return
    if code == 2 and (expectation.verdict == "either" or code in result.exit_codes):
        return
    if code not in result.exit_codes:
        yield f"exit code {code}, not {set(result.exit_codes)}: {answer.err.decode('utf-8', 'replace')[:300]}"
    if document is not None and code not in REFUSED:
        yield from differences(document, result, case)
