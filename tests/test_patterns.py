"""No pattern takes more than linear time, however long and odd the text that it meets.

Each is tried in the way that it is used, on runs of characters with an end that makes it look again. A quadratic
one takes four times as long for twice the text, and is slow enough with 4,000 characters.
"""

from __future__ import annotations

import ast
import importlib
import io
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import xentcli
from xentcli.core.text import Dialect
from xentcli.engine.rewriting.json_numbers import key_numbers
from xentcli.errors import ContentError
from xentcli.sources.delimited.quotes import has_quotes_at_edges, split_fields
from xentcli.sources.delimited.records import first_record
from xentcli.sources.delimited.start import read_start
from xentcli.sources.json.lines import quote_scalars, scalar_type
from xentcli.sources.source import TextOptions
from xentcli.sources.text import refuse_other_encodings

ROOT = Path(xentcli.__file__).parent
METHODS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
SIZE = 2000
RUNS = (
    "1", "0", " ", "a", "A", '"', '""', "\\", "#", ".", ",", ",1", "_", ":", "?", "?a=", "e1", "1.", " 1", '"a" ',
    "<", "\n", "\r\n", "[", "{", "#[", " (at line 1", "*", "a,", '"a",', 'a"', "9e", "-", "p_", "_p", "é",
)  # fmt: skip
STARTS = ("", "1.", "1e", "-0x", "baseline + ", "labels ", "tcp://", '"')
ENDS = ("!", '"', "\n")

# Patterns that are put together where they are used, and what uses them.
BUILT: dict[str, list[Callable[[str], object]]] = {
    "sources/delimited/quotes.py": [
        lambda text: split_fields(text, Dialect(",")),
        lambda text: split_fields(text, Dialect(" ")),
        lambda text: split_fields(text, Dialect(",", trims=True)),
        lambda text: has_quotes_at_edges(text.encode(), ","),
    ],
    "sources/text.py": [lambda text: refused(refuse_other_encodings, text.encode(), "")],
    "sources/delimited/start.py": [
        lambda text: refused(read_start, io.BytesIO(text.encode()), "", TextOptions(comment="#")),
        lambda text: refused(read_start, io.BytesIO(text.encode()), "", TextOptions(skip_lines=3)),
    ],
    "sources/delimited/records.py": [lambda text: first_record(text.encode(), 0, ",")],
    "engine/rewriting/json_numbers.py": [lambda text: key_numbers(["a"]).findall(b'{"a": ' + text.encode())],
    "sources/json/lines.py": [
        lambda text: scalar_type(b'{"a": ' + text.encode(), "a"),
        lambda text: quote_scalars(b'{"a": ' + text.encode(), ["a"]),
    ],
}


def refused(function: Callable[..., object], *arguments: object) -> None:
    with suppress(ContentError):
        function(*arguments)


def used() -> Iterator[tuple[str, Callable[[str], object]]]:
    """What each pattern of the package is called, and the method of it that is used."""
    source = "\n".join(path.read_text() for path in ROOT.rglob("*.py"))
    for module in pkgutil.walk_packages([str(ROOT)], "xentcli."):
        if module.name.endswith("__main__") or "dask" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern):
                methods = set(re.findall(rf"\b{name}\.({'|'.join(METHODS)})\b", source)) or {"match"}
                methods |= set(re.findall(rf"map\({name}\.(\w+)", source)) & set(METHODS)
                yield from ((f"{module.name}.{name}", applied(value, method)) for method in methods)


def written() -> Iterator[tuple[str, Callable[[str], object]]]:
    """The same of patterns that stand where they are used."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")):
                continue
            method = ast.unparse(node.func).removeprefix("re.")
            place = path.relative_to(ROOT).as_posix()
            literal = node.args[0].value if isinstance(node.args[0], ast.Constant) else None
            if method in METHODS and isinstance(literal, str | bytes):
                yield f"{place}:{node.lineno}", applied(re.compile(literal), method)
            elif method != "escape" and not is_global(node, path):
                assert place in BUILT, f"{place}:{node.lineno}: say here what uses this pattern"


def is_global(node: ast.Call, path: Path) -> bool:
    """Whether a pattern is compiled outside functions, where `used` finds it."""
    return any(
        isinstance(statement, ast.Assign)
        and any(each.lineno == node.lineno for each in ast.walk(statement.value) if isinstance(each, ast.Call))
        for statement in ast.parse(path.read_text()).body
    )


def applied(pattern: re.Pattern[str] | re.Pattern[bytes], method: str) -> Callable[[str], object]:
    def run(text: str) -> object:
        given = text if isinstance(pattern.pattern, str) else text.encode()
        found = getattr(pattern, method)(*([given[:0], given] if method == "sub" else [given]))
        return list(found) if method == "finditer" else found

    return run


def seconds(run: Callable[[str], object], text: str) -> float:
    start = time.thread_time()
    run(text)
    return time.thread_time() - start


CASES = [*used(), *written(), *((place, run) for place, runs in BUILT.items() for run in runs)]


@pytest.mark.parametrize("run", [run for _, run in CASES], ids=[name for name, _ in CASES])
def test_a_pattern_takes_linear_time(run: Callable[[str], object]) -> None:
    for start in STARTS:
        for end in ENDS:
            for each in RUNS:
                half, whole = (start + each * (size // len(each)) + end for size in (SIZE, 2 * SIZE))
                if seconds(run, whole) > 0.005:  # linear ones take a hundredth of that
                    took = [min(seconds(run, text) for _ in range(5)) for text in (half, whole)]
                    assert took[1] < 3 * took[0] or took[1] < 0.005, (start, each, end, took)
