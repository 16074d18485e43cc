"""Which score is of which class: by name, or in the order that `--classes` gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from xentcli.columns.columns import OF_FILE, Columns, ScoreColumns, ScoreLayout, reorder
from xentcli.columns.labels import TELLING, normal_spelling
from xentcli.columns.layouts import score_columns
from xentcli.columns.lookup import ColumnLookup, first_repeated
from xentcli.columns.names import Family, class_in, has_score_prefix
from xentcli.wording import brief

_WHOLE = re.compile(r"-?\d++")


def with_classes(lookup: ColumnLookup, base: Columns, family: Family, explicit: bool, *, soft: bool) -> Columns:
    """Give each score its class."""
    given = lookup.spec.classes
    if given is not None and len(set(given)) < len(given):
        raise lookup.error("class_twice", "--classes names a class twice")
    if base.scores.rows == 1:
        return _one_column(lookup, base, family, soft)
    if lookup.spec.positive is not None and not soft:
        hint = "drop it: each score has its class"
        raise lookup.error("positive", f"--positive is for one score column, not {base.scores.rows}", hint)
    if base.scores.layout in (ScoreLayout.STRUCT, ScoreLayout.NAMED):
        names = base.scores.order
    elif base.scores.layout is ScoreLayout.LIST:
        if given is None and base.label is not None:
            _refuse_words(lookup, base.label)
        names = _class_numbers(base.scores.size)
    else:
        _refuse_twins(lookup, family)
        names = tuple(name for name in family.classes if name is not None)
        if given is not None and len(family.star_texts) == len(names) and set(names) != set(given):
            names = family.star_texts
    return replace(base, classes=names) if given is None else _order(lookup, base, names, given, explicit)


def _class_numbers(classes: int) -> tuple[str, ...]:
    """Classes that are called by their numbers."""
    return tuple(map(str, range(classes)))


def _refuse_words(lookup: ColumnLookup, label: str) -> None:
    """Labels that are no numbers cannot say which score of a list is theirs."""
    labels = lookup.peek.labels(label)
    if labels and not any(_WHOLE.fullmatch(normal_spelling(text)) for text in labels):
        message = f'labels such as "{brief(min(labels))}" do not say which score of the list is theirs'
        raise lookup.error("classes", message, "--classes A,B,... gives the order of the list")


def _order(
    lookup: ColumnLookup, base: Columns, names: tuple[str, ...], classes: tuple[str, ...], explicit: bool
) -> Columns:
    if len(classes) != len(names):
        message = f"--classes names {len(classes)} classes for {len(names)} scores"
        raise lookup.error("classes", message, f"score columns: {', '.join(base.scores.names)}")
    if set(names) == set(classes):
        order = positions(names, classes)
    elif set(names) == set(_class_numbers(len(names))):
        order = positions(names, _class_numbers(len(names)))
    elif explicit and base.scores.layout is ScoreLayout.COLUMNS:
        order = list(range(len(names)))
    else:
        shown = f"{','.join(classes)} does not fit the classes of the columns: {', '.join(names)}"
        hint = "list the columns in the order of the classes with --prob or --logit"
        raise lookup.error("classes", f"--classes {shown}", hint)
    return replace(base, scores=reorder(base.scores, order), classes=classes)


def _one_column(lookup: ColumnLookup, base: Columns, family: Family, soft: bool) -> Columns:
    name, column = family.classes[0], family.columns[0]
    if name == column and not base.detected and _tells_nothing(lookup, name, base.label):
        name = None
    positive = lookup.spec.positive if lookup.spec.positive is not None else name
    if positive is not None:
        _refuse_contradiction(lookup, column, positive, base.label)
    classes = lookup.spec.classes
    if classes is None and not soft:
        return replace(base, positive=positive)
    if classes is None:
        positive = positive if positive is not None else "1"
        classes = ("0" if positive == "1" else f"not {positive}", positive)
    if len(classes) != 2:
        raise lookup.error("classes", f"--classes names {len(classes)} classes for one score column")
    if positive is None or positive not in classes:
        message = f'the class that "{column}" is the score of is not clear'
        raise lookup.error("positive", message, "--positive CLASS names it")
    other = classes[0] if positive == classes[1] else classes[1]
    return replace(base, positive=positive, classes=(other, positive))


def _refuse_contradiction(lookup: ColumnLookup, column: str, positive: str, label: str | None) -> None:
    """A column called `p_no` is not of class "yes", where there is a "no"; one called `model_prob` may be."""
    of = class_in(column)
    if of is None or normal_spelling(of) == normal_spelling(positive):
        return
    known = None if label is None else set(map(normal_spelling, lookup.peek.labels(label)))
    if has_score_prefix(column) if known is None else normal_spelling(of) in known:
        message = f'"{column}" is the score of class "{of}" by its name, not of "{positive}"'
        raise lookup.error("positive", message, f"--positive {of}, or rename the column")


def _tells_nothing(lookup: ColumnLookup, name: str, label: str | None) -> bool:
    """Whether the name of a column that was asked for is no class: labels such as 0/1 tell the classes."""
    labels = lookup.peek.labels(label) if label is not None else ()
    return name not in labels and (not labels or any(normal_spelling(text) in TELLING for text in labels))


def with_targets(lookup: ColumnLookup, names: tuple[str, ...], used: Columns) -> Columns:
    """Add soft labels, in the order of the classes."""
    nested = len(names) == 1 and lookup.is_nested(names[0])
    placed = score_columns(lookup, Family(used.kind, names, (None,) * len(names), nested))
    if placed.rows == 1 and len(used.classes or ()) == 2:
        return _with_share(lookup, names[0], replace(used, targets=placed))
    if lookup.spec.positive is not None and used.scores.rows > 1:
        raise lookup.error("positive", "--positive is for one score or target column", "drop it")
    return replace(used, targets=_targets(lookup, names, placed, used.classes or ()))


def _with_share(lookup: ColumnLookup, name: str, used: Columns) -> Columns:
    """One column of soft labels is the share of the second of two classes: put its class there."""
    classes = used.classes or ()
    meant = (class_in(name), name, lookup.spec.positive, "1" if set(classes) == {"0", "1"} else None)
    of = next((each for each in meant if each in classes), None)
    if of is None:
        message = f'of which class is "{name}" the share? the classes are {", ".join(classes)}'
        raise lookup.error("positive", message, "--positive CLASS names it")
    if of == classes[1]:
        return used
    if used.single:
        message = f'"{name}" is the share of "{of}", but "{used.scores.names[0]}" the score of "{classes[1]}"'
        raise lookup.error("positive", message, "both must be of one class")
    return replace(used, scores=reorder(used.scores, [1, 0]), classes=(classes[1], classes[0]))


def _targets(
    lookup: ColumnLookup, names: tuple[str, ...], placed: ScoreColumns, classes: tuple[str, ...]
) -> ScoreColumns:
    if placed.rows != len(classes):
        raise lookup.error("targets", f"{placed.rows} targets for {len(classes)} classes: {', '.join(classes)}")
    given = placed.order or remainders(names)
    if placed.layout is not ScoreLayout.LIST and set(given) == set(classes):
        return reorder(placed, positions(given, classes))
    counted = placed.layout is ScoreLayout.LIST and classes == _class_numbers(len(classes))
    if lookup.spec.classes is not None or counted:
        return placed
    raise lookup.error(
        "targets", f"which class is each target of? the classes are {', '.join(classes)}",
        "--classes gives the order of scores and targets",
    )  # fmt: skip


def _refuse_twins(lookup: ColumnLookup, family: Family) -> None:
    twin = first_repeated(family.classes)
    if twin is not None:
        twins = [column for column, name in zip(family.columns, family.classes, strict=True) if name == twin]
        both = " and ".join(f'"{column}"' for column in twins)
        raise lookup.error("two_columns", f'{both} are both columns of class "{twin}"', "choose with --prob")


def positions(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    """Where each of `wanted` stands among `names`."""
    place = {name: i for i, name in enumerate(names)}
    return [place[name] for name in wanted]


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
