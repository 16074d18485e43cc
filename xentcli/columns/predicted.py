"""A score that is the probability of whichever class was predicted: `--predicted COL` names that class."""

from __future__ import annotations

from collections.abc import Sequence

from xentcli.columns.columns import OPTIONS, Columns
from xentcli.columns.labels import TELLING, in_other_spelling, normal_spelling
from xentcli.columns.lookup import ColumnLookup
from xentcli.columns.names import Family
from xentcli.errors import ContentError, Where
from xentcli.wording import few, typed


def refuse_predicted(lookup: ColumnLookup, base: Columns, family: Family, *, soft: bool) -> None:
    """Raise a `RequestError` where `--predicted` has no effect, or says what another option or column denies."""
    column, option = base.predicted, OPTIONS[family.kind]
    if column is None:
        return
    if base.label is None or soft:
        raise lookup.unused("--predicted", "--predicted needs a label column", "--label COL names it")
    if column == base.label:
        message = f'"{column}" is the label: it cannot be the predicted class as well'
        raise lookup.error("predicted", message, "--label and --predicted name different columns")
    if column in family.columns:
        raise lookup.error("predicted", f'"{column}" is the score: it cannot be the predicted class as well')
    if base.scores.rows > 1:
        message = f"--predicted is for one score column, not {base.scores.rows}"
        raise lookup.unused("--predicted", message, "drop it: each score has its class")
    if family.stated:
        said = f"{family.classes[0]}={family.columns[0]}"
        message = f"{typed(option, said)} says that the score is of one class, --predicted that it is of several"
        raise lookup.error(
            "predicted", message, f"{typed(option, family.columns[0])} with --predicted, or drop that"
        )


def positive_of_predicted(lookup: ColumnLookup, base: Columns) -> str | None:
    """The class that counts as the positive one, where the score is of either; None: labels such as 0/1 tell it.

    Raises a `ContentError` where more than two classes are predicted.
    """
    asked, given = lookup.spec.positive, lookup.spec.classes
    if asked is not None or given is not None:
        return asked if asked is not None else given[-1] if given else None
    predicted = set(map(normal_spelling, lookup.peek.labels(base.predicted or "")))
    labels = set(map(normal_spelling, lookup.peek.labels(base.label or "")))
    if len(predicted) > 2:
        raise too_many_classes(sorted(predicted), base, lookup.peek.source.name)
    return None if TELLING.issuperset(predicted | labels) or not predicted else max(predicted)


def both_of_predicted(lookup: ColumnLookup, base: Columns, positive: str | None) -> tuple[str, str] | None:
    """The negative and the positive class, where predictions spell classes otherwise than labels; else None."""
    predicted = set(map(normal_spelling, lookup.peek.labels(base.predicted or "")))
    labels = set(map(normal_spelling, lookup.peek.labels(base.label or "")))
    found = {text: text if text in labels else in_other_spelling(text, labels) for text in predicted}
    if all(name is None or name == text for text, name in found.items()):
        return None
    both = {text if name is None else name for text, name in found.items()}
    left = sorted(labels - both)
    if len(both) == 1:
        both.update(left if len(left) == 1 else ())
    if both < {"0", "1"}:
        both = {"0", "1"}
    if len(both) != 2 or (len(labels) == 2 and both != labels):
        return None
    asked = None if positive is None else in_other_spelling(positive, both)
    if asked is None and positive is not None:
        return None
    second = asked or in_other_spelling("1", both) or max(both)
    return min(both - {second}), second


def too_many_classes(classes: Sequence[str], base: Columns, file: str) -> ContentError:
    """That one score says too little about more than two classes."""
    shown = few((f'"{name}"' for name in classes), 10)
    return ContentError(
        "predicted",
        f"there are more than two classes ({shown}): the probability of the class in "
        f'"{base.predicted}" says nothing about how the others share the rest',
        hint="a score column for each class is needed",
        where=Where(file),
        column=base.predicted,
    )
