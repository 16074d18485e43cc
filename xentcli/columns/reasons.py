"""Why a column is used as what, in words; and why another is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from xentcli.columns.advice import looks_predicted
from xentcli.columns.columns import OPTIONS, Columns, ColumnSpec, ScoreLayout
from xentcli.columns.names import class_in, families, label_candidates
from xentcli.sources.source import Field


class Role(Struct, frozen=True):
    """What a column is used as (None: it is not), for which classes, and why."""

    column: str
    type: str
    role: str | None
    why: str
    classes: tuple[str, ...] = ()


def roles(fields: Sequence[Field], spec: ColumnSpec, used: Columns | None) -> Iterator[Role]:
    """The role of each column; with `used` None, as the choice is not clear, what each could be."""
    taken: dict[str, tuple[str, str, list[str]]] = {}  # role, why, and classes; the first role of a column counts
    for column, role, why, of in () if used is None else _uses(spec, used):
        if column is not None:
            taken.setdefault(column, (role, why, []))[2].extend([] if of is None else [of])
    free = [each.name for each in fields if each.name not in taken]
    maybe = {"": "has no name", **_predicted(free, used), **_candidates(free)}
    for each in fields:
        kind = "text" if each.type is None else str(each.type)
        if each.name in taken:
            role, why, classes = taken[each.name]
            yield Role(each.name, kind, role, why, tuple(classes))
        else:
            yield Role(each.name, kind, None, maybe.get(each.name, "no option names it"))


def _uses(spec: ColumnSpec, used: Columns) -> Iterator[tuple[str | None, str, str, str | None]]:
    """Columns, or None where there is none: what each is used as, why, and for which class."""
    yield used.label, "label", "--label" if spec.label is not None else "its name", None
    for of, column in _by_class(used.scores.column_of, used):
        yield column, "score", _why_score(column, used), of
    for of, column in () if used.targets is None else _by_class(used.targets.column_of, used):
        yield column, "target", "--target-logit" if used.target_logits else "--target", of
    yield used.predicted, "predicted", "--predicted", None
    yield used.weight, "weight", "--weight", None
    yield used.bytes, "bytes", "--bytes", None
    binned = {name for name, _ in used.keys.bins}
    for names in used.keys.by:
        for column in names:
            yield column, "slice", "--bins" if column in binned else "--by", None
    yield used.keys.cluster, "cluster", "--cluster", None
    yield used.keys.fold, "fold", "--fold-column", None
    yield used.keys.doc, "document", "--doc", None
    yield used.keys.id, "id", "--on", None
    for condition in used.keys.where:
        yield condition.column, "filter", "--where", None


def _by_class(columns: Sequence[str], used: Columns) -> Iterator[tuple[str | None, str]]:
    if len(columns) == 1:
        yield None if used.predicted is not None else used.positive, columns[0]
    else:
        yield from zip(used.classes or (), columns, strict=True)


def _why_score(column: str, used: Columns) -> str:
    if not used.detected:
        option = f"{OPTIONS[used.kind]}{' CLASS=COL' if used.stated else ''}"
        return option if used.predicted is None else f'{option}: of the class in "{used.predicted}"'
    if used.predicted is not None:
        return f'its name; of the class in "{used.predicted}"'
    if families([column], ()) or used.scores.layout is not ScoreLayout.COLUMNS:
        return "its name"
    return "named like a label" if column in (used.classes or ()) else "a label's name within its own"


def _predicted(names: Sequence[str], used: Columns | None) -> dict[str, str]:
    """Columns beside one score that may hold the class whose probability it is."""
    if used is None or not used.single or used.stated or used.predicted is not None:
        return {}
    why = f'could be the class that "{used.scores.names[0]}" is the probability of: --predicted'
    return {name: why for name in names if looks_predicted(name)}


def _candidates(names: Sequence[str]) -> dict[str, str]:
    """What columns that are not used could be, by their names."""
    found: dict[str, str] = {}
    for family in families(names, ()):
        for column in family.columns:
            of = class_in(column)
            found[column] = f"could be a {family.kind.value.replace('_', '-')}" + (f' of "{of}"' if of else "")
            found[column] += f": {OPTIONS[family.kind]}"
    return found | dict.fromkeys(label_candidates(names), "could be the label: --label")
