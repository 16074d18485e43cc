"""Scores of parts of one whole, put together as if all had been scored at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from xentcli.core.kept_rows import renumber
from xentcli.core.state import ScoreState
from xentcli.decoding.tally import Entry, Example, Tally
from xentcli.engine.totals import Totals
from xentcli.errors import ContentError, Notice, RequestError, Where
from xentcli.results.result import InputInfo
from xentcli.states.run import Run, Shard
from xentcli.wording import few


class NamedRun(Struct, frozen=True):
    """What was saved, and the file it was read from."""

    name: str
    run: Run


def merge(saved: Iterable[NamedRun]) -> Run:
    """All as one, in this order, or in that of their numbers if they were given any.

    Raises `ContentError` where they were not scored alike, or where rows would count twice, and `RequestError`
    if there are none.
    """
    each = iter(saved)
    first = whole = next(each, None)
    if first is None or whole is None:
        raise RequestError("no_state", "there is no state to merge")
    seen = _Seen()
    seen.add(first)
    for other in each:
        _refuse_unlike(first, other)
        seen.add(other)
        numbers = _numbers(whole.run, other.run)
        whole = NamedRun(whole.name, _merged(whole.run, other, numbers))
    return replace(whole.run, notices=tuple(dict.fromkeys([*whole.run.notices, *seen.notices])))


def _merged(whole: Run, other: NamedRun, numbers: Mapping[int, int]) -> Run:
    """The whole with one more, whose inputs get these numbers."""
    more = _renumbered(other.run, numbers)
    told = [*_other_kind(whole, other)]
    if _keys_stay(other.run, numbers):
        told.append(_other_sample(other.name))
    more = replace(more, notices=(*more.notices, *told))
    early, late = sorted((whole, more), key=lambda run: run.numbers)
    inputs = sorted(zip((*early.numbers, *late.numbers), (*early.inputs, *late.inputs), strict=True))
    return replace(
        early,
        inputs=tuple(each for _, each in inputs),
        numbers=tuple(number for number, _ in inputs),
        totals=early.totals.merge(late.totals),
        notices=(*early.notices, *late.notices),
        shards=(*early.shards, *late.shards),
    )


def _numbers(whole: Run, more: Run) -> dict[int, int]:
    """The numbers of the inputs of a further part, by those they have: given ones stay, others count on."""
    if more.numbered:
        return {number: number for number in more.numbers}
    return {old: len(whole.numbers) + at for at, old in enumerate(more.numbers)}


def _renumbered(run: Run, numbers: Mapping[int, int]) -> Run:
    part = run.totals
    states = {
        key: replace(each, score=_of_inputs(each.score, numbers)) for key, each in part.slices.states.items()
    }
    totals: Totals = replace(
        part,
        state=_of_inputs(part.state, numbers),
        rows={numbers[old]: rows for old, rows in part.rows.items()},
        tally=_places(part.tally, numbers),
        slices=replace(part.slices, states=states),
    )
    return replace(run, numbers=tuple(numbers[old] for old in run.numbers), totals=totals)


def _of_inputs(state: ScoreState, numbers: Mapping[int, int]) -> ScoreState:
    kept = renumber(state.breakdown.kept, numbers)
    return replace(state, breakdown=replace(state.breakdown, kept=kept))


def _places(tally: Tally, numbers: Mapping[int, int]) -> Tally:
    def moved(example: Example) -> Example:
        number, where = example.where
        return replace(example, where=(numbers[number], where))

    entries = {
        key: Entry(entry.count, tuple(moved(example) for example in entry.examples))
        for key, entry in tally.entries.items()
    }
    return Tally(entries)


def _keys_stay(run: Run, numbers: Mapping[int, int]) -> bool:
    """Whether a sample of rows was kept by other numbers than those that scoring the whole would give."""
    moved = any(old != new for old, new in numbers.items())
    return moved and run.totals.state.breakdown.kept.level > 0


def _other_sample(name: str) -> Notice:
    message = (
        f"{name} holds a sample of its rows, drawn as if it were the first input: the breakdown is right, but of "
        "other rows than scoring all inputs at once would draw; --shard N, where it is scored, draws the same"
    )
    return Notice("other_sample", 1, message)


def _other_kind(whole: Run, other: NamedRun) -> Iterator[Notice]:
    """Sites may have stored their forecasts in other forms: the numbers mean the same."""
    one, two = (run.columns.kind.value.replace("_", "-") for run in (whole, other.run))
    if one != two:
        yield Notice("input_kinds", 1, f"{other.name} was scored by {two} columns, the first by {one} columns")


# What must be alike


def _refuse_unlike(first: NamedRun, other: NamedRun) -> None:
    one, two = first.run, other.run
    differing = list(_differences(_terms(one), _terms(two)))
    if not differing:
        return
    shown = "; ".join(f"{name} is {_shown(b)}, not {_shown(a)}" for name, a, b in differing)
    hint = "score all parts with the same options"
    if any(name == "classes" and sorted(map(str, a)) == sorted(map(str, b)) for name, a, b in differing):
        hint += "; --classes A,B,... gives the order of the classes"
    raise ContentError(
        "states_differ",
        f"was not scored as {first.name} was: {shown}",
        hint=hint,
        where=Where(other.name),
    )


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
        "score columns": "one for two classes" if columns.single else "one a class",
        "breakdown": run.plan.breakdown,
        "by": tuple(",".join(names) for names in keys.by),
        "bins": keys.bins,
        "cluster": keys.cluster,
        "numbered by --shard": run.numbered,
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


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        value = [f"{name}={number:g}" for name, number in value.items()]
    if isinstance(value, tuple | list):
        return few(("?" if item is None else _shown(item) for item in value), 10) or "none"
    return "none" if value is None else str(value)


# What must not be


class _Seen:
    """The shards so far, so that none counts twice."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}  # by digest: the state it came with
        self._names: dict[str, str] = {}  # likewise its input
        self._numbers: dict[int, str] = {}
        self._inputs: dict[InputInfo, str] = {}
        self.notices: list[Notice] = []

    def add(self, saved: NamedRun) -> None:
        """One more; raises `ContentError` if a shard of it has been seen."""
        for shard in saved.run.shards:
            self._refuse_twice(saved.name, shard)
        for source in saved.run.inputs:
            self._notice_again(saved.name, source)
        for number in saved.run.numbers if saved.run.numbered else ():
            if number in self._numbers:
                self._refuse_number(saved.name, number)
            self._numbers[number] = saved.name

    def _notice_again(self, file: str, source: InputInfo) -> None:
        """The same input in two states; what a state of several inputs has of each cannot be told apart."""
        before = self._inputs.setdefault(source, file)
        if before != file:
            size = f"{source.rows:,} rows" + ("" if source.bytes is None else f" and {source.bytes:,} bytes")
            again = f'"{source.name}", {size}, is in {before} and in {file}'
            message = f"{again}: if it is the same file, its rows count twice"
            self.notices.append(Notice("same_input", 1, message))

    def _refuse_twice(self, file: str, shard: Shard) -> None:
        if shard.digest not in self._files:
            self._files[shard.digest], self._names[shard.digest] = file, shard.name
            return
        before = self._files[shard.digest]
        if self._names[shard.digest] == shard.name:
            raise ContentError(
                "state_twice",
                f'the rows of "{shard.name}" are in {before} already: they would count twice',
                hint="give each state once",
                where=Where(file),
            )
        same = f'"{shard.name}" in {file} has the very totals of "{self._names[shard.digest]}" in {before}'
        self.notices.append(Notice("same_totals", 1, f"{same}: if its rows are the same, they count twice"))

    def _refuse_number(self, file: str, number: int) -> None:
        raise ContentError(
            "shard_twice",
            f"has shard number {number}, as {self._numbers[number]} has",
            hint="--shard N, when scoring, is another number for each input",
            where=Where(file),
        )
