"""From inputs to a run: every row scored, and what cannot be scored refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from msgspec.structs import replace

from xentcli.analysis.doubts import doubts, other_threshold, refuse_doubtful_score, with_predicted_column
from xentcli.analysis.notices import UNUSED_LABEL, file_notices, order_notices, unused_labels, unused_spellings
from xentcli.analysis.prior import Prior
from xentcli.analysis.refusals import refuse_empty, refuse_policy, refuse_unknown_weights, with_label_file
from xentcli.analysis.request import EngineRequest, InputRequest
from xentcli.analysis.row_errors import first_error, row_notices
from xentcli.analysis.same_rows import same_rows, watch_ids
from xentcli.analysis.unused import refuse_unused
from xentcli.columns.columns import Columns
from xentcli.columns.labels import normal_spelling
from xentcli.core.batch import Policy
from xentcli.engine.engine import Engine
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Plan, Totals
from xentcli.errors import Notice, RequestError, XentError
from xentcli.states.run import Run, class_names
from xentcli.wording import plural


class Scored(Protocol):
    """What every request to score says."""

    @property
    def inputs(self) -> InputRequest:
        """What is read."""

    @property
    def policy(self) -> Policy:
        """What is done to it."""

    @property
    def engine(self) -> EngineRequest:
        """Where."""


def run_of_request(request: Scored, inputs: Inputs, plan: Plan, *, part: bool = False) -> Run:
    """The run of the inputs of a request, scored as it asks; a `part` is as for `score_inputs`."""
    refuse_unused(request.inputs.given, [inputs])
    return score_inputs(inputs, request.policy, plan, request.engine.open(request.inputs.text), part=part)


def score_inputs(
    inputs: Inputs, policy: Policy, plan: Plan, engine: Engine, prior: Prior | None = None, *, part: bool = False
) -> Run:
    """Score inputs as one; skill is measured against `prior`, or else the class mix of the rows.

    A `part` of what will be merged may have no row to score.
    """
    refuse_policy(inputs.first, policy)
    inputs = watch_ids(inputs)
    plan = replace(plan, same_rows=len(inputs.sources) > 1 or inputs.first.keys.watched is not None)
    totals = engine.totals(inputs, policy, plan)
    inputs.finish()
    refuse_broken_rows(inputs, policy, totals)
    return run_of(inputs, policy, plan, totals, prior, part=part)


def refuse_broken_rows(inputs: Inputs, policy: Policy, totals: Totals) -> None:
    """Raise what is wrong with the rows, the first of them first, and with the names of their classes."""
    first = inputs.first
    error = first_error(totals.tally, first, first.classes or (), policy, sum(totals.rows.values()))
    if error is not None:
        raise with_label_file(_of_predicted(error, inputs, totals), first, inputs.label_file)
    try:
        class_names(totals, first, inputs.name)
    except RequestError as unclear:
        raise _of_predicted(unclear, inputs, totals) from None


def _of_predicted(error: XentError, inputs: Inputs, totals: Totals) -> XentError:
    """The error that the class of one score is not clear, with what may tell it row by row."""
    if not isinstance(error, RequestError) or error.code != "positive":
        return error
    known = {text for _, text in totals.labels} | {text for _, text in totals.tally.entries if text is not None}
    return with_predicted_column(error, inputs, sorted(set(map(normal_spelling, known))))


def run_of(
    inputs: Inputs, policy: Policy, plan: Plan, totals: Totals, prior: Prior | None = None, *, part: bool = False
) -> Run:
    """The run of inputs whose rows are sound; of a `part`, nothing is refused that only the whole can tell."""
    if not part:
        refuse_empty(totals, inputs)
    classes = class_names(totals, inputs.first, inputs.name)
    open_class = _open_class(inputs.first, totals) if part else None
    if open_class is None:
        refuse_unknown_weights(classes, policy)
    if not part:
        refuse_doubtful_score(inputs, totals, classes)
    return Run(
        inputs=inputs.infos(totals.rows, plan.first_input),
        numbers=tuple(range(plan.first_input, plan.first_input + len(inputs.sources))),
        columns=replace(inputs.first, keys=replace(inputs.first.keys, watched=None)),
        label_file=inputs.label_file,
        policy=policy,
        prior=None if prior is None else prior.by_class(prior.names(classes, open_class)),
        plan=plan,
        totals=totals,
        notices=tuple(
            dict.fromkeys((*_input_notices(inputs, policy, plan, totals), *other_threshold(inputs, classes)))
        ),  # one label file says the same to all
        empty_parts=int(not totals.state.losses.rows),
    )


def _open_class(columns: Columns, totals: Totals) -> int | None:
    """The class of two that has no name yet, as no row of this part is of it."""
    if not columns.single or columns.classes is not None:
        return None
    seen = {index for index, _ in totals.labels}
    return next((k for k in (0, 1) if k not in seen and (k == 0 or columns.positive is None)), None)


def _input_notices(inputs: Inputs, policy: Policy, plan: Plan, totals: Totals) -> Iterator[Notice]:
    yield from file_notices(inputs)
    yield from unused_labels(totals.tally, policy, inputs)
    yield from same_rows(totals.same_rows, inputs, plan.first_input)
    if any(sums.counts.times > 1 for sums in totals.same_rows.sums.values()):
        from xentcli.analysis.repeated_ids import repeated_ids  # needs Arrow

        yield from repeated_ids(totals.same_rows, inputs, plan.first_input)


def run_notices(run: Run) -> Iterator[Notice]:
    """What is odd about the files, their rows and the order of their columns."""
    yield from run.notices
    if all(notice.code != UNUSED_LABEL for notice in run.notices):  # of states, which leave it to the whole
        yield from unused_labels(run.totals.tally, run.policy)
    if run.empty_parts:
        message = f"{plural(run.empty_parts, 'part')} had no row to score"
        yield Notice("empty_parts", run.empty_parts, message)
    if run.totals.filtered:
        message = f"{plural(run.totals.filtered, 'row')} left out by --where"
        yield Notice("filtered_rows", run.totals.filtered, message)
    yield from row_notices(run.totals.tally, run.totals.state.losses.rows, run.columns.class_count)
    yield from unused_spellings(run.totals.tally, run.columns)
    if run.columns.unlabelled:  # what is right is not known
        return
    yield from order_notices(run.totals, run.classes)
    yield from doubts(run)
