"""Scores of parts of one whole, put together as if all had been scored at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.kept_rows import renumber
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import Entry, Example, Tally
from xentcli.engine.totals import Totals
from xentcli.engine.worst import LargestLoss
from xentcli.errors import ContentError, Notice, Where
from xentcli.results.result import InputInfo
from xentcli.states.run import NoRows, Run, Shard
from xentcli.wording import few

_MOST_GROUPED, _FEW_ROWS = 64, 1 << 16  # runs of a group, and rows of one that is added to the whole at once

State_co = TypeVar("State_co", covariant=True)


class SavedRun(Struct, Generic[State_co], frozen=True):
    """What was saved, and the file it was read from."""

    file: str
    run: State_co


class RunMerger:
    """Runs put together, one after the other.

    Those of few rows are added up in groups first, as each time that one is added to the whole all its inputs are
    gone through.
    """

    def __init__(self, first: SavedRun[Run]) -> None:
        self.first, self._terms, self._shards = first, _terms(first.run), _Shards()
        self._shards.add(first)
        self._runs = [first.run]  # without the totals of all but the first
        self._whole, self._group, self._grouped = first.run.totals, _no_totals(first.run), 0
        self._inputs = len(first.run.inputs)

    def add(self, other: SavedRun[Run]) -> dict[int, int]:
        """One more: the numbers that its inputs now have, by those they had."""
        self._refuse_unlike(other)
        self._shards.add(other)
        run = other.run
        numbers = {old: old if run.numbered else self._inputs + at for at, old in enumerate(run.numbers)}
        more = _renumber(run, numbers)
        notices = (*run.notices, *_notices(self.first.run, other, numbers))
        self._runs.append(replace(more, totals=_no_totals(run), notices=notices))
        self._inputs += len(numbers)
        self._group, self._grouped = self._group.merge(more.totals), self._grouped + 1
        if self._grouped == _MOST_GROUPED or self._group.state.losses.rows > _FEW_ROWS:
            self._add_group()
        return numbers

    def result(self) -> Run:
        """All of them, in the order of their numbers."""
        self._add_group()
        runs = sorted(self._runs, key=lambda run: run.numbers)
        pairs = chain.from_iterable(zip(run.numbers, run.inputs, strict=True) for run in runs)
        inputs = sorted(pairs, key=itemgetter(0))
        notices = chain.from_iterable(run.notices for run in runs)
        return replace(
            runs[0],
            inputs=tuple(each for _, each in inputs),
            numbers=tuple(number for number, _ in inputs),
            totals=self._whole,
            notices=tuple(dict.fromkeys([*notices, *self._shards.notices])),
            shards=tuple(shard for run in runs for shard in run.shards),
            empty_parts=sum(run.empty_parts for run in runs),
        )

    def _add_group(self) -> None:
        self._whole = self._whole.merge(self._group)
        self._group, self._grouped = _no_totals(self.first.run), 0

    def _refuse_unlike(self, other: SavedRun[Run]) -> None:
        if other.run.command != self.first.run.command:
            raise other_command(self.first, other)
        if differing := list(_differences(self._terms, _terms(other.run))):
            raise _scored_otherwise(self.first, other, differing)


def other_command(first: SavedRun[Any], other: SavedRun[Any]) -> ContentError:
    """That two states are of different commands."""
    message = f"is a state of xent {other.run.command}, and {first.file} one of xent {first.run.command}"
    return ContentError("states_differ", message, hint="merge states of one command", where=Where(other.file))


def _scored_otherwise(
    first: SavedRun[Any], other: SavedRun[Any], differing: Sequence[tuple[str, Any, Any]]
) -> ContentError:
    """That two states do not have the same terms: which differ, with what the first has and the other."""
    shown = "; ".join(f"{name} is {_show(b)}, not {_show(a)}" for name, a, b in differing)
    hint = "score all parts with the same options"
    if any(name == "classes" and sorted(map(str, a)) == sorted(map(str, b)) for name, a, b in differing):
        hint += "; --classes A,B,... gives the order of the classes"
    message = f"was not scored as {first.file} was: {shown}"
    return ContentError("states_differ", message, hint=hint, where=Where(other.file))


def _no_totals(run: Run) -> Totals:
    return Totals.empty(run.columns.class_count)


def merge_scores(saved: Iterable[SavedRun[Run | NoRows]]) -> Run | NoRows:
    """Runs and parts without rows, put together in this order; raises `ContentError`."""
    merger: RunMerger | None = None
    waiting: list[SavedRun[NoRows]] = []  # for a run, which says how all were scored
    for each in saved:
        part = each.run
        if not part.inputs:  # what merging nothing gives
            continue
        if merger is not None:
            merger.add(SavedRun(each.file, part.like(merger.first.run) if isinstance(part, NoRows) else part))
        elif isinstance(part, NoRows):
            waiting.append(SavedRun(each.file, part))
        else:
            early = [SavedRun(empty.file, empty.run.like(part)) for empty in waiting]
            first, *more = *early, SavedRun(each.file, part)
            merger = RunMerger(first)
            for run in more:
                merger.add(run)
    if merger is not None:
        return merger.result()
    return _merge_empty(waiting)


def _merge_empty(parts: Sequence[SavedRun[NoRows]]) -> NoRows:
    """Parts without rows as one, by their numbers; raises `ContentError` as for parts with rows."""
    if not parts:
        return NoRows()
    numbered, shards = parts[0].run.numbered, _Shards()
    for part in parts:
        if part.run.numbered != numbered:
            raise _scored_otherwise(parts[0], part, [(_NUMBERED, numbered, part.run.numbered)])
        shards.add(part)
    pairs = chain.from_iterable(zip(part.run.numbers, part.run.inputs, strict=True) for part in parts)
    in_order = sorted(pairs, key=itemgetter(0)) if numbered else list(pairs)
    inputs = tuple(each for _, each in in_order)
    numbers = tuple(number for number, _ in in_order) if numbered else tuple(range(len(inputs)))
    return NoRows(inputs, numbers, numbered, sum(part.run.empty_parts for part in parts))


def _notices(first: Run, other: SavedRun[Run], numbers: Mapping[int, int]) -> Iterator[Notice]:
    """How one more was scored otherwise than all inputs at once would have been."""
    one, two = (run.columns.kind.value.replace("_", "-") for run in (first, other.run))
    if one != two:  # sites may have stored their predictions in other forms: the numbers mean the same
        yield Notice("input_kinds", 1, f"{other.file} was scored by {two} columns, the first by {one} columns")
    if any(old != new for old, new in numbers.items()) and other.run.totals.state.breakdown.kept.level > 0:
        message = (
            f"{other.file} holds a sample of its rows, drawn as if it were the first input: the breakdown is "
            "right, but of other rows than scoring all inputs at once would draw; --shard N, where it is scored, "
            "draws the same"
        )
        yield Notice("other_sample", 1, message)


def _renumber(run: Run, numbers: Mapping[int, int]) -> Run:
    """The run with other numbers for its inputs, by those they have."""

    def change(state: ScoreState) -> ScoreState:
        kept = renumber(state.breakdown.kept, numbers)
        return replace(state, kept=kept)

    def move(example: Example) -> Example:
        number, where = example.where
        return replace(example, where=(numbers[number], where))

    def move_row(row: LargestLoss) -> LargestLoss:
        number, where = row.place
        return replace(row, place=(numbers[number], where))

    old = run.totals
    worst = tuple(sorted(map(move_row, old.worst.rows), key=lambda row: row.order))
    entries = old.tally.entries.items()
    slices = {key: replace(each, score=change(each.score)) for key, each in old.slices.states.items()}
    totals: Totals = replace(
        old,
        state=change(old.state),
        rows={numbers[number]: rows for number, rows in old.rows.items()},
        tally=Tally({key: Entry(each.count, tuple(map(move, each.examples))) for key, each in entries}),
        slices=replace(old.slices, states=slices),
        worst=replace(old.worst, rows=worst),
    )
    return replace(run, numbers=tuple(numbers[number] for number in run.numbers), totals=totals)


# What must be alike

_NUMBERED = "numbered by --shard"


def _terms(run: Run) -> dict[str, Any]:
    """All that must be the same: the signature, and what was asked for beside the scores.

    The classes of one score column are as far as its labels tell: a part may lack the other class.
    """
    columns = run.columns
    keys = columns.keys
    classes: Sequence[str | None] = run.classes
    if columns.single and columns.classes is None:
        seen = {index for index, _ in run.totals.labels}
        classes = [name if k in seen else None for k, name in enumerate(run.classes)]
        classes[1] = columns.positive if columns.positive is not None else classes[1]
    return {
        **run.signature().to_dict(),
        "classes": tuple(classes),
        "prior": run.prior,
        "ordinal": run.policy.ordinal,
        "score columns": "one for two classes" if columns.single else "one a class",
        "breakdown": run.plan.breakdown,
        "by": tuple(",".join(names) for names in keys.by),
        "bins": keys.bins,
        "cluster": keys.cluster,
        _NUMBERED: run.numbered,
        "number of listed rows (-n)": run.plan.worst,
        **({"--on": keys.id, "--show": keys.show} if run.plan.worst else {}),
    }


def _differences(one: Mapping[str, Any], two: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for name, mine in one.items():
        theirs = two[name]
        if name == "classes" and len(mine) == len(theirs):
            same = all(a == b or None in (a, b) for a, b in zip(mine, theirs, strict=True))
        else:
            same = mine == theirs
        if not same:
            yield name, mine, theirs


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        value = [f"{name}={number:g}" for name, number in value.items()]
    if isinstance(value, tuple | list):
        return few(("?" if item is None else _show(item) for item in value), 10) or "none"
    return "none" if value is None else str(value)


# What must not be


class _Shards:
    """The shards so far, so that none counts twice."""

    def __init__(self) -> None:
        self._states: dict[str, tuple[str, str]] = {}  # by digest: the state it came with, and its input
        self._numbers: dict[int, str] = {}
        self._inputs: dict[InputInfo, str] = {}
        self.notices: list[Notice] = []

    def add(self, saved: SavedRun[Run] | SavedRun[NoRows]) -> None:
        """One more; raises `ContentError` if a shard of it has been seen."""
        for shard in saved.run.shards:
            self._refuse_twice(saved.file, shard)
        for source in saved.run.inputs:
            self._notice_again(saved.file, source)
        for number in saved.run.numbers if saved.run.numbered else ():
            if number in self._numbers:
                message = f"has shard number {number}, as {self._numbers[number]} has"
                hint = "--shard N, when scoring, is another number for each input"
                raise ContentError("shard_twice", message, hint=hint, where=Where(saved.file))
            self._numbers[number] = saved.file

    def _notice_again(self, file: str, source: InputInfo) -> None:
        """The same input in two states; what a state of several inputs has of each cannot be told apart."""
        before = self._inputs.setdefault(source, file)
        if before != file and source.rows and not source.is_unnamed:
            size = f"{source.rows:,} rows" + ("" if source.bytes is None else f" and {source.bytes:,} bytes")
            again = f'"{source.name}", {size}, is in {before} and in {file}'
            message = f"{again}: if it is the same file, its rows count twice"
            self.notices.append(Notice("same_input", 1, message, doubt=True))

    def _refuse_twice(self, file: str, shard: Shard) -> None:
        if shard.digest not in self._states:
            self._states[shard.digest] = file, shard.name
            return
        before, name = self._states[shard.digest]
        if name == shard.name != "":
            message = f'the rows of "{name}" are in {before} already: they would count twice'
            raise ContentError("state_twice", message, hint="give each state once", where=Where(file))
        one, other = (f'"{of}" in {file}' if of else file for of, file in ((shard.name, file), (name, before)))
        same = f"{one} has the very totals of {other}"
        message = f"{same}: if its rows are the same, they count twice"
        self.notices.append(Notice("same_totals", 1, message, doubt=True))
