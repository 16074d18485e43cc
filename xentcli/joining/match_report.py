"""What a join by id has met so far, and what it says at the end if the ids do not agree."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from shlex import quote

import numpy as np
import pyarrow as pa
from msgspec import Struct

from xentcli.core.batch import IndexArray
from xentcli.decoding.tally import EXAMPLES
from xentcli.errors import ContentError, Where
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.id_index import NO_ROW, IdIndex, first_of_each, id_texts, is_missing
from xentcli.joining.label_file import LabelFile
from xentcli.sources.arrays import BoolArray
from xentcli.wording import first_of, plural, typed


class BlockMatch(Struct, frozen=True, eq=False):
    """A block of predictions of input `number`, matched; it keeps no ids but the few that a message may need."""

    number: int
    rows: IndexArray  # (n,): the label row of each, `NO_ROW` for none
    again: BoolArray  # (n,): whether an earlier row of this very block has it too
    missing: IndexArray  # the rows without an id
    unmatched: IndexArray  # the rows whose id no label has
    texts: Mapping[int, str]  # the ids of the first of them
    where: Callable[[int], Where]


def _repeats(rows: IndexArray) -> BoolArray:
    """Where a label row occurs that has occurred before."""
    again = np.zeros(rows.size, np.bool_)
    ordered = np.sort(rows)  # ten times as fast as finding the first of each, which is hardly ever asked
    if (ordered[1:] == ordered[:-1])[ordered[1:] >= 0].any():
        again = rows >= 0
        again[first_of_each(rows)] = False
    return again


@dataclass
class IdProblem:
    """One way in which ids disagree: of which rows, how many, and the first ids with their places."""

    code: str
    unit: str  # "prediction" or "row"
    words: str
    count: int = 0
    examples: list[tuple[str, Where]] = field(default_factory=list)  # an id of "" is missing

    def add(self, rows: IndexArray, example: Callable[[int], tuple[str, Where]]) -> None:
        """Count these rows; `example(row)` is the id and the place of one."""
        self.count += rows.size
        self.examples += [example(int(row)) for row in rows[: EXAMPLES - len(self.examples)]]

    def __str__(self) -> str:
        """`2 rows without an id (line 3, line 7)`, `2 rows with ... ("a" line 3, "b" line 7)`."""
        shown = [f'"{text}" {where.in_file}' if text else where.in_file for text, where in self.examples]
        return f"{plural(self.count, self.unit, '')} {self.words} ({first_of(shown, self.count)})"


class MatchReport:
    """The label rows that have met their prediction, and the predictions that met none.

    Chunks are matched on several threads and end in any order, but are entered in the order of their tickets:
    the counts and examples are those of a reader that goes from the first row to the last.
    """

    def __init__(self, labels: LabelFile, predictions: Sequence[str]) -> None:
        self._labels, self.index, self._predictions = labels, labels.index, predictions
        self._lock = threading.Lock()
        self._issued = self._entered = 0
        self._waiting: dict[int, Sequence[BlockMatch]] = {}
        self._met = np.full(len(self.index), NO_ROW, np.int32)  # the number of the last input that has the id
        self._stacked = True  # whether ids are repeated by other inputs only
        self._missing = IdProblem("id_missing", "prediction", "without an id")
        self._again = IdProblem("ids_duplicated", "prediction", "with an id that an earlier prediction has")
        self._unmatched = IdProblem("ids_missing", "prediction", f"whose id is not in {labels.source.name}")

    def match(self, number: int, ids: pa.Array, where: Callable[[int], Where]) -> BlockMatch:
        """Find the label row of each id of a block of input `number`; enters nothing yet."""
        rows, empty = self.index.find(ids), is_missing(ids)
        unmatched = np.flatnonzero((rows < 0) & ~empty)
        texts = {row: ids[row].as_py() for row in unmatched[:EXAMPLES].tolist()}
        return BlockMatch(number, rows, _repeats(rows), np.flatnonzero(empty), unmatched, texts, where)

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
        again = np.flatnonzero(block.again | (found & (self._met[rows] >= 0)))
        if again.size:
            self._stacked &= not (block.again | (found & (self._met[rows] == block.number))).any()
        self._met[rows[found]] = block.number
        self._missing.add(block.missing, lambda row: ("", where(row)))
        self._unmatched.add(block.unmatched, lambda row: (block.texts[row], where(row)))
        self._again.add(again, lambda row: (self.index.texts[rows[row]].as_py(), where(row)))

    def refuse_problems(self, on: str, allow_extra: bool) -> None:
        """Raise one `ContentError` that tells every way in which the ids in column `on` disagree, if they do."""
        of_predictions = (self._missing, self._again, self._unmatched)
        problems = [each for each in (*of_predictions, *self._label_problems(allow_extra)) if each.count]
        if problems:
            raise ContentError(
                problems[0].code,
                "; ".join(map(str, problems)),
                hint=self._hint({each.code for each in problems}, on, allow_extra),
                where=problems[0].examples[0][1],
                column=on,
            )

    def _label_problems(self, allow_extra: bool) -> Iterator[IdProblem]:
        index, name = self.index, self._labels.source.name
        found = {
            "id_missing": (index.missing, "without an id"),
            "ids_duplicated": (index.duplicated, "with an id that an earlier row has"),
        }
        if not allow_extra:
            known = np.concatenate([index.missing, index.duplicated])
            extra = np.setdiff1d(np.flatnonzero(self._met < 0), known, assume_unique=True)
            found["ids_extra"] = extra, f"whose id is not in {', '.join(self._predictions)}"
        for code, (rows, words) in found.items():
            first = rows[:EXAMPLES].tolist()
            ids = [index.texts[row].as_py() for row in first]
            examples = list(zip(ids, self._labels.places(first), strict=True))
            yield IdProblem(code, "row", f"of {name} {words}", rows.size, examples)

    def _hint(self, codes: set[str], on: str, allow_extra: bool) -> str | None:
        if "ids_missing" in codes:
            none = "no id of one file is in the other: is this the right column?"
            lead = f"each prediction needs its label: write that into {self._labels.source.name}, or leave it out"
            return _other_spelling(self._unmatched, self.index) or (lead if (self._met >= 0).any() else none)
        if "ids_duplicated" in codes:
            apart = self._stacked and len(set(self._predictions)) > 1
            alone = apart and self._again.count and not self.index.duplicated.size
            return f"models of the same rows? {self._compare(on, allow_extra)}" if alone else None
        return "--allow-extra lets the label file hold more" if codes == {"ids_extra"} else None

    def _compare(self, on: str, allow_extra: bool) -> str:
        """The command that compares the inputs, or ranks them if they are more than two."""
        labels, files = self._labels, list(dict.fromkeys(self._predictions))
        ids = IdColumns(on, on if labels.on is None else labels.on)
        command = "compare" if len(files) == 2 else "rank"
        given = [typed("--labels", labels.source.name), typed("--on", str(ids)), *["--allow-extra"] * allow_extra]
        return " ".join(["xent", command, *map(quote, files), *given])


def _other_spelling(unmatched: IdProblem, index: IdIndex) -> str | None:
    """What to say if an id without a label has one in another spelling."""
    for text, _ in unmatched.examples:
        for other in (text.strip(), text.lstrip("0"), text.removesuffix(".0"), f"{text}.0"):
            if other != text and index.find(id_texts(pa.array([other])))[0] >= 0:
                return f'ids are matched exactly as written: "{text}" is not "{other}"'
    return None
