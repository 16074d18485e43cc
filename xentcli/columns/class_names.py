"""Which class each of several score columns is of, by their names; and where `--classes` contradicts them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from xentcli.columns.affixes import classes_within, have_all, words_within
from xentcli.columns.columns import OF_FILE, OPTIONS, list_text
from xentcli.columns.labels import class_number, in_other_case
from xentcli.columns.lookup import ColumnLookup
from xentcli.columns.names import Family, class_in
from xentcli.errors import RequestError
from xentcli.wording import brief, few, typed

_WHOLE = re.compile(r"-?\d++")


def classes_of(lookup: ColumnLookup, family: Family, label: str | None, targets: Sequence[str]) -> tuple[str, ...]:
    """The classes of the columns of a family.

    The names as they stand, or without the affix of scores, or what a star stands for, or what is left without a
    common prefix and suffix: the first of which the classes are those of `--classes`, or of all labels at the
    beginning, or of soft labels in the columns `targets`.
    """
    classes = tuple(name for name in family.classes if name is not None)
    if family.stated or family.counted:
        return classes
    given = lookup.spec.classes
    readings = [classes, *family.readings]
    if given is not None:
        found = _reading_as(given, readings, family.columns)
        if found is not None:
            return found
    if label is None:
        stars = family.readings and not targets and family.readings[0] != family.columns
        own = family.readings[0] if stars else classes
        return next((each for each in readings if set(each) in _classes_of_targets(targets)), own)
    if not family.readings and not _share_an_affix(classes):
        return classes  # whatever the labels are
    labels = lookup.peek.first_labels(label)
    fitting = (each for each in readings if labels and have_all(each, labels))
    return next(fitting, None) or _within(readings, family.columns, labels, label) or classes


def _reading_as(
    given: Sequence[str], readings: Sequence[tuple[str, ...]], columns: Sequence[str]
) -> tuple[str, ...] | None:
    """The reading whose classes are those of `--classes`, or counts them."""
    every = [*readings, classes_within(columns, given) or ()]
    same = (each for each in every if sorted(each) == sorted(given))
    return next(same, None) or next((each for each in readings if counts_classes(each)), None)


def _within(
    readings: Sequence[tuple[str, ...]], columns: Sequence[str], labels: Collection[str], label: str
) -> tuple[str, ...] | None:
    every = (classes_within(names, labels, label) for names in (*readings, columns))
    return next((each for each in every if each is not None), None)


def _share_an_affix(classes: Sequence[str]) -> bool:
    """Whether all of the names begin with the same character, or end with it."""
    return len({name[:1] for name in classes}) == 1 or len({name[-1:] for name in classes}) == 1


def _classes_of_targets(targets: Sequence[str]) -> list[set[str]]:
    return (
        [set(targets), set(remainders(targets)), {class_in(name) or name for name in targets}] if targets else []
    )


def remainders(names: Sequence[str]) -> tuple[str, ...]:
    """What follows the prefix that all names share, up to a separator: `t_cat`, `t_dog` give `cat`, `dog`.

    Columns of a label file that the predictions have too end in ` of FILE`.
    """
    file = OF_FILE + names[0].rpartition(OF_FILE)[2]
    if all(name.endswith(file) for name in names):
        names = [name.removesuffix(file) for name in names]
    first, last = min(names), max(names)
    shared = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    cut = max(first.rfind(mark, 0, shared) for mark in "_. ") + 1
    return tuple(name[cut:] for name in names)


def contradiction(
    lookup: ColumnLookup, family: Family, names: Sequence[str], label: str | None
) -> RequestError | None:
    """What is wrong with `--classes` of another set than the classes `names` that the columns' names carry.

    None if they carry none: a number in a name says no class unless a label is that number.
    """
    given = lookup.spec.classes or ()
    labels = lookup.peek.first_labels(label) if label is not None else set()
    if family.stated or (all(map(class_in, family.columns)) and not _only_count(names, labels)):
        carried = dict(zip(family.columns, names, strict=True))
        if _agree_in_part(names, given, labels):
            return None
    else:
        carried = {column: words[0] for column in family.columns if len(words := words_within(column, given)) == 1}
        agree = all(carried.get(column, of) == of for column, of in zip(family.columns, given, strict=True))
        if agree or len(set(carried.values())) < len(carried):
            return None
    shown = few((f'"{column}" is of "{of}"' for column, of in carried.items()), 5)
    said = OPTIONS[family.kind] if family.stated else "the name"
    message = f"{shown} by {said}, but --classes says {brief(list_text(given))}"
    return lookup.error("classes", message, _both_readings(family, names, given, labels))


def _agree_in_part(names: Sequence[str], given: Sequence[str], labels: Collection[str]) -> bool:
    """Whether some columns are called as `--classes` says, and the others by no class at all."""
    others = [name for name, of in zip(names, given, strict=True) if name != of]
    return len(others) < len(names) and not {*given, *labels} & set(others)


def _only_count(names: Sequence[str], labels: Collection[str]) -> bool:
    return all(_WHOLE.fullmatch(name) for name in names) and not set(names) & set(labels)


def _both_readings(family: Family, names: Sequence[str], given: Sequence[str], labels: Collection[str]) -> str:
    """What to type for either reading; only for one where the labels at the beginning allow one."""
    pairs = [f"{of}={column}" for of, column in zip(_in_order(names, given), family.columns, strict=True)]
    by_order = f"{typed(OPTIONS[family.kind], list_text(pairs))} says which column is of which class"
    by_name = f"{typed('--classes', list_text(names))} goes by the names"
    if sorted(names) == sorted(given) or (labels and have_all(names, labels)):
        return by_name
    return by_order if labels and have_all(given, labels) else f"{by_order}; {by_name}"


def _in_order(names: Sequence[str], given: Sequence[str]) -> Sequence[str]:
    """The classes `given` in the order of the columns, where they differ in case only from their `names`."""
    found = [in_other_case(name, given) for name in names]
    known = [of for of in found if of is not None]
    return known if sorted(known) == sorted(given) else given


def refuse_miscount(lookup: ColumnLookup, names: Sequence[str], columns: Sequence[str]) -> None:
    """Raise a `RequestError` unless `--classes` names as many classes as there are scores."""
    given = lookup.spec.classes or ()
    if len(given) != len(names):
        message = f"--classes names {len(given)} classes for {len(names)} scores"
        raise lookup.error("classes", message, f"score columns: {few(columns, 20)}")


def counts_classes(names: Sequence[str]) -> bool:
    """Whether the names of K columns are 0..K-1."""
    return {class_number(name) for name in names} == set(range(len(names)))
