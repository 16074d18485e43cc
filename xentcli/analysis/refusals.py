"""What is refused once the columns are known, or once all rows have been read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from msgspec.structs import replace

from xentcli.columns.agreement import columns_by_class
from xentcli.columns.columns import Columns, ScoreLayout
from xentcli.columns.labels import LabelCoder, different_texts
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import InputKind, Policy
from xentcli.core.numbers.summary import Summary
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Totals
from xentcli.errors import ContentError, RequestError, UnusedOptionError, Where, XentError
from xentcli.sources.source import Projection
from xentcli.wording import did_you_mean, few, nearest, suggest, typed

_MOST_VALUES = 1000  # of a column that are looked at for a message
_EFFECT_LIMIT = 1e-4  # nats: the score would be better than the model; honest rounding stays below 5e-5


def with_label_file(error: XentError, columns: Columns, file: str | None) -> XentError:
    """The error at the row of a prediction whose label is wrong names the file that the label is of."""
    if file is None or error.column is None or error.column != columns.label:
        return error
    hint = f"the label is of {file}" + (f"; {error.hint}" if error.hint else "")
    return type(error)(error.code, error.message, hint=hint, where=error.where, column=error.column)


def refuse_policy(columns: Columns, policy: Policy) -> None:
    """Options that say nothing about labels of this kind."""
    if policy.class_weights and columns.label_kind != "hard":
        message = f"--class-weight needs plain labels, not {columns.label_kind} ones"
        raise UnusedOptionError("--class-weight", "label_kind", message)
    if policy.smoothing and columns.tokens:
        message = "--label-smoothing needs labels, not log-probabilities of tokens"
        raise UnusedOptionError("--label-smoothing", "label_kind", message)
    if policy.class_weights and policy.smoothing:
        message = "--class-weight and --label-smoothing exclude each other: frameworks combine them differently"
        raise RequestError("label_kind", message)
    if policy.ignored_labels and columns.label is None:
        raise UnusedOptionError("--ignore-label", "label_kind", "--ignore-label needs a label column")


def refuse_unknown_weights(classes: tuple[str, ...], policy: Policy) -> None:
    """Class weights are of classes, one for each."""
    coder = LabelCoder(classes, False)
    seen: dict[int, str] = {}
    for name, _ in policy.class_weights:
        place = coder.index(name)
        if place < 0:
            hint = f"{did_you_mean(name, classes)}classes: {few(classes, 20, '')}"
            raise RequestError("class_weight", f'--class-weight names an unknown class, "{name}"', hint=hint)
        if place in seen:
            message = f'--class-weight names class "{classes[place]}" twice, as "{seen[place]}" and as "{name}"'
            raise RequestError("class_weight", message)
        seen[place] = name


def refuse_empty(totals: Totals, inputs: Inputs) -> None:
    """Something must have been scored."""
    where = Where(inputs.name) if len(inputs.sources) == 1 else None
    if any(totals.rows.values()) and totals.filtered == sum(totals.rows.values()):
        raise _no_row_kept(inputs, where)
    refuse_unscored(totals, where)


def refuse_unscored(totals: Totals, where: Where | None = None) -> None:
    """Likewise where the inputs are not at hand."""
    if not any(totals.rows.values()):
        raise ContentError("no_rows", "no rows", where=where)
    if not totals.state.losses.rows:
        counts = totals.state.losses.counts
        if counts.zero_weight:
            raise ContentError("no_weight", "all weights are 0", where=where)
        filtered = f", {totals.filtered} left out by --where" if totals.filtered else ""
        message = f"no rows left: {counts.skipped} skipped, {counts.ignored} ignored{filtered}"
        hint = "without skipping, the error says what the rows lack" if counts.skipped else None
        raise ContentError("no_rows", message, hint=hint, where=where)


def _no_row_kept(inputs: Inputs, where: Where | None) -> ContentError:
    """The error for a filter that leaves no row, with the values that the column has."""
    conditions = inputs.first.keys.where
    shown = " and ".join(str(each) for each in conditions)
    for each in conditions:
        values = [*_values(inputs, each.column)]
        if each.equal and each.value not in values:
            meant = nearest(each.value, values)
            option = "" if meant is None else suggest(typed("--where", str(replace(each, value=meant)))) + " "
            hint = f'{option}values of "{each.column}": {few(values, 20) or "none"}'
            return ContentError("no_rows", f"no row has {shown}", hint=hint, where=where, column=each.column)
    return ContentError("no_rows", f"no row has {shown}", where=where)


def _values(inputs: Inputs, column: str) -> Iterator[str]:
    """The first different values of a column; none where an input can be read only once, and has been."""
    seen: set[str] = set()
    with suppress(RequestError):
        for block in chain.from_iterable(read_blocks(each, Projection((column,), ())) for each in inputs.sources):
            new = [text for text in different_texts(block.columns[column]) if text not in seen]
            seen.update(new)
            yield from new
            if len(seen) > _MOST_VALUES:
                return


def refuse_bad_sums(summary: Summary, policy: Policy, source: str) -> None:
    """Rows that sum to more than 1 would be scored better than the model is."""
    effect = summary.metrics.row_sum_effect or 0.0
    if effect > _EFFECT_LIMIT and not policy.normalize:
        raise ContentError(
            "row_sum_effect",
            f"the probabilities of rows sum to more than 1: the log loss would be too good by {effect:.3g} nats",
            hint="--normalize divides each row by its sum",
            where=Where(source),
        )


def refuse_foreign_logits(summary: Summary, columns: Columns, source: str) -> None:
    """A logit column found by its name must be of a class that occurs: `logit_scale` is none."""
    empty = [row.name for row in summary.per_class if not row.rows]
    apart = columns.scores.layout is ScoreLayout.COLUMNS and not columns.single
    named = not columns.detected or columns.ordered  # by an option: then it is a class, if one without rows
    if not named and columns.kind is InputKind.LOGIT and apart and empty:
        by_class = columns_by_class(columns, tuple(row.name for row in summary.per_class))
        raise RequestError(
            "class_without_rows",
            f'no row is of class "{empty[0]}": is that a class, and "{by_class[empty[0]]}" its logit?',
            hint="if so, say it with --logit or --classes",
            where=Where(source),
            column=by_class[empty[0]],
        )
