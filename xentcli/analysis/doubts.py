"""Doubts that the values raise about what the columns hold, once all rows have been read.

Values never choose; but a score that is never below one half may be the probability of whichever class was
predicted, and a label that the model always hits may be what it predicted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.columns.affixes import words_within
from xentcli.columns.columns import OPTIONS, Columns
from xentcli.columns.labels import normal_spelling
from xentcli.columns.names import class_in
from xentcli.core.batch import InputKind
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Totals
from xentcli.errors import Notice, RequestError, Where
from xentcli.states.run import Run
from xentcli.wording import plural, typed

A_FEW_ROWS = 10  # all of which could have a score above one half by chance below that
_ENOUGH_ROWS = 20  # all of which the top class gets right
_PREDICTION_NAMES = ("prediction", "predicted", "pred", "prediction_label", "y_pred", "predicted_label")


class _Counts(Struct, frozen=True):
    """Rows of two classes by label (first index) and top class (second), and those where both are the top."""

    table: Sequence[Sequence[int]]
    ties: int

    @property
    def never_below_half(self) -> bool:
        """Whether every score is 1/2 or more, though both labels occur; at 1/2 class 0 counts as the top."""
        (low_0, high_0), (low_1, high_1) = self.table
        return low_0 + low_1 <= self.ties and low_0 + high_0 > 0 and low_1 + high_1 > 0


def refuse_doubtful_score(inputs: Inputs, totals: Totals, classes: tuple[str, ...]) -> None:
    """Raise a `RequestError` where the one score seems to be the probability of whichever class was predicted.

    That is: it is never below one half, and another column holds classes, of both kinds.
    """
    columns = inputs.first
    if not _may_be_of_predicted(columns, totals) or _is_named_for(columns, classes):
        return
    from xentcli.analysis.predictions import find_predicted  # only doubts need it

    found = find_predicted(inputs, classes)
    if found is not None:
        column = columns.scores.names[0]
        odd = f'"{column}" is never below one half, though both labels occur'
        message = f'{odd}: is it the probability of the class in "{found.name}"?'
        hint = _either_reading(columns, found.name)
        raise RequestError("predicted", message, hint=hint, where=Where(inputs.name), column=column)


def other_threshold(inputs: Inputs, classes: tuple[str, ...]) -> Iterator[Notice]:
    """A notice of a column of predictions that are not what the one score says, taken as that of one class."""
    columns = inputs.first
    known = columns.predicted is not None or columns.stated or columns.multilabel is not None
    if not columns.single or known or columns.label_kind != "hard" or columns.kind is InputKind.LOG_PROBABILITY:
        return
    used = set(columns.projection.names)
    names = [each.name for each in inputs.sources[0].fields if each.name.casefold() in _PREDICTION_NAMES]
    if used.issuperset(names):
        return
    from xentcli.analysis.predictions import find_other_threshold

    found = find_other_threshold(inputs, names, classes)
    if found is not None:
        name, rows, seen = found
        message = (
            f'"{name}" is not the likelier class by "{columns.scores.names[0]}" in {rows:,} of the first '
            f"{plural(seen, 'row')}: another threshold than one half? "
            f"{typed('--predicted', name)} if the score is of the class there"
        )
        yield Notice("other_threshold", rows, message, doubt=True)


def with_predicted_column(error: RequestError, inputs: Inputs, labels: Sequence[str]) -> RequestError:
    """The error that one score's class is not clear, with the column that may hold it row by row."""
    columns = inputs.first
    if not columns.single or columns.predicted is not None or len(labels) != 2:
        return error
    from xentcli.analysis.predictions import find_predicted

    found = find_predicted(inputs, tuple(labels), never_below_half=True)
    if found is None:
        return error
    hint = f"{typed('--predicted', found.name)} if it is the probability of the class there; {error.hint}"
    return RequestError(error.code, error.message, hint=hint, where=error.where, column=error.column)


def doubts(run: Run) -> Iterator[Notice]:
    """Notices of what may make the numbers wrong."""
    columns, totals = run.columns, run.totals
    score, rows = columns.scores.names[0], totals.state.losses.rows
    if rows >= A_FEW_ROWS and _may_be_of_predicted(columns, totals):
        message = (
            f'"{score}" is never below one half, though both labels occur: --predicted COL if it is the '
            f"probability of the class in another column"
        )
        yield Notice("never_below_half", rows, message, doubt=True)
    if columns.label is None or columns.multilabel is not None or not totals.state.class_count:
        return
    by_class = totals.state.classes
    rows, hits = int(by_class.labels.rows.sum()), int(by_class.hits.rows.sum())
    if rows == hits >= _ENOUGH_ROWS:
        message = (
            f'the top class is right in all {rows:,} rows: is "{columns.label}" what the model predicted, not the '
            f"true class?"
        )
        yield Notice("label_is_prediction", rows, message, doubt=True)


def _may_be_of_predicted(columns: Columns, totals: Totals) -> bool:
    """Whether one score, of which no option says whose it is, is never below one half."""
    known = columns.predicted is not None or columns.stated or columns.multilabel is not None
    if not columns.single or columns.label_kind != "hard" or known:
        return False
    counts = totals.state.classes.confusions.reshape(2, 2).tolist()
    return _Counts(counts, totals.state.losses.counts.ties).never_below_half


def _is_named_for(columns: Columns, classes: tuple[str, ...]) -> bool:
    """Whether the column's name says which class the score is of."""
    name = columns.scores.names[0]
    spelled = set(map(normal_spelling, classes))
    return normal_spelling(class_in(name) or name) in spelled or len(words_within(name, classes)) == 1


def _either_reading(columns: Columns, predicted: str) -> str:
    option = OPTIONS[columns.kind]
    return (
        f"{typed('--predicted', predicted)} says so; {option} CLASS=COL says that the column is the score of one "
        "class in all rows"
    )
