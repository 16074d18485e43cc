"""Long (tidy) format: an id has a row for each class, where all else expects a row with a column for each class.

It is read where `--class-column` asks for it. Without, a table that has this form is refused: its scores, taken
one by one, would be scored as something that they are not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np
from msgspec import Struct

from xentcli.columns.columns import Columns, ColumnSpec, ScoreLayout
from xentcli.columns.labels import as_dictionary, normal_spelling, texts
from xentcli.columns.names import LABEL_NAMES
from xentcli.columns.peek import read_blocks
from xentcli.core.batch import IndexArray, InputKind
from xentcli.core.exact import FloatArray
from xentcli.core.kernel import exp
from xentcli.core.text import Numbers, Words
from xentcli.errors import RequestError, Where, XentError
from xentcli.sources.arrays import null_mask, raw_values, to_arrow, to_floats
from xentcli.sources.source import Block, Column, Field, Projection, Source
from xentcli.wording import typed

_ROWS = 1 << 12  # that are looked at
_MOST_COLUMNS = 24  # of which one may be the id, and one the class
_FEWEST_IDS = 3
_OFF = 0.0101  # how far the probabilities of an id may miss a sum of 1
_NAMES_OF_CLASSES = {
    *LABEL_NAMES, "classes", "class_name", "class_label", "label_name", ".pred_class", "category", "variable",
    "name", "key", "level",
}  # fmt: skip


class LongForm(Struct, frozen=True):
    """What the rows of a table look like: each id has one for each class."""

    class_column: str
    id: str | None  # None: rows of one id follow one another, but no column has it
    classes: int
    groups: IndexArray  # (G, K): the rows of each id
    order: IndexArray  # (G, K): their classes, by number


class _Texts(Struct, frozen=True, eq=False):
    """A column of the rows that are looked at."""

    name: str
    codes: IndexArray  # (n,), of values in the order in which they first occur
    values: tuple[str | None, ...]


def refuse_long_form(source: Source, used: Columns, spec: ColumnSpec, on: str | None) -> None:
    """Raise a `RequestError` for a table in long format whose scores would be taken one by one.

    Nothing but the beginning is looked at. `on` is the id that was asked for, for the hint.
    """
    flat = used.scores.layout is ScoreLayout.COLUMNS
    if not flat or not (used.single or used.tokens) or spec.class_column is not None or spec.multilabel:
        return
    [score] = used.scores.names
    names = _candidates(source, {score}, {used.label, on})
    block = _look(source, Projection(tuple(names), (score,))) if set(names) - {used.label} else None
    if block is None:
        return
    columns = [_texts_of(name, block) for name in names]
    scores = to_floats(_first(block.columns[score]))[0][:_ROWS]
    label = next((each for each in columns if each.name == used.label), None)
    for form in _forms(columns, label, on):
        if _is_of_classes(form, scores, used.kind, label):
            _refuse(source, form, used, columns, label, on)


def id_like(source: Source, class_column: str, others: Sequence[str]) -> str | None:
    """The column that names the rows of one id, as far as the beginning tells; `others` are none."""
    names = _candidates(source, set(others), {class_column})
    block = _look(source, Projection(tuple(names), ()))
    columns = [] if block is None else [_texts_of(name, block) for name in names]
    found = (form.id for form in _forms(columns, None, None) if form.class_column == class_column)
    return next(found, None)


def _candidates(source: Source, others: set[str], asked: set[str | None]) -> list[str]:
    """The columns that may hold ids or classes: of very many, those that were asked for or are called so."""
    names = [each.name for each in source.fields if each.name not in ("", *others) and _may_be_key(each, asked)]
    if len(names) > _MOST_COLUMNS:
        names = [name for name in names if name in asked or _is_called_key(name)]
    return names[:_MOST_COLUMNS]


def _is_called_key(name: str) -> bool:
    """Whether columns of ids or classes are called so."""
    return name.casefold() in _NAMES_OF_CLASSES or name.casefold().endswith(("id", "row", "index"))


def _may_be_key(field: Field, asked: set[str | None]) -> bool:
    """Whether a column could hold ids or classes; one of texts, which may be long, by its name."""
    if field.type is None or field.name in asked:
        return True
    from pyarrow import types

    text = types.is_string(field.type) or types.is_large_string(field.type)
    short = types.is_dictionary(field.type) or types.is_integer(field.type) or types.is_boolean(field.type)
    return bool(short or (text and _is_called_key(field.name)))


def _look(source: Source, projection: Projection) -> Block | None:
    """The first block; None too where it cannot be read: whoever reads what is used will say so."""
    try:
        return next(read_blocks(source, projection), None)
    except XentError:
        return None


def _first(column: Column) -> Column:
    """The rows that are looked at, or some more."""
    return column if isinstance(column, Numbers | Words) else column.slice(0, _ROWS)


def _texts_of(name: str, block: Block) -> _Texts:
    codes, values = _encode(_first(block.columns[name]))
    different, first, codes = np.unique(codes[:_ROWS], return_index=True, return_inverse=True)
    rank = np.empty(different.size, np.int64)
    order = np.argsort(first)
    rank[order] = np.arange(different.size)
    found = different[order].tolist()
    return _Texts(
        name, rank[codes], tuple(map(str, found) if values is None else (values[code] for code in found))
    )


def _encode(column: Column) -> tuple[IndexArray, Sequence[str | None] | None]:
    """A code for each row `(n,)`, and the text of each code; None for integers, which are their own codes.

    Neither takes what Arrow computes with, which is slow to load.
    """
    if isinstance(column, Words):
        return column.codes, column.words
    import pyarrow as pa

    column = to_arrow(column)
    if pa.types.is_integer(column.type) and not column.null_count:
        return raw_values(column).astype(np.int64), None
    encoded = as_dictionary(column)
    values = (*texts(encoded.dictionary), None)
    codes, null = raw_values(encoded.indices).astype(np.int64), null_mask(encoded.indices)
    if null is not None:
        codes[null] = len(values) - 1
    return codes, values


def _forms(columns: Sequence[_Texts], label: _Texts | None, on: str | None) -> Iterator[LongForm]:
    """The ways to see these rows as long, those with an id first."""
    asked = [] if on is None else [on, *on.split("=")]
    ids = [each for each in columns if each is not label and each.name.casefold() not in _NAMES_OF_CLASSES]
    ids.sort(key=lambda each: each.name not in asked)
    without = []
    for of_class in columns:
        if None in of_class.values or of_class.name in asked:
            continue
        for each in ids:
            if each is not of_class and None not in each.values and (form := _form(of_class, each)) is not None:
                yield form
        if (form := _cycle(of_class)) is not None:
            without.append(form)
    yield from without


def _form(of_class: _Texts, each: _Texts) -> LongForm | None:
    """Each id has every class once; rows may be cut off at the end, and those of an id may stand anywhere."""
    classes, ids = len(of_class.values), len(each.values)
    if classes < 2 or ids < _FEWEST_IDS:
        return None
    pairs = np.sort(each.codes * classes + of_class.codes)
    if (pairs[1:] == pairs[:-1]).any():  # `np.unique` would load masked arrays
        return None
    rows = np.argsort(each.codes, kind="stable")
    counts = np.bincount(each.codes, minlength=ids)
    whole = counts == classes
    if np.count_nonzero(whole) < max(_FEWEST_IDS, ids - 1 if pairs.size < _ROWS else ids // 2):
        return None
    groups = rows[np.repeat(whole, counts)].reshape(-1, classes)
    return LongForm(of_class.name, each.name, classes, groups, of_class.codes[groups])


def _cycle(of_class: _Texts) -> LongForm | None:
    """The classes follow one another in the same order, again and again, so that no id is needed to see it."""
    classes = len(of_class.values)
    groups = of_class.codes.size // max(1, classes)
    if classes < 2 or groups < _FEWEST_IDS or (of_class.codes != np.arange(of_class.codes.size) % classes).any():
        return None
    rows = np.arange(groups * classes).reshape(-1, classes)
    return LongForm(of_class.name, None, classes, rows, of_class.codes[rows])


def _is_of_classes(form: LongForm, scores: FloatArray, kind: InputKind, label: _Texts | None) -> bool:
    """Whether each score is of the class that stands beside it, and a row by itself means nothing."""
    if kind is not InputKind.LOGIT and not _sum_to_one(scores[form.groups], kind):
        return False
    if label is None:
        return form.id is not None
    by_name = form.class_column.casefold() in _NAMES_OF_CLASSES
    if label.name == form.class_column:  # two labels by turns are no sign, nor a winner and a loser
        ordered = form.id is not None and bool((form.order == form.order[0]).all())
        return kind is not InputKind.LOGIT and (ordered or form.classes > 2)
    if _has_one_label(form, label):  # rows of one user have that, too, so that logits need more signs
        return kind is not InputKind.LOGIT or by_name
    # Of two classes each row by itself has the same loss as its id.
    return form.classes > 2 and kind is not InputKind.LOGIT and _has_one_true(form, label)


def _sum_to_one(scores: FloatArray, kind: InputKind) -> bool:
    """Whether the scores `(G, K)` of each id are a distribution."""
    shares = (
        scores if kind is InputKind.PROBABILITY else exp(np.minimum(scores, 0.0).ravel()).reshape(scores.shape)
    )
    return bool((np.abs(shares.sum(axis=1) - 1) <= _OFF).all() and (shares >= 0).all())


def _has_one_label(form: LongForm, label: _Texts) -> bool:
    """Whether the label is the same in all rows of an id."""
    found = label.codes[form.groups]
    return bool((found == found[:, :1]).all())


def _has_one_true(form: LongForm, label: _Texts) -> bool:
    """Whether the label says of each row if its class is the true one: of one row of each id."""
    true = [text is not None and normal_spelling(text) in ("1", "true") for text in label.values]
    within = {normal_spelling(text or "") for text in label.values} <= {"0", "1", "true", "false"}
    return within and bool((np.array(true)[label.codes][form.groups].sum(axis=1) == 1).all())


def _refuse(
    source: Source,
    form: LongForm,
    used: Columns,
    columns: Sequence[_Texts],
    label: _Texts | None,
    on: str | None,
) -> NoReturn:
    of = f'each "{form.id}"' if form.id is not None else "each case"
    message = f'looks like long format: {of} has {form.classes} rows, one for each "{form.class_column}"'
    if form.id is None:
        option = typed("--class-column", form.class_column)
        hint = f"{option} reads it, once a column of ids tells which rows belong together"
        raise RequestError("long_form", message, hint=hint, where=Where(source.name), column=form.class_column)
    options = [typed("--class-column", form.class_column)]
    if on is None or form.id not in (on, *on.split("=")):
        options.append(typed("--on", form.id))
    if label is None or label.name == form.class_column:
        message += ", which is not the label"
        found = _true_class(form, columns)
        options.append("--label COL or --labels FILE" if found is None else typed("--label", found))
    elif not _has_one_label(form, label):
        message += f', and "{label.name}" tells whether it is the true one'
        options.append(typed("--target", label.name))
    raise RequestError("long_form", message, hint=" ".join(options), where=Where(source.name))


def _true_class(form: LongForm, columns: Sequence[_Texts]) -> str | None:
    """The column that has the true class of each id."""
    classes = next(set(each.values) for each in columns if each.name == form.class_column)
    for each in columns:
        others = (form.class_column, form.id)
        if each.name not in others and _has_one_label(form, each) and set(each.values) <= classes:
            return each.name
    return None
