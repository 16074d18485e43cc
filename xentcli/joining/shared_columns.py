"""Columns that predictions and label file both have: which one is meant, where that is clear."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from xentcli.columns.columns import OF, ColumnSpec, parse_list
from xentcli.columns.names import named_like_label
from xentcli.errors import RequestError, Where
from xentcli.sources.partitions import RenamedSource
from xentcli.sources.source import Source


def resolve_name_clashes(
    predictions: Sequence[Source], labels: Source, on: str | None, spec: ColumnSpec
) -> tuple[Source, ColumnSpec]:
    """The label file without the columns that the predictions have too, and the spec to go with it.

    A column that is asked for as a score is the predictions', and the label of that name the label file's: both
    files of a Kaggle competition often call theirs `target`. With ids, columns that nobody uses do no harm.
    Raises `RequestError` for any other that both have.
    """
    here = {field.name for source in predictions for field in source.fields} - {on, ""}
    own = [field.name for field in labels.fields]
    shared = [name for name in own if name in here]
    if not shared:
        return labels, spec
    scores = _asked((*spec.prob, *spec.logit, *spec.logprob), shared)
    in_doubt = [name for name in shared if name not in scores and (on is None or _matters(name, spec))]
    if in_doubt:
        raise _refusal(predictions, labels, in_doubt, on)
    label = None
    if not spec.target:
        found = named_like_label(own)  # the only one of the label file; a score of its name is none
        label = spec.label if spec.label is not None else found[0] if len(found) == 1 else None
    used = {label, *_asked(spec.target, shared)}
    names = {name: f"{name}{OF}{labels.name}" for name in shared if name in used}
    spec = replace(spec, label=label and names.get(label, label), target=_targets(spec, own, names))
    nobodys = dict.fromkeys(shared, "")  # as a column without a name, for which nobody can ask
    return RenamedSource(labels, nobodys | names), spec


def _items(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names and patterns that options list: one that is a name stands for itself, commas and all."""
    return [item for pattern in patterns for item in ([pattern] if pattern in names else parse_list(pattern))]


def _asked(patterns: Sequence[str], names: Sequence[str]) -> list[str]:
    """The names that column options ask for, exactly, in a list or by a pattern, in the order asked."""
    items = _items(patterns, names)
    return list(dict.fromkeys(name for item in items for name in names if _fits(name, item)))


def _fits(name: str, item: str) -> bool:
    return name == item or fnmatch.fnmatchcase(name, item)


def _targets(spec: ColumnSpec, own: Sequence[str], new_names: Mapping[str, str]) -> tuple[str, ...]:
    """The targets asked for, the label file's own by their new names; what it lacks stays as it was asked."""
    found: list[str] = []
    for item in _items(spec.target, own):
        found += [new_names.get(name, name) for name in own if _fits(name, item)] or [item]
    return tuple(dict.fromkeys(found))


def _matters(name: str, spec: ColumnSpec) -> bool:
    keys = {spec.cluster, *spec.show, *(name for name, _ in spec.bins), *_items(spec.by, [name])}
    keys |= {each for names in spec.sliced for each in names}
    used = {spec.label, spec.weight, spec.bytes, *_asked(spec.target, [name]), *keys}
    return name in used or (spec.label is None and not spec.target and bool(named_like_label([name])))


def _refusal(predictions: Sequence[Source], labels: Source, both: list[str], on: str | None) -> RequestError:
    source = next(each for each in predictions if both[0] in {field.name for field in each.fields})
    more = f" (and {len(both) - 1} more: {', '.join(both[1:])})" if len(both) > 1 else ""
    hint = "drop or rename it in one of them, or --prob or --logit COL if it is the score in the first"
    return RequestError(
        "duplicate_column",
        f"is both in {source.name} and in {labels.name}{more}",
        hint=hint if on is not None else f"{hint}; if it is the id, --on COL",
        where=Where(source.name),
        column=both[0],
    )
