"""Rows of several labels, each true or false, as rows of two classes, which all else reads: one for each label."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from xentcli.columns.class_names import remainders
from xentcli.columns.column_types import refuse_label_type, refuse_number_type
from xentcli.columns.columns import ColumnSpec, MultiLabel, split_lists
from xentcli.columns.labels import normal_spelling
from xentcli.columns.lookup import first_repeated
from xentcli.columns.names import class_in, families
from xentcli.core.batch import InputKind
from xentcli.core.text import Numbers
from xentcli.decoding.categorical import categorical_texts
from xentcli.errors import ContentError, RequestError, Where
from xentcli.sources.arrays import as_arrow, to_arrow, to_floats
from xentcli.sources.source import Block, Chunk, Column, Field, Projection, Source, SourceWrapper
from xentcli.wording import few

LABEL = "label"  # the column of the labels' names, to slice by
_CLASSES = ("0", "1")
_TRUTHS = {"false": "0", "true": "1"}
_KINDS = {InputKind.PROBABILITY: "prob", InputKind.LOGIT: "logit", InputKind.LOG_PROBABILITY: "logprob"}


class UnfoldedSource(SourceWrapper):
    """`source` with a row for each of its rows and labels: whether the label is true, its score, and its name."""

    one_machine = "--multilabel"

    def __init__(
        self,
        source: Source,
        form: MultiLabel,
        labels: Sequence[str],
        scores: Sequence[str],
        asked: tuple[str, str],
    ) -> None:
        super().__init__(source)
        self._form, self._labels, self._scores = form, tuple(labels), tuple(scores)
        self._label, self._score = asked
        self.label_file = source.label_file
        own = [each for each in source.fields if each.name not in (*labels, *scores, form.by, *asked)]
        text = pa.dictionary(pa.int32(), pa.string())
        self.fields = [*own, Field(form.by, text), Field(self._label, text), Field(self._score, pa.float64())]

    def chunks(self, projection: Projection) -> Iterator[Chunk]:
        """The source's chunks, unfolded."""
        made = {self._label: self._labels, self._score: self._scores, self._form.by: ()}
        own = projection.only(set(projection.names) - set(made))
        inner = Projection(
            (*own.labels, *(made[self._label] if self._label in projection.names else ())),
            (*own.numbers, *(made[self._score] if self._score in projection.names else ())),
            own.lists,
        )
        for chunk in self.source.chunks(inner if inner.names else self.source.one_column):
            yield chunk.change(lambda block: self._unfold(block, projection.names, own.names))

    def _unfold(self, block: Block, names: Sequence[str], own: Sequence[str]) -> Block:
        size = len(self._labels)
        rows = np.repeat(np.arange(block.rows), size)
        at = as_arrow(rows)
        columns: dict[str, Column] = {name: to_arrow(block.columns[name]).take(at) for name in own}
        if self._label in names:
            columns[self._label] = _truths([block.columns[name] for name in self._labels])
        if self._score in names:
            columns[self._score] = _numbers([block.columns[name] for name in self._scores])
        if self._form.by in names:
            codes = np.tile(np.arange(size, dtype=np.int32), block.rows)
            columns[self._form.by] = pa.DictionaryArray.from_arrays(codes, pa.array(self._form.names, pa.string()))
        return Block(
            rows.size, columns, lambda row: block.where(row // size), lambda: np.repeat(block.numbers(), size)
        )


def _truths(columns: Sequence[Column]) -> pa.Array:
    """The labels of a block, row by row, as texts."""
    number: dict[str | None, int] = {}
    codes = []
    for column in columns:
        found = categorical_texts(column)
        texts = [None if text is None else _TRUTHS.get(normal_spelling(text), text) for text in found.values]
        by_code = np.array([number.setdefault(text, len(number)) for text in texts], np.int32)
        codes.append(by_code[found.codes])
    words = pa.array(list(number), pa.string())
    return words.take(pa.array(np.stack(codes, axis=1).ravel())).dictionary_encode()


def _numbers(columns: Sequence[Column]) -> Numbers:
    """The scores of a block, row by row."""
    found = [to_floats(column) for column in columns]
    values = np.stack([values for values, _ in found], axis=1).ravel()
    if all(null is None for _, null in found):
        return Numbers(values, None)
    masks = [np.zeros(each.size, np.bool_) if null is None else null for each, null in found]
    return Numbers(values, np.stack(masks, axis=1).ravel())


def as_targets(spec: ColumnSpec) -> ColumnSpec:
    """What is asked for, with the labels where joins look for columns of several classes: among the targets.

    Raises `RequestError` for options that say something else, or too little.
    """
    others = {
        "--target-logit": spec.target_logit,
        "--positive": spec.positive,
        "--class-column": spec.class_column,
        "--classes": spec.classes,
        "--classes-in": spec.classes_in,
        "--bytes": spec.bytes,
    }
    for option, given in others.items():
        if given:
            message = f"{option} does not go with --multilabel, whose labels are each true or false"
            raise RequestError("multilabel", message)
    labels = spec.target if spec.label is None else (spec.label,)
    if not labels:
        hint = "--label 'y_*' for columns y_..., or a comma list"
        raise RequestError("multilabel", "--multilabel needs the columns of the labels", hint=hint)
    return replace(spec, label=None, target=labels)


def unfold(sources: Sequence[Source], spec: ColumnSpec, asked: ColumnSpec) -> tuple[Sequence[Source], ColumnSpec]:
    """The sources with a row for each label of a row, and what to look for in them; `asked` is as it was typed."""
    found = [_Matched.of(source, spec, asked) for source in sources]
    names = found[0].names
    for source, each in zip(sources, found, strict=True):
        if set(each.names) != set(names) or each.kind != found[0].kind:
            message = f"has other labels or scores: {few(each.names, 10)} (against {few(names, 10)})"
            raise ContentError("inputs_differ", message, where=Where(source.name))
    by = LABEL if all(LABEL not in each.others for each in found) else f"{LABEL}_name"
    if any(each.startswith((f"{by}=", f"{by}!=")) for each in spec.where):
        message = "--where leaves out rows, not labels: name the columns of those that are to count"
        raise RequestError("multilabel", message)
    form = MultiLabel(names, by)
    typed_labels = asked.target if asked.label is None else (asked.label,)
    label, score = ",".join(typed_labels), ",".join(getattr(spec, found[0].kind)) or "scores"
    made = label, score if score != label else f"scores of {score}"
    wide = [
        UnfoldedSource(source, form, *each.in_order(names), made)
        for source, each in zip(sources, found, strict=True)
    ]
    show = tuple(dict.fromkeys((by, *spec.show)))
    spec = replace(spec, target=(), prob=(), logit=(), logprob=(), classes=_CLASSES, positive="1", labels=form)
    sliced = (*spec.sliced, (by,))
    return wide, replace(spec, label=made[0], sliced=sliced, show=show, **{found[0].kind: (made[1],)})


class _Matched(NamedTuple):
    """The labels and scores of one source, by the names that both have."""

    names: tuple[str, ...]
    labels: dict[str, str]  # columns by name
    scores: dict[str, str]
    kind: str  # "prob", "logit" or "logprob"
    others: Sequence[str]  # the other columns

    @classmethod
    def of(cls, source: Source, spec: ColumnSpec, asked: ColumnSpec) -> _Matched:
        types = {field.name: field.type for field in source.fields}
        labels = _columns(source, spec.target, [*types], "labels")
        if asked.label is not None and asked.target:
            _refuse_others(source, labels, _columns(source, asked.target, [*types], "targets"))
        rest = [name for name in types if name not in labels]
        kind, patterns = _scores(source, spec, rest)
        scores = _columns(source, patterns, rest, "scores")
        names, of_scores = _match(source, labels, _stars(labels, spec.target), scores, _stars(scores, patterns))
        for column in labels:
            refuse_label_type(types[column], Where(source.name), column)
        for column in scores:
            refuse_number_type(types[column], Where(source.name), column)
        others = [name for name in rest if name not in scores]
        return cls(
            names, dict(zip(names, labels, strict=True)), dict(zip(of_scores, scores, strict=True)), kind, others
        )

    def in_order(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """The columns of labels and scores."""
        return [self.labels[name] for name in names], [self.scores[name] for name in names]


def _refuse_others(source: Source, labels: Sequence[str], targets: Sequence[str]) -> None:
    if set(labels) != set(targets):
        message = "--label and --target name different columns"
        raise RequestError("two_labels", message, hint="use one of them", where=Where(source.name))


def _scores(source: Source, spec: ColumnSpec, names: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The option of the scores and its patterns: as asked, or columns found by name."""
    given = [name for name in _KINDS.values() if getattr(spec, name)]
    if len(given) > 1:
        message = "--prob, --logit and --logprob exclude each other"
        raise RequestError("two_kinds", message, hint="use one of them", where=Where(source.name))
    if given:
        return given[0], getattr(spec, given[0])
    found = [each for each in families(names, ()) if len(each.columns) > 1]
    if len(found) != 1:
        message = "which columns have the scores of the labels?"
        hint = f"--prob or --logit 'p_*' for columns p_...; columns: {few(names, 40, '')}"
        raise RequestError("multilabel", message, hint=hint, where=Where(source.name))
    return _KINDS[found[0].kind], found[0].columns


def _columns(source: Source, patterns: Sequence[str], names: Sequence[str], role: str) -> list[str]:
    """The columns that are asked for, each by its name or a pattern."""
    found: list[str] = []
    for item in split_lists(patterns, names):
        matches = [item] if item in names else [name for name in names if fnmatch.fnmatchcase(name, item)]
        if not matches:
            message = f'no column {"matches" if "*" in item else "is called"} "{item}" for the {role}'
            hint = f"columns: {few(names, 40, '')}"
            raise RequestError("no_such_column", message, hint=hint, where=Where(source.name))
        found += matches
    if (twice := first_repeated(found)) is not None:
        raise RequestError("column_twice", f'column "{twice}" is given twice', where=Where(source.name))
    return found


def _stars(columns: Sequence[str], patterns: Sequence[str]) -> list[tuple[str, ...]]:
    """What the columns may be called after: a star, a class in their names, or what they do not share."""
    found = []
    if len(patterns) == 1 and patterns[0].count("*") == 1:
        before, _, after = patterns[0].partition("*")
        found.append(tuple(name[len(before) : len(name) - len(after)] for name in columns))
    found.append(tuple(class_in(name) or name for name in columns))
    if len(columns) > 1:
        found.append(remainders(columns))
    return [*found, tuple(columns)]


def _match(
    source: Source,
    labels: Sequence[str],
    of_labels: Sequence[tuple[str, ...]],
    scores: Sequence[str],
    of_scores: Sequence[tuple[str, ...]],
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the labels and of the scores, which must be the same."""
    for label_names in of_labels:
        for score_names in of_scores:
            same = set(label_names) == set(score_names) and len(set(label_names)) == len(label_names)
            if same and len(label_names) == len(score_names) and "" not in label_names:
                return label_names, score_names
    one, two = set(of_labels[0]), set(of_scores[0])
    parts = [
        f"{what} {few(sorted(names), 5)} without a {other}"
        for what, names, other in (("label", one - two, "score"), ("score", two - one, "label"))
        if names
    ]
    message = f"labels and scores do not match by name: {', '.join(parts) or few(labels, 5)}"
    hint = "--label and --prob take patterns whose stars stand for the same, as 'y_*' and 'p_*'"
    raise RequestError("multilabel", message, hint=hint, where=Where(source.name))
