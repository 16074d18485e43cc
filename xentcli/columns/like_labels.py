"""Score columns that only the labels tell: called as labels are, or as they are within one prefix and suffix."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xentcli.columns.affixes import families_of
from xentcli.columns.column_types import is_number
from xentcli.columns.labels import LabelCoder, normal_spelling
from xentcli.columns.lookup import ColumnLookup
from xentcli.columns.names import Family
from xentcli.core.batch import InputKind
from xentcli.wording import few, first_and_last

_MOST_OTHERS = 100  # columns that are looked at to see whether they could be classes


def family_like_labels(lookup: ColumnLookup, label: str | None, taken: Collection[str | None]) -> Family | None:
    """The columns named like labels, if there are any. Raises a `RequestError` where others could be, too."""
    if label is None:
        return None
    numeric = columns_of_numbers(lookup, taken)
    labels = lookup.peek.labels(label)
    coder = LabelCoder(tuple(numeric), False)
    seen = set(map(coder.index, labels))
    columns = tuple(name for i, name in enumerate(coder.classes) if i in seen)
    if not columns:
        return _within_longer_names(lookup, numeric, labels, label)
    if lookup.spec.known is None:
        _refuse_unseen(lookup, columns, [name for name in numeric if name not in columns])
    return Family(InputKind.PROBABILITY, columns, columns)


def columns_of_numbers(lookup: ColumnLookup, taken: Collection[str | None]) -> list[str]:
    """The columns with a name, without those `taken`, that hold numbers by their type, if it says so."""
    free = [name for name in lookup.names if name not in taken and name not in lookup.unnamed]
    return [name for name in free if (kind := lookup.types[name]) is None or is_number(kind)]


def _within_longer_names(
    lookup: ColumnLookup, numeric: Sequence[str], labels: Collection[str], label: str
) -> Family | None:
    """Columns such as `.pred_yes` and `.pred_no`: alike but for the labels, each of which has one."""
    found = list(like_within(lookup, numeric, labels, label).values())
    if len(found) > 1 or all(map(_is_number, labels)):  # numbers stand in many names: values must fit, too
        found = [members for members in found if lookup.peek.add_up([*members.values()])]
    if len(found) > 1:
        groups = " or ".join(first_and_last([*members.values()], 3) for members in found)
        hint = "choose with --prob or --logit COL"
        raise lookup.error("two_families", f"more than one set of score columns: {groups}", hint)
    if not found:
        return None
    return Family(InputKind.PROBABILITY, tuple(found[0].values()), tuple(found[0]))


def like_within(
    lookup: ColumnLookup, columns: Sequence[str], labels: Collection[str], label: str | None = None
) -> dict[tuple[str, str], dict[str, str]]:
    """Sets of columns of numbers that are alike but for a class: the column of each class, by what all share.

    A column of a class that no row at the beginning has belongs to them if its values leave room for that.
    """
    found = {}
    spelled = set(map(normal_spelling, labels))
    for cut, members in families_of(columns, labels, label).items():
        numbers = set(members.values()) - set(lookup.peek.words([*members.values()]))
        known = {of: name for of, name in members.items() if normal_spelling(of) in spelled}
        if not numbers.issuperset(known.values()) or len(known) < len(spelled):
            continue
        others = [name for of, name in members.items() if of not in known and name in numbers][:_MOST_OTHERS]
        guess = bool(others) and lookup.spec.known is None
        room = set(lookup.peek.have_room([*known.values()], others)) if guess else set()
        kept = {of: name for of, name in members.items() if of in known or name in room}
        if len(kept) > 1:
            found[cut] = kept
    return found


def _is_number(text: str) -> bool:
    return normal_spelling(text).lstrip("+-").isdecimal()


def _refuse_unseen(lookup: ColumnLookup, columns: tuple[str, ...], others: list[str]) -> None:
    """A column that may be of a class without a row at the beginning: the labels seen must not decide."""
    if not others:
        return
    unseen = lookup.peek.have_room(columns, others) if len(others) <= _MOST_OTHERS else others
    if unseen:
        used = few(columns, 10, "")
        message = f"columns {used} are named like labels; could {few(unseen, 10)} be classes too?"
        hint = "no label at the beginning says so: --prob A,B,... names the columns of all classes"
        raise lookup.error("classes", message, f"{hint}; {lookup.column_list()}")
