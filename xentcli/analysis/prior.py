"""The class mix that skill is measured against: given by shares, or the labels of a file, counted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec import Struct

from xentcli.analysis.request import InputRequest
from xentcli.columns.labels import LabelCoder
from xentcli.columns.names import LABEL_NAMES
from xentcli.decoding.categorical import categorical_texts
from xentcli.errors import ContentError, RequestError, Where
from xentcli.files import NotJson, access, parse_json
from xentcli.sources.byte_source import ByteSource
from xentcli.sources.open import Opener, ahead, find_files, read_bytes
from xentcli.sources.source import Projection, Source, TextOptions
from xentcli.wording import brief, did_you_mean, few

_HEAD = 1000  # bytes, among which a saved result has its format
_FORMAT = b'"xent.score"'


def prior_of(given: tuple[tuple[str, float], ...] | str | None, inputs: InputRequest) -> Prior | None:
    """The prior of these shares, or of the labels in this file, read as the inputs are."""
    if isinstance(given, str):
        return Prior(tuple(class_mix(given, inputs.text, inputs.spec.label).items()), counted=True)
    return None if given is None else Prior(given)


def class_mix(path: str, text: TextOptions, label: str | None) -> dict[str, float]:
    """Rows by label of the file at `path`, or the shares of the classes of a saved `xent score --format json`.

    The label is the column `label`, if the file has it, or the only one named like a label. Rows without
    one do not count. Raises `RequestError` where there is no such column, `ContentError` without labels.
    """
    files = list(find_files([path]))
    saved = _saved(files[0][0]) if len(files) == 1 else None
    if saved is not None:
        return saved
    counts: Counter[str] = Counter()
    opener = Opener(text)
    for content, keys in ahead(files):
        source = opener.open(content, keys)
        name = _label(source, label)
        for chunk in source.chunks(Projection((name,), ())):
            for block in chunk.blocks():
                found = categorical_texts(block.columns[name])
                rows = np.bincount(found.codes, minlength=len(found.values)).tolist()
                counts.update({v: n for v, n in zip(found.values, rows, strict=True) if n and v is not None})
    if not counts:
        raise ContentError("no_rows", "no labels to take the prior from", where=Where(path))
    return {name: float(count) for name, count in counts.items()}


def _saved(content: ByteSource) -> dict[str, float] | None:
    """The shares of a saved result; None for any other file."""
    try:
        with access(content.name), content.open() as stream:
            head = stream.read(_HEAD)
        if not head.startswith(b"{"):
            return None
        found: Any = parse_json(read_bytes(content))
    except NotJson as fault:
        if _FORMAT in head:
            raise ContentError("damaged", f"is not JSON: {fault}", where=Where(content.name)) from None
        return None
    if not isinstance(found, dict) or found.get("format") != "xent.score":
        return None
    try:
        rows = [(str(row["class"]), float(row["share"])) for row in found["per_class"]]
    except (KeyError, TypeError, ValueError):
        rows = []
    shares = dict(rows)
    if not 0 < len(shares) == len(rows) or not all(0 <= share <= 1.01 for share in shares.values()):
        message = "is not a complete result of xent score --format json"
        raise ContentError("damaged", message, where=Where(content.name))
    return shares


def _label(source: Source, asked: str | None) -> str:
    names = [field.name for field in source.fields]
    if asked is not None and asked in names:
        return asked
    found = [name for name in names if name.casefold() in LABEL_NAMES]
    if len(found) == 1:
        return found[0]
    hint = f"{did_you_mean(asked or 'label', names, '--label ')}columns: {few(names, 40, '')}"
    what = f'no column "{asked}"' if asked is not None else "no single label column"
    raise RequestError("prior", f"{what} to take the prior from", hint=hint, where=Where(source.name))


TOLERANCE = 0.01 + 1e-9  # how far shares may miss a sum of 1: they are often rounded


class Prior(Struct, frozen=True):
    """Shares or counts by the text of a label.

    Counts, of the labels of a file, may hold several spellings of a class, and none of a class without rows.
    """

    amounts: tuple[tuple[str, float], ...]
    counted: bool = False

    def by_class(self, classes: Sequence[str], option: str = "--prior") -> tuple[float, ...]:
        """The share of each class, summing to 1.

        Raises `RequestError` for a name that is no class, and for shares that leave out a class or do not sum
        to 1; it names the `option`.
        """
        amounts = self.amounts_by_class(classes, option)
        whole = math.fsum(amounts)
        if not self.counted and abs(whole - 1) > TOLERANCE:
            raise RequestError("prior", f"the shares of {option} sum to {whole:g}, not to 1")
        return tuple(amount / whole for amount in amounts)

    def names(self, classes: Sequence[str], unnamed: int | None) -> tuple[str, ...]:
        """The classes; one that is `unnamed` so far is called what the prior calls the one that is no other."""
        coder = LabelCoder(tuple(classes), False)
        others = [name for name, _ in self.amounts if coder.index(name) < 0]
        if unnamed is None or len(others) != 1:
            return tuple(classes)
        return tuple(others[0] if place == unnamed else name for place, name in enumerate(classes))

    def amounts_by_class(self, classes: Sequence[str], option: str) -> tuple[float, ...]:
        """The share or count of each class; raises as `by_class` does, whatever the sum."""
        coder = LabelCoder(tuple(classes), False)
        amounts: dict[int, float] = dict.fromkeys(range(len(classes)), 0.0) if self.counted else {}
        for name, amount in self.amounts:
            place = coder.index(name)
            if place < 0:
                hint = f"{did_you_mean(name, classes)}classes: {few(classes, 20, '')}"
                raise RequestError("prior", f'{option} names an unknown class, "{brief(name)}"', hint=hint)
            amounts[place] = amounts.get(place, 0.0) + amount
        missing = [name for place, name in enumerate(classes) if place not in amounts]
        if missing:
            hint = "0 is a share" if option == "--prior" else "each class needs one above 0"
            raise RequestError("prior", f'{option} gives no share for class "{missing[0]}"', hint=hint)
        return tuple(amounts[place] for place in range(len(classes)))
