"""Columns that predictions and label file both have: which one is meant, where that is clear."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from itertools import chain

from msgspec.structs import replace

from xentcli.columns.columns import OF_FILE, OPTIONS, ColumnSpec, split_lists
from xentcli.columns.names import PLAIN_NUMBER, families, label_candidates
from xentcli.columns.selection import select_where_clear
from xentcli.errors import RequestError, Where
from xentcli.joining.id_columns import IdColumns
from xentcli.joining.row_order import is_distinct
from xentcli.sources.partitions import RenamedSource
from xentcli.sources.source import Source
from xentcli.wording import typed


def resolve_name_clashes(
    predictions: Sequence[Source], labels: Source, on: IdColumns | None, spec: ColumnSpec
) -> tuple[Source, ColumnSpec]:
    """The label file without the columns that the predictions have too, and the spec to go with it.

    A column that is asked for as a score, or as the predicted class, is the predictions', and the label of that
    name the label file's: both files of a Kaggle competition often call theirs `target`. With ids, columns that
    nobody uses do no harm.
    Raises `RequestError` for any other that both have.
    """
    here = {field.name for source in predictions for field in source.fields}
    own = [field.name for field in labels.fields]
    id_ = None if on is None else on.right
    shared = [name for name in own if name in here and name not in (id_, "")]
    if not shared:
        return labels, spec
    scores = {spec.predicted, *select_where_clear((*spec.prob, *spec.logit, *spec.logprob), shared)}
    in_doubt = [name for name in shared if name not in scores and (on is None or _matters(name, spec))]
    if in_doubt:
        raise _refusal(predictions, labels, in_doubt, on, spec)
    label, like = spec.label, label_candidates(own)
    if label is None and not spec.soft and len(like) == 1:
        label = like[0]  # the only one of the label file; a score of its name is none
    targets = _match_columns(spec.soft, own)
    used = {label, *chain.from_iterable(targets.values())}
    names = {name: f"{name}{OF_FILE}{labels.name}" for name in shared if name in used}
    found = chain.from_iterable(columns or [item] for item, columns in targets.items())  # what it lacks as asked
    soft = tuple(dict.fromkeys(names.get(name, name) for name in found))
    renamed = {"target_logit" if spec.target_logit else "target": soft}
    spec = replace(spec, label=label and names.get(label, label), **renamed)
    return RenamedSource(labels, dict.fromkeys(shared) | names), spec


def _match_columns(patterns: Sequence[str], names: Sequence[str]) -> dict[str, list[str]]:
    """The names that each item of column options asks for, exactly or as a pattern."""
    items = split_lists(patterns, names)
    return {item: [name for name in names if name == item or fnmatch.fnmatchcase(name, item)] for item in items}


def _matters(name: str, spec: ColumnSpec) -> bool:
    used = {
        spec.label,
        spec.predicted,
        spec.weight,
        spec.bytes,
        spec.cluster,
        spec.fold,
        *spec.show,
        *_match_columns(spec.by, [name]),
    }
    used |= {*chain.from_iterable(spec.sliced), *(each for each, _ in spec.bins)}
    if name in used or any(_match_columns(spec.soft, [name]).values()):
        return True
    return spec.label is None and not spec.soft and bool(label_candidates([name]))


def _as_predicted(source: Source, column: str, spec: ColumnSpec) -> str | None:
    """The options for a column that holds the predicted class, if another holds its score; None if none does."""
    names = [field.name for field in source.fields if not field.path]
    if len(names) == 2 and any(map(PLAIN_NUMBER.fullmatch, names)):  # a line of data, as fastText writes it
        at = names.index(column)
        options = (("--prob", 1 - at, spec.prob), ("--predicted", at, (spec.predicted,)))
        return " ".join(["--no-header", *(typed(name, str(i)) for name, i, has in options if str(i) not in has)])
    if not label_candidates([column]):
        return None
    given = (*spec.prob, *spec.logit, *spec.logprob)
    if given:
        return typed("--predicted", column) if len(given) == 1 and given[0] in names else None
    found = families(names, (column,))
    if len(found) != 1 or len(found[0].columns) != 1 or found[0].nested:
        return None
    return f"{typed(OPTIONS[found[0].kind], *found[0].columns)} {typed('--predicted', column)}"


def _refusal(
    predictions: Sequence[Source], labels: Source, both: list[str], on: IdColumns | None, spec: ColumnSpec
) -> RequestError:
    source = next(each for each in predictions if both[0] in {field.name for field in each.fields})
    more = f" (and {len(both) - 1} more: {', '.join(both[1:])})" if len(both) > 1 else ""
    asked = [*spec.prob, *spec.logit, *spec.logprob, *filter(None, (spec.predicted,))]
    beside = f", beside {', '.join(asked)}," if asked else ""
    hint = "drop or rename it in one of them"
    distinct = [name for name in both if is_distinct(source, name) and is_distinct(labels, name)]
    if distinct and on is None:
        hint = f"{typed('--on', distinct[0])} matches rows by it; if it is no id, {hint}"
    elif predicted := _as_predicted(source, both[0], spec):
        hint = f"{predicted} if it is the predicted class in the first; else {hint}"
    elif not is_distinct(labels, both[0]):
        hint += f"; if it is the score in the first, {typed('--prob', both[0])} or {typed('--logit', both[0])}"
    return RequestError(
        "duplicate_column",
        f"is both in {source.name}{beside} and in {labels.name}{more}",
        hint=hint,
        where=Where(source.name),
        column=both[0],
    )
