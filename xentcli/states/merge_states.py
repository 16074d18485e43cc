"""States of parts of one whole, put together: scores, or comparisons as if all rows had been compared at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from xentcli.errors import ContentError, RequestError, Where
from xentcli.states.merge import RunMerger, SavedRun, merge_scores, other_command
from xentcli.states.run import NoRows, Run

if TYPE_CHECKING:
    from xentcli.states.comparison import AnyComparison, AnyRun

_ALIKE = {"names": "models", "base": "--base", "level": "--level", "anytime": "--anytime"}


def merge(saved: Iterable[SavedRun[AnyRun]]) -> AnyRun:
    """All as one, in this order, or in that of their numbers if they were given any.

    Raises `ContentError` where they were not scored alike, or where rows would count twice, and `RequestError`
    if there are none.
    """
    each = iter(saved)
    first = next(each, None)
    if first is None:
        raise RequestError("no_state", "there is no state to merge")
    if not isinstance(first.run, Run | NoRows):
        return _merge_comparisons(SavedRun(first.file, first.run), each)
    return merge_scores(_of_scores(first, each))


def _of_scores(first: SavedRun[AnyRun], others: Iterator[SavedRun[AnyRun]]) -> Iterator[SavedRun[Run | NoRows]]:
    """All of them; raises `ContentError` for one of another command."""
    for each in chain((first,), others):
        if not isinstance(each.run, Run | NoRows):
            raise other_command(first, each)
        yield SavedRun(each.file, each.run)


def _merge_comparisons(first: SavedRun[AnyComparison], others: Iterator[SavedRun[AnyRun]]) -> AnyComparison:
    """Comparisons of the same models as one."""
    whole = first.run
    mergers = [RunMerger(SavedRun(first.file, run)) for run in whole.runs]
    compared: Any = whole.compared
    notices, in_order = [*whole.notices], whole.in_order
    for other in others:
        more = _alike(first, other)
        numbers = [merger.add(SavedRun(other.file, run)) for merger, run in zip(mergers, more.runs, strict=True)]
        compared = compared.merge(_renumber(more.compared, numbers[0]))
        notices += more.notices
        in_order = in_order or more.in_order
    runs = tuple(merger.result() for merger in mergers)
    compared = compared.without(runs[0].totals.slices.too_many)
    return replace(whole, runs=runs, compared=compared, in_order=in_order, notices=tuple(dict.fromkeys(notices)))


def _alike(first: SavedRun[AnyComparison], other: SavedRun[AnyRun]) -> AnyComparison:
    """The comparison of the same models."""
    run = other.run
    if isinstance(run, Run | NoRows) or run.command != first.run.command:
        raise other_command(first, other)
    for name, what in _ALIKE.items():
        mine, theirs = getattr(run, name), getattr(first.run, name)
        if mine != theirs:
            message = f"was not made as {first.file} was: {what} {_shown(name, mine)}, not {_shown(name, theirs)}"
            hint = "the same models, in one order, and the same options for all parts"
            raise ContentError("states_differ", message, hint=hint, where=Where(other.file))
    return run


def _shown(name: str, value: Any) -> str:
    return ", ".join(value) if name == "names" else "none" if value is None else str(value)


def _renumber(compared: Any, numbers: Mapping[int, int]) -> Any:
    """With other numbers for the inputs that rows stand in, by those they have."""
    from xentcli.engine.comparing.most_different import MostDifferent  # which scores need not load
    from xentcli.engine.comparing.moved import MostMoved, Moved
    from xentcli.engine.comparing.pairs import ComparedPair

    def renumbered(rows: Iterable[Any]) -> tuple[Any, ...]:
        moved = (replace(row, place=(numbers[row.place[0]], row.place[1])) for row in rows)
        return tuple(sorted(moved, key=lambda row: row.order))

    if isinstance(compared, ComparedPair):
        return replace(compared, different=MostDifferent(renumbered(compared.different.rows)))
    if isinstance(compared, Moved):
        return replace(compared, most=MostMoved(renumbered(compared.most.rows)))
    return compared
