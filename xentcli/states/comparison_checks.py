"""Whether the parts of a comparison that was read fit one another, where types alone do not tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xentcli.core.divergence import SUMS, Divergence
from xentcli.core.joint import Joint
from xentcli.core.numbers.anytime import LEAST_ROWS
from xentcli.core.odds.joint import JointOdds
from xentcli.core.paired import Paired
from xentcli.engine.comparing.most_different import MOST, DifferentRow
from xentcli.engine.comparing.moved import MovedPlace
from xentcli.engine.comparing.pairs import ComparedPair
from xentcli.engine.comparing.ranks import ComparedModels
from xentcli.states.arrays import Malformed
from xentcli.states.checks import check
from xentcli.states.comparison import AnyComparison


def check_comparison(found: AnyComparison) -> None:
    """Raise `Malformed` for what cannot be."""
    for run in found.runs:
        check(run)
    for place, fine in _conditions(found):
        if not fine:
            raise Malformed(f"state.{place}", "does not fit the rest")


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
