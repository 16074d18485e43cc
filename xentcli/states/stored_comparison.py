"""The form in which comparisons are stored, and the way there and back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.core.divergence import SUMS, Divergence
from xentcli.core.joint import Joint
from xentcli.core.numbers.anytime import LEAST_ROWS
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import Paired
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Place
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.comparing.most_different import MOST, DifferentRow, MostDifferent
from xentcli.engine.comparing.moved import MostMoved, Moved, MovedPlace
from xentcli.engine.comparing.pairs import ComparedPair
from xentcli.engine.comparing.ranks import ComparedModels
from xentcli.errors import Notice
from xentcli.states.arrays import Malformed
from xentcli.states.checks import check
from xentcli.states.comparison import AnyComparison, Comparison
from xentcli.states.stored import StoredRun, from_json, to_json


class _StoredRow(Struct, frozen=True, forbid_unknown_fields=True):
    """A `DifferentRow`; a loss is None where it is infinite, which JSON has no number for."""

    new_loss: float | None
    base_loss: float | None
    place: Place
    base_place: Place
    label: int | None
    id: str | None
    new_probability: float | None
    base_probability: float | None

    @classmethod
    def of(cls, row: DifferentRow) -> _StoredRow:
        """To be stored."""
        fields = {name: value for name, value in asdict(row).items() if name != "difference"}
        return cls(**{**fields, "new_loss": _finite(row.new_loss), "base_loss": _finite(row.base_loss)})

    def load(self) -> DifferentRow:
        """As it was."""
        new, base = (math.inf if loss is None else loss for loss in (self.new_loss, self.base_loss))
        return DifferentRow(**{**asdict(self), "difference": new - base, "new_loss": new, "base_loss": base})


def _finite(loss: float) -> float | None:
    return loss if math.isfinite(loss) else None


class _StoredPair(Struct, frozen=True, forbid_unknown_fields=True):
    """A `ComparedPair`; slices as a `StoredRun` has them."""

    paired: Paired
    slices: tuple[tuple[int, Slice, Paired], ...]
    different: tuple[_StoredRow, ...]
    joint: JointOdds


class _StoredModels(Struct, frozen=True, forbid_unknown_fields=True):
    """A `ComparedModels`, likewise."""

    joint: Joint
    slices: tuple[tuple[int, Slice, Joint], ...]


class _StoredPlace(Struct, frozen=True, forbid_unknown_fields=True):
    """A `MovedPlace`; `kl` is None where it is infinite."""

    kl: float | None
    place: Place
    base_place: Place
    id: str | None
    label: int | None
    base_top: int
    base_probability: float
    new_top: int
    new_probability: float


class _StoredMoved(Struct, frozen=True, forbid_unknown_fields=True):
    """A `Moved`, likewise."""

    divergence: Divergence
    slices: tuple[tuple[int, Slice, Divergence], ...]
    most: tuple[_StoredPlace, ...]

    @classmethod
    def of(cls, moved: Moved) -> _StoredMoved:
        """To be stored."""
        rows = tuple(_StoredPlace(**{**asdict(row), "kl": _finite(row.kl)}) for row in moved.most.rows)
        return cls(moved.divergence, _stored_slices(moved.slices), rows)

    def load(self) -> Moved:
        """As it was."""
        rows = (MovedPlace(**{**asdict(row), "kl": math.inf if row.kl is None else row.kl}) for row in self.most)
        return Moved(self.divergence, _slices(self.slices), MostMoved(tuple(rows)))


class _Stored(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A `Comparison`."""

    names: tuple[str, ...]
    runs: tuple[StoredRun, ...]
    on: str | None
    in_order: bool
    notices: tuple[Notice, ...]
    anytime: int | None
    base: int | None
    level: float


