"""Several score columns that are not of a class each: of ranks, or of models."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xentcli.columns.labels import POSITIVES, TELLING, LabelCoder, normal_spelling
from xentcli.columns.lookup import ColumnLookup
from xentcli.columns.names import Family
from xentcli.core.batch import InputKind
from xentcli.wording import few, typed

_MOST_TYPED = 20  # models
_RANK = re.compile(r"(?:.*\D)?(\d{1,9})", re.S)
_NAME_OF_RANK = re.compile(
    r"(?:top|class|label|pred|prediction|predicted|name)(?:[_. ]?(?:class|label|pred|name))?[_. ]?(\d{1,9})", re.I
)


def refuse_ranks(lookup: ColumnLookup, family: Family, label: str | None) -> None:
    """Raise a `RequestError` where `class_1` names the class of `prob_1` row by row, which is of no one class."""
    ranks = [_RANK.fullmatch(column) for column in family.columns]
    if family.stated or label is None or not all(ranks):
        return
    columns = dict(sorted((int(rank[1]), c) for rank, c in zip(ranks, family.columns, strict=True) if rank))
    free = [name for name in lookup.names if name != label and name not in family.columns]
    names = [_named(free, rank) for rank in columns]
    found = [name for name in names if name is not None]
    if len(found) < len(ranks) or [*columns] != [*range(min(columns), min(columns) + len(ranks))]:
        return
    said = {normal_spelling(text) for name in found for text in lookup.peek.texts(name)}
    known = set(map(normal_spelling, lookup.peek.labels(label)))
    if said.isdisjoint(known) or not lookup.peek.name_ranks([*columns.values()], found):
        return
    message = (
        f"{_quoted(found)} name the classes of {_quoted([*columns.values()])} row by row: this is a table of "
        "the top classes, whose columns are of no one class each"
    )
    hint = (
        "write the scores of all classes as one list a row and their names as another "
        "(--prob COL --classes-in COL), or a row for each class"
    )
    raise lookup.error("ranks", message, hint)


def _named(names: Sequence[str], rank: int) -> str | None:
    """The column that names the class of a rank."""
    found = [name for name in names if (match := _NAME_OF_RANK.fullmatch(name)) and int(match[1]) == rank]
    return found[0] if len(found) == 1 else None


def _quoted(names: Sequence[str]) -> str:
    return few((f'"{name}"' for name in names), 3)


def refuse_models(lookup: ColumnLookup, family: Family, names: Sequence[str], label: str | None) -> None:
    """Raise a `RequestError` for labels such as 0/1 beside a probability from each of several models."""
    one_label = label is not None and not lookup.spec.multilabel and lookup.spec.labels is None
    if label is None or not one_label or family.kind is not InputKind.PROBABILITY or family.stated:
        return
    labels, coder = lookup.peek.first_labels(label), LabelCoder(tuple(names), False)
    if not labels or not all(normal_spelling(text) in TELLING and coder.index(text) < 0 for text in labels):
        return
    columns = family.columns
    if lookup.peek.add_up(columns) or len(lookup.peek.have_room((), columns)) < len(columns):
        return
    positive = next((text for text in sorted(labels) if normal_spelling(text) in POSITIVES), "1")
    message = f"{_quoted(columns)} do not sum to 1 in each row, and no label is called like them"
    one = f"{typed('--prob', columns[0])} {typed('--positive', positive)} scores one of them"
    hint = f"a probability from each of several models? {one}{_ranked(lookup, names, columns, positive)}"
    raise lookup.error("models", message, hint)


def _ranked(lookup: ColumnLookup, names: Sequence[str], columns: Sequence[str], positive: str) -> str:
    """What else a hint says of models in columns: how they are ranked, unless they are too many to type."""
    if len(columns) > _MOST_TYPED:
        return ""
    models = typed("--model", *(f"{name}={column}" for name, column in zip(names, columns, strict=True)))
    read = [] if lookup.spec.label is None else [typed("--label", lookup.spec.label)]
    words = [typed("xent rank", lookup.where.file), models, *read, typed("--positive", positive)]
    return f"; all of them: {' '.join(words)}"
