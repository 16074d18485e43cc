"""The form in which comparisons are stored, and the way there and back."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from xentcli.core.joint import Joint
from xentcli.core.numbers.anytime import LEAST_ROWS
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import Paired
from xentcli.decoding.groups import Slice
from xentcli.decoding.tally import Place
from xentcli.engine.comparing.models import StatesBySlice
from xentcli.engine.comparing.most_different import MOST, DifferentRow, MostDifferent
from xentcli.engine.comparing.pairs import ComparedPair
from xentcli.engine.comparing.ranks import ComparedModels
from xentcli.errors import Notice
from xentcli.states.arrays import Malformed
from xentcli.states.checks import check
from xentcli.states.comparison import AnyComparison, Comparison
from xentcli.states.stored import StoredRun, from_json, to_json

COMPARE, RANK = "compare", "rank"  # what a state is of, beside scores


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


def comparison_json(comparison: AnyComparison) -> tuple[str, Any]:
    """What it is of, and the JSON: equal comparisons have equal ones."""
    fields = {name: getattr(comparison, name) for name in _Stored.__struct_fields__ if name != "runs"}
    runs = tuple(StoredRun.of(run) for run in comparison.runs)
    compared = comparison.compared
    if isinstance(compared, ComparedPair):
        rows = tuple(map(_StoredRow.of, compared.different.rows))
        slices, joint = _stored_slices(compared.slices), compared.joint.compact()
        pair = _StoredPair(compared.paired, slices, rows, joint)
        return COMPARE, to_json(_StoredCompare(**fields, runs=runs, compared=pair))
    stored = _StoredModels(compared.joint, _stored_slices(compared.slices))
    return RANK, to_json(_StoredRank(**fields, runs=runs, compared=stored))


def comparison_of(kind: str, value: Any) -> AnyComparison:
    """The comparison of this kind that the JSON is of; raises `Malformed`."""
    found: AnyComparison
    if kind == COMPARE:
        pair = from_json(value, _StoredCompare)
        rows = tuple(row.load() for row in pair.compared.different)
        slices, joint = _slices(pair.compared.slices), pair.compared.joint
        compared = ComparedPair(pair.compared.paired, slices, MostDifferent(rows), joint)
        found = Comparison(compared=compared, **_fields(pair))
    elif kind == RANK:
        rank = from_json(value, _StoredRank)
        models = ComparedModels(rank.compared.joint, _slices(rank.compared.slices))
        found = Comparison(compared=models, **_fields(rank))
    else:
        raise Malformed("state", f'is of "{kind}"')
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
    whole = compared.paired if isinstance(compared, ComparedPair) else compared.joint
    yield "compared", _fits(whole, found) and whole.rows == rows
    if isinstance(compared, ComparedPair):
        yield "names", count == 2 and found.base == 1
        yield "compared.joint", compared.joint.fits() and compared.joint.limits == JointOdds().limits
        yield "compared.different", len(compared.different.rows) <= MOST
        numbers = {row.place[0] for row in compared.different.rows}
        yield "compared.different", numbers <= {*found.runs[0].numbers}


def _fits(state: Paired | Joint, found: AnyComparison) -> bool:
    """Whether totals are of so many models, and clusters of as many quantities."""
    count, whole = len(found.runs), state.clusters.whole
    if found.clustered != (whole is not None):
        return False
    sums = 0 if whole is None else len(whole.sums)
    if isinstance(state, Paired):
        return sums in (0, 3, 7)
    shapes = state.lower.shape == (count, count) and state.infinite.shape == (count,)
    losses = state.losses.sums.groups == count + 1
    based = 0 if found.base is None else count
    others = len(state.accuracy) == len(state.brier) == based
    return shapes and losses and others and sums in (0, 1 + count, 1 + 3 * count)