class _StoredCompare(_Stored, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of two models."""

    compared: _StoredPair


class _StoredRank(_Stored, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of several."""

    compared: _StoredModels


class _StoredDivergence(_Stored, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of two, one of which has moved from the other."""

    compared: _StoredMoved


def comparison_json(comparison: AnyComparison) -> Any:
    """What JSON can hold of it: equal comparisons have equal ones."""
    fields = {name: getattr(comparison, name) for name in _Stored.__struct_fields__ if name != "runs"}
    runs = tuple(StoredRun.of(run) for run in comparison.runs)
    compared = comparison.compared
    if isinstance(compared, ComparedPair):
        rows = tuple(map(_StoredRow.of, compared.different.rows))
        slices, joint = _stored_slices(compared.slices), compared.joint.compact()
        pair = _StoredPair(compared.paired, slices, rows, joint)
        return to_json(_StoredCompare(**fields, runs=runs, compared=pair))
    if isinstance(compared, Moved):
        return to_json(_StoredDivergence(**fields, runs=runs, compared=_StoredMoved.of(compared)))
    stored = _StoredModels(compared.joint, _stored_slices(compared.slices))
    return to_json(_StoredRank(**fields, runs=runs, compared=stored))


def comparison_of(command: Any, value: Any) -> AnyComparison:
    """The comparison of a command that this is the JSON of; raises `Malformed`."""
    found: AnyComparison
    if command == "compare":
        pair = from_json(value, _StoredCompare)
        rows = tuple(row.load() for row in pair.compared.different)
        slices, joint = _slices(pair.compared.slices), pair.compared.joint
        compared = ComparedPair(pair.compared.paired, slices, MostDifferent(rows), joint)
        found = Comparison(compared=compared, **_fields(pair))
    elif command == "rank":
        rank = from_json(value, _StoredRank)
        models = ComparedModels(rank.compared.joint, _slices(rank.compared.slices))
        found = Comparison(compared=models, **_fields(rank))
    elif command == "divergence":
        moved = from_json(value, _StoredDivergence)
        found = Comparison(compared=moved.compared.load(), **_fields(moved))
    else:
        raise Malformed("state", f'is of "{command}"')
    for run in found.runs:
        check(run)
    for place, fine in _conditions(found):
        if not fine:
            raise Malformed(f"state.{place}", "does not fit the rest")
    return found


def _fields(stored: _Stored) -> dict[str, Any]:
    fields = {name: getattr(stored, name) for name in _Stored.__struct_fields__}
    return {**fields, "runs": tuple(run.run() for run in stored.runs)}


def _stored_slices(slices: StatesBySlice[Any]) -> tuple[tuple[int, Slice, Any], ...]:
    rows = ((number, values, state) for (number, values), state in slices.states.items())
    return tuple(sorted(rows, key=lambda each: repr(each[:2])))


def _slices(stored: tuple[tuple[int, Slice, Any], ...]) -> StatesBySlice[Any]:
    states = {(number, values): state for number, values, state in stored}
    if len(states) < len(stored):
        raise Malformed("state.compared.slices", "has a key twice")
    return StatesBySlice(states)


def _conditions(found: AnyComparison) -> Iterator[tuple[str, bool]]:
    """Whether the parts fit one another, where types alone do not tell."""
    count, compared = len(found.runs), found.compared
    yield "names", len({*found.names}) == len(found.names) == count >= 2
    yield "level", 0.5 < found.level < 1
    yield "anytime", found.anytime is None or found.anytime >= LEAST_ROWS
    yield "base", found.base is None or 0 <= found.base < count
    rows = found.runs[0].totals.state.losses.rows
    yield "runs", all(run.totals.state.losses.rows == rows for run in found.runs)
    sets = found.runs[0].columns.keys.by
    for (number, values), state in compared.slices.states.items():
        yield "compared.slices", 0 <= number < len(sets) and len(values) == len(sets[number])
        yield "compared.slices", _fits(state, found)
    slices = found.runs[0].totals.slices.states.items()
    scored = {key for key, state in slices if state.score.losses.rows}
    yield "compared.slices", compared.slices.states.keys() == scored
    whole: Paired | Joint | Divergence
    if isinstance(compared, ComparedModels):
        whole = compared.joint
    else:
        yield "names", count == 2 and found.base == 1
        listed: Sequence[DifferentRow | MovedPlace]
        if isinstance(compared, ComparedPair):
            whole, listed = compared.paired, compared.different.rows
            yield "compared.joint", compared.joint.fits() and compared.joint.limits == JointOdds().limits
        else:
            whole, listed = compared.divergence, compared.most.rows
            classes = range(found.runs[0].columns.class_count)
            yield "compared.most", all(row.base_top in classes and row.new_top in classes for row in listed)
        yield "compared.different", len(listed) <= MOST
        numbers = {row.place[0] for row in listed}
        yield "compared.different", numbers <= {*found.runs[0].numbers}
    yield "compared", _fits(whole, found) and whole.rows == rows


def _fits(state: Paired | Joint | Divergence, found: AnyComparison) -> bool:
    """Whether totals are of so many models, and clusters of as many quantities."""
    count, whole = len(found.runs), state.clusters.whole
    if found.clustered != (whole is not None):
        return False
    sums = 0 if whole is None else len(whole.sums)
    if isinstance(state, Divergence):
        return _is_divergence(state, sums, labelled=found.runs[0].columns.label is not None)
    if isinstance(state, Paired):
        return sums in (0, 3, 7)
    shapes = state.lower.shape == (count, count) and state.infinite.shape == (count,)
    losses = state.losses.sums.groups == count + 1
    based = 0 if found.base is None else count
    others = len(state.accuracy) == len(state.brier) == based
    return shapes and losses and others and sums in (0, 1 + count, 1 + 3 * count)


def _is_divergence(state: Divergence, sums: int, *, labelled: bool) -> bool:
    """Whether totals of a divergence are of the same rows, with so many sums by cluster if there are any."""
    rows = state.kl.rows + state.infinite == state.same_top.rows and state.same_top.weight.total() > 0
    labels = state.true_class.dp.rows == (state.rows if labelled else 0) == state.true_class.paired.rows
    finite = state.infinite >= 0 and 0 <= state.reverse_infinite <= state.rows
    return rows and labels and finite and state.sums.groups == len(SUMS) and sums in (0, 3 + labelled)
