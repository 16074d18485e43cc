"""Which score is of which class: by name, or in the order that `--classes` gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from xentcli.columns.affixes import words_within
from xentcli.columns.class_names import classes_of, contradiction, counts_classes, refuse_miscount, remainders
from xentcli.columns.columns import OPTIONS, Columns, ScoreColumns, ScoreLayout, list_text, reorder
from xentcli.columns.labels import TELLING, in_other_case, normal_spelling
from xentcli.columns.layouts import names_of_classes, score_columns
from xentcli.columns.lookup import ColumnLookup, first_repeated
from xentcli.columns.names import Family, class_in, has_score_prefix, is_third_name
from xentcli.columns.predicted import both_of_predicted, positive_of_predicted
from xentcli.columns.several_scores import refuse_models, refuse_ranks
from xentcli.wording import brief, typed

_WHOLE = re.compile(r"-?\d++")


def with_classes(
    lookup: ColumnLookup, base: Columns, family: Family, explicit: bool, targets: tuple[str, ...]
) -> Columns:
    """Give each score its class; `targets` are the columns of soft labels, if there are any."""
    given, soft = lookup.spec.classes, bool(targets)
    base = replace(base, stated=family.stated)
    if given is not None and len(set(given)) < len(given):
        raise lookup.error("class_twice", "--classes names a class twice")
    if base.scores.rows == 1:
        return _one_column(lookup, base, family, soft)
    if lookup.spec.positive is not None and not soft:
        hint = "drop it: each score has its class"
        raise lookup.unused("--positive", f"--positive is for one score column, not {base.scores.rows}", hint)
    if base.scores.layout in (ScoreLayout.STRUCT, ScoreLayout.NAMED):
        names = base.scores.order
    elif base.scores.layout is ScoreLayout.LIST:
        if given is None and base.label is not None:
            _refuse_words(lookup, base.label, base.scores.names[0])
        names = _class_numbers(base.scores.size)
    else:
        refuse_ranks(lookup, family, base.label)
        names = classes_of(lookup, family, base.label, targets)
        _refuse_twins(lookup, family, names)
        if given is None:
            refuse_models(lookup, family, names, base.label)
    return replace(base, classes=names) if given is None else _order(lookup, base, family, names, explicit)


def _class_numbers(classes: int) -> tuple[str, ...]:
    """Classes that are called by their numbers."""
    return tuple(map(str, range(classes)))


def _refuse_words(lookup: ColumnLookup, label: str, scores: str) -> None:
    """Labels that are no numbers cannot say which score of a list is theirs."""
    labels = lookup.peek.labels(label)
    if labels and not any(_WHOLE.fullmatch(normal_spelling(text)) for text in labels):
        message = f'labels such as "{brief(min(labels))}" do not say which score of the list is theirs'
        names = names_of_classes(lookup, scores, labels)
        hint = f"{typed('--classes-in', names)} has it?; " if names else ""
        order = (
            "--classes A,B,..." if lookup.spec.known is None else typed("--classes", list_text(lookup.spec.known))
        )
        raise lookup.error("classes", message, f"{hint}{order} gives the order of the list")


def _order(lookup: ColumnLookup, base: Columns, family: Family, names: tuple[str, ...], explicit: bool) -> Columns:
    """With the scores in the order of `--classes`, which only orders columns that carry the names of classes."""
    classes = lookup.spec.classes or ()
    refuse_miscount(lookup, names, base.scores.names)
    by_columns = base.scores.layout is ScoreLayout.COLUMNS
    if set(names) == set(classes):
        order = positions(names, classes)
    elif counts_classes(names):
        order = positions(names, _class_numbers(len(names)))
    elif by_columns and (error := contradiction(lookup, family, names, base.label)):
        raise error
    elif explicit and by_columns:
        order = list(range(len(names)))
    else:
        shown = f"{','.join(classes)} does not fit the classes of the columns: {', '.join(names)}"
        hint = "list the columns in the order of the classes with --prob or --logit"
        raise lookup.error("classes", f"--classes {shown}", hint)
    return replace(base, scores=reorder(base.scores, order), classes=classes)


def _one_column(lookup: ColumnLookup, base: Columns, family: Family, soft: bool) -> Columns:
    name, column = _class_of_one(lookup, family, base.label), family.columns[0]
    key = lookup.last_key(column)
    tells = family.stated or (not is_third_name(key) and (name != key or base.detected))
    if not tells and _tells_nothing(lookup, name or "", base.label):
        name = None
    positive = lookup.spec.positive if lookup.spec.positive is not None else name
    if base.predicted is not None:
        positive = positive_of_predicted(lookup, base)
    elif positive is not None:
        _refuse_contradiction(lookup, family, positive, base.label)
    classes = lookup.spec.classes
    if classes is None and base.predicted is not None and (both := both_of_predicted(lookup, base, positive)):
        return replace(base, positive=both[1], classes=both)
    if classes is None and not soft:
        return replace(base, positive=positive)
    if classes is None:
        positive = positive if positive is not None else "1"
        classes = ("0" if positive == "1" else f"not {positive}", positive)
    if len(classes) != 2:
        raise lookup.error("classes", f"--classes names {len(classes)} classes for one score column")
    if positive is None or positive not in classes:
        message = f'the class that "{column}" is the score of is not clear'
        hint = f"{typed(OPTIONS[family.kind], f'CLASS={column}')} or --positive CLASS names it"
        raise lookup.error("positive", message, hint)
    other = classes[0] if positive == classes[1] else classes[1]
    return replace(base, positive=positive, classes=(other, positive))


def _class_of_one(lookup: ColumnLookup, family: Family, label: str | None) -> str | None:
    """The class that a column name gives; what the stars of a pattern stand for, where only that is one."""
    [name], stars = family.classes, [reading[0] for reading in family.readings if reading != family.columns]
    known = lookup.peek.labels(label) if stars and label is not None else set()
    return name if name in known else next((star for star in stars if star in known), name)


def _refuse_contradiction(lookup: ColumnLookup, family: Family, positive: str, label: str | None) -> None:
    """A column called `p_no` is not of class "yes", where there is a "no"; one called `model_prob` may be."""
    [column], [of] = family.columns, family.classes
    option = OPTIONS[family.kind]
    if family.stated:
        if normal_spelling(of or "") != normal_spelling(positive):
            message = f'{option} says that "{column}" is the score of "{of}", --positive of "{positive}"'
            raise lookup.error("positive", message, f"{typed('--positive', of or '')}, or leave it out")
        return
    key = lookup.last_key(column)
    known = set() if label is None else lookup.peek.labels(label)
    of = class_in(key)
    of = of and (in_other_case(of, known) or of)
    same = of is not None and normal_spelling(of) == normal_spelling(positive)
    if same and label is not None and lookup.peek.has_label(label, positive):
        return
    spelled = set(map(normal_spelling, known))
    carries = of is not None and (has_score_prefix(key) if label is None else normal_spelling(of) in spelled)
    if not carries:
        words = {normal_spelling(word) for word in words_within(key, known)}
        of = words.pop() if len(words) == 1 else None
    if of is not None and normal_spelling(of) != normal_spelling(positive):
        message = f'"{column}" is the score of class "{of}" by its name, not of "{positive}"'
        hint = f"{typed('--positive', of)}, or {option} CLASS=COL if the name is wrong"
        raise lookup.error("positive", message, hint)


def _tells_nothing(lookup: ColumnLookup, name: str, label: str | None) -> bool:
    """Whether the name of a column that was asked for is no class: labels such as 0/1 tell the classes."""
    labels = lookup.peek.labels(label) if label is not None else ()
    if lookup.spec.known is not None:
        return name not in labels
    return name not in labels and (not labels or any(normal_spelling(text) in TELLING for text in labels))


def with_targets(lookup: ColumnLookup, names: tuple[str, ...], used: Columns) -> Columns:
    """Add soft labels, in the order of the classes."""
    nested = len(names) == 1 and lookup.is_nested(names[0])
    placed = score_columns(lookup, Family(used.kind, names, (None,) * len(names), nested))
    if placed.rows == 1 and len(used.classes or ()) == 2:
        return _with_share(lookup, names[0], replace(used, targets=placed))
    if lookup.spec.positive is not None and used.scores.rows > 1:
        raise lookup.unused("--positive", "--positive is for one score or target column", "drop it")
    return replace(used, targets=_targets(lookup, names, placed, used.classes or ()))


def _with_share(lookup: ColumnLookup, name: str, used: Columns) -> Columns:
    """One column of soft labels is the share of the second of two classes: put its class there."""
    classes = used.classes or ()
    meant = (class_in(name), name, lookup.spec.positive, "1" if set(classes) == {"0", "1"} else None)
    of = next((each for each in meant if each in classes), None)
    if of is None:
        message = f'cannot tell which class the share "{name}" belongs to; classes: {", ".join(classes)}'
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


def _refuse_twins(lookup: ColumnLookup, family: Family, names: tuple[str, ...]) -> None:
    twin = first_repeated(names)
    if twin is not None:
        twins = [column for column, name in zip(family.columns, names, strict=True) if name == twin]
        both = " and ".join(f'"{column}"' for column in twins)
        raise lookup.error("two_columns", f'{both} are both columns of class "{twin}"', "choose with --prob")


def positions(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    """Where each of `wanted` stands among `names`."""
    place = {name: i for i, name in enumerate(names)}
    return [place[name] for name in wanted]
