"""Drafts written as delimited text, in any dialect, and as JSON Lines."""

from __future__ import annotations

import json
import math
import re
from random import Random
from typing import Any

from tests.properties.generating.drafts import Draft, DraftRow
from tests.properties.generating.json_mutations import mutate_json
from tests.properties.generating.mutations import mutate
from tests.properties.generating.written import Written

DELIMITERS = {",": 70, ";": 10, "\t": 12, "|": 8}
LINE_ENDS = {"\n": 80, "\r\n": 17, "\r": 3}
MARK = b"\xef\xbb\xbf"
WHOLE = re.compile(r"[0-9]|[1-9][0-9]{1,8}")


def draw_delimited(rng: Random, draft: Draft) -> Written:
    """A delimited text, more often than not mutated."""
    delimiter = rng.choices(list(DELIMITERS), list(DELIMITERS.values()))[0]
    given = rng.random() < 0.15 or bool(set("".join(draft.columns)) & set(DELIMITERS))
    if given:
        draft.arguments += ["--delimiter", delimiter]
    decimal = "," if delimiter != "," and not draft.listed and rng.random() < 0.2 else "."
    if decimal != ".":
        draft.arguments += ["--decimal", decimal]
    columns = list(draft.columns)
    if rng.random() < 0.4:
        rng.shuffle(columns)
    quoted = rng.random() < 0.08

    def line(cells: dict[str, str]) -> str:
        return delimiter.join(written_field(rng, cells[name], delimiter, quoted) for name in columns)

    lines = [line({name: name for name in columns})]
    for row in draft.rows:
        lines.append(line(cells_of(rng, draft, row, decimal)))
        if rng.random() < 0.02:
            lines.append("")
    end = rng.choices(list(LINE_ENDS), list(LINE_ENDS.values()))[0]
    text = end.join(lines) + (end if rng.random() < 0.85 else "")
    data = (MARK if rng.random() < 0.05 else b"") + text.encode("utf-8")
    mutations = []
    if rng.random() < 0.6:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            data, mutation = mutate(rng, data, delimiter)
            mutations.append(mutation)
    name = rng.choice(("in.csv", "in.csv", "in.tsv", "data", "x.txt"))
    return Written(tuple(draft.columns), name, data, (), delimiter if given else None, decimal, tuple(mutations))


def cells_of(rng: Random, draft: Draft, row: DraftRow, decimal: str) -> dict[str, str]:
    """The cells of a row by column, as text."""
    cells = {draft.label: row.label or ""}
    if draft.listed:
        cells[draft.scores[0]] = json.dumps(row.scores)
    else:
        numbers = zip(draft.scores, row.scores, strict=True)
        cells |= {name: number_text(rng, x).replace(".", decimal) for name, x in numbers}
    if draft.weight:
        cells[draft.weight] = number_text(rng, row.weight).replace(".", decimal)
    return cells | {name: value or "" for name, value in row.keys.items()}


def written_field(rng: Random, text: str, delimiter: str, quoted: bool) -> str:
    """A field, in quotes where it has to be, and at times where it need not."""
    needed = any(c in text for c in f'"\r\n{delimiter}')
    if needed or quoted or (text and rng.random() < 0.05):
        return '"' + text.replace('"', '""') + '"'
    return text


def number_text(rng: Random, x: float | None) -> str:
    """A number in one of the spellings that there are."""
    if x is None:
        return ""
    luck = rng.random()
    if luck < 0.7 or not math.isfinite(x):
        return repr(x)
    forms = [f"{x:.17e}", f"{x:.25g}", repr(x).upper(), f"{x!r} ", f" {x!r}", f"{x:+.17g}"]
    if abs(x) < 1e20:
        forms.append(f"{x:.60f}")
    if x == int(x) and abs(x) < 1e15:
        forms.append(str(int(x)))
    return rng.choice(forms)


def draw_json_lines(rng: Random, draft: Draft) -> Written:
    """JSON Lines, half of the time mutated."""
    lines = [json_line(rng, draft, row) for row in draft.rows]
    data = ("\n".join(lines) + "\n").encode("utf-8")
    mutations = []
    if rng.random() < 0.5:
        for _ in range(rng.choice((1, 1, 2))):
            data, mutation = mutate_json(rng, data)
            mutations.append(mutation)
    name = rng.choice(("in.jsonl", "in.ndjson", "x"))
    return Written(tuple(draft.columns), name, data, mutations=tuple(mutations))


def json_line(rng: Random, draft: Draft, row: DraftRow) -> str:
    """A row as an object; labels that are whole numbers as text or as numbers."""
    whole = row.label is not None and WHOLE.fullmatch(row.label) is not None
    found: dict[str, Any] = {draft.label: row.label}
    if row.label is not None and whole and rng.random() < 0.5:
        found[draft.label] = int(row.label)
    scores: list[Any] = [row.scores] if draft.listed else list(row.scores)
    found |= dict(zip(draft.scores, scores, strict=True))
    if draft.weight:
        found[draft.weight] = row.weight
    names = list(found | row.keys)
    if rng.random() < 0.2:
        rng.shuffle(names)
    return json.dumps({name: (found | row.keys)[name] for name in names}, ensure_ascii=rng.random() < 0.5)
