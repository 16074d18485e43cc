"""Why a column is used as what, in words; and why another is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from xentcli.columns.columns import Columns, ColumnSpec
from xentcli.columns.names import LABEL_NAMES, class_in, families
from xentcli.core.batch import InputKind
from xentcli.sources.source import Field

_OPTIONS = {InputKind.PROBABILITY: "--prob", InputKind.LOGIT: "--logit", InputKind.LOG_PROBABILITY: "--logprob"}


class Role(Struct, frozen=True):
    """What a column is used as (None: it is not), for which classes, and why."""

    column: str
    type: str
    role: str | None
    why: str
    classes: tuple[str, ...] = ()


class _Used(Struct, frozen=True):
    """Columns in use by name: role, why, and classes."""

    by_name: dict[str, tuple[str, str, list[str]]] = field(default_factory=dict)

    def add(self, column: str | None, role: str, why: str, name: str | None = None) -> None:
        if column is not None:
            entry = self.by_name.setdefault(column, (role, why, []))
            entry[2].extend([] if name is None else [name])


def roles(fields: Sequence[Field], spec: ColumnSpec, used: Columns | None) -> Iterator[Role]:
    """The role of each column; with `used` None, as the choice is not clear, what each could be."""
    taken = _used(spec, used).by_name if used is not None else {}
    maybe = _candidates([each.name for each in fields], set(taken))
    for each in fields:
        kind = "text" if each.type is None else str(each.type)
        if each.name in taken:
            role, why, classes = taken[each.name]
            yield Role(each.name, kind, role, why, tuple(classes))
        else:
            yield Role(each.name, kind, None, maybe.get(each.name) or _idle(each))


def _used(spec: ColumnSpec, used: Columns) -> _Used:
    found = _Used()
    found.add(used.label, "label", "--label" if spec.label is not None else "its name")
    for name, column in _by_class(used.scores.column_of, used):
        found.add(column, "score", _why_score(column, used), name)
    if used.targets is not None:
        for name, column in _by_class(used.targets.column_of, used):
            found.add(column, "target", "--target", name)
    found.add(used.weight, "weight", "--weight")
    found.add(used.bytes, "bytes", "--bytes")
    binned = {name for name, _ in used.keys.bins}
    for column in dict.fromkeys(name for names in used.keys.by for name in names):
        found.add(column, "slice", "--bins" if column in binned else "--by")
    found.add(used.keys.cluster, "cluster", "--cluster")
    found.add(used.keys.id, "id", "--on")
    return found


def _by_class(columns: Sequence[str], used: Columns) -> Iterator[tuple[str | None, str]]:
    if len(columns) == 1:
        yield used.positive, columns[0]
    else:
        yield from zip(used.classes or (), columns, strict=True)


def _why_score(column: str, used: Columns) -> str:
    if not used.detected:
        return _OPTIONS[used.kind]
    return "its name" if families([column], ()) else "named like a label"


def _candidates(names: Sequence[str], taken: set[str]) -> Mapping[str, str]:
    """What columns that are not used could be, by their names."""
    found: dict[str, str] = {}
    for family in families(names, taken):
        for column in family.columns:
            of = class_in(column)
            found[column] = f"could be a {family.kind.value.replace('_', '-')}" + (f' of "{of}"' if of else "")
            found[column] += f": {_OPTIONS[family.kind]}"
    for name in names:
        if name.casefold() in LABEL_NAMES:
            found[name] = "could be the label: --label"
    return found


def _idle(each: Field) -> str:
    return "no option names it" if each.name else "has no name"
