"""How the scores of a row lie in one column: a struct, a list in one order, or a list that names the classes.

Tools that write the classes of a row sorted by score change their order from row to row. Such lists are read by
name; one that stands beside a list of names, and does not say so, is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from xentcli.columns.column_types import is_label, is_number
from xentcli.columns.columns import ScoreColumns, ScoreLayout
from xentcli.errors import ContentError, RequestError
from xentcli.sources.arrays import fixed_size, is_list, is_struct, leaf_type
from xentcli.wording import few, typed

if TYPE_CHECKING:
    import pyarrow as pa

    from xentcli.columns.lookup import ColumnLookup
    from xentcli.columns.names import Family

_NAME_FIELDS = (
    "label", "class", "value", "name", "class_name", "classname", "display_name", "displayname", "tag_name",
    "tagname", "category", "key",
)  # fmt: skip
_NUMBER_FIELDS = ("score", "prob", "probability", "confidence", "confidencescore", "confidence_score", "value")
_MOST_TEXTS = 200  # columns of text that are looked at for lists
_MOST_CANDIDATES = 20  # list columns that are looked at for names of classes


def class_and_score(kind: pa.DataType | None) -> tuple[str, str] | None:
    """The fields of class and score in lists of {label: NAME, score: NUMBER} or the like; None for others."""
    if kind is None or not is_list(kind) or not is_struct(leaf_type(kind)):
        return None
    fields = {field.name.casefold(): field for field in leaf_type(kind)}
    numbers = [fields[each] for each in _NUMBER_FIELDS if each in fields and is_number(fields[each].type)]
    names = [fields[each] for each in _NAME_FIELDS if each in fields and is_label(fields[each].type)]
    pairs = [(name.name, number.name) for number in numbers[:1] for name in names if name.name != number.name]
    return pairs[0] if pairs else None


def score_columns(lookup: ColumnLookup, family: Family) -> ScoreColumns:
    """Where the scores of a family are."""
    return _nested_scores(lookup, family.columns[0]) if family.nested else ScoreColumns(family.columns)


def _nested_scores(lookup: ColumnLookup, column: str) -> ScoreColumns:
    """Where the scores are in a column that holds a list or struct a row."""
    column = _list_around(lookup, column)
    kind = lookup.types[column]
    if kind is not None and is_struct(kind):
        return _struct(lookup, column, kind)
    if kind is not None and not is_list(kind):
        raise ContentError(
            "not_a_list", f"has type {kind}, not a list of numbers", where=lookup.where, column=column,
            hint="--prob or --logit names the score columns",
        )  # fmt: skip
    pair = class_and_score(kind)
    if pair is not None:
        return _named(lookup, ScoreColumns((column,), ScoreLayout.NAMED, pair=pair))
    size, where = lookup.peek.first_list(column)  # also of a fixed size, where there are rows: damage may say any
    if kind is not None and fixed_size(kind) and lookup.peek.is_empty():
        size = fixed_size(kind)
    if size < 2:
        message = "holds no list of two or more scores" if size else "holds no list: all are missing or empty"
        raise ContentError("list_length", message, where=where or lookup.where, column=column)
    return ScoreColumns((column,), ScoreLayout.LIST, size)


def by_names(lookup: ColumnLookup, scores: ScoreColumns) -> ScoreColumns:
    """The scores of a list, by the names of their classes if another column has them row by row.

    Raises `RequestError` where a list of names beside it, whose order changes, is not asked for.
    """
    given = lookup.spec.classes_in
    if given is not None:
        names_in = lookup.find(given, "names of classes")
        kind = lookup.types[names_in]
        if scores.layout is not ScoreLayout.LIST or (kind is not None and not _holds_labels(kind)):
            message = f'"{names_in}" cannot name the classes of {", ".join(scores.names)}'
            raise lookup.error("classes_in", message, "--classes-in needs one list of scores and one of names")
        return _named(lookup, ScoreColumns(scores.names, ScoreLayout.NAMED, names_in=names_in))
    for column, numbers in _beside(lookup, scores.names[0]) if scores.layout is ScoreLayout.LIST else ():
        if lookup.peek.names_change(scores.names[0], column, numbers):
            message = f'the names in "{column}" change their order from row to row'
            hint = f"{typed('--classes-in', column)} takes each score by its name"
            raise lookup.error("classes_in", f'{message}, and so do the scores in "{scores.names[0]}"', hint)
        if lookup.spec.classes is not None and not numbers:
            _refuse_other_order(lookup, scores.names[0], column, lookup.spec.classes)
    return scores


def _refuse_other_order(lookup: ColumnLookup, scores: str, column: str, classes: tuple[str, ...]) -> None:
    """Raise where the names beside the scores are these classes in an order of their own, the same in all rows."""
    orders = lookup.peek.orders(scores, column) or set()
    [names] = orders if len(orders) == 1 else [classes]
    if names != classes and set(names) == set(classes):
        of_rows = ",".join(map(str, names))
        message = (
            f'--classes gives the scores in "{scores}" the order {",".join(classes)}, but "{column}" {of_rows}'
        )
        raise lookup.error("classes", message, f"{typed('--classes-in', column)} without --classes takes that")


def names_of_classes(lookup: ColumnLookup, scores: str, labels: Collection[str]) -> str | None:
    """The list column that names all these labels, and could be of the classes of a list of scores."""
    beside = (name for name, numbers in _beside(lookup, scores) if not numbers)
    return next((name for name in beside if lookup.peek.class_names(name, ()).issuperset(labels)), None)


def _beside(lookup: ColumnLookup, scores: str) -> list[tuple[str, bool]]:
    """List columns that could name the classes of another, and whether by numbers."""
    kinds = lookup.types
    lists = [(name, is_number(leaf_type(kind))) for name, kind in kinds.items() if kind and _holds_labels(kind)]
    if kinds[scores] is None:
        texts = [name for name, kind in kinds.items() if kind is None and name in lookup.names][:_MOST_TEXTS]
        lists += [(name, False) for name in texts if lookup.peek.lists_names(name)]
    inside = scores.rpartition(".")[0]
    lists.sort(key=lambda each: each[0].rpartition(".")[0] != inside)
    others = {scores, lookup.spec.label, *lookup.spec.target}
    return [each for each in lists if each[0] not in others][:_MOST_CANDIDATES]


def _holds_labels(kind: pa.DataType) -> bool:
    return is_list(kind) and is_label(leaf_type(kind))


def _list_around(lookup: ColumnLookup, column: str) -> str:
    """The list of {label, score} whose scores are asked for, as only it says which classes they are of."""
    outer, _, last = column.rpartition(".")
    pair = class_and_score(lookup.types.get(outer)) if outer else None
    return outer if pair is not None and last == pair[1] else column


def _struct(lookup: ColumnLookup, column: str, kind: pa.DataType) -> ScoreColumns:
    order = tuple(field.name for field in kind)
    twice = next((name for name in order if order.count(name) > 1), None) if len(set(order)) < len(order) else None
    if twice is not None:
        message = f'has more than one field "{twice}"'
        raise RequestError("duplicate_column", message, where=lookup.where, column=column)
    return ScoreColumns((column,), ScoreLayout.STRUCT, order=order)


def _named(lookup: ColumnLookup, scores: ScoreColumns) -> ScoreColumns:
    """With the classes that rows at the beginning name, or those of `--classes` with them."""
    names = lookup.peek.class_names(scores.names_in or scores.names[0], scores.pair)
    if len(names) < 2:
        message = f"names {few(sorted(names), 1)} as the only class" if names else "names no class"
        column = scores.names_in or scores.names[0]
        raise ContentError("list_length", message, where=lookup.where, column=column)
    given = lookup.spec.classes
    order = given if given is not None and names < set(given) else sorted(names, key=natural)
    return ScoreColumns(scores.names, scores.layout, 0, tuple(order), scores.names_in, scores.pair)


def natural(name: str) -> tuple[tuple[bool, int, str], ...]:
    """A key that sorts `LABEL_2` before `LABEL_10`."""
    parts = re.findall(r"([0-9]+)|([^0-9]+)", name)
    return tuple((not digits, int(digits[:18] or 0), digits + text) for digits, text in parts)
