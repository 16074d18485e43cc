"""What the reader of the numbers should know."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from xentcli.columns.column_types import is_text
from xentcli.columns.columns import Columns
from xentcli.columns.labels import different_texts
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import Policy
from xentcli.core.numbers.summary import Summary
from xentcli.core.numbers.tables import better_order
from xentcli.decoding.missing_values import SPELLED
from xentcli.decoding.tally import Tally
from xentcli.engine.inputs import Inputs
from xentcli.engine.totals import Totals
from xentcli.errors import Notice, RequestError, Where
from xentcli.sources.source import Projection
from xentcli.wording import brief, few, percent, plural, typed

UNUSED_LABEL = "unused_ignore_label"
_LOOKED_AT = 64  # columns
_EFFECT_NOTICE = 1e-6  # nats: a row sum effect worth a word


def file_notices(inputs: Inputs) -> Iterator[Notice]:
    """About the files: odd ones, the same one twice, a last field that may have been cut."""
    seen: dict[tuple[int, int], str] = {}
    for source, used in zip(inputs.sources, inputs.columns, strict=True):
        yield from source.notices()
        if os.path.isfile(source.name):
            status = os.stat(source.name)
            key = (status.st_dev, status.st_ino)
            if key in seen:
                message = f"{source.name} is the same file as {seen[key]}: its rows count twice"
                yield Notice("same_file", 1, message, doubt=True)
            seen.setdefault(key, source.name)
        for file, column in source.possibly_truncated():
            if column in used.projection.names:
                message = f'the last line has no end: its last field ("{column}") could have been cut'
                yield Notice("no_final_newline", 1, message, (Where(file),))


def unused_labels(tally: Tally, policy: Policy, inputs: Inputs | None = None) -> Iterator[Notice]:
    """Labels to ignore that no row has; of `inputs`, the column that has such a value is named."""
    used = tally.of("ignored_label")
    for text in dict.fromkeys(policy.ignored_labels):
        if text in used:
            continue
        message = f'no row has the label "{text}": --ignore-label left none out'
        column = None if inputs is None else _column_with(text, inputs)
        if column is not None:
            message += f'; "{column}" has it: {typed("--where", f"{column}!={text}")} leaves such rows out'
        yield Notice(UNUSED_LABEL, 1, message, doubt=True)


def _column_with(text: str, inputs: Inputs) -> str | None:
    """A column of text whose first rows have this value; None where an input can be read only once."""
    source, used = inputs.sources[0], inputs.first.projection
    taken = {*used.numbers, *used.lists, inputs.first.label}
    names = [field.name for field in source.fields if (field.type is None or is_text(field.type))]
    free = [name for name in names if name and name not in taken][:_LOOKED_AT]
    with suppress(RequestError):
        block = next(read_blocks(source, Projection(tuple(free), ())), None) if free else None
        if block is not None:
            return next((name for name in free if text in different_texts(block.columns[name])), None)
    return None


def metric_notices(summary: Summary, columns: Columns, policy: Policy) -> Iterator[Notice]:
    """About the numbers: sums, rows left out, ties, classes."""
    metrics = summary.metrics
    effect = metrics.row_sum_effect or 0.0
    if abs(effect) > _EFFECT_NOTICE:
        verb = "adds" if policy.normalize else "would add"
        message = f"the probabilities of the rows do not sum to 1: --normalize {verb} {effect:.3g} nats"
        yield Notice("row_sum_effect", metrics.rows, message)
    for name, why in (("skipped", "for a missing value"), ("ignored", "by their label")):
        if count := getattr(metrics, f"{name}_rows"):
            message = f"{plural(count, 'row')} left out {why}"
            yield Notice(f"{name}_rows", count, message, doubt=name == "skipped")
    if metrics.ties:
        shared = f"in {plural(metrics.ties, 'row')} several classes tie for the highest probability"
        yield Notice("ties", metrics.ties, f"{shared}; the first of them counts as predicted")
    empty = [row.name for row in summary.per_class if not row.rows]
    if empty and (columns.positive in empty if columns.single else columns.detected):
        shown = few((f'"{name}"' for name in empty), 10, " and {left:,} more")
        yield Notice("class_without_rows", len(empty), f"no row is of class {shown}")
    folded = [row.name.casefold() for row in summary.per_class]
    if len(set(folded)) < len(folded):
        yield Notice(
            "similar_classes",
            len(folded) - len(set(folded)),
            "some classes differ in upper and lower case only",
        )


def unused_spellings(tally: Tally, columns: Columns) -> Iterator[Notice]:
    """A notice for each spelling of missing values that no value had."""
    found = tally.of(SPELLED)
    for spelling in dict.fromkeys(columns.missing):
        if spelling not in found:
            message = f'no value is "{brief(spelling)}": {typed("--na", spelling)} matched nothing'
            yield Notice("na_unused", 1, message, doubt=True)


def order_notices(totals: Totals, classes: tuple[str, ...]) -> Iterator[Notice]:
    """A word if the predictions would be right with their columns in another order: the likeliest mistake."""
    order = better_order(totals.state.classes.confusions, len(classes))
    if order is None:
        return
    right, other, rows = order.right, order.right_if, order.rows
    shown = few((classes[k] for k in order.classes), 10)
    yield Notice(
        "column_order",
        rows - right,
        f"{percent(right / rows)} of the rows are right as given, {percent(other / rows)} if the columns were of "
        f"{shown}: check the order of the columns, or how labels are numbered",
        doubt=True,
    )
