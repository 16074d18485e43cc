"""`xent compare`: two inputs side by side, scored in one pass and compared row by row."""

from __future__ import annotations

from msgspec.structs import replace

from xentcli.analysis.comparing.differences import comparison_result
from xentcli.analysis.comparing.gating import gate_comparison
from xentcli.analysis.comparing.models import (
    Scoring,
    open_models,
    open_pair,
    refuse_multilabel,
    run_models,
)
from xentcli.analysis.inputs import column_names
from xentcli.analysis.request import CompareRequest, refuse_overwriting
from xentcli.analysis.saving import refuse_unwritable, save_state
from xentcli.analysis.unused import refuse_unused
from xentcli.engine.comparing.pairs import PairComparer
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan
from xentcli.joining.id_columns import IdColumns, id_columns
from xentcli.results.compare import CompareResult
from xentcli.states.comparison import PAIR, Comparison


def compare_files(request: CompareRequest) -> CompareResult:
    """The paired difference, new - base, of two models that scored the same rows; `baseline` in what is required
    of the numbers is BASE.

    Raises as `score_files` does, and `ContentError` where the two do not have the same ids, labels and weights.
    """
    refuse_unwritable(request.save_state)
    gating, on = request.gating, request.on
    refuse_multilabel((request.base, request.new))
    opened = open_pair(request.base, request.new, on)
    refuse_overwriting(
        request.save_state, [each.name for sources in opened for each in sources], request.new.labels
    )
    ids = None if on is None else id_columns(on, *(column_names(each[0]) for each in opened))
    of_base = replace(request.base, id=None if ids is None else ids.left)
    of_new = replace(request.new, id=None if ids is None else ids.right)
    base, new = open_models(("BASE", "NEW"), (of_base, of_new), opened, gating.slices, on)
    refuse_unused(request.new.given, [new, base])
    class_errors = gating.class_errors or request.save_state is not None
    plan = Plan(request.breakdown, class_errors=class_errors, log_odds=request.breakdown)
    scoring = Scoring(request.policy, plan, request.engine.open(request.new.text))
    ids = _ids(base, new, request)
    found = run_models((new, base), [ids], on, scoring, PairComparer(None if ids is None else ids.right))
    comparison = Comparison(
        PAIR, found.runs, found.compared, on, found.in_order, found.notices, request.anytime, base=1
    )
    comparison = comparison.with_class_errors(gating.class_errors)
    result = comparison_result(comparison)
    if request.save_state is not None:
        save_state(comparison, request.save_state)
    return gate_comparison(result, gating, request.unit)


def _ids(base: Inputs, new: Inputs, request: CompareRequest) -> IdColumns | None:
    """The columns of ids in BASE and NEW, each with its labels."""
    if request.on is None:
        return None
    names = [column_names(each.sources[0]) for each in (base, new)]
    return id_columns(request.on, *names, same_labels=request.new.labels is not None)
