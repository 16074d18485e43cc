"""What a join by id has met so far, and what it says at the end if the ids do not agree."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.decoding.tally import EXAMPLES
from xentcli.errors import ContentError, Where
from xentcli.joining.id_index import IdIndex, first_of_each, id_texts, missing
from xentcli.sources.arrays import BoolArray
from xentcli.wording import first_of, plural


class BlockMatch(Struct, frozen=True, eq=False):
    """A block of predictions, matched; it keeps no ids but the few that a message may need."""

    rows: IndexArray  # (n,): the label row of each, -1 for none
    again: BoolArray  # (n,): whether an earlier row of this very block has it too
    missing: IndexArray  # the rows without an id
    unmatched: IndexArray  # the rows whose id no label has
    texts: Mapping[int, str]  # the ids of the first of them
    where: Callable[[int], Where]

    @classmethod
    def of(cls, index: IdIndex, ids: pa.Array, where: Callable[[int], Where]) -> BlockMatch:
        """Find the label row of each id."""
        rows = index.find(ids)
        again = _again(rows)
        empty = missing(ids)
        unmatched = np.flatnonzero((rows < 0) & ~empty)
        texts = {row: ids[row].as_py() for row in unmatched[:EXAMPLES].tolist()}
        return cls(rows, again, np.flatnonzero(empty), unmatched, texts, where)


def _again(rows: IndexArray) -> BoolArray:
    """Where a label row, -1 aside, occurs that has occurred before."""
    again = np.zeros(rows.size, np.bool_)
    ordered = np.sort(rows)  # ten times as fast as finding the first of each, which is hardly ever asked
    if (ordered[1:] == ordered[:-1])[ordered[1:] >= 0].any():
        again = rows >= 0
        again[first_of_each(rows)] = False
    return again


@dataclass
class IdProblem:
    """One way in which ids disagree: how often, and the first ids with their places."""

    code: str
    count: int = 0
    examples: list[tuple[str, Where]] = field(default_factory=list)

    def add(self, rows: IndexArray, example: Callable[[int], tuple[str, Where]]) -> None:
        """Count these rows; `example(row)` is the id and the place of one."""
        self.count += rows.size
        self.examples += [example(int(row)) for row in rows[: EXAMPLES - len(self.examples)]]


class MatchReport:
    """The label rows that have met their prediction, and the predictions that met none.

    Chunks are matched on several threads and end in any order, but are entered in the order of their tickets:
    the counts and examples are those of a reader that goes from the first row to the last.
    """

    def __init__(self, index: IdIndex) -> None:
        self._index = index
        self._lock = threading.Lock()
        self._issued = self._entered = 0
        self._waiting: dict[int, Sequence[BlockMatch]] = {}
        self.seen = np.zeros(len(index), np.bool_)
        self.missing, self.unmatched, self.again = (
            IdProblem("id_missing"),
            IdProblem("ids_missing"),
            IdProblem("ids_duplicated"),
        )

    def ticket(self) -> int:
        """The place of the next chunk in the order of the input."""
        with self._lock:
            self._issued += 1
            return self._issued - 1

    def enter(self, ticket: int, blocks: Sequence[BlockMatch]) -> None:
        """The blocks of a chunk that has been read; none for one that was left before its end."""
        with self._lock:
            self._waiting[ticket] = blocks
            while self._entered in self._waiting:
                for block in self._waiting.pop(self._entered):
                    self._enter(block)
                self._entered += 1

    @property
    def complete(self) -> bool:
        """Whether every chunk has been entered."""
        return self._entered == self._issued

    def _enter(self, block: BlockMatch) -> None:
        rows, where = block.rows, block.where
        found = rows >= 0
        again = np.flatnonzero(block.again | (found & self.seen[rows]))
        self.seen[rows[found]] = True
        self.missing.add(block.missing, lambda row: ("", where(row)))
        self.unmatched.add(block.unmatched, lambda row: (block.texts[row], where(row)))
        self.again.add(again, lambda row: (self._index.texts[rows[row]].as_py(), where(row)))


class Names(Struct, frozen=True):
    """What the two sides and the id column are called."""

    predictions: str
    labels: str
    on: str


def refuse(names: Names, report: MatchReport, index: IdIndex, places: Places, allow_extra: bool) -> None:
    """Raise one `ContentError` that tells every way in which the ids disagree, if they do."""
    kinds = [report.missing, report.again, report.unmatched]
    said = [_PREDICTIONS[kind.code].format(plural(kind.count, "prediction", ""), names.labels) for kind in kinds]
    extra = np.flatnonzero(~report.seen)
    extra = np.setdiff1d(extra, np.concatenate([index.missing, index.duplicated]), assume_unique=True)
    found = {"id_missing": index.missing, "ids_duplicated": index.duplicated}
    if not allow_extra:
        found["ids_extra"] = extra
    for code, rows in found.items():
        kinds.append(_of_labels(code, rows, index, places))
        said.append(_LABELS[code].format(plural(rows.size, "row", ""), names.labels, names.predictions))
    broken = [(kind, words) for kind, words in zip(kinds, said, strict=True) if kind.count]
    if broken:
        first = broken[0][0]
        raise ContentError(
            first.code,
            "; ".join(words + _examples(kind) for kind, words in broken),
            hint=_hint([kind for kind, _ in broken], report, index),
            where=first.examples[0][1],
            column=names.on,
        )


Places = Callable[[Iterable[int]], list[Where]]

_PREDICTIONS = {
    "id_missing": "{0} without an id",
    "ids_duplicated": "{0} with an id that an earlier prediction has",
    "ids_missing": "{0} whose id is not in {1}",
}
_LABELS = {
    "id_missing": "{0} of {1} without an id",
    "ids_duplicated": "{0} of {1} with an id that an earlier row has",
    "ids_extra": "{0} of {1} whose id is not in {2}",
}


def _of_labels(code: str, rows: IndexArray, index: IdIndex, places: Places) -> IdProblem:
    first = rows[:EXAMPLES].tolist()
    ids = [index.texts[row].as_py() for row in first]
    return IdProblem(code, rows.size, list(zip(ids, places(first), strict=True)))


def _examples(kind: IdProblem) -> str:
    """` (line 3, line 7, ...)` or ` ("a" line 3, "b" line 7)`."""
    shown = [f'"{text}" {_place(where)}' if text else _place(where) for text, where in kind.examples]
    return f" ({first_of(shown, kind.count)})"


def _place(where: Where) -> str:
    if where.line is not None:
        return f"line {where.line}"
    return f"row {where.row}" if where.row is not None else where.file


def _hint(kinds: Sequence[IdProblem], report: MatchReport, index: IdIndex) -> str | None:
    codes = {kind.code for kind in kinds}
    if "ids_missing" in codes and not report.seen.any():
        other = _written_otherwise(report.unmatched, index)
        return other or "no id of one file is in the other: is this the right column?"
    if "ids_missing" in codes and (other := _written_otherwise(report.unmatched, index)):
        return other
    if codes == {"ids_extra"}:
        return "--allow-extra lets the label file hold more"
    return None


def _written_otherwise(unmatched: IdProblem, index: IdIndex) -> str | None:
    """What to say if an id without a label has one in another spelling."""
    for text, _ in unmatched.examples:
        for other in (text.strip(), text.lstrip("0"), text.removesuffix(".0"), f"{text}.0"):
            if other != text and index.find(id_texts(pa.array([other])))[0] >= 0:
                return f'ids are matched exactly as written: "{text}" is not "{other}"'
    return None
