"""Several inputs as one: the same columns in each, whatever their order, and the classes in one order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from xentcli.columns.affixes import words_within
from xentcli.columns.class_order import positions
from xentcli.columns.columns import OPTIONS, Columns, ColumnSpec, list_text, reorder
from xentcli.columns.finder import resolve
from xentcli.columns.labels import in_other_case, normal_spelling
from xentcli.columns.long_form import refuse_long_form
from xentcli.columns.peek import Peek
from xentcli.columns.predicted import too_many_classes
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.source import Field, Source
from xentcli.wording import did_you_mean, few, takes_as_missing, typed

_WHOLE = re.compile(r"-?\d++", re.ASCII)


def resolve_all(sources: Sequence[Source], spec: ColumnSpec, on: str | None = None) -> list[Columns]:
    """The columns of each input, with the classes in the order of the first; equal ones are one object.

    `on` is the id that was asked for.
    """
    resolved = _resolve_each(sources, spec)
    first = resolved[0]
    refuse_long_form(sources[0], first, spec, on)
    for i, (source, used) in enumerate(zip(sources, resolved, strict=True)):
        if used is first:
            continue
        if _scores_of(used) != _scores_of(first):
            message = f"{_difference(used, first)} (against {sources[0].name})"
            raise ContentError("inputs_differ", message, where=Where(source.name))
        if used.classes is not None and first.classes is not None and used.classes != first.classes:
            resolved[i] = _with_classes(used, first.classes)
    return resolved


def _with_classes(used: Columns, classes: tuple[str, ...]) -> Columns:
    """With the scores in this order of the classes."""
    order = positions(used.classes or (), classes)
    targets = None if used.targets is None else reorder(used.targets, order)
    return replace(used, scores=reorder(used.scores, order), targets=targets, classes=classes)


def in_order(resolved: Sequence[Columns], *, given: bool, name: str) -> list[Columns]:
    """The columns of each input, with their scores in the order of the classes; equal ones stay one object.

    `given` is whether --classes gives it; otherwise the classes are numbers, and a `RequestError` that names the
    input `name` if they are not. Of two classes either order is right.
    """
    first = resolved[0]
    if first.tokens:
        raise RequestError("ordinal", "--ordinal has no effect: tokens have no classes", where=Where(name))
    if first.multilabel is not None:
        message = "--ordinal has no effect: whether a label is true or false is no order"
        raise RequestError("ordinal", message, where=Where(name))
    if given or first.classes is None:
        return list(resolved)
    refuse_no_order(first.classes, name)
    classes = tuple(sorted(first.classes, key=lambda name: int(normal_spelling(name))))
    if len(classes) == 2 or classes == first.classes:
        return list(resolved)
    ordered = {id(each): _with_classes(each, classes) for each in resolved}
    return [ordered[id(each)] for each in resolved]


def refuse_no_order(classes: Sequence[str], name: str) -> None:
    """Raise a `RequestError` unless the classes are different whole numbers."""
    spelled = [normal_spelling(each) for each in classes]
    if all(map(_WHOLE.fullmatch, spelled)) and len(set(map(int, spelled))) == len(classes):
        return
    message = f"--ordinal needs the order of the classes, which are no whole numbers: {few(classes, 10)}"
    hint = f"{typed('--classes', list_text(classes))} if that is their order; otherwise in the order that is"
    raise RequestError("ordinal", message, hint=hint, where=Where(name))


def _resolve_each(sources: Sequence[Source], spec: ColumnSpec) -> list[Columns]:
    """The columns of each input: those of one with the same fields, unless what its rows hold had a say."""
    seen: dict[str, set[str]] = {}
    known: dict[tuple[Field, ...], Columns] = {}
    resolved = []
    for source in sources:
        fields = tuple(source.fields)
        columns = known.get(fields)
        if columns is None:
            peek = Peek(source, sources, seen)
            columns = resolve(spec, peek)
            if not peek.looks:
                known[fields] = columns
        resolved.append(columns)
    return resolved


def _scores_of(used: Columns) -> tuple[object, ...]:
    """What the scores of all inputs must have in common."""
    form = (used.kind, used.label_kind, used.class_count, used.single, used.predicted)
    return (*form, frozenset(used.classes or ()), used.positive)


def _difference(used: Columns, first: Columns) -> str:
    if used.positive != first.positive:
        return f'the positive class is "{used.positive}", not "{first.positive}"'
    here, there = set(used.classes or ()), set(first.classes or ())
    differ = ("has also", here - there), ("lacks", there - here)
    parts = [f"{verb} {', '.join(sorted(names))}" for verb, names in differ if names]
    if parts:
        return f"has other classes: {' and '.join(parts)}"
    return f"holds other scores: {used.label_kind} labels, {used.kind.value} in {', '.join(used.scores.names)}"


def two_classes(labels: Iterable[tuple[int, str]], columns: Columns, source: str) -> tuple[str, str]:
    """The names of (class 0, class 1) where one score column of `source` left them to the labels."""
    if columns.positive is not None and not any(index for index, _ in labels):
        others = sorted({text for _, text in labels})
        if len(set(map(normal_spelling, others))) > 1:
            column, words = columns.scores.names[0], words_within(columns.scores.names[0], others)
            folded = in_other_case(columns.positive, others)
            meant = f"{typed('--positive', folded)}; " if folded else did_you_mean(columns.positive, others)
            if len(words) == 1:
                meant = f"{typed(OPTIONS[columns.kind], f'{words[0]}={column}')} if it is of that class; "
            raise RequestError(
                "positive",
                f'no label is "{columns.positive}", the class of column "{column}"',
                hint=f"{meant}--positive CLASS names it; labels: {few(others, 10, '')}",
                where=Where(source),
                column=columns.label,
            )
    if columns.predicted is not None and len(every := sorted({normal_spelling(text) for _, text in labels})) > 2:
        raise too_many_classes(every, columns, source)
    seen = [{normal_spelling(text) for index, text in labels if index == k} for k in (0, 1)]
    for names in seen:
        if len(names) > 1 and (names is seen[0] or columns.positive is None):
            shown = few((f'"{name}"' for name in sorted(seen[0] | seen[1])), 10, "")
            raise ContentError(
                "classes",
                f'"{columns.scores.names[0]}" tells two classes apart, but the labels are {shown}',
                hint=_not_two(sorted(seen[0] | seen[1])),
                where=Where(source),
                column=columns.label,
            )
    negative, positive = (next(iter(names), None) for names in seen)
    if columns.positive is not None:
        return negative or f"not {columns.positive}", columns.positive
    positive = positive or ("true" if negative == "false" else "1")
    return negative or ("false" if positive == "true" else "0"), positive


def _not_two(labels: Sequence[str]) -> str:
    """What to do about labels that are more than two classes, one of which may stand for a missing label."""
    missing = next((label for label in labels if takes_as_missing(label)), None)
    hint = "give a score column for each class"
    if missing is None:
        return hint
    ignore = f"{typed('--ignore-label', missing)} leaves such rows out"
    return f"{ignore}; {takes_as_missing(missing)}; otherwise {hint}"


def columns_by_class(columns: Columns, classes: tuple[str, ...]) -> dict[str, str]:
    """The score column of each class; only the positive one of a single column."""
    if columns.tokens:
        return {"": columns.scores.names[0]}
    if columns.single:
        return {columns.positive if columns.positive is not None else classes[1]: columns.scores.names[0]}
    return dict(zip(classes, columns.scores.column_of, strict=True))


def targets_by_class(columns: Columns, classes: tuple[str, ...]) -> dict[str, str] | None:
    """The target column of each class; None for plain labels."""
    if columns.targets is None:
        return None
    if columns.targets.rows == 1:
        return {classes[1]: columns.targets.names[0]}
    return dict(zip(classes, columns.targets.column_of, strict=True))
