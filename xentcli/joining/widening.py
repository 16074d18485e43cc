"""From what is asked of tables in long format to sources of wide ones, and what to look for in those."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from msgspec.structs import replace

from xentcli.columns.columns import ColumnSpec, split_lists
from xentcli.columns.long_form import id_like
from xentcli.columns.names import families
from xentcli.core.batch import InputKind
from xentcli.errors import RequestError, Where
from xentcli.joining.join import refuse_unusable_id
from xentcli.joining.long_source import LongSource
from xentcli.sources.source import Source
from xentcli.wording import did_you_mean, few, typed

_OPTIONS = {InputKind.PROBABILITY: "prob", InputKind.LOGIT: "logit", InputKind.LOG_PROBABILITY: "logprob"}


def widen(sources: Sequence[Source], spec: ColumnSpec, on: str | None) -> tuple[Sequence[Source], ColumnSpec]:
    """The sources with a row for each id, if the spec has a column of classes; `on` is the column of ids.

    Raises `RequestError` where columns are lacking or not clear, `ContentError` for ids whose rows are.
    """
    if spec.class_column is None:
        return sources, spec
    found = [_wide(source, spec, spec.class_column, on) for source in sources]
    return [source for source, _ in found], found[0][1]


def _wide(source: Source, spec: ColumnSpec, class_column: str, on: str | None) -> tuple[Source, ColumnSpec]:
    _refuse_no_column(source, class_column, "classes")
    kind, score = _score(source, spec, {class_column, *([] if on is None else [_id_in(source, on)])})
    targets = _targets(source, spec)
    if on is None:
        near = id_like(source, class_column, [score, *targets])
        message = "--class-column needs the column that tells which rows are of one id"
        hint = "--on COL names it" if near is None else typed("--on", near)
        raise RequestError("class_column", message, hint=hint, where=Where(source.name))
    on = _id_in(source, on)
    refuse_unusable_id(source, on)
    if class_column in (on, score, spec.label, *targets):
        message = f'"{class_column}" is the column of the classes, and cannot be the id, score or label as well'
        hint = "--label COL is the true class, which stands in each row of an id"
        raise RequestError("column_twice", message, hint=hint, where=Where(source.name))
    wide = LongSource(source, class_column, on, [score, *targets], spec.classes)
    return wide, replace(spec, **{_OPTIONS[kind]: (score,)})


def _id_in(source: Source, on: str) -> str:
    """The column of ids that COL or LEFT=RIGHT names in the predictions."""
    names = {field.name for field in source.fields}
    pair = [name for at, char in enumerate(on) if char == "=" for name in (on[:at], on[at + 1 :])]
    return next((name for name in (on, *pair) if name in names), on)


def _score(source: Source, spec: ColumnSpec, taken: set[str | None]) -> tuple[InputKind, str]:
    """The column of the scores, by an option or by its name."""
    names = [field.name for field in source.fields]
    given = [(kind, getattr(spec, option)) for kind, option in _OPTIONS.items() if getattr(spec, option)]
    if len(given) > 1:
        message = "--prob, --logit and --logprob exclude each other"
        raise RequestError("two_kinds", message, hint="use one of them", where=Where(source.name))
    if given:
        kind, patterns = given[0]
        items = split_lists(patterns, names)
        if len(items) != 1:
            message = f"--class-column needs one column of scores, not {len(items)}: {few(items, 5)}"
            raise RequestError("class_column", message, where=Where(source.name))
        _refuse_no_column(source, items[0], "scores")
        return kind, items[0]
    found = [each for each in families(names, taken | {spec.label}) if len(each.columns) == 1]
    if len(found) != 1:
        message = "which column has the scores of the classes?"
        hint = f"--prob COL or --logit COL names it; columns: {few(names, 40)}"
        raise RequestError("class_column", message, hint=hint, where=Where(source.name))
    return found[0].kind, found[0].columns[0]


def _targets(source: Source, spec: ColumnSpec) -> tuple[str, ...]:
    """The column of soft labels, if one is asked for."""
    items = split_lists(spec.target, [field.name for field in source.fields])
    if len(items) > 1:
        message = f"--class-column needs one column of targets, not {len(items)}: {few(items, 5)}"
        raise RequestError("class_column", message, where=Where(source.name))
    return tuple(chain(items))


def _refuse_no_column(source: Source, name: str, role: str) -> None:
    names = [field.name for field in source.fields]
    if name not in names:
        hint = f"{did_you_mean(name, names)}columns: {few(names, 40, '')}"
        message = f'no column "{name}" for the {role}'
        raise RequestError("no_such_column", message, hint=hint, where=Where(source.name))
