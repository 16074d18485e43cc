"""JSON that Arrow parses: lines of objects, and arrays in the cells of a text column, as if each were a line."""

from __future__ import annotations

import ast
import re

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

_NAME = r"""(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+")"""
_NAMES = re.compile(rf"\s*+\[\s*+(?:{_NAME}\s*+(?:,\s*+)?)*+\]\s*+", re.S)  # of Python, NumPy or JSON
_EACH = re.compile(_NAME, re.S)
LIST = pa.list_(pa.float64())
_SCHEMA = pa.schema([("v", LIST)])


def parse_lists(cells: pa.Array) -> tuple[pa.Array | None, int | None]:
    """Lists of float64 from cells that hold JSON arrays of numbers (null from null); or the first bad row."""
    lists = _parse(cells)
    if lists is not None:
        return lists, None
    good, bad = 0, len(cells)  # invariant: all before `good` parse, some before `bad` does not
    while bad - good > 1:
        middle = (good + bad) // 2
        if _parse(cells.slice(good, middle - good)) is not None:
            good = middle
        else:
            bad = middle
    return None, good


def parse_names(cells: pa.Array) -> pa.Array | None:
    """Lists of text from cells of quoted names as Python, NumPy or JSON write them; None if one is none."""
    encoded = cells.dictionary_encode()
    found: list[list[str]] = []
    for cell in encoded.dictionary.to_pylist():
        if cell is None or _NAMES.fullmatch(cell) is None:
            return None
        try:
            found.append([ast.literal_eval(name) for name in _EACH.findall(cell)])
        except (SyntaxError, ValueError):
            return None
    return pa.array(found, pa.list_(pa.string())).take(encoded.indices)


def list_hint(cell: str) -> str | None:
    """What to do about a cell that is not a JSON array."""
    inner = cell.strip()
    if "..." in inner:
        return "NumPy left out numbers when this was printed: write lists in full, with json.dumps or .tolist()"
    if inner.startswith("[") and "," not in inner:
        return "there is no comma between the numbers: write lists with json.dumps or .tolist()"
    return "a list of scores is a JSON array of numbers, for example [0.25, 0.75]"


def _parse(cells: pa.Array) -> pa.Array | None:
    """The lists; None if a cell is no array of numbers.

    Each cell begins with [ and ends with ], so no cell can close the object that is put around it and open
    another without adding a row to the count.
    """
    if not len(cells):
        return pa.array([], LIST)
    trimmed = pc.ascii_trim_whitespace(cells)
    shaped = pc.and_(pc.starts_with(trimmed, "["), pc.ends_with(trimmed, "]"))
    if not pc.all(shaped, min_count=0).as_py():
        return None
    lines = pc.binary_join_element_wise('{"v":', pc.fill_null(cells, "null"), "}\n", "")
    _, _, data = lines.cast(pa.large_string()).buffers()
    table = parse_objects(data, _SCHEMA, others="error")
    return table.column("v").chunk(0) if table is not None and table.num_rows == len(cells) else None


def parse_objects(data: bytes | pa.Buffer, schema: pa.Schema, others: str) -> pa.Table | None:
    """JSON lines as Arrow reads them, which does as `others` says with further keys; None if it cannot."""
    try:
        return arrow_json.read_json(
            pa.BufferReader(data),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1),
            parse_options=arrow_json.ParseOptions(explicit_schema=schema, unexpected_field_behavior=others),
        )
    except pa.ArrowInvalid:
        return None
